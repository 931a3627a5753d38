//! `order-free`, invariant I2: whatever the order, batching or repetition in which the events of any
//! number of desks arrive, the site ends with the same loans; and with exactly the true ones, where
//! every scan was made and the clocks can tell apart all events of each copy.

mod arrival;
mod compare;
mod desk;
mod shrink;
mod world;

use std::ops::AddAssign;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures::future::try_join_all;
use lienthu_conformance::Fixture;
use lienthu_conformance::embedded::Embedded;
use lienthu_domain::event::Event;
use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_port::site::Site;
use lienthu_port::submit::Sending;
use rand::Rng as _;

use self::compare::Said;
use self::world::World;
use crate::kit::branch::Branch;
use crate::kit::findings::Findings;
use crate::kit::loans::{at_site, difference, of_events};
use crate::kit::rng::{self, Rng};
use crate::kit::sites;
use crate::registry::Terms;

/// Cases on the embedded site, short and long.
const CASES_EMBEDDED: (u64, u64) = (2_000, 100_000);
/// Cases on a server, where each call is a round trip.
const CASES_ON_SERVER: (u64, u64) = (100, 2_000);
/// Cases that share a site; each has books of its own.
const CASES_PER_SITE: u64 = 100;
/// In per cent of all cases: histories that can have happened, with an event that came late.
const POSSIBLE_AND_LATE_MIN: u64 = 30;
/// Mismatches that are looked into before a run of cases ends.
const MISMATCHES_MAX: usize = 3;

/// A history and how it reaches the site.
#[derive(Debug)]
struct Case {
    world: World,
    batches: Vec<Vec<Sending>>,
    /// Before which batch the books are entered that the site does not know from the beginning.
    entered_before: usize,
}

/// What a case showed.
struct Seen {
    possible: bool,
    late: u64,
    difference: Option<String>,
}

impl Case {
    fn random(rng: &mut Rng, name: &str) -> Self {
        let world = World::random(rng, name);
        let batches = arrival::batches(rng, &world.made);
        let entered_before = rng.random_range(0..=batches.len());
        Self { world, batches, entered_before }
    }

    fn copies(&self, are_meant: impl Fn(bool) -> bool) -> Vec<Barcode> {
        meant(&self.world.copies, are_meant)
    }

    fn readers(&self, are_meant: impl Fn(bool) -> bool) -> Vec<PatronCode> {
        meant(&self.world.readers, are_meant)
    }
}

fn meant<K: Clone>(all: &[(K, bool)], are_meant: impl Fn(bool) -> bool) -> Vec<K> {
    all.iter().filter(|(_, known)| are_meant(*known)).map(|(key, _)| key.clone()).collect()
}

/// Carries the proof through.
///
/// # Errors
/// When no site can be had.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let mut kinds: Vec<Vec<Arc<dyn Fixture>>> = vec![vec![Arc::new(Embedded)]];
    // A run of cases on each server: several on one make Babelfish lose sight of its temporary tables.
    let servers = sites::t_sql_servers(findings).into_iter();
    let servers: Vec<Arc<dyn Fixture>> =
        servers.map(|server| Arc::new(server) as Arc<dyn Fixture>).collect();
    if !servers.is_empty() {
        kinds.push(servers);
    }
    // One kind after the other: beside each other on one disk, each waits for the other's durable writes.
    for lanes in &kinds {
        report(&play_all(lanes, terms).await?, findings);
    }
    Ok(())
}

/// Plays all cases of one kind of site, some on each of its servers.
async fn play_all(lanes: &[Arc<dyn Fixture>], terms: Terms) -> anyhow::Result<AllPlayed> {
    let Some(first) = lanes.first() else { anyhow::bail!("no site of this kind") };
    let name = first.kind();
    let (short, long) = if name == Embedded.kind() { CASES_EMBEDDED } else { CASES_ON_SERVER };
    let cases = if terms.long { long } else { short };
    let begun = Instant::now();
    let done = AtomicU64::new(0);
    let tell = || {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(cases / 10) {
            eprintln!("{name}: {done} of {cases} after {} s", begun.elapsed().as_secs());
        }
    };
    let playing = (0..)
        .zip(lanes)
        .map(|(place, kind)| play(&**kind, terms.seed, (place..cases).step_by(lanes.len()), &tell));
    let mut all = Played::default();
    for played in try_join_all(playing).await? {
        all += played;
    }
    Ok(AllPlayed { name, cases, all, seconds: begun.elapsed().as_secs() })
}

/// What all cases of one kind of site showed.
struct AllPlayed {
    name: &'static str,
    cases: u64,
    all: Played,
    seconds: u64,
}

fn report(played: &AllPlayed, findings: &mut Findings) {
    let AllPlayed { name, cases, all, seconds } = played;
    for _ in 0..all.right {
        findings.pass();
    }
    for (case, wrong) in &all.mismatches {
        findings.fail(&format!("{name}: case {case}"), wrong);
    }
    for (figure, value) in [
        ("cases", *cases),
        ("possible", all.possible),
        ("late", all.late),
        ("possible_and_late", all.possible_and_late),
        ("mismatches", all.mismatches.len() as u64),
        ("seconds", *seconds),
    ] {
        findings.figure(format!("{name}_{figure}"), value);
    }
    findings.check(
        &format!("{name}: enough histories that can have happened have an event that came late"),
        all.possible_and_late * 100 >= cases * POSSIBLE_AND_LATE_MIN,
        || format!("{} of {cases}", all.possible_and_late),
    );
}

