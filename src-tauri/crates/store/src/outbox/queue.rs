//! What becomes of events after they are written down.

use lienthu_domain::event::Claim;
use lienthu_domain::ids::{EventId, FeedToken};
use lienthu_domain::times::UtcMs;
use lienthu_port::feed::Watermark;
use lienthu_port::outbox::{QueueCounts, QueueFilter, QueueState, Queued};
use lienthu_port::submit::{BATCH_EVENTS_MAX, Outcome, Receipt, SetAside};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::freeze;
use super::row::{self, columns};
use crate::failure::Failure;

pub(super) fn amend(
    tx: &Transaction<'_>,
    id: EventId,
    claim: Claim,
) -> Result<Option<Queued>, Failure> {
    tx.prepare_cached(
        "UPDATE event SET claim = ?2 WHERE id = ?1 AND state = 'waiting' AND claim = 'request'",
    )?
    .execute(params![id.to_string(), row::claim_code(claim)])?;
    row::get(tx, id)
}

pub(super) fn withdraw_orphans(tx: &Transaction<'_>) -> Result<Vec<Queued>, Failure> {
    let orphans = row::all(
        tx,
        concat!(
            "SELECT ",
            columns!(),
            " FROM event INDEXED BY event_waiting
             WHERE state = 'waiting' AND claim = 'request' ORDER BY place"
        ),
        [],
    )?;
    tx.execute(
        "UPDATE event SET claim = 'withdrawal' WHERE state = 'waiting' AND claim = 'request'",
        [],
    )?;
    Ok(orphans.into_iter().map(|q| Queued { claim: Claim::Withdrawal, ..q }).collect())
}

pub(super) fn next_batch(conn: &Connection, limit: usize) -> Result<Vec<Queued>, Failure> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM event INDEXED BY event_waiting
         WHERE state = 'waiting' AND frozen = 1 ORDER BY place LIMIT ?1"
    );
    row::all(conn, sql, [row::count(limit.min(BATCH_EVENTS_MAX))])
}

pub(super) fn record(
    tx: &Transaction<'_>,
    receipts: &[Receipt],
    state: Watermark,
) -> Result<(), Failure> {
    for receipt in receipts {
        let Some(queued) = waiting(tx, receipt.id)? else { continue };
        if let Some(becomes) = answered(queued.claim, &receipt.outcome) {
            let acked = (becomes == QueueState::Acknowledged).then_some(state.number);
            settle(tx, receipt.id, &becomes, acked)?;
        }
    }
    tx.execute(
        "INSERT INTO proven (one, number, token) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET number = excluded.number, token = excluded.token
         WHERE excluded.number >= proven.number",
        params![state.number, state.token.to_string()],
    )?;
    Ok(())
}

/// What an answer makes of an event that waits. The claim may have changed since the question went
/// out; an answer to what the event no longer claims settles nothing, and it is sent again.
fn answered(claim: Claim, outcome: &Outcome) -> Option<QueueState> {
    match (outcome, claim) {
        (Outcome::Done { .. }, Claim::Request | Claim::Fact) => Some(QueueState::Acknowledged),
        // The site took the request; it does not know yet that it is withdrawn.
        (Outcome::Done { .. }, Claim::Withdrawal) => None,
        (Outcome::Refused { reasons }, Claim::Request) => {
            Some(QueueState::Refused { reasons: reasons.clone() })
        }
        // The site refused the request; it does not know yet that it happened, or is withdrawn.
        (Outcome::Refused { .. }, Claim::Fact | Claim::Withdrawal) => None,
        // A withdrawal holds for good at the site, whatever the desk believes.
        (Outcome::Withdrawn, _) => Some(QueueState::Withdrawn),
        // Whoever asked was told that it did not happen: trying it again later would make it happen.
        (Outcome::SetAside { .. }, Claim::Request) => Some(QueueState::Withdrawn),
        (Outcome::SetAside { why }, Claim::Fact | Claim::Withdrawal) => {
            Some(QueueState::SetAside { why: *why })
        }
    }
}

