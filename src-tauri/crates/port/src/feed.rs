//! The delta feed: how a cache follows its site by difference.
//!
//! Each site has one counter. A procedure that writes takes the next number first, so numbers follow
//! the order of commits. Every row written carries the number of its last change; every number has a
//! random token, by which a site that was put back to an older state gives itself away.
//!
//! A pull asks in bounded pages for the rows changed after a watermark, in the order (number, kind,
//! key). A row that changes while pages are fetched moves behind the position and comes again with
//! its new value. The page that reaches the site's number *within one snapshot* carries the new
//! watermark; a cache stages what comes before and shows everything at once when it arrives. So it
//! never shows a state that the site was not in.

use lienthu_domain::copy::Copy;
use lienthu_domain::ids::FeedToken;
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::{Branch, ClosedDay, LoanPolicy, Title};
use lienthu_domain::times::UtcMs;
use serde::{Deserialize, Serialize};

/// Rows in one page at most.
pub const FEED_PAGE_ROWS_MAX: usize = 2_000;

/// A number of a site's counter with its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The number.
    pub number: i64,
    /// What the site drew for it.
    pub token: FeedToken,
}

/// What kind of row a change is about. The codes are stored at sites and in caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// CHINHANH, by code.
    Branch,
    /// SACH, by key.
    Title,
    /// Loan policy, by `branch|category`, each empty for all.
    Policy,
    /// Closed day, by `branch|date`, the branch empty for all.
    ClosedDay,
    /// DOCGIA, by code.
    Patron,
    /// QUYENSACH, by barcode.
    Copy,
    /// PHIEUMUON, open ones only, by borrow event; a loan that ends is removed from the feed.
    OpenLoan,
}

impl RowKind {
    /// All of them in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Branch,
        Self::Title,
        Self::Policy,
        Self::ClosedDay,
        Self::Patron,
        Self::Copy,
        Self::OpenLoan,
    ];

    /// The number that is stored.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Branch => 1,
            Self::Title => 2,
            Self::Policy => 3,
            Self::ClosedDay => 4,
            Self::Patron => 5,
            Self::Copy => 6,
            Self::OpenLoan => 7,
        }
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", content = "value", rename_all = "snake_case")]
pub enum FeedRow {
    /// A branch as it is now.
    Branch(Branch),
    /// A title as it is now.
    Title(Title),
    /// A policy as it is now.
    Policy(LoanPolicy),
    /// A closed day as it is now.
    ClosedDay(ClosedDay),
    /// A patron as it is now, as far as desks may keep it.
    Patron(PatronCard),
    /// A copy as it is now.
    Copy(Copy),
    /// An open loan as it is now.
    OpenLoan(Loan),
    /// A tombstone: the row is removed, or, of a loan, not open any more.
    Removed {
        /// Of this kind.
        kind: RowKind,
        /// See [`RowKind`].
        key: String,
    },
}

impl FeedRow {
    /// The row's kind and key.
    #[must_use]
    pub fn key(&self) -> (RowKind, String) {
        match self {
            Self::Branch(b) => (RowKind::Branch, b.code.to_string()),
            Self::Title(t) => (RowKind::Title, t.key.to_string()),
            Self::Policy(p) => (RowKind::Policy, policy_key(p)),
            Self::ClosedDay(c) => (RowKind::ClosedDay, closed_day_key(c)),
            Self::Patron(p) => (RowKind::Patron, p.code.to_string()),
            Self::Copy(c) => (RowKind::Copy, c.barcode.to_string()),
            Self::OpenLoan(l) => (RowKind::OpenLoan, l.borrow.to_string()),
            Self::Removed { kind, key } => (*kind, key.clone()),
        }
    }
}

/// The key of a loan policy in the feed.
#[must_use]
pub fn policy_key(policy: &LoanPolicy) -> String {
    let branch = policy.branch.as_ref().map_or("", |b| b.as_str());
    let category = policy.category.as_ref().map_or("", |c| c.as_str());
    format!("{branch}|{category}")
}

/// The key of a closed day in the feed.
#[must_use]
pub fn closed_day_key(closed: &ClosedDay) -> String {
    let branch = closed.branch.as_ref().map_or("", |b| b.as_str());
    format!("{branch}|{}", closed.date)
}

/// How far the pages of one pull have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPosition {
    /// The number of the last row taken.
    pub number: i64,
    /// Its kind.
    pub kind: RowKind,
    /// Its key.
    pub key: String,
    /// The state that the site was in when the page was read. A site that was put back to an older one may
    /// have rows before the position that the page could not hold: they had moved behind it.
    pub read_in: Watermark,
}

/// Where a pull begins or goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PullFrom {
    /// What the cache shows; nothing to fill it anew.
    pub watermark: Option<Watermark>,
    /// The last page's position, when a pull goes on.
    pub position: Option<FeedPosition>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedPage {
    /// At most [`FEED_PAGE_ROWS_MAX`], in the order (number, kind, key).
    pub rows: Vec<FeedRow>,
    /// Where to go on; nothing when the page is the last.
    pub next: Option<FeedPosition>,
    /// Of the last page: the state that everything staged and this page together amount to.
    pub complete: Option<Watermark>,
    /// The site's clock when the page was read.
    pub read_at: UtcMs,
}

/// Why a cache has to be filled anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefillReason {
    /// The token does not belong to the number: the site was put back to an older state.
    Restored,
    /// The site no longer keeps tombstones that old.
    BelowFloor,
}

/// What a pull brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Pulled {
    /// The next page.
    Page(FeedPage),
    /// Start over from nothing.
    Refill(RefillReason),
}
