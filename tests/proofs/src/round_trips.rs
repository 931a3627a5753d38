//! `round-trips`: a queue goes to a T-SQL site in one round trip for each batch. The line counts them: an
//! end that has asked says nothing until it is answered.

use anyhow::ensure;
use lienthu_port::submit::BATCH_EVENTS_MAX;

use crate::kit::findings::Findings;
use crate::kit::over_line::{OverLine, credentials};
use crate::kit::sites::t_sql;
use crate::registry::Terms;

const EVENTS: usize = 1_000;
/// Beyond the batches: the greeting, and asking what changed.
const BESIDE_MAX: usize = 2;

/// Carries the proof through.
///
/// # Errors
/// When the site or the desk cannot be made.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let Some(server) = t_sql(findings) else { return Ok(()) };
    let mut scene = OverLine::set(&server, EVENTS, terms.seed).await?;
    scene.lend_offline(EVENTS).await?;
    // Connecting is not counted: the desk signs in again, with all of its events waiting, and is held up
    // before it gets to send them.
    let who = credentials();
    scene.station.desk.sign_in(who.login, who.password).await?;
    ensure!(
        scene.station.outbox.counts().await?.waiting as usize == EVENTS,
        "some are sent already"
    );

    let _connecting = scene.line.take_turns();
    let contact = scene.station.desk.contact().await?;
    let round_trips = scene.line.take_turns();

    let batches = EVENTS.div_ceil(BATCH_EVENTS_MAX);
    findings.figure("events", EVENTS);
    findings.figure("batch", BATCH_EVENTS_MAX);
    findings.figure("round_trips", round_trips);
    findings.figure("limit", batches + BESIDE_MAX);
    findings.figure("pages", contact.pages);
    findings.check(
        "a queue takes one round trip for each batch, and two beside",
        (batches as u64..=(batches + BESIDE_MAX) as u64).contains(&round_trips),
        || format!("{round_trips} for {batches} batches"),
    );
    scene.check_loans("the queue was sent", findings).await
}
