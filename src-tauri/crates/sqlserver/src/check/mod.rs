//! Whether a site is still what its migration made of it: `site check`. Nothing is changed.
//!
//! - [`finding`]: what can be found, as a closed list.
//! - `objects`: procedures, functions, triggers, constraints and their owners.
//! - `grants`: who may do what, against `sql/site/rights.md`.
//! - `people`: logins, users and roles against lienthu.Staff.
//! - `rows`: what was written around the triggers.
//! - `server`: versions, clocks, snapshots, and who stands in the way.

mod finding;
mod grants;
mod objects;
mod people;
mod rows;
mod server;

use lienthu_domain::times::UtcMs;
use lienthu_port::error::SiteError;
use lienthu_port::site::Credentials;

pub use finding::{Finding, Severity};

use crate::admin::SqlServerAdmin;
use crate::config::SqlServerConfig;
use crate::migrate::{Founding, MigrateError};

/// Looks a site over. `clock` reads this computer's.
///
/// # Errors
/// `Site` when the database cannot be looked at; `OtherBranch`.
pub async fn check(
    config: &SqlServerConfig,
    admin: &Credentials,
    founding: &Founding,
    clock: impl Fn() -> UtcMs,
) -> Result<Vec<Finding>, MigrateError> {
    let (version, is_site) = server::version(config, admin, founding).await?;
    let mut findings = version;
    if !is_site {
        return Ok(findings);
    }
    let mut admin = SqlServerAdmin::open(config, admin).await?;
    let is_babelfish = admin.is_babelfish().await?;
    findings.extend(objects::check(&mut admin).await?);
    findings.extend(grants::check(&mut admin, is_babelfish).await?);
    findings.extend(people::check(&mut admin).await?);
    findings.extend(rows::check(&mut admin).await?);
    findings.extend(server::check(&mut admin, is_babelfish, clock).await?);
    Ok(findings)
}

/// A row of a report that has so many cells; those that are NULL are empty.
fn cells<const N: usize>(row: Vec<Option<String>>) -> Result<[String; N], SiteError> {
    let row: Vec<String> = row.into_iter().map(Option::unwrap_or_default).collect();
    row.try_into().map_err(|_| SiteError::Unexpected { detail: "a report's columns".to_owned() })
}

/// A count of a report.
fn number(cell: &str) -> Result<i64, SiteError> {
    cell.parse().map_err(|_| SiteError::Unexpected { detail: "a report's number".to_owned() })
}
