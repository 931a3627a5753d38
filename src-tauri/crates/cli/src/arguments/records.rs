//! Patrons and copies as they are typed.

use std::convert::Infallible;

use clap::{Args, Subcommand, ValueEnum};
use lienthu_domain::copy::{CopyCondition, CopyDetails};
use lienthu_domain::ids::{Barcode, BranchCode, PatronCategory, PatronCode, TitleKey};
use lienthu_domain::patron::Patron;
use lienthu_domain::text::clean;
use lienthu_domain::times::LocalDate;

use super::OrNone;
use super::federation::Behind;

/// Free text without control characters. How long it may be, the site knows.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a value parser")]
pub(super) fn text(typed: &str) -> Result<String, Infallible> {
    Ok(clean(typed, usize::MAX))
}

/// What is kept of a patron beside name and category. What is not given stays as it is.
#[derive(Debug, Args)]
pub struct PatronFields {
    /// The last day on which the card is good, or none
    #[arg(long, value_name = "DATE")]
    expires: Option<OrNone<LocalDate>>,
    /// Date of birth, or none
    #[arg(long, value_name = "DATE")]
    birth_date: Option<OrNone<LocalDate>>,
    /// Telephone; "" takes it away
    #[arg(long, value_parser = text)]
    phone: Option<String>,
    /// E-mail; "" takes it away
    #[arg(long, value_parser = text)]
    email: Option<String>,
    /// Deposit, in whole đồng
    #[arg(long, value_name = "VND")]
    deposit: Option<u32>,
    /// A note; "" takes it away
    #[arg(long, value_parser = text)]
    note: Option<String>,
    /// Of a visitor card: the patron's home branch, or none
    #[arg(long, value_name = "BRANCH")]
    home_branch: Option<OrNone<BranchCode>>,
    /// Of a visitor card: the patron's code there, or none
    #[arg(long, value_name = "CODE")]
    home_code: Option<OrNone<PatronCode>>,
}

impl PatronFields {
    /// Puts what was typed into a patron.
    pub fn put(self, patron: &mut Patron) {
        put(&mut patron.card.card_expires, self.expires.map(|v| v.0));
        put(&mut patron.birth_date, self.birth_date.map(|v| v.0));
        put(&mut patron.phone, self.phone);
        put(&mut patron.email, self.email);
        put(&mut patron.deposit_vnd, self.deposit);
        put(&mut patron.note, self.note);
        put(&mut patron.card.home_branch, self.home_branch.map(|v| v.0));
        put(&mut patron.card.home_code, self.home_code.map(|v| v.0));
    }
}

/// Puts a value where one was typed.
pub fn put<T>(field: &mut T, typed: Option<T>) {
    if let Some(value) = typed {
        *field = value;
    }
}