/// What some cases showed.
#[derive(Default)]
struct Played {
    right: u64,
    possible: u64,
    late: u64,
    possible_and_late: u64,
    mismatches: Vec<(u64, String)>,
}

impl AddAssign for Played {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.possible += other.possible;
        self.late += other.late;
        self.possible_and_late += other.possible_and_late;
        self.mismatches.extend(other.mismatches);
    }
}

/// Plays cases one after the other, on two sites that they share.
async fn play(
    kind: &dyn Fixture,
    seed: u64,
    cases: impl Iterator<Item = u64>,
    tell: &impl Fn(),
) -> anyhow::Result<Played> {
    let mut played = Played::default();
    let mut pair = (sites::fresh(kind).await?, sites::fresh(kind).await?);
    for (place, n) in (1..).zip(cases) {
        if place % CASES_PER_SITE == 0 {
            pair = (sites::fresh(kind).await?, sites::fresh(kind).await?);
        }
        let mut rng = rng::of_case(seed, n);
        let case = Case::random(&mut rng, &format!("C{n}"));
        let wrong = match examine(&case, &*pair.0.site, &*pair.1.site, &mut rng).await {
            Ok(seen) => {
                played.possible += u64::from(seen.possible);
                played.late += seen.late;
                played.possible_and_late += u64::from(seen.possible && seen.late > 0);
                seen.difference
            }
            Err(error) => Some(format!("{error:#}")),
        };
        match wrong {
            None => played.right += 1,
            Some(wrong) => {
                let smaller = shrink::smallest(kind, case, wrong, &mut rng).await?;
                played.mismatches.push((n, smaller));
                if played.mismatches.len() == MISMATCHES_MAX {
                    break;
                }
            }
        }
        tell();
    }
    Ok(played)
}

/// Plays a case to one site as it arrives, to another in its own order, and compares.
async fn examine(
    case: &Case,
    site: &dyn Site,
    second: &dyn Site,
    rng: &mut Rng,
) -> anyhow::Result<Seen> {
    let (copies, made) = (case.copies(|_| true), &case.world.made);
    let (before, after) = case.batches.split_at(case.entered_before);
    let mut said = Said::default();
    sites::enter(site, &case.copies(|known| known), &case.readers(|known| known)).await?;
    said.send(site, before, made).await?;
    sites::enter(site, &case.copies(|known| !known), &case.readers(|known| !known)).await?;
    said.send(site, after, made).await?;

    let is_taken = |e: &&Event| said.taken.contains(&e.id);
    let set: Vec<&Event> = made.iter().map(|m| &m.event).filter(is_taken).collect();
    let found = at_site(site, &copies).await?;
    let (folded, odd) = of_events(&Branch::code(), &set, &copies);

    sites::enter(second, &copies, &case.readers(|_| true)).await?;
    compare::send_in_order(second, rng, &set).await?;
    let in_order = at_site(second, &copies).await?;

    let mut wrong = difference("the site beside the fold", &found, &folded)
        .or_else(|| difference("the site beside one fed in order", &found, &in_order));
    let truth = case.world.truth();
    if let Some(truth) = truth {
        let truth = compare::by_truth(truth, made)?;
        wrong = wrong.or_else(|| difference("the site beside the truth", &found, &truth));
    }
    if wrong.is_none() {
        let flagged = compare::flags_at_site(site, rng, &set).await?;
        if flagged != odd {
            wrong = Some(format!("odd at the site: {flagged:?}, by the fold: {odd:?}"));
        }
    }
    if wrong.is_none() {
        let again = at_site(site, &copies).await?;
        wrong = difference("after everything came once more", &again, &folded);
    }
    Ok(Seen {
        possible: truth.is_some(),
        late: arrival::late(&case.batches, &said.taken),
        difference: wrong,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::order_free::world::Put;

    /// The generator and the fold, without a site: what the proof stands on.
    #[test]
    fn the_fold_of_a_history_that_can_have_happened_is_the_truth_and_many_are_late() {
        const CASES: u64 = 1_000;
        let seed: u64 = rand::random();
        let mut possible_and_late = 0;
        for n in 0..CASES {
            let mut rng = rng::of_case(seed, n);
            let case = Case::random(&mut rng, "C");
            let Some(truth) = case.world.truth() else { continue };
            let made = &case.world.made;
            let counted = made.iter().filter(|m| m.put != Put::Withdrawn);
            let set: Vec<&Event> = counted.map(|m| &m.event).collect();
            let (loans, odd) = of_events(&Branch::code(), &set, &case.copies(|_| true));
            let truth = compare::by_truth(truth, made).unwrap();
            assert_eq!(difference("fold", &loans, &truth), None, "seed {seed}, case {n}");
            assert!(odd.is_empty(), "seed {seed}, case {n}: {odd:?}");
            let ids = set.iter().map(|e| e.id).collect();
            possible_and_late += u64::from(arrival::late(&case.batches, &ids) > 0);
        }
        assert!(
            possible_and_late * 100 >= CASES * POSSIBLE_AND_LATE_MIN,
            "seed {seed}: {possible_and_late} of {CASES}"
        );
    }
}
