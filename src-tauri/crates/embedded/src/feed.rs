//! The delta feed: what changed after a watermark, page by page. See [`lienthu_port::feed`] for what it
//! promises and `sql/embedded/003_feed.sql` for how changes are noted.

use lienthu_domain::times::UtcMs;
use lienthu_port::feed::{
    FEED_PAGE_ROWS_MAX, FeedPage, FeedPosition, FeedRow, PullFrom, Pulled, RefillReason, RowKind,
    Watermark,
};
use lienthu_sqlite::Fault;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Params, Row, params};

use crate::counter;
use crate::failure::Failure;
use crate::rows;

/// How long tombstones and the tokens of past states are kept, in days: longer than desks keep
/// acknowledged events, so that a site put back to an older state is noticed by every desk that can
/// still mend it. A cache that stayed away for longer fills anew.
pub const FEED_KEPT_DAYS: i64 = 60;
/// How often a site looks for what it need not keep, in hours.
const PRUNED_EVERY_HOURS: i64 = 24;
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// A row of the change log.
struct Change {
    number: i64,
    kind: u8,
    key: String,
    gone: bool,
}

/// The next page after where the cache has come. Called within one snapshot.
pub(crate) fn pull(tx: &Connection, from: &PullFrom, now: UtcMs) -> Result<Pulled, Failure> {
    let floor: i64 =
        tx.prepare_cached("SELECT floor FROM lienthu_counter")?.query_row([], |row| row.get(0))?;
    for state in [from.watermark, from.position.as_ref().map(|p| p.read_in)].into_iter().flatten() {
        if let Some(why) = reason_to_refill(tx, state, floor)? {
            return Ok(Pulled::Refill(why));
        }
    }
    let shown = from.watermark.map_or(0, |watermark| watermark.number);
    let (number, kind, key) = match &from.position {
        Some(position) => (position.number, position.kind.code(), position.key.as_str()),
        // Behind every key of the number that is shown.
        None => (shown, u8::MAX, ""),
    };
    // Rows that came after this were never sent to this cache, so that their end is no news either.
    let sent_up_to = from.position.as_ref().map_or(shown, |p| p.number.max(shown));

    let mut changes = changes_after(tx, number, kind, key, sent_up_to)?;
    let is_last = changes.len() <= FEED_PAGE_ROWS_MAX;
    changes.truncate(FEED_PAGE_ROWS_MAX);
    let state = counter::current(tx)?;
    let next = match changes.last() {
        Some(last) if !is_last => Some(FeedPosition {
            number: last.number,
            kind: kind_of(last)?,
            key: last.key.clone(),
            read_in: state,
        }),
        _ => None,
    };
    let rows = changes.iter().map(|change| row_of(tx, change)).collect::<Result<_, _>>()?;
    let complete = is_last.then_some(state);
    Ok(Pulled::Page(FeedPage { rows, next, complete, read_at: now }))
}

fn reason_to_refill(
    tx: &Connection,
    state: Watermark,
    floor: i64,
) -> Result<Option<RefillReason>, Failure> {
    Ok(if counter::is_past(tx, state)? {
        None
    } else if state.number < floor {
        Some(RefillReason::BelowFloor)
    } else {
        Some(RefillReason::Restored)
    })
}

