//! What the desk did that its cache does not show yet.

use std::collections::{BTreeMap, BTreeSet};

use lienthu_domain::event::Event;
use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_port::feed::Watermark;
use lienthu_port::outbox::Unseen;
use lienthu_sqlite::rusqlite::{Connection, params};

use crate::failure::Failure;

/// Waiting, but not withdrawn; or acknowledged at a number beyond `?2`, which is null for a cache that
/// shows nothing.
macro_rules! beyond {
    () => {
        "((state = 'waiting' AND claim <> 'withdrawal')
          OR (state = 'acknowledged' AND (?2 IS NULL OR acked_number > ?2)))"
    };
}

pub(super) fn of_copy(
    conn: &Connection,
    copy: &Barcode,
    shown: Option<Watermark>,
) -> Result<Unseen, Failure> {
    let mut found = BTreeMap::new();
    touching(conn, copy, shown, &mut found)?;
    Ok(Unseen { events: found.into_values().collect() })
}

pub(super) fn of_patron(
    conn: &Connection,
    patron: &PatronCode,
    copies: &[Barcode],
    shown: Option<Watermark>,
) -> Result<Unseen, Failure> {
    let mut concerned: BTreeSet<Barcode> = copies.iter().cloned().collect();
    let mut borrowed = conn.prepare_cached(concat!(
        "SELECT DISTINCT copy FROM event INDEXED BY event_by_patron WHERE patron = ?1 AND ",
        beyond!()
    ))?;
    let rows = borrowed
        .query_map(params![patron.as_str(), number(shown)], |row| row.get::<_, String>(0))?;
    for copy in rows {
        let copy = Barcode::parse(&copy?)
            .map_err(|_| Failure::unexpected("a stored barcode does not read"))?;
        concerned.insert(copy);
    }
    let mut found = BTreeMap::new();
    for copy in &concerned {
        touching(conn, copy, shown, &mut found)?;
    }
    Ok(Unseen { events: found.into_values().collect() })
}

/// Adds the events that touch a copy, by their place in the order of the desk's sequence.
fn touching(
    conn: &Connection,
    copy: &Barcode,
    shown: Option<Watermark>,
    found: &mut BTreeMap<i64, Event>,
) -> Result<(), Failure> {
    let mut statement = conn.prepare_cached(concat!(
        "SELECT place, event FROM event INDEXED BY event_by_copy WHERE copy = ?1 AND ",
        beyond!()
    ))?;
    let mut rows = statement.query(params![copy.as_str(), number(shown)])?;
    while let Some(row) = rows.next()? {
        found.insert(row.get(0)?, serde_json::from_str(&row.get::<_, String>(1)?)?);
    }
    Ok(())
}

fn number(shown: Option<Watermark>) -> Option<i64> {
    shown.map(|watermark| watermark.number)
}
