//! Running the scripts.

use std::collections::HashMap;

use lienthu_domain::ids::BranchCode;
use lienthu_domain::times::ZoneOffset;
use lienthu_port::error::SiteError;
use lienthu_port::site::Credentials;
use thiserror::Error;

use super::SITE_VERSION;
use super::script::{Kind, Script, scripts};
use super::splitter::batches;
use crate::config::SqlServerConfig;
use crate::connection::{Connection, Param};
use crate::rows;

const LEDGER: &str = include_str!("../../../../../sql/site/ledger.sql");
const FOUNDING: &str = include_str!("../../../../../sql/site/founding.sql");
/// How long a second run waits for the first to end, in milliseconds.
const WAIT_MS_MAX: i32 = 10_000;

/// Foreign keys over text with a collation of its own. Babelfish, which stands in for SQL Server on
/// machines without one, cannot check them ("could not determine which collation to use"); there they go,
/// and only there.
const KEYS_BABELFISH_CANNOT_CHECK: [(&str, &str); 3] = [
    ("lienthu.Flag", "FK_Flag_event"),
    ("lienthu.Loan", "FK_Loan_borrow"),
    ("lienthu.ReviewItem", "FK_ReviewItem_event"),
];

/// Whose site the database becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// The branch.
    pub branch: BranchCode,
    /// The recorded offset of its local time.
    pub zone: ZoneOffset,
}

/// What a run did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Migrated {
    /// The scripts that were applied, in order, such as `step 0003_site`.
    pub applied: Vec<String>,
    /// Whether the database was made the site of a branch.
    pub founded: bool,
    /// Whether transactions may read snapshots there. Nobody knows before the run.
    pub snapshots: Option<bool>,
}

/// Why a site cannot be migrated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MigrateError {
    /// The database cannot be reached, or lets nobody in.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A newer program was here.
    #[error(
        "the site is version {theirs}, this program knows {SITE_VERSION}; use the newer program"
    )]
    Newer {
        /// The site's version.
        theirs: u32,
    },
    /// Another run is at it.
    #[error("another program is migrating this site; wait until it has ended")]
    Running,
    /// A step that was applied is another one now.
    #[error("{0} was applied with another text; a step never changes")]
    StepChanged(String),
    /// It is the site of another branch already.
    #[error("this is the site of {found}, not of {expected}")]
    OtherBranch {
        /// That was to be.
        expected: BranchCode,
        /// That is.
        found: String,
    },
    /// The server refused a batch; what came before it stays, and the next run goes on there.
    #[error("{script}, batch {batch}: {detail}")]
    Refused {
        /// Of this script.
        script: String,
        /// Which, from 1.
        batch: usize,
        /// What the server says.
        detail: String,
    },
}

/// A line of the ledger.
struct Line {
    checksum: String,
    batches: usize,
}

/// Says what [`migrate`] would do, and touches nothing.
///
/// # Errors
/// All of [`MigrateError`] but `Running` and `Refused`.
pub async fn plan(
    config: &SqlServerConfig,
    admin: &Credentials,
    founding: &Founding,
) -> Result<Migrated, MigrateError> {
    let mut run = Run::open(config, admin).await?;
    let ledger = run.ledger().await?;
    let mut planned = Migrated::default();
    for script in scripts() {
        if Run::todo(script, &ledger)?.is_some() {
            planned.applied.push(script.ledger_name());
        }
    }
    planned.founded = match ledger.is_empty() {
        true => true,
        false => run.found_branch().await?.is_none(),
    };
    run.check_founding(&ledger, founding).await?;
    Ok(planned)
}

/// Brings the database to this program's version, and makes it the site of a branch if it is none.
///
/// # Errors
/// See [`MigrateError`].
pub async fn migrate(
    config: &SqlServerConfig,
    admin: &Credentials,
    founding: &Founding,
) -> Result<Migrated, MigrateError> {
    let mut run = Run::open(config, admin).await?;
    run.lock().await?;
    run.script("ledger", LEDGER).await?;
    let ledger = run.ledger().await?;
    run.check_founding(&ledger, founding).await?;
    let mut migrated = Migrated::default();
    for script in scripts() {
        let Some(done) = Run::todo(script, &ledger)? else { continue };
        run.apply(script, done).await?;
        migrated.applied.push(script.ledger_name());
    }
    let is_babelfish = run.is_babelfish().await?;
    if is_babelfish {
        run.drop_keys_babelfish_cannot_check().await;
    }
    // Babelfish knows snapshots, but no procedure that begins one.
    let snapshots = !is_babelfish && run.switch_snapshots_on().await;
    if run.found_branch().await?.is_none() {
        run.found(founding, snapshots).await?;
        migrated.founded = true;
    }
    run.note_snapshots(snapshots).await?;
    migrated.snapshots = Some(snapshots);
    Ok(migrated)
}