/// The branch's patrons.
#[derive(Debug, Subcommand)]
pub enum PatronCommand {
    /// Finds patrons by beginnings of the words of their name, or of their code or phone
    Find {
        /// The words; tones and case do not matter
        #[arg(required = true, value_name = "TEXT")]
        words: Vec<String>,
    },
    /// Shows a patron with their loans
    Show {
        /// The code on the card
        code: PatronCode,
    },
    /// Shows a patron's loans at every branch, latest first, a page at a time
    History {
        /// The code on the card
        code: PatronCode,
        /// The branch where the card was made [default: this desk's own]
        #[arg(long, value_name = "BRANCH")]
        home: Option<BranchCode>,
        /// Behind this place, as the page before says it
        #[arg(long, value_name = "PLACE")]
        behind: Option<Behind>,
    },
    /// Makes a card for a reader of another branch, or brings the one that is here up to date
    Visitor {
        /// The code on their card
        card: PatronCode,
        /// Their branch [default: the one that knows the card]
        #[arg(long, value_name = "BRANCH")]
        home: Option<BranchCode>,
        /// The code that they get here [default: that of their card]
        #[arg(long)]
        code: Option<PatronCode>,
        /// Where their branch cannot be asked: their name
        #[arg(long, value_parser = text, requires = "category", requires = "home")]
        name: Option<String>,
        /// Where their branch cannot be asked: their category
        #[arg(long, requires = "name")]
        category: Option<PatronCategory>,
    },
    /// Makes a card
    Add {
        /// The code on the card
        code: PatronCode,
        /// The patron's name
        #[arg(long, value_parser = text)]
        name: String,
        /// The category, as the loan policy calls it
        #[arg(long)]
        category: PatronCategory,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        fields: PatronFields,
    },
    /// Changes what is given, and leaves the rest
    Change {
        /// The code on the card
        code: PatronCode,
        /// The patron's name
        #[arg(long, value_parser = text)]
        name: Option<String>,
        /// The category, as the loan policy calls it
        #[arg(long)]
        category: Option<PatronCategory>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        fields: PatronFields,
    },
    /// Blocks a card
    Block {
        /// The code on the card
        code: PatronCode,
        /// Why, for whoever is asked at the desk
        #[arg(long, value_parser = text)]
        reason: String,
    },
    /// Unblocks a card
    Unblock {
        /// The code on the card
        code: PatronCode,
    },
    /// Makes a card good until a later day
    Extend {
        /// The code on the card
        code: PatronCode,
        /// The last day on which the card is good
        #[arg(long, value_name = "DATE")]
        until: LocalDate,
    },
    /// Marks a patron removed; their loans stay
    Remove {
        /// The code on the card
        code: PatronCode,
    },
}

/// [`CopyCondition`] as people set it; the others belong to transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Condition {
    /// Nothing is wrong with it
    Good,
    /// Not to be lent until mended
    Damaged,
    /// Not found
    Lost,
    /// Taken out of the collection
    Withdrawn,
}

impl From<Condition> for CopyCondition {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Good => Self::Good,
            Condition::Damaged => Self::Damaged,
            Condition::Lost => Self::Lost,
            Condition::Withdrawn => Self::Withdrawn,
        }
    }
}

/// What is kept of a copy beside its title. What is not given stays as it is.
#[derive(Debug, Args)]
pub struct CopyFields {
    /// The state of the book itself
    #[arg(long, value_enum)]
    condition: Option<Condition>,
    /// The shelf mark; "" takes it away
    #[arg(long, value_parser = text)]
    shelf_mark: Option<String>,
    /// The price in whole đồng, or none
    #[arg(long, value_name = "VND")]
    price: Option<OrNone<u32>>,
}

impl CopyFields {
    /// Puts what was typed into a copy's details.
    pub fn put(&self, details: &mut CopyDetails) {
        put(&mut details.condition, self.condition.map(CopyCondition::from));
        put(&mut details.shelf_mark, self.shelf_mark.clone());
        put(&mut details.price_vnd, self.price.as_ref().map(|v| v.0));
    }
}

/// The branch's copies.
#[derive(Debug, Subcommand)]
pub enum CopyCommand {
    /// Shows a copy with its loans
    Show {
        /// The barcode
        barcode: Barcode,
    },
    /// Adds copies of one title, all or none
    Add {
        /// Their barcodes
        #[arg(required = true, value_name = "BARCODE")]
        barcodes: Vec<Barcode>,
        /// The title's ISBN or local key
        #[arg(long, value_name = "ISBN")]
        title: TitleKey,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        fields: CopyFields,
    },
    /// Changes what is given, and leaves the rest
    Change {
        /// The barcode
        barcode: Barcode,
        /// The title's ISBN or local key; fixed once there are loans
        #[arg(long, value_name = "ISBN")]
        title: Option<TitleKey>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        fields: CopyFields,
    },
    /// Marks a copy removed; its loans stay
    Remove {
        /// The barcode
        barcode: Barcode,
    },
}
