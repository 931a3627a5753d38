//! What a desk does all day; the same scans with the line whole and cut.

use lienthu_api::commands::TitleSearch;
use lienthu_desk::scan::ScanMode;
use lienthu_domain::ids::PatronCode;
use lienthu_domain::text::fold_vi;
use lienthu_domain::times::LocalDate;

use super::Made;
use crate::story::cast::{Cast, Wish};
use crate::story::desk::{OpenDesk, codes};
use crate::story::stage::Stage;
use crate::story::tale::{Told, Wrong, ensure};

pub(super) async fn search(desk: &OpenDesk, cast: &Cast) -> Result<Told<()>, Wrong> {
    let typed = fold_vi(&cast.sought.name);
    let found = desk.must(TitleSearch { text: typed.clone(), skip: 0 }).await?;
    let hit = found.titles.iter().find(|hit| hit.title.key == cast.sought.key);
    let Some(hit) = hit else {
        let expected = format!("“{}” among the titles for “{typed}”", cast.sought.name);
        return Err(Wrong::new(expected, format!("{} others", found.titles.len())));
    };
    ensure(hit.copies > 0, "a copy at this branch", hit.copies)?;
    let said =
        format!("“{typed}” finds “{}”, {} of {} copies free", hit.title.name, hit.free, hit.copies);
    Ok(Told::new((), said))
}

pub(super) async fn card(desk: &OpenDesk, wish: &Wish) -> Result<Told<()>, Wrong> {
    let patron = desk.card(&wish.patron).await?;
    let name = patron.card.map(|card| card.name).unwrap_or_default();
    ensure(name == wish.name, &*wish.name, name)?;
    ensure(patron.warnings.is_empty(), "nothing against lending", codes(&patron.warnings))?;
    Ok(Told::new((), format!("{} is {}", wish.patron, wish.name)))
}

/// Lends all these books, card after card; `queued`: they are to wait for the line.
pub(super) async fn lend(
    desk: &OpenDesk,
    stage: &Stage,
    cast: &Cast,
    wishes: &[Wish],
    today: LocalDate,
    queued: bool,
) -> Result<Told<Vec<Made>>, Wrong> {
    let mut made: Vec<Made> = Vec::with_capacity(wishes.len());
    let mut lines = Vec::with_capacity(wishes.len());
    for wish in wishes {
        desk.card(&wish.patron).await?;
        let done = desk.book(ScanMode::Lend, &wish.copy, Some(&wish.patron)).await?;
        let how = |queued: bool| if queued { "written down here" } else { "done at the site" };
        ensure(done.queued == queued, how(queued), how(done.queued))?;
        let loan = done.loan.ok_or_else(|| Wrong::new("a loan", "none"))?;
        let due = cast.due(stage, &wish.patron, today);
        ensure(due == Some(loan.due), format!("the due date {due:?}"), loan.due)?;
        ensure(loan.patron == wish.patron, wish.patron.as_str(), &loan.patron)?;
        lines.push(format!("{} “{}” to {}, due {}", wish.copy, wish.title, wish.name, loan.due));
        made.push(Made {
            event: done.event,
            copy: wish.copy.clone(),
            patron: wish.patron.clone(),
            due: loan.due,
            renewals: 0,
            returned: false,
        });
    }
    let said = format!(
        "{} books{}",
        made.len(),
        if queued { ", waiting for the line" } else { ", done at the site" }
    );
    Ok(Told::new(made, said).with_lines(lines))
}

/// A book that someone has must not be lent to another.
pub(super) async fn refuse(
    desk: &OpenDesk,
    made: &Made,
    other: &PatronCode,
) -> Result<Told<()>, Wrong> {
    let refused = desk.refused(ScanMode::Lend, &made.copy, Some(other)).await?;
    let said = codes(&refused.reasons);
    ensure(said == "copy_on_loan", "copy_on_loan", &said)?;
    ensure(!refused.offline, "a refusal by the site", "one by the desk")?;
    ensure(!refused.can_override, "no way around it", "an override")?;
    Ok(Told::new((), format!("refused: {}", refused.reasons[0].en)))
}

pub(super) async fn renew(desk: &OpenDesk, made: &mut Made) -> Result<Told<()>, Wrong> {
    let done = desk.book(ScanMode::Renew, &made.copy, None).await?;
    let loan = done.loan.ok_or_else(|| Wrong::new("a loan", "none"))?;
    ensure(loan.renewals == 1, "one renewal", loan.renewals)?;
    made.due = loan.due;
    made.renewals = loan.renewals;
    Ok(Told::new((), format!("{} is due {}", made.copy, loan.due)))
}

pub(super) async fn take_back(
    desk: &OpenDesk,
    made: &mut Made,
    queued: bool,
) -> Result<Told<()>, Wrong> {
    let done = desk.book(ScanMode::Return, &made.copy, None).await?;
    ensure(done.queued == queued, format!("queued: {queued}"), done.queued)?;
    made.returned = true;
    Ok(Told::new((), format!("{} is back", made.copy)))
}
