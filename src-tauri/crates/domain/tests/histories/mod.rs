//! Random events of one copy: any set at all, and sets that a real copy can have lived through.

use lienthu_domain::event::{Deed, Event};
use lienthu_domain::fold::{Ended, FoldedLoan};
use lienthu_domain::ids::{DeskId, EventId, PatronCode};
use lienthu_domain::loan::LoanEnding;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::{LocalDate, UtcMs};
use proptest::prelude::*;
use proptest::sample::Index;
use uuid::Uuid;

/// Events in one random set at most.
const EVENTS_MAX: usize = 24;
/// Random events lie this close together, so that many share a moment or are in doubt.
const SPAN_MS: i64 = 40;
/// Corrections that a test adds itself come from this desk, after all others in sequence.
const CORRECTING_DESK: u128 = 9;

pub fn at(ms: i64) -> UtcMs {
    UtcMs::from_ms(1_790_000_000_000 + ms)
}

pub fn desk(n: u128) -> DeskId {
    DeskId::new(Uuid::from_u128(n))
}

pub fn patron(n: u8) -> PatronCode {
    format!("DG{n}").parse().unwrap()
}

pub fn any_time_ms() -> impl Strategy<Value = i64> {
    0..SPAN_MS
}

pub fn any_date() -> impl Strategy<Value = LocalDate> {
    (0..60i32).prop_map(|days| "2026-03-01".parse::<LocalDate>().unwrap().plus_days(days))
}

fn id(n: usize) -> EventId {
    EventId::new(Uuid::from_u128(0xe000 + n as u128))
}

fn event(n: usize, ms: i64, by: u128, deed: Deed) -> Event {
    Event {
        id: id(n),
        desk: desk(by),
        seq: u32::try_from(n).unwrap() + 1,
        site: "Q1".parse().unwrap(),
        scanned_by: "lan".parse().unwrap(),
        at: at(ms),
        uncertainty_ms: 0,
        overridden: false,
        copy: "B1".parse().unwrap(),
        deed,
    }
}

/// A borrow by a reader, as the `n`th event.
pub fn borrow(n: usize, ms: i64, reader: u8) -> Event {
    let due = "2026-04-01".parse().unwrap();
    event(n, ms, 0, Deed::Borrow { patron: patron(reader), due })
}

/// The `n`th of the corrections that a test adds to a set.
fn correction(n: usize, deed: Deed) -> Event {
    event(EVENTS_MAX + n, SPAN_MS + i64::try_from(n).unwrap(), CORRECTING_DESK, deed)
}

/// A borrow after everything in a random set.
pub fn late_borrow(n: usize) -> Event {
    let due = "2026-04-01".parse().unwrap();
    correction(n, Deed::Borrow { patron: patron(7), due })
}

/// An undo.
pub fn undo(n: usize, target: EventId) -> Event {
    correction(n, Deed::Undo { target })
}

/// A settlement; of several the one with the highest `n` is the last in order.
pub fn settle(n: usize, target: EventId, flag: FlagKind, settlement: Settlement) -> Event {
    correction(n, Deed::Settle { target, flag, settlement })
}

fn any_settlement() -> impl Strategy<Value = Settlement> {
    prop_oneof![
        Just(Settlement::Confirmed),
        any_date().prop_map(|date| Settlement::ReturnedOn { date }),
    ]
}

fn any_flag() -> impl Strategy<Value = FlagKind> {
    proptest::sample::select(FlagKind::ALL.as_slice())
}

/// Any deed; what it names may be any event of the set, itself, or none of it.
fn any_deed() -> impl Strategy<Value = Deed> {
    let named = || (0..EVENTS_MAX).prop_map(id);
    prop_oneof![
        6 => (0..3u8, any_date())
            .prop_map(|(p, due)| Deed::Borrow { patron: patron(p), due }),
        5 => proptest::option::of(any_date())
            .prop_map(|returned_on| Deed::Return { returned_on }),
        4 => (named(), any_date()).prop_map(|(borrow, due)| Deed::Renew { borrow, due }),
        2 => named().prop_map(|target| Deed::Undo { target }),
        3 => (named(), any_flag(), any_settlement()).prop_map(|(target, flag, settlement)| {
            Deed::Settle { target, flag, settlement }
        }),
    ]
}

/// Any set of events with distinct ids: possible or not, in doubt, at the same moment, renewals and
/// corrections of anything.
pub fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let one = (any_time_ms(), 0..4u128, 0..6u32, any_deed());
    proptest::collection::vec(one, 0..EVENTS_MAX).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(n, (ms, by, uncertainty_ms, deed))| Event {
                uncertainty_ms,
                ..event(n, ms, by, deed)
            })
            .collect()
    })
}

