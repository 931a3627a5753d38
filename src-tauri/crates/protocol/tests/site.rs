//! What a site takes and refuses, where the model has only one case: who asks, when, of what network, and
//! with what proof.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::ids::{BranchCode, Incarnation, TxnId};
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::entry::{Entry, Share, ShareState};
use lienthu_protocol::message::{Message, Refusal, Reply, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::site::{Act, Caller, LEFT_ALONE_MS, Peer, SiteFacts, Step, step};
use lienthu_protocol::terms::{MembershipVersion, PARTIES_MAX, Party, Terms, TermsError};
use uuid::Uuid;

const TXN: TxnId = TxnId::new(Uuid::from_u128(9));

fn party(name: &str, incarnation: u128) -> Party {
    let branch = BranchCode::parse(name).unwrap();
    Party { branch, incarnation: Incarnation::new(Uuid::from_u128(incarnation)) }
}

fn key(name: &str) -> SiteKey {
    SiteKey::new(Uuid::from_u128(u128::from(name.as_bytes()[0])))
}

/// Between A, which decides, and B.
fn terms() -> Arc<Terms> {
    let a = party("A", 1);
    let terms = Terms::new(vec![party("B", 1), a.clone()], &a.branch, MembershipVersion(5));
    Arc::new(terms.unwrap())
}

/// A site as it is before anything happens to it.
struct Bench {
    me: Party,
    key: SiteKey,
    peers: BTreeMap<BranchCode, Peer>,
    membership: MembershipVersion,
    is_quarantined: bool,
    caller: Caller,
    prepared_for_ms: u64,
    entry: Entry,
}

impl Bench {
    fn new(name: &str) -> Self {
        let peers = ["A", "B", "C"].into_iter().filter(|peer| *peer != name).map(|peer| {
            let Party { branch, incarnation } = party(peer, 1);
            (branch, Peer { incarnation, key: key(peer) })
        });
        Self {
            me: party(name, 1),
            key: key(name),
            peers: peers.collect(),
            membership: MembershipVersion(5),
            is_quarantined: false,
            caller: Caller::Manager,
            prepared_for_ms: LEFT_ALONE_MS,
            entry: Entry::default(),
        }
    }

    fn prepared(name: &str) -> Self {
        let share = Share { terms: Some(terms()), state: ShareState::Prepared };
        Self { entry: Entry { share: Some(share), decision: None }, ..Self::new(name) }
    }

    fn step(&self, request: Request) -> Step {
        let facts = SiteFacts {
            me: &self.me,
            key: &self.key,
            peers: &self.peers,
            membership: self.membership,
            is_quarantined: self.is_quarantined,
            caller: self.caller,
            prepared_for_ms: self.prepared_for_ms,
        };
        let message = Message { txn: TXN, to: party(self.me.branch.as_str(), 1), request };
        step(&facts, &self.entry, &message)
    }

    fn refuses(&self, request: Request) -> Refusal {
        let Step { entry, act, reply } = self.step(request);
        assert_eq!((entry, act), (self.entry.clone(), Act::Nothing), "nothing happens");
        match reply {
            Reply::Refused(why) => why,
            Reply::Kept(_) => panic!("it is taken"),
        }
    }
}

fn prepare() -> Request {
    Request::Prepare { terms: terms() }
}

fn finish(key: &SiteKey, decider: &Party, outcome: Outcome) -> Request {
    let seal = key.seal(decider, TXN, outcome);
    Request::Finish { decision: Decision { outcome, decider: decider.clone(), seal } }
}

#[test]
fn an_agent_neither_begins_nor_commits_nor_forces_nor_announces() {
    let agent = |bench| Bench { caller: Caller::Agent, ..bench };
    assert_eq!(agent(Bench::new("A")).refuses(prepare()), Refusal::NotAllowed);
    let promised = agent(Bench::prepared("A"));
    let commit = Request::Decide { outcome: Outcome::Commit };
    assert_eq!(promised.refuses(commit), Refusal::NotAllowed);
    let promised = agent(Bench::prepared("B"));
    let force = Request::Force { outcome: Outcome::Commit };
    assert_eq!(promised.refuses(force), Refusal::NotAllowed);
    let announce = Request::Announce { restored: party("C", 2) };
    assert_eq!(promised.refuses(announce), Refusal::NotAllowed);
}

#[test]
fn an_agent_has_aborted_only_what_was_left_alone_for_long() {
    let abort = Request::Decide { outcome: Outcome::Abort };
    let young =
        Bench { caller: Caller::Agent, prepared_for_ms: LEFT_ALONE_MS - 1, ..Bench::prepared("A") };
    assert_eq!(young.refuses(abort.clone()), Refusal::TooEarly);
    let old = Bench { prepared_for_ms: LEFT_ALONE_MS, ..young };
    assert_eq!(old.step(abort).act, Act::Release);
}

#[test]
fn nobody_carries_out_a_decision_that_the_deciding_site_did_not_make() {
    let b = Bench { caller: Caller::Agent, ..Bench::prepared("B") };
    let a = party("A", 1);
    for outcome in [Outcome::Commit, Outcome::Abort] {
        assert_eq!(b.refuses(finish(&key("B"), &a, outcome)), Refusal::NotProven);
        assert_eq!(b.refuses(finish(&key("C"), &party("C", 1), outcome)), Refusal::NotDecider);
        assert_eq!(b.refuses(finish(&key("A"), &party("A", 2), outcome)), Refusal::PartyRestored);
        assert_eq!(b.refuses(finish(&key("D"), &party("D", 1), outcome)), Refusal::OtherMembership);
    }
    let seal = key("A").seal(&a, TXN, Outcome::Abort);
    let swapped = Decision { outcome: Outcome::Commit, decider: a.clone(), seal };
    assert_eq!(b.refuses(Request::Finish { decision: swapped }), Refusal::NotProven);
    assert_eq!(b.step(finish(&key("A"), &a, Outcome::Commit)).act, Act::Apply);
}

#[test]
fn a_promise_takes_the_same_network_on_both_sides() {
    let other = Bench { membership: MembershipVersion(6), ..Bench::new("A") };
    assert_eq!(other.refuses(prepare()), Refusal::OtherMembership);
    let mut moved = Bench::new("A");
    let peer = Peer { incarnation: party("B", 2).incarnation, key: key("B") };
    moved.peers.insert(party("B", 2).branch, peer);
    assert_eq!(moved.refuses(prepare()), Refusal::PartyRestored);
    assert_eq!(Bench::new("C").refuses(prepare()), Refusal::NotParty);
    assert_eq!(Bench::new("A").step(prepare()).act, Act::Hold);
}

#[test]
fn a_site_in_quarantine_promises_and_decides_nothing_and_says_what_it_has() {
    let quarantined = |bench| Bench { is_quarantined: true, ..bench };
    assert_eq!(quarantined(Bench::new("A")).refuses(prepare()), Refusal::Quarantined);
    for outcome in [Outcome::Commit, Outcome::Abort] {
        let promised = quarantined(Bench::prepared("A"));
        assert_eq!(promised.refuses(Request::Decide { outcome }), Refusal::Quarantined);
        let promised = quarantined(Bench::prepared("B"));
        let finish = finish(&key("A"), &party("A", 1), outcome);
        assert_eq!(promised.refuses(finish), Refusal::Quarantined);
    }
    let promised = quarantined(Bench::prepared("B"));
    assert_eq!(promised.step(Request::Ask).reply, Reply::Kept(promised.entry.clone()));
}

#[test]
fn a_message_to_a_former_self_is_not_taken() {
    let restored = Bench { me: party("A", 2), ..Bench::prepared("A") };
    for request in [prepare(), Request::Ask, Request::Decide { outcome: Outcome::Abort }] {
        assert_eq!(restored.refuses(request), Refusal::OtherIncarnation);
    }
}

#[test]
fn only_a_restored_site_is_told_what_it_did() {
    let replay = Request::Replay { terms: terms(), outcome: Outcome::Commit, decision: None };
    assert_eq!(Bench::new("A").refuses(replay.clone()), Refusal::NotRestored);
    let restored = Bench { is_quarantined: true, ..Bench::new("A") };
    let told = restored.step(replay);
    assert_eq!(told.act, Act::Reapply);
    assert_eq!(told.entry.known_decision().map(|known| known.outcome), Some(Outcome::Commit));
}

#[test]
fn terms_name_each_branch_once_and_the_one_that_decides() {
    let (a, b) = (party("A", 1), party("B", 1));
    let version = MembershipVersion(1);
    let new = |parties, decider: &Party| Terms::new(parties, &decider.branch, version);
    assert_eq!(new(vec![a.clone(), party("A", 2)], &a), Err(TermsError::Twice));
    assert_eq!(new(vec![a.clone()], &b), Err(TermsError::DeciderApart));
    let many = (0..=PARTIES_MAX).map(|n| party(&format!("S{n}"), 1)).collect();
    assert_eq!(new(many, &a), Err(TermsError::TooMany));
    let terms = new(vec![b.clone(), a.clone()], &b).unwrap();
    assert_eq!((terms.parties(), terms.decider()), (&[a, b.clone()][..], &b));
}

#[test]
fn what_was_forced_is_open_until_the_decision_is_known_or_a_manager_forgets_it() {
    let promised = Bench::prepared("B");
    assert_eq!(promised.refuses(Request::Forget), Refusal::Undecided);
    assert_eq!(Bench::new("B").refuses(Request::Forget), Refusal::NotPromised);
    let forced = Bench {
        entry: promised.step(Request::Force { outcome: Outcome::Commit }).entry,
        ..Bench::prepared("B")
    };
    assert!(forced.entry.is_open() && forced.entry.contradiction().is_none());
    let forgotten = Bench { entry: forced.step(Request::Forget).entry, ..Bench::prepared("B") };
    assert!(!forgotten.entry.is_open());
    // A decision that comes all the same, and is the other one, is spoken of again.
    for bench in [forced, forgotten] {
        let known = bench.step(finish(&key("A"), &party("A", 1), Outcome::Abort));
        assert_eq!(known.act, Act::Nothing);
        assert_eq!(known.entry.contradiction().map(|d| d.outcome), Some(Outcome::Abort));
        let bench = Bench { entry: known.entry, ..Bench::prepared("B") };
        assert!(bench.step(Request::Forget).entry.contradiction().is_none());
    }
}
