//! `bad-input`: spoiled files, a full disk, locks, wrong keys, mistakes in the network file and wild
//! scans each end in an error with a name; nothing is lost by them and nothing panics.

mod catalogue;
mod disk;
mod files;
mod locks;
mod network;
mod scans;
mod scene;

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

use crate::kit::findings::Findings;
use crate::kit::rng;
use crate::registry::Terms;

const ROUNDS_SHORT: u64 = 1;
const ROUNDS_LONG: u64 = 30;

/// Carries the proof through.
///
/// # Errors
/// When a scene cannot be set up.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let rounds = if terms.long { ROUNDS_LONG } else { ROUNDS_SHORT };
    for round in 0..rounds {
        let mut rng = rng::of_case(terms.seed, round);
        files::outbox(&mut rng, findings).await?;
        files::key(&mut rng, findings).await?;
        files::cache(&mut rng, findings).await?;
        files::site(&mut rng, findings).await?;
        eprintln!("files: done");
        disk::desk(&mut rng, findings).await?;
        disk::site(&mut rng, findings).await?;
        eprintln!("full disks: done");
        locks::outbox(findings).await?;
        locks::cache(findings).await?;
        eprintln!("locks: done");
        network::mistakes(findings)?;
        catalogue::damage(&mut rng, findings)?;
        scans::at_the_desk(&mut rng, findings).await?;
        scans::at_the_program(&mut rng, findings).await?;
        eprintln!("network file, catalogue, scans: done");
    }
    let tally = findings.tally();
    findings.figure("rounds", rounds);
    findings.figure("inputs", tally.passed + tally.failed + tally.skipped);
    findings.figure("unnamed_or_lost", tally.failed);
    Ok(())
}

/// Runs what must not panic; a panic becomes its words.
async fn unpanicked<T>(work: impl Future<Output = T>) -> Result<T, String> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        format!("panicked: {}", text.unwrap_or_default())
    })
}
