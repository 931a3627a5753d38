//! Questions to one site about its own branch.

use lienthu_domain::copy::{Copy, CopyDetails};
use lienthu_domain::ids::PatronCategory;
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::replicated::Title;
use lienthu_domain::times::LocalDate;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Loans of one copy or one patron in one answer at most, latest first.
pub const LOANS_MAX: usize = 500;
/// Patrons in one answer at most.
pub const PATRONS_FOUND_MAX: usize = 50;
/// Review items in one answer at most.
pub const REVIEW_ITEMS_MAX: usize = 200;
/// Copies added at once at most.
pub const COPIES_ADDED_MAX: usize = 1_000;

/// A copy with its story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopyFile {
    /// The copy.
    pub copy: Copy,
    /// Its title.
    pub title: Title,
    /// Who has it, when it is on loan and the patron is known.
    pub holder: Option<PatronCard>,
    /// Its loans, latest first, undone ones among them; at most [`LOANS_MAX`].
    pub loans: Vec<Loan>,
}

/// A patron with their loans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronFile {
    /// The patron.
    pub patron: Patron,
    /// Their loans, latest first; at most [`LOANS_MAX`].
    pub loans: Vec<Loan>,
}

/// What another branch may know of a patron who shows their card there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct VisitorCard {
    /// `HoTen`.
    pub name: String,
    /// `LoaiDocGia`.
    pub category: PatronCategory,
    /// `HanThe`: the last day on which the card is good.
    pub card_expires: Option<LocalDate>,
    /// `BiKhoa`: why they may not borrow.
    pub block: Option<String>,
}

/// A change to a patron: written only while the site still has what the caller saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronChange {
    /// What it is to be.
    pub patron: Patron,
    /// What the caller saw; nothing to add a new one.
    pub seen: Option<Patron>,
}

/// A change to a copy: written only while the site still has what the caller saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopyChange {
    /// What it is to be.
    pub details: CopyDetails,
    /// What the caller saw.
    pub seen: CopyDetails,
}

/// The part of a copy that people keep.
#[must_use]
pub fn details_of(copy: &Copy) -> CopyDetails {
    CopyDetails {
        barcode: copy.barcode.clone(),
        title: copy.title.clone(),
        condition: copy.condition,
        shelf_mark: copy.shelf_mark.clone(),
        price_vnd: copy.price_vnd,
    }
}
