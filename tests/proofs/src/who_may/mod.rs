//! `who-may`: who may do what about transactions over several sites, tried at the sites. A librarian can start
//! none of it but receiving; the agent finishes what others decided and chooses nothing.
//!
//! - `cells`: every request, in every role, at the site that decides and at one that does not.
//! - `forged`: a decision that the deciding site never made.
//! - `direct`: every procedure, function and table of it, with a plain connection to a T-SQL site.

mod cells;
mod direct;
mod forged;
mod scene;

use crate::kit::findings::Findings;
use crate::kit::sites;
use crate::registry::Terms;

/// Carries the proof through.
///
/// # Errors
/// When no site can be had.
pub async fn run(_: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    for kind in sites::available(findings) {
        let mut scene = scene::Scene::new(&*kind).await?;
        cells::run(&mut scene, findings).await?;
        forged::run(&mut scene, findings).await?;
    }
    if let Some(server) = sites::t_sql(findings) {
        direct::run(&server, findings).await?;
    }
    Ok(())
}
