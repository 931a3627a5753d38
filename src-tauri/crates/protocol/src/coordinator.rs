//! Who begins a transaction. It keeps nothing: when it is gone, a [`crate::recoverer`] finishes.

use std::collections::BTreeSet;
use std::sync::Arc;

use lienthu_domain::ids::{BranchCode, TxnId};

use crate::decision::{Decision, Outcome};
use crate::driving::{Driven, Ending, Event, Finishing, Machine, message};
use crate::message::{Message, Reply, Request};
use crate::terms::Terms;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Coordinator {
    txn: TxnId,
    terms: Arc<Terms>,
    phase: Phase,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Phase {
    New,
    /// Until all have promised, or one did not.
    Preparing {
        promised: BTreeSet<BranchCode>,
    },
    Deciding,
    Finishing(Finishing),
    Ended(Ending),
}

impl Machine for Coordinator {
    fn step(&self, event: &Event) -> Driven<Self> {
        match (&self.phase, event) {
            (Phase::New, Event::Started) => self.to_all(),
            (Phase::Preparing { promised }, Event::Answered { from, reply }) => match reply {
                Reply::Kept(entry) if entry.is_prepared() => self.promised(promised, from),
                Reply::Kept(entry) => match entry.known_decision() {
                    Some(decision) => self.finishing(decision),
                    None => self.deciding(Outcome::Abort),
                },
                Reply::Refused(_) => self.deciding(Outcome::Abort),
            },
            (Phase::Preparing { .. }, Event::Unanswered { .. }) => self.deciding(Outcome::Abort),
            (Phase::Deciding, Event::Answered { from, reply }) => match reply {
                Reply::Kept(entry) => match entry.known_decision() {
                    Some(decision) => self.finishing(decision),
                    None => self.stays(),
                },
                Reply::Refused(_) if self.is_decider(from) => self.ended(Ending::InDoubt),
                Reply::Refused(_) => self.stays(),
            },
            (Phase::Deciding, Event::Unanswered { from }) if self.is_decider(from) => {
                self.ended(Ending::InDoubt)
            }
            (Phase::Finishing(finishing), event) => match finishing.step(event) {
                Ok(finishing) => self.at(Phase::Finishing(finishing), vec![]),
                Err(ending) => self.ended(ending),
            },
            _ => self.stays(),
        }
    }

    fn ending(&self) -> Option<&Ending> {
        match &self.phase {
            Phase::Ended(ending) => Some(ending),
            _ => None,
        }
    }
}

impl Coordinator {
    /// A transaction that has not begun.
    #[must_use]
    pub const fn new(txn: TxnId, terms: Arc<Terms>) -> Self {
        Self { txn, terms, phase: Phase::New }
    }

    /// How it was decided, as soon as that is certain.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        match &self.phase {
            Phase::Finishing(finishing) => Some(finishing.decision.outcome),
            Phase::Ended(Ending::Decided { outcome, .. }) => Some(*outcome),
            _ => None,
        }
    }

    fn to_all(&self) -> Driven<Self> {
        let request = Request::Prepare { terms: Arc::clone(&self.terms) };
        let parties = self.terms.parties().iter();
        let messages = parties.map(|party| message(self.txn, party, request.clone())).collect();
        self.at(Phase::Preparing { promised: BTreeSet::new() }, messages)
    }

    fn promised(&self, promised: &BTreeSet<BranchCode>, from: &BranchCode) -> Driven<Self> {
        let mut promised = promised.clone();
        promised.insert(from.clone());
        if self.terms.parties().iter().all(|party| promised.contains(&party.branch)) {
            return self.deciding(Outcome::Commit);
        }
        self.at(Phase::Preparing { promised }, vec![])
    }

    fn deciding(&self, outcome: Outcome) -> Driven<Self> {
        let request = Request::Decide { outcome };
        self.at(Phase::Deciding, vec![message(self.txn, self.terms.decider(), request)])
    }

    fn finishing(&self, decision: &Decision) -> Driven<Self> {
        let others = self.terms.others(&self.terms.decider().branch).cloned().collect();
        match Finishing::start(self.txn, decision, others) {
            Ok((finishing, messages)) => self.at(Phase::Finishing(finishing), messages),
            Err(ending) => self.ended(ending),
        }
    }

    fn is_decider(&self, branch: &BranchCode) -> bool {
        self.terms.decider().branch == *branch
    }

    fn ended(&self, ending: Ending) -> Driven<Self> {
        self.at(Phase::Ended(ending), vec![])
    }

    fn stays(&self) -> Driven<Self> {
        self.at(self.phase.clone(), vec![])
    }

    fn at(&self, phase: Phase, messages: Vec<Message>) -> Driven<Self> {
        let next = Self { txn: self.txn, terms: Arc::clone(&self.terms), phase };
        Driven { next, messages }
    }
}
