//! The outbox against a model of it in memory, and as its file goes wrong.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use lienthu_domain::clock::{BootId, Comparison, Reading};
use lienthu_domain::event::{Claim, Deed};
use lienthu_domain::ids::{CorrelationId, DeskId, EventId, FeedToken};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::times::UtcMs;
use lienthu_port::error::StoreError;
use lienthu_port::feed::Watermark;
use lienthu_port::outbox::{Draft, Enrolment, Outbox, QueueFilter, QueueState, Queued};
use lienthu_port::submit::{Outcome, Receipt, SetAside};
use lienthu_sqlite::{KEY_BYTES, Key};
use lienthu_store::{OUTBOX_FILE, SqliteOutbox};
use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

const T0: i64 = 1_790_000_000_000;

fn key(byte: u8) -> Key {
    Key::new([byte; KEY_BYTES])
}

fn open(dir: &TempDir) -> SqliteOutbox {
    SqliteOutbox::open(dir.path(), &key(1)).unwrap()
}

fn enrolment(desk: u8) -> Enrolment {
    Enrolment {
        desk: DeskId::new(Uuid::from_u128(u128::from(desk))),
        branch: "Q1".parse().unwrap(),
        name: format!("Quầy {desk}"),
        computer: "computer".into(),
    }
}

fn id(n: u32) -> EventId {
    EventId::new(Uuid::from_u128(u128::from(n)))
}

fn reading(at_ms: i64, wrong_ms: i64, boot: u8) -> Reading {
    Reading {
        wall: UtcMs::from_ms(T0 + at_ms + wrong_ms),
        monotonic_ms: at_ms.unsigned_abs(),
        boot: BootId::new(Uuid::from_u128(u128::from(boot))),
    }
}

fn mark(number: i64) -> Watermark {
    Watermark { number, token: FeedToken::new(Uuid::from_u128(number.unsigned_abs().into())) }
}

fn draft(n: u32, copy: u8, claim: Claim, scanned: Reading) -> Draft {
    let deed = if n.is_multiple_of(2) {
        Deed::Borrow {
            patron: format!("DG{}", n % 3).parse().unwrap(),
            due: "2026-12-01".parse().unwrap(),
        }
    } else {
        Deed::Return { returned_on: None }
    };
    Draft {
        id: id(n),
        scanned_by: "lan".parse().unwrap(),
        scanned,
        overridden: false,
        copy: format!("B{copy}").parse().unwrap(),
        deed,
        claim,
        correlation: CorrelationId::new(Uuid::from_u128(7)),
    }
}

/// One thing that is done to an outbox. Events are named by the order in which they were made.
#[derive(Debug, Clone)]
enum Step {
    Append { copy: u8, claim: Claim, at_ms: i64, wrong_ms: i64, boot: u8 },
    Amend { n: u32, claim: Claim },
    WithdrawOrphans,
    Compare { at_ms: i64, uncertainty_ms: u32, boot: u8 },
    Freeze,
    Record { n: u32, outcome: u8, number: i64 },
    SetAside { n: u32 },
    Retry { n: u32 },
    SendAgain,
    Prune { at_ms: i64 },
    Enrol { desk: u8 },
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let claim = prop_oneof![Just(Claim::Request), Just(Claim::Fact)];
    let amended = prop_oneof![Just(Claim::Fact), Just(Claim::Withdrawal)];
    let n = 0u32..25;
    let at_ms = 0i64..10_000_000;
    let step = prop_oneof![
        8 => (0u8..4, claim, at_ms.clone(), -9_000i64..9_000, 0u8..3).prop_map(
            |(copy, claim, at_ms, wrong_ms, boot)| Step::Append { copy, claim, at_ms, wrong_ms, boot }
        ),
        3 => (n.clone(), amended).prop_map(|(n, claim)| Step::Amend { n, claim }),
        1 => Just(Step::WithdrawOrphans),
        1 => (at_ms.clone(), 1u32..500, 0u8..3)
            .prop_map(|(at_ms, uncertainty_ms, boot)| Step::Compare { at_ms, uncertainty_ms, boot }),
        2 => Just(Step::Freeze),
        5 => (n.clone(), 0u8..4, 1i64..20)
            .prop_map(|(n, outcome, number)| Step::Record { n, outcome, number }),
        1 => n.clone().prop_map(|n| Step::SetAside { n }),
        1 => n.prop_map(|n| Step::Retry { n }),
        1 => Just(Step::SendAgain),
        1 => at_ms.prop_map(|at_ms| Step::Prune { at_ms }),
        1 => (1u8..3).prop_map(|desk| Step::Enrol { desk }),
        2 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..60)
}

