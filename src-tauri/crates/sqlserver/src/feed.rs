//! Reading the pages of the delta feed.

use std::collections::HashMap;

use lienthu_port::feed::{
    FeedPage, FeedPosition, FeedRow, PullFrom, Pulled, RefillReason, RowKind, Watermark,
};

use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;
use crate::session::{Answer, watermark};

/// A state as two parameters; nothing is an empty token.
pub(crate) fn split(state: Option<Watermark>) -> (Param, Param) {
    match state {
        Some(state) => (Param::BigInt(state.number), Param::Text(state.token.to_string())),
        None => (Param::BigInt(0), Param::Text(String::new())),
    }
}

/// Where a pull begins or goes on, as the procedure's parameters.
pub(crate) fn params(from: &PullFrom) -> Vec<Param> {
    let (shown_number, shown_token) = split(from.watermark);
    let (read_number, read_token) = split(from.position.as_ref().map(|position| position.read_in));
    let (number, kind, key) = match &from.position {
        Some(at) => (at.number, i32::from(at.kind.code()), at.key.clone()),
        None => (0, 0, String::new()),
    };
    vec![
        shown_number,
        shown_token,
        read_number,
        read_token,
        Param::BigInt(number),
        Param::Int(kind),
        Param::Text(key),
    ]
}

/// The verdict, the changes, and the rows that are still there.
pub(crate) fn pulled(mut answer: Answer) -> Result<Pulled, Failure> {
    let verdict = answer.row()?;
    match rows::value::<&str>(&verdict, 0)? {
        "" => {}
        "restored" => return Ok(Pulled::Refill(RefillReason::Restored)),
        "below_floor" => return Ok(Pulled::Refill(RefillReason::BelowFloor)),
        _ => return Err(rows::wrong(0, "not a verdict")),
    }
    let changes = answer.set()?;
    let mut found: HashMap<(RowKind, String), FeedRow> = HashMap::with_capacity(changes.len());
    for kind in RowKind::ALL {
        for row in answer.set()? {
            let row = match kind {
                RowKind::Branch => FeedRow::Branch(rows::branch(&row)?),
                RowKind::Title => FeedRow::Title(rows::title(&row, 0, 1)?),
                RowKind::Policy => FeedRow::Policy(rows::policy(&row)?),
                RowKind::ClosedDay => FeedRow::ClosedDay(rows::closed_day(&row)?),
                RowKind::Patron => FeedRow::Patron(rows::card(&row)?),
                RowKind::Copy => FeedRow::Copy(rows::copy(&row)?),
                RowKind::OpenLoan => FeedRow::OpenLoan(rows::loan(&row, 0)?),
            };
            found.insert(row.key(), row);
        }
    }
    let is_last = rows::number::<i64>(&verdict, 1)? == 1;
    let state = watermark(&verdict, 2)?;
    let mut page = Vec::with_capacity(changes.len());
    let mut last = None;
    for change in &changes {
        let kind: u8 = rows::number(change, 0)?;
        let kind = RowKind::from_code(kind).ok_or_else(|| rows::wrong(0, "not a kind of row"))?;
        let key = rows::text(change, 1)?;
        let (kind, key) = match found.remove_entry(&(kind, key)) {
            Some((place, row)) => {
                page.push(row);
                place
            }
            None => {
                let key = rows::text(change, 1)?;
                page.push(FeedRow::Removed { kind, key: key.clone() });
                (kind, key)
            }
        };
        last = Some(FeedPosition { number: rows::number(change, 2)?, kind, key, read_in: state });
    }
    Ok(Pulled::Page(FeedPage {
        rows: page,
        next: if is_last { None } else { last },
        complete: is_last.then_some(state),
        read_at: rows::utc(&verdict, 4)?,
    }))
}
