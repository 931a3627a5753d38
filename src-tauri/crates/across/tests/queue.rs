//! The manager's queue over embedded sites: what waits, what is refused, and that a change is done once,
//! whenever the program dies.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::Poll;

use common::{BRANCHES, Network, branch, title};
use lienthu_across::catalogue::change;
use lienthu_across::queue::{ChangeQueue, QueueError};
use lienthu_across::recovery::recover;
use lienthu_across::sites::Sites;
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::clock::{BootId, Reading};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{
    ChangeId, CorrelationId, DeskId, EventId, StaffLogin, TransferId, TxnId,
};
use lienthu_domain::replicated::{Branch, BranchStanding, ReplicatedRow, Title};
use lienthu_domain::times::UtcMs;
use lienthu_port::changes::{ChangeFilter, ChangeState, PAUSE_MS_MAX, PendingChange, Waits};
use lienthu_port::world::{Clock, Ids};
use lienthu_protocol::site::LEFT_ALONE_MS;
use lienthu_sqlite::{KEY_BYTES, Key};
use lienthu_store::SqliteOutbox;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

/// Clock and ids of a desk that outlives its program.
#[derive(Clone, Default)]
struct World {
    now: Arc<AtomicI64>,
    last: Arc<AtomicU64>,
}

impl World {
    fn next(&self) -> Uuid {
        Uuid::from_u128(0xca7a_0000 + u128::from(self.last.fetch_add(1, Ordering::Relaxed)))
    }

    fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for World {
    fn read(&self) -> Reading {
        let now = self.now.load(Ordering::Relaxed);
        let boot = BootId::new(Uuid::nil());
        Reading { wall: UtcMs::from_ms(now), monotonic_ms: now.unsigned_abs(), boot }
    }
}

impl Ids for World {
    fn event(&self) -> EventId {
        EventId::new(self.next())
    }
    fn correlation(&self) -> CorrelationId {
        CorrelationId::new(self.next())
    }
    fn desk(&self) -> DeskId {
        DeskId::new(self.next())
    }
    fn txn(&self) -> TxnId {
        TxnId::new(self.next())
    }
    fn change(&self) -> ChangeId {
        ChangeId::new(self.next())
    }
    fn transfer(&self) -> TransferId {
        TransferId::new(self.next())
    }
}

/// A manager's desk.
struct Manager {
    folder: PathBuf,
    world: World,
    queue: ChangeQueue,
}

fn opened(folder: &Path, world: &World) -> ChangeQueue {
    let store = SqliteOutbox::open(folder, &Key::new([7; KEY_BYTES])).unwrap();
    ChangeQueue::new(Arc::new(store), Arc::new(world.clone()), Arc::new(world.clone()))
}

impl Manager {
    fn new(folder: &Path) -> Self {
        let world = World::default();
        Self { folder: folder.to_owned(), queue: opened(folder, &world), world }
    }

    /// The program ended, however, and is started again.
    fn restart(&mut self) {
        self.queue = opened(&self.folder, &self.world);
    }

