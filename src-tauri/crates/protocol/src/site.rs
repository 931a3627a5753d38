//! What a site does with a message.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::ids::{BranchCode, Incarnation, TxnId};

use crate::decision::{Decision, Outcome};
use crate::entry::{Entry, Share, ShareState};
use crate::message::{Message, Refusal, Reply, Request};
use crate::seal::SiteKey;
use crate::terms::{MembershipVersion, Party, Terms};

/// For so long a site that has promised is left to whoever drives the transaction, before an agent may
/// have it aborted.
pub const LEFT_ALONE_MS: u64 = 60_000;

/// In whose name a message comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// May choose.
    Manager,
    /// Only carries decisions about, and clears up what was left behind.
    Agent,
}

/// What a site knows of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Peer {
    /// As far as it was announced.
    pub incarnation: Incarnation,
    /// For its seals.
    pub key: SiteKey,
}

/// What a site is, apart from the transaction.
#[derive(Debug)]
pub struct SiteFacts<'a> {
    /// Itself.
    pub me: &'a Party,
    /// Its own key.
    pub key: &'a SiteKey,
    /// The others.
    pub peers: &'a BTreeMap<BranchCode, Peer>,
    /// The membership that it knows.
    pub membership: MembershipVersion,
    /// It was restored, and has not learned yet what it promised and decided.
    pub is_quarantined: bool,
    /// In whose name the message comes.
    pub caller: Caller,
    /// For how long it has promised, by its own clock.
    pub prepared_for_ms: u64,
}

/// What happens to the site's rows, in the same local transaction as the entry is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// See that the action can be done and take its holds. Where it cannot, nothing is stored and the
    /// reply is [`Refusal::Action`].
    Hold,
    /// Do the action and give up its holds. It cannot fail: it was promised.
    Apply,
    /// Give up the holds.
    Release,
    /// Do the action as far as it is not done, whatever else the site believes; of a restored site.
    Reapply,
    /// Note who the other site is now.
    NotePeer(Party),
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What the site keeps from now on.
    pub entry: Entry,
    /// What it does.
    pub act: Act,
    /// What it answers.
    pub reply: Reply,
}

/// One message. Sent again it changes nothing and gets the same answer, or a later one.
#[must_use]
pub fn step(site: &SiteFacts<'_>, entry: &Entry, message: &Message) -> Step {
    if message.to != *site.me {
        return refused(entry, Refusal::OtherIncarnation);
    }
    let at = At { site, entry, txn: message.txn };
    let stepped = match &message.request {
        Request::Prepare { terms } => at.prepare(terms),
        Request::Decide { outcome } => at.decide(*outcome),
        Request::Finish { decision } => at.finish(decision),
        Request::Ask => Ok(at.unchanged()),
        Request::Announce { restored } => at.announce(restored),
        Request::Replay { terms, outcome, decision } => {
            at.replay(terms, *outcome, decision.as_ref())
        }
        Request::Force { outcome } => at.force(*outcome),
        Request::Forget => at.forget(),
    };
    stepped.unwrap_or_else(|why| refused(entry, why))
}

fn refused(entry: &Entry, why: Refusal) -> Step {
    Step { entry: entry.clone(), act: Act::Nothing, reply: Reply::Refused(why) }
}

struct At<'a> {
    site: &'a SiteFacts<'a>,
    entry: &'a Entry,
    txn: TxnId,
}