fn outcome(which: u8) -> Outcome {
    match which {
        0 => Outcome::Done { loan: None, flags: vec![] },
        1 => Outcome::Refused { reasons: vec![Refusal::ALL[0]] },
        2 => Outcome::Withdrawn,
        _ => Outcome::SetAside { why: SetAside::Failed },
    }
}

/// What an outbox is to hold.
#[derive(Debug, Default)]
struct Model {
    desk: u8,
    last_seq: BTreeMap<u8, u32>,
    made: u32,
    /// By the order in which they were made, with the number of the acknowledgement.
    events: BTreeMap<u32, (Queued, Option<i64>)>,
    proven: Option<i64>,
}

impl Model {
    fn waiting(&mut self, n: u32) -> Option<&mut (Queued, Option<i64>)> {
        self.events.get_mut(&n).filter(|(q, _)| q.state == QueueState::Waiting)
    }

    /// What stops waiting is frozen, and with it what waits.
    fn stops_waiting(&mut self, n: u32) {
        if self.waiting(n).is_some_and(|(queued, _)| !queued.frozen) {
            self.freeze();
        }
    }

    fn freeze(&mut self) -> u32 {
        let mut frozen = 0;
        for (queued, _) in self.events.values_mut() {
            if queued.state == QueueState::Waiting && !queued.frozen {
                queued.frozen = true;
                frozen += 1;
            }
        }
        frozen
    }

    fn record(&mut self, n: u32, which: u8, number: i64) {
        self.stops_waiting(n);
        if let Some((queued, acked)) = self.waiting(n) {
            queued.state = match (which, queued.claim) {
                (0, Claim::Request | Claim::Fact) => {
                    *acked = Some(number);
                    QueueState::Acknowledged
                }
                (1, Claim::Request) => QueueState::Refused { reasons: vec![Refusal::ALL[0]] },
                (2, _) => QueueState::Withdrawn,
                (3, Claim::Request) => QueueState::Withdrawn,
                (3, _) => QueueState::SetAside { why: SetAside::Failed },
                _ => QueueState::Waiting,
            };
        }
        self.proven = self.proven.max(Some(number));
    }
}

async fn play(steps: Vec<Step>) {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = open(&dir);
    let mut model = Model { desk: 1, ..Model::default() };
    outbox.enrol(&enrolment(1)).await.unwrap();
    for step in steps {
        match step {
            Step::Append { copy, claim, at_ms, wrong_ms, boot } => {
                let n = model.made;
                model.made += 1;
                let draft = draft(n, copy, claim, reading(at_ms, wrong_ms, boot));
                let queued = outbox.append(draft).await.unwrap();
                let seq = model.last_seq.entry(model.desk).or_default();
                *seq += 1;
                assert_eq!(queued.event.seq, *seq, "each number of a sequence once, without gaps");
                assert_eq!(queued.event.desk, enrolment(model.desk).desk);
                assert_eq!(queued.frozen, claim == Claim::Request);
                if claim == Claim::Request {
                    model.freeze();
                }
                model.events.insert(n, (queued, None));
            }
            Step::Amend { n, claim } => {
                if let Some((queued, _)) = model.waiting(n)
                    && queued.claim == Claim::Request
                {
                    queued.claim = claim;
                }
                let amended = outbox.amend(id(n), claim).await.unwrap();
                assert_eq!(amended.map(|q| (q.state, q.claim)), model.claimed(n));
            }
            Step::WithdrawOrphans => {
                let withdrawn = outbox.withdraw_orphans().await.unwrap();
                let mut expected = 0;
                for (queued, _) in model.events.values_mut() {
                    if queued.state == QueueState::Waiting && queued.claim == Claim::Request {
                        queued.claim = Claim::Withdrawal;
                        expected += 1;
                    }
                }
                assert_eq!(withdrawn.len(), expected);
                assert!(withdrawn.iter().all(|q| q.claim == Claim::Withdrawal));
            }
            Step::Compare { at_ms, uncertainty_ms, boot } => {
                let desk = reading(at_ms, 0, boot);
                let site = UtcMs::from_ms(T0 + at_ms);
                outbox.note_comparison(Comparison { desk, site, uncertainty_ms }).await.unwrap();
            }
            Step::Freeze => assert_eq!(outbox.freeze().await.unwrap(), model.freeze()),
            Step::Record { n, outcome: which, number } => {
                let receipt = Receipt { id: id(n), outcome: outcome(which) };
                outbox.record(&[receipt], mark(number)).await.unwrap();
                model.record(n, which, number);
            }
            Step::SetAside { n } => {
                outbox.set_aside(id(n), SetAside::OtherBranch).await.unwrap();
                model.stops_waiting(n);
                if let Some((queued, _)) = model.waiting(n) {
                    queued.state = QueueState::SetAside { why: SetAside::OtherBranch };
                }
            }
            Step::Retry { n } => {
                outbox.retry_set_aside(id(n)).await.unwrap();
                if let Some((queued, _)) = model.events.get_mut(&n)
                    && matches!(queued.state, QueueState::SetAside { .. })
                {
                    queued.state = QueueState::Waiting;
                }
            }
            Step::SendAgain => {
                let mut expected = 0;
                for (queued, acked) in model.events.values_mut() {
                    match queued.state {
                        QueueState::Acknowledged => queued.claim = Claim::Fact,
                        QueueState::Withdrawn => queued.claim = Claim::Withdrawal,
                        _ => continue,
                    }
                    (queued.state, *acked) = (QueueState::Waiting, None);
                    expected += 1;
                }
                model.proven = None;
                assert_eq!(outbox.send_again().await.unwrap(), expected);
            }
            Step::Prune { at_ms } => {
                let before = UtcMs::from_ms(T0 + at_ms);
                // The model does not know the frozen times; it asks, and checks that nothing that
                // still matters goes.
                let mut gone = Vec::new();
                for (n, (queued, _)) in &model.events {
                    let at = outbox.get(id(*n)).await.unwrap().unwrap().event.at;
                    let is_over = matches!(
                        queued.state,
                        QueueState::Acknowledged
                            | QueueState::Refused { .. }
                            | QueueState::Withdrawn
                    );
                    if is_over && at < before {
                        gone.push(*n);
                    }
                }
                assert_eq!(outbox.prune(before).await.unwrap() as usize, gone.len());
                model.events.retain(|n, _| !gone.contains(n));
            }
            Step::Enrol { desk } => {
                outbox.enrol(&enrolment(desk)).await.unwrap();
                model.desk = desk;
            }
            Step::Reopen => {
                drop(outbox);
                outbox = open(&dir);
            }
        }
        agrees(&outbox, &model).await;
    }
}

