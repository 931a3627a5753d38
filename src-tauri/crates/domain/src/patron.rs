//! Patrons: what the branch keeps of them, and the little that a desk needs to lend alone.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::ids::{BranchCode, PatronCategory, PatronCode};
use crate::times::LocalDate;

/// A row of DOCGIA, whole. Personal data: it leaves the site only for people with the right, and no
/// field of it is ever logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Patron {
    /// What the desk needs too.
    #[serde(flatten)]
    pub card: PatronCard,
    /// `NgaySinh`.
    pub birth_date: Option<LocalDate>,
    /// `DienThoai`, at most 20 characters; empty where there is none.
    pub phone: String,
    /// `Email`, at most 255 characters; empty where there is none.
    pub email: String,
    /// `TienDatCoc`, whole đồng.
    pub deposit_vnd: u32,
    /// `GhiChu`, at most 1,000 characters.
    pub note: String,
}

/// The part of a patron that a desk keeps in its cache to lend while its site cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronCard {
    /// `MaDG`.
    pub code: PatronCode,
    /// `HoTen`, at most 255 characters.
    pub name: String,
    /// `MaCN_DangKy`: the branch where the card was made.
    pub branch: BranchCode,
    /// `LoaiDocGia`.
    pub category: PatronCategory,
    /// `HanThe`: the last day on which the card is good; for good where there is none.
    pub card_expires: Option<LocalDate>,
    /// `BiKhoa` with its reason; free to borrow where there is none. At most 255 characters.
    pub block: Option<String>,
    /// Of a visitor card: the patron's home branch.
    pub home_branch: Option<BranchCode>,
    /// Of a visitor card: the patron's code there.
    pub home_code: Option<PatronCode>,
}
