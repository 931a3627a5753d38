//! `adopt`: a customer's database becomes a site as it stands. Everything that stands against it is listed
//! before anything is touched; nothing is changed that is not noted; a run that was cut off is finished by the
//! next; and afterwards the app lends and returns there, beside the programs that were there before.

mod customer;
mod life;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use lienthu_conformance::sqlserver::Server;
use lienthu_domain::times::ZoneOffset;
use lienthu_sqlserver::migrate::{
    Adoption, ContradictionKind, Founding, GrantChoice, MigrateError, Migrated, adopt, plan,
};
use rand::{Rng as _, SeedableRng as _};

use self::customer::Customer;
use crate::kit::findings::Findings;
use crate::kit::keys::key;
use crate::kit::sites::NO_T_SQL;
use crate::registry::Terms;

const CUSTOMER: &str = include_str!("customer.sql");
const REPAIRS: &str = include_str!("repairs.sql");
/// What the script is known to hold, besides what `--plan` finds that is no fault.
const KNOWN: &[ContradictionKind] = &[
    ContradictionKind::OtherBranch,
    ContradictionKind::KeyUnusable,
    ContradictionKind::ReferenceMissing,
    ContradictionKind::TitleMissing,
    ContradictionKind::LoanReferenceUnknown,
    ContradictionKind::ReferenceSpelling,
    ContradictionKind::NameMissing,
    ContradictionKind::IsbnCheckDigit,
    ContradictionKind::StateOutOfStep,
    ContradictionKind::SeveralOpenLoans,
    ContradictionKind::ReturnedBeforeLent,
    ContradictionKind::LentInFuture,
    ContradictionKind::ReturnedInFuture,
    ContradictionKind::LentNever,
    ContradictionKind::ConstraintMissing,
];
/// How long a run that is to be cut off may take until it has come so far.
const CUT_SECS_MAX: u64 = 120;
/// Lines of the ledger of a whole run, about; a run is cut off after some of them.
const LEDGER_LINES: usize = 40;

/// Carries the proof through.
///
/// # Errors
/// When the server fails, or the script.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let Some(server) = Server::from_environment() else {
        findings.skip("a customer's database is adopted", NO_T_SQL);
        return Ok(());
    };
    match terms.database {
        None => {
            let customer = Customer::make(&server, CUSTOMER).await?;
            let end = with_known_script(terms, &customer, findings).await;
            customer.drop_database().await;
            end
        }
        Some(file) => {
            let script = read(file).await?;
            let customer = Customer::make(&server, &script).await?;
            let end = with_any_script(terms, &customer, findings).await;
            customer.drop_database().await;
            end
        }
    }
}

async fn read(file: &Path) -> anyhow::Result<String> {
    tokio::fs::read_to_string(file).await.with_context(|| format!("reading {}", file.display()))
}

async fn with_known_script(
    terms: Terms,
    customer: &Customer,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let planned = planned(customer, findings).await?;
    for kind in KNOWN {
        let is_found = planned.contradictions.iter().any(|found| found.kind == *kind);
        findings.check("the plan names what is known to be wrong", is_found, || kind.code());
    }
    refused(customer, None, findings, |error| matches!(error, MigrateError::Blocked(_))).await?;
    customer.run(REPAIRS).await?;
    let repaired = plan_of(customer).await?;
    findings.check("what was repaired is gone from the plan", !repaired.is_blocked(), || {
        names(&repaired)
    });
    refused(customer, None, findings, |error| matches!(error, MigrateError::GrantsUndecided(_)))
        .await?;
    migrated(terms, customer, findings).await?;
    life::goes_on(customer, findings).await
}

/// A script of somebody else's: what it holds is not known, but what is promised is.
async fn with_any_script(
    terms: Terms,
    customer: &Customer,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let planned = planned(customer, findings).await?;
    if planned.is_blocked() {
        refused(customer, Some(GrantChoice::Keep), findings, |error| {
            matches!(error, MigrateError::Blocked(_))
        })
        .await?;
        bail!("the database is not adopted before this is corrected: {}", names(&planned));
    }
    migrated(terms, customer, findings).await?;
    life::goes_on(customer, findings).await
}

fn founding() -> Founding {
    Founding { branch: key(customer::BRANCH), zone: ZoneOffset::VIET_NAM }
}

async fn plan_of(customer: &Customer) -> anyhow::Result<Adoption> {
    let planned = plan(&customer.config, &customer.admin, &founding()).await?;
    planned.adoption.context("the database holds no base tables")
}

