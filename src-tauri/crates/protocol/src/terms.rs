//! What all sites of a transaction agree to: who takes part and who decides.

use lienthu_domain::ids::{BranchCode, Incarnation};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Sites that can take part in one transaction.
pub const PARTIES_MAX: usize = 1_000;

/// A site that takes part, as it was when the transaction began. A site that was restored from a backup is
/// another party: what it promised before, it does not know any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Party {
    /// Whose site.
    pub branch: BranchCode,
    /// See [`Incarnation`].
    pub incarnation: Incarnation,
}

/// Which change of the network's membership a sender or a site knows. It grows by one with each.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct MembershipVersion(pub u32);

/// See the module. The same at every site, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Terms {
    parties: Vec<Party>,
    decider: usize,
    membership: MembershipVersion,
}

/// Why these are no terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TermsError {
    /// A branch takes part twice.
    #[error("a branch takes part twice")]
    Twice,
    /// The branch that decides takes no part.
    #[error("the branch that decides takes no part")]
    DeciderApart,
    /// There are more than [`PARTIES_MAX`].
    #[error("too many sites take part")]
    TooMany,
}

impl Terms {
    /// Terms between these, in any order, of whom one decides.
    ///
    /// # Errors
    /// See [`TermsError`].
    pub fn new(
        mut parties: Vec<Party>,
        decider: &BranchCode,
        membership: MembershipVersion,
    ) -> Result<Self, TermsError> {
        if parties.len() > PARTIES_MAX {
            return Err(TermsError::TooMany);
        }
        parties.sort_unstable();
        if parties.windows(2).any(|two| two[0].branch == two[1].branch) {
            return Err(TermsError::Twice);
        }
        let decider = parties.iter().position(|party| party.branch == *decider);
        let decider = decider.ok_or(TermsError::DeciderApart)?;
        Ok(Self { parties, decider, membership })
    }

    /// All who take part, by branch.
    #[must_use]
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// The one at whose site the decision is written.
    #[must_use]
    pub fn decider(&self) -> &Party {
        &self.parties[self.decider]
    }

    /// That branch's part in it.
    #[must_use]
    pub fn party(&self, branch: &BranchCode) -> Option<&Party> {
        self.parties.iter().find(|party| party.branch == *branch)
    }

    /// All but that branch.
    pub fn others<'a>(&'a self, branch: &'a BranchCode) -> impl Iterator<Item = &'a Party> {
        self.parties.iter().filter(move |party| party.branch != *branch)
    }

    /// Under which membership it began.
    #[must_use]
    pub const fn membership(&self) -> MembershipVersion {
        self.membership
    }
}
