//! What every site holds, and the changes of it that wait, as screens and the command line show them.

use std::sync::Weak;
use std::time::Duration;

use lienthu_across::queue::QueueError;
use lienthu_desk::error::DeskError;
use lienthu_domain::action::{ActionError, CatalogueChange, Resource};
use lienthu_domain::ids::{BranchCode, ChangeId, StaffLogin};
use lienthu_domain::replicated::{Branch, ClosedDay, LoanPolicy, ReplicatedRow, Title};
use lienthu_domain::rights::Right;
use lienthu_domain::times::UtcMs;
use lienthu_port::changes::{Against, ChangeCounts, ChangeState, Import, PendingChange, Waits};
use lienthu_port::error::{SiteError, StoreError};
use lienthu_port::message::Message;
use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

use crate::app::App;
use crate::import::ImportError;

/// While nothing waits, or nobody is signed in who may change anything, the queue is looked at so often.
const IDLE_MS: u64 = 15_000;
/// The shortest pause between two looks.
const PAUSE_MS_MIN: u64 = 250;

/// How far a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PendingState {
    /// It is tried again by itself.
    Waiting,
    /// It is done.
    Done,
    /// Somebody has to decide: nothing of it was done.
    Refused,
    /// It is withdrawn: nothing of it was done.
    Withdrawn,
}

/// What stands against a change, with the row as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AgainstView {
    /// At which site.
    pub branch: BranchCode,
    /// Of which row.
    pub resource: Resource,
    /// Why.
    pub message: Message,
    /// The row as it stands there; nothing where there is none.
    pub stands: Option<ReplicatedRow>,
}

impl From<&Against> for AgainstView {
    fn from(against: &Against) -> Self {
        Self {
            branch: against.branch.clone(),
            resource: against.resource.clone(),
            message: against.why.into(),
            stands: against.stands.clone(),
        }
    }
}

/// A change of what every site holds, in the manager's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PendingView {
    /// Its id.
    pub id: ChangeId,
    /// Who asked for it.
    pub made_by: StaffLogin,
    /// When, by the desk's clock.
    pub made_at: UtcMs,
    /// The import that it is a part of.
    pub import: Option<Import>,
    /// How many rows it changes.
    pub size: u32,
    /// The first of them.
    pub first: Vec<CatalogueChange>,
    /// How far it came.
    pub state: PendingState,
    /// Why it waits, or does not happen.
    pub message: Option<Message>,
    /// What stands against it, row by row, with the rows as they stand.
    pub against: Vec<AgainstView>,
    /// An earlier change of one of its rows, which it waits behind.
    pub behind: Option<ChangeId>,
    /// It is to be withdrawn, as soon as it is known whether that came too late.
    pub is_withdrawing: bool,
    /// How often it was tried in vain.
    pub tries: u32,
    /// When it is tried again, by the desk's clock.
    pub retry_at: Option<UtcMs>,
    /// When it ended, by the desk's clock.
    pub ended_at: Option<UtcMs>,
}

impl From<PendingChange> for PendingView {
    fn from(change: PendingChange) -> Self {
        let progress = change.progress;
        let (state, message, against) = match &progress.state {
            ChangeState::Waiting { waits } => {
                let against: &[Against] = match waits {
                    Waits::Held { by } => by,
                    _ => &[],
                };
                (PendingState::Waiting, Some(waits.message()), against)
            }
            ChangeState::Done => (PendingState::Done, None, &[][..]),
            ChangeState::Refused { against } => {
                let why = against.first().map(|against| against.why.into());
                (PendingState::Refused, why, &against[..])
            }
            ChangeState::Withdrawn => (PendingState::Withdrawn, None, &[][..]),
        };
        Self {
            against: against.iter().map(AgainstView::from).collect(),
            state,
            message,
            id: change.id,
            made_by: change.made_by,
            made_at: change.made_at,
            import: change.import,
            size: change.size,
            first: change.first,
            behind: change.behind,
            is_withdrawing: progress.is_withdrawing,
            tries: progress.tries,
            retry_at: (state == PendingState::Waiting).then_some(progress.due_at),
            ended_at: progress.ended_at,
        }
    }
}

/// A page of the manager's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PendingPage {
    /// The changes.
    pub changes: Vec<PendingView>,
    /// How many there are, on all pages.
    pub counts: ChangeCounts,
}

/// All branches, as they stand at an active site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BranchesView {
    /// Whose site was asked.
    pub at: BranchCode,
    /// The branches, by code.
    pub branches: Vec<Branch>,
}

