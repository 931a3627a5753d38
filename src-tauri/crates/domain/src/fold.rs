//! The fold: the loans of a copy as a pure function of the set of its events.
//!
//! **Architecture invariant (I2):** whatever the order, batching or repetition in which events arrive,
//! the same set gives the same loans. So nothing here may depend on anything but the set: not on
//! policy, not on the clock, not on which event came first over the wire.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::event::{Deed, Event};
use crate::ids::{EventId, PatronCode};
use crate::loan::LoanEnding;
use crate::review::{Flag, FlagKind, Settlement};
use crate::times::{LocalDate, UtcMs};

/// The end of a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ended {
    /// When, in the order of events.
    pub at: UtcMs,
    /// The return, or the borrow that shows that a return was missed.
    pub by: EventId,
    /// How.
    pub how: LoanEnding,
}

/// A loan as the events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FoldedLoan {
    /// The borrow event; one to one with the loan.
    pub borrow: EventId,
    /// Who has or had the book.
    pub patron: PatronCode,
    /// When it went out.
    pub borrowed_at: UtcMs,
    /// The date last promised.
    pub due: LocalDate,
    /// How often it was renewed.
    pub renewals: u8,
    /// Its end, if it has one.
    pub ended: Option<Ended>,
    /// The date to show instead of that of [`Ended::at`].
    pub returned_on: Option<LocalDate>,
    /// The borrow was taken back; such a loan opens and ends nothing.
    pub undone: bool,
}

/// What the events of one copy amount to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timeline {
    /// All loans in the order of their borrows, undone ones among them.
    pub loans: Vec<FoldedLoan>,
    /// What is odd and not settled, sorted, each once.
    pub flags: Vec<Flag>,
    /// What someone has settled; a site does not file these again.
    pub settled: BTreeSet<(EventId, FlagKind)>,
}

impl Timeline {
    /// The loan that is open at the end, if the copy is out.
    #[must_use]
    pub fn open(&self) -> Option<&FoldedLoan> {
        self.loans.iter().rev().find(|l| l.ended.is_none() && !l.undone)
    }
}

/// Folds the events of one copy. Takes them in any order and with repetitions; of two events with one
/// id (which a site refuses to store) the first in order counts.
#[must_use]
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Timeline {
    let mut in_order: Vec<&Event> = events.into_iter().collect();
    in_order.sort_by_key(|e| e.order());
    let mut seen = HashSet::with_capacity(in_order.len());
    in_order.retain(|e| seen.insert(e.id));

    let corrections = Corrections::of(&in_order);
    let mut timeline = Timeline::default();
    let mut place_of = HashMap::new();
    let mut open: Option<usize> = None;

    for event in &in_order {
        let undone = corrections.undone.contains(&event.id);
        match &event.deed {
            Deed::Borrow { patron, due } => {
                let place = timeline.loans.len();
                place_of.insert(event.id, place);
                timeline.loans.push(FoldedLoan {
                    borrow: event.id,
                    patron: patron.clone(),
                    borrowed_at: event.at,
                    due: *due,
                    renewals: 0,
                    ended: None,
                    returned_on: None,
                    undone,
                });
                if undone {
                    continue;
                }
                if let Some(before) = open.replace(place) {
                    let loan = &mut timeline.loans[before];
                    loan.ended =
                        Some(Ended { at: event.at, by: event.id, how: LoanEnding::LentAgain });
                    timeline.flags.push(Flag {
                        other: Some(event.id),
                        ..Flag::new(loan.borrow, FlagKind::ReturnMissed)
                    });
                }
            }
            Deed::Return { returned_on } if !undone => match open.take() {
                Some(place) => {
                    let loan = &mut timeline.loans[place];
                    loan.ended =
                        Some(Ended { at: event.at, by: event.id, how: LoanEnding::Returned });
                    loan.returned_on = *returned_on;
                }
                None => timeline.flags.push(Flag::new(event.id, FlagKind::ReturnWithoutLoan)),
            },
            Deed::Renew { borrow, due } if !undone => {
                match open.filter(|place| timeline.loans[*place].borrow == *borrow) {
                    Some(place) => {
                        let loan = &mut timeline.loans[place];
                        loan.due = *due;
                        loan.renewals = loan.renewals.saturating_add(1);
                    }
                    None => timeline.flags.push(Flag {
                        other: Some(*borrow),
                        ..Flag::new(event.id, FlagKind::RenewalMismatch)
                    }),
                }
            }
            Deed::Return { .. } | Deed::Renew { .. } | Deed::Undo { .. } | Deed::Settle { .. } => {}
        }
    }

    timeline.flags.extend(corrections.idle.iter().copied());
    flag_uncertain_order(&in_order, &corrections.undone, &mut timeline.flags);

    for ((target, kind), settlement) in &corrections.settlements {
        if let (FlagKind::ReturnMissed, Settlement::ReturnedOn { date }) = (kind, settlement) {
            let missed = place_of.get(target).map(|place| &mut timeline.loans[*place]);
            if let Some(loan) = missed
                && loan.ended.is_some_and(|e| e.how == LoanEnding::LentAgain)
            {
                loan.returned_on = Some(*date);
            }
        }
        timeline.settled.insert((*target, *kind));
    }
    let settled = &timeline.settled;
    timeline.flags.retain(|f| !settled.contains(&(f.event, f.kind)));
    timeline.flags.sort_unstable();
    timeline.flags.dedup();
    timeline
}

