//! The rows that every site holds, as they stand here, and what a change of them is judged by.

use lienthu_domain::action::Resource;
use lienthu_domain::ids::{BranchCode, PatronCategory, TitleKey};
use lienthu_domain::replicated::{BranchStanding, ReplicatedRow};
use lienthu_port::error::Obstacle;
use lienthu_port::transaction::ROWS_ASKED_MAX;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Params, Row, params};

use crate::failure::Failure;
use crate::{catalogue, rows};

/// The rows that are there of those asked for, in the order of asking.
pub(crate) fn rows(tx: &Connection, of: &[Resource]) -> Result<Vec<ReplicatedRow>, Failure> {
    if of.len() > ROWS_ASKED_MAX {
        return Err(Obstacle::TooMany.into());
    }
    let mut found = vec![];
    for resource in of {
        found.extend(row(tx, resource)?);
    }
    Ok(found)
}

/// One row; nothing where it is not there, or is a title that was removed, or no such row.
pub(crate) fn row(tx: &Connection, of: &Resource) -> Result<Option<ReplicatedRow>, Failure> {
    match of {
        Resource::Title(key) if !catalogue::has_title(tx, key)? => Ok(None),
        Resource::Title(key) => Ok(catalogue::title(tx, key)?.map(ReplicatedRow::Title)),
        Resource::Branch(code) => {
            let sql = format!("SELECT {} FROM CHINHANH WHERE MaCN = ?1", rows::BRANCH);
            let branch = one(tx, &sql, [code.as_str()], rows::branch)?;
            Ok(branch.map(ReplicatedRow::Branch))
        }
        Resource::Policy(branch, category) => {
            let sql = format!(
                "SELECT {} FROM lienthu_loan_policy WHERE branch = ?1 AND category = ?2",
                rows::POLICY
            );
            let branch = branch.as_ref().map_or("", BranchCode::as_str);
            let category = category.as_ref().map_or("", PatronCategory::as_str);
            let policy = one(tx, &sql, [branch, category], rows::policy)?;
            Ok(policy.map(ReplicatedRow::Policy))
        }
        Resource::ClosedDay(branch, date) => {
            let sql = format!(
                "SELECT {} FROM lienthu_closed_day WHERE branch = ?1 AND date = ?2",
                rows::CLOSED_DAY
            );
            let branch = branch.as_ref().map_or("", BranchCode::as_str);
            let closed = one(tx, &sql, params![branch, date.to_string()], rows::closed_day)?;
            Ok(closed.map(ReplicatedRow::ClosedDay))
        }
        Resource::Membership | Resource::Copy(_) => Ok(None),
    }
}

fn one<T>(
    tx: &Connection,
    sql: &str,
    of: impl Params,
    read: fn(&Row<'_>) -> lienthu_sqlite::rusqlite::Result<T>,
) -> Result<Option<T>, Failure> {
    Ok(tx.prepare_cached(sql)?.query_row(of, read).optional()?)
}

/// How a branch stands; nothing where the network has none such.
pub(crate) fn standing(
    tx: &Connection,
    code: &BranchCode,
) -> Result<Option<BranchStanding>, Failure> {
    Ok(match row(tx, &Resource::Branch(code.clone()))? {
        Some(ReplicatedRow::Branch(branch)) => Some(branch.standing),
        _ => None,
    })
}

/// Copies of a title that are here or on their way here.
pub(crate) fn copies_of(tx: &Connection, key: &TitleKey) -> Result<u32, Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT count(*) FROM QUYENSACH
             WHERE ISBN = ?1 AND DaXoa = 0 AND HienTrang <> 'forwarded'",
        )?
        .query_row([key.as_str()], |row| row.get(0))?)
}

/// What is left at this branch: copies that are here or on their way here, and open loans.
pub(crate) fn left_here(tx: &Connection) -> Result<(u32, u32), Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT (SELECT count(*) FROM QUYENSACH WHERE DaXoa = 0 AND HienTrang <> 'forwarded'),
                    (SELECT count(*) FROM PHIEUMUON WHERE NgayTra IS NULL)",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Whether a branch of the network stands so.
pub(crate) fn is_any(tx: &Connection, standing: BranchStanding) -> Result<bool, Failure> {
    Ok(tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM CHINHANH WHERE TrangThai = ?1)")?
        .query_row([standing.code()], |row| row.get(0))?)
}

/// Whether a branch besides this one is active.
pub(crate) fn has_active_others(tx: &Connection, code: &BranchCode) -> Result<bool, Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM CHINHANH WHERE TrangThai = 'active' AND MaCN <> ?1)",
        )?
        .query_row([code.as_str()], |row| row.get(0))?)
}
