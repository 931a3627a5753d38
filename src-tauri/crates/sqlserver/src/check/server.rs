//! Versions, clocks, snapshots, and who stands in the way.

use lienthu_domain::times::UtcMs;
use lienthu_port::error::SiteError;
use lienthu_port::site::Credentials;

use super::{Finding, cells, number};
use crate::admin::SqlServerAdmin;
use crate::config::SqlServerConfig;
use crate::migrate::{Founding, MigrateError, founded_as, plan};

/// How far the server's clock may be off this computer's, in seconds. Desks correct for it; what is
/// further off is a clock that nobody sets.
const CLOCK_OFF_S_MAX: i64 = 60;

/// What the versions say, and whether there is a site to look at.
pub(super) async fn version(
    config: &SqlServerConfig,
    admin: &Credentials,
    founding: &Founding,
) -> Result<(Vec<Finding>, bool), MigrateError> {
    match plan(config, admin, founding).await {
        Ok(_) if founded_as(config, admin).await?.is_none() => {
            Ok((vec![Finding::NotASite {}], false))
        }
        Ok(planned) if planned.applied.is_empty() => Ok((Vec::new(), true)),
        Ok(planned) => {
            let scripts = u32::try_from(planned.applied.len()).unwrap_or(u32::MAX);
            Ok((vec![Finding::Behind { scripts }], true))
        }
        // Its objects are others; comparing them with ours would say nothing.
        Err(MigrateError::Newer { theirs }) => Ok((vec![Finding::Newer { theirs }], false)),
        Err(error) => Err(error),
    }
}

pub(super) async fn check(
    admin: &mut SqlServerAdmin,
    is_babelfish: bool,
    clock: impl Fn() -> UtcMs,
) -> Result<Vec<Finding>, SiteError> {
    let mut findings = times(admin, clock).await?;
    let state = admin
        .report(
            "SELECT (SELECT taken FROM lienthu.Counter) AS taken,
                 (SELECT CASE WHEN s.snapshot_on = 1 AND d.snapshot_isolation_state = 1 THEN 1 ELSE 0 END
                  FROM lienthu.Site AS s CROSS JOIN sys.databases AS d WHERE d.name = DB_NAME()) AS snapshots",
            &[],
        )
        .await?;
    let [taken, snapshots] = cells(state.into_iter().next().unwrap_or_default())?;
    if taken == "1" {
        findings.push(Finding::CounterTaken {});
    }
    // Babelfish has snapshots, but no procedure that begins one: there they are off by design.
    if snapshots != "1" && !is_babelfish {
        findings.push(Finding::SnapshotOff {});
    }
    findings.extend(blockers(admin, is_babelfish).await?);
    Ok(findings)
}

async fn times(
    admin: &mut SqlServerAdmin,
    clock: impl Fn() -> UtcMs,
) -> Result<Vec<Finding>, SiteError> {
    let asked = clock();
    let rows = admin
        .report(
            "SELECT SYSUTCDATETIME() AS now_time, zone_minutes AS zone_minutes,
                 DATEDIFF(MINUTE, SYSUTCDATETIME(), SYSDATETIME()) AS server_minutes
             FROM lienthu.Site",
            &[],
        )
        .await?;
    let answered = clock();
    let [now, recorded, server] = cells(rows.into_iter().next().unwrap_or_default())?;
    let now: UtcMs = format!("{}Z", now.replace(' ', "T"))
        .parse()
        .map_err(|_| SiteError::Unexpected { detail: "the server's time".to_owned() })?;
    let (recorded, server) = (number(&recorded)?, number(&server)?);
    let middle = asked.plus_ms(answered.since_ms(asked) / 2);
    let seconds = now.since_ms(middle) / 1_000;
    let mut findings = Vec::new();
    if seconds.abs() > CLOCK_OFF_S_MAX {
        findings.push(Finding::ClockOff { seconds });
    }
    if recorded != server {
        findings.push(Finding::ZoneOff { recorded, server });
    }
    Ok(findings)
}

/// Sessions with an open transaction that others wait for.
async fn blockers(
    admin: &mut SqlServerAdmin,
    is_babelfish: bool,
) -> Result<Vec<Finding>, SiteError> {
    if is_babelfish {
        return Ok(vec![Finding::CannotTell { what: "sys.dm_exec_requests".to_owned() }]);
    }
    let rows = admin
        .report(
            "SELECT CAST(s.session_id AS BIGINT) AS session_id, COUNT(*) AS waiting
             FROM sys.dm_exec_sessions AS s
             INNER JOIN sys.dm_exec_requests AS r ON r.blocking_session_id = s.session_id
             WHERE s.open_transaction_count > 0 AND s.database_id = DB_ID()
             GROUP BY s.session_id ORDER BY s.session_id",
            &[],
        )
        .await?;
    let mut findings = Vec::new();
    for row in rows {
        let [session, waiting] = cells(row)?;
        let (session, waiting) = (number(&session)?, number(&waiting)?);
        findings.push(Finding::Blocker { session, waiting });
    }
    Ok(findings)
}