    async fn waits(&self, id: ChangeId) -> Waits {
        match self.queue.entry(id).await.unwrap().progress.state {
            ChangeState::Waiting { waits } => waits,
            other => panic!("{other:?}"),
        }
    }
}

fn who() -> StaffLogin {
    "manager".parse().unwrap()
}

fn put(title: &Title, seen: Option<&Title>) -> CatalogueChange {
    CatalogueChange::PutTitle { title: title.clone(), seen: seen.cloned() }
}

fn is_done(entry: &PendingChange) -> bool {
    entry.progress.state == ChangeState::Done
}

async fn titles(network: &Network, key: &str) -> Vec<Option<ReplicatedRow>> {
    let mut rows = vec![];
    for code in BRANCHES {
        rows.push(network.row(code, &Resource::Title(key.parse().unwrap())).await);
    }
    rows
}

#[tokio::test]
async fn a_change_waits_with_its_reason_and_is_done_once_the_site_answers_again() {
    let (network, desk) = (Network::new().await, tempfile::tempdir().unwrap());
    let mut manager = Manager::new(desk.path());
    let sites = network.sites("manager");
    network.cut("Q3", true);
    let row = title("LT-1", "Số đỏ");
    let entry = manager.queue.submit(&sites, &who(), &[put(&row, None)]).await.unwrap();
    let waits = manager.waits(entry.id).await;
    assert!(
        matches!(waits, Waits::Site { branch: ref at, .. } if *at == branch("Q3")),
        "{waits:?}"
    );
    assert_eq!(waits.message().code, "change_waits_site");

    manager.restart();
    assert_eq!(manager.queue.list(ChangeFilter::Waiting, 0).await.unwrap().len(), 1);
    // Not before its time, however often somebody looks.
    network.cut("Q3", false);
    manager.queue.run_due(&sites).await.unwrap();
    assert!(!is_done(&manager.queue.entry(entry.id).await.unwrap()));
    manager.world.pass(PAUSE_MS_MAX);
    manager.queue.run_due(&sites).await.unwrap();
    assert!(is_done(&manager.queue.entry(entry.id).await.unwrap()));
    assert_eq!(titles(&network, "LT-1").await, vec![Some(ReplicatedRow::Title(row)); 3]);
    assert_eq!(manager.queue.pause().await.unwrap(), None);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_both_rows_and_may_be_put_once_they_were_seen() {
    let (network, desk) = (Network::new().await, tempfile::tempdir().unwrap());
    let manager = Manager::new(desk.path());
    let sites = network.sites("manager");
    let seen = title("LT-1", "Số đỏ");
    manager.queue.submit(&sites, &who(), &[put(&seen, None)]).await.unwrap();
    let theirs = Title { year: Some(1936), ..seen.clone() };
    change(&sites, network.next_txn(), vec![put(&theirs, Some(&seen))], |_, _| {}).await.unwrap();

    let mine = Title { author: "Vũ Trọng Phụng".to_owned(), ..seen.clone() };
    let entry = manager.queue.submit(&sites, &who(), &[put(&mine, Some(&seen))]).await.unwrap();
    let ChangeState::Refused { against } = &entry.progress.state else { panic!("{entry:?}") };
    assert_eq!(against[0].why, Hindrance::ChangedMeanwhile);
    assert_eq!(against[0].stands, Some(ReplicatedRow::Title(theirs.clone())));
    assert_eq!(entry.first, [put(&mine, Some(&seen))]);

    let again = manager.queue.submit(&sites, &who(), &[put(&mine, Some(&theirs))]).await.unwrap();
    assert!(is_done(&again));
    let withdrawn = manager.queue.withdraw(&sites, entry.id).await.unwrap();
    assert_eq!(withdrawn.progress.state, ChangeState::Withdrawn);
    assert_eq!(manager.queue.retry(&sites, entry.id).await, Err(QueueError::Over));
}

#[tokio::test]
async fn a_change_waits_behind_an_earlier_one_of_its_row_and_overtakes_all_others() {
    let (network, desk) = (Network::new().await, tempfile::tempdir().unwrap());
    let manager = Manager::new(desk.path());
    let sites = network.sites("manager");
    let first = title("LT-1", "Số đỏ");
    let second = Title { year: Some(1936), ..first.clone() };
    network.cut("Q1", true);
    let one = manager.queue.submit(&sites, &who(), &[put(&first, None)]).await.unwrap();
    network.cut("Q1", false);
    // Its time has not come, so the next of that row stays behind it.
    let two = manager.queue.submit(&sites, &who(), &[put(&second, Some(&first))]).await.unwrap();
    assert_eq!(two.behind, Some(one.id));
    let other = title("LT-2", "Tắt đèn");
    let three = manager.queue.submit(&sites, &who(), &[put(&other, None)]).await.unwrap();
    assert!(is_done(&three));
    manager.world.pass(PAUSE_MS_MAX);
    manager.queue.run_due(&sites).await.unwrap();
    assert!(is_done(&manager.queue.entry(two.id).await.unwrap()));
    assert_eq!(titles(&network, "LT-1").await, vec![Some(ReplicatedRow::Title(second)); 3]);
}

#[tokio::test]
async fn setting_a_branch_away_lets_waiting_changes_go_on_and_removals_wait() {
    let (network, desk) = (Network::new().await, tempfile::tempdir().unwrap());
    let manager = Manager::new(desk.path());
    let sites = network.sites("manager");
    network.cut("Q5", true);
    let row = title("LT-1", "Số đỏ");
    let waiting = manager.queue.ask(&who(), &[put(&row, None)]).await.unwrap();
    let active = network.branch("Q1", "Q5").await;
    let away = Branch { standing: BranchStanding::Away, ..active.clone() };
    let setting = CatalogueChange::PutBranch { branch: away, seen: Some(active) };
    let setting = manager.queue.ask(&who(), &[setting]).await.unwrap();
    manager.queue.run_due(&sites).await.unwrap();
    assert!(is_done(&manager.queue.entry(setting).await.unwrap()));
    manager.world.pass(PAUSE_MS_MAX);
    manager.queue.run_due(&sites).await.unwrap();
    assert!(is_done(&manager.queue.entry(waiting).await.unwrap()));

    let removal = [CatalogueChange::RemoveTitle { seen: row }];
    let removal = manager.queue.submit(&sites, &who(), &removal).await.unwrap();
    assert_eq!(manager.waits(removal.id).await, Waits::Away { branch: branch("Q5") });
}

/// Of an import's parts, what is there goes, what differs is left to a decision, and the rest is done.
#[tokio::test]
async fn an_import_leaves_out_what_is_there_and_sets_aside_what_differs() {
    let (network, desk) = (Network::new().await, tempfile::tempdir().unwrap());
    let manager = Manager::new(desk.path());
    let sites = network.sites("manager");
    let (same, theirs) = (title("LT-1", "Số đỏ"), title("LT-2", "Tắt đèn"));
    let known = [put(&same, None), put(&theirs, None)];
    manager.queue.submit(&sites, &who(), &known).await.unwrap();
    let mine = Title { year: Some(1939), ..theirs.clone() };
    let new = title("LT-3", "Chí Phèo");
    let part = [put(&same, None), put(&mine, None), put(&new, None)];
    let import = manager.queue.ask_parts(&who(), "sách.mrc", &[&part]).await.unwrap();
    manager.queue.run_due(&sites).await.unwrap();
    let counts = manager.queue.counts(Some(import.id)).await.unwrap();
    assert_eq!((counts.changes_done, counts.changes_refused, counts.waiting), (1, 1, 0));
    assert_eq!(titles(&network, "LT-3").await, vec![Some(ReplicatedRow::Title(new)); 3]);
    let refused = manager.queue.list(ChangeFilter::Refused, 0).await.unwrap();
    assert_eq!(refused[0].first, [put(&mine, None)]);
    let ChangeState::Refused { against } = &refused[0].progress.state else { panic!() };
    assert_eq!(against[0].stands, Some(ReplicatedRow::Title(theirs)));
}

/// Runs it, and kills it where it waits for the so-manyth time.
async fn killed_after<F: Future>(work: F, waits: u32) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut waited = 0;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if waited == waits => Poll::Ready(None),
        Poll::Pending => {
            waited += 1;
            Poll::Pending
        }
    })
    .await
}

