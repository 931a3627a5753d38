//! Random histories, held to the fold of the domain: whatever arrives, in whatever order and batches,
//! however often and however it is put.

use std::collections::{BTreeMap, BTreeSet};

use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_domain::fold::{Timeline, fold};
use lienthu_domain::ids::{Barcode, EventId};
use lienthu_domain::loan::Loan;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::ZoneOffset;
use lienthu_port::feed::RowKind;
use lienthu_port::submit::{BATCH_EVENTS_MAX, Outcome, Sending};
use rand::seq::{IndexedMutRandom, IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cases;
use crate::fixture::CannotHere;
use crate::follower::Follower;
use crate::kit::{COPIES, Desk, HERE, PATRONS, World, at, copy, day, key, patron, put};
use crate::suite::{Bench, Case};

/// Histories in one run of a case.
const HISTORIES: u64 = 6;
/// Events of one history.
const EVENTS: usize = 150;
/// A copy and a patron that become known in the middle of a history.
const LATE_COPY: &str = "Q900";
const LATE_PATRON: &str = "DG404";

pub(super) fn cases() -> Vec<Case> {
    cases![
        "random histories end as the fold of what was accepted" => as_folded,
        "the same facts in any order, batches and repetitions give the same loans" => any_order,
    ]
}

fn copies() -> [&'static str; 4] {
    [COPIES[0], COPIES[1], COPIES[2], LATE_COPY]
}

/// What may happen at three desks whose clocks are not sure, to few copies, so that much collides.
fn history(dice: &mut ChaCha8Rng) -> Vec<Event> {
    let mut desks =
        [Desk::new(1), Desk::new(2).uncertain_by(40_000), Desk::new(3).uncertain_by(200_000)];
    let mut made: Vec<Event> = Vec::new();
    for _ in 0..EVENTS {
        let desk = desks.choose_mut(dice).unwrap();
        let copy = *copies().choose(dice).unwrap();
        let when = at(dice.random_range(0..2_000));
        let of_copy: Vec<&Event> = made.iter().filter(|e| e.copy.as_str() == copy).collect();
        let target = of_copy.choose(dice).copied().cloned();
        let event = match (dice.random_range(0..10), target) {
            (0..=3, _) | (_, None) => {
                let patron = [PATRONS[0], PATRONS[1], LATE_PATRON].choose(dice).copied().unwrap();
                desk.borrow(copy, patron, when)
            }
            (4..=6, _) => {
                let returned_on = dice.random_bool(0.2).then(|| day(dice.random_range(-3..2)));
                desk.event(copy, Deed::Return { returned_on }, when)
            }
            (7, Some(target)) => desk.renew(&target, when),
            (8, Some(target)) => desk.undo(&target, when),
            (_, Some(target)) => {
                let kind = *FlagKind::ALL.choose(dice).unwrap();
                let said = if dice.random_bool(0.5) {
                    Settlement::Confirmed
                } else {
                    Settlement::ReturnedOn { date: day(dice.random_range(-3..2)) }
                };
                desk.settle(&target, kind, said, when)
            }
        };
        made.push(event);
    }
    made
}

/// What the site has told us about each id.
#[derive(Default)]
struct Model {
    accepted: BTreeMap<EventId, Event>,
    withdrawn: BTreeSet<EventId>,
    refused: BTreeSet<EventId>,
}

impl Model {
    fn timeline(&self, copy: &Barcode) -> Timeline {
        fold(self.accepted.values().filter(|event| event.copy == *copy))
    }

    /// What a claim has to be told, where that follows from the claims and the timeline alone.
    fn note(&mut self, sending: &Sending, outcome: &Outcome) {
        let Sending { event, claim, .. } = sending;
        let id = event.id;
        let is_done = match outcome {
            Outcome::Done { .. } => true,
            Outcome::Refused { .. } | Outcome::Withdrawn => false,
            Outcome::SetAside { why } => panic!("set aside: {why:?}"),
        };
        if *claim == Claim::Withdrawal || self.withdrawn.contains(&id) {
            assert_eq!(*outcome, Outcome::Withdrawn, "{sending:?}");
            self.withdrawn.insert(id);
            self.accepted.remove(&id);
            return;
        }
        if *claim == Claim::Fact || self.accepted.contains_key(&id) {
            assert!(is_done, "{sending:?} was told {outcome:?}");
        } else if self.refused.contains(&id) {
            assert!(!is_done, "a refused request stays refused: {sending:?}");
        } else if let Deed::Return { .. } = event.deed {
            let knows = event.copy.as_str() != LATE_COPY;
            let open = self.timeline(&event.copy).open().is_some();
            assert!(!knows || is_done == open, "{sending:?} was told {outcome:?}");
        }
        if is_done {
            self.refused.remove(&id);
            self.accepted.insert(id, event.clone());
        } else {
            self.refused.insert(id);
        }
    }
}

/// A loan without the site's own number.
fn unnumbered(mut loan: Loan) -> Loan {
    loan.no = 0;
    loan
}

async fn loans(world: &World, copy: &str) -> BTreeMap<EventId, Loan> {
    let loans = world.copy(copy).await.loans;
    loans.into_iter().map(|loan| (loan.borrow, unnumbered(loan))).collect()
}

/// The kinds that the fold alone decides.
const FOLDED: [FlagKind; 5] = [
    FlagKind::ReturnMissed,
    FlagKind::ReturnWithoutLoan,
    FlagKind::RenewalMismatch,
    FlagKind::UndoWithoutTarget,
    FlagKind::OrderUncertain,
];

async fn compare(world: &World, model: &Model) {
    let mut flags = BTreeSet::new();
    for barcode in copies() {
        let timeline = model.timeline(&key(barcode));
        let expected: BTreeMap<EventId, Loan> = timeline
            .loans
            .iter()
            .map(|folded| {
                let zone = ZoneOffset::VIET_NAM;
                (folded.borrow, Loan::from_fold(0, key(barcode), key(HERE), folded, zone))
            })
            .collect();
        assert_eq!(loans(world, barcode).await, expected, "{barcode}");
        let state = CopyState::of(CopyCondition::Good, timeline.open().is_some());
        assert_eq!(world.copy(barcode).await.copy.state, state, "{barcode}");
        flags.extend(timeline.flags);
    }
    let items = world.items().await;
    let shown: BTreeSet<_> =
        items.iter().map(|item| item.flag).filter(|flag| FOLDED.contains(&flag.kind)).collect();
    assert_eq!(shown, flags);
    assert!(items.iter().all(|item| item.flag.kind != FlagKind::CopyUnknown));
}

async fn make_known(world: &World, copy_first: bool) {
    if copy_first {
        world.site.add_copies(&[copy(LATE_COPY)]).await.unwrap();
    }
    world.add_patron(patron(LATE_PATRON, "STUDENT")).await;
    if !copy_first {
        world.site.add_copies(&[copy(LATE_COPY)]).await.unwrap();
    }
}

async fn as_folded(bench: Bench) -> Result<(), CannotHere> {
    for history_no in 0..HISTORIES {
        let mut dice = ChaCha8Rng::seed_from_u64(bench.seed.wrapping_add(history_no));
        let world = World::of(&bench).await;
        let mut events = history(&mut dice);
        if dice.random_bool(0.7) {
            events.shuffle(&mut dice);
        }
        // Each event is put one to three times, somehow.
        let mut sendings: Vec<Sending> = Vec::new();
        for event in &events {
            for _ in 0..dice.random_range(1..=3) {
                let claim = match dice.random_range(0..20) {
                    0..=11 => Claim::Fact,
                    12..=18 => Claim::Request,
                    _ => Claim::Withdrawal,
                };
                let place = dice.random_range(0..=sendings.len());
                sendings.insert(place, put(event, claim));
            }
        }
        let mut model = Model::default();
        let mut cache = Follower::default();
        let known_at = dice.random_range(0..sendings.len());
        let mut sent = 0;
        let mut is_known = false;
        while sent < sendings.len() {
            if !is_known && sent >= known_at {
                make_known(&world, dice.random_bool(0.5)).await;
                is_known = true;
            }
            // One at a time, because the model has to know what each was told when it came; the other
            // case sends batches.
            let outcome = world.send_one(&sendings[sent]).await;
            model.note(&sendings[sent], &outcome);
            sent += 1;
            if dice.random_bool(0.1) {
                cache.follow(&world.site).await.unwrap();
            }
        }
        if !is_known {
            make_known(&world, true).await;
        }
        compare(&world, &model).await;
        // All of it once more, in large batches: nothing moves.
        let before = world.site.submit(None, &[]).await.unwrap().state;
        for batch in sendings.chunks(BATCH_EVENTS_MAX) {
            let again: Vec<Sending> = batch
                .iter()
                .filter(|s| s.claim == Claim::Request || model.withdrawn.contains(&s.event.id))
                .cloned()
                .collect();
            world.send(&again).await;
        }
        assert_eq!(
            world.site.submit(None, &[]).await.unwrap().state,
            before,
            "history {history_no}"
        );
        cache.follow(&world.site).await.unwrap();
        assert_eq!(cache.shown, Follower::filled(&world.site).await.shown);
        let open = model.accepted.values().map(|event| event.copy.clone()).collect::<BTreeSet<_>>();
        let open = open.iter().filter(|copy| model.timeline(copy).open().is_some()).count();
        assert_eq!(cache.count(RowKind::OpenLoan), open);
    }
    Ok(())
}

async fn any_order(bench: Bench) -> Result<(), CannotHere> {
    for history_no in 0..HISTORIES {
        let mut dice =
            ChaCha8Rng::seed_from_u64(bench.seed.wrapping_mul(31).wrapping_add(history_no));
        let events = history(&mut dice);
        let model = Model {
            accepted: events.iter().map(|event| (event.id, event.clone())).collect(),
            ..Model::default()
        };
        for _ in 0..2 {
            let world = World::of(&bench).await;
            let mut sendings: Vec<Sending> = events.iter().map(|e| put(e, Claim::Fact)).collect();
            let repeated: Vec<Sending> =
                sendings.choose_multiple(&mut dice, EVENTS / 3).cloned().collect();
            sendings.extend(repeated);
            sendings.shuffle(&mut dice);
            let mut rest = sendings.as_slice();
            let known_at = dice.random_range(0..rest.len());
            let mut is_known = false;
            while !rest.is_empty() {
                let (batch, others) = rest.split_at(dice.random_range(1..=rest.len().min(60)));
                world.done(batch).await;
                rest = others;
                if !is_known && rest.len() <= known_at {
                    make_known(&world, dice.random_bool(0.5)).await;
                    is_known = true;
                }
            }
            compare(&world, &model).await;
        }
    }
    Ok(())
}
