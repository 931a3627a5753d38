//! A desk operation is an event.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::coded::coded;
use crate::ids::{Barcode, BranchCode, DeskId, EventId, PatronCode, StaffLogin};
use crate::review::{FlagKind, Settlement};
use crate::times::{LocalDate, UtcMs};

/// What happened to a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Deed {
    /// A patron took the copy. The due date is promised here, so that the fold reads no policy.
    Borrow {
        /// Who took it.
        patron: PatronCode,
        /// When it is to be back.
        due: LocalDate,
    },
    /// The copy came back.
    Return {
        /// The date to show, when it lay in the book drop since then; never changes the order.
        returned_on: Option<LocalDate>,
    },
    /// The loan that `borrow` opened is to be back later.
    Renew {
        /// The borrow event of the loan.
        borrow: EventId,
        /// The new due date.
        due: LocalDate,
    },
    /// The target, a borrow, return or renewal of this copy, never happened.
    Undo {
        /// The event that is taken back.
        target: EventId,
    },
    /// Someone looked at an odd thing and said what it was.
    Settle {
        /// The event that the review item is about.
        target: EventId,
        /// Which oddity of that event.
        flag: FlagKind,
        /// What was decided.
        settlement: Settlement,
    },
}

impl Deed {
    /// A short name for logs and exports; nothing personal in it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Borrow { .. } => "borrow",
            Self::Return { .. } => "return",
            Self::Renew { .. } => "renew",
            Self::Undo { .. } => "undo",
            Self::Settle { .. } => "settle",
        }
    }
}

/// One event. This is the content that its id stands for: the same id with any other content is
/// refused. It is frozen before it is first sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Event {
    /// Made by the desk.
    pub id: EventId,
    /// The desk that made it.
    pub desk: DeskId,
    /// Its place in that desk's own sequence, from 1.
    pub seq: u32,
    /// The branch whose site it is meant for.
    pub site: BranchCode,
    /// Who scanned, as the desk claims; the site notes beside it whose login sent it.
    pub scanned_by: StaffLogin,
    /// When it happened, corrected to the site's clock.
    pub at: UtcMs,
    /// How far `at` may be off, either way.
    pub uncertainty_ms: u32,
    /// The librarian saw the rule and lent all the same.
    pub overridden: bool,
    /// The copy.
    pub copy: Barcode,
    /// What happened to it.
    pub deed: Deed,
}

impl Event {
    /// The place in the order of a copy's timeline: corrected time, then desk, then sequence. The id
    /// comes last so that the order is total even for a disk that was restored.
    #[must_use]
    pub const fn order(&self) -> (UtcMs, DeskId, u32, EventId) {
        (self.at, self.desk, self.seq, self.id)
    }
}

/// How an event is put to the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// May it? The site refuses what breaks a rule, and then nothing happens.
    Request,
    /// It happened. The site accepts it and flags what is odd; it overrides a stored refusal.
    Fact,
    /// It is not to have happened, whatever the site made of an earlier request with this id.
    Withdrawal,
}

coded!(Claim { Request = "request", Fact = "fact", Withdrawal = "withdrawal" });
