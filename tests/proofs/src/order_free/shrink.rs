//! Makes a failing case smaller and tells it to a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lienthu_conformance::Fixture;
use lienthu_domain::event::Event;
use lienthu_port::submit::Sending;

use super::{Case, examine};
use crate::kit::rng::Rng;
use crate::kit::sites;

/// Tries to make a failing case smaller, each on fresh sites.
const TRIES_MAX: u32 = 300;

/// Leaves out of a failing case what it fails without, and tells what is left. The truth holds only
/// where everything was sent, so a case that differs from the truth alone stays as it is.
///
/// # Errors
/// When no fresh site can be had.
pub async fn smallest(
    kind: &dyn Fixture,
    mut case: Case,
    mut wrong: String,
    rng: &mut Rng,
) -> anyhow::Result<String> {
    let all = case.batches.clone();
    case.world.forget_truth();
    if let Some(still) = fails(kind, &case, rng).await? {
        wrong = still;
        let mut tries = 0;
        for batch in (0..case.batches.len()).rev() {
            for place in (0..case.batches[batch].len()).rev() {
                if tries == TRIES_MAX {
                    break;
                }
                tries += 1;
                let left_out = case.batches[batch].remove(place);
                match fails(kind, &case, rng).await? {
                    Some(still) => wrong = still,
                    None => case.batches[batch].insert(place, left_out),
                }
            }
        }
    } else {
        case.batches = all;
    }
    Ok(told(&case, wrong))
}

async fn fails(kind: &dyn Fixture, case: &Case, rng: &mut Rng) -> anyhow::Result<Option<String>> {
    let (site, second) = (sites::fresh(kind).await?, sites::fresh(kind).await?);
    Ok(match examine(case, &*site.site, &*second.site, rng).await {
        Ok(seen) => seen.difference,
        Err(error) => Some(format!("{error:#}")),
    })
}

fn told(case: &Case, mut told: String) -> String {
    // Writing to a string cannot fail.
    let _ = write!(told, "\n  books, and whether known at first: {:?}", case.world.copies);
    let _ = write!(told, "\n  readers: {:?}", case.world.readers);
    let _ = write!(told, ", the others entered before batch {}", case.entered_before);
    let mut desks = BTreeMap::new();
    for (n, batch) in case.batches.iter().enumerate() {
        for Sending { event, claim, .. } in batch {
            let Event { id, desk, seq, at, uncertainty_ms, copy, deed, .. } = event;
            let known = desks.len() + 1;
            let desk = desks.entry(*desk).or_insert(known);
            let _ = write!(
                told,
                "\n  batch {n}: {claim:?} {id} desk {desk} #{seq} {copy} {at} ±{uncertainty_ms} {deed:?}"
            );
        }
    }
    told
}