fn settle(
    tx: &Transaction<'_>,
    id: EventId,
    becomes: &QueueState,
    acked_number: Option<i64>,
) -> Result<(), Failure> {
    let (code, reason) = match becomes {
        QueueState::Waiting => ("waiting", None),
        QueueState::Acknowledged => ("acknowledged", None),
        QueueState::Refused { reasons } => ("refused", Some(serde_json::to_string(reasons)?)),
        QueueState::Withdrawn => ("withdrawn", None),
        QueueState::SetAside { why } => ("set_aside", Some(serde_json::to_string(why)?)),
    };
    tx.prepare_cached("UPDATE event SET state = ?2, reason = ?3, acked_number = ?4 WHERE id = ?1")?
        .execute(params![id.to_string(), code, reason, acked_number])?;
    Ok(())
}

pub(super) fn set_aside(tx: &Transaction<'_>, id: EventId, why: SetAside) -> Result<(), Failure> {
    if waiting(tx, id)?.is_some() {
        settle(tx, id, &QueueState::SetAside { why }, None)?;
    }
    Ok(())
}

/// An event that waits and is about to stop waiting. It may come back to the queue, when those after
/// it are frozen; so its own time is frozen by then, and with it those before it.
fn waiting(tx: &Transaction<'_>, id: EventId) -> Result<Option<Queued>, Failure> {
    let queued = row::get(tx, id)?.filter(|queued| queued.state == QueueState::Waiting);
    if queued.as_ref().is_some_and(|queued| !queued.frozen) {
        freeze::freeze(tx)?;
    }
    Ok(queued)
}

pub(super) fn retry_set_aside(tx: &Transaction<'_>, id: EventId) -> Result<(), Failure> {
    match row::get(tx, id)? {
        Some(Queued { state: QueueState::SetAside { .. }, .. }) => {
            settle(tx, id, &QueueState::Waiting, None)
        }
        _ => Ok(()),
    }
}

pub(super) fn proven(conn: &Connection) -> Result<Option<Watermark>, Failure> {
    let row: Option<(i64, String)> = conn
        .prepare_cached("SELECT number, token FROM proven")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((number, token)) = row else { return Ok(None) };
    let token: FeedToken =
        token.parse().map_err(|_| Failure::unexpected("a stored token does not read"))?;
    Ok(Some(Watermark { number, token }))
}

pub(super) fn send_again(tx: &Transaction<'_>) -> Result<u32, Failure> {
    let events = tx.execute(
        "UPDATE event
         SET claim = CASE state WHEN 'withdrawn' THEN 'withdrawal' ELSE 'fact' END,
             state = 'waiting', acked_number = NULL
         WHERE state IN ('acknowledged', 'withdrawn')",
        [],
    )?;
    tx.execute("DELETE FROM proven", [])?;
    Ok(u32::try_from(events).unwrap_or(u32::MAX))
}

pub(super) fn prune(tx: &Transaction<'_>, before: UtcMs) -> Result<u32, Failure> {
    let events = tx.execute(
        "DELETE FROM event
         WHERE state IN ('acknowledged', 'refused', 'withdrawn') AND at_ms < ?1",
        [before.ms()],
    )?;
    Ok(u32::try_from(events).unwrap_or(u32::MAX))
}

pub(super) fn list(
    conn: &Connection,
    filter: QueueFilter,
    skip: u32,
    limit: usize,
) -> Result<Vec<Queued>, Failure> {
    let sql = match filter {
        QueueFilter::Waiting => concat!(
            "SELECT ",
            columns!(),
            " FROM event WHERE state = 'waiting' ORDER BY place LIMIT ?1 OFFSET ?2"
        ),
        QueueFilter::SetAside => concat!(
            "SELECT ",
            columns!(),
            " FROM event WHERE state = 'set_aside' ORDER BY place LIMIT ?1 OFFSET ?2"
        ),
        QueueFilter::All => {
            concat!("SELECT ", columns!(), " FROM event ORDER BY place DESC LIMIT ?1 OFFSET ?2")
        }
    };
    row::all(conn, sql, params![row::count(limit), skip])
}

pub(super) fn counts(conn: &Connection) -> Result<QueueCounts, Failure> {
    Ok(QueueCounts {
        waiting: row::tallied(conn, "waiting")?,
        set_aside: row::tallied(conn, "set_aside")?,
        acknowledged: row::tallied(conn, "acknowledged")?,
    })
}
