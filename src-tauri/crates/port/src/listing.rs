//! Lists of a branch's copies: those of some barcodes, those of a title, those on their way to it.

use lienthu_domain::copy::Copy;
use lienthu_domain::hindrance::CopyAt;
use lienthu_domain::ids::{Barcode, BranchCode, TitleKey, TxnId};
use lienthu_domain::times::UtcMs;

/// Copies in one answer at most.
pub const COPIES_LISTED_MAX: usize = 500;

/// Which copies are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopiesSought {
    /// Those with these barcodes, at most [`COPIES_LISTED_MAX`]; removed and forwarded ones too.
    Barcodes(Vec<Barcode>),
    /// Those of a title that are here, by barcode, behind that one.
    OfTitle {
        /// The title.
        title: TitleKey,
        /// The last barcode of the page before.
        after: Option<Barcode>,
    },
    /// Those that other branches sent and that nobody has received yet, by barcode, behind that one.
    Arriving {
        /// The last barcode of the page before.
        after: Option<Barcode>,
    },
}

/// A copy as whoever moves it has to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCopy {
    /// The copy.
    pub copy: Copy,
    /// The name of its title.
    pub title_name: String,
    /// How many transfers it has made.
    pub hops: u32,
    /// It was removed.
    pub is_removed: bool,
    /// A transaction holds it.
    pub is_held: bool,
    /// Of one that nobody has received yet.
    pub transit: Option<Transit>,
}

/// How a copy came that nobody has received yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transit {
    /// The branch that sent it, or where it came back although it is no book of that branch.
    pub from: BranchCode,
    /// The transaction that moved it; none where it came back there.
    pub txn: Option<TxnId>,
    /// When, by this site's clock.
    pub sent_at: UtcMs,
}

impl ListedCopy {
    /// As the rules about moving see it.
    #[must_use]
    pub const fn at(&self) -> CopyAt<'_> {
        CopyAt {
            row: Some(&self.copy),
            is_removed: self.is_removed,
            hops: self.hops,
            is_held: self.is_held,
        }
    }
}
