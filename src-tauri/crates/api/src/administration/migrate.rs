//! Bringing sites to this program's version.

use lienthu_domain::times::ZoneOffset;
use lienthu_sqlserver::migrate::{Adoption, Founding, GrantChoice, Migrated, adopt, plan};
use serde::Serialize;

use super::{Administration, AdministrationError, AtSites, Reached, Which};

/// How sites are migrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationOptions {
    /// The offset of local time that is recorded where a database becomes a site.
    pub zone: ZoneOffset,
    /// Says what would be done, and does nothing.
    pub dry_run: bool,
    /// What becomes of the rights on the tables of a database that is adopted.
    pub grants: Option<GrantChoice>,
}

/// What was done at a site, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migration {
    /// Nothing was touched.
    pub dry_run: bool,
    /// The scripts in order, such as `step 0003_site`. None of an embedded site: the program brings its
    /// file up to date whenever it opens it.
    pub applied: Vec<String>,
    /// Whether the database becomes the site of a branch by it.
    pub founded: bool,
    /// Whether transactions may read snapshots there. Nobody knows before the run.
    pub snapshots: Option<bool>,
    /// What was found in a database that was a branch's already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adoption: Option<Adoption>,
}

impl Administration {
    /// Brings sites to this program's version, and makes databases that are none the sites of their
    /// branches.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn migrate(
        &self,
        which: &Which,
        options: MigrationOptions,
    ) -> Result<AtSites<Migration>, AdministrationError> {
        self.at_each(which, async |entry, site| match site {
            Reached::SqlServer { config, admin } => {
                let founding = Founding { branch: entry.code.clone(), zone: options.zone };
                let migrated = if options.dry_run {
                    plan(&config, admin, &founding).await
                } else {
                    adopt(&config, admin, &founding, options.grants).await
                };
                Ok(told(migrated.map_err(|error| error.message())?, options.dry_run))
            }
            Reached::Embedded(site) => {
                // Being opened brought it up to date.
                drop(site);
                Ok(told(Migrated::default(), options.dry_run))
            }
        })
        .await
    }
}

fn told(migrated: Migrated, dry_run: bool) -> Migration {
    let Migrated { applied, founded, snapshots, adoption } = migrated;
    Migration { dry_run, applied, founded, snapshots, adoption }
}
