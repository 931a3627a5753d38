//! Where something is: questions that are asked of every site, each of which answers for its own branch.

use lienthu_domain::copy::{Copy, CopyCondition};
use lienthu_domain::ids::{BranchCode, EventId, PatronCode, TitleKey, TxnId};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::Title;
use lienthu_domain::times::UtcMs;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Titles in one question at most.
pub const HOLDINGS_MAX: usize = 100;
/// Loans in one page of a patron's history at most.
pub const HISTORY_PAGE_MAX: usize = 100;

/// What a branch has of a title. `copies` is the sum of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Holding {
    /// The title.
    pub title: TitleKey,
    /// Copies that are the branch's now: not those that went to another branch.
    pub copies: u32,
    /// On the shelf.
    pub free: u32,
    /// With a patron.
    pub on_loan: u32,
    /// On their way, here or from here.
    pub in_transit: u32,
    /// Damaged, lost or withdrawn.
    pub unusable: u32,
}

/// A copy as a branch has it, or had it before it went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopyPlace {
    /// The copy. One that went on says where.
    pub copy: Copy,
    /// Its title.
    pub title: Title,
    /// Transfers that it had made when it was last here.
    pub hops: u32,
    /// A transfer that is not decided yet holds it.
    pub held_by: Option<TxnId>,
    /// It was sent here from there, and nobody has received it yet.
    pub coming_from: Option<BranchCode>,
    /// Its open loan.
    pub loan: Option<Loan>,
    /// Who has it.
    pub holder: Option<PatronCard>,
}

impl CopyPlace {
    /// Whether it is this branch's now.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.copy.condition != CopyCondition::Forwarded
    }
}

/// A patron, by the branch where their card was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
pub struct PatronOf {
    /// That branch.
    pub branch: BranchCode,
    /// Their code there.
    pub code: PatronCode,
}

/// A place in a list of loans, latest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
pub struct LoanPlace {
    /// When the book went out.
    pub borrowed_at: UtcMs,
    /// The borrow event.
    pub borrow: EventId,
}

impl LoanPlace {
    /// That of a loan.
    #[must_use]
    pub const fn of(loan: &Loan) -> Self {
        Self { borrowed_at: loan.borrowed_at, borrow: loan.borrow }
    }
}

/// What a branch knows of a patron's loans.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct PatronLoans {
    /// Their card here: their own at their home branch, visitor cards elsewhere.
    pub cards: Vec<PatronCard>,
    /// Their loans on these cards, latest first, undone ones among them; at most [`HISTORY_PAGE_MAX`].
    pub loans: Vec<PatronLoan>,
    /// There are earlier ones.
    pub more: bool,
}

/// A loan, with the name of the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronLoan {
    /// The loan.
    pub loan: Loan,
    /// The title's name.
    pub title: String,
}
