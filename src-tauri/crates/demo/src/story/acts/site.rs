//! What the site has in the end, seen past all desks.

use std::collections::BTreeSet;
use std::sync::Arc;

use lienthu_domain::ids::{EventId, PatronCode};
use lienthu_domain::loan::Loan;
use lienthu_domain::times::UtcMs;
use lienthu_port::error::SiteError;
use lienthu_port::site::Site;

use super::Made;
use crate::story::tale::{Told, Wrong, ensure};

/// What was found of the loans that were made.
pub(super) struct Found {
    /// Loans that the site does not have, or not as they were made.
    pub(super) lost: usize,
    /// Loans that the site has twice, or that nobody made.
    pub(super) doubled: usize,
    /// The loans of the first desk, as the site has them, in the order in which they were made.
    loans: Vec<Loan>,
}

/// Looks at every copy and every patron that had a part in the story.
pub(super) async fn verify(
    manager: &Arc<dyn Site>,
    made: &[Made],
    again: &Made,
    began: UtcMs,
) -> Result<Told<Found>, Wrong> {
    look(manager, made, again, began)
        .await
        .map(|found| {
            let said = format!("{} loans of {}", found.loans.len(), made.len());
            Told::new(found, said)
        })
        .map_err(|error| Wrong::new("the site answers the manager", error))
}

async fn look(
    manager: &Arc<dyn Site>,
    made: &[Made],
    again: &Made,
    began: UtcMs,
) -> Result<Found, SiteError> {
    let all: Vec<&Made> = made.iter().chain([again]).collect();
    let events: BTreeSet<EventId> = all.iter().map(|made| made.event).collect();
    let patrons: BTreeSet<&PatronCode> = all.iter().map(|made| &made.patron).collect();
    let mut found = Found { lost: 0, doubled: 0, loans: Vec::new() };
    for loan in &all {
        let file = manager.copy(&loan.copy).await?;
        let of_event: Vec<Loan> = file
            .map(|file| file.loans)
            .unwrap_or_default()
            .into_iter()
            .filter(|l| l.borrow == loan.event)
            .collect();
        found.lost += usize::from(!of_event.iter().any(|l| is_as_made(l, loan, again)));
        found.doubled += of_event.len().saturating_sub(1);
        if loan.event != again.event {
            found.loans.extend(of_event);
        }
    }
    for patron in patrons {
        let file = manager.patron(patron).await?;
        let loans = file.map(|file| file.loans).unwrap_or_default();
        let of_story = loans.iter().filter(|loan| loan.borrowed_at >= began);
        found.doubled += of_story.filter(|loan| !events.contains(&loan.borrow)).count();
    }
    Ok(found)
}

/// Whether a loan is at the site what it was at the desk. The book that was lent twice is no longer
/// with the first of its readers.
fn is_as_made(loan: &Loan, made: &Made, again: &Made) -> bool {
    let is_ended = made.returned || (made.copy == again.copy && made.event != again.event);
    loan.patron == made.patron
        && loan.due == made.due
        && loan.renewals == made.renewals
        && !loan.undone
        && loan.is_open() != is_ended
}

pub(super) async fn judge(found: Found, made: &[Made]) -> Result<Told<()>, Wrong> {
    ensure(found.lost == 0, "no loan lost", found.lost)?;
    ensure(found.doubled == 0, "no loan doubled", found.doubled)?;
    // Two scans of one millisecond have one time: a desk's sequence tells them apart, which a loan does not
    // show.
    let began_at = |made: &Made| {
        found.loans.iter().find(|loan| loan.borrow == made.event).map(|loan| loan.borrowed_at)
    };
    let in_order = made.iter().map(began_at).is_sorted();
    ensure(in_order, "the loans in the order of the scans", "another order")?;
    Ok(Told::new((), "each once, with its reader, its due date, in the order of the scans"))
}
