//! Copies of the branch: looking them up and keeping them.

use lienthu_domain::action::{MovingCopy, Resource};
use lienthu_domain::copy::{Copy, CopyCondition, CopyDetails};
use lienthu_domain::hindrance::against_receiving;
use lienthu_domain::ids::{Barcode, BranchCode, TitleKey};
use lienthu_domain::loan::Loan;
use lienthu_domain::times::UtcMs;
use lienthu_port::error::Obstacle;
use lienthu_port::lookup::{COPIES_ADDED_MAX, CopyChange, CopyFile, LOANS_MAX, details_of};
use lienthu_port::transaction::Hindered;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;
use crate::patrons::text;
use crate::state::{Kept, State};
use crate::{action, catalogue, patrons, rows, timeline};

const SHELF_MARK_CHARS_MAX: usize = 50;

pub(crate) fn file(tx: &Connection, barcode: &Barcode) -> Result<Option<CopyFile>, Failure> {
    let copy = tx
        .prepare_cached(&format!(
            "SELECT {} FROM QUYENSACH WHERE MaQuyenSach = ?1 AND DaXoa = 0",
            rows::COPY
        ))?
        .query_row([barcode.as_str()], rows::copy)
        .optional()?;
    let Some(copy) = copy else { return Ok(None) };
    // The foreign key says that it is there.
    let Some(title) = catalogue::title(tx, &copy.title)? else { return Ok(None) };
    let loans = loans_of(tx, barcode)?;
    let holder = match loans.iter().find(|loan| loan.is_open()) {
        Some(loan) => patrons::card(tx, &loan.patron)?,
        None => None,
    };
    Ok(Some(CopyFile { copy, title, holder, loans }))
}

fn loans_of(tx: &Connection, barcode: &Barcode) -> Result<Vec<Loan>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {} FROM PHIEUMUON p JOIN lienthu_loan l ON l.MaPM = p.MaPM
             WHERE p.MaQuyenSach = ?1 AND l.withdrawn = 0
             ORDER BY l.borrowed_at_ms DESC, l.borrow DESC LIMIT ?2",
            rows::LOAN
        ))?
        .query_map(
            params![barcode.as_str(), i64::try_from(LOANS_MAX).unwrap_or(i64::MAX)],
            rows::loan,
        )?
        .collect::<Result<_, _>>()?)
}

pub(crate) fn free(tx: &Connection, title: &TitleKey) -> Result<u32, Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT count(*) FROM QUYENSACH WHERE ISBN = ?1 AND TrangThai = 'free' AND DaXoa = 0",
        )?
        .query_row([title.as_str()], |row| row.get(0))?)
}

/// Adds copies, all or none. What had been scanned of them takes effect. A barcode that was removed
/// comes back to life as the same title's: the book was found, and its loans are still its own.
pub(crate) fn add(tx: &Connection, now: UtcMs, copies: &[CopyDetails]) -> Result<(), Failure> {
    if copies.len() > COPIES_ADDED_MAX {
        return Err(Obstacle::TooMany.into());
    }
    if catalogue::is_quarantined(tx)? {
        return Err(Obstacle::Quarantined.into());
    }
    let mut state = State::new(tx, now)?;
    for details in copies {
        let details = fit(tx, details, None)?;
        if action::holds_copy(tx, &details.barcode)?
            || action::holds_title(tx, &details.title)?
            || action::holds_branch(tx, &state.here.branch)?
        {
            return Err(Obstacle::Held.into());
        }
        match &state.story(&details.barcode)?.copy {
            None => insert(tx, &state.here.branch, &details)?,
            Some(Kept { row, removed: true }) if row.title == details.title => {
                update(tx, &details)?;
            }
            Some(_) => return Err(Obstacle::AlreadyExists.into()),
        }
        state.copy_was_written(&details.barcode)?;
    }
    timeline::write_all(&mut state)
}

