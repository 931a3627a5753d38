//! `rights`: what each role may do at a T-SQL site, tried with a plain connection and held against
//! `sql/site/rights.md`; what a librarian's login can do around the program, which is nothing; that
//! `site check` names what is beyond the list; and that a changed password is the one that signs in.
//!
//! - `cells`: every role, object and verb.
//! - `around`: a librarian without the program.
//! - `drift`: what `site check` finds.
//! - `own_password`: at a desk, with and without its site.

mod around;
mod cells;
mod drift;
mod own_password;

use lienthu_conformance::kit::small_seed;
use lienthu_sqlserver::SqlServerAdmin;
use lienthu_sqlserver::migrate::scripts;

use crate::kit::findings::Findings;
use crate::kit::sites::t_sql;
use crate::registry::Terms;

/// Carries the proof through.
///
/// # Errors
/// When a site or a desk cannot be made.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    own_password::run(terms, findings).await?;
    eprintln!("at a desk: done");
    let Some(server) = t_sql(findings) else { return Ok(()) };
    let site = server.fresh_here(small_seed()).await;
    let mut admin = site.administrator().await?;
    give_the_clock_back(&mut admin).await?;
    eprintln!("a site: made");
    cells::run(&site, &mut admin, findings).await?;
    around::run(&site, &mut admin, findings).await?;
    drift::run(&site, &mut admin, findings).await
}

/// The tests' sites have a clock that tests set; here the site is to be as its migration made it.
async fn give_the_clock_back(admin: &mut SqlServerAdmin) -> anyhow::Result<()> {
    let script = scripts().iter().find(|script| script.name == "UtcNow");
    let script = script.ok_or_else(|| anyhow::anyhow!("sql/site has no clock"))?;
    admin.by_hand("DROP FUNCTION lienthu.UtcNow").await?;
    admin.by_hand(script.text).await?;
    Ok(())
}
