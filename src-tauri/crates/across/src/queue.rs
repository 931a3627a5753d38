//! The manager's queue: changes of what every site holds wait here, durably, until they have ended at every
//! site. An entry is written down before anyone hears of it, and so is every transaction that is begun for it;
//! whoever goes on finds out how an earlier one ended before another is begun.
//!
//! An entry that changes a row waits behind earlier ones that change it too; all others overtake one that waits.

mod explaining;
mod importing;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use lienthu_domain::action::{Action, ActionError, CatalogueChange};
use lienthu_domain::ids::{ChangeId, StaffLogin};
use lienthu_domain::times::UtcMs;
use lienthu_port::changes::{
    Against, Attempt, ChangeCounts, ChangeDraft, ChangeFilter, ChangeState, Changes,
    ENDED_KEPT_DAYS, Import, PAUSE_MS_MAX, PendingChange, Progress, Waits,
};
use lienthu_port::error::StoreError;
use lienthu_port::world::{Clock, Ids};
use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use thiserror::Error;
use tokio::sync::{Mutex, watch};

use crate::catalogue::agree_to;
use crate::driving::{Driving, drive};
use crate::sites::Sites;

pub use importing::{Compared, Differing, compare};

/// How often a change is tried at once that another transaction stands in the way of.
const HELD_TRIES_MAX: u32 = 4;
/// The wait before that, growing by itself each time.
const HELD_WAIT_MS: u64 = 150;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Why the queue does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueueError {
    /// The desk's own file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is no change.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// A text is empty or too long.
    #[error("a field is empty or too long")]
    FieldWrong,
    /// There is no such entry.
    #[error("there is no such change")]
    Unknown,
    /// The entry has ended.
    #[error("the change has ended")]
    Over,
}

/// See the module.
pub struct ChangeQueue {
    store: Arc<dyn Changes>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    /// Held while an entry is worked on.
    turn: Mutex<()>,
    changed: watch::Sender<u64>,
}

/// How far an entry came at one go.
enum Came {
    Over,
    Waits(Waits),
    /// It was taken apart, and what is left of it may go on at once.
    Apart,
}

impl ChangeQueue {
    /// The queue in this file.
    #[must_use]
    pub fn new(store: Arc<dyn Changes>, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self { store, clock, ids, turn: Mutex::new(()), changed: watch::Sender::new(0) }
    }

    /// Counts up whenever an entry has changed.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Writes changes down, done together or not at all, and goes no further.
    ///
    /// # Errors
    /// `Action`, `FieldWrong`; those of the desk's own file.
    pub async fn ask(
        &self,
        who: &StaffLogin,
        changes: &[CatalogueChange],
    ) -> Result<ChangeId, QueueError> {
        let drafts = vec![self.draft(who, changes, None)?];
        let id = drafts[0].id;
        self.append(drafts).await?;
        Ok(id)
    }

    /// Writes the parts of an import down, each done on its own.
    ///
    /// # Errors
    /// `Action`, `FieldWrong`; those of the desk's own file.
    pub async fn ask_parts(
        &self,
        who: &StaffLogin,
        label: &str,
        parts: &[&[CatalogueChange]],
    ) -> Result<Import, QueueError> {
        let import = Import { id: self.ids.change(), label: label.to_owned() };
        let drafts: Result<_, QueueError> =
            parts.iter().map(|part| self.draft(who, part, Some(import.clone()))).collect();
        self.append(drafts?).await?;
        Ok(import)
    }

    fn draft(
        &self,
        who: &StaffLogin,
        changes: &[CatalogueChange],
        import: Option<Import>,
    ) -> Result<ChangeDraft, QueueError> {
        let changes: Vec<_> = changes.iter().cloned().map(CatalogueChange::cleaned).collect();
        if !changes.iter().all(CatalogueChange::can_be_stored) {
            return Err(QueueError::FieldWrong);
        }
        Action::Catalogue { changes: changes.clone() }.check()?;
        let (id, made_at) = (self.ids.change(), self.now());
        Ok(ChangeDraft { id, made_by: who.clone(), made_at, import, changes })
    }

    async fn append(&self, drafts: Vec<ChangeDraft>) -> Result<(), StoreError> {
        self.store.prune(self.now().plus_ms(-ENDED_KEPT_DAYS * DAY_MS)).await?;
        self.store.append(drafts).await?;
        self.tell();
        Ok(())
    }

    /// Writes changes down and does them at once, as far as that is possible. What the entry says then is what
    /// became of them; where it waits, it is tried again whenever somebody lets the queue go on.
    ///
    /// # Errors
    /// As of [`ChangeQueue::ask`].
    pub async fn submit(
        &self,
        sites: &Sites,
        who: &StaffLogin,
        changes: &[CatalogueChange],
    ) -> Result<PendingChange, QueueError> {
        let id = self.ask(who, changes).await?;
        for tried in 1..=HELD_TRIES_MAX {
            let entry = self.entry(id).await?;
            if entry.behind.is_some() {
                break;
            }
            let held = matches!(self.go_on(sites, id).await?, Came::Waits(Waits::Held { .. }));
            if !held || tried == HELD_TRIES_MAX {
                break;
            }
            // Two managers who stand in each other's way would meet again after the same wait.
            let spread = u64::from(self.ids.txn().uuid().as_bytes()[15]);
            tokio::time::sleep(Duration::from_millis(HELD_WAIT_MS * u64::from(tried) + spread))
                .await;
        }
        self.entry(id).await
    }

