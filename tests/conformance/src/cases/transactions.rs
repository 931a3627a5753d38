//! Transactions over several sites: the site answers as the protocol does, and does what it promised to the
//! copies and rows that a transaction is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::action::{Action, MovingCopy, Transfer};
use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::ids::{BranchCode, Incarnation, TxnId};
use lienthu_port::site::Site;
use lienthu_port::transaction::{PeerCard, Posted};
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::entry::Entry;
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::site::{Act, Caller, LEFT_ALONE_MS, Peer, SiteFacts, step};
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{AGENT, COPIES, ELSEWHERE, HERE, MANAGER, World, copy, key};
use crate::suite::{Bench, Case};

/// Sequences of messages in one run of a case.
const SEQUENCES: u64 = 4;
/// Messages of one sequence.
const MESSAGES: usize = 80;
/// Transactions of one sequence: half of them leave, half arrive.
const TRANSACTIONS: usize = 4;

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a site answers any sequence of messages as the protocol does" => as_the_protocol,
    ]
}

fn incarnation(number: u128) -> Incarnation {
    Incarnation::new(Uuid::from_u128(number))
}

/// A site that is not there: the test speaks for it.
struct Other {
    party: Party,
    key: SiteKey,
}

fn other() -> Other {
    let party = Party { branch: key(ELSEWHERE), incarnation: incarnation(31) };
    Other { party, key: SiteKey::new(Uuid::from_u128(0x3333)) }
}

/// What the site is to be, by the protocol.
struct Model {
    me: Party,
    key: SiteKey,
    peers: BTreeMap<BranchCode, Peer>,
    is_quarantined: bool,
    entries: BTreeMap<TxnId, Entry>,
    promised_at_ms: BTreeMap<TxnId, i64>,
    /// What became of the copy of each transaction.
    done: BTreeMap<TxnId, Act>,
}

impl Model {
    fn take(&mut self, message: &Message, caller: Caller, now_ms: i64) -> Reply {
        let entry = self.entries.get(&message.txn).cloned().unwrap_or_default();
        let since = self.promised_at_ms.get(&message.txn).copied().unwrap_or(now_ms);
        let facts = SiteFacts {
            me: &self.me,
            key: &self.key,
            peers: &self.peers,
            membership: MembershipVersion(1),
            is_quarantined: self.is_quarantined,
            caller,
            prepared_for_ms: u64::try_from(now_ms - since).unwrap_or(0),
        };
        let stepped = step(&facts, &entry, message);
        match &stepped.act {
            Act::NotePeer(party) => {
                if let Some(peer) = self.peers.get_mut(&party.branch) {
                    peer.incarnation = party.incarnation;
                }
            }
            Act::Nothing => {}
            act => drop(self.done.insert(message.txn, act.clone())),
        }
        if entry.share.is_none() && stepped.entry.share.is_some() {
            self.promised_at_ms.insert(message.txn, now_ms);
        }
        self.entries.insert(message.txn, stepped.entry);
        stepped.reply
    }
}

fn txn(number: usize) -> TxnId {
    TxnId::new(Uuid::from_u128(number as u128 + 1))
}

/// Leaves or arrives.
fn action(number: usize) -> Action {
    let barcode = if leaves(number) { COPIES[number] } else { ARRIVING[number] };
    let copies = vec![MovingCopy { details: copy(barcode), hop: 1 }];
    let (here, there) = (key(HERE), key(ELSEWHERE));
    let (from, to) = if leaves(number) { (here, there) } else { (there, here) };
    Action::Transfer(Transfer { from, to, copies })
}

const ARRIVING: [&str; TRANSACTIONS] = ["Q900", "Q901", "Q902", "Q903"];

const fn leaves(number: usize) -> bool {
    number.is_multiple_of(2)
}

async fn as_the_protocol(bench: Bench) -> Result<(), CannotHere> {
    for sequence in 0..SEQUENCES {
        sequence_of_messages(&bench, bench.seed.wrapping_add(sequence)).await?;
    }
    Ok(())
}

