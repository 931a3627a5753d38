//! Questions to all sites at once as they are typed.

use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use lienthu_across::federation::most_lent::BEST_MAX;
use lienthu_domain::ids::{Barcode, TitleKey};
use lienthu_domain::period::Step;
use lienthu_domain::times::LocalDate;
use lienthu_port::whereabouts::LoanPlace;

/// Where things are, in the whole network.
#[derive(Debug, Subcommand)]
pub enum WhereCommand {
    /// How many copies of a title each branch has, and how many are free
    Title {
        /// The title's ISBN or local key
        key: TitleKey,
    },
    /// Where a copy is, and who has it
    Copy {
        /// The barcode
        barcode: Barcode,
    },
    /// Patrons of every branch by beginnings of the words of their name, or of their code or phone
    Patron {
        /// The words; tones and case do not matter
        #[arg(required = true, value_name = "TEXT")]
        words: Vec<String>,
    },
    /// Which sites are there, and which are not asked for a while because they did not answer
    Sites,
}

/// Figures: a manager's are those of every branch, a librarian's those of their own.
#[derive(Debug, Subcommand)]
pub enum StatsCommand {
    /// Books out and overdue; loans, returns and new cards; the collection and its use
    Figures {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        days: Days,
        /// How long the steps are
        #[arg(long, value_enum, default_value = "day")]
        by: By,
    },
    /// The titles lent most often, at all branches together
    Titles {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        days: Days,
        /// So many
        #[arg(long, value_name = "COUNT", default_value_t = 20,
              value_parser = clap::value_parser!(u32).range(1..=BEST_MAX as i64))]
        best: u32,
    },
}

/// A stretch of days.
#[derive(Debug, Args)]
pub struct Days {
    /// The first day [default: thirty days in all]
    #[arg(long, value_name = "DATE")]
    pub from: Option<LocalDate>,
    /// The last day [default: today]
    #[arg(long, value_name = "DATE")]
    pub to: Option<LocalDate>,
}

impl Days {
    /// The first and the last day.
    #[must_use]
    pub fn ends(&self, today: LocalDate) -> (LocalDate, LocalDate) {
        let to = self.to.unwrap_or(today);
        (self.from.unwrap_or_else(|| to.plus_days(-29)), to)
    }
}

/// [`Step`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Day by day
    Day,
    /// From Monday to Sunday
    Week,
    /// By months of the calendar
    Month,
}

impl From<By> for Step {
    fn from(by: By) -> Self {
        match by {
            By::Day => Self::Day,
            By::Week => Self::Week,
            By::Month => Self::Month,
        }
    }
}

/// A place in a patron's history, as the page before it says it.
#[derive(Debug, Clone, Copy)]
pub struct Behind(pub LoanPlace);

impl FromStr for Behind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (at, borrow) = text.split_once(',').ok_or("no comma in it")?;
        let borrowed_at = at.parse().map_err(|error| format!("{error}"))?;
        let borrow = borrow.parse().map_err(|error| format!("{error}"))?;
        Ok(Self(LoanPlace { borrowed_at, borrow }))
    }
}
