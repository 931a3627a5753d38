//! Freezing: an event's time is corrected once, before it is first sent, and never changes after that.

use lienthu_domain::clock::{BootId, Comparison, Corrected, Reading, correct};
use lienthu_domain::event::Event;
use lienthu_domain::ids::DeskId;
use lienthu_domain::times::UtcMs;
use lienthu_sqlite::rusqlite::{OptionalExtension, Transaction, params};
use uuid::Uuid;

use super::comparisons;
use crate::failure::Failure;

/// Events frozen between two reads of the list: bounds the memory, not the transaction.
const FROZEN_AT_ONCE_MAX: i64 = 500;

struct Unfrozen {
    place: i64,
    scanned: Reading,
    event: Event,
}

/// Freezes all that wait, in the order in which they were made. Returns how many.
pub(super) fn freeze(tx: &Transaction<'_>) -> Result<u32, Failure> {
    freeze_by(tx, &comparisons::load(tx)?)
}

/// [`freeze`], by comparisons that are already at hand.
pub(super) fn freeze_by(tx: &Transaction<'_>, known: &[Comparison]) -> Result<u32, Failure> {
    let mut frozen = 0;
    loop {
        let some = unfrozen(tx)?;
        if some.is_empty() {
            return Ok(frozen);
        }
        for Unfrozen { place, scanned, mut event } in some {
            let corrected = correct_next(tx, event.desk, scanned, known)?;
            event.at = corrected.at;
            event.uncertainty_ms = corrected.uncertainty_ms;
            tx.prepare_cached(
                "UPDATE event SET frozen = 1, at_ms = ?2, event = ?3 WHERE place = ?1",
            )?
            .execute(params![place, event.at.ms(), serde_json::to_string(&event)?])?;
            frozen += 1;
        }
    }
}

/// The time of the next event of a desk's sequence, which becomes the floor of those after it.
pub(super) fn correct_next(
    tx: &Transaction<'_>,
    desk: DeskId,
    scanned: Reading,
    known: &[Comparison],
) -> Result<Corrected, Failure> {
    let corrected = correct(scanned, known, floor(tx, desk)?);
    tx.prepare_cached(
        "INSERT OR REPLACE INTO counter (name, desk, value) VALUES ('last_at_ms', ?1, ?2)",
    )?
    .execute(params![desk.to_string(), corrected.at.ms()])?;
    Ok(corrected)
}

/// The last frozen time of a desk's sequence.
pub(super) fn floor(tx: &Transaction<'_>, desk: DeskId) -> Result<Option<UtcMs>, Failure> {
    let last_at_ms: Option<i64> = tx
        .prepare_cached("SELECT value FROM counter WHERE name = 'last_at_ms' AND desk = ?1")?
        .query_row([desk.to_string()], |row| row.get(0))
        .optional()?;
    Ok(last_at_ms.map(UtcMs::from_ms))
}

fn unfrozen(tx: &Transaction<'_>) -> Result<Vec<Unfrozen>, Failure> {
    let mut statement = tx.prepare_cached(
        "SELECT place, wall_ms, monotonic_ms, boot, event FROM event INDEXED BY event_unfrozen
         WHERE state = 'waiting' AND frozen = 0 ORDER BY place LIMIT ?1",
    )?;
    let rows = statement.query_map([FROZEN_AT_ONCE_MAX], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?, row.get(3)?, row.get(4)?))
    })?;
    rows.map(|row| {
        let (place, wall_ms, monotonic_ms, boot, event): (i64, i64, i64, String, String) = row?;
        let boot =
            Uuid::parse_str(&boot).map_err(|_| Failure::unexpected("a boot id does not read"))?;
        let scanned = Reading {
            wall: UtcMs::from_ms(wall_ms),
            monotonic_ms: u64::try_from(monotonic_ms).unwrap_or(0),
            boot: BootId::new(boot),
        };
        Ok(Unfrozen { place, scanned, event: serde_json::from_str(&event)? })
    })
    .collect()
}