async fn sequence_of_messages(bench: &Bench, seed: u64) -> Result<(), CannotHere> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let world = World::of(bench).await;
    let other = other();
    let card = world.hands.card().await?;
    let cards = vec![PeerCard { party: other.party.clone(), key: other.key.clone() }];
    world.hands.join(cards, MembershipVersion(1)).await?;
    let peer = Peer { incarnation: other.party.incarnation, key: other.key.clone() };
    let mut model = Model {
        me: card.party,
        key: card.key,
        peers: BTreeMap::from([(other.party.branch.clone(), peer)]),
        is_quarantined: false,
        entries: BTreeMap::new(),
        promised_at_ms: BTreeMap::new(),
        done: BTreeMap::new(),
    };
    let sessions = [
        (Caller::Manager, world.sign_in(MANAGER).await),
        (Caller::Agent, world.sign_in(AGENT).await),
    ];
    let clock = world.hands.clock()?;
    let first = model.me.clone();
    for place in 0..MESSAGES {
        if dice.random_bool(0.05) {
            clock.set(clock.now().plus_ms(i64::try_from(LEFT_ALONE_MS).unwrap_or(i64::MAX)));
        }
        if dice.random_bool(0.03) {
            model.me.incarnation = world.hands.start_incarnation().await?;
            model.is_quarantined = true;
        }
        if model.is_quarantined && dice.random_bool(0.1) {
            sessions[0].1.readmit().await.unwrap();
            model.is_quarantined = false;
        }
        let number = dice.random_range(0..TRANSACTIONS);
        let message = Message {
            txn: txn(number),
            to: if dice.random_bool(0.9) { model.me.clone() } else { first.clone() },
            request: request(&mut dice, number, &model, &other),
        };
        // What an agent may not even ask is refused before the protocol is asked.
        let (caller, session) = if lienthu_port::transaction::chooses(&message.request) {
            &sessions[0]
        } else {
            sessions.choose(&mut dice).unwrap_or(&sessions[0])
        };
        let expected = model.take(&message, *caller, clock.now().ms());
        let got = post(session, number, &message).await;
        assert_eq!(got, expected, "message {place}: {message:?} (seed {seed})");
    }
    for number in 0..TRANSACTIONS {
        check_copy(&world, &model, number, seed).await;
    }
    Ok(())
}

async fn post(site: &Arc<dyn Site>, number: usize, message: &Message) -> Reply {
    let posted = Posted { message: message.clone(), action: Some(Arc::new(action(number))) };
    let answered = site.transact(&posted).await.unwrap();
    assert_eq!(answered.hindered, [], "nothing stands against it");
    answered.reply
}

fn request(dice: &mut ChaCha8Rng, number: usize, model: &Model, other: &Other) -> Request {
    let outcome = if dice.random_bool(0.5) { Outcome::Commit } else { Outcome::Abort };
    // The source decides.
    let (decider, decider_key) = if leaves(number) {
        (model.me.clone(), &model.key)
    } else {
        (other.party.clone(), &other.key)
    };
    let terms = || {
        let me = Party { incarnation: model.me.incarnation, ..model.me.clone() };
        let parties = vec![me, other.party.clone()];
        Arc::new(Terms::new(parties, &decider.branch, MembershipVersion(1)).unwrap())
    };
    let decision = |dice: &mut ChaCha8Rng| {
        let by = if dice.random_bool(0.8) { &other.key } else { decider_key };
        let decider = if dice.random_bool(0.9) {
            other.party.clone()
        } else {
            Party { incarnation: incarnation(32), ..other.party.clone() }
        };
        let seal = by.seal(&decider, txn(number), outcome);
        Decision { outcome, decider, seal }
    };
    match dice.random_range(0..20) {
        0..=4 => Request::Prepare { terms: terms() },
        5..=7 => Request::Decide { outcome },
        8..=12 => Request::Finish { decision: decision(dice) },
        13..=14 => Request::Ask,
        15 => {
            let number = if dice.random_bool(0.8) { 31 } else { 32 };
            let restored = Party { incarnation: incarnation(number), ..other.party.clone() };
            Request::Announce { restored }
        }
        16..=17 => {
            let decision = (!leaves(number)).then(|| decision(dice));
            let outcome = decision.as_ref().map_or(outcome, |decision| decision.outcome);
            Request::Replay { terms: terms(), outcome, decision }
        }
        18 => Request::Forget,
        _ => Request::Force { outcome },
    }
}

/// The copy of a transaction is as what was done to it says.
async fn check_copy(world: &World, model: &Model, number: usize, seed: u64) {
    let barcode = if leaves(number) { COPIES[number] } else { ARRIVING[number] };
    let found = world.site.copy(&key(barcode)).await.unwrap().map(|file| file.copy);
    let state = found.as_ref().map(|copy| copy.state);
    let expected = match (model.done.get(&txn(number)), leaves(number)) {
        (Some(Act::Hold), true) => Some(CopyState::InTransit),
        (Some(Act::Apply | Act::Reapply), true) => Some(CopyState::Forwarded),
        (Some(Act::Apply | Act::Reapply), false) => Some(CopyState::InTransit),
        (_, true) => Some(CopyState::Free),
        (_, false) => None,
    };
    assert_eq!(state, expected, "transaction {number} (seed {seed})");
    if state == Some(CopyState::Free) {
        assert_eq!(found.map(|copy| copy.condition), Some(CopyCondition::Good));
    }
}