fn names(adoption: &Adoption) -> String {
    let blocking = adoption.contradictions.iter().filter(|found| found.blocking);
    blocking
        .map(|found| format!("{} {}.{}", found.kind.code(), found.table, found.column))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Plans, tells what the plan says, and holds it to touching nothing.
async fn planned(customer: &Customer, findings: &mut Findings) -> anyhow::Result<Adoption> {
    let objects = customer.objects().await?;
    let planned = plan_of(customer).await?;
    for found in &planned.contradictions {
        let place = format!("{}_{}_{}", found.kind.code(), found.table, found.column);
        findings.figure(place.trim_end_matches('_').to_ascii_lowercase(), found.count);
    }
    findings.figure("grants", planned.grants.len());
    findings.figure("procedures_kept", planned.procedures.len());
    let again = plan_of(customer).await?;
    findings.check("a plan touches no row", planned.before == again.before, || "checksums differ");
    let still = customer.objects().await?;
    findings.check("a plan makes nothing", objects == still, || format!("{objects} then {still}"));
    Ok(planned)
}

/// Migrates where it must be refused, and holds that to touching nothing.
async fn refused(
    customer: &Customer,
    grants: Option<GrantChoice>,
    findings: &mut Findings,
    is_right: fn(&MigrateError) -> bool,
) -> anyhow::Result<()> {
    let before = (plan_of(customer).await?.before, customer.objects().await?);
    match adopt(&customer.config, &customer.admin, &founding(), grants).await {
        Ok(_) => findings.fail("what stands against it stops it", "it was adopted"),
        Err(error) => {
            findings
                .check("it is refused for the right reason", is_right(&error), || error.to_string())
        }
    }
    let after = (plan_of(customer).await?.before, customer.objects().await?);
    findings.check("what is refused touches nothing", before == after, || "it touched something");
    Ok(())
}

/// Cuts a run off, starts two at once, and looks at what the one that did it says.
async fn migrated(
    terms: Terms,
    customer: &Customer,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(terms.seed);
    let lines = random.random_range(1..LEDGER_LINES);
    let before = plan_of(customer).await?.before;
    let reached = cut_off(customer, lines).await?;
    findings.figure("cut_off_after_lines", reached);

    let (founding, grants) = (founding(), Some(GrantChoice::Revoke));
    let (one, other) = tokio::join!(
        adopt(&customer.config, &customer.admin, &founding, grants),
        adopt(&customer.config, &customer.admin, &founding, grants),
    );
    let (did, did_not) = match (one, other) {
        (Ok(one), other) if one.founded => (one, other),
        (one, Ok(other)) if other.founded => (other, one),
        (one, other) => bail!("neither run adopted it: {one:?}, {other:?}"),
    };
    let is_orderly = match &did_not {
        Ok(second) => second.applied.is_empty() && !second.founded,
        Err(error) => matches!(error, MigrateError::Running),
    };
    findings.check("of two runs at once, one does it", is_orderly, || format!("{did_not:?}"));
    told(customer, &before, &did, findings).await
}

async fn told(
    customer: &Customer,
    before: &[lienthu_sqlserver::migrate::Figures],
    did: &Migrated,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let adoption = did.adoption.as_ref().context("the run tells of no adoption")?;
    ensure!(adoption.before.len() == adoption.after.len(), "the run measured some tables once");
    findings.check(
        "a run that was cut off has changed no value",
        before == adoption.before,
        || format!("{before:?} then {:?}", adoption.before),
    );
    for (was, is) in adoption.before.iter().zip(&adoption.after) {
        let table = was.table.to_ascii_lowercase();
        findings.figure(format!("{table}_before"), format!("{} {}", was.rows, was.checksum));
        findings.figure(format!("{table}_after"), format!("{} {}", is.rows, is.checksum));
        let is_noted = adoption.changed.iter().any(|changed| changed.table == was.table);
        findings.check("a table without noted changes is the same", is_noted || was == is, || {
            was.table.clone()
        });
    }
    for changed in &adoption.changed {
        let column = format!("changed_{}_{}", changed.table, changed.column).to_ascii_lowercase();
        findings.figure(column, changed.values);
    }
    let second = adopt(&customer.config, &customer.admin, &founding(), None).await?;
    let is_idle = second.applied.is_empty() && !second.founded && second.adoption.is_none();
    findings.check("a second run finds nothing to do", is_idle, || format!("{second:?}"));
    Ok(())
}

/// Begins a run and cuts it off when so many lines stand in the ledger; how many did then.
async fn cut_off(customer: &Customer, lines: usize) -> anyhow::Result<usize> {
    let (config, admin, founding) = (customer.config.clone(), customer.admin.clone(), founding());
    let running =
        tokio::spawn(
            async move { adopt(&config, &admin, &founding, Some(GrantChoice::Keep)).await },
        );
    let watching = async {
        loop {
            let written = customer.ledger_lines().await?;
            if written >= lines || running.is_finished() {
                return anyhow::Ok(written);
            }
        }
    };
    let watched = tokio::time::timeout(Duration::from_secs(CUT_SECS_MAX), watching).await;
    running.abort();
    let reached = watched.context("the run did not come so far")??;
    match running.await {
        Ok(ended) => bail!("the run ended before it was cut off: {ended:?}"),
        Err(_) => Ok(reached),
    }
}
