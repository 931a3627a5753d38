//! Copies and the state in which they are.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::coded::coded;
use crate::ids::{Barcode, BranchCode, TitleKey};

/// What has been said about a copy apart from its loans. Set by people and by transfers, never by
/// the fold; the state that everyone sees is [`CopyState::of`] this and the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CopyCondition {
    /// Nothing is wrong with it.
    Good,
    /// On its way between branches.
    InTransit,
    /// Gone to another branch; the row stays to say where.
    Forwarded,
    /// Not to be lent until mended.
    Damaged,
    /// Not found.
    Lost,
    /// Taken out of the collection.
    Withdrawn,
}

coded!(CopyCondition {
    Good = "good",
    InTransit = "in_transit",
    Forwarded = "forwarded",
    Damaged = "damaged",
    Lost = "lost",
    Withdrawn = "withdrawn",
});

/// The state of a copy, a column of its own beside TinhTrang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CopyState {
    /// On the shelf.
    Free,
    /// With a patron.
    OnLoan,
    /// See [`CopyCondition::InTransit`].
    InTransit,
    /// See [`CopyCondition::Forwarded`].
    Forwarded,
    /// See [`CopyCondition::Damaged`].
    Damaged,
    /// See [`CopyCondition::Lost`].
    Lost,
    /// See [`CopyCondition::Withdrawn`].
    Withdrawn,
}

coded!(CopyState {
    Free = "free",
    OnLoan = "on_loan",
    InTransit = "in_transit",
    Forwarded = "forwarded",
    Damaged = "damaged",
    Lost = "lost",
    Withdrawn = "withdrawn",
});

impl CopyState {
    /// The state that follows from the condition and from whether the timeline ends in an open
    /// loan. The loan wins: a book that someone carries is on loan, whatever was believed of it.
    #[must_use]
    pub const fn of(condition: CopyCondition, on_loan: bool) -> Self {
        if on_loan {
            return Self::OnLoan;
        }
        match condition {
            CopyCondition::Good => Self::Free,
            CopyCondition::InTransit => Self::InTransit,
            CopyCondition::Forwarded => Self::Forwarded,
            CopyCondition::Damaged => Self::Damaged,
            CopyCondition::Lost => Self::Lost,
            CopyCondition::Withdrawn => Self::Withdrawn,
        }
    }

    /// The value of the old column TinhTrang, which knows two: whatever cannot be lent reads
    /// `Đang được mượn`, so that old queries stay right.
    #[must_use]
    pub const fn tinh_trang(self) -> &'static str {
        match self {
            Self::Free => "Có sẵn",
            _ => "Đang được mượn",
        }
    }
}

/// A row of QUYENSACH.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Copy {
    /// `MaQuyenSach`.
    pub barcode: Barcode,
    /// `ISBN`.
    pub title: TitleKey,
    /// `MaCN`.
    pub branch: BranchCode,
    /// See [`CopyCondition`].
    pub condition: CopyCondition,
    /// See [`CopyState`].
    pub state: CopyState,
    /// Where it went, when it is forwarded.
    pub forwarded_to: Option<BranchCode>,
    /// `KyHieuXepGia`, at most 50 characters; empty where there is none.
    pub shelf_mark: String,
    /// `GiaTien`, whole đồng.
    pub price_vnd: Option<u32>,
}

/// What a librarian says about a copy when adding or changing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopyDetails {
    /// `MaQuyenSach`.
    pub barcode: Barcode,
    /// `ISBN`; must be a known title. It cannot be changed once loans name the copy.
    pub title: TitleKey,
    /// Good, damaged, lost or withdrawn; transit and forwarding belong to transfers.
    pub condition: CopyCondition,
    /// See [`Copy::shelf_mark`].
    pub shelf_mark: String,
    /// See [`Copy::price_vnd`].
    pub price_vnd: Option<u32>,
}
