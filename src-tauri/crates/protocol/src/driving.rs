//! What all who drive a transaction have in common: events, endings, and telling the others at last.

use std::collections::BTreeSet;

use lienthu_domain::ids::{BranchCode, TxnId};

use crate::decision::{Decision, Outcome};
use crate::message::{Message, Reply, Request};
use crate::terms::Party;

/// What happens to whoever drives a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event {
    /// It begins.
    Started,
    /// A site answered.
    Answered {
        /// Which.
        from: BranchCode,
        /// What.
        reply: Reply,
    },
    /// No answer came from a site in time, or it was not reached. What it was asked may have happened.
    Unanswered {
        /// Which.
        from: BranchCode,
    },
}

/// How far a transaction came under whoever drove it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ending {
    /// It is decided, and these sites have still to be told.
    Decided {
        /// How.
        outcome: Outcome,
        /// Who did not say that they know.
        untold: BTreeSet<BranchCode>,
    },
    /// It is not known how it was decided, or whether. What it touches is held until someone finds out.
    InDoubt,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Driven<S> {
    /// How it goes on.
    pub next: S,
    /// What to send, all at once.
    pub messages: Vec<Message>,
}

/// Whoever drives a transaction: a pure machine.
pub trait Machine: Sized {
    /// Goes on. An event that does not fit where it stands changes nothing.
    #[must_use]
    fn step(&self, event: &Event) -> Driven<Self>;

    /// How it ended, once it has.
    fn ending(&self) -> Option<&Ending>;
}

/// It is decided, and the others are told. The same whoever drives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Finishing {
    pub(crate) decision: Decision,
    /// Who has not answered.
    open: BTreeSet<BranchCode>,
    /// Who did not say that they know.
    untold: BTreeSet<BranchCode>,
}

impl Finishing {
    /// Tells these; ended at once where there are none.
    pub(crate) fn start(
        txn: TxnId,
        decision: &Decision,
        others: Vec<Party>,
    ) -> Result<(Self, Vec<Message>), Ending> {
        let request = Request::Finish { decision: decision.clone() };
        let messages: Vec<Message> =
            others.iter().map(|party| message(txn, party, request.clone())).collect();
        let open = others.into_iter().map(|party| party.branch).collect();
        let finishing = Self { decision: decision.clone(), open, untold: BTreeSet::new() };
        Ok((finishing.or_ended()?, messages))
    }

    pub(crate) fn step(&self, event: &Event) -> Result<Self, Ending> {
        let mut next = self.clone();
        match event {
            // A late answer to an earlier question.
            Event::Answered { reply: Reply::Kept(entry), .. } if entry.is_prepared() => {}
            Event::Answered { from, reply: Reply::Kept(entry) } => {
                if next.open.remove(from) && entry.share.is_none() {
                    next.untold.insert(from.clone());
                }
            }
            Event::Answered { from, reply: Reply::Refused(_) } | Event::Unanswered { from } => {
                if next.open.remove(from) {
                    next.untold.insert(from.clone());
                }
            }
            Event::Started => {}
        }
        next.or_ended()
    }

    fn or_ended(self) -> Result<Self, Ending> {
        if self.open.is_empty() {
            let outcome = self.decision.outcome;
            return Err(Ending::Decided { outcome, untold: self.untold });
        }
        Ok(self)
    }
}

pub(crate) fn message(txn: TxnId, to: &Party, request: Request) -> Message {
    Message { txn, to: to.clone(), request }
}
