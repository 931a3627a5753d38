//! Sending events and what comes back.

use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_domain::ids::{BranchCode, CorrelationId, EventId};
use lienthu_domain::loan::Loan;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::Flag;
use lienthu_domain::times::UtcMs;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::feed::Watermark;
use crate::message::Message;

/// Events in one batch at most; a batch is one round trip.
pub const BATCH_EVENTS_MAX: usize = 500;

/// How far an event may lie ahead of the site's clock, beyond its own uncertainty. A desk that was
/// never compared with the site may be further off; then the event is set aside.
pub const AHEAD_OF_SITE_MS_MAX: i64 = 24 * 60 * 60 * 1_000;

/// One event on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// Frozen.
    pub event: Event,
    /// How it is put.
    pub claim: Claim,
    /// For the logs at both ends.
    pub correlation: CorrelationId,
    /// Of a return that another branch received: which. The book is on its way home then.
    #[serde(default)]
    pub received_at: Option<BranchCode>,
}

impl Sending {
    /// Whether it is a return that another branch received: all that an agent may send.
    #[must_use]
    pub const fn is_delivery(&self) -> bool {
        self.received_at.is_some()
            && matches!((&self.event.deed, self.claim), (Deed::Return { .. }, Claim::Fact))
    }
}

/// Why a site cannot take an event at all. It stays at the desk, visible, and blocks no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SetAside {
    /// The site holds other content under this id.
    OtherContent,
    /// It is meant for another branch's site.
    OtherBranch,
    /// It lies in the future of the site's clock.
    InTheFuture,
    /// It failed alone as well, and not for want of a lock.
    Failed,
}

impl SetAside {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::OtherContent, Self::OtherBranch, Self::InTheFuture, Self::Failed];

    /// The name that is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherContent => "other_content",
            Self::OtherBranch => "other_branch",
            Self::InTheFuture => "in_the_future",
            Self::Failed => "failed",
        }
    }

    /// The reason with this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// Code and sentences.
    #[must_use]
    pub fn message(self) -> Message {
        let sentence = match self {
            Self::OtherContent => (
                "Chi nhánh đã có thao tác khác với cùng mã. Xuất thao tác này ra và báo quản trị.",
                "The site has another scan under this id. Export this one and tell the administrator.",
            ),
            Self::OtherBranch => (
                "Thao tác này dành cho chi nhánh khác. Gửi từ máy của chi nhánh đó.",
                "This scan is meant for another branch. Send it from a desk of that branch.",
            ),
            Self::InTheFuture => (
                "Thời điểm quét nằm ở tương lai. Chỉnh đồng hồ máy rồi báo quản trị.",
                "The scan lies in the future. Set this computer's clock and tell the administrator.",
            ),
            Self::Failed => (
                "Chi nhánh không ghi được thao tác này. Xuất ra và báo quản trị.",
                "The site could not record this scan. Export it and tell the administrator.",
            ),
        };
        Message::new(self.code(), sentence)
    }
}

/// What became of an event at the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// It is in the timeline, now or already before.
    Done {
        /// The loan that it is about, as the timeline has it now; nothing where there is none, or while
        /// the site does not know the copy or the patron: a loan has its row once both are known.
        loan: Option<Loan>,
        /// What is odd about it.
        flags: Vec<Flag>,
    },
    /// A request that broke rules; nothing happened.
    Refused {
        /// All of them; the first is the one to say.
        reasons: Vec<Refusal>,
    },
    /// It is withdrawn and will never take effect.
    Withdrawn,
    /// It cannot be taken.
    SetAside {
        /// Why.
        why: SetAside,
    },
}

/// The answer to one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which.
    pub id: EventId,
    /// What became of it.
    pub outcome: Outcome,
}

/// The answer to a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipts {
    /// One for each event sent, in the same order.
    pub receipts: Vec<Receipt>,
    /// The site's state that holds all of them: the desk's proof, should the site be put back.
    pub state: Watermark,
    /// The site's clock.
    pub now: UtcMs,
}
