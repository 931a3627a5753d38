//! Moving copies between branches, as it is typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};
use lienthu_domain::copy::CopyState;
use lienthu_domain::ids::{Barcode, BranchCode, TitleKey, TransferId};

use super::GoOn;
use super::records::text;

/// Moving copies between branches.
#[derive(Debug, Subcommand)]
pub enum TransferCommand {
    /// Shows what would become of a transfer; begins nothing
    Preview {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        wish: Wish,
    },
    /// Orders copies to be moved, and moves them
    Start {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        wish: Wish,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        go_on: GoOn,
    },
    /// Goes on with a transfer where it stopped
    Resume {
        /// The transfer's id
        id: TransferId,
    },
    /// Gives up what waits of a transfer; what was moved stays moved
    GiveUp {
        /// The transfer's id
        id: TransferId,
    },
    /// Lists the transfers that were ordered at this desk, latest first
    List {
        /// Leaves out the first N
        #[arg(long, value_name = "N", default_value_t = 0)]
        skip: u32,
    },
    /// Shows a transfer
    Show {
        /// The transfer's id
        id: TransferId,
    },
    /// Lists the books that are still to be taken from the shelves, in their order
    PickList {
        /// The transfer's id
        id: TransferId,
        /// As comma separated values
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Lists what other branches sent to this one and nobody has received yet
    Arriving,
    /// Receives copies that other branches sent to this one
    Receive {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        books: Books,
    },
}

/// From where to where, and what.
#[derive(Debug, Args)]
pub struct Wish {
    /// The branch where the copies are
    #[arg(long, value_name = "BRANCH")]
    pub from: BranchCode,
    /// The branch where they go
    #[arg(long, value_name = "BRANCH")]
    pub to: BranchCode,
    #[command(flatten)]
    #[expect(missing_docs, reason = "shown with its own help")]
    pub books: Books,
    /// The copies of this title, in place of barcodes
    #[arg(long, value_name = "ISBN", group = "what", conflicts_with_all = ["copies", "list"])]
    pub title: Option<TitleKey>,
    /// Of a title, copies in this state [default: free]
    #[arg(long, requires = "title", value_parser = states())]
    pub state: Vec<CopyState>,
    /// Of a title, copies whose shelf mark begins so
    #[arg(long, requires = "title", value_parser = text, default_value = "")]
    pub shelf_mark: String,
    /// Of a title, so many copies at most
    #[arg(long, requires = "title", value_name = "N")]
    pub most: Option<u32>,
}

/// Barcodes, typed or in a file.
#[derive(Debug, Args)]
pub struct Books {
    /// The copies' barcodes
    #[arg(value_name = "BARCODE", conflicts_with = "list")]
    pub copies: Vec<Barcode>,
    /// A file with a barcode a line, or with a table of values
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// The column of the table that has the barcodes
    #[arg(long, value_name = "NAME", requires = "list", value_parser = text)]
    pub column: Option<String>,
}

/// The states of a copy by their codes, so that `--help` lists them.
fn states() -> impl TypedValueParser<Value = CopyState> {
    PossibleValuesParser::new(CopyState::ALL.map(CopyState::code))
        .try_map(|code| CopyState::from_code(&code).ok_or("not a state of a copy"))
}
