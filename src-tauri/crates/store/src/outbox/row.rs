//! A row of the table `event` and back.

use lienthu_domain::event::Claim;
use lienthu_domain::ids::EventId;
use lienthu_port::outbox::{QueueState, Queued};
use lienthu_sqlite::rusqlite::{Connection, Params, Row};

use crate::failure::Failure;

/// What [`queued`] reads, in its order.
macro_rules! columns {
    () => {
        "frozen, claim, state, reason, correlation, event"
    };
}
pub(super) use columns;

/// The claim as it is stored.
pub(super) const fn claim_code(claim: Claim) -> &'static str {
    match claim {
        Claim::Request => "request",
        Claim::Fact => "fact",
        Claim::Withdrawal => "withdrawal",
    }
}

fn claim(code: &str) -> Result<Claim, Failure> {
    [Claim::Request, Claim::Fact, Claim::Withdrawal]
        .into_iter()
        .find(|claim| claim_code(*claim) == code)
        .ok_or_else(|| Failure::unexpected("a stored claim does not read"))
}

fn state(code: &str, reason: Option<&str>) -> Result<QueueState, Failure> {
    let reason = reason.unwrap_or("null");
    match code {
        "waiting" => Ok(QueueState::Waiting),
        "acknowledged" => Ok(QueueState::Acknowledged),
        "refused" => Ok(QueueState::Refused { reasons: serde_json::from_str(reason)? }),
        "withdrawn" => Ok(QueueState::Withdrawn),
        "set_aside" => Ok(QueueState::SetAside { why: serde_json::from_str(reason)? }),
        _ => Err(Failure::unexpected("a stored state does not read")),
    }
}

/// Reads [`columns!`].
pub(super) fn queued(row: &Row<'_>) -> Result<Queued, Failure> {
    let (code, reason): (String, Option<String>) = (row.get(2)?, row.get(3)?);
    Ok(Queued {
        frozen: row.get(0)?,
        claim: claim(&row.get::<_, String>(1)?)?,
        state: state(&code, reason.as_deref())?,
        correlation: row
            .get::<_, String>(4)?
            .parse()
            .map_err(|_| Failure::unexpected("a stored correlation id does not read"))?,
        event: serde_json::from_str(&row.get::<_, String>(5)?)?,
    })
}

/// All rows of a query for [`columns!`].
pub(super) fn all(
    conn: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<Queued>, Failure> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_and_then(params, queued)?;
    rows.collect()
}

/// One event.
pub(super) fn get(conn: &Connection, id: EventId) -> Result<Option<Queued>, Failure> {
    let sql = concat!("SELECT ", columns!(), " FROM event WHERE id = ?1");
    Ok(all(conn, sql, [id.to_string()])?.pop())
}

/// How many events are in a state.
pub(super) fn tallied(conn: &Connection, state: &str) -> Result<u32, Failure> {
    Ok(conn
        .prepare_cached("SELECT value FROM counter WHERE name = ?1 AND desk = ''")?
        .query_row([state], |row| row.get(0))?)
}

/// A number of rows, for SQLite.
pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
