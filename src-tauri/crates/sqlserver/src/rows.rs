//! Rows to the domain's types, one function for each table. Columns are read by their place: the
//! procedures of `sql/site` list them in this order.

use std::fmt::Display;
use std::str::FromStr;

use lienthu_domain::copy::{Copy, CopyCondition, CopyState};
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::ids::BranchCode;
use lienthu_domain::loan::{Loan, LoanEnding};
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::replicated::{Branch, BranchStanding, ClosedDay, LoanPolicy, Title};
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_port::agent::AgentLogin;
use lienthu_port::lookup::VisitorCard;
use tiberius::{FromSql, Row};
use time::{Date, PrimitiveDateTime};

use crate::failure::Failure;
use crate::session::Answer;

type Result<T> = std::result::Result<T, Failure>;

/// A column that is no such thing. What it holds is not said: it can be personal.
pub(crate) fn wrong(column: usize, what: &str) -> Failure {
    Failure::NotUnderstood(format!("column {column} of an answer: {what}"))
}

pub(crate) fn option<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<Option<T>> {
    row.try_get(column).map_err(|_| wrong(column, "not of its type"))
}

pub(crate) fn value<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T> {
    option(row, column)?.ok_or_else(|| wrong(column, "nothing in it"))
}

pub(crate) fn text(row: &Row, column: usize) -> Result<String> {
    value::<&str>(row, column).map(str::to_owned)
}

/// Base columns may hold nothing where later ones hold an empty text.
pub(crate) fn text_or_empty(row: &Row, column: usize) -> Result<String> {
    Ok(option::<&str>(row, column)?.unwrap_or_default().to_owned())
}

/// Numbers come as wide as the server likes: `COUNT` and `CASE` choose for themselves.
pub(crate) fn number<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<T> {
    number_option(row, column)?.ok_or_else(|| wrong(column, "nothing in it"))
}

fn number_option<T: TryFrom<i64>>(row: &Row, column: usize) -> Result<Option<T>> {
    let wide = row
        .try_get::<i64, _>(column)
        .or_else(|_| row.try_get::<i32, _>(column).map(|n| n.map(i64::from)))
        .or_else(|_| row.try_get::<i16, _>(column).map(|n| n.map(i64::from)))
        .or_else(|_| row.try_get::<u8, _>(column).map(|n| n.map(i64::from)))
        .map_err(|_| wrong(column, "not a number"))?;
    wide.map(|wide| T::try_from(wide).map_err(|_| wrong(column, "out of range"))).transpose()
}

pub(crate) fn parsed<T: FromStr<Err: Display>>(row: &Row, column: usize) -> Result<T> {
    parsed_option(row, column)?.ok_or_else(|| wrong(column, "nothing in it"))
}

pub(crate) fn parsed_option<T: FromStr<Err: Display>>(
    row: &Row,
    column: usize,
) -> Result<Option<T>> {
    option::<&str>(row, column)?
        .map(|text| text.parse().map_err(|error: T::Err| wrong(column, &error.to_string())))
        .transpose()
}

pub(crate) fn coded<T>(row: &Row, column: usize, read: fn(&str) -> Option<T>) -> Result<T> {
    coded_option(row, column, read)?.ok_or_else(|| wrong(column, "nothing in it"))
}

pub(crate) fn coded_option<T>(
    row: &Row,
    column: usize,
    read: fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    option::<&str>(row, column)?
        .map(|code| read(code).ok_or_else(|| wrong(column, "not a code of its list")))
        .transpose()
}

pub(crate) fn utc(row: &Row, column: usize) -> Result<UtcMs> {
    utc_option(row, column)?.ok_or_else(|| wrong(column, "nothing in it"))
}

fn utc_option(row: &Row, column: usize) -> Result<Option<UtcMs>> {
    let time = option::<PrimitiveDateTime>(row, column)?;
    Ok(time.map(|time| {
        let ms = time.assume_utc().unix_timestamp_nanos().div_euclid(1_000_000);
        UtcMs::from_ms(i64::try_from(ms).unwrap_or(i64::MAX))
    }))
}

pub(crate) fn date(row: &Row, column: usize) -> Result<LocalDate> {
    date_option(row, column)?.ok_or_else(|| wrong(column, "nothing in it"))
}

fn date_option(row: &Row, column: usize) -> Result<Option<LocalDate>> {
    Ok(option::<Date>(row, column)?.map(LocalDate::from))
}

fn unless_empty<T: FromStr<Err: Display>>(row: &Row, column: usize) -> Result<Option<T>> {
    if value::<&str>(row, column)?.is_empty() { Ok(None) } else { parsed(row, column).map(Some) }
}

/// The agent's logins.
pub(crate) fn agents(mut answer: Answer) -> Result<Vec<AgentLogin>> {
    let agent = |row: &Row| {
        Ok(AgentLogin {
            branch: parsed(row, 0)?,
            login: parsed(row, 1)?,
            secret: text(row, 2)?.into(),
        })
    };
    answer.set()?.iter().map(agent).collect()
}

pub(crate) fn branch(row: &Row) -> Result<Branch> {
    Ok(Branch {
        code: parsed(row, 0)?,
        name: text_or_empty(row, 1)?,
        address: text_or_empty(row, 2)?,
        standing: coded(row, 3, BranchStanding::from_code)?,
    })
}

