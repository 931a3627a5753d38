//! Searching titles.
//!
//! A letter can match most of a million titles, and ranking them all takes a second. So each way in
//! which a title can match gives its first [`CANDIDATES_MAX`] as its index has them, none is sorted by
//! the database, and what is ranked here is that bounded set. Where everything that matches fits into
//! it (nearly every query of a word or more), the ranking is complete.

use std::collections::HashMap;

use lienthu_domain::text::isbn_digits;
use lienthu_port::cache::{TITLES_FOUND_MAX, TitlesFound};
use lienthu_sqlite::rusqlite::{Connection, Params, Row, params};

use super::lookup;
use super::set::Set;
use super::words::{Query, after, toned};
use crate::failure::Failure;

/// Titles that each way of matching gives at most.
pub(super) const CANDIDATES_MAX: u32 = 200;
/// Digits from which on a number can be the beginning of an ISBN.
const ISBN_DIGITS_MIN: usize = 4;

/// How well a title matches; the best comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The query is its ISBN, or the key that it has in place of one.
    IsIsbn,
    /// Its name begins with the query, tones included.
    BeginsAsTyped,
    /// It holds all words of the query, tones included.
    HoldsAsTyped,
    /// Its name begins with the query.
    Begins,
    /// It holds all words of the query.
    Holds,
    /// Its ISBN begins with the query.
    IsbnBegins,
}

/// The place of a title in an answer.
type Place = (Rank, Vec<u8>);

pub(super) fn titles(
    conn: &Connection,
    set: Set,
    text: &str,
    skip: u32,
    limit: usize,
) -> Result<TitlesFound, Failure> {
    let limit = limit.min(TITLES_FOUND_MAX);
    let (ids, more) = if text.trim().is_empty() {
        listed(conn, set, skip, limit)?
    } else {
        found(conn, set, text, skip, limit)?
    };
    let mut titles = Vec::with_capacity(ids.len());
    for id in ids {
        titles.extend(lookup::title_by_id(conn, set, id)?);
    }
    Ok(TitlesFound { titles, more })
}

/// All titles in Vietnamese order.
fn listed(
    conn: &Connection,
    set: Set,
    skip: u32,
    limit: usize,
) -> Result<(Vec<i64>, bool), Failure> {
    let mut statement = conn.prepare_cached(
        &set.sql("SELECT id FROM title_@ ORDER BY sort_key, id LIMIT ?1 OFFSET ?2"),
    )?;
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let ids = statement.query_map(params![one_more, skip], |row| row.get(0))?;
    let mut ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    Ok((ids, more))
}

fn found(
    conn: &Connection,
    set: Set,
    text: &str,
    skip: u32,
    limit: usize,
) -> Result<(Vec<i64>, bool), Failure> {
    let mut candidates = Candidates { conn, set, places: HashMap::new(), cut: false };
    if let Some(query) = Query::read(text) {
        candidates.by_words(&query)?;
    }
    candidates.by_key(text.trim())?;
    if let Some(digits) = isbn_typed(text) {
        candidates.by_isbn(&digits)?;
    }
    let Candidates { places, cut, .. } = candidates;
    let mut ranked: Vec<(Place, i64)> = places.into_iter().map(|(id, place)| (place, id)).collect();
    ranked.sort_unstable();
    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
    let end = skip.saturating_add(limit);
    // Beyond the candidates there is no next page to ask for, so the last one says so.
    let more = ranked.len() > end || (cut && skip < ranked.len());
    Ok((ranked.into_iter().skip(skip).take(limit).map(|(_, id)| id).collect(), more))
}

/// The digits of what can be an ISBN or its beginning.
fn isbn_typed(text: &str) -> Option<String> {
    let digits = isbn_digits(text);
    let is_number = text.chars().all(|c| {
        c.is_ascii_digit() || matches!(c, 'x' | 'X' | '-' | '–' | '‐') || c.is_whitespace()
    });
    (is_number && digits.len() >= ISBN_DIGITS_MIN).then_some(digits)
}

