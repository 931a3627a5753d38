//! Trying a connection, stage by stage, and saying where it ends and why.

use std::time::{Duration, Instant};

use lienthu_domain::clock::Comparison;
use lienthu_domain::ids::{BranchCode, Incarnation};
use lienthu_port::diagnosis::{Diagnosis, Finding, LoginRefusal, Stage};
use lienthu_port::handshake::Welcome;
use lienthu_port::site::Credentials;
use lienthu_port::world::Clock;

use crate::calls;
use crate::config::{SqlServerConfig, Tls};
use crate::connection::{CONNECT_SECS_MAX, Connection, account};
use crate::failure::{Failure, Raised};
use crate::migrate::SITE_VERSION;
use crate::reach::{Stopped, reach};
use crate::rows;
use crate::session::{Answer, hello_of_nobody, identity, welcome};

/// How much of what a server calls itself is told, in characters.
const SERVER_CHARS_MAX: usize = 120;

/// What a site should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Whose, as the network file has it.
    pub branch: BranchCode,
    /// The one that this desk knew, if it knew one.
    pub incarnation: Option<Incarnation>,
}

/// Tries a connection. Without a login it goes as far as the server's certificate. A login is tried once.
pub async fn diagnose(
    config: &SqlServerConfig,
    who: Option<&Credentials>,
    expected: &Expected,
    clock: &dyn Clock,
) -> Diagnosis {
    let begun = Instant::now();
    let (stage, finding) = match try_all(config, who, expected, clock).await {
        Ok(found) => found,
        Err(Stopped { stage, finding }) => (stage, finding),
    };
    Diagnosis {
        stage,
        finding,
        plain_text: config.tls == Tls::Off,
        took_ms: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
    }
}

async fn try_all(
    config: &SqlServerConfig,
    who: Option<&Credentials>,
    expected: &Expected,
    clock: &dyn Clock,
) -> Result<(Stage, Finding), Stopped> {
    let reached = reach(config).await?;
    let Some(who) = who else { return Ok((Stage::Encryption, Finding::Answers)) };
    let stopped = |failure| at_sign_in(failure, config);
    let account = account(config.sign_in, who).map_err(stopped)?;
    let limit = Duration::from_secs(CONNECT_SECS_MAX);
    let signing_in = Connection::sign_in(reached, config, account);
    let mut connection = match tokio::time::timeout(limit, signing_in).await {
        Ok(connection) => connection.map_err(stopped)?,
        Err(_) => {
            let finding = Finding::NoAnswer { host: config.address.host().to_owned(), port: None };
            return Err(Stopped { stage: Stage::SignIn, finding });
        }
    };
    let at_site = |finding| Stopped { stage: Stage::Site, finding };
    let (server, round_trip) = name_of(&mut connection)
        .await
        .map_err(|failure| Stopped { stage: Stage::Database, finding: unexpected(&failure) })?;
    let asked = clock.read();
    let hello = connection.query(&calls::HELLO.statement(), &hello_of_nobody()).await;
    let compared = |welcome: &Welcome| Comparison::measured(asked, clock.read(), welcome.now);
    let row = hello.and_then(|sets| Answer::from(sets).row());
    let row = row.map_err(|failure| at_hello(failure, config))?;
    let (branch, theirs) = identity(&row).map_err(|failure| at_site(unexpected(&failure)))?;
    check(branch, theirs, expected).map_err(at_site)?;
    let welcome = welcome(&row).map_err(|failure| at_site(unexpected(&failure)))?;
    let compared = compared(&welcome);
    if let Some(known) = expected.incarnation
        && known != welcome.incarnation
    {
        let found = welcome.incarnation;
        return Err(at_site(Finding::OtherIncarnation { expected: known, found }));
    }
    let offset_ms = compared.site.ms().saturating_sub(compared.desk.wall.ms());
    let fine = Finding::Fine {
        server,
        round_trip_ms: u32::try_from(round_trip.as_millis()).unwrap_or(u32::MAX),
        clock_offset_ms: offset_ms.clamp(i32::MIN.into(), i32::MAX.into()).try_into().unwrap_or(0),
    };
    Ok((Stage::Site, fine))
}

/// What the server calls itself, and how long question and answer took.
async fn name_of(connection: &mut Connection) -> Result<(String, Duration), Failure> {
    let begun = Instant::now();
    let sets = connection.query("SELECT CAST(@@VERSION AS NVARCHAR(300)) AS version", &[]).await?;
    let round_trip = begun.elapsed();
    let name = rows::text(&Answer::from(sets).row()?, 0)?;
    let line = name.lines().next().unwrap_or_default().trim();
    Ok((line.chars().take(SERVER_CHARS_MAX).collect(), round_trip))
}

fn check(branch: BranchCode, theirs: u32, expected: &Expected) -> Result<(), Finding> {
    let ours = SITE_VERSION;
    if theirs < ours {
        return Err(Finding::VersionBehind { ours, theirs });
    }
    if theirs > ours {
        return Err(Finding::VersionNewer { ours, theirs });
    }
    if branch != expected.branch {
        return Err(Finding::WrongBranch { expected: expected.branch.clone(), found: branch });
    }
    Ok(())
}

fn at_sign_in(failure: Failure, config: &SqlServerConfig) -> Stopped {
    let refused = |why| (Stage::SignIn, Finding::LoginFailed { why });
    let (stage, finding) = match failure {
        Failure::NotSetUp(finding) => (Stage::SignIn, *finding),
        Failure::Login | Failure::Server { number: 18_456, .. } => refused(LoginRefusal::Wrong),
        Failure::Server { number: 18_470, .. } => refused(LoginRefusal::Disabled),
        Failure::Server { number: 18_486, .. } => refused(LoginRefusal::Locked),
        Failure::Server { number: 18_487 | 18_488, .. } => refused(LoginRefusal::PasswordOver),
        Failure::Server { number: 4060 | 911 | 916, .. } => {
            (Stage::Database, Finding::DatabaseMissing { database: config.database.clone() })
        }
        failure => (Stage::SignIn, unexpected(&failure)),
    };
    Stopped { stage, finding }
}

fn at_hello(failure: Failure, config: &SqlServerConfig) -> Stopped {
    const NOT_FOUNDED: u32 = Raised::NotFounded.number();
    const NOT_ACTIVE: u32 = Raised::NotActive.number();
    let not_migrated = Finding::NotMigrated { database: config.database.clone() };
    let (stage, finding) = match failure {
        Failure::Server { number: NOT_FOUNDED, .. } => (Stage::Site, not_migrated),
        failure if failure.is_missing() => (Stage::Site, not_migrated),
        Failure::Server { number: NOT_ACTIVE, .. } => {
            (Stage::SignIn, Finding::LoginFailed { why: LoginRefusal::NotStaff })
        }
        failure => (Stage::Site, unexpected(&failure)),
    };
    Stopped { stage, finding }
}

fn unexpected(failure: &Failure) -> Finding {
    Finding::Unexpected { detail: failure.to_string() }
}
