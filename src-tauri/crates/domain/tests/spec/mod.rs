//! The fold, said again without a fold: for each event, what was the last thing before it. Quadratic,
//! and written from the design's sentences alone, so that the two can only agree by being right.

use std::collections::BTreeSet;

use lienthu_domain::event::{Deed, Event};
use lienthu_domain::fold::{Ended, FoldedLoan};
use lienthu_domain::ids::EventId;
use lienthu_domain::loan::LoanEnding;
use lienthu_domain::review::{Flag, FlagKind, Settlement};

fn is_undone(events: &[Event], event: &Event) -> bool {
    let is_target =
        matches!(event.deed, Deed::Borrow { .. } | Deed::Return { .. } | Deed::Renew { .. });
    is_target
        && events.iter().any(|e| matches!(e.deed, Deed::Undo { target } if target == event.id))
}

fn moves_the_book(event: &Event) -> bool {
    matches!(event.deed, Deed::Borrow { .. } | Deed::Return { .. })
}

/// The last thing that was done with the book before `event`.
fn before<'a>(events: &'a [Event], event: &Event) -> Option<&'a Event> {
    events
        .iter()
        .filter(|e| moves_the_book(e) && !is_undone(events, e) && e.order() < event.order())
        .max_by_key(|e| e.order())
}

/// The next thing that was done with the book after `event`.
fn after<'a>(events: &'a [Event], event: &Event) -> Option<&'a Event> {
    events
        .iter()
        .filter(|e| moves_the_book(e) && !is_undone(events, e) && e.order() > event.order())
        .min_by_key(|e| e.order())
}

fn was_with_a_reader(events: &[Event], event: &Event) -> Option<EventId> {
    before(events, event).filter(|e| matches!(e.deed, Deed::Borrow { .. })).map(|e| e.id)
}

/// The renewals that fit the loan, in order.
fn renewals<'a>(events: &'a [Event], borrow: &Event) -> Vec<&'a Event> {
    let mut found: Vec<&Event> = events
        .iter()
        .filter(|e| matches!(e.deed, Deed::Renew { borrow: named, .. } if named == borrow.id))
        .filter(|e| !is_undone(events, e) && was_with_a_reader(events, e) == Some(borrow.id))
        .collect();
    found.sort_by_key(|e| e.order());
    found
}

fn settled_date(events: &[Event], borrow: &Event) -> Option<lienthu_domain::times::LocalDate> {
    let last = events
        .iter()
        .filter(|e| {
            matches!(e.deed, Deed::Settle { target, flag: FlagKind::ReturnMissed, .. }
                if target == borrow.id)
        })
        .max_by_key(|e| e.order())?;
    match &last.deed {
        Deed::Settle { settlement: Settlement::ReturnedOn { date }, .. } => Some(*date),
        _ => None,
    }
}

/// All loans, in the order of their borrows.
pub fn loans(events: &[Event]) -> Vec<FoldedLoan> {
    let mut borrows: Vec<&Event> =
        events.iter().filter(|e| matches!(e.deed, Deed::Borrow { .. })).collect();
    borrows.sort_by_key(|e| e.order());
    borrows.into_iter().map(|borrow| loan(events, borrow)).collect()
}

fn loan(events: &[Event], borrow: &Event) -> FoldedLoan {
    let Deed::Borrow { patron, due } = &borrow.deed else {
        unreachable!("only borrows open loans");
    };
    let undone = is_undone(events, borrow);
    let mut loan = FoldedLoan {
        borrow: borrow.id,
        patron: patron.clone(),
        borrowed_at: borrow.at,
        due: *due,
        renewals: 0,
        ended: None,
        returned_on: None,
        undone,
    };
    if undone {
        return loan;
    }
    for renewal in renewals(events, borrow) {
        if let Deed::Renew { due, .. } = renewal.deed {
            loan.due = due;
            loan.renewals += 1;
        }
    }
    if let Some(end) = after(events, borrow) {
        let (how, shown) = match end.deed {
            Deed::Return { returned_on } => (LoanEnding::Returned, returned_on),
            _ => (LoanEnding::LentAgain, settled_date(events, borrow)),
        };
        loan.ended = Some(Ended { at: end.at, by: end.id, how });
        loan.returned_on = shown;
    }
    loan
}

/// What someone has settled.
pub fn settled(events: &[Event]) -> BTreeSet<(EventId, FlagKind)> {
    events
        .iter()
        .filter_map(|e| match e.deed {
            Deed::Settle { target, flag, .. } => Some((target, flag)),
            _ => None,
        })
        .collect()
}

/// Everything odd that nobody has settled.
pub fn flags(events: &[Event]) -> Vec<Flag> {
    let settled = settled(events);
    let mut found: Vec<Flag> = events
        .iter()
        .flat_map(|event| odd(events, event))
        .filter(|f| !settled.contains(&(f.event, f.kind)))
        .collect();
    found.sort_unstable();
    found
}

fn odd(events: &[Event], event: &Event) -> Vec<Flag> {
    let mut found = Vec::new();
    if let Deed::Undo { target } = event.deed {
        let is_there = events
            .iter()
            .any(|e| e.id == target && !matches!(e.deed, Deed::Undo { .. } | Deed::Settle { .. }));
        if !is_there {
            found.push(Flag::new(event.id, FlagKind::UndoWithoutTarget));
        }
    }
    if !on_timeline(events, event) {
        return found;
    }
    let with = was_with_a_reader(events, event);
    match &event.deed {
        Deed::Borrow { .. } => {
            if let Some(end) = after(events, event)
                && matches!(end.deed, Deed::Borrow { .. })
            {
                let flag = Flag::new(event.id, FlagKind::ReturnMissed);
                found.push(Flag { other: Some(end.id), ..flag });
            }
        }
        Deed::Return { .. } if with.is_none() => {
            found.push(Flag::new(event.id, FlagKind::ReturnWithoutLoan));
        }
        Deed::Renew { borrow, .. } if with != Some(*borrow) => {
            let flag = Flag::new(event.id, FlagKind::RenewalMismatch);
            found.push(Flag { other: Some(*borrow), ..flag });
        }
        _ => {}
    }
    // The nearest before it that the clocks cannot tell apart from it.
    let doubtful = events
        .iter()
        .filter(|e| on_timeline(events, e) && e.order() < event.order() && e.desk != event.desk)
        .filter(|e| {
            let both_ms = i64::from(e.uncertainty_ms) + i64::from(event.uncertainty_ms);
            event.at.ms() - e.at.ms() <= both_ms
        })
        .max_by_key(|e| e.order());
    if let Some(other) = doubtful {
        let flag = Flag::new(event.id, FlagKind::OrderUncertain);
        found.push(Flag { other: Some(other.id), ..flag });
    }
    found
}

fn on_timeline(events: &[Event], event: &Event) -> bool {
    !matches!(event.deed, Deed::Undo { .. } | Deed::Settle { .. }) && !is_undone(events, event)
}
