//! How events reach the site: in which order, in which batches, how often.

use std::collections::{HashMap, HashSet, VecDeque};

use lienthu_domain::event::{Claim, Event};
use lienthu_domain::ids::{CorrelationId, EventId};
use lienthu_port::submit::Sending;
use rand::Rng as _;
use rand::seq::{IndexedRandom as _, SliceRandom as _};

use super::world::Made;
use crate::kit::rng::{self, Rng, chance};

/// Events in one random batch at most.
const BATCH_MAX: usize = 24;
/// Events that one desk sends before another has its turn, at most.
const TURN_MAX: usize = 12;

/// All that is sent of a history, batch by batch.
pub fn batches(rng: &mut Rng, made: &[Made]) -> Vec<Vec<Sending>> {
    let sent = in_some_order(rng, made);
    let largest = rng.random_range(1..=BATCH_MAX);
    let mut batches = Vec::new();
    let mut rest = sent.as_slice();
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(rng.random_range(1..=largest.min(rest.len())));
        batches.push(batch.to_vec());
        if chance(rng, 10) {
            // The receipts were lost: the desk sends the whole batch again.
            batches.push(batch.to_vec());
        }
        rest = after;
    }
    batches
}

/// An event on its way.
pub fn sending(rng: &mut Rng, event: &Event, claim: Claim) -> Sending {
    let correlation = CorrelationId::new(rng::uuid(rng));
    Sending { event: event.clone(), claim, correlation, received_at: None }
}

fn in_some_order(rng: &mut Rng, made: &[Made]) -> Vec<Sending> {
    let mut sent: Vec<Sending> = Vec::new();
    for m in made {
        for claim in m.put.claims() {
            sent.push(sending(rng, &m.event, *claim));
        }
    }
    // What comes again comes at any earlier or later place.
    let again: Vec<Sending> = (0..rng.random_range(0..=sent.len() / 3))
        .filter_map(|_| sent.choose(rng).cloned())
        .collect();
    match rng.random_range(0..10) {
        // Desks drain their queues in order, between each other.
        0..5 => sent = in_turns(rng, sent),
        5 => sent.reverse(),
        _ => sent.shuffle(rng),
    }
    for repeated in again {
        let place = rng.random_range(0..=sent.len());
        sent.insert(place, repeated);
    }
    sent
}

/// Each desk's events in its own order, and the desks in turns of random length.
fn in_turns(rng: &mut Rng, sent: Vec<Sending>) -> Vec<Sending> {
    let mut queues: Vec<VecDeque<Sending>> = Vec::new();
    let mut place_of = HashMap::new();
    for sending in sent {
        let place = *place_of.entry(sending.event.desk).or_insert_with(|| {
            queues.push(VecDeque::new());
            queues.len() - 1
        });
        queues[place].push_back(sending);
    }
    let mut arrived = Vec::new();
    while !queues.is_empty() {
        let place = rng.random_range(0..queues.len());
        for _ in 0..rng.random_range(1..=TURN_MAX) {
            arrived.extend(queues[place].pop_front());
        }
        if queues[place].is_empty() {
            queues.swap_remove(place);
        }
    }
    arrived
}

/// How many of the events in `taken` arrived after an event of their copy that comes later.
pub fn late(batches: &[Vec<Sending>], taken: &HashSet<EventId>) -> u64 {
    let mut seen = HashSet::new();
    let mut furthest = HashMap::new();
    let mut late = 0;
    for event in batches.iter().flatten().map(|s| &s.event) {
        if !taken.contains(&event.id) || !seen.insert(event.id) {
            continue;
        }
        let reached = furthest.entry(&event.copy).or_insert(event.order());
        if *reached > event.order() {
            late += 1;
        } else {
            *reached = event.order();
        }
    }
    late
}
