//! Who finishes what someone left behind, from any desk, as often as it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lienthu_domain::ids::{BranchCode, TxnId};

use crate::decision::{Decision, Outcome};
use crate::driving::{Driven, Ending, Event, Finishing, Machine, message};
use crate::entry::{Entry, outcome_at};
use crate::message::{Message, Reply, Request};
use crate::terms::{Party, Terms};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recoverer {
    txn: TxnId,
    terms: Arc<Terms>,
    /// The party that was restored, as it is now, where it is done for its sake.
    restored: Option<Party>,
    phase: Phase,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Phase {
    New,
    /// What each site keeps; nothing where it did not say.
    Asking {
        heard: BTreeMap<BranchCode, Option<Entry>>,
    },
    /// At the deciding site.
    Deciding,
    /// At the restored site.
    Replaying {
        found: Option<Decision>,
    },
    Finishing(Finishing),
    Ended(Ending),
}

impl Machine for Recoverer {
    fn step(&self, event: &Event) -> Driven<Self> {
        match (&self.phase, event) {
            (Phase::New, Event::Started) => self.asking(),
            (Phase::Asking { heard }, Event::Answered { from, reply }) => {
                let entry = match reply {
                    Reply::Kept(entry) => Some(entry.clone()),
                    Reply::Refused(_) => None,
                };
                self.heard(heard, from, entry)
            }
            (Phase::Asking { heard }, Event::Unanswered { from }) => self.heard(heard, from, None),
            (Phase::Deciding, Event::Answered { from, reply }) if self.is_decider(from) => {
                match reply {
                    Reply::Kept(entry) => match entry.known_decision() {
                        Some(decision) => self.decided(decision),
                        // A late answer to an earlier question.
                        None => self.stays(),
                    },
                    Reply::Refused(_) => self.ended(Ending::InDoubt),
                }
            }
            (Phase::Deciding, Event::Unanswered { from }) if self.is_decider(from) => {
                self.ended(Ending::InDoubt)
            }
            (Phase::Replaying { found }, Event::Answered { from, reply }) if self.is_it(from) => {
                match reply {
                    // A late answer to an earlier question.
                    Reply::Kept(entry) if outcome_at(entry).is_none() => self.stays(),
                    // Where it decides itself, it decided anew.
                    Reply::Kept(entry) => {
                        let own = entry.decision.as_ref().filter(|_| self.is_decider(from));
                        match own.or(found.as_ref()) {
                            Some(decision) => self.finishing(decision),
                            None => self.stays(),
                        }
                    }
                    Reply::Refused(_) => self.ended(Ending::InDoubt),
                }
            }
            (Phase::Replaying { .. }, Event::Unanswered { from }) if self.is_it(from) => {
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

impl Recoverer {
    /// Of a transaction that some site has promised and not ended. An agent may do it.
    #[must_use]
    pub const fn new(txn: TxnId, terms: Arc<Terms>) -> Self {
        Self { txn, terms, restored: None, phase: Phase::New }
    }

    /// Of a transaction that names a site as it was before it was restored, for the sake of that site as it
    /// is now. A manager does it. The site may leave its quarantine once all such transactions have ended
    /// with nobody untold.
    #[must_use]
    pub const fn of_restored(txn: TxnId, terms: Arc<Terms>, restored: Party) -> Self {
        Self { txn, terms, restored: Some(restored), phase: Phase::New }
    }

    /// The site for whose sake it is done, as it is now, where it was restored.
    #[must_use]
    pub const fn restored(&self) -> Option<&Party> {
        self.restored.as_ref()
    }

    /// Asks all; and for the sake of a restored site, so that no decision of its former self counts any
    /// more where it was not heard of yet.
    fn asking(&self) -> Driven<Self> {
        let request = |party: &Party| match &self.restored {
            Some(restored) if restored.branch != party.branch => {
                Request::Announce { restored: restored.clone() }
            }
            _ => Request::Ask,
        };
        let messages =
            self.terms.parties().iter().map(|party| self.message(party, request(party))).collect();
        self.at(Phase::Asking { heard: BTreeMap::new() }, messages)
    }

    fn heard(
        &self,
        heard: &BTreeMap<BranchCode, Option<Entry>>,
        from: &BranchCode,
        entry: Option<Entry>,
    ) -> Driven<Self> {
        let mut heard = heard.clone();
        heard.entry(from.clone()).or_insert(entry);
        if self.terms.parties().iter().any(|party| !heard.contains_key(&party.branch)) {
            return self.at(Phase::Asking { heard }, vec![]);
        }
        let known = heard.values().flatten().find_map(Entry::known_decision);
        match &self.restored {
            None => match known {
                Some(decision) => self.finishing(decision),
                None => self.deciding(),
            },
            // One that was not heard may carry out what the former self decided.
            Some(_) if heard.values().any(Option::is_none) => self.ended(Ending::InDoubt),
            // Nobody promised anything, and what is announced keeps anyone from doing so.
            Some(_) if heard.values().flatten().all(|entry| entry.share.is_none()) => {
                self.ended(Ending::Decided { outcome: Outcome::Abort, untold: BTreeSet::new() })
            }
            Some(_) => match known {
                Some(decision) => self.decided(decision),
                None if self.is_it(&self.terms.decider().branch) => self.replaying(None),
                None => self.deciding(),
            },
        }
    }

    fn deciding(&self) -> Driven<Self> {
        let request = Request::Decide { outcome: Outcome::Abort };
        self.at(Phase::Deciding, vec![self.message(self.terms.decider(), request)])
    }

    fn decided(&self, decision: &Decision) -> Driven<Self> {
        if self.restored.is_some() {
            self.replaying(Some(decision))
        } else {
            self.finishing(decision)
        }
    }

    fn replaying(&self, found: Option<&Decision>) -> Driven<Self> {
        let Some(restored) = &self.restored else { return self.stays() };
        let outcome = found.map_or(Outcome::Abort, |decision| decision.outcome);
        let decides = self.is_decider(&restored.branch);
        let request = Request::Replay {
            terms: Arc::clone(&self.terms),
            outcome,
            decision: found.filter(|_| !decides).cloned(),
        };
        let messages = vec![message(self.txn, restored, request)];
        self.at(Phase::Replaying { found: found.cloned() }, messages)
    }

    fn finishing(&self, decision: &Decision) -> Driven<Self> {
        let decider = &self.terms.decider().branch;
        let others = self.terms.others(decider).filter(|party| !self.is_it(&party.branch));
        match Finishing::start(self.txn, decision, others.cloned().collect()) {
            Ok((finishing, messages)) => self.at(Phase::Finishing(finishing), messages),
            Err(ending) => self.ended(ending),
        }
    }

    fn message(&self, party: &Party, request: Request) -> Message {
        let now = self.restored.as_ref().filter(|restored| restored.branch == party.branch);
        message(self.txn, now.unwrap_or(party), request)
    }

    fn is_decider(&self, branch: &BranchCode) -> bool {
        self.terms.decider().branch == *branch
    }

    /// Whether it is the restored site.
    fn is_it(&self, branch: &BranchCode) -> bool {
        self.restored.as_ref().is_some_and(|restored| restored.branch == *branch)
    }

    fn ended(&self, ending: Ending) -> Driven<Self> {
        self.at(Phase::Ended(ending), vec![])
    }

    fn stays(&self) -> Driven<Self> {
        self.at(self.phase.clone(), vec![])
    }

    fn at(&self, phase: Phase, messages: Vec<Message>) -> Driven<Self> {
        let next = Self {
            txn: self.txn,
            terms: Arc::clone(&self.terms),
            restored: self.restored.clone(),
            phase,
        };
        Driven { next, messages }
    }
}
