//! What a site shows to whoever compares sites: digests and keys of the rows that every site holds, the barcodes
//! and patron codes of its own fragment. Answers are bounded and come in the order of the keys' bytes, so that
//! the answers of many sites are merged as they come.

use async_trait::async_trait;
use lienthu_domain::action::{CHANGES_MAX, CatalogueChange};
use lienthu_domain::ids::{Barcode, BranchCode, PatronCode, TxnId};
use lienthu_domain::replica::{Buckets, ReplicaTable, RowDigest, SetDigest};
use lienthu_domain::replicated::BranchStanding;
use lienthu_protocol::terms::MembershipVersion;

use crate::error::SiteError;

/// Buckets in one question at most.
pub const BUCKETS_ASKED_MAX: usize = 256;
/// Buckets in one answer at most: so many bits deeper may one ask than the buckets that are asked about.
pub const DEEPER_MAX: u8 = 8;
/// Keys in one page at most.
pub const KEYS_PAGE_MAX: usize = 2_000;
/// Barcodes or codes in one page at most.
pub const HELD_PAGE_MAX: usize = 5_000;
/// Barcodes or codes asked for by name at most.
pub const HELD_ASKED_MAX: usize = 500;
/// Rows that are brought to a site at once, at most.
pub const FILL_ROWS_MAX: usize = CHANGES_MAX;

/// Digests of a table at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// The number of the site's last change of a row that every site holds; read before the rows.
    pub changed: i64,
    /// By number, each bucket in which there are rows.
    pub buckets: Vec<(u32, SetDigest)>,
}

/// A row's stored key and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDigest {
    /// See [`lienthu_domain::action::Resource::stored`].
    pub key: String,
    /// The digest.
    pub digest: RowDigest,
}

/// Which barcodes or codes are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked<K> {
    /// The next page behind that one, from the first on where there is none.
    Behind(Option<K>),
    /// These, at most [`HELD_ASKED_MAX`].
    These(Vec<K>),
}

/// What a site has of a barcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCopy {
    /// The barcode.
    pub barcode: Barcode,
    /// How the site has it.
    pub holding: Holding,
}

/// How a site has a copy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holding {
    /// It is the site's own.
    Live,
    /// A transfer that is not decided here holds it; it is here until then.
    Leaving {
        /// Which.
        txn: TxnId,
    },
    /// A transfer brought it, and nobody has received it yet.
    Arrived {
        /// Which.
        txn: TxnId,
        /// From where.
        from: BranchCode,
    },
    /// It went to another branch.
    Forwarded {
        /// Where; nothing where the row does not say.
        to: Option<BranchCode>,
    },
    /// It was removed.
    Removed,
}

/// A patron's code at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPatron {
    /// The code.
    pub code: PatronCode,
    /// Of a visitor card: the patron's home branch and their code there.
    pub home: Option<(BranchCode, PatronCode)>,
}

/// Rows that a site is brought to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// The network as whoever brings them knows it.
    pub membership: MembershipVersion,
    /// Each a [`CatalogueChange::Repair`], at most [`FILL_ROWS_MAX`].
    pub changes: Vec<CatalogueChange>,
}

/// Whether rows may be brought to a site beside all transactions, by what it knows of itself and of the network, and
/// by what whoever brings them knows. Who takes part keeps its promises about these rows; who knows an older network
/// gives none.
#[must_use]
pub fn may_be_filled(
    standing: Option<BranchStanding>,
    is_quarantined: bool,
    membership: MembershipVersion,
    told: MembershipVersion,
) -> bool {
    is_quarantined || standing != Some(BranchStanding::Active) || membership < told
}

/// A site as it is compared. Who asks a [`crate::site::Site`] needs `Right::Audit`; an administrator asks without one.
#[async_trait]
pub trait Replica: Send + Sync {
    /// The digests of those rows of a table that lie in these buckets, by buckets of this depth: at most
    /// [`DEEPER_MAX`] deeper than they are.
    ///
    /// # Errors
    /// `Forbidden` without `Right::Audit`; `Obstructed` by `TooMany`.
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError>;

    /// The keys and digests of those rows of a table that lie in these buckets, behind that key; at most
    /// [`KEYS_PAGE_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::Audit`; `Obstructed` by `TooMany`.
    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError>;

    /// Barcodes of the branch's fragment, by barcode; at most [`HELD_PAGE_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::Audit`; `Obstructed` by `TooMany`.
    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError>;

    /// Codes of the branch's patrons, removed ones left out, by code; at most [`HELD_PAGE_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::Audit`; `Obstructed` by `TooMany`.
    async fn known_patrons(&self, asked: &Asked<PatronCode>)
    -> Result<Vec<KnownPatron>, SiteError>;
}