/// The branch whose site a database is, if it is one.
///
/// # Errors
/// `Site`.
pub async fn founded_as(
    config: &SqlServerConfig,
    admin: &Credentials,
) -> Result<Option<String>, MigrateError> {
    let mut run = Run::open(config, admin).await?;
    if run.ledger().await?.is_empty() { Ok(None) } else { run.found_branch().await }
}

struct Run {
    connection: Connection,
}

impl Run {
    async fn open(config: &SqlServerConfig, admin: &Credentials) -> Result<Self, MigrateError> {
        let connection = Connection::open(config, admin).await;
        Ok(Self { connection: connection.map_err(|failure| failure.of_call(None))? })
    }

    async fn read(
        &mut self,
        statement: &str,
        params: &[Param],
    ) -> Result<Vec<tiberius::Row>, MigrateError> {
        let sets = self.connection.query(statement, params).await;
        let sets = sets.map_err(|failure| failure.of_call(None))?;
        Ok(sets.into_iter().next().unwrap_or_default())
    }

    /// Held by the session, so that it goes with the connection, however that ends.
    async fn lock(&mut self) -> Result<(), MigrateError> {
        let got = self
            .read(
                "DECLARE @got INT;
                 DECLARE @resource NVARCHAR(255) = N'lienthu.migrate ' + DB_NAME();
                 EXEC @got = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive',
                     @LockOwner = N'Session', @LockTimeout = @P1;
                 SELECT @got AS got",
                &[Param::Int(WAIT_MS_MAX)],
            )
            .await?;
        match got.first().and_then(|row| rows::number::<i64>(row, 0).ok()) {
            Some(got) if got >= 0 => Ok(()),
            _ => Err(MigrateError::Running),
        }
    }

    async fn ledger(&mut self) -> Result<HashMap<String, Line>, MigrateError> {
        let there = self.read("SELECT OBJECT_ID(N'lienthu.Migration') AS there", &[]).await?;
        let is_there = there.first().is_some_and(|row| rows::number::<i64>(row, 0).is_ok());
        if !is_there {
            return Ok(HashMap::new());
        }
        let lines = self
            .read(
                "SELECT object_name AS object_name, checksum AS checksum, batches AS batches,
                     program AS program
                 FROM lienthu.Migration",
                &[],
            )
            .await?;
        let mut ledger = HashMap::with_capacity(lines.len());
        for row in &lines {
            let line = || -> Result<_, crate::failure::Failure> {
                let line = Line { checksum: rows::text(row, 1)?, batches: rows::number(row, 2)? };
                Ok((rows::text(row, 0)?, line, rows::number::<u32>(row, 3)?))
            };
            let (name, line, program) = line().map_err(|failure| failure.of_call(None))?;
            if program > SITE_VERSION {
                return Err(MigrateError::Newer { theirs: program });
            }
            ledger.insert(name, line);
        }
        Ok(ledger)
    }

    /// How many batches of a script are done, if any is left to do.
    fn todo(
        script: &Script,
        ledger: &HashMap<String, Line>,
    ) -> Result<Option<usize>, MigrateError> {
        let Some(line) = ledger.get(&script.ledger_name()) else { return Ok(Some(0)) };
        let is_same = line.checksum == script.checksum();
        if script.kind != Kind::Step {
            return Ok(if is_same { None } else { Some(0) });
        }
        if !is_same {
            return Err(MigrateError::StepChanged(script.ledger_name()));
        }
        Ok(if line.batches == batches(script.text).len() { None } else { Some(line.batches) })
    }

    async fn apply(&mut self, script: &Script, done: usize) -> Result<(), MigrateError> {
        let name = script.ledger_name();
        let batches = match (script.kind, script.object()) {
            (Kind::Procedure, Some(object)) if self.exists(object).await? => vec![script.altered()],
            (Kind::Function, Some(object)) => {
                vec![format!("DROP FUNCTION IF EXISTS {object}"), script.text.to_owned()]
            }
            (Kind::Trigger, Some(object)) => {
                vec![format!("DROP TRIGGER IF EXISTS {object}"), script.text.to_owned()]
            }
            _ => batches(script.text),
        };
        for (place, batch) in batches.iter().enumerate().skip(done) {
            self.batch(&name, place, "SET XACT_ABORT ON; BEGIN TRANSACTION").await?;
            let step = async {
                self.batch(&name, place, batch).await?;
                self.note(&name, script, place + 1).await
            };
            if let Err(refused) = step.await {
                // The transaction may have ended with the error.
                drop(self.connection.batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await);
                return Err(refused);
            }
            self.batch(&name, place, "COMMIT TRANSACTION").await?;
        }
        Ok(())
    }

