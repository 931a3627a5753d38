//! The site's counter: every transaction that writes takes the next number first.

use lienthu_domain::ids::FeedToken;
use lienthu_domain::times::UtcMs;
use lienthu_port::feed::Watermark;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::failure::Failure;
use crate::rows::parsed;

/// Does `work` in a transaction with a number of its own, and returns the state that holds its effect.
/// Work that writes nothing leaves no number behind: sending something again changes nothing, not even
/// the counter.
pub(crate) fn writing<T>(
    conn: &mut Connection,
    now: UtcMs,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
) -> Result<(T, Watermark), Failure> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.prepare_cached(
        "UPDATE lienthu_counter SET number = number + 1, taken = 1, at_ms = ?1 WHERE taken = 0",
    )?
    .execute([now.ms()])?;
    let before = tx.total_changes();
    let result = work(&tx)?;
    if tx.total_changes() == before {
        tx.rollback()?;
        return Ok((result, current(conn)?));
    }
    tx.prepare_cached("UPDATE lienthu_counter SET taken = 0")?.execute([])?;
    let state = current(&tx)?;
    tx.commit()?;
    Ok((result, state))
}

/// The site's state now.
pub(crate) fn current(conn: &Connection) -> Result<Watermark, Failure> {
    Ok(conn
        .prepare_cached(
            "SELECT c.number, t.token FROM lienthu_counter c
             JOIN lienthu_feed_token t ON t.number = c.number",
        )?
        .query_row([], |row| {
            Ok(Watermark { number: row.get(0)?, token: FeedToken::new(parsed(row, 1)?) })
        })?)
}

/// The token of a number, unless the number never was or was pruned.
pub(crate) fn token_of(conn: &Connection, number: i64) -> Result<Option<FeedToken>, Failure> {
    Ok(conn
        .prepare_cached("SELECT token FROM lienthu_feed_token WHERE number = ?1")?
        .query_row([number], |row| Ok(FeedToken::new(parsed(row, 0)?)))
        .optional()?)
}

/// Whether a state is part of this site's past, or its present. Nothing can be said of a state whose
/// token was pruned; then the answer is no, which costs the desk a refill and loses nothing.
pub(crate) fn is_past(conn: &Connection, state: Watermark) -> Result<bool, Failure> {
    Ok(token_of(conn, state.number)? == Some(state.token))
}
