//! A loan as its site shows it.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::coded::coded;
use crate::fold::FoldedLoan;
use crate::ids::{Barcode, BranchCode, EventId, PatronCode};
use crate::times::{LocalDate, UtcMs, ZoneOffset};

/// How a loan came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LoanEnding {
    /// The book was returned.
    Returned,
    /// The book was lent again: its return was missed.
    LentAgain,
}

coded!(LoanEnding { Returned = "returned", LentAgain = "lent_again" });

/// A row of PHIEUMUON. A loan and its borrow event are one to one; `no` is the site's own number and
/// says nothing about order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Loan {
    /// `MaPM`.
    pub no: i32,
    /// The borrow event.
    pub borrow: EventId,
    /// `MaQuyenSach`.
    pub copy: Barcode,
    /// `MaDG`.
    pub patron: PatronCode,
    /// `MaCN`.
    pub branch: BranchCode,
    /// When the book went out (NgayMuon is this in local time).
    pub borrowed_at: UtcMs,
    /// `HanTra`, promised when it was lent or renewed.
    pub due: LocalDate,
    /// `SoLanGiaHan`.
    pub renewals: u8,
    /// When the loan ended, in the order of events.
    pub ended_at: Option<UtcMs>,
    /// How it ended.
    pub ending: Option<LoanEnding>,
    /// The date that `NgayTra` shows; earlier than `ended_at` where the return was back-dated.
    pub returned_on: Option<LocalDate>,
    /// The borrow was undone: marked, never deleted.
    pub undone: bool,
}

impl Loan {
    /// Whether the book is out on this loan.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ended_at.is_none() && !self.undone
    }

    /// Whether the book should have been back before `today`.
    #[must_use]
    pub fn is_overdue(&self, today: LocalDate) -> bool {
        self.is_open() && self.due < today
    }

    /// What the fold says, as a row with the site's number.
    #[must_use]
    pub fn from_fold(
        no: i32,
        copy: Barcode,
        branch: BranchCode,
        folded: &FoldedLoan,
        zone: ZoneOffset,
    ) -> Self {
        Self {
            no,
            borrow: folded.borrow,
            copy,
            patron: folded.patron.clone(),
            branch,
            borrowed_at: folded.borrowed_at,
            due: folded.due,
            renewals: folded.renewals,
            ended_at: folded.ended.map(|e| e.at),
            ending: folded.ended.map(|e| e.how),
            returned_on: folded
                .ended
                .map(|e| folded.returned_on.unwrap_or_else(|| e.at.date_at(zone))),
            undone: folded.undone,
        }
    }
}
