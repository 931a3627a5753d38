//! A book that two desks lent while neither could know of the other.

use std::sync::Arc;

use lienthu_api::commands::{CopyGet, QueueSend, ReviewList, ReviewSettle};
use lienthu_desk::answer::Answer;
use lienthu_desk::lookup::ReviewLine;
use lienthu_domain::copy::CopyState;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::LocalDate;
use lienthu_port::site::Site;

use super::Made;
use crate::story::desk::{OpenDesk, codes};
use crate::story::stage::Stage;
use crate::story::tale::{Told, Wrong, ensure};

async fn items_of(desk: &OpenDesk, disputed: &Made) -> Result<Vec<ReviewLine>, Wrong> {
    let mut items = desk.must(ReviewList {}).await?;
    items.retain(|line| line.item.copy == disputed.copy);
    Ok(items)
}

/// The missed return of the book that was lent twice, and whatever else is odd about it.
pub(super) async fn find(desk: &OpenDesk, disputed: &Made) -> Result<Told<Vec<ReviewLine>>, Wrong> {
    let items = items_of(desk, disputed).await?;
    let missed = items.iter().find(|line| {
        line.item.flag.kind == FlagKind::ReturnMissed && line.item.flag.event == disputed.event
    });
    let Some(missed) = missed else {
        let kinds: Vec<_> = items.iter().map(|line| line.item.flag.kind).collect();
        let expected = format!("a missed return of {} for review", disputed.copy);
        return Err(Wrong::new(expected, format!("{kinds:?}")));
    };
    let said = format!("{}: {}", disputed.copy, missed.message.en);
    Ok(Told::new(items, said))
}

/// Settles the items: the book was brought back today. How many were settled.
pub(super) async fn settle(
    desk: &OpenDesk,
    manager: &Arc<dyn Site>,
    items: Vec<ReviewLine>,
    today: LocalDate,
) -> Result<Told<usize>, Wrong> {
    for line in &items {
        let settlement = match line.item.flag.kind {
            FlagKind::ReturnMissed => Settlement::ReturnedOn { date: today },
            _ => Settlement::Confirmed,
        };
        let answer = desk
            .must(ReviewSettle {
                copy: line.item.copy.clone(),
                target: line.item.flag.event,
                flag: line.item.flag.kind,
                settlement,
            })
            .await?;
        if let Answer::Refused { reasons, .. } = answer {
            return Err(Wrong::new("a settlement that holds", codes(&reasons)));
        }
    }
    let Some(first) = items.first() else { return Err(Wrong::new("an item", "none")) };
    let left = desk.must(ReviewList {}).await?;
    let left = left.iter().filter(|line| line.item.copy == first.item.copy).count();
    ensure(left == 0, "nothing left to review of this book", left)?;
    let file = manager
        .copy(&first.item.copy)
        .await
        .map_err(|error| Wrong::new("the site answers the manager", error))?;
    let shown = file.is_some_and(|file| {
        file.loans.iter().any(|l| l.borrow == first.item.flag.event && l.returned_on == Some(today))
    });
    ensure(shown, format!("a loan that shows its return on {today}"), "another date")?;
    Ok(Told::new(items.len(), format!("returned on {today}, and the list is clear of it")))
}

/// The second desk follows the site: with the line cut again it knows all of the first desk's loans.
pub(super) async fn the_other_desk_knows(
    desk: &OpenDesk,
    stage: &Stage,
    made: &[Made],
    again: &Made,
) -> Result<Told<()>, Wrong> {
    desk.must(QueueSend {}).await?;
    stage.cut()?;
    let known = knows(desk, made, again).await;
    stage.restore()?;
    known?;
    Ok(Told::new((), format!("{} books, out of its cache", made.len())))
}

async fn knows(desk: &OpenDesk, made: &[Made], again: &Made) -> Result<(), Wrong> {
    for loan in made {
        let answer = desk.must(CopyGet { barcode: loan.copy.clone() }).await?;
        let out_of_cache = answer.file.is_none() && answer.as_of.is_some();
        ensure(out_of_cache, "an answer out of the cache, with its age", "one by the site")?;
        let expected = match loan {
            loan if loan.returned => None,
            loan if loan.copy == again.copy => Some(again.event),
            loan => Some(loan.event),
        };
        let borrow = answer.loan.map(|known| known.borrow);
        ensure(borrow == expected, format!("{}: {expected:?}", loan.copy), format!("{borrow:?}"))?;
        let state = answer.view.copy.map(|copy| copy.state);
        let as_expected = if expected.is_some() { CopyState::OnLoan } else { CopyState::Free };
        ensure(state == Some(as_expected), format!("{as_expected:?}"), format!("{state:?}"))?;
    }
    Ok(())
}
