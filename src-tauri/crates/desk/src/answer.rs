//! What the services answer to the screen and the command line.

use lienthu_domain::copy::Copy;
use lienthu_domain::ids::{EventId, PatronCode};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::Title;
use lienthu_port::message::Message;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A copy as a desk shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopyView {
    /// The barcode that was scanned.
    pub barcode: lienthu_domain::ids::Barcode,
    /// The copy, where it is known.
    pub copy: Option<Copy>,
    /// Its title, where it is known.
    pub title: Option<Title>,
}

/// An open loan with the name of the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LoanLine {
    /// The loan.
    pub loan: Loan,
    /// The name of the title; empty where it is not known.
    pub title: String,
    /// It should have been back before today.
    pub overdue: bool,
}

/// A patron as a desk shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronView {
    /// The code on the card.
    pub code: PatronCode,
    /// The patron, where they are known.
    pub card: Option<PatronCard>,
    /// What they have, by due date.
    pub loans: Vec<LoanLine>,
    /// How many they may have, where a policy is known.
    pub loans_max: Option<u16>,
    /// What stands against lending to them, whatever the book.
    pub warnings: Vec<Message>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    /// Lent.
    Borrow,
    /// Taken back.
    Return,
    /// Renewed.
    Renew,
    /// Taken back as if it had never happened.
    Undo,
    /// A review item was settled.
    Settle,
}

/// How an operation ended. Exactly one of done, refused and queued is said of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// It happened.
    Done {
        /// What.
        deed: DeedKind,
        /// Its event, to undo it by.
        event: EventId,
        /// Whether it is only written down here, and will be sent; otherwise the site has it.
        queued: bool,
        /// The book.
        copy: CopyView,
        /// The loan that it is about.
        loan: Option<Loan>,
        /// The patron concerned.
        patron: Option<PatronView>,
        /// What is odd about it.
        warnings: Vec<Message>,
    },
    /// It did not happen.
    Refused {
        /// Why; the first is the one to say.
        reasons: Vec<Message>,
        /// The librarian may go on all the same.
        can_override: bool,
        /// It was this desk that refused, by what it knows; the site could not be asked.
        offline: bool,
        /// The book.
        copy: CopyView,
        /// The patron concerned.
        patron: Option<PatronView>,
    },
}

/// What became of something in the scan box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ScanAnswer {
    /// A patron's card: the next books are for them.
    Patron {
        /// Who.
        patron: PatronView,
    },
    /// An operation.
    Answer {
        /// How it ended.
        answer: Box<Answer>,
    },
    /// A book was scanned and it is not clear for whom.
    NeedsPatron {
        /// The book.
        copy: CopyView,
        /// What to do.
        message: Message,
    },
    /// Neither a card nor a book, as far as the desk knows.
    NotUnderstood {
        /// What to do.
        message: Message,
        /// Whether going on all the same makes sense: the code may be a card or a book that this desk
        /// does not know yet.
        can_override: bool,
    },
}
