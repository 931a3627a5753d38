//! The protocol, and the same with one rule broken: a model that finds nothing wrong with these would show
//! nothing about the protocol either.

use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::driving::{Driven, Event, Machine as _};
use lienthu_protocol::entry::{Entry, Share, ShareState};
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::recoverer::Recoverer;
use lienthu_protocol::site::{SiteFacts, Step, step};

use crate::places::{DECIDER, TXN, branch, key, party};

/// Which rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// None.
    Sound,
    /// The deciding site lets a second decision replace the first.
    SecondDecisionWins,
    /// Whoever recovers takes it for an abort that the deciding site has no row.
    AbsenceIsAbort,
    /// The coordinator does not wait for everyone's promise.
    OnePromiseIsEnough,
    /// The coordinator whose decision is not answered tells the others to abort.
    SilenceIsAbort,
    /// The coordinator takes a refusal for a promise.
    RefusalIsPromise,
    /// Decisions of a site's former self still count after it was restored.
    FormerSelfCounts,
    /// A restored site goes on as if nothing had been.
    RestoredUnnoticed,
    /// The deciding site forgets its decision once it has carried it out.
    DecisionForgotten,
    /// The deciding site that aborts what it has not seen yet writes no row about it.
    AbortLeavesNoRow,
}

impl Variant {
    /// All that are broken.
    pub const BROKEN: [Self; 9] = [
        Self::SecondDecisionWins,
        Self::AbsenceIsAbort,
        Self::OnePromiseIsEnough,
        Self::SilenceIsAbort,
        Self::RefusalIsPromise,
        Self::FormerSelfCounts,
        Self::RestoredUnnoticed,
        Self::DecisionForgotten,
        Self::AbortLeavesNoRow,
    ];

    /// Whether it shows only where a site is restored.
    #[must_use]
    pub const fn needs_restoring(self) -> bool {
        matches!(self, Self::FormerSelfCounts | Self::RestoredUnnoticed)
    }

    pub(crate) fn at_site(self, site: &SiteFacts<'_>, entry: &Entry, message: &Message) -> Step {
        match (self, &message.request) {
            (Self::SecondDecisionWins, Request::Decide { .. }) if entry.decision.is_some() => {
                step(site, &Entry { decision: None, ..entry.clone() }, message)
            }
            (Self::FormerSelfCounts, Request::Finish { decision }) => {
                let mut peers = site.peers.clone();
                if let Some(peer) = peers.get_mut(&decision.decider.branch) {
                    peer.incarnation = decision.decider.incarnation;
                }
                step(&SiteFacts { peers: &peers, ..*site }, entry, message)
            }
            (Self::RestoredUnnoticed, _) => {
                let me = message.to.clone();
                step(&SiteFacts { me: &me, is_quarantined: false, ..*site }, entry, message)
            }
            (Self::DecisionForgotten, Request::Ask | Request::Decide { .. }) => {
                let was_done = entry.decision.is_some() && !entry.is_prepared();
                let forgotten = if was_done { Entry::default() } else { entry.clone() };
                step(site, &forgotten, message)
            }
            (Self::AbortLeavesNoRow, Request::Decide { outcome: Outcome::Abort })
                if entry.share.is_none() =>
            {
                let mut stepped = step(site, entry, message);
                stepped.entry = Entry::default();
                stepped
            }
            _ => step(site, entry, message),
        }
    }

    pub(crate) fn at_coordinator(
        self,
        coordinator: &Coordinator,
        sites: usize,
        event: &Event,
    ) -> Driven<Coordinator> {
        match (self, event) {
            (
                Self::OnePromiseIsEnough,
                Event::Answered { reply: reply @ Reply::Kept(entry), .. },
            ) if entry.is_prepared() => {
                let mut driven = coordinator.step(event);
                for site in (0..sites).filter(|_| coordinator.outcome().is_none()) {
                    let event = Event::Answered { from: branch(site), reply: reply.clone() };
                    let next = driven.next.step(&event);
                    driven.messages.extend(next.messages);
                    driven.next = next.next;
                }
                driven
            }
            (Self::RefusalIsPromise, Event::Answered { from, reply: Reply::Refused(_) }) => {
                let promised = Entry {
                    share: Some(Share { terms: None, state: ShareState::Prepared }),
                    decision: None,
                };
                let reply = Reply::Kept(promised);
                coordinator.step(&Event::Answered { from: from.clone(), reply })
            }
            (Self::SilenceIsAbort, Event::Unanswered { from }) if *from == branch(DECIDER) => {
                let mut driven = coordinator.step(event);
                if driven.next.ending().is_some() && coordinator.ending().is_none() {
                    driven.messages.extend(aborts(sites));
                }
                driven
            }
            _ => coordinator.step(event),
        }
    }

    pub(crate) fn at_recoverer(
        self,
        recoverer: &Recoverer,
        sites: usize,
        event: &Event,
    ) -> Driven<Recoverer> {
        let mut driven = recoverer.step(event);
        if self == Self::AbsenceIsAbort {
            for message in &mut driven.messages {
                if matches!(message.request, Request::Decide { .. }) {
                    driven.messages = aborts(sites);
                    break;
                }
            }
        }
        driven
    }
}

/// What tells the sites of an abort that nobody decided.
fn aborts(sites: usize) -> Vec<Message> {
    let decider = party(DECIDER, 0);
    let seal = key(DECIDER).seal(&decider, TXN, Outcome::Abort);
    let decision = Decision { outcome: Outcome::Abort, decider, seal };
    (0..sites)
        .filter(|site| *site != DECIDER)
        .map(|site| Message {
            txn: TXN,
            to: party(site, 0),
            request: Request::Finish { decision: decision.clone() },
        })
        .collect()
}