/// All loan policies, as far as this desk knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PoliciesView {
    /// By branch, then by category.
    pub policies: Vec<LoanPolicy>,
}

/// Closed days, as far as this desk knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ClosedDaysView {
    /// By date.
    pub days: Vec<ClosedDay>,
}

/// A title that the catalogue has otherwise than the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DifferingView {
    /// As it stands.
    pub stands: Title,
    /// As the file has it.
    pub becomes: Title,
}

/// What came of an import, which goes on in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ImportView {
    /// The import, where something of it is to be done.
    pub import: Option<Import>,
    /// Titles in the file that can be used.
    pub titles: u32,
    /// Records of the file that cannot.
    pub unusable: u32,
    /// The first of them, and why.
    pub examples: Vec<UnusableView>,
    /// Titles that the catalogue does not have.
    pub new: u32,
    /// Titles that it has just so.
    pub same: u32,
    /// How many it has otherwise.
    pub differing: u32,
    /// The first of those.
    pub differing_titles: Vec<DifferingView>,
    /// How many of them are replaced.
    pub replaced: u32,
    /// How far the import came in the queue.
    pub counts: ChangeCounts,
}

/// A record of a file that cannot become a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UnusableView {
    /// Its place in the file, from 1.
    pub record: u32,
    /// Why.
    pub message: Message,
}

/// What is done about titles that the catalogue has otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OnDifference {
    /// They stay as they are, and are listed.
    #[default]
    Keep,
    /// They become what the file says.
    Replace,
}

/// Why something about the catalogue does not happen.
#[derive(Debug, Error)]
pub enum CatalogueTrouble {
    /// The desk, or whoever is signed in at it.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A file of titles.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl From<StoreError> for CatalogueTrouble {
    fn from(error: StoreError) -> Self {
        Self::Desk(error.into())
    }
}

impl From<SiteError> for CatalogueTrouble {
    fn from(error: SiteError) -> Self {
        Self::Desk(error.into())
    }
}

impl From<CatalogueTrouble> for Message {
    fn from(trouble: CatalogueTrouble) -> Self {
        match trouble {
            CatalogueTrouble::Desk(error) => error.message(),
            CatalogueTrouble::Import(error) => error.message(),
            CatalogueTrouble::Queue(error) => match error {
                QueueError::Store(error) => error.message(),
                QueueError::FieldWrong => DeskError::FieldWrong.message(),
                QueueError::Unknown => Self::new(
                    "change_unknown",
                    (
                        "Máy này không giữ thay đổi nào mang mã đó. Xem lại danh sách thay đổi.",
                        "This desk keeps no such change. Look at the list of changes.",
                    ),
                ),
                QueueError::Over => Self::new(
                    "change_over",
                    (
                        "Thay đổi đã kết thúc nên không làm gì được nữa. Muốn sửa tiếp thì tạo thay đổi mới.",
                        "The change has ended. To go on, make another one.",
                    ),
                ),
                QueueError::Action(ActionError::Empty) => Self::new(
                    "nothing_to_change",
                    ("Không có gì để thay đổi.", "There is nothing to change."),
                ),
                QueueError::Action(error) => Self {
                    code: "change_wrong".to_owned(),
                    vi: "Thay đổi không hợp lệ: quá nhiều mục, mục lặp lại hoặc đổi khóa. Sửa lại."
                        .to_owned(),
                    en: format!("The change is none: {error}. Correct it."),
                },
            },
        }
    }
}

/// Lets the queue go on by itself while somebody is signed in who may change what every site holds, until the app
/// is gone.
pub async fn tend(app: Weak<App>) {
    loop {
        let Some(strong) = app.upgrade() else { return };
        let pause = turn(&strong).await;
        let mut changed = strong.changes().changes();
        drop(strong);
        // A change that is asked for meanwhile may be due before that.
        drop(tokio::time::timeout(pause, changed.changed()).await);
    }
}

async fn turn(app: &App) -> Duration {
    let idle = Duration::from_millis(IDLE_MS);
    let Ok(permit) = app.desk().permit(Right::Decide) else { return idle };
    let Ok(sites) = app.manager_sites(&permit) else { return idle };
    if let Err(error) = app.changes().run_due(&sites).await {
        tracing::warn!(%error, "the queue of changes");
        return idle;
    }
    match app.changes().pause().await {
        Ok(Some(pause)) => pause.clamp(Duration::from_millis(PAUSE_MS_MIN), idle),
        _ => idle,
    }
}
