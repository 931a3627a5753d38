//! Commit or abort, and the row that says so.

use lienthu_domain::ids::TxnId;
use serde::{Deserialize, Serialize};

use crate::seal::{Seal, SiteKey};
use crate::terms::Party;

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every site carries it out.
    Commit,
    /// No site does.
    Abort,
}

impl Outcome {
    /// The word that is stored and sealed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Abort => "abort",
        }
    }

    /// The outcome with this word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Commit, Self::Abort].into_iter().find(|outcome| outcome.code() == code)
    }
}

/// What a site decided, with its seal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// Commit or abort.
    pub outcome: Outcome,
    /// Who decided.
    pub decider: Party,
    /// See [`crate::seal`].
    pub seal: Seal,
}

impl Decision {
    pub(crate) fn sealed(key: &SiteKey, decider: &Party, txn: TxnId, outcome: Outcome) -> Self {
        Self { outcome, decider: decider.clone(), seal: key.seal(decider, txn, outcome) }
    }

    pub(crate) fn is_sealed_with(&self, key: &SiteKey, txn: TxnId) -> bool {
        key.seal(&self.decider, txn, self.outcome) == self.seal
    }
}
