//! The rows that every site holds whole: branches, titles, loan policy, closed days.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::coded::coded;
use crate::ids::{BranchCode, PatronCategory, TitleKey};
use crate::text::clean;
use crate::times::LocalDate;

/// Characters of the longest name, address, author, publisher or note.
pub const NAME_CHARS_MAX: usize = 255;
/// Characters of the longest Dewey class.
pub const DDC_CHARS_MAX: usize = 50;
/// Characters of the longest code of a language.
pub const LANGUAGE_CHARS_MAX: usize = 10;

/// As a column of SQL Server counts.
fn fits(text: &str, chars_max: usize) -> bool {
    text.encode_utf16().count() <= chars_max
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && fits(text, NAME_CHARS_MAX)
}

fn cleaned(text: &str) -> String {
    clean(text, usize::MAX)
}

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

impl Branch {
    /// Whether it has a name, and every text has room in its column.
    #[must_use]
    pub fn can_be_stored(&self) -> bool {
        is_name(&self.name) && fits(&self.address, NAME_CHARS_MAX)
    }

    /// With its texts as they are stored.
    #[must_use]
    pub fn cleaned(self) -> Self {
        Self { name: cleaned(&self.name), address: cleaned(&self.address), ..self }
    }
}

impl Title {
    /// Whether it has a name, and every text has room in its column.
    #[must_use]
    pub fn can_be_stored(&self) -> bool {
        is_name(&self.name)
            && fits(&self.author, NAME_CHARS_MAX)
            && fits(&self.publisher, NAME_CHARS_MAX)
            && fits(&self.ddc, DDC_CHARS_MAX)
            && fits(&self.language, LANGUAGE_CHARS_MAX)
    }

    /// With its texts as they are stored.
    #[must_use]
    pub fn cleaned(self) -> Self {
        Self {
            name: cleaned(&self.name),
            author: cleaned(&self.author),
            publisher: cleaned(&self.publisher),
            ddc: cleaned(&self.ddc),
            language: cleaned(&self.language),
            ..self
        }
    }
}

impl ClosedDay {
    /// Whether its note has room in its column.
    #[must_use]
    pub fn can_be_stored(&self) -> bool {
        fits(&self.note, NAME_CHARS_MAX)
    }

    /// With its note as it is stored.
    #[must_use]
    pub fn cleaned(self) -> Self {
        Self { note: cleaned(&self.note), ..self }
    }
}

/// Any of these rows, as somebody has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "row", rename_all = "snake_case")]
pub enum ReplicatedRow {
    /// A branch.
    Branch(Branch),
    /// A title that is in the catalogue.
    Title(Title),
    /// A loan policy.
    Policy(LoanPolicy),
    /// A closed day.
    ClosedDay(ClosedDay),
}

impl ReplicatedRow {
    /// Whether every text has room in its column, and no name is empty.
    #[must_use]
    pub fn can_be_stored(&self) -> bool {
        match self {
            Self::Branch(row) => row.can_be_stored(),
            Self::Title(row) => row.can_be_stored(),
            Self::Policy(_) => true,
            Self::ClosedDay(row) => row.can_be_stored(),
        }
    }

    /// With its texts as they are stored.
    #[must_use]
    pub fn cleaned(self) -> Self {
        match self {
            Self::Branch(row) => Self::Branch(row.cleaned()),
            Self::Title(row) => Self::Title(row.cleaned()),
            Self::Policy(row) => Self::Policy(row),
            Self::ClosedDay(row) => Self::ClosedDay(row.cleaned()),
        }
    }
}