/// The other form of an ISBN up to its check digit: catalogues have ten digits where the barcode on
/// the book has thirteen, and the other way round.
fn isbn_other_form(digits: &str) -> Option<String> {
    match digits.len() {
        13 => digits.strip_prefix("978").map(|rest| rest[..9].to_owned()),
        10 => Some(format!("978{}", &digits[..9])),
        _ => None,
    }
}

struct Candidates<'c> {
    conn: &'c Connection,
    set: Set,
    places: HashMap<i64, Place>,
    /// A way of matching had more than it gave.
    cut: bool,
}

impl Candidates<'_> {
    fn by_words(&mut self, query: &Query) -> Result<(), Failure> {
        const BY_WORDS: &str = "SELECT t.id, t.sort_key, t.folded, t.name, t.author
             FROM title_word_@ AS w JOIN title_@ AS t ON t.id = w.rowid
             WHERE w.title_word_@ MATCH ?1 ORDER BY w.rowid LIMIT ?2";
        const BY_NAME: &str = "SELECT id, sort_key, folded, name, author FROM title_@
             WHERE folded >= ?1 AND folded < ?3 ORDER BY folded LIMIT ?2";
        let rank = |row: &Row<'_>| rank(query, row);
        if let Some(expression) = query.match_toned() {
            self.add(BY_WORDS, params![expression, CANDIDATES_MAX], rank)?;
        }
        self.add(BY_NAME, params![query.folded, CANDIDATES_MAX, after(&query.folded)], rank)?;
        self.add(BY_WORDS, params![query.match_folded(), CANDIDATES_MAX], rank)
    }

    fn by_key(&mut self, key: &str) -> Result<(), Failure> {
        const BY_KEY: &str = "SELECT id, sort_key FROM title_@ WHERE key = ?1 LIMIT ?2";
        self.add(BY_KEY, params![key, CANDIDATES_MAX], |_| Ok(Rank::IsIsbn))
    }

    fn by_isbn(&mut self, digits: &str) -> Result<(), Failure> {
        const BY_ISBN: &str = "SELECT id, sort_key, isbn FROM title_@
             WHERE isbn <> '' AND isbn >= ?1 AND isbn < ?3 ORDER BY isbn LIMIT ?2";
        let other = isbn_other_form(digits);
        for begins in [Some(digits), other.as_deref()].into_iter().flatten() {
            self.add(BY_ISBN, params![begins, CANDIDATES_MAX, after(begins)], |row| {
                let isbn: String = row.get(2)?;
                let is_other =
                    other.is_some() && begins != digits && isbn.len() == begins.len() + 1;
                Ok(if isbn == digits || is_other { Rank::IsIsbn } else { Rank::IsbnBegins })
            })?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        sql: &str,
        params: impl Params,
        rank: impl Fn(&Row<'_>) -> Result<Rank, Failure>,
    ) -> Result<(), Failure> {
        let mut statement = self.conn.prepare_cached(&self.set.sql(sql))?;
        let mut rows = statement.query(params)?;
        let mut given = 0;
        while let Some(row) = rows.next()? {
            given += 1;
            let place = (rank(row)?, row.get(1)?);
            let best = self.places.entry(row.get(0)?).or_insert_with(|| place.clone());
            if place < *best {
                *best = place;
            }
        }
        self.cut |= given == CANDIDATES_MAX;
        Ok(())
    }
}

/// How well a title that holds the query's words matches it.
fn rank(query: &Query, row: &Row<'_>) -> Result<Rank, Failure> {
    if let Some(typed) = &query.toned {
        let (name, author): (String, String) = (row.get(3)?, row.get(4)?);
        if toned(&name).starts_with(typed.as_str()) {
            return Ok(Rank::BeginsAsTyped);
        }
        if query.is_held_as_typed_by(&toned(&format!("{name} {author}"))) {
            return Ok(Rank::HoldsAsTyped);
        }
    }
    let folded: String = row.get(2)?;
    Ok(if folded.starts_with(&query.folded) { Rank::Begins } else { Rank::Holds })
}
