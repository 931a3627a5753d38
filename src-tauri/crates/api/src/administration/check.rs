//! Whether sites are still what their migration made of them, and saying that one was restored.

use lienthu_domain::times::ZoneOffset;
use lienthu_port::message::Message;
use lienthu_sqlserver::SqlServerAdmin;
use lienthu_sqlserver::check::{Finding, Severity, check};
use lienthu_sqlserver::migrate::Founding;
use serde::Serialize;

use super::{Administration, AdministrationError, AtSites, Reached, Which};
use crate::system::wall_clock;

/// Something that was found at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// How much it matters.
    pub severity: Severity,
    /// What it is, with its particulars.
    pub finding: Finding,
    /// What to do.
    pub message: Message,
}

/// What was found at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Nothing that anybody should see to.
    pub clean: bool,
    /// Everything, the worst first.
    pub findings: Vec<Found>,
}

/// A site said that it was restored from a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Its incarnation from now on.
    pub incarnation: String,
}

impl Administration {
    /// Looks sites over, and changes nothing. Of an embedded site there is little to find: its one program
    /// keeps its file up to date, its rights stand in the program, and its triggers cannot be disabled.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn check(&self, which: &Which) -> Result<AtSites<Drift>, AdministrationError> {
        self.at_each(which, async |entry, site| {
            let findings = match site {
                Reached::SqlServer { config, admin } => {
                    let founding =
                        Founding { branch: entry.code.clone(), zone: ZoneOffset::VIET_NAM };
                    let found = check(&config, admin, &founding, wall_clock).await;
                    found.map_err(|error| error.message())?
                }
                Reached::Embedded(site) => {
                    site.verify().await.map_err(|error| error.message())?;
                    Vec::new()
                }
            };
            let mut findings: Vec<Found> = findings
                .into_iter()
                .map(|finding| Found {
                    severity: finding.severity(),
                    message: finding.message(),
                    finding,
                })
                .collect();
            findings.sort_by_key(|found| std::cmp::Reverse(found.severity));
            let clean = findings.iter().all(|found| found.severity == Severity::Notice);
            Ok(Drift { clean, findings })
        })
        .await
    }

    /// Says of sites that they were restored from a backup: a new incarnation begins. Their desks notice by
    /// themselves that the site knows less than they do, and send it again.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn restored(&self, which: &Which) -> Result<AtSites<Restored>, AdministrationError> {
        self.at_each(which, async |_, site| {
            let incarnation = match site {
                Reached::SqlServer { config, admin } => {
                    let site = SqlServerAdmin::open(&config, admin).await;
                    let mut site = site.map_err(|error| error.message())?;
                    site.start_incarnation().await.map_err(|error| error.message())?
                }
                Reached::Embedded(site) => {
                    let begun = site.start_incarnation().await;
                    begun.map_err(|error| error.message())?.to_string()
                }
            };
            Ok(Restored { incarnation })
        })
        .await
    }
}
