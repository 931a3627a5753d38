//! The port `Changes`: a manager's changes of what every site holds, durable at the desk from the moment they are
//! asked for until they have ended at every site. While an active site cannot be reached they wait, and are tried
//! again by themselves.
//!
//! The id of a transaction and who takes part in it are written down before the first site hears of it. Whoever
//! goes on after a crash finds out how that one ended before another is begun: nothing is done twice.

use async_trait::async_trait;
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{BranchCode, ChangeId, StaffLogin, TxnId};
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_domain::times::UtcMs;
use lienthu_protocol::terms::{MembershipVersion, Party, Terms, TermsError};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::error::{SiteError, StoreError};
use crate::message::Message;

/// Entries that may wait at most. Of the largest size that is a million titles.
pub const CHANGES_WAITING_MAX: u32 = 2_000;
/// Entries in one answer at most.
pub const CHANGES_PAGE: usize = 100;
/// Changes that a list shows of one entry.
pub const CHANGES_SHOWN_MAX: usize = 5;
/// The longest pause between two tries, in milliseconds. One that lies further ahead was written under another
/// clock, and is over.
pub const PAUSE_MS_MAX: i64 = 60_000;
/// How long an entry is kept that has ended.
pub const ENDED_KEPT_DAYS: i64 = 90;

/// A transaction that was begun for an entry, and of which it is not known how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which.
    pub txn: TxnId,
    parties: Vec<Party>,
    decider: BranchCode,
    membership: MembershipVersion,
}

impl Attempt {
    /// The transaction with this id under these terms.
    #[must_use]
    pub fn new(txn: TxnId, terms: &Terms) -> Self {
        Self {
            txn,
            parties: terms.parties().to_vec(),
            decider: terms.decider().branch.clone(),
            membership: terms.membership(),
        }
    }

    /// What was agreed.
    ///
    /// # Errors
    /// Where what was stored is none.
    pub fn terms(&self) -> Result<Terms, TermsError> {
        Terms::new(self.parties.clone(), &self.decider, self.membership)
    }
}

/// What stands against a change, with the row as it stands, so that both can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Against {
    /// At which site.
    pub branch: BranchCode,
    /// Of which row.
    pub resource: Resource,
    /// Why.
    pub why: Hindrance,
    /// The row as it stands there; nothing where there is none.
    pub stands: Option<ReplicatedRow>,
}

/// Why an entry waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Waits {
    /// Its turn has not come.
    Turn,
    /// A site cannot be asked.
    Site {
        /// Whose.
        branch: BranchCode,
        /// Why.
        error: SiteError,
    },
    /// It removes a title, and a branch is away of which nobody knows what it has.
    Away {
        /// Which.
        branch: BranchCode,
    },
    /// A site was restored from a backup and has not been told everything yet.
    Restored {
        /// Whose.
        branch: BranchCode,
    },
    /// A site has missed a change of the network.
    Membership {
        /// Whose.
        branch: BranchCode,
    },
    /// Another transaction holds what it changes.
    Held {
        /// What, and where.
        by: Vec<Against>,
    },
    /// It is not known whether it was done: the site that decides it cannot be reached.
    InDoubt {
        /// That site.
        branch: BranchCode,
    },
    /// No branch of the network is active.
    NobodyActive,
    /// Something that should not be; the log has the detail.
    Unexpected {
        /// For the log; nothing personal.
        detail: String,
    },
}

/// What has become of an entry so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ChangeState {
    /// It is not done yet, and is tried again.
    Waiting {
        /// Why.
        waits: Waits,
    },
    /// It is done at all sites, or will be as soon as they can be reached.
    Done,
    /// It cannot be done as it is; nothing of it was.
    Refused {
        /// Why, row by row.
        against: Vec<Against>,
    },
    /// It is withdrawn; nothing of it was done.
    Withdrawn,
}

impl ChangeState {
    /// Whether nothing is left to do.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting { .. })
    }

    /// The word that is stored.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Done => "done",
            Self::Refused { .. } => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What of an entry changes while it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What has become of it.
    pub state: ChangeState,
    /// A transaction of which it is not known how it ended.
    pub attempt: Option<Attempt>,
    /// Somebody wants it withdrawn, and it is not known yet whether that came too late.
    pub is_withdrawing: bool,
    /// How often it was tried in vain.
    pub tries: u32,
    /// When it is tried again, by the desk's clock.
    pub due_at: UtcMs,
    /// When it ended, by the desk's clock.
    pub ended_at: Option<UtcMs>,
}

/// An entry as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeDraft {
    /// Made by the desk.
    pub id: ChangeId,
    /// Who asks for it.
    pub made_by: StaffLogin,
    /// When, by the desk's clock.
    pub made_at: UtcMs,
    /// The import that it is a part of.
    pub import: Option<Import>,
    /// At most [`lienthu_domain::action::CHANGES_MAX`], done together or not at all.
    pub changes: Vec<CatalogueChange>,
}

/// An import, of which every part is an entry of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Import {
    /// Which.
    pub id: ChangeId,
    /// What it is called, such as the name of its file.
    pub label: String,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    /// Its id.
    pub id: ChangeId,
    /// The order in which the entries were asked for.
    pub place: i64,
    /// Who asked for it.
    pub made_by: StaffLogin,
    /// When, by the desk's clock.
    pub made_at: UtcMs,
    /// The import that it is a part of.
    pub import: Option<Import>,
    /// How many changes it has.
    pub size: u32,
    /// The first [`CHANGES_SHOWN_MAX`] of them.
    pub first: Vec<CatalogueChange>,
    /// How far it came.
    pub progress: Progress,
    /// An earlier entry waits that changes one of its rows; this one waits behind it.
    pub behind: Option<ChangeId>,
}

