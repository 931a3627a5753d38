//! The rows that every site holds whole: branches, titles, loan policy, closed days.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::coded::coded;
use crate::ids::{BranchCode, PatronCategory, TitleKey};
use crate::times::LocalDate;

/// Whether a branch takes part in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BranchStanding {
    /// Takes part in everything.
    Active,
    /// Set aside by a manager: additions and changes go on without it.
    Away,
    /// No longer lends.
    Closed,
}

coded!(BranchStanding { Active = "active", Away = "away", Closed = "closed" });

/// A row of CHINHANH.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Branch {
    /// `MaCN`.
    pub code: BranchCode,
    /// `TenCN`, at most 255 characters.
    pub name: String,
    /// `DiaChi`, at most 255 characters.
    pub address: String,
    /// Membership.
    pub standing: BranchStanding,
}

/// A row of SACH.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Title {
    /// `ISBN`.
    pub key: TitleKey,
    /// `TenSach`, at most 255 characters.
    pub name: String,
    /// `TacGia`, at most 255 characters; empty where there is none.
    pub author: String,
    /// `NhaXuatBan`; empty where unknown.
    pub publisher: String,
    /// `NamXuatBan`.
    pub year: Option<i16>,
    /// `PhanLoaiDDC`, the Dewey class; empty where unknown.
    pub ddc: String,
    /// `NgonNgu`, ISO 639-2; empty where unknown.
    pub language: String,
}

/// How long and how much a category of patrons may borrow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LoanPolicy {
    /// The branch that this holds for; all branches where none is named.
    pub branch: Option<BranchCode>,
    /// The category; every category that has no row of its own where none is named.
    pub category: Option<PatronCategory>,
    /// Days from the day of borrowing to the due date.
    pub loan_days: u16,
    /// Books on loan at one time.
    pub loans_max: u16,
    /// Renewals of one loan.
    pub renewals_max: u8,
    /// Days from the day of renewing to the new due date.
    pub renewal_days: u16,
    /// Whether a librarian may override what [`crate::refusal::Refusal::can_be_overridden`].
    pub may_override: bool,
}

/// A day on which a branch is closed; a due date that falls on it moves to the next open day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ClosedDay {
    /// The branch; all branches where none is named.
    pub branch: Option<BranchCode>,
    /// The day.
    pub date: LocalDate,
    /// Why, such as `Quốc khánh`.
    pub note: String,
}
