//! Writing an event down: the one transaction that a scan waits for.

use lienthu_domain::clock::correct;
use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_port::error::StoreError;
use lienthu_port::outbox::{Draft, QueueState, Queued, WAITING_MAX};
use lienthu_sqlite::rusqlite::{Transaction, params};

use super::{comparisons, enrolment, freeze, row};
use crate::failure::Failure;

pub(super) fn append(tx: &Transaction<'_>, draft: Draft) -> Result<Queued, Failure> {
    if row::tallied(tx, "waiting")? >= WAITING_MAX {
        return Err(StoreError::QueueFull.into());
    }
    // A request goes out at once, so its time is frozen now, and with it the time of everything
    // before it: corrected times never decrease along the sequence.
    let frozen = draft.claim == Claim::Request;
    let event = next_event(tx, &draft, frozen)?;
    let patron = match &draft.deed {
        Deed::Borrow { patron, .. } => Some(patron.as_str().to_owned()),
        _ => None,
    };
    tx.prepare_cached(
        "INSERT INTO event (id, desk, seq, copy, patron, at_ms, frozen, claim, state, wall_ms,
                            monotonic_ms, boot, correlation, event)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        event.id.to_string(),
        event.desk.to_string(),
        event.seq,
        event.copy.as_str(),
        patron,
        event.at.ms(),
        frozen,
        row::claim_code(draft.claim),
        draft.scanned.wall.ms(),
        i64::try_from(draft.scanned.monotonic_ms).unwrap_or(i64::MAX),
        draft.scanned.boot.uuid().to_string(),
        draft.correlation.to_string(),
        serde_json::to_string(&event)?,
    ])?;
    Ok(Queued {
        event,
        frozen,
        claim: draft.claim,
        state: QueueState::Waiting,
        correlation: draft.correlation,
    })
}

/// The next event of the desk's sequence, meant for its own site. `frozen`: with its time, and that of everything
/// before it, as they stay.
pub(super) fn next_event(
    tx: &Transaction<'_>,
    draft: &Draft,
    frozen: bool,
) -> Result<Event, Failure> {
    let enrolment =
        enrolment::load(tx)?.ok_or_else(|| Failure::unexpected("the desk is not enrolled"))?;
    let desk = enrolment.desk;
    let seq: u32 = tx
        .prepare_cached(
            "UPDATE counter SET value = value + 1 WHERE name = 'last_seq' AND desk = ?1
             RETURNING value",
        )?
        .query_row([desk.to_string()], |row| row.get(0))?;
    let known = comparisons::load(tx)?;
    let corrected = if frozen {
        freeze::freeze_by(tx, &known)?;
        freeze::correct_next(tx, desk, draft.scanned, &known)?
    } else {
        correct(draft.scanned, &known, freeze::floor(tx, desk)?)
    };
    Ok(Event {
        id: draft.id,
        desk,
        seq,
        site: enrolment.branch,
        scanned_by: draft.scanned_by.clone(),
        at: corrected.at,
        uncertainty_ms: corrected.uncertainty_ms,
        overridden: draft.overridden,
        copy: draft.copy.clone(),
        deed: draft.deed.clone(),
    })
}