/// Runs of the case, each with a seed of its own.
const RUNS: u64 = 6;

/// Lines are cut, the program dies anywhere and is started again: each change is done once, or not at all where
/// it was withdrawn. Every change adds a title of its own, which nobody else touches: one that was done twice
/// would be refused.
#[tokio::test]
async fn a_change_is_done_once_wherever_the_program_dies() {
    let base: u64 =
        std::env::var("LIENTHU_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for seed in base..base + RUNS {
        dies_anywhere(seed).await;
    }
}

async fn dies_anywhere(seed: u64) {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let (network, desk) = (Network::new().await, tempfile::tempdir().unwrap());
    let mut manager = Manager::new(desk.path());
    let mut sites = network.sites("manager");
    let mut asked: Vec<(ChangeId, Title)> = vec![];
    for _ in 0..60 {
        match dice.random_range(0..10) {
            0..=2 => {
                let title = title(&format!("LT-{}", asked.len()), "Số đỏ");
                let id = manager.queue.ask(&who(), &[put(&title, None)]).await.unwrap();
                asked.push((id, title));
            }
            3 => network.cut(BRANCHES.choose(&mut dice).unwrap(), dice.random_bool(0.5)),
            4 => {
                if let Some((id, _)) = asked.choose(&mut dice) {
                    let withdrawn =
                        killed_after(manager.queue.withdraw(&sites, *id), dice.random_range(0..40));
                    withdrawn.await;
                }
            }
            _ => {
                let waits = dice.random_range(0..60);
                let is_killed = killed_after(manager.queue.run_due(&sites), waits).await.is_none();
                if is_killed {
                    manager.restart();
                    sites = network.sites("manager");
                }
            }
        }
        manager.world.pass(dice.random_range(0..PAUSE_MS_MAX));
    }
    for code in BRANCHES {
        network.cut(code, false);
    }
    settle(&network, &manager, &sites, seed).await;
    for (id, title) in asked {
        let entry = manager.queue.entry(id).await.unwrap();
        let expected = match entry.progress.state {
            ChangeState::Done => Some(ReplicatedRow::Title(title.clone())),
            ChangeState::Withdrawn => None,
            other => panic!("{other:?} (seed {seed})"),
        };
        let found = titles(&network, title.key.as_str()).await;
        assert_eq!(found, vec![expected; 3], "{title:?} (seed {seed})");
    }
}

/// Lets the queue go on until nothing waits, and an agent beside it tell the sites what they have not heard.
async fn settle(network: &Network, manager: &Manager, sites: &Sites, seed: u64) {
    let agent = network.sites("agent");
    for _ in 0..20 {
        network.pass_ms(i64::try_from(LEFT_ALONE_MS).unwrap());
        recover(&agent).await;
        manager.queue.run_due(sites).await.unwrap();
        if manager.queue.pause().await.unwrap().is_none() {
            return;
        }
        manager.world.pass(PAUSE_MS_MAX);
    }
    let waiting = manager.queue.list(ChangeFilter::Waiting, 0).await.unwrap();
    panic!("something waits for ever: {waiting:?} (seed {seed})");
}
