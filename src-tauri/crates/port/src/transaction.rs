//! Transactions over several sites, as one site sees them.

use std::sync::Arc;

use lienthu_domain::action::{Action, CHANGES_MAX, Resource};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::replicated::BranchStanding;
use lienthu_protocol::entry::Entry;
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::terms::{MembershipVersion, Party};

/// Transactions in one answer at most.
pub const TRANSACTIONS_PAGE_MAX: usize = 100;
/// Hindrances in one answer at most.
pub const HINDRANCES_MAX: usize = 500;

/// Rows in one question at most: those of one transaction.
pub const ROWS_ASKED_MAX: usize = CHANGES_MAX;

/// A message, with what the transaction does where the site may have to learn it.
#[derive(Debug, Clone)]
pub struct Posted {
    /// The message.
    pub message: Message,
    /// Beside [`Request::Prepare`] and [`Request::Replay`].
    pub action: Option<Arc<Action>>,
}

/// What a site answers to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The protocol's answer.
    pub reply: Reply,
    /// Why the action cannot be done, thing by thing; at most [`HINDRANCES_MAX`].
    pub hindered: Vec<Hindered>,
}

/// What stands against an action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hindered {
    /// Of what.
    pub resource: Resource,
    /// Why.
    pub why: Hindrance,
}

/// Which transactions are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// Those in which something is left to do or to find out: open ones, and those that ended here otherwise
    /// than they were decided.
    Open,
    /// All that name this branch as another than it is now.
    Naming(Party),
}

/// A transaction as a site keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTransaction {
    /// Which.
    pub txn: TxnId,
    /// What is kept of it.
    pub entry: Entry,
    /// What it does; nothing where the site only knows that it was aborted.
    pub action: Option<Action>,
    /// For how long the site has promised, by its own clock.
    pub age_ms: u64,
}

/// What a site knows of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkFacts {
    /// Itself.
    pub me: Party,
    /// See [`MembershipVersion`].
    pub membership: MembershipVersion,
    /// It was restored, and has not been told everything yet.
    pub is_quarantined: bool,
    /// The others, as far as they were announced, by branch.
    pub peers: Vec<Party>,
    /// Every branch that it knows, by code, and whether it takes part.
    pub branches: Vec<(BranchCode, BranchStanding)>,
}

/// What the other sites have to know of a site before it takes part: for administrators alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCard {
    /// The site.
    pub party: Party,
    /// For its seals.
    pub key: SiteKey,
}

/// Whether a request chooses what becomes of a transaction, in place of carrying it about.
#[must_use]
pub const fn chooses(request: &Request) -> bool {
    match request {
        Request::Prepare { .. }
        | Request::Announce { .. }
        | Request::Replay { .. }
        | Request::Force { .. }
        | Request::Forget => true,
        // To commit takes a manager too, of which the protocol takes care; to abort what was left does not.
        Request::Decide { .. } | Request::Finish { .. } | Request::Ask => false,
    }
}