impl At<'_> {
    fn unchanged(&self) -> Step {
        stored(self.entry.clone(), Act::Nothing)
    }

    fn prepare(&self, terms: &Arc<Terms>) -> Result<Step, Refusal> {
        self.only_managers()?;
        if self.entry.share.is_some() {
            return Ok(self.unchanged());
        }
        self.not_in_quarantine()?;
        if terms.party(&self.site.me.branch) != Some(self.site.me) {
            return Err(Refusal::NotParty);
        }
        if terms.membership() != self.site.membership {
            return Err(Refusal::OtherMembership);
        }
        for party in terms.others(&self.site.me.branch) {
            let peer = self.site.peers.get(&party.branch).ok_or(Refusal::OtherMembership)?;
            if peer.incarnation != party.incarnation {
                return Err(Refusal::PartyRestored);
            }
        }
        let share = Share { terms: Some(Arc::clone(terms)), state: ShareState::Prepared };
        Ok(stored(Entry { share: Some(share), decision: None }, Act::Hold))
    }

    fn decide(&self, outcome: Outcome) -> Result<Step, Refusal> {
        if self.entry.decision.is_some() {
            return Ok(self.unchanged());
        }
        if let Some(terms) = self.entry.terms()
            && terms.decider().branch != self.site.me.branch
        {
            return Err(Refusal::NotDecider);
        }
        self.not_in_quarantine()?;
        let is_prepared = self.entry.is_prepared();
        match outcome {
            Outcome::Commit => {
                self.only_managers()?;
                if !is_prepared {
                    return Err(Refusal::NotPromised);
                }
            }
            Outcome::Abort => {
                let is_early = self.site.prepared_for_ms < LEFT_ALONE_MS;
                if is_prepared && is_early && self.site.caller == Caller::Agent {
                    return Err(Refusal::TooEarly);
                }
            }
        }
        let decision = Decision::sealed(self.site.key, self.site.me, self.txn, outcome);
        let act = if is_prepared { carry_out(outcome) } else { Act::Nothing };
        Ok(stored(Entry { share: Some(self.ended(&decision)), decision: Some(decision) }, act))
    }

    fn finish(&self, decision: &Decision) -> Result<Step, Refusal> {
        if decision.decider.branch == self.site.me.branch {
            // What it decided itself, it knows.
            return if self.entry.decision.is_some() {
                Ok(self.unchanged())
            } else {
                Err(Refusal::NotDecider)
            };
        }
        self.prove(decision)?;
        let Some(share) = &self.entry.share else {
            self.not_in_quarantine()?;
            // The promise may still be on its way, and finds that it comes too late.
            return match decision.outcome {
                Outcome::Abort => Ok(stored(self.with_share(self.ended(decision)), Act::Nothing)),
                Outcome::Commit => Err(Refusal::NotPromised),
            };
        };
        if share
            .terms
            .as_ref()
            .is_some_and(|terms| terms.decider().branch != decision.decider.branch)
        {
            return Err(Refusal::NotDecider);
        }
        match &share.state {
            ShareState::Prepared => {
                self.not_in_quarantine()?;
                let entry = self.with_share(self.ended(decision));
                Ok(stored(entry, carry_out(decision.outcome)))
            }
            ShareState::Forced { outcome, contradicted_by: None, .. } => {
                let state = if *outcome == decision.outcome {
                    ShareState::Ended { decision: decision.clone() }
                } else {
                    ShareState::Forced {
                        outcome: *outcome,
                        contradicted_by: Some(decision.clone()),
                        is_forgotten: false,
                    }
                };
                let share = Share { terms: share.terms.clone(), state };
                Ok(stored(self.with_share(share), Act::Nothing))
            }
            ShareState::Ended { .. } | ShareState::Forced { .. } => Ok(self.unchanged()),
        }
    }

    fn announce(&self, restored: &Party) -> Result<Step, Refusal> {
        self.only_managers()?;
        Ok(stored(self.entry.clone(), Act::NotePeer(restored.clone())))
    }

    fn replay(
        &self,
        terms: &Arc<Terms>,
        outcome: Outcome,
        decision: Option<&Decision>,
    ) -> Result<Step, Refusal> {
        self.only_managers()?;
        if !self.site.is_quarantined {
            return Err(Refusal::NotRestored);
        }
        // What was agreed never changes.
        let terms = self.entry.terms().unwrap_or(terms);
        if terms.party(&self.site.me.branch).is_none() {
            return Err(Refusal::NotParty);
        }
        let decides = terms.decider().branch == self.site.me.branch;
        // Its backup may know better than whoever asks.
        let outcome = self.entry.decision.as_ref().map_or(outcome, |known| known.outcome);
        let decision = match decision {
            Some(decision) if !decides => {
                self.prove(decision)?;
                decision.clone()
            }
            None if decides => Decision::sealed(self.site.key, self.site.me, self.txn, outcome),
            _ => return Err(Refusal::NotDecider),
        };
        let was_done = matches!(
            self.entry.share.as_ref().map(|share| &share.state),
            Some(ShareState::Ended { decision }) if decision.outcome == Outcome::Commit
        );
        let act = match decision.outcome {
            Outcome::Commit if was_done => Act::Nothing,
            Outcome::Commit => Act::Reapply,
            Outcome::Abort if self.entry.is_prepared() => Act::Release,
            Outcome::Abort => Act::Nothing,
        };
        let state = ShareState::Ended { decision: decision.clone() };
        let share = Share { terms: Some(Arc::clone(terms)), state };
        // A row that was written is never deleted.
        let decision = if decides { Some(decision) } else { self.entry.decision.clone() };
        Ok(stored(Entry { share: Some(share), decision }, act))
    }

    fn force(&self, outcome: Outcome) -> Result<Step, Refusal> {
        self.only_managers()?;
        let Some(share) = &self.entry.share else { return Err(Refusal::NotPromised) };
        if share.terms.as_ref().is_some_and(|terms| terms.decider().branch == self.site.me.branch) {
            // It has but to decide.
            return Err(Refusal::NotDecider);
        }
        match share.state {
            ShareState::Prepared => {
                let state =
                    ShareState::Forced { outcome, contradicted_by: None, is_forgotten: false };
                let share = Share { terms: share.terms.clone(), state };
                Ok(stored(self.with_share(share), carry_out(outcome)))
            }
            ShareState::Ended { .. } | ShareState::Forced { .. } => Ok(self.unchanged()),
        }
    }

    fn forget(&self) -> Result<Step, Refusal> {
        self.only_managers()?;
        let Some(share) = &self.entry.share else { return Err(Refusal::NotPromised) };
        match &share.state {
            ShareState::Prepared => Err(Refusal::Undecided),
            ShareState::Forced { outcome, contradicted_by, .. } => {
                let state = ShareState::Forced {
                    outcome: *outcome,
                    contradicted_by: contradicted_by.clone(),
                    is_forgotten: true,
                };
                let share = Share { terms: share.terms.clone(), state };
                Ok(stored(self.with_share(share), Act::Nothing))
            }
            ShareState::Ended { .. } => Ok(self.unchanged()),
        }
    }

    fn ended(&self, decision: &Decision) -> Share {
        Share {
            terms: self.entry.terms().cloned(),
            state: ShareState::Ended { decision: decision.clone() },
        }
    }

    fn with_share(&self, share: Share) -> Entry {
        Entry { share: Some(share), decision: self.entry.decision.clone() }
    }

    fn only_managers(&self) -> Result<(), Refusal> {
        match self.site.caller {
            Caller::Manager => Ok(()),
            Caller::Agent => Err(Refusal::NotAllowed),
        }
    }

    const fn not_in_quarantine(&self) -> Result<(), Refusal> {
        if self.site.is_quarantined { Err(Refusal::Quarantined) } else { Ok(()) }
    }

    fn prove(&self, decision: &Decision) -> Result<(), Refusal> {
        let peer = self.site.peers.get(&decision.decider.branch).ok_or(Refusal::OtherMembership)?;
        if peer.incarnation != decision.decider.incarnation {
            return Err(Refusal::PartyRestored);
        }
        if decision.is_sealed_with(&peer.key, self.txn) { Ok(()) } else { Err(Refusal::NotProven) }
    }
}

fn stored(entry: Entry, act: Act) -> Step {
    Step { reply: Reply::Kept(entry.clone()), entry, act }
}

const fn carry_out(outcome: Outcome) -> Act {
    match outcome {
        Outcome::Commit => Act::Apply,
        Outcome::Abort => Act::Release,
    }
}
