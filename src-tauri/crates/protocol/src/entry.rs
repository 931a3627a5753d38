//! What a site keeps for one transaction.

use std::sync::Arc;

use crate::decision::{Decision, Outcome};
use crate::terms::Terms;

/// How far a site's share of a transaction is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShareState {
    /// Promised, durably: it can be carried out and it can be undone, and holds what it touches.
    Prepared,
    /// Carried out or undone, as decided.
    Ended {
        /// What was decided.
        decision: Decision,
    },
    /// A manager did not wait for the decision.
    Forced {
        /// What the manager chose.
        outcome: Outcome,
        /// The decision, once it was known, where it is the other one: the site has to be repaired.
        contradicted_by: Option<Decision>,
        /// A manager has seen to it since, or knows that nobody will ever learn the decision.
        is_forgotten: bool,
    },
}

impl ShareState {
    /// From what a site stores of it: what a manager forced, the decision as far as it is known, and whether
    /// what was forced has been seen to.
    #[must_use]
    pub fn of(forced: Option<Outcome>, decision: Option<Decision>, is_forgotten: bool) -> Self {
        match (forced, decision) {
            (None, None) => Self::Prepared,
            (None, Some(decision)) => Self::Ended { decision },
            (Some(outcome), contradicted_by) => {
                Self::Forced { outcome, contradicted_by, is_forgotten }
            }
        }
    }

    /// What a manager forced.
    #[must_use]
    pub const fn forced(&self) -> Option<Outcome> {
        match self {
            Self::Forced { outcome, .. } => Some(*outcome),
            Self::Prepared | Self::Ended { .. } => None,
        }
    }

    /// Whether what a manager forced has been seen to.
    #[must_use]
    pub const fn is_forgotten(&self) -> bool {
        matches!(self, Self::Forced { is_forgotten: true, .. })
    }

    /// The decision, as far as it is stored here.
    #[must_use]
    pub const fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Prepared => None,
            Self::Ended { decision } => Some(decision),
            Self::Forced { contradicted_by, .. } => contradicted_by.as_ref(),
        }
    }
}

/// A row of `lienthu.TxnParticipant`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share {
    /// What was agreed. None where the site learned that the transaction was aborted before it saw it:
    /// the row then refuses the promise that comes late.
    pub terms: Option<Arc<Terms>>,
    /// How far.
    pub state: ShareState,
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Entry {
    /// The site's own part.
    pub share: Option<Share>,
    /// The row of `lienthu.TxnDecision`, at the deciding site alone.
    pub decision: Option<Decision>,
}

impl Entry {
    /// Whether the site has promised and does not know how it ended.
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        matches!(&self.share, Some(Share { state: ShareState::Prepared, .. }))
    }

    /// Whether something is left to do or to find out: a promise that has not ended, or a choice of a
    /// manager's of which it is not known whether it was right.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.share.as_ref().map(|share| &share.state),
            Some(
                ShareState::Prepared
                    | ShareState::Forced { contradicted_by: None, is_forgotten: false, .. }
            )
        )
    }

    /// The decision that what a manager forced here goes against, until that has been seen to.
    #[must_use]
    pub fn contradiction(&self) -> Option<&Decision> {
        match &self.share.as_ref()?.state {
            ShareState::Forced { contradicted_by, is_forgotten: false, .. } => {
                contradicted_by.as_ref()
            }
            _ => None,
        }
    }

    /// The decision, as far as the site knows it.
    #[must_use]
    pub fn known_decision(&self) -> Option<&Decision> {
        let at_share = || self.share.as_ref().and_then(|share| share.state.decision());
        self.decision.as_ref().or_else(at_share)
    }

    /// What was agreed, as far as the site knows it.
    #[must_use]
    pub fn terms(&self) -> Option<&Arc<Terms>> {
        self.share.as_ref()?.terms.as_ref()
    }
}

/// Whether a site carried out, or undid, what it promised; by a manager or by decision.
#[must_use]
pub fn outcome_at(entry: &Entry) -> Option<Outcome> {
    match &entry.share.as_ref()?.state {
        ShareState::Prepared => None,
        ShareState::Ended { decision } => Some(decision.outcome),
        ShareState::Forced { outcome, .. } => Some(*outcome),
    }
}
