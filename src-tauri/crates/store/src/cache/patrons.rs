//! Searching patrons, in the way of titles: each way of matching gives a bounded set, which is ranked
//! here.

use std::collections::HashMap;

use lienthu_domain::patron::PatronCard;
use lienthu_port::lookup::PATRONS_FOUND_MAX;
use lienthu_sqlite::rusqlite::{Connection, Params, params};

use super::lookup;
use super::search::CANDIDATES_MAX;
use super::set::Set;
use super::words::{Query, after};
use crate::failure::Failure;

/// Whether the code is another than the query, then the place in Vietnamese order.
type Place = (bool, Vec<u8>);

/// Patrons in Vietnamese order of their names; the one whose code is the query comes first.
pub(super) fn patrons(
    conn: &Connection,
    set: Set,
    text: &str,
    limit: usize,
) -> Result<Vec<PatronCard>, Failure> {
    let limit = limit.min(PATRONS_FOUND_MAX);
    let code = text.trim().to_lowercase();
    if code.is_empty() {
        let sql = "SELECT value FROM patron_@ ORDER BY sort_key, id LIMIT ?1";
        return lookup::values(conn, set, sql, [i64::try_from(limit).unwrap_or(i64::MAX)]);
    }
    let mut places = HashMap::new();
    if let Some(query) = Query::read(text) {
        let sql = "SELECT p.id, p.sort_key, p.folded_code FROM patron_word_@ AS w
                   JOIN patron_@ AS p ON p.id = w.rowid
                   WHERE w.patron_word_@ MATCH ?1 ORDER BY w.rowid LIMIT ?2";
        add(conn, set, sql, params![query.match_folded(), CANDIDATES_MAX], &code, &mut places)?;
    }
    let sql = "SELECT id, sort_key, folded_code FROM patron_@
               WHERE folded_code >= ?1 AND folded_code < ?3 ORDER BY folded_code LIMIT ?2";
    add(conn, set, sql, params![code, CANDIDATES_MAX, after(&code)], &code, &mut places)?;

    let mut ranked: Vec<(Place, i64)> = places.into_iter().map(|(id, place)| (place, id)).collect();
    ranked.sort_unstable();
    let mut cards = Vec::with_capacity(limit.min(ranked.len()));
    for (_, id) in ranked.into_iter().take(limit) {
        cards.extend(lookup::values(conn, set, "SELECT value FROM patron_@ WHERE id = ?1", [id])?);
    }
    Ok(cards)
}

fn add(
    conn: &Connection,
    set: Set,
    sql: &str,
    params: impl Params,
    code: &str,
    places: &mut HashMap<i64, Place>,
) -> Result<(), Failure> {
    let mut statement = conn.prepare_cached(&set.sql(sql))?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let is_other = row.get::<_, String>(2)? != code;
        places.insert(row.get(0)?, (is_other, row.get(1)?));
    }
    Ok(())
}
