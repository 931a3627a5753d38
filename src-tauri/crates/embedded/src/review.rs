//! Review items: what is odd about accepted events, and waits for someone to look at it.

use lienthu_domain::ids::{Barcode, EventId};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::{Flag, FlagKind, ReviewItem};
use lienthu_port::lookup::REVIEW_ITEMS_MAX;
use lienthu_sqlite::rusqlite::{Connection, Result, Row, params};

use crate::events;
use crate::failure::Failure;
use crate::rows::{coded, parsed, parsed_option, wrong};
use crate::state::Here;

/// What was odd about a copy's events when they came.
pub(crate) fn flags_of_copy(tx: &Connection, copy: &Barcode) -> Result<Vec<Flag>, Failure> {
    Ok(tx
        .prepare_cached("SELECT event, kind, refusal, NULL FROM lienthu_flag WHERE copy = ?1")?
        .query_map([copy.as_str()], |row| flag(row, 0))?
        .collect::<Result<_, _>>()?)
}

/// Notes what is odd about an event that has come.
pub(crate) fn add_flag(tx: &Connection, copy: &Barcode, flag: &Flag) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO lienthu_flag (event, kind, copy, refusal) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        flag.event.to_string(),
        flag.kind.code(),
        copy.as_str(),
        flag.refusal.map(Refusal::code),
    ])?;
    Ok(())
}

/// Forgets what was odd about an event that is not to have happened.
pub(crate) fn drop_flags(tx: &Connection, event: EventId) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM lienthu_flag WHERE event = ?1")?.execute([event.to_string()])?;
    Ok(())
}

/// Makes the items of a copy these ones.
pub(crate) fn set_items(tx: &Connection, copy: &Barcode, items: &[Flag]) -> Result<(), Failure> {
    let mut written = tx
        .prepare_cached(
            "SELECT event, kind, refusal, other FROM lienthu_review_item WHERE copy = ?1",
        )?
        .query_map([copy.as_str()], |row| flag(row, 0))?
        .collect::<Result<Vec<_>, _>>()?;
    written.sort_unstable();
    if written == items {
        return Ok(());
    }
    tx.prepare_cached("DELETE FROM lienthu_review_item WHERE copy = ?1")?
        .execute([copy.as_str()])?;
    for item in items {
        tx.prepare_cached(
            "INSERT INTO lienthu_review_item (event, kind, copy, refusal, other)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            item.event.to_string(),
            item.kind.code(),
            copy.as_str(),
            item.refusal.map(Refusal::code),
            item.other.map(|other| other.to_string()),
        ])?;
    }
    Ok(())
}

/// The items of the site, oldest event first.
pub(crate) fn items(tx: &Connection, here: &Here) -> Result<Vec<ReviewItem>, Failure> {
    let limit = i64::try_from(REVIEW_ITEMS_MAX).unwrap_or(i64::MAX);
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {}, e.sent_by, i.event, i.kind, i.refusal, i.other
             FROM lienthu_review_item i JOIN lienthu_event e ON e.id = i.event
             ORDER BY e.at_ms, e.desk, e.seq, e.id, i.kind LIMIT ?1",
            events::EVENT_OF_E
        ))?
        .query_map([limit], |row| {
            let about = events::event(row, &here.branch)?;
            Ok(ReviewItem {
                flag: flag(row, 15)?,
                copy: about.copy.clone(),
                about,
                sent_by: Some(parsed(row, 14)?),
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// A flag in four columns.
fn flag(row: &Row<'_>, first: usize) -> Result<Flag> {
    let refusal = row
        .get_ref(first + 2)?
        .as_str_or_null()?
        .map(|code| Refusal::from_code(code).ok_or_else(|| wrong(first + 2, "not a reason")))
        .transpose()?;
    Ok(Flag {
        event: parsed(row, first)?,
        kind: coded(row, first + 1, FlagKind::from_code)?,
        refusal,
        other: parsed_option(row, first + 3)?,
    })
}
