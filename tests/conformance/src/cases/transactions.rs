//! Transactions over several sites: the site answers as the protocol does, and does what it promised to the
//! copies and rows that a transaction is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::action::{Action, CatalogueChange};
use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::feed::RowKind;
use lienthu_port::site::Site;
use lienthu_port::transaction::Posted;
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::entry::Entry;
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::site::{Act, Caller, LEFT_ALONE_MS, Peer, SiteFacts, step};
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cases;
use crate::counterpart::{Counterpart, incarnation, txn};
use crate::fixture::CannotHere;
use crate::follower::Follower;
use crate::kit::{AGENT, COPIES, MANAGER, World, arriving, copy, key, leaving, title};
use crate::suite::{Bench, Case};

/// Sequences of messages in one run of a case.
const SEQUENCES: u64 = 4;
/// Messages of one sequence.
const MESSAGES: usize = 120;

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a site answers any sequence of messages as the protocol does" => as_the_protocol,
    ]
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

/// What a transaction is about, by its number.
enum About {
    Leaving(&'static str),
    Arriving(&'static str),
    Title(&'static str),
}

const ABOUT: [About; 6] = [
    About::Leaving(COPIES[0]),
    About::Arriving("Q900"),
    About::Title("LT-0900"),
    About::Leaving(COPIES[1]),
    About::Arriving("Q901"),
    About::Title("LT-0901"),
];

fn action(number: usize) -> Action {
    match ABOUT[number] {
        About::Leaving(barcode) => leaving(&[copy(barcode)], 1),
        About::Arriving(barcode) => arriving(&[copy(barcode)], 1),
        About::Title(isbn) => {
            let added = CatalogueChange::PutTitle { title: title(isbn, "Tắt đèn"), seen: None };
            Action::Catalogue { changes: vec![added] }
        }
    }
}

/// Of a transfer the source decides, of titles once this site and once the other.
const fn decides_here(number: usize) -> bool {
    match ABOUT[number] {
        About::Leaving(_) => true,
        About::Arriving(_) => false,
        About::Title(_) => number == 2,
    }
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
    let other = Counterpart::of(&world).await?;
    let card = world.hands.card().await?;
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
        let number = dice.random_range(0..ABOUT.len());
        let message = Message {
            txn: txn(number as u128),
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
    for number in 0..ABOUT.len() {
        check_done(&world, &model, number, seed).await;
    }
    Ok(())
}

async fn post(site: &Arc<dyn Site>, number: usize, message: &Message) -> Reply {
    let posted = Posted { message: message.clone(), action: Some(Arc::new(action(number))) };
    let answered = site.transact(&posted).await.unwrap();
    assert_eq!(answered.hindered, [], "nothing stands against it");
    answered.reply
}

fn request(dice: &mut ChaCha8Rng, number: usize, model: &Model, other: &Counterpart) -> Request {
    let outcome = if dice.random_bool(0.5) { Outcome::Commit } else { Outcome::Abort };
    let (decider, decider_key) = if decides_here(number) {
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
        let seal = by.seal(&decider, txn(number as u128), outcome);
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
            let decision = (!decides_here(number)).then(|| decision(dice));
            let outcome = decision.as_ref().map_or(outcome, |decision| decision.outcome);
            Request::Replay { terms: terms(), outcome, decision }
        }
        18 => Request::Forget,
        _ => Request::Force { outcome },
    }
}

/// What a transaction is about is as what was done to it says.
async fn check_done(world: &World, model: &Model, number: usize, seed: u64) {
    let done = model.done.get(&txn(number as u128));
    let is_applied = matches!(done, Some(Act::Apply | Act::Reapply));
    let barcode = match ABOUT[number] {
        About::Title(isbn) => {
            let shown = Follower::filled(&world.site).await.shown;
            let is_there = shown.contains_key(&(RowKind::Title, isbn.to_owned()));
            assert_eq!(is_there, is_applied, "transaction {number} (seed {seed})");
            return;
        }
        About::Leaving(barcode) | About::Arriving(barcode) => barcode,
    };
    let found = world.site.copy(&key(barcode)).await.unwrap().map(|file| file.copy);
    let expected = match ABOUT[number] {
        About::Leaving(_) if is_applied => Some(CopyCondition::Forwarded),
        About::Leaving(_) if done == Some(&Act::Hold) => Some(CopyCondition::InTransit),
        About::Leaving(_) => Some(CopyCondition::Good),
        _ => is_applied.then_some(CopyCondition::InTransit),
    };
    let condition = found.as_ref().map(|copy| copy.condition);
    assert_eq!(condition, expected, "transaction {number} (seed {seed})");
    let state = found.map(|copy| copy.state);
    assert_eq!(state, condition.map(|it| CopyState::of(it, false)), "{number} (seed {seed})");
}