impl Model {
    fn claimed(&self, n: u32) -> Option<(QueueState, Claim)> {
        self.events.get(&n).map(|(q, _)| (q.state.clone(), q.claim))
    }
}

async fn agrees(outbox: &SqliteOutbox, model: &Model) {
    let all = outbox.list(QueueFilter::All, 0, 1_000).await.unwrap();
    let seen: Vec<_> =
        all.iter().rev().map(|q| (q.event.id, q.state.clone(), q.claim, q.frozen)).collect();
    let expected: Vec<_> = model
        .events
        .iter()
        .map(|(n, (q, _))| (id(*n), q.state.clone(), q.claim, q.frozen))
        .collect();
    assert_eq!(seen, expected);

    for (queued, _) in model.events.values() {
        if let Some(now) = all.iter().find(|q| q.event.id == queued.event.id)
            && queued.event.seq == now.event.seq
            && queued.claim == Claim::Request
        {
            assert_eq!(now.event, queued.event, "what is frozen never changes");
        }
    }
    let mut floors = BTreeMap::new();
    for queued in all.iter().rev().filter(|q| q.frozen) {
        let floor = floors.entry(queued.event.desk).or_insert(queued.event.at);
        assert!(*floor <= queued.event.at, "corrected times never decrease along a sequence");
        *floor = queued.event.at;
    }

    let waiting = |q: &Queued| q.state == QueueState::Waiting;
    let batch = outbox.next_batch(7).await.unwrap();
    let frozen = all.iter().rev().filter(|q| waiting(q) && q.frozen).take(7).cloned();
    assert_eq!(batch, frozen.collect::<Vec<_>>());

    let counts = outbox.counts().await.unwrap();
    let count = |test: &dyn Fn(&QueueState) -> bool| {
        u32::try_from(model.events.values().filter(|(q, _)| test(&q.state)).count()).unwrap()
    };
    assert_eq!(counts.waiting, count(&|s| *s == QueueState::Waiting));
    assert_eq!(counts.set_aside, count(&|s| matches!(s, QueueState::SetAside { .. })));
    assert_eq!(counts.acknowledged, count(&|s| *s == QueueState::Acknowledged));
    assert_eq!(outbox.proven().await.unwrap().map(|w| w.number), model.proven);
    let enrolled = outbox.enrolment().await.unwrap();
    assert_eq!(enrolled, Some(enrolment(model.desk)));

    for shown in [None, Some(5), Some(15)] {
        let beyond = |(queued, acked): &(Queued, Option<i64>)| match queued.state {
            QueueState::Waiting => queued.claim != Claim::Withdrawal,
            QueueState::Acknowledged => shown.is_none_or(|shown| acked.unwrap() > shown),
            _ => false,
        };
        let unseen: Vec<_> = model.events.values().filter(|e| beyond(e)).map(|e| &e.0).collect();
        let of_copy = outbox.unseen_of_copy(&"B1".parse().unwrap(), shown.map(mark)).await.unwrap();
        let expected: Vec<_> =
            unseen.iter().filter(|q| q.event.copy.as_str() == "B1").map(|q| q.event.id).collect();
        assert_eq!(of_copy.events.iter().map(|e| e.id).collect::<Vec<_>>(), expected);

        let patron = "DG2".parse().unwrap();
        let lent =
            |q: &&&Queued| matches!(&q.event.deed, Deed::Borrow { patron: p, .. } if *p == patron);
        let mut copies: Vec<_> = unseen.iter().filter(lent).map(|q| q.event.copy.clone()).collect();
        copies.push("B0".parse().unwrap());
        let of_patron = outbox
            .unseen_of_patron(&patron, &["B0".parse().unwrap()], shown.map(mark))
            .await
            .unwrap();
        let expected: Vec<_> =
            unseen.iter().filter(|q| copies.contains(&q.event.copy)).map(|q| q.event.id).collect();
        assert_eq!(of_patron.events.iter().map(|e| e.id).collect::<Vec<_>>(), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn an_outbox_does_what_its_model_does_also_when_it_is_closed_and_opened_at_any_point(
        steps in steps(),
    ) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(play(steps));
    }
}

async fn with_one_event(dir: &TempDir) {
    let outbox = open(dir);
    outbox.enrol(&enrolment(1)).await.unwrap();
    outbox.append(draft(0, 1, Claim::Fact, reading(1, 0, 1))).await.unwrap();
}

#[tokio::test]
async fn a_desk_that_is_not_enrolled_writes_nothing_down() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(&dir);
    let refused = outbox.append(draft(0, 1, Claim::Fact, reading(1, 0, 1))).await;
    assert!(matches!(refused, Err(StoreError::Unexpected { .. })), "{refused:?}");
    assert_eq!(outbox.list(QueueFilter::All, 0, 9).await, Ok(vec![]));
}