/// Which entries to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ChangeFilter {
    /// Those that wait, oldest first.
    Waiting,
    /// Those that somebody has to decide about, latest first.
    Refused,
    /// All that are kept, latest first.
    All,
}

/// How many entries, and changes in them, are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct ChangeCounts {
    /// Entries that wait.
    pub waiting: u32,
    /// Changes in entries that wait.
    pub changes_waiting: u32,
    /// Changes that are done.
    pub changes_done: u32,
    /// Entries that are refused.
    pub refused: u32,
    /// Changes in entries that are refused.
    pub changes_refused: u32,
    /// Changes in entries that were withdrawn.
    pub changes_withdrawn: u32,
}

/// See the module. Every call may fail with any [`StoreError`]. A call that changes something has reached the
/// disk when it returns, all of it or nothing.
#[async_trait]
pub trait Changes: Send + Sync {
    /// Writes entries down, in this order. Fails with `QueueFull` beyond [`CHANGES_WAITING_MAX`].
    async fn append(&self, drafts: Vec<ChangeDraft>) -> Result<(), StoreError>;
    /// The first entry behind that place whose time has come and that waits behind no other.
    async fn next_due(&self, now: UtcMs, after: i64) -> Result<Option<PendingChange>, StoreError>;
    /// When the next entry's time comes; nothing where none waits.
    async fn due_at(&self) -> Result<Option<UtcMs>, StoreError>;
    /// One entry.
    async fn entry(&self, id: ChangeId) -> Result<Option<PendingChange>, StoreError>;
    /// What an entry changes; nothing any more of one that is done or withdrawn.
    async fn body(&self, id: ChangeId) -> Result<Vec<CatalogueChange>, StoreError>;
    /// Notes how far an entry came. One that is over stays as it is, unless it was refused.
    async fn note(&self, id: ChangeId, progress: &Progress) -> Result<(), StoreError>;
    /// Takes an entry, of which no transaction was begun, apart: it goes on with these changes alone, or is done
    /// where there are none; and `refused` becomes an entry of its own, where there are some.
    async fn split(
        &self,
        id: ChangeId,
        goes_on: &[CatalogueChange],
        refused: Option<(ChangeDraft, Vec<Against>)>,
        now: UtcMs,
    ) -> Result<(), StoreError>;
    /// Entries, `skip` left out, at most [`CHANGES_PAGE`].
    async fn list(&self, filter: ChangeFilter, skip: u32)
    -> Result<Vec<PendingChange>, StoreError>;
    /// How many there are; of one import, or all.
    async fn counts(&self, import: Option<ChangeId>) -> Result<ChangeCounts, StoreError>;
    /// Drops entries that ended before `before`. Returns how many.
    async fn prune(&self, before: UtcMs) -> Result<u32, StoreError>;
}

impl Waits {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let named = |code: &str, vi: String, en: String| Message { code: code.to_owned(), vi, en };
        match self {
            Self::Turn => Message::new(
                "change_waits_turn",
                ("Thay đổi đang chờ đến lượt.", "The change waits for its turn."),
            ),
            Self::Site { branch, error } => {
                let why = error.message();
                named(
                    "change_waits_site",
                    format!("Đang chờ chi nhánh {branch}: {}", why.vi),
                    format!("It waits for the site of {branch}: {}", why.en),
                )
            }
            Self::Away { branch } => named(
                "change_waits_away",
                format!(
                    "Chi nhánh {branch} đang tạm vắng nên chưa xóa được. Việc xóa sẽ làm khi chi nhánh hoạt động lại."
                ),
                format!(
                    "Branch {branch} is away, so nothing is removed yet. It is done when the branch is active again."
                ),
            ),
            Self::Restored { branch } => named(
                "change_waits_restored",
                format!(
                    "Chi nhánh {branch} vừa được phục hồi từ bản sao lưu. Chạy \"site restored\" cho chi nhánh đó."
                ),
                format!(
                    "The site of {branch} was restored from a backup. Run \"site restored\" for it."
                ),
            ),
            Self::Membership { branch } => named(
                "change_waits_membership",
                format!(
                    "Chi nhánh {branch} chưa nhận thay đổi mới nhất của mạng. Chờ giao dịch đó hoàn tất."
                ),
                format!(
                    "The site of {branch} has missed a change of the network. It waits until that is finished."
                ),
            ),
            Self::Held { .. } => Message::new(
                "change_waits_held",
                (
                    "Một giao dịch khác đang giữ mục này. Thay đổi sẽ tự thử lại.",
                    "Another transaction holds it. The change is tried again by itself.",
                ),
            ),
            Self::InDoubt { branch } => named(
                "change_in_doubt",
                format!(
                    "Chưa biết thay đổi đã được ghi hay chưa: chi nhánh {branch} quyết định nó và chưa liên lạc được."
                ),
                format!(
                    "It is not known whether it was done: the site of {branch} decides it and cannot be reached."
                ),
            ),
            Self::NobodyActive => Message::new(
                "change_waits_nobody_active",
                (
                    "Không có chi nhánh nào đang hoạt động. Kích hoạt lại một chi nhánh trước.",
                    "No branch is active. Make one active first.",
                ),
            ),
            Self::Unexpected { .. } => Message::new(
                "unexpected",
                (
                    "Có lỗi ngoài dự kiến. Thay đổi sẽ tự thử lại; nếu vẫn lỗi, gửi nhật ký cho quản trị.",
                    "Something unexpected happened. It is tried again; if it stays, send the log to the administrator.",
                ),
            ),
        }
    }
}