    /// Goes on with every entry whose time has come, in their order. Once a site cannot be asked, the others
    /// wait for it too, without each finding that out.
    ///
    /// # Errors
    /// Those of the desk's own file.
    pub async fn run_due(&self, sites: &Sites) -> Result<(), StoreError> {
        let mut after = 0;
        let mut blocked: Option<Waits> = None;
        while let Some(entry) = self.store.next_due(self.now(), after).await? {
            after = entry.place;
            let sets_away = entry.first.iter().any(|change| change.sets_away().is_some());
            if let Some(waits) = blocked.clone().filter(|_| !sets_away) {
                let _turn = self.turn.lock().await;
                if let Some(entry) = self.store.entry(entry.id).await?
                    && entry.progress.attempt.is_none()
                    && !entry.progress.is_withdrawing
                    && !entry.progress.state.is_over()
                {
                    self.wait(&entry, entry.progress.clone(), waits).await?;
                    continue;
                }
            }
            match self.go_on(sites, entry.id).await? {
                Came::Waits(waits @ Waits::Site { .. }) => blocked = Some(waits),
                Came::Over if sets_away => blocked = None,
                Came::Apart => after -= 1,
                Came::Over | Came::Waits(_) => {}
            }
        }
        Ok(())
    }

    /// How long until the next entry's time comes; nothing where none waits.
    ///
    /// # Errors
    /// Those of the desk's own file.
    pub async fn pause(&self) -> Result<Option<Duration>, StoreError> {
        let now = self.now();
        Ok(self.store.due_at().await?.map(|due_at| {
            let ms = due_at.ms().saturating_sub(now.ms()).clamp(0, PAUSE_MS_MAX);
            Duration::from_millis(ms.unsigned_abs())
        }))
    }

    /// Withdraws an entry. Where a transaction was begun for it, it first has to be found out how that ended: it
    /// may be too late.
    ///
    /// # Errors
    /// `Unknown`, `Over`; those of the desk's own file.
    pub async fn withdraw(&self, sites: &Sites, id: ChangeId) -> Result<PendingChange, QueueError> {
        {
            let _turn = self.turn.lock().await;
            let entry = self.entry(id).await?;
            let mut progress = entry.progress.clone();
            match progress.state {
                ChangeState::Done | ChangeState::Withdrawn => return Err(QueueError::Over),
                ChangeState::Waiting { .. } if progress.attempt.is_some() => {
                    progress.is_withdrawing = true;
                    progress.due_at = self.now();
                    self.note(id, &progress).await?;
                }
                ChangeState::Waiting { .. } | ChangeState::Refused { .. } => {
                    self.end(id, progress, ChangeState::Withdrawn).await?;
                    return self.entry(id).await;
                }
            }
        }
        self.go_on(sites, id).await?;
        self.entry(id).await
    }

    /// Lets an entry go on that waits or was refused, at once.
    ///
    /// # Errors
    /// `Unknown`, `Over`; those of the desk's own file.
    pub async fn retry(&self, sites: &Sites, id: ChangeId) -> Result<PendingChange, QueueError> {
        {
            let _turn = self.turn.lock().await;
            let entry = self.entry(id).await?;
            match entry.progress.state {
                ChangeState::Done | ChangeState::Withdrawn => return Err(QueueError::Over),
                ChangeState::Waiting { .. } => {}
                ChangeState::Refused { .. } => {
                    let state = ChangeState::Waiting { waits: Waits::Turn };
                    let (tries, due_at) = (0, self.now());
                    let progress =
                        Progress { state, tries, due_at, ended_at: None, ..entry.progress };
                    self.note(id, &progress).await?;
                }
            }
        }
        if self.entry(id).await?.behind.is_none() {
            while matches!(self.go_on(sites, id).await?, Came::Apart) {}
        }
        self.entry(id).await
    }

    /// One entry.
    ///
    /// # Errors
    /// `Unknown`; those of the desk's own file.
    pub async fn entry(&self, id: ChangeId) -> Result<PendingChange, QueueError> {
        self.store.entry(id).await?.ok_or(QueueError::Unknown)
    }

    /// Entries, `skip` left out, at most [`lienthu_port::changes::CHANGES_PAGE`].
    ///
    /// # Errors
    /// Those of the desk's own file.
    pub async fn list(
        &self,
        filter: ChangeFilter,
        skip: u32,
    ) -> Result<Vec<PendingChange>, StoreError> {
        self.store.list(filter, skip).await
    }

    /// How many there are; of one import, or all.
    ///
    /// # Errors
    /// Those of the desk's own file.
    pub async fn counts(&self, import: Option<ChangeId>) -> Result<ChangeCounts, StoreError> {
        self.store.counts(import).await
    }