/// A title; its key stands in `key`, and all else from `rest` on.
pub(crate) fn title(row: &Row, key: usize, rest: usize) -> Result<Title> {
    Ok(Title {
        key: parsed(row, key)?,
        name: text_or_empty(row, rest)?,
        author: text_or_empty(row, rest + 1)?,
        publisher: text(row, rest + 2)?,
        year: number_option(row, rest + 3)?,
        ddc: text(row, rest + 4)?,
        language: text(row, rest + 5)?,
    })
}

pub(crate) fn policy(row: &Row) -> Result<LoanPolicy> {
    Ok(LoanPolicy {
        branch: unless_empty(row, 0)?,
        category: unless_empty(row, 1)?,
        loan_days: number(row, 2)?,
        loans_max: number(row, 3)?,
        renewals_max: number(row, 4)?,
        renewal_days: number(row, 5)?,
        may_override: value(row, 6)?,
    })
}

pub(crate) fn closed_day(row: &Row) -> Result<ClosedDay> {
    Ok(ClosedDay { branch: unless_empty(row, 0)?, date: date(row, 1)?, note: text(row, 2)? })
}

/// What another branch may know of a patron.
pub(crate) fn visitor(row: &Row) -> Result<VisitorCard> {
    Ok(VisitorCard {
        name: text(row, 0)?,
        category: parsed(row, 1)?,
        card_expires: date_option(row, 2)?,
        block: option::<&str>(row, 3)?.map(str::to_owned),
    })
}

pub(crate) fn card(row: &Row) -> Result<PatronCard> {
    Ok(PatronCard {
        code: parsed(row, 0)?,
        name: text_or_empty(row, 1)?,
        branch: parsed(row, 2)?,
        category: parsed(row, 3)?,
        card_expires: date_option(row, 4)?,
        block: option::<&str>(row, 5)?.map(str::to_owned),
        home_branch: parsed_option(row, 6)?,
        home_code: parsed_option(row, 7)?,
    })
}

pub(crate) fn patron(row: &Row) -> Result<Patron> {
    Ok(Patron {
        card: card(row)?,
        birth_date: date_option(row, 8)?,
        phone: text(row, 9)?,
        email: text(row, 10)?,
        deposit_vnd: number(row, 11)?,
        note: text(row, 12)?,
    })
}

pub(crate) fn copy(row: &Row) -> Result<Copy> {
    Ok(Copy {
        barcode: parsed(row, 0)?,
        title: parsed(row, 1)?,
        branch: parsed(row, 2)?,
        condition: coded(row, 3, CopyCondition::from_code)?,
        state: coded(row, 4, CopyState::from_code)?,
        forwarded_to: parsed_option(row, 5)?,
        shelf_mark: text(row, 6)?,
        price_vnd: number_option(row, 7)?,
    })
}

/// A loan in the columns from `first` on.
pub(crate) fn loan(row: &Row, first: usize) -> Result<Loan> {
    Ok(Loan {
        no: value(row, first)?,
        borrow: parsed(row, first + 1)?,
        copy: parsed(row, first + 2)?,
        patron: parsed(row, first + 3)?,
        branch: parsed(row, first + 4)?,
        borrowed_at: utc(row, first + 5)?,
        due: date(row, first + 6)?,
        renewals: number(row, first + 7)?,
        ended_at: utc_option(row, first + 8)?,
        ending: coded_option(row, first + 9, LoanEnding::from_code)?,
        returned_on: date_option(row, first + 10)?,
        undone: value(row, first + 11)?,
    })
}

/// An event of this site in the columns from `first` on.
pub(crate) fn event(row: &Row, first: usize, site: &BranchCode) -> Result<Event> {
    Ok(Event {
        id: parsed(row, first)?,
        desk: parsed(row, first + 1)?,
        seq: number(row, first + 2)?,
        site: site.clone(),
        scanned_by: parsed(row, first + 3)?,
        at: utc(row, first + 4)?,
        uncertainty_ms: number(row, first + 5)?,
        overridden: value(row, first + 6)?,
        copy: parsed(row, first + 7)?,
        deed: deed(row, first + 8)?,
    })
}

fn deed(row: &Row, first: usize) -> Result<Deed> {
    let (patron, on_date, target) = (first + 1, first + 2, first + 3);
    Ok(match value::<&str>(row, first)? {
        "borrow" => Deed::Borrow { patron: parsed(row, patron)?, due: date(row, on_date)? },
        "return" => Deed::Return { returned_on: date_option(row, on_date)? },
        "renew" => Deed::Renew { borrow: parsed(row, target)?, due: date(row, on_date)? },
        "undo" => Deed::Undo { target: parsed(row, target)? },
        "settle" => Deed::Settle {
            target: parsed(row, target)?,
            flag: coded(row, first + 4, FlagKind::from_code)?,
            settlement: match value::<&str>(row, first + 5)? {
                "confirmed" => Settlement::Confirmed,
                "returned_on" => Settlement::ReturnedOn { date: date(row, on_date)? },
                _ => return Err(wrong(first + 5, "not a settlement")),
            },
        },
        _ => return Err(wrong(first, "not a deed")),
    })
}

/// The codes of reasons, with blanks between.
pub(crate) fn reasons(row: &Row, column: usize) -> Result<Vec<Refusal>> {
    value::<&str>(row, column)?
        .split_whitespace()
        .map(|code| Refusal::from_code(code).ok_or_else(|| wrong(column, "not a reason")))
        .collect()
}
