//! Roles and rights: DESIGN's table, once. The site refuses by it; the app asks it first, for kindness.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What a login is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// THUTHU: works at the desk of one branch.
    Librarian,
    /// QUANLY: asks and decides for all branches.
    Manager,
    /// What every desk of the network may do at every site without judgement.
    Agent,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Librarian, Self::Manager, Self::Agent];

    /// The name that is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Librarian => "librarian",
            Self::Manager => "manager",
            Self::Agent => "agent",
        }
    }

    /// The role with this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }

    /// Whether this role carries that right at a site.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::Circulate
            | Right::KeepPatrons
            | Right::KeepCopies
            | Right::SettleReview
            | Right::Receive => matches!(self, Self::Librarian),
            Right::Decide | Right::Audit => matches!(self, Self::Manager),
            Right::Deliver | Right::LookUpVisitor => matches!(self, Self::Agent),
            Right::Recover => matches!(self, Self::Manager | Self::Agent),
            Right::LookUpBranch | Right::ReadFigures => {
                matches!(self, Self::Librarian | Self::Manager)
            }
            Right::LookUpNetwork => matches!(self, Self::Manager),
            Right::Follow => matches!(self, Self::Librarian | Self::Manager),
            Right::CountFree => true,
        }
    }
}

/// What one may ask of a site.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Lend, take back, renew, undo: send events.
    Circulate,
    /// Settle review items: send settlements.
    SettleReview,
    /// Add and change patrons of the branch.
    KeepPatrons,
    /// Add and change copies of the branch.
    KeepCopies,
    /// Look up the branch's patrons, copies, loans and review items.
    LookUpBranch,
    /// Look up patrons and their loans in the whole network.
    LookUpNetwork,
    /// Read the branch's figures.
    ReadFigures,
    /// Follow the branch's changes into a cache, and take the agent's logins with them.
    Follow,
    /// See how many copies of a title are free.
    CountFree,
    /// Receive copies that other branches sent.
    Receive,
    /// Begin transactions over several sites, and choose what becomes of them.
    Decide,
    /// Finish transactions over several sites as they were decided.
    Recover,
    /// Compare what the sites hold, and bring a site to what the others have.
    Audit,
    /// Deliver returns that another branch received.
    Deliver,
    /// Look up one visitor by their exact card.
    LookUpVisitor,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Circulate,
        Self::SettleReview,
        Self::KeepPatrons,
        Self::KeepCopies,
        Self::LookUpBranch,
        Self::LookUpNetwork,
        Self::ReadFigures,
        Self::Follow,
        Self::CountFree,
        Self::Receive,
        Self::Decide,
        Self::Recover,
        Self::Audit,
        Self::Deliver,
        Self::LookUpVisitor,
    ];

    /// What the right allows, in Vietnamese and English, to end the sentence "you may not …".
    #[must_use]
    pub const fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::Circulate => ("cho mượn, nhận trả và gia hạn", "lend, take back and renew"),
            Self::SettleReview => ("xử lý mục cần xem lại", "settle review items"),
            Self::KeepPatrons => ("thêm và sửa độc giả", "add and change patrons"),
            Self::KeepCopies => ("thêm và sửa quyển sách", "add and change copies"),
            Self::LookUpBranch => ("tra cứu của chi nhánh", "look things up at the branch"),
            Self::LookUpNetwork => {
                ("tra cứu độc giả của toàn mạng lưới", "look up patrons in the whole network")
            }
            Self::ReadFigures => ("xem số liệu thống kê", "read the figures"),
            Self::Follow => ("tải dữ liệu chi nhánh về máy", "copy the branch's data to this desk"),
            Self::CountFree => ("xem số quyển còn rảnh", "see how many copies are free"),
            Self::Receive => ("nhận sách chuyển đến", "receive copies sent here"),
            Self::Decide => (
                "chuyển sách, sửa danh mục và quyết định giao dịch",
                "transfer copies, change the catalogue and decide transactions",
            ),
            Self::Recover => ("hoàn tất giao dịch dở dang", "finish transactions left behind"),
            Self::Audit => (
                "đối chiếu và sửa dữ liệu giữa các chi nhánh",
                "compare what the sites hold and repair it",
            ),
            Self::Deliver => (
                "báo trả sách nhận ở chi nhánh khác",
                "deliver returns that another branch received",
            ),
            Self::LookUpVisitor => ("tra thẻ của khách", "look up a visitor's card"),
        }
    }
}
