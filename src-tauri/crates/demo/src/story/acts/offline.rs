//! The line is cut, and the desks go on.

use std::path::Path;
use std::sync::Arc;

use lienthu_api::commands::{QueueSend, SignOut};
use lienthu_desk::scan::ScanMode;
use lienthu_desk::site_state::SiteState;
use lienthu_domain::ids::PatronCode;
use lienthu_domain::times::LocalDate;
use lienthu_port::site::{Credentials, Site};

use super::{Made, online};
use crate::story::cast::{Cast, Wish};
use crate::story::desk::{OpenDesk, codes};
use crate::story::stage::Stage;
use crate::story::tale::{Told, Wrong, ensure};

/// Cuts the line; all desks notice and say since when.
pub(super) async fn cut(stage: &Stage, desks: &[&OpenDesk]) -> Result<Told<()>, Wrong> {
    stage.cut()?;
    let mut said = String::new();
    for desk in desks {
        // What the button “try now” does.
        let answer = desk.command(QueueSend {}).await;
        let code = answer.err().map(|message| message.code).unwrap_or_default();
        ensure(code == "site_unreachable", "site_unreachable", code)?;
        let status = desk.view().await?.desk;
        let SiteState::Unreachable { since } = status.site else {
            return Err(Wrong::new("an unreachable site", format!("{:?}", status.site)));
        };
        ensure(status.knowledge.as_of.is_some(), "how old its knowledge is", "nothing")?;
        said = format!("unreachable since {since}");
    }
    Ok(Told::new((), said))
}

/// The desk knows that the book is out, also when only its own queue knows it.
pub(super) async fn warn(
    desk: &OpenDesk,
    made: &Made,
    other: &PatronCode,
) -> Result<Told<()>, Wrong> {
    let refused = desk.refused(ScanMode::Lend, &made.copy, Some(other)).await?;
    let said = codes(&refused.reasons);
    ensure(said == "copy_on_loan", "copy_on_loan", &said)?;
    ensure(refused.offline && refused.can_override, "a warning by the desk", "a refusal")?;
    Ok(Told::new((), format!("{}: {}", made.copy, refused.reasons[0].en)))
}

/// What the first desk has just lent is still on the shelf as far as the second desk can know.
pub(super) async fn lend_again(
    desk: &OpenDesk,
    stage: &Stage,
    cast: &Cast,
    made: &Made,
    today: LocalDate,
) -> Result<Told<Made>, Wrong> {
    let wish = Wish {
        patron: cast.other.code.clone(),
        name: cast.other.name.clone(),
        copy: made.copy.clone(),
        title: "a book that is out".to_owned(),
    };
    let told = online::lend(desk, stage, cast, std::slice::from_ref(&wish), today, true).await?;
    match told.result.into_iter().next() {
        Some(again) => Ok(Told::new(again, format!("{} to {} too", wish.copy, wish.name))),
        None => Err(Wrong::new("a loan", "none")),
    }
}

pub(super) async fn sign_out_and_in(desk: &OpenDesk, who: &Credentials) -> Result<Told<()>, Wrong> {
    desk.must(SignOut {}).await?;
    let wrong = Credentials { login: who.login.clone(), password: "sai mật khẩu".into() };
    let code = desk.sign_in(&wrong).await.err().map(|message| message.code).unwrap_or_default();
    ensure(code == "login_failed", "login_failed for a wrong password", code)?;
    sign_in(desk, who).await?;
    Ok(Told::new((), format!("{}, known from before; a wrong password is refused", who.login)))
}

async fn sign_in(desk: &OpenDesk, who: &Credentials) -> Result<(), Wrong> {
    let person = desk
        .sign_in(who)
        .await
        .map_err(|message| Wrong::new(format!("{} signs in", who.login), message.en))?;
    ensure(person.offline, "a sign-in without the site", "one at the site")
}

/// Ends the program and starts it again: the queue is still there, and the screen says what it needs.
pub(super) async fn restart(
    desk: OpenDesk,
    stage: &Stage,
    folder: &Path,
    waiting: usize,
) -> Result<Told<OpenDesk>, Wrong> {
    desk.close().await;
    let desk = OpenDesk::open(folder, stage).await?;
    let status = desk.view().await?.desk;
    ensure(status.person.is_none(), "nobody signed in", "somebody")?;
    ensure_waiting(&desk, waiting).await?;
    ensure(status.interrupted.is_empty(), "no scan cut off", format!("{:?}", status.interrupted))?;
    Ok(Told::new(desk, format!("{waiting} scans still wait, for someone to sign in")))
}

async fn ensure_waiting(desk: &OpenDesk, waiting: usize) -> Result<(), Wrong> {
    let status = desk.view().await?.desk;
    let expected = format!("{waiting} scans that wait for a sign-in");
    let got = format!(
        "{} that wait, for a sign-in: {}",
        status.queue.waiting, status.waiting_for_sign_in
    );
    let as_expected = status.queue.waiting as usize == waiting && status.waiting_for_sign_in;
    ensure(as_expected, expected, got)
}

/// With the line whole and nobody signed in, nothing reaches the site; the line is cut again after.
pub(super) async fn nothing_leaves(
    desk: &OpenDesk,
    stage: &Stage,
    manager: &Arc<dyn Site>,
    made: &[Made],
) -> Result<Told<()>, Wrong> {
    let waiting = desk.view().await?.desk.queue.waiting as usize;
    stage.restore()?;
    let code = desk.contact().await.err().map(|message| message.code).unwrap_or_default();
    ensure(code == "not_signed_in", "not_signed_in", code)?;
    ensure_waiting(desk, waiting).await?;
    for loan in made {
        let file = manager
            .copy(&loan.copy)
            .await
            .map_err(|error| Wrong::new("the site answers the manager", error))?;
        let known = file.is_some_and(|file| file.loans.iter().any(|l| l.borrow == loan.event));
        ensure(!known, format!("a site that does not know of {} yet", loan.copy), "a loan")?;
    }
    stage.cut()?;
    Ok(Told::new((), format!("{waiting} scans wait, the screen says for whom, the site has none")))
}

pub(super) async fn sign_in_and_lend(
    desk: &OpenDesk,
    stage: &Stage,
    cast: &Cast,
    today: LocalDate,
) -> Result<Told<Vec<Made>>, Wrong> {
    sign_in(desk, &stage.librarians[0]).await?;
    let status = desk.view().await?.desk;
    ensure(!status.waiting_for_sign_in, "a queue that waits for the line alone", "a sign-in")?;
    online::lend(desk, stage, cast, &cast.later, today, true).await
}

/// Restores the line and waits: nobody asks for anything. How many events went out.
pub(super) async fn restore(
    stage: &Stage,
    first: &OpenDesk,
    second: &OpenDesk,
) -> Result<Told<usize>, Wrong> {
    let mut waited = 0;
    for desk in [first, second] {
        waited += desk.view().await?.desk.queue.waiting as usize;
    }
    stage.restore()?;
    for desk in [first, second] {
        let queue = desk.until_settled().await?.desk.queue;
        ensure(queue.set_aside == 0, "nothing set aside", queue.set_aside)?;
    }
    Ok(Told::new(waited, format!("{waited} scans went out by themselves, at two desks")))
}