#[tokio::test]
async fn the_same_id_is_not_written_down_twice_and_takes_no_number() {
    let dir = tempfile::tempdir().unwrap();
    with_one_event(&dir).await;
    let outbox = open(&dir);
    assert!(outbox.append(draft(0, 2, Claim::Fact, reading(2, 0, 1))).await.is_err());
    let next = outbox.append(draft(1, 2, Claim::Fact, reading(2, 0, 1))).await.unwrap();
    assert_eq!(next.event.seq, 2);
}

#[tokio::test]
async fn two_programs_on_one_file_never_share_a_number() {
    let dir = Arc::new(tempfile::tempdir().unwrap());
    open(&dir).enrol(&enrolment(1)).await.unwrap();
    let programs: Vec<_> = (0..4u32)
        .map(|program| {
            let dir = Arc::clone(&dir);
            tokio::spawn(async move {
                let outbox = open(&dir);
                let mut seqs = Vec::new();
                for n in 0..25 {
                    let claim = if n % 2 == 0 { Claim::Fact } else { Claim::Request };
                    let draft = draft(program * 100 + n, 1, claim, reading(n.into(), 0, 1));
                    seqs.push(outbox.append(draft).await.unwrap().event.seq);
                }
                seqs
            })
        })
        .collect();
    let mut seqs = Vec::new();
    for program in programs {
        seqs.extend(program.await.unwrap());
    }
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=100).collect::<Vec<u32>>());
}

#[tokio::test]
async fn another_key_opens_nothing_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    with_one_event(&dir).await;
    let path = dir.path().join(OUTBOX_FILE);
    let before = fs::read(&path).unwrap();
    let wrong = SqliteOutbox::open(dir.path(), &key(2)).unwrap_err();
    assert_eq!(wrong, StoreError::WrongKey { file: OUTBOX_FILE.into() });
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(open(&dir).counts().await.unwrap().waiting, 1);
}

#[tokio::test]
async fn a_damaged_outbox_is_named_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    with_one_event(&dir).await;
    let path = dir.path().join(OUTBOX_FILE);
    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    let page = 1_024;
    for start in (page..whole.len()).step_by(page) {
        flipped[start + 100] ^= 1;
    }
    for (what, bytes) in
        [("flipped", flipped), ("cut", whole[..page].to_vec()), ("emptied", Vec::new())]
    {
        fs::write(&path, &bytes).unwrap();
        let error = match SqliteOutbox::open(dir.path(), &key(1)) {
            Ok(outbox) => outbox.list(QueueFilter::All, 0, 9).await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error, StoreError::Damaged { file: OUTBOX_FILE.into() }, "{what}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{what}: not touched");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(open(&dir).counts().await.unwrap().waiting, 1);
}
