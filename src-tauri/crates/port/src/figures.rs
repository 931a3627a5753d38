//! Figures of a branch: what a site adds up itself, so that no rows travel.

use lienthu_domain::ids::TitleKey;
use lienthu_domain::times::LocalDate;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Titles in one answer about how often they were lent at most.
pub const LENT_TITLES_MAX: usize = 1_000;

/// What a branch adds up, by its own calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SiteFigures {
    /// The day on which it was added up.
    pub today: LocalDate,
    /// Books that are out.
    pub on_loan: u32,
    /// Those of them that should have been back before today.
    pub overdue: u32,
    /// Patrons of the branch; visitors have their own count.
    pub patrons: u32,
    /// Visitor cards.
    pub visitors: u32,
    /// Steps of the period in which something happened, in order.
    pub steps: Vec<StepFigures>,
    /// The collection by the first digit of its Dewey classes, and what has none, in order.
    pub classes: Vec<ClassFigures>,
}

/// What happened in one step of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StepFigures {
    /// Its first day, which may come before the period.
    pub from: LocalDate,
    /// Books lent; not what was undone.
    pub loans: u32,
    /// Books that came back, by the date that their loans show.
    pub returns: u32,
    /// Patrons who got a card; not visitors, and not those who were there before the site was founded.
    pub new_patrons: u32,
}

/// One hundred of the Dewey classes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ClassFigures {
    /// Its first digit; nothing for titles without a class.
    pub class: Option<u8>,
    /// Titles of which the branch has a copy.
    pub titles: u32,
    /// Copies.
    pub copies: u32,
    /// Those of them that are on the shelf.
    pub free: u32,
    /// Those of them that are out.
    pub on_loan: u32,
    /// Loans in the period.
    pub loans: u32,
}

/// How often a title was lent in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TitleLoans {
    /// The title.
    pub title: TitleKey,
    /// How often.
    pub loans: u32,
}

/// Which of a branch's titles are asked for, of those lent in a period; see
/// [`crate::site::Site::most_lent`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MostLent {
    /// Lent at least so often; at least once.
    pub at_least: u32,
    /// Behind this one, in the order of the answer.
    pub after: Option<TitleLoans>,
    /// So many at most; never more than [`LENT_TITLES_MAX`].
    pub limit: u32,
}