/// What undos and settlements say, whenever they arrive: they name their target, so they hold whether
/// they come before it or after.
struct Corrections<'a> {
    undone: HashSet<EventId>,
    idle: Vec<Flag>,
    settlements: BTreeMap<(EventId, FlagKind), &'a Settlement>,
}

impl<'a> Corrections<'a> {
    fn of(in_order: &[&'a Event]) -> Self {
        let undoable: HashSet<EventId> = in_order
            .iter()
            .filter(|e| {
                matches!(e.deed, Deed::Borrow { .. } | Deed::Return { .. } | Deed::Renew { .. })
            })
            .map(|e| e.id)
            .collect();
        let mut found =
            Self { undone: HashSet::new(), idle: Vec::new(), settlements: BTreeMap::new() };
        for event in in_order {
            match &event.deed {
                Deed::Undo { target } if undoable.contains(target) => {
                    found.undone.insert(*target);
                }
                Deed::Undo { .. } => {
                    found.idle.push(Flag::new(event.id, FlagKind::UndoWithoutTarget));
                }
                Deed::Settle { target, flag, settlement } => {
                    // In order, so the last one stays.
                    found.settlements.insert((*target, *flag), settlement);
                }
                Deed::Borrow { .. } | Deed::Return { .. } | Deed::Renew { .. } => {}
            }
        }
        found
    }
}

/// Flags every event that an earlier one of another desk may really have followed. One desk's own
/// events are never in doubt: their sequence tells.
fn flag_uncertain_order(in_order: &[&Event], undone: &HashSet<EventId>, flags: &mut Vec<Flag>) {
    let on_timeline = |e: &&&Event| {
        !undone.contains(&e.id) && !matches!(e.deed, Deed::Undo { .. } | Deed::Settle { .. })
    };
    let events: Vec<&&Event> = in_order.iter().filter(on_timeline).collect();
    // The widest uncertainty bounds how far back an overlap can reach.
    let widest_ms = events.iter().map(|e| i64::from(e.uncertainty_ms)).max().unwrap_or(0);
    for (place, event) in events.iter().enumerate() {
        let reach_ms = i64::from(event.uncertainty_ms);
        let overlapping = events[..place]
            .iter()
            .rev()
            .take_while(|before| event.at.since_ms(before.at) <= reach_ms + widest_ms)
            .find(|before| {
                before.desk != event.desk
                    && event.at.since_ms(before.at) <= reach_ms + i64::from(before.uncertainty_ms)
            });
        if let Some(before) = overlapping {
            flags.push(Flag {
                other: Some(before.id),
                ..Flag::new(event.id, FlagKind::OrderUncertain)
            });
        }
    }
}
