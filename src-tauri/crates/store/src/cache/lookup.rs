//! Looking up by key.

use std::collections::BTreeMap;

use lienthu_domain::copy::Copy;
use lienthu_domain::ids::{Barcode, PatronCode, TitleKey};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::{ClosedDay, LoanPolicy, Title};
use lienthu_domain::times::LocalDate;
use lienthu_port::cache::{Around, KnownCopy, KnownPatron, TitleHit};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Params, Row};
use serde::de::DeserializeOwned;

use super::set::Set;
use crate::failure::Failure;

/// The values of a query for one column of JSON.
pub(super) fn values<T: DeserializeOwned>(
    conn: &Connection,
    set: Set,
    sql: &str,
    params: impl Params,
) -> Result<Vec<T>, Failure> {
    let mut statement = conn.prepare_cached(&set.sql(sql))?;
    let mut rows = statement.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(serde_json::from_str(&row.get::<_, String>(0)?)?);
    }
    Ok(values)
}

/// A title by key, with its copies.
pub(super) fn title(
    conn: &Connection,
    set: Set,
    key: &TitleKey,
) -> Result<Option<TitleHit>, Failure> {
    hit(conn, set, "key = ?1", [key.as_str()])
}

/// A title by the table's own number, with its copies.
pub(super) fn title_by_id(
    conn: &Connection,
    set: Set,
    id: i64,
) -> Result<Option<TitleHit>, Failure> {
    hit(conn, set, "id = ?1", [id])
}

fn hit(
    conn: &Connection,
    set: Set,
    which: &str,
    params: impl Params,
) -> Result<Option<TitleHit>, Failure> {
    let Some(title) = bare_title(conn, set, which, params)? else { return Ok(None) };
    let (copies, free) = conn
        .prepare_cached(
            &set.sql("SELECT count(*), coalesce(sum(free), 0) FROM copy_@ WHERE title = ?1"),
        )?
        .query_row([title.key.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Some(TitleHit { title, copies, free }))
}

fn bare_title(
    conn: &Connection,
    set: Set,
    which: &str,
    params: impl Params,
) -> Result<Option<Title>, Failure> {
    let sql = format!(
        "SELECT key, name, author, publisher, year, ddc, language FROM title_@ WHERE {which}"
    );
    let mut statement = conn.prepare_cached(&set.sql(&sql))?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(title_of).transpose()
}

fn title_of(row: &Row<'_>) -> Result<Title, Failure> {
    let key: String = row.get(0)?;
    Ok(Title {
        key: key.parse().map_err(|_| Failure::unexpected("a stored title key does not read"))?,
        name: row.get(1)?,
        author: row.get(2)?,
        publisher: row.get(3)?,
        year: row.get(4)?,
        ddc: row.get(5)?,
        language: row.get(6)?,
    })
}

pub(super) fn copy(
    conn: &Connection,
    set: Set,
    barcode: &Barcode,
) -> Result<Option<KnownCopy>, Failure> {
    let sql = "SELECT value FROM copy_@ WHERE barcode = ?1";
    let Some(copy) = values::<Copy>(conn, set, sql, [barcode.as_str()])?.pop() else {
        return Ok(None);
    };
    let title = bare_title(conn, set, "key = ?1", [copy.title.as_str()])?;
    // A copy has one open loan; should there be two for a moment, the later one tells where it is.
    let open_loan =
        values::<Loan>(conn, set, "SELECT value FROM loan_@ WHERE copy = ?1", [barcode.as_str()])?
            .into_iter()
            .max_by_key(|loan| loan.borrowed_at);
    Ok(Some(KnownCopy { copy, title, open_loan }))
}

pub(super) fn patron(
    conn: &Connection,
    set: Set,
    code: &PatronCode,
) -> Result<Option<KnownPatron>, Failure> {
    let sql = "SELECT value FROM patron_@ WHERE code = ?1";
    let Some(card) = values::<PatronCard>(conn, set, sql, [code.as_str()])?.pop() else {
        return Ok(None);
    };
    let sql = "SELECT value FROM loan_@ WHERE patron = ?1 ORDER BY due, borrow";
    Ok(Some(KnownPatron { card, open_loans: values(conn, set, sql, [code.as_str()])? }))
}

/// See [`lienthu_port::cache::Cache::around`]; the caller says what state it is.
pub(super) fn around(
    conn: &Connection,
    set: Set,
    barcode: Option<&Barcode>,
    code: Option<&PatronCode>,
    closed_from: LocalDate,
) -> Result<Around, Failure> {
    let copy = match barcode {
        Some(barcode) => copy(conn, set, barcode)?,
        None => None,
    };
    let holder = copy.as_ref().and_then(|known| known.open_loan.as_ref()).map(|loan| &loan.patron);
    let patron = match code.or(holder) {
        Some(code) => patron(conn, set, code)?,
        None => None,
    };
    let mut titles = BTreeMap::new();
    for loan in patron.iter().flat_map(|known| &known.open_loans) {
        let name: Option<String> = conn
            .prepare_cached(&set.sql(
                "SELECT t.name FROM copy_@ c JOIN title_@ t ON t.key = c.title WHERE c.barcode = ?1",
            ))?
            .query_row([loan.copy.as_str()], |row| row.get(0))
            .optional()?;
        titles.extend(name.map(|name| (loan.copy.clone(), name)));
    }
    let policies = policies(conn, set)?;
    let closed_days = closed_days(conn, set, closed_from)?;
    Ok(Around { shown: None, copy, patron, titles, policies, closed_days })
}

fn policies(conn: &Connection, set: Set) -> Result<Vec<LoanPolicy>, Failure> {
    values(conn, set, "SELECT value FROM policy_@ ORDER BY key", [])
}

fn closed_days(conn: &Connection, set: Set, from: LocalDate) -> Result<Vec<ClosedDay>, Failure> {
    let sql = "SELECT value FROM closed_day_@ WHERE date >= ?1 ORDER BY date, key";
    values(conn, set, sql, [from.to_string()])
}