/// One more than a page holds, so that the last page knows that it is the last.
fn changes_after(
    tx: &Connection,
    number: i64,
    kind: u8,
    key: &str,
    sent_up_to: i64,
) -> Result<Vec<Change>, Failure> {
    let limit = i64::try_from(FEED_PAGE_ROWS_MAX).unwrap_or(i64::MAX).saturating_add(1);
    Ok(tx
        .prepare_cached(
            "SELECT number, kind, key, gone FROM lienthu_change
             WHERE (number, kind, key) > (?1, ?2, ?3) AND NOT (gone = 1 AND since > ?4)
             ORDER BY number, kind, key LIMIT ?5",
        )?
        .query_map(params![number, kind, key, sent_up_to, limit], |row| {
            Ok(Change {
                number: row.get(0)?,
                kind: row.get(1)?,
                key: row.get(2)?,
                gone: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}

fn kind_of(change: &Change) -> Result<RowKind, Failure> {
    Ok(RowKind::from_code(change.kind)
        .ok_or_else(|| Fault::Unexpected(format!("no kind {} of row", change.kind)))?)
}

/// The row as it is now, or its tombstone.
fn row_of(tx: &Connection, change: &Change) -> Result<FeedRow, Failure> {
    let kind = kind_of(change)?;
    let key = change.key.as_str();
    let row = if change.gone {
        None
    } else {
        match kind {
            RowKind::Branch => one(
                tx,
                &format!("SELECT {} FROM CHINHANH WHERE MaCN = ?1", rows::BRANCH),
                [key],
                |row| rows::branch(row).map(FeedRow::Branch),
            )?,
            RowKind::Title => one(
                tx,
                &format!("SELECT {} FROM SACH WHERE ISBN = ?1", rows::TITLE),
                [key],
                |row| rows::title(row).map(FeedRow::Title),
            )?,
            RowKind::Policy => one(
                tx,
                &format!(
                    "SELECT {} FROM lienthu_loan_policy WHERE branch || '|' || category = ?1",
                    rows::POLICY
                ),
                [key],
                |row| rows::policy(row).map(FeedRow::Policy),
            )?,
            RowKind::ClosedDay => one(
                tx,
                &format!(
                    "SELECT {} FROM lienthu_closed_day WHERE branch || '|' || date = ?1",
                    rows::CLOSED_DAY
                ),
                [key],
                |row| rows::closed_day(row).map(FeedRow::ClosedDay),
            )?,
            RowKind::Patron => one(
                tx,
                &format!("SELECT {} FROM DOCGIA WHERE MaDG = ?1", rows::CARD),
                [key],
                |row| rows::card(row).map(FeedRow::Patron),
            )?,
            RowKind::Copy => one(
                tx,
                &format!("SELECT {} FROM QUYENSACH WHERE MaQuyenSach = ?1", rows::COPY),
                [key],
                |row| rows::copy(row).map(FeedRow::Copy),
            )?,
            RowKind::OpenLoan => one(
                tx,
                &format!(
                    "SELECT {} FROM lienthu_loan l JOIN PHIEUMUON p ON p.MaPM = l.MaPM
                     WHERE l.borrow = ?1",
                    rows::LOAN
                ),
                [key],
                |row| rows::loan(row).map(FeedRow::OpenLoan),
            )?,
        }
    };
    Ok(row.unwrap_or_else(|| FeedRow::Removed { kind, key: change.key.clone() }))
}

fn one<P: Params>(
    tx: &Connection,
    statement: &str,
    params: P,
    read: impl FnOnce(&Row<'_>) -> lienthu_sqlite::rusqlite::Result<FeedRow>,
) -> Result<Option<FeedRow>, Failure> {
    Ok(tx.prepare_cached(statement)?.query_row(params, read).optional()?)
}

/// Whether it is time to prune.
pub(crate) fn is_pruning_due(tx: &Connection, now: UtcMs) -> Result<bool, Failure> {
    let pruned_at_ms: i64 = tx
        .prepare_cached("SELECT pruned_at_ms FROM lienthu_site")?
        .query_row([], |row| row.get(0))?;
    Ok(now.since_ms(UtcMs::from_ms(pruned_at_ms)) >= PRUNED_EVERY_HOURS * HOUR_MS)
}

/// Drops tombstones older than [`FEED_KEPT_DAYS`], and the tokens of states before them: a cache or a pull
/// that knows no later state may have missed what was dropped, and has to begin anew.
pub(crate) fn prune(tx: &Connection, now: UtcMs) -> Result<(), Failure> {
    let before_ms = now.plus_ms(-FEED_KEPT_DAYS * 24 * HOUR_MS).ms();
    tx.execute("UPDATE lienthu_site SET pruned_at_ms = ?1", [now.ms()])?;
    let (was, floor): (i64, i64) = tx.query_row(
        "SELECT c.floor, max(c.floor, coalesce((SELECT max(t.number) FROM lienthu_feed_token t
                                                WHERE t.at_ms < ?1 AND t.number < c.number), 0))
         FROM lienthu_counter c",
        [before_ms],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if floor == was {
        return Ok(());
    }
    tx.execute("DELETE FROM lienthu_change WHERE gone = 1 AND number <= ?1", [floor])?;
    tx.execute("UPDATE lienthu_counter SET floor = ?1", [floor])?;
    tx.execute("DELETE FROM lienthu_feed_token WHERE number < ?1", [floor])?;
    Ok(())
}
