//! Writing timelines: what the fold says becomes rows of PHIEUMUON, the state of the copy, and review
//! items. Rows are changed where they stand: a loan keeps its MaPM for good.
//!
//! A loan of a patron whom the site does not know has no row, because PHIEUMUON.MaDG must name a row of
//! DOCGIA: the copy reads as on loan, the event waits with the flag `PatronUnknown`, receipts carry no
//! loan, and the row appears when the patron is added. A copy that the site does not know has no rows at
//! all until it is added.

use std::collections::HashMap;

use lienthu_domain::ids::{Barcode, EventId};
use lienthu_domain::loan::{Loan, LoanEnding};
use lienthu_domain::times::{UtcMs, ZoneOffset};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;
use crate::review;
use crate::rows;
use crate::state::State;

/// Writes every story that changed.
pub(crate) fn write_all(state: &mut State<'_>) -> Result<(), Failure> {
    let changed: Vec<Barcode> = state
        .stories()
        .filter(|(_, story)| story.changed)
        .map(|(barcode, _)| barcode.clone())
        .collect();
    for barcode in changed {
        write(state, &barcode)?;
    }
    Ok(())
}

fn write(state: &mut State<'_>, barcode: &Barcode) -> Result<(), Failure> {
    let story = state.story(barcode)?;
    let items = story.items();
    let copy = story.copy.as_ref().map(|kept| kept.row.state);
    let folded = story.timeline.loans.clone();
    if let Some(copy_state) = copy {
        let mut written = loans_written(state.tx, barcode)?;
        for folded in folded {
            // Removed patrons keep their rows, so a late loan of theirs can have one too.
            if state.patron_row(&folded.patron)?.is_none() {
                continue;
            }
            match written.remove(&folded.borrow) {
                None => insert(state.tx, &state.as_loan(barcode, &folded, 0), state.here.zone)?,
                Some(row) => {
                    let loan = state.as_loan(barcode, &folded, row.no);
                    if loan != row {
                        update(state.tx, &loan, state.here.zone)?;
                    }
                }
            }
        }
        // What the fold does not know any more was a request, and withdrawn.
        for row in written.into_values() {
            withdraw(state.tx, &row)?;
        }
        state
            .tx
            .prepare_cached(
                "UPDATE QUYENSACH SET TrangThai = ?2, TinhTrang = ?3
                 WHERE MaQuyenSach = ?1 AND (TrangThai <> ?2 OR TinhTrang <> ?3)",
            )?
            .execute(params![barcode.as_str(), copy_state.code(), copy_state.tinh_trang()])?;
    }
    review::set_items(state.tx, barcode, &items)
}

/// The loans of a copy that are written, by their borrow events; withdrawn ones left out.
fn loans_written(tx: &Connection, barcode: &Barcode) -> Result<HashMap<EventId, Loan>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {} FROM PHIEUMUON p JOIN lienthu_loan l ON l.MaPM = p.MaPM
             WHERE p.MaQuyenSach = ?1 AND l.withdrawn = 0",
            rows::LOAN
        ))?
        .query_map([barcode.as_str()], rows::loan)?
        .map(|loan| loan.map(|loan| (loan.borrow, loan)))
        .collect::<Result<_, _>>()?)
}

fn insert(tx: &Connection, loan: &Loan, zone: ZoneOffset) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO PHIEUMUON
             (MaDG, MaQuyenSach, MaCN, NgayMuon, NgayTra, HanTra, SoLanGiaHan, DaHuy)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        loan.patron.as_str(),
        loan.copy.as_str(),
        loan.branch.as_str(),
        local_time(loan.borrowed_at, zone),
        ngay_tra(loan, zone),
        loan.due.to_string(),
        loan.renewals,
        loan.undone,
    ])?;
    tx.prepare_cached(
        "INSERT INTO lienthu_loan (MaPM, borrow, borrowed_at_ms, ended_at_ms, ending)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        tx.last_insert_rowid(),
        loan.borrow.to_string(),
        loan.borrowed_at.ms(),
        loan.ended_at.map(UtcMs::ms),
        loan.ending.map(LoanEnding::code),
    ])?;
    Ok(())
}

fn update(tx: &Connection, loan: &Loan, zone: ZoneOffset) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE lienthu_loan SET ended_at_ms = ?2, ending = ?3 WHERE MaPM = ?1")?
        .execute(params![
            loan.no,
            loan.ended_at.map(UtcMs::ms),
            loan.ending.map(LoanEnding::code),
        ])?;
    tx.prepare_cached(
        "UPDATE PHIEUMUON SET NgayTra = ?2, HanTra = ?3, SoLanGiaHan = ?4, DaHuy = ?5
         WHERE MaPM = ?1",
    )?
    .execute(params![
        loan.no,
        ngay_tra(loan, zone),
        loan.due.to_string(),
        loan.renewals,
        loan.undone,
    ])?;
    Ok(())
}

fn withdraw(tx: &Connection, loan: &Loan) -> Result<(), Failure> {
    tx.prepare_cached(
        "UPDATE lienthu_loan SET withdrawn = 1, ended_at_ms = NULL, ending = NULL WHERE MaPM = ?1",
    )?
    .execute([loan.no])?;
    tx.prepare_cached("UPDATE PHIEUMUON SET DaHuy = 1, NgayTra = NgayMuon WHERE MaPM = ?1")?
        .execute([loan.no])?;
    Ok(())
}

/// The number of the loan that a borrow event made, if it has a row.
pub(crate) fn number_of(tx: &Connection, borrow: EventId) -> Result<Option<i32>, Failure> {
    Ok(tx
        .prepare_cached("SELECT MaPM FROM lienthu_loan WHERE borrow = ?1 AND withdrawn = 0")?
        .query_row([borrow.to_string()], |row| row.get(0))
        .optional()?)
}

/// What NgayTra shows: the moment of the return, the start of the date to which it was back-dated, or,
/// of an undone loan, the moment at which it began.
fn ngay_tra(loan: &Loan, zone: ZoneOffset) -> Option<String> {
    if loan.undone {
        return Some(local_time(loan.borrowed_at, zone));
    }
    let ended_at = loan.ended_at?;
    Some(match loan.returned_on {
        Some(date) if date != ended_at.date_at(zone) => format!("{date} 00:00:00.000"),
        _ => local_time(ended_at, zone),
    })
}

/// A time as it reads on a clock at the branch, such as `2026-11-22 08:30:00.000`.
fn local_time(at: UtcMs, zone: ZoneOffset) -> String {
    let shown = at.plus_ms(i64::from(zone.minutes()) * 60_000).to_string();
    shown.trim_end_matches('Z').replace('T', " ")
}