/// The events as they might arrive: each at least once, some again, in any order.
pub fn shuffled_with_repetitions(
    events: &[Event],
    again: &[Index],
    priorities: &[u32],
) -> Vec<Event> {
    let mut arrived: Vec<Event> = events.to_vec();
    if !events.is_empty() {
        arrived.extend(again.iter().map(|pick| pick.get(events).clone()));
    }
    let mut ranked: Vec<(u32, Event)> = priorities.iter().copied().cycle().zip(arrived).collect();
    ranked.sort_by_key(|(priority, _)| *priority);
    ranked.into_iter().map(|(_, event)| event).collect()
}

/// What a copy has lived through, and the loans that it had, both written down as it happened.
#[derive(Debug, Clone)]
pub struct TrueHistory {
    pub events: Vec<Event>,
    pub loans: Vec<FoldedLoan>,
}

/// One visit of a reader to a desk with the copy.
#[derive(Debug, Clone)]
struct Visit {
    /// How long after the visit before; farther than the clocks of any two desks are apart.
    after_ms: i64,
    desk: u128,
    uncertainty_ms: u32,
    wish: Wish,
    date: LocalDate,
    /// The librarian scanned something else first, and took it back.
    slip: bool,
}

#[derive(Debug, Clone, Copy)]
enum Wish {
    /// Takes the copy, or brings it back.
    Swap,
    /// Keeps it longer, if it is out.
    KeepLonger,
}

/// Twice the widest uncertainty below and a little more.
const APART_MS_MIN: i64 = 2 * 5_000 + 2;

/// Histories in which every scan was made and no two events are closer than their uncertainty.
pub fn any_true_history() -> impl Strategy<Value = TrueHistory> {
    let visit = (
        APART_MS_MIN..10_000_000,
        0..4u128,
        0..5_000u32,
        prop_oneof![3 => Just(Wish::Swap), 1 => Just(Wish::KeepLonger)],
        any_date(),
        proptest::bool::weighted(0.2),
    )
        .prop_map(|(after_ms, desk, uncertainty_ms, wish, date, slip)| Visit {
            after_ms,
            desk,
            uncertainty_ms,
            wish,
            date,
            slip,
        });
    proptest::collection::vec(visit, 0..12).prop_map(|visits| live_through(&visits))
}

fn live_through(visits: &[Visit]) -> TrueHistory {
    let mut lived = TrueHistory { events: Vec::new(), loans: Vec::new() };
    let mut out_since: Option<usize> = None;
    let mut now_ms = 0;
    for (nth, visit) in visits.iter().enumerate() {
        now_ms += visit.after_ms;
        if visit.slip {
            slip(&mut lived, visit, now_ms);
            now_ms += APART_MS_MIN;
        }
        let n = lived.events.len();
        let deed = match (visit.wish, out_since) {
            (Wish::Swap, None) => {
                let reader = patron(u8::try_from(nth).unwrap());
                out_since = Some(lived.loans.len());
                lived.loans.push(FoldedLoan {
                    borrow: id(n),
                    patron: reader.clone(),
                    borrowed_at: at(now_ms),
                    due: visit.date,
                    renewals: 0,
                    ended: None,
                    returned_on: None,
                    undone: false,
                });
                Deed::Borrow { patron: reader, due: visit.date }
            }
            (Wish::Swap, Some(loan)) => {
                out_since = None;
                lived.loans[loan].ended =
                    Some(Ended { at: at(now_ms), by: id(n), how: LoanEnding::Returned });
                Deed::Return { returned_on: None }
            }
            (Wish::KeepLonger, Some(loan)) => {
                lived.loans[loan].due = visit.date;
                lived.loans[loan].renewals += 1;
                Deed::Renew { borrow: lived.loans[loan].borrow, due: visit.date }
            }
            (Wish::KeepLonger, None) => continue,
        };
        let uncertainty_ms = visit.uncertainty_ms;
        lived.events.push(Event { uncertainty_ms, ..event(n, now_ms, visit.desk, deed) });
    }
    lived
}

/// The librarian lends to the wrong card and takes it back at once: a loan that is marked and never was.
fn slip(lived: &mut TrueHistory, visit: &Visit, now_ms: i64) {
    let n = lived.events.len();
    let wrong = patron(99);
    lived.loans.push(FoldedLoan {
        borrow: id(n),
        patron: wrong.clone(),
        borrowed_at: at(now_ms),
        due: visit.date,
        renewals: 0,
        ended: None,
        returned_on: None,
        undone: true,
    });
    let lent = Deed::Borrow { patron: wrong, due: visit.date };
    lived.events.push(event(n, now_ms, visit.desk, lent));
    lived.events.push(event(n + 1, now_ms, visit.desk, Deed::Undo { target: id(n) }));
}
