//! Running the scripts.

use std::collections::HashMap;

use lienthu_domain::ids::BranchCode;
use lienthu_domain::times::ZoneOffset;
use lienthu_port::error::SiteError;
use lienthu_port::site::Credentials;
use thiserror::Error;
use uuid::Uuid;

use super::SITE_VERSION;
use super::adoption::{self, Adoption, ContradictionKind, Figures, GrantChoice};
use super::script::{Kind, Script, scripts};
use super::splitter::batches;
use crate::config::SqlServerConfig;
use crate::connection::{Connection, Param};
use crate::rows;

const LEDGER: &str = include_str!("../../../../../sql/site/ledger.sql");
const FOUNDING: &str = include_str!("../../../../../sql/site/founding.sql");
/// How long a second run waits for the first to end, in milliseconds.
const WAIT_MS_MAX: i32 = 10_000;

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
    /// What was found in a database that was a branch's already, and what was done with it.
    pub adoption: Option<Adoption>,
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
    /// What is in the database contradicts the rules; nothing was touched.
    #[error("the database cannot be adopted: {}", codes(.0))]
    Blocked(Vec<ContradictionKind>),
    /// Somebody holds rights on the tables, and nobody has said what becomes of them; nothing was touched.
    #[error("{0} rights on the tables are held; choose whether they are revoked or kept")]
    GrantsUndecided(usize),
    /// A value was changed that is not noted; the founding was taken back.
    #[error("{0} was changed beyond what is noted; the founding was taken back")]
    Changed(String),
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

fn codes(kinds: &[ContradictionKind]) -> String {
    kinds.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(", ")
}

/// A line of the ledger.
struct Line {
    checksum: String,
    batches: usize,
}

/// Says what [`migrate`] would do, and touches nothing.
///
/// # Errors
/// `Site`, `Newer`, `StepChanged`, `OtherBranch`.
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
    if planned.founded {
        planned.adoption = run.survey(founding, &ledger).await?;
    }
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
    adopt(config, admin, founding, None).await
}

