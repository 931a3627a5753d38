//! `wire`: whatever happens on the line between a desk and a T-SQL site, the desk knows within a named
//! time, lends on meanwhile, and in the end nothing is lost and nothing is there twice.

mod certificates;
mod diagnoses;
mod line;
mod server;

use std::time::Duration;

use lienthu_desk::circulation::ANSWER_MS_MAX;
use lienthu_desk::site_state::SiteState;

use crate::kit::findings::Findings;
use crate::kit::over_line::OverLine;
use crate::kit::sites::t_sql;
use crate::registry::Terms;

/// More than all faults together lend.
const COPIES: usize = 120;
/// What a scan takes at the desk itself, on a busy machine and unoptimised, besides waiting for the site.
const OWN_MS_MAX: u64 = 2_000;
/// How long a librarian waits for an answer at most, whatever happens on the line.
const SCAN_MS_MAX: u64 = ANSWER_MS_MAX + OWN_MS_MAX;

/// Carries the proof through.
///
/// # Errors
/// When the site or the desk cannot be made.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let Some(server) = t_sql(findings) else { return Ok(()) };
    let mut scene = OverLine::set(&server, COPIES, terms.seed).await?;
    encrypted(&scene, findings);
    line::prove(&mut scene, findings).await?;
    certificates::prove(&mut scene, findings).await?;
    diagnoses::prove(&scene, findings).await?;
    server::prove(&mut scene, findings).await?;
    Ok(())
}

/// Readers' names went over the line, to fill the cache; nobody on the line could read them.
fn encrypted(scene: &OverLine, findings: &mut Findings) {
    const NAME: &str = "Nguyễn Văn";
    let seen = scene.line.take_seen();
    let utf16: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let shows = |text: &[u8]| seen.windows(text.len()).any(|window| window == text);
    findings.figure("bytes_looked_at", seen.len());
    findings.check(
        "the readers' names cannot be read on the line",
        seen.len() > COPIES * utf16.len() && !shows(&utf16) && !shows(NAME.as_bytes()),
        || format!("in {} bytes", seen.len()),
    );
}

/// Notes what was reached, how long it took, and how long it may take.
fn note(
    findings: &mut Findings,
    fault: &'static str,
    reached: SiteState,
    took: Duration,
    limit_ms: u64,
) {
    let ms = took.as_millis();
    findings.figure(fault, format!("state={} ms={ms} limit={limit_ms}", name(reached)));
    findings.check(&format!("{fault}: the desk knows in time"), ms <= u128::from(limit_ms), || {
        format!("{ms} ms, of at most {limit_ms}")
    });
}

const fn name(state: SiteState) -> &'static str {
    match state {
        SiteState::NotTried => "not_tried",
        SiteState::Reachable => "reachable",
        SiteState::Unreachable { .. } => "unreachable",
        SiteState::Draining { .. } => "draining",
    }
}
