//! What goes between those who drive a transaction and the sites.

use std::sync::Arc;

use lienthu_domain::ids::TxnId;
use serde::{Deserialize, Serialize};

use crate::decision::{Decision, Outcome};
use crate::entry::Entry;
use crate::terms::{Party, Terms};

/// A request about one transaction to one site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// Which transaction.
    pub txn: TxnId,
    /// The site as the sender knows it. One that was restored since is another and does not listen.
    pub to: Party,
    /// What is asked.
    pub request: Request,
}

/// What can be asked of a site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Request {
    /// Promise: see that the action can be done, hold what it touches.
    Prepare {
        /// Who takes part and who decides.
        terms: Arc<Terms>,
    },
    /// At the deciding site: decide so, unless it is decided.
    Decide {
        /// How.
        outcome: Outcome,
    },
    /// Carry out or undo, as was decided elsewhere.
    Finish {
        /// By whom, with its seal.
        decision: Decision,
    },
    /// Say what you keep.
    Ask,
    /// A site was restored and is another now: what its former self says does not count any more.
    Announce {
        /// As it is now.
        restored: Party,
    },
    /// At a restored site: this is what became of it.
    Replay {
        /// What was agreed.
        terms: Arc<Terms>,
        /// How it ended.
        outcome: Outcome,
        /// The proof, unless the site itself is the one that decides.
        decision: Option<Decision>,
    },
    /// A manager does not wait for the decision.
    Force {
        /// What the manager chooses.
        outcome: Outcome,
    },
    /// A manager has seen to what was forced: it is not spoken of any more. Proof of nothing, like the choice
    /// itself.
    Forget,
}

/// What a site answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// What it now keeps.
    Kept(Entry),
    /// Nothing happened.
    Refused(Refusal),
}

/// Why nothing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The site was restored since the sender knew it, or is another one.
    OtherIncarnation,
    /// The site was restored and has not learned yet what it promised and decided.
    Quarantined,
    /// The terms do not name this site.
    NotParty,
    /// The sender or the site has missed a change of the network's membership.
    OtherMembership,
    /// One of the parties was restored since.
    PartyRestored,
    /// Another site decides, or this one alone does.
    NotDecider,
    /// The site has promised nothing that could be committed, or nothing that could be forced.
    NotPromised,
    /// Whoever drives the transaction may still be at work.
    TooEarly,
    /// The caller may not choose.
    NotAllowed,
    /// The decision's seal is not the deciding site's.
    NotProven,
    /// The site is not being restored.
    NotRestored,
    /// What is only promised is not forgotten.
    Undecided,
    /// The action cannot be done; the site says why beside.
    Action,
}

impl Refusal {
    const CODES: [(Self, &'static str); 13] = [
        (Self::OtherIncarnation, "other_incarnation"),
        (Self::Quarantined, "quarantined"),
        (Self::NotParty, "not_party"),
        (Self::OtherMembership, "other_membership"),
        (Self::PartyRestored, "party_restored"),
        (Self::NotDecider, "not_decider"),
        (Self::NotPromised, "not_promised"),
        (Self::TooEarly, "too_early"),
        (Self::NotAllowed, "not_allowed"),
        (Self::NotProven, "not_proven"),
        (Self::NotRestored, "not_restored"),
        (Self::Undecided, "undecided"),
        (Self::Action, "action"),
    ];

    /// The word that is sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::CODES.into_iter().find(|(known, _)| *known == self).map_or("", |(_, code)| code)
    }

    /// The refusal with this word.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::CODES.into_iter().find(|(_, known)| *known == code).map(|(refusal, _)| refusal)
    }
}
