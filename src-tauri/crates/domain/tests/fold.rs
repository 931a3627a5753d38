//! What the fold promises, over random sets of events of one copy.

#![allow(clippy::unwrap_used)]

mod histories;
mod spec;

use std::collections::HashSet;

use histories::{any_events, any_true_history, shuffled_with_repetitions};
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::fold::fold;
use lienthu_domain::loan::LoanEnding;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::LocalDate;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::FileFailurePersistence;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_024,
        // A failing case is written down beside this file, and played again first.
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_order_and_any_repetition_give_the_same_timeline(
        events in any_events(),
        picks in proptest::collection::vec(any::<Index>(), 0..40),
        priorities in proptest::collection::vec(any::<u32>(), 60),
    ) {
        let arrived = shuffled_with_repetitions(&events, &picks, &priorities);
        prop_assert_eq!(fold(&arrived), fold(&events));
    }

    #[test]
    fn the_timeline_is_what_the_specification_says(events in any_events()) {
        let timeline = fold(&events);
        prop_assert_eq!(&timeline.loans, &spec::loans(&events));
        prop_assert_eq!(&timeline.flags, &spec::flags(&events));
        prop_assert_eq!(&timeline.settled, &spec::settled(&events));
    }

    #[test]
    fn a_history_that_can_have_happened_is_exactly_what_comes_out(
        history in any_true_history(),
        picks in proptest::collection::vec(any::<Index>(), 0..40),
        priorities in proptest::collection::vec(any::<u32>(), 80),
    ) {
        let arrived = shuffled_with_repetitions(&history.events, &picks, &priorities);
        let timeline = fold(&arrived);
        prop_assert_eq!(timeline.loans, history.loans);
        prop_assert_eq!(timeline.flags, vec![]);
    }

    #[test]
    fn loans_and_borrows_are_one_to_one_and_at_most_one_is_open(events in any_events()) {
        let timeline = fold(&events);
        let borrows: HashSet<_> = events
            .iter()
            .filter(|e| matches!(e.deed, Deed::Borrow { .. }))
            .map(|e| e.id)
            .collect();
        let of_loans: HashSet<_> = timeline.loans.iter().map(|l| l.borrow).collect();
        prop_assert_eq!(timeline.loans.len(), of_loans.len());
        prop_assert_eq!(of_loans, borrows);
        let open: Vec<_> =
            timeline.loans.iter().filter(|l| !l.undone && l.ended.is_none()).collect();
        prop_assert!(open.len() <= 1);
        prop_assert_eq!(open.first().copied(), timeline.open());
    }

    #[test]
    fn when_an_undo_was_made_and_arrived_does_not_matter(
        events in any_events(),
        made_ms in proptest::collection::vec(histories::any_time_ms(), 24),
    ) {
        let mut moved = events.clone();
        for (event, made_ms) in moved.iter_mut().zip(made_ms) {
            if matches!(event.deed, Deed::Undo { .. }) {
                event.at = histories::at(made_ms);
            }
        }
        prop_assert_eq!(fold(&moved), fold(&events));
    }

    #[test]
    fn when_a_settlement_was_made_does_not_matter_while_it_is_the_only_one(
        events in any_events(),
        made_ms in proptest::collection::vec(histories::any_time_ms(), 24),
    ) {
        let mut items = HashSet::new();
        let only: Vec<Event> = events
            .into_iter()
            .filter(|e| match e.deed {
                Deed::Settle { target, flag, .. } => items.insert((target, flag)),
                _ => true,
            })
            .collect();
        let mut moved = only.clone();
        for (event, made_ms) in moved.iter_mut().zip(made_ms) {
            if matches!(event.deed, Deed::Settle { .. }) {
                event.at = histories::at(made_ms);
            }
        }
        prop_assert_eq!(fold(&moved), fold(&only));
    }

    #[test]
    fn of_several_settlements_of_one_item_the_last_in_order_holds(
        mut events in any_events(),
        dates in proptest::collection::vec(histories::any_date(), 1..5),
        priorities in proptest::collection::vec(any::<u32>(), 60),
    ) {
        let (missed, again) = (histories::late_borrow(0), histories::late_borrow(1));
        events.extend([missed.clone(), again]);
        for (place, date) in dates.iter().enumerate() {
            events.push(histories::settle(
                2 + place,
                missed.id,
                FlagKind::ReturnMissed,
                Settlement::ReturnedOn { date: *date },
            ));
        }
        let timeline = fold(&shuffled_with_repetitions(&events, &[], &priorities));
        let loan = timeline.loans.iter().find(|l| l.borrow == missed.id).unwrap();
        prop_assert_eq!(loan.returned_on, dates.last().copied());
        prop_assert_eq!(loan.ended.unwrap().how, LoanEnding::LentAgain);
        let item = (missed.id, FlagKind::ReturnMissed);
        prop_assert!(timeline.flags.iter().all(|f| (f.event, f.kind) != item));
    }

    #[test]
    fn what_is_undone_is_as_if_it_had_never_been(events in any_events(), which in any::<Index>()) {
        let plain: Vec<Event> =
            events.into_iter().filter(|e| !matches!(e.deed, Deed::Undo { .. })).collect();
        let targets: Vec<&Event> =
            plain.iter().filter(|e| !matches!(e.deed, Deed::Settle { .. })).collect();
        prop_assume!(!targets.is_empty());
        let target = targets[which.index(targets.len())].id;

        let mut undone = plain.clone();
        undone.push(histories::undo(0, target));
        let never: Vec<Event> = plain.into_iter().filter(|e| e.id != target).collect();

        let (undone, never) = (fold(&undone), fold(&never));
        let that_happened: Vec<_> = undone.loans.iter().filter(|l| l.borrow != target).collect();
        prop_assert_eq!(that_happened, never.loans.iter().collect::<Vec<_>>());
        prop_assert_eq!(undone.flags, never.flags);
        prop_assert!(undone.loans.iter().all(|l| l.undone == (l.borrow == target)));
    }

    #[test]
    fn back_dating_a_return_changes_the_date_it_shows_and_nothing_else(
        events in any_events(),
        dates in proptest::collection::vec(proptest::option::of(histories::any_date()), 24),
    ) {
        let mut dated = events.clone();
        for (event, date) in dated.iter_mut().zip(dates) {
            if let Deed::Return { returned_on } = &mut event.deed {
                *returned_on = date;
            }
        }
        let without_dates = |events: &[Event]| {
            let mut timeline = fold(events);
            for loan in &mut timeline.loans {
                loan.returned_on = None;
            }
            timeline
        };
        prop_assert_eq!(without_dates(&dated), without_dates(&events));
    }

    #[test]
    fn at_one_moment_a_desks_own_sequence_decides(
        mut events in any_events(),
        sequence in Just((1..=24u32).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        for (event, seq) in events.iter_mut().zip(sequence) {
            (event.at, event.desk, event.seq) = (histories::at(0), histories::desk(0), seq);
        }
        let mut apart = events.clone();
        for event in &mut apart {
            event.at = histories::at(i64::from(event.seq));
        }
        let ends = |events: &[Event]| -> Vec<_> {
            fold(events)
                .loans
                .iter()
                .map(|l| (l.borrow, l.due, l.renewals, l.ended.map(|e| (e.by, e.how))))
                .collect()
        };
        prop_assert_eq!(ends(&events), ends(&apart));
        prop_assert!(
            fold(&events).flags.iter().all(|f| f.kind != FlagKind::OrderUncertain),
            "one desk's own events are never in doubt"
        );
    }

    #[test]
    fn of_two_contents_under_one_id_the_first_in_order_counts_whichever_arrived_first(
        events in any_events(),
        which in any::<Index>(),
        due in histories::any_date(),
    ) {
        prop_assume!(!events.is_empty());
        let mut other = events[which.index(events.len())].clone();
        other.at = other.at.plus_ms(1);
        other.deed = Deed::Borrow { patron: histories::patron(0), due };
        let (mut before, mut after) = (events.clone(), events.clone());
        before.insert(0, other.clone());
        after.push(other);
        prop_assert_eq!(fold(&before), fold(&events));
        prop_assert_eq!(fold(&after), fold(&events));
    }
}

#[test]
fn nothing_folds_to_nothing() {
    let timeline = fold(&[]);
    assert_eq!((timeline.loans.len(), timeline.flags.len()), (0, 0));
    assert_eq!(timeline.open(), None);
}

#[test]
fn a_missed_return_shows_the_settled_date_once_someone_says_it() {
    let date: LocalDate = "2026-03-02".parse().unwrap();
    let first = histories::borrow(0, 0, 1);
    let again = histories::borrow(1, 1_000, 2);
    let said =
        histories::settle(2, first.id, FlagKind::ReturnMissed, Settlement::ReturnedOn { date });
    let timeline = fold(&[said, again.clone(), first.clone()]);
    let loan = &timeline.loans[0];
    assert_eq!(loan.returned_on, Some(date));
    assert_eq!(loan.ended.map(|e| (e.at, e.by)), Some((again.at, again.id)));
    assert!(timeline.flags.is_empty());
}
