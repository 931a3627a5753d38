//! The story from beginning to end.

mod offline;
mod online;
mod opening;
mod review;
mod site;

use std::path::PathBuf;

use lienthu_domain::ids::{Barcode, EventId, PatronCode};
use lienthu_domain::times::LocalDate;

use super::desk::OpenDesk;
use super::tale::{Stopped, Tale};
use super::{Figures, StoryOptions};
use opening::Opening;

/// How many steps there are.
pub(super) const STEPS: u32 = 26;
/// The desks' folders in the story's.
const FIRST_DESK: &str = "desk-1";
const SECOND_DESK: &str = "desk-2";

/// A loan that was made, as the site must have it.
#[derive(Debug, Clone)]
struct Made {
    event: EventId,
    copy: Barcode,
    patron: PatronCode,
    due: LocalDate,
    renewals: u8,
    /// The book was brought back, in this story.
    returned: bool,
}

/// The desks' folders.
fn desk_folders(options: &StoryOptions) -> [PathBuf; 2] {
    [options.folder.join(FIRST_DESK), options.folder.join(SECOND_DESK)]
}

/// All steps in their order. What the desks did comes out at the site, or a step is wrong.
pub(super) async fn all(
    tale: &mut Tale<'_>,
    options: &StoryOptions,
    figures: &mut Figures,
) -> Result<(), Stopped> {
    let folders = desk_folders(options);

    let (stage, damaged) =
        tale.step("make the demo network", opening::network(options, &folders)).await?;
    figures.damaged = damaged;
    let opening = opening::look_around(&stage, options.seed);
    let Opening { manager, cast, today, began } =
        tale.step("the manager looks at the branch", opening).await?;
    figures.titles = cast.titles();
    let first = tale.step("enrol a desk", opening::enrol(&stage, &folders[0], "Quầy 1")).await?;
    tale.step("a librarian signs in", opening::sign_in(&first, &stage.librarians[0])).await?;
    let second = opening::another(&stage, &folders[1], "Quầy 2");
    let second = tale.step("a colleague opens a second desk", second).await?;

    tale.step("look for a title, typed without tones", online::search(&first, &cast)).await?;
    tale.step("scan a patron's card", online::card(&first, &cast.online[0])).await?;
    let lending = online::lend(&first, &stage, &cast, &cast.online, today, false);
    let mut made = tale.step("lend with the line whole", lending).await?;
    figures.loans_online = made.len();
    let refusal = online::refuse(&first, &made[0], &cast.other.code);
    tale.step("lend a book that another reader has", refusal).await?;
    tale.step("renew a loan", online::renew(&first, &mut made[2])).await?;
    tale.step("take a book back", online::take_back(&first, &mut made[0], false)).await?;

    tale.step("cut the line", offline::cut(&stage, &[&first, &second])).await?;
    let lending = online::lend(&first, &stage, &cast, &cast.offline, today, true);
    let mut away = tale.step("lend without the site", lending).await?;
    let warning = offline::warn(&first, &away[0], &cast.other.code);
    tale.step("the desk warns of what it knows", warning).await?;
    let taking_back = online::take_back(&first, &mut made[1], true);
    tale.step("take a book back without the site", taking_back).await?;
    let lending = offline::lend_again(&second, &stage, &cast, &away[0], today);
    let again = tale.step("the second desk lends the first desk's book", lending).await?;
    let signing = offline::sign_out_and_in(&first, &stage.librarians[0]);
    tale.step("sign out, and in again without the site", signing).await?;

    let restarting = offline::restart(first, &stage, &folders[0], away.len() + 1);
    let first = tale.step("end the program and start it again", restarting).await?;
    let leaving = offline::nothing_leaves(&first, &stage, &manager, &away);
    tale.step("nothing leaves before someone signs in", leaving).await?;
    let lending = offline::sign_in_and_lend(&first, &stage, &cast, today);
    away.extend(tale.step("sign in and lend on without the site", lending).await?);
    figures.loans_offline = away.len() + 1;

    let draining = offline::restore(&stage, &first, &second);
    figures.drained = tale.step("restore the line, and do nothing", draining).await?;
    let disputed = away[0].clone();
    made.extend(away);
    let found = site::verify(&manager, &made, &again, began);
    let found = tale.step("the manager looks for every loan at the site", found).await?;
    (figures.lost, figures.doubled) = (found.lost, found.doubled);
    tale.step("no loan is lost, none doubled, all in order", site::judge(found, &made)).await?;

    let item = tale.step("what is odd waits for review", review::find(&first, &disputed)).await?;
    let settling = review::settle(&first, &manager, item, today);
    figures.review_settled = tale.step("settle it", settling).await?;
    let knowing = review::the_other_desk_knows(&second, &stage, &made, &again);
    tale.step("the second desk knows all of it by itself", knowing).await?;
    close(first, second).await;
    Ok(())
}

async fn close(first: OpenDesk, second: OpenDesk) {
    first.close().await;
    second.close().await;
}