pub(crate) fn put(tx: &Connection, now: UtcMs, change: &CopyChange) -> Result<(), Failure> {
    let barcode = &change.details.barcode;
    let mut state = State::new(tx, now)?;
    let found = state.story(barcode)?.known_copy().ok_or(Obstacle::Unknown)?.clone();
    if details_of(&found) != change.seen {
        return Err(Obstacle::ChangedMeanwhile.into());
    }
    if action::holds_copy(tx, barcode)? {
        return Err(Obstacle::Held.into());
    }
    let details = fit(tx, &change.details, Some(&found))?;
    if details.title != found.title {
        if has_loans(tx, barcode)? {
            return Err(Obstacle::TitleFixed.into());
        }
        if action::holds_title(tx, &details.title)? {
            return Err(Obstacle::Held.into());
        }
    }
    if details == change.seen {
        return Ok(());
    }
    update(tx, &details)?;
    state.copy_was_written(barcode)?;
    timeline::write_all(&mut state)
}

/// The details as they can be stored. A condition that only transfers set may stay as it is, and
/// neither comes nor goes here.
fn fit(
    tx: &Connection,
    details: &CopyDetails,
    before: Option<&Copy>,
) -> Result<CopyDetails, Failure> {
    let now = before.map(|copy| copy.condition);
    let reserved =
        |condition| matches!(condition, CopyCondition::InTransit | CopyCondition::Forwarded);
    if now != Some(details.condition) && (reserved(details.condition) || now.is_some_and(reserved))
    {
        return Err(Obstacle::ConditionReserved.into());
    }
    if before.is_none_or(|copy| copy.title != details.title)
        && !catalogue::has_title(tx, &details.title)?
    {
        return Err(Obstacle::TitleUnknown.into());
    }
    let shelf_mark = text(&details.shelf_mark, SHELF_MARK_CHARS_MAX)?;
    Ok(CopyDetails { shelf_mark, ..details.clone() })
}

fn has_loans(tx: &Connection, barcode: &Barcode) -> Result<bool, Failure> {
    Ok(tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM PHIEUMUON WHERE MaQuyenSach = ?1)")?
        .query_row([barcode.as_str()], |row| row.get(0))?)
}

fn insert(tx: &Connection, branch: &BranchCode, details: &CopyDetails) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO QUYENSACH (MaQuyenSach, ISBN, MaCN, HienTrang, KyHieuXepGia, GiaTien)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        details.barcode.as_str(),
        details.title.as_str(),
        branch.as_str(),
        details.condition.code(),
        details.shelf_mark,
        details.price_vnd,
    ])?;
    Ok(())
}

fn update(tx: &Connection, details: &CopyDetails) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE QUYENSACH
         SET ISBN = ?2, HienTrang = ?3, KyHieuXepGia = ?4, GiaTien = ?5, DaXoa = 0
         WHERE MaQuyenSach = ?1",
    )?
    .execute(params![
        details.barcode.as_str(),
        details.title.as_str(),
        details.condition.code(),
        details.shelf_mark,
        details.price_vnd,
    ])?;
    Ok(())
}

/// A copy, also one that was removed.
pub(crate) fn kept(tx: &Connection, barcode: &Barcode) -> Result<Option<Kept<Copy>>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {}, DaXoa FROM QUYENSACH WHERE MaQuyenSach = ?1",
            rows::COPY
        ))?
        .query_row([barcode.as_str()], |row| {
            Ok(Kept { row: rows::copy(row)?, removed: row.get(8)? })
        })
        .optional()?)
}

/// How many transfers a copy has made; none that is not known.
pub(crate) fn hops(tx: &Connection, barcode: &Barcode) -> Result<u32, Failure> {
    let hops = tx
        .prepare_cached("SELECT SoLanChuyen FROM QUYENSACH WHERE MaQuyenSach = ?1")?
        .query_row([barcode.as_str()], |row| row.get(0))
        .optional()?;
    Ok(hops.unwrap_or(0))
}

/// Writes where a copy is after a transfer, whatever the site knew of it.
pub(crate) fn move_to(
    tx: &Connection,
    here: &BranchCode,
    moving: &MovingCopy,
    condition: CopyCondition,
    forwarded_to: Option<&BranchCode>,
) -> Result<(), Failure> {
    let details = CopyDetails { condition, ..moving.details.clone() };
    if kept(tx, &details.barcode)?.is_some() {
        update(tx, &details)?;
    } else {
        insert(tx, here, &details)?;
    }
    tx.prepare_cached(
        "UPDATE QUYENSACH SET ChuyenDen = ?2, SoLanChuyen = ?3 WHERE MaQuyenSach = ?1",
    )?
    .execute(params![
        details.barcode.as_str(),
        forwarded_to.map(BranchCode::as_str),
        moving.hop,
    ])?;
    Ok(())
}