    async fn exists(&mut self, object: &str) -> Result<bool, MigrateError> {
        let found =
            self.read("SELECT OBJECT_ID(@P1) AS there", &[Param::Text(object.to_owned())]).await?;
        Ok(found.first().is_some_and(|row| rows::number::<i64>(row, 0).is_ok()))
    }

    async fn note(
        &mut self,
        name: &str,
        script: &Script,
        batches: usize,
    ) -> Result<(), MigrateError> {
        let batches = i32::try_from(batches).unwrap_or(i32::MAX);
        let program = i32::try_from(SITE_VERSION).unwrap_or(i32::MAX);
        self.read(
            "DELETE FROM lienthu.Migration WHERE object_name = @P1;
             INSERT INTO lienthu.Migration (object_name, checksum, batches, program, applied_at)
             VALUES (@P1, @P2, @P3, @P4, SYSUTCDATETIME())",
            &[
                Param::Text(name.to_owned()),
                Param::Text(script.checksum()),
                Param::Int(batches),
                Param::Int(program),
            ],
        )
        .await?;
        Ok(())
    }

    async fn batch(&mut self, script: &str, place: usize, batch: &str) -> Result<(), MigrateError> {
        self.connection.batch(batch).await.map_err(|error| MigrateError::Refused {
            script: script.to_owned(),
            batch: place + 1,
            detail: error.to_string(),
        })?;
        Ok(())
    }

    async fn script(&mut self, name: &str, text: &str) -> Result<(), MigrateError> {
        for (place, batch) in batches(text).iter().enumerate() {
            self.batch(name, place, batch).await?;
        }
        Ok(())
    }

    async fn found_branch(&mut self) -> Result<Option<String>, MigrateError> {
        if !self.exists("lienthu.Site").await? {
            return Ok(None);
        }
        let found = self.read("SELECT branch AS branch FROM lienthu.Site", &[]).await?;
        found
            .first()
            .map(|row| rows::text(row, 0).map_err(|failure| failure.of_call(None).into()))
            .transpose()
    }

    async fn check_founding(
        &mut self,
        ledger: &HashMap<String, Line>,
        founding: &Founding,
    ) -> Result<(), MigrateError> {
        if ledger.is_empty() {
            return Ok(());
        }
        match self.found_branch().await? {
            Some(found) if found != founding.branch.as_str() => {
                Err(MigrateError::OtherBranch { expected: founding.branch.clone(), found })
            }
            _ => Ok(()),
        }
    }

    /// All or nothing: half a site has no checks on its fragment.
    async fn found(&mut self, founding: &Founding, snapshots: bool) -> Result<(), MigrateError> {
        let text = FOUNDING
            .replace("$(branch)", &founding.branch.as_str().replace('\'', "''"))
            .replace("$(zone_minutes)", &founding.zone.minutes().to_string())
            .replace("$(snapshot_on)", &u8::from(snapshots).to_string());
        self.batch("founding", 0, "SET XACT_ABORT ON; BEGIN TRANSACTION").await?;
        if let Err(refused) = self.script("founding", &text).await {
            drop(self.connection.batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await);
            return Err(refused);
        }
        self.batch("founding", 0, "COMMIT TRANSACTION").await
    }

    async fn is_babelfish(&mut self) -> Result<bool, MigrateError> {
        let version = self.read("SELECT @@VERSION AS version", &[]).await?;
        let version = version.first().and_then(|row| rows::text(row, 0).ok());
        Ok(version.is_some_and(|version| version.starts_with("Babelfish")))
    }

    /// Those that an earlier run has dropped are an error that says nothing.
    async fn drop_keys_babelfish_cannot_check(&mut self) {
        for (table, key) in KEYS_BABELFISH_CANNOT_CHECK {
            drop(
                self.connection.batch(&format!("ALTER TABLE {table} DROP CONSTRAINT {key}")).await,
            );
        }
    }

    /// Asks for snapshots, and then tries one: who may not ask finds out whether somebody else did.
    async fn switch_snapshots_on(&mut self) -> bool {
        drop(self.connection.batch("ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON").await);
        let tried = self
            .connection
            .batch(
                "SET TRANSACTION ISOLATION LEVEL SNAPSHOT;
                 BEGIN TRANSACTION;
                 SELECT number AS number FROM lienthu.Counter;
                 COMMIT TRANSACTION",
            )
            .await;
        if tried.is_err() {
            drop(self.connection.batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await);
        }
        drop(self.connection.batch("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").await);
        tried.is_ok()
    }

    async fn note_snapshots(&mut self, snapshots: bool) -> Result<(), MigrateError> {
        self.read("UPDATE lienthu.Site SET snapshot_on = @P1", &[Param::Bit(snapshots)]).await?;
        Ok(())
    }
}