/// As [`migrate`], of a database that holds data: `grants` says what becomes of the rights on its tables, and
/// must be said where there are any.
///
/// # Errors
/// See [`MigrateError`].
pub async fn adopt(
    config: &SqlServerConfig,
    admin: &Credentials,
    founding: &Founding,
    grants: Option<GrantChoice>,
) -> Result<Migrated, MigrateError> {
    let mut run = Run::open(config, admin).await?;
    run.lock().await?;
    let ledger = run.ledger().await?;
    run.check_founding(&ledger, founding).await?;
    let mut migrated = Migrated::default();
    if ledger.is_empty() || run.found_branch().await?.is_none() {
        migrated.adoption = run.survey(founding, &ledger).await?;
    }
    if let Some(adoption) = &mut migrated.adoption {
        let blocking = adoption.contradictions.iter().filter(|found| found.blocking);
        let mut kinds: Vec<ContradictionKind> = blocking.map(|found| found.kind).collect();
        kinds.dedup();
        if !kinds.is_empty() {
            return Err(MigrateError::Blocked(kinds));
        }
        if !adoption.grants.is_empty() && grants.is_none() {
            return Err(MigrateError::GrantsUndecided(adoption.grants.len()));
        }
        adoption.grant_choice = grants;
    }
    run.script("ledger", LEDGER).await?;
    for script in scripts() {
        let Some(done) = Run::todo(script, &ledger)? else { continue };
        run.apply(script, done).await?;
        migrated.applied.push(script.ledger_name());
    }
    let is_babelfish = run.is_babelfish().await?;
    if is_babelfish {
        run.drop_foreign_keys().await?;
    }
    // Babelfish knows snapshots, but no procedure that begins one.
    let snapshots = !is_babelfish && run.switch_snapshots_on().await;
    if let Some(Adoption { grants: held, grant_choice: Some(GrantChoice::Revoke), .. }) =
        &migrated.adoption
    {
        adoption::revoke(&mut run, held).await?;
    }
    if run.found_branch().await?.is_none() {
        let (before, after) = run.found(founding, snapshots).await?;
        migrated.founded = true;
        if let Some(adoption) = &mut migrated.adoption {
            adoption.before = before;
            adoption.after = after;
            adoption.changed = adoption::changed(&mut run).await?;
        }
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

pub(super) struct Run {
    pub(super) connection: Connection,
}

impl Run {
    async fn open(config: &SqlServerConfig, admin: &Credentials) -> Result<Self, MigrateError> {
        let connection = Connection::open(config, admin).await;
        Ok(Self { connection: connection.map_err(|failure| failure.of_call(None))? })
    }

    pub(super) async fn read(
        &mut self,
        statement: &str,
        params: &[Param],
    ) -> Result<Vec<tiberius::Row>, MigrateError> {
        let sets = self.connection.query(statement, params).await;
        let sets = sets.map_err(|failure| failure.of_call(None))?;
        Ok(sets.into_iter().next().unwrap_or_default())
    }

    /// Asks a question that may take as long as a large table takes.
    pub(super) async fn ask(&mut self, question: &str) -> Result<Vec<tiberius::Row>, MigrateError> {
        let answer = self.connection.batch(question).await;
        let answer = answer.map_err(|error| MigrateError::Refused {
            script: "survey".to_owned(),
            batch: 1,
            detail: error.to_string(),
        })?;
        Ok(answer.into_iter().next().unwrap_or_default())
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
        // A step goes on behind its last batch. An object that was dropped to be made again must never be left
        // like that with its line written: its batches are one transaction.
        let transactions: Vec<&[String]> = match script.kind {
            Kind::Step => batches.chunks(1).skip(done).collect(),
            _ => vec![&batches],
        };
        let mut place = if script.kind == Kind::Step { done } else { 0 };
        for transaction in transactions {
            self.batch(&name, place, "SET XACT_ABORT ON; BEGIN TRANSACTION").await?;
            let work = async {
                for batch in transaction {
                    self.batch(&name, place, batch).await?;
                    place += 1;
                }
                self.note(&name, script, place).await
            };
            if let Err(refused) = work.await {
                // The transaction may have ended with the error.
                drop(self.connection.batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await);
                return Err(refused);
            }
            self.batch(&name, place, "COMMIT TRANSACTION").await?;
        }
        Ok(())
    }

    pub(super) async fn exists(&mut self, object: &str) -> Result<bool, MigrateError> {
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

    pub(super) async fn batch(
        &mut self,
        script: &str,
        place: usize,
        batch: &str,
    ) -> Result<(), MigrateError> {
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

    async fn survey(
        &mut self,
        founding: &Founding,
        ledger: &HashMap<String, Line>,
    ) -> Result<Option<Adoption>, MigrateError> {
        // Steps may have added columns already.
        let is_begun = !ledger.is_empty();
        adoption::survey(self, &founding.branch, founding.zone, is_begun).await
    }

    /// All or nothing: half a site has no checks on its fragment. Gives the tables as they were and as they
    /// are, measured while nobody else could write.
    async fn found(
        &mut self,
        founding: &Founding,
        snapshots: bool,
    ) -> Result<(Vec<Figures>, Vec<Figures>), MigrateError> {
        self.batch("founding", 0, "SET XACT_ABORT ON; BEGIN TRANSACTION").await?;
        let founded = self.found_within(founding, snapshots).await;
        if founded.is_err() {
            drop(self.connection.batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await);
        } else {
            self.batch("founding", 0, "COMMIT TRANSACTION").await?;
        }
        founded
    }

    async fn found_within(
        &mut self,
        founding: &Founding,
        snapshots: bool,
    ) -> Result<(Vec<Figures>, Vec<Figures>), MigrateError> {
        let text = FOUNDING
            .replace("$(branch)", &founding.branch.as_str().replace('\'', "''"))
            .replace("$(zone_minutes)", &founding.zone.minutes().to_string())
            .replace("$(snapshot_on)", &u8::from(snapshots).to_string())
            .replace("$(site_key)", &Uuid::new_v4().to_string());
        let batches = batches(&text);
        let mut before = Vec::new();
        for (place, batch) in batches.iter().enumerate() {
            self.batch("founding", place, batch).await?;
            if place == 0 {
                before = adoption::measure(self).await?;
            }
        }
        let put_back = adoption::measure_put_back(self).await?;
        if let Some((was, _)) = before.iter().zip(&put_back).find(|(was, is)| was != is) {
            return Err(MigrateError::Changed(was.table.clone()));
        }
        Ok((before, adoption::measure(self).await?))
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