/// Sets what only a transfer sets.
pub(crate) fn set_condition(
    tx: &Connection,
    now: UtcMs,
    barcode: &Barcode,
    condition: CopyCondition,
    forwarded_to: Option<&BranchCode>,
) -> Result<(), Failure> {
    let written = tx
        .prepare_cached(
            "UPDATE QUYENSACH SET HienTrang = ?2, ChuyenDen = ?3 WHERE MaQuyenSach = ?1",
        )?
        .execute(params![
            barcode.as_str(),
            condition.code(),
            forwarded_to.map(BranchCode::as_str),
        ])?;
    if written == 0 {
        return Err(Obstacle::Unknown.into());
    }
    let mut state = State::new(tx, now)?;
    state.copy_was_written(barcode)?;
    timeline::write_all(&mut state)
}

/// Notes that a copy, which was in this condition, came back at another branch and is on its way here.
pub(crate) fn comes_home(
    tx: &Connection,
    now: UtcMs,
    barcode: &Barcode,
    condition: CopyCondition,
    from: &BranchCode,
) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO lienthu_transit (copy, txn, from_branch, condition, sent_at_ms)
         VALUES (?1, NULL, ?2, ?3, ?4)",
    )?
    .execute(params![barcode.as_str(), from.as_str(), condition.code(), now.ms()])?;
    tx.prepare_cached("UPDATE QUYENSACH SET HienTrang = 'in_transit' WHERE MaQuyenSach = ?1")?
        .execute([barcode.as_str()])?;
    Ok(())
}

/// Receives what was sent here, each copy on its own; says which are not received, and why.
pub(crate) fn receive(
    tx: &Connection,
    now: UtcMs,
    barcodes: &[Barcode],
) -> Result<Vec<Hindered>, Failure> {
    if barcodes.len() > COPIES_ADDED_MAX {
        return Err(Obstacle::TooMany.into());
    }
    let mut state = State::new(tx, now)?;
    let mut hindered = vec![];
    for barcode in barcodes {
        let condition = tx
            .prepare_cached("DELETE FROM lienthu_transit WHERE copy = ?1 RETURNING condition")?
            .query_row([barcode.as_str()], |row| rows::coded(row, 0, CopyCondition::from_code))
            .optional()?;
        let Some(condition) = condition else {
            let known = kept(tx, barcode)?.filter(|kept| !kept.removed);
            let why = against_receiving(known.as_ref().map(|kept| &kept.row));
            hindered.push(Hindered { resource: Resource::Copy(barcode.clone()), why });
            continue;
        };
        tx.prepare_cached("UPDATE QUYENSACH SET HienTrang = ?2 WHERE MaQuyenSach = ?1")?
            .execute([barcode.as_str(), condition.code()])?;
        state.copy_was_written(barcode)?;
    }
    timeline::write_all(&mut state)?;
    Ok(hindered)
}

/// Marks a copy removed.
pub(crate) fn remove(tx: &Connection, now: UtcMs, barcode: &Barcode) -> Result<(), Failure> {
    let mut state = State::new(tx, now)?;
    let story = state.story(barcode)?;
    let condition = story.known_copy().ok_or(Obstacle::Unknown)?.condition;
    if condition == CopyCondition::Forwarded {
        return Err(Obstacle::OtherBranch.into());
    }
    // Also one that was sent here and is not received yet.
    if condition == CopyCondition::InTransit || action::holds_copy(tx, barcode)? {
        return Err(Obstacle::Held.into());
    }
    let story = state.story(barcode)?;
    if story.timeline.open().is_some() {
        return Err(Obstacle::HasOpenLoans.into());
    }
    tx.prepare_cached("UPDATE QUYENSACH SET DaXoa = 1 WHERE MaQuyenSach = ?1")?
        .execute([barcode.as_str()])?;
    Ok(())
}