    async fn go_on(&self, sites: &Sites, id: ChangeId) -> Result<Came, StoreError> {
        // The queue has a pause of its own between tries.
        let sites = &sites.insisting();
        let _turn = self.turn.lock().await;
        let Some(entry) = self.store.entry(id).await? else { return Ok(Came::Over) };
        let mut progress = entry.progress.clone();
        if progress.state.is_over() {
            return Ok(Came::Over);
        }
        let changes = self.store.body(id).await?;
        let action = Arc::new(Action::Catalogue { changes: changes.clone() });
        if let Some(attempt) = progress.attempt.take() {
            match waiting::how_ended(sites, &attempt, &action).await {
                Ok(Outcome::Commit) => return self.end(id, progress, ChangeState::Done).await,
                Ok(Outcome::Abort) => {}
                Err(waits) => {
                    progress.attempt = Some(attempt);
                    return self.wait(&entry, progress, waits).await;
                }
            }
        }
        if progress.is_withdrawing {
            return self.end(id, progress, ChangeState::Withdrawn).await;
        }
        let terms = match agree_to(sites, &changes).await {
            Ok(terms) => terms,
            Err(error) => return self.wait(&entry, progress, Waits::from(error)).await,
        };
        let txn = self.ids.txn();
        progress.attempt = Some(Attempt::new(txn, &terms));
        self.note(id, &progress).await?;
        let decider = terms.decider().branch.clone();
        let driving = drive(sites, Coordinator::new(txn, terms), &action, |_, _| {}).await;
        match driving.ending {
            Ending::Decided { outcome: Outcome::Commit, .. } => {
                self.end(id, progress, ChangeState::Done).await
            }
            Ending::Decided { outcome: Outcome::Abort, .. } => {
                progress.attempt = None;
                self.aborted(sites, &entry, progress, &changes, driving).await
            }
            Ending::InDoubt => {
                self.wait(&entry, progress, Waits::InDoubt { branch: decider }).await
            }
        }
    }

    /// Nothing of it was done. What stood against it goes by itself, or somebody has to decide.
    async fn aborted(
        &self,
        sites: &Sites,
        entry: &PendingChange,
        progress: Progress,
        changes: &[CatalogueChange],
        driving: Driving,
    ) -> Result<Came, StoreError> {
        if driving.hindered.is_empty() {
            return self.wait(entry, progress, waiting::why_aborted(driving)).await;
        }
        let against = explaining::explain(sites, driving.hindered).await;
        if against.iter().all(|against| against.why.passes()) {
            return self.wait(entry, progress, Waits::Held { by: against }).await;
        }
        match &entry.import {
            None => self.end(entry.id, progress, ChangeState::Refused { against }).await,
            Some(_) => self.take_apart(entry, progress, changes, against).await,
        }
    }

    /// Of an import's part, what stands there already is done, and what does not fit is left to somebody's
    /// decision; the rest goes on.
    async fn take_apart(
        &self,
        entry: &PendingChange,
        progress: Progress,
        changes: &[CatalogueChange],
        against: Vec<Against>,
    ) -> Result<Came, StoreError> {
        let parted = importing::part(changes, against);
        let refused = (!parted.refused.is_empty()).then(|| {
            let draft = ChangeDraft {
                id: self.ids.change(),
                made_by: entry.made_by.clone(),
                made_at: entry.made_at,
                import: entry.import.clone(),
                changes: parted.refused,
            };
            (draft, parted.against)
        });
        self.note(entry.id, &Progress { due_at: self.now(), ..progress }).await?;
        self.store.split(entry.id, &parted.goes_on, refused, self.now()).await?;
        self.tell();
        Ok(if parted.goes_on.is_empty() { Came::Over } else { Came::Apart })
    }

    async fn wait(
        &self,
        entry: &PendingChange,
        progress: Progress,
        waits: Waits,
    ) -> Result<Came, StoreError> {
        let tries = progress.tries.saturating_add(1);
        let due_at = self.now().plus_ms(waiting::pause_ms(tries, entry.id));
        let state = ChangeState::Waiting { waits: waits.clone() };
        self.note(entry.id, &Progress { state, tries, due_at, ..progress }).await?;
        Ok(Came::Waits(waits))
    }

    async fn end(
        &self,
        id: ChangeId,
        progress: Progress,
        state: ChangeState,
    ) -> Result<Came, StoreError> {
        let ended_at = Some(self.now());
        let progress =
            Progress { state, attempt: None, is_withdrawing: false, ended_at, ..progress };
        self.note(id, &progress).await?;
        Ok(Came::Over)
    }

    async fn note(&self, id: ChangeId, progress: &Progress) -> Result<(), StoreError> {
        self.store.note(id, progress).await?;
        self.tell();
        Ok(())
    }

    fn tell(&self) {
        self.changed.send_modify(|n| *n = n.wrapping_add(1));
    }

    fn now(&self) -> UtcMs {
        self.clock.read().wall
    }
}
