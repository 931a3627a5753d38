//! Following the site.
//!
//! A *difference* is staged page by page, and its last page puts everything into the shown set in one
//! transaction. A *fill* goes straight into the set that is not shown, page by page, with the position
//! in the same transaction; its last page makes that set the shown one. Either way the shown set only
//! ever holds states that the site was in, memory holds a page at a time, and a pull that was broken
//! off goes on where it was.
//!
//! Where two programs have the file open, the one that asked last where to go on is the one whose
//! pages are taken; mixing two pulls would mix two states of the site.

use lienthu_port::error::StoreError;
use lienthu_port::feed::{FeedPage, FeedRow, PullFrom, Watermark};
use lienthu_sqlite::rusqlite::{Transaction, params};

use super::CACHE_FILE;
use super::apply::Applying;
use super::order::Order;
use super::state::{Shown, State};
use crate::failure::Failure;

pub(super) fn pull_from(
    tx: &Transaction<'_>,
    puller: &str,
    order: &Order,
) -> Result<PullFrom, Failure> {
    let mut state = State::load(tx)?;
    if state.sample_key.as_ref().is_some_and(|sample| *sample != order.sample()) {
        // The sort keys are another collation's. What is shown stays in its old order meanwhile.
        begin(tx, &mut state, order)?;
        state.save(tx)?;
    }
    if state.puller.as_deref() != Some(puller) {
        state.puller = Some(puller.to_owned());
        state.save(tx)?;
    }
    let watermark = if state.filling { None } else { state.shown.map(|shown| shown.watermark) };
    Ok(PullFrom { watermark, position: state.position })
}

/// Returns whether the pull is complete, and whether a set was left that wants emptying.
pub(super) fn take(
    tx: &Transaction<'_>,
    puller: &str,
    order: &Order,
    page: &FeedPage,
) -> Result<(bool, bool), Failure> {
    let mut state = State::load(tx)?;
    if *state.puller.get_or_insert_with(|| puller.to_owned()) != puller {
        return Err(StoreError::Locked { file: CACHE_FILE.to_owned() }.into());
    }
    if page.complete.is_none() && page.next.is_none() {
        return Err(Failure::unexpected("a page that neither ends nor goes on"));
    }
    let filled = if state.filling {
        fill(tx, &mut state, order, page)?
    } else {
        follow(tx, &mut state, order, page)?
    };
    state.position = if page.complete.is_some() { None } else { page.next.clone() };
    state.save(tx)?;
    Ok((page.complete.is_some(), filled))
}

fn fill(
    tx: &Transaction<'_>,
    state: &mut State,
    order: &Order,
    page: &FeedPage,
) -> Result<bool, Failure> {
    let set = state.spare();
    if state.filling_rows.is_none() {
        begin(tx, state, order)?;
    }
    let mut applying = Applying::to(tx, set, order);
    for row in &page.rows {
        applying.row(row)?;
    }
    applying.finish()?;
    let rows = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
    state.filling_rows = Some(state.filling_rows.unwrap_or(0).saturating_add(rows));
    let Some(watermark) = page.complete else { return Ok(false) };
    state.shown = Some(Shown { set, watermark, as_of: page.read_at });
    state.filling = false;
    state.filling_rows = None;
    Ok(true)
}

/// Begins a fill of the spare set.
fn begin(tx: &Transaction<'_>, state: &mut State, order: &Order) -> Result<(), Failure> {
    state.spare().empty(tx)?;
    tx.execute("DELETE FROM staged", [])?;
    state.filling = true;
    state.filling_rows = Some(0);
    state.position = None;
    state.sample_key = Some(order.sample());
    Ok(())
}

fn follow(
    tx: &Transaction<'_>,
    state: &mut State,
    order: &Order,
    page: &FeedPage,
) -> Result<bool, Failure> {
    let Some(shown) = state.shown.as_mut() else {
        return Err(Failure::unexpected("a difference to nothing"));
    };
    let Some(watermark) = page.complete else {
        stage(tx, &page.rows)?;
        return Ok(false);
    };
    if is_behind(watermark, shown.watermark) {
        return Err(Failure::unexpected("a page of a state before the one that is shown"));
    }
    let mut applying = Applying::to(tx, shown.set, order);
    {
        let mut statement = tx.prepare_cached("SELECT value FROM staged")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            applying.row(&serde_json::from_str(&row.get::<_, String>(0)?)?)?;
        }
    }
    for row in &page.rows {
        applying.row(row)?;
    }
    applying.finish()?;
    tx.execute("DELETE FROM staged", [])?;
    shown.watermark = watermark;
    shown.as_of = page.read_at;
    Ok(false)
}

fn is_behind(watermark: Watermark, shown: Watermark) -> bool {
    watermark.number < shown.number
}

/// A row that comes again with a later page replaces the one that was staged.
fn stage(tx: &Transaction<'_>, rows: &[FeedRow]) -> Result<(), Failure> {
    let mut statement =
        tx.prepare_cached("INSERT OR REPLACE INTO staged (kind, key, value) VALUES (?1, ?2, ?3)")?;
    for row in rows {
        let (kind, key) = row.key();
        statement.execute(params![kind.code(), key, serde_json::to_string(row)?])?;
    }
    Ok(())
}

pub(super) fn refill(tx: &Transaction<'_>, puller: &str, order: &Order) -> Result<(), Failure> {
    let mut state = State::load(tx)?;
    begin(tx, &mut state, order)?;
    state.puller = Some(puller.to_owned());
    state.save(tx)
}

/// Empties the set that is not shown, after a fill. A program that dies before this comes to it when
/// the next fill begins.
pub(super) fn empty_spare(tx: &Transaction<'_>) -> Result<(), Failure> {
    let state = State::load(tx)?;
    if !state.filling {
        state.spare().empty(tx)?;
    }
    Ok(())
}
