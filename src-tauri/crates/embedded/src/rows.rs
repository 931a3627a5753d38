//! Rows to the domain's types, one function for each table.

use std::fmt::Display;
use std::str::FromStr;

use lienthu_domain::copy::{Copy, CopyCondition, CopyState};
use lienthu_domain::ids::{BranchCode, PatronCategory};
use lienthu_domain::loan::{Loan, LoanEnding};
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::replicated::{Branch, BranchStanding, ClosedDay, LoanPolicy, Title};
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_sqlite::rusqlite::types::Type;
use lienthu_sqlite::rusqlite::{Error, Result, Row};

/// A text column that has a grammar of its own. What does not follow it was written by hand.
pub(crate) fn parsed<T: FromStr<Err: Display>>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error: T::Err| wrong(column, &error.to_string()))
}

/// The same, where there may be nothing.
pub(crate) fn parsed_option<T: FromStr<Err: Display>>(
    row: &Row<'_>,
    column: usize,
) -> Result<Option<T>> {
    row.get_ref(column)?
        .as_str_or_null()?
        .map(|text| text.parse().map_err(|error: T::Err| wrong(column, &error.to_string())))
        .transpose()
}

/// A column that holds one of a closed list of codes.
pub(crate) fn coded<T>(row: &Row<'_>, column: usize, read: fn(&str) -> Option<T>) -> Result<T> {
    read(row.get_ref(column)?.as_str()?).ok_or_else(|| wrong(column, "not a code of its list"))
}

pub(crate) fn wrong(column: usize, what: &str) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, what.to_owned().into())
}

pub(crate) const BRANCH: &str = "MaCN, TenCN, DiaChi, TrangThai";

pub(crate) fn branch(row: &Row<'_>) -> Result<Branch> {
    Ok(Branch {
        code: parsed(row, 0)?,
        name: row.get(1)?,
        address: row.get(2)?,
        standing: coded(row, 3, BranchStanding::from_code)?,
    })
}

pub(crate) const TITLE: &str =
    "ISBN, TenSach, TacGia, NhaXuatBan, NamXuatBan, PhanLoaiDDC, NgonNgu";

pub(crate) fn title(row: &Row<'_>) -> Result<Title> {
    Ok(Title {
        key: parsed(row, 0)?,
        name: row.get(1)?,
        author: row.get(2)?,
        publisher: row.get(3)?,
        year: row.get(4)?,
        ddc: row.get(5)?,
        language: row.get(6)?,
    })
}

pub(crate) const POLICY: &str =
    "branch, category, loan_days, loans_max, renewals_max, renewal_days, may_override";

pub(crate) fn policy(row: &Row<'_>) -> Result<LoanPolicy> {
    Ok(LoanPolicy {
        branch: unless_empty::<BranchCode>(row, 0)?,
        category: unless_empty::<PatronCategory>(row, 1)?,
        loan_days: row.get(2)?,
        loans_max: row.get(3)?,
        renewals_max: row.get(4)?,
        renewal_days: row.get(5)?,
        may_override: row.get(6)?,
    })
}

pub(crate) const CLOSED_DAY: &str = "branch, date, note";

pub(crate) fn closed_day(row: &Row<'_>) -> Result<ClosedDay> {
    Ok(ClosedDay {
        branch: unless_empty::<BranchCode>(row, 0)?,
        date: parsed(row, 1)?,
        note: row.get(2)?,
    })
}

fn unless_empty<T: FromStr<Err: Display>>(row: &Row<'_>, column: usize) -> Result<Option<T>> {
    if row.get_ref(column)?.as_str()?.is_empty() { Ok(None) } else { parsed(row, column).map(Some) }
}

pub(crate) const CARD: &str =
    "MaDG, HoTen, MaCN_DangKy, LoaiDocGia, HanThe, BiKhoa, MaCN_Goc, MaDG_Goc";

pub(crate) fn card(row: &Row<'_>) -> Result<PatronCard> {
    Ok(PatronCard {
        code: parsed(row, 0)?,
        name: row.get(1)?,
        branch: parsed(row, 2)?,
        category: parsed(row, 3)?,
        card_expires: parsed_option(row, 4)?,
        block: row.get(5)?,
        home_branch: parsed_option(row, 6)?,
        home_code: parsed_option(row, 7)?,
    })
}

pub(crate) const PATRON: &str = "MaDG, HoTen, MaCN_DangKy, LoaiDocGia, HanThe, BiKhoa, MaCN_Goc, \
                                 MaDG_Goc, NgaySinh, DienThoai, Email, TienDatCoc, GhiChu";

pub(crate) fn patron(row: &Row<'_>) -> Result<Patron> {
    Ok(Patron {
        card: card(row)?,
        birth_date: parsed_option(row, 8)?,
        phone: row.get(9)?,
        email: row.get(10)?,
        deposit_vnd: row.get(11)?,
        note: row.get(12)?,
    })
}

pub(crate) const COPY: &str =
    "MaQuyenSach, ISBN, MaCN, HienTrang, TrangThai, ChuyenDen, KyHieuXepGia, GiaTien";

pub(crate) fn copy(row: &Row<'_>) -> Result<Copy> {
    Ok(Copy {
        barcode: parsed(row, 0)?,
        title: parsed(row, 1)?,
        branch: parsed(row, 2)?,
        condition: coded(row, 3, CopyCondition::from_code)?,
        state: coded(row, 4, CopyState::from_code)?,
        forwarded_to: parsed_option(row, 5)?,
        shelf_mark: row.get(6)?,
        price_vnd: row.get(7)?,
    })
}

/// Of `PHIEUMUON p JOIN lienthu_loan l`; loans whose borrow was withdrawn are nobody's business.
pub(crate) const LOAN: &str = "p.MaPM, l.borrow, p.MaQuyenSach, p.MaDG, p.MaCN, l.borrowed_at_ms, \
                               p.HanTra, p.SoLanGiaHan, l.ended_at_ms, l.ending, p.NgayTra, p.DaHuy";

pub(crate) fn loan(row: &Row<'_>) -> Result<Loan> {
    let ended_at: Option<i64> = row.get(8)?;
    Ok(Loan {
        no: row.get(0)?,
        borrow: parsed(row, 1)?,
        copy: parsed(row, 2)?,
        patron: parsed(row, 3)?,
        branch: parsed(row, 4)?,
        borrowed_at: UtcMs::from_ms(row.get(5)?),
        due: parsed(row, 6)?,
        renewals: row.get(7)?,
        ended_at: ended_at.map(UtcMs::from_ms),
        ending: ended_at.map(|_| coded(row, 9, LoanEnding::from_code)).transpose()?,
        returned_on: ended_at.map(|_| date_of_local_time(row, 10)).transpose()?,
        undone: row.get(11)?,
    })
}

/// The date in front of a local time such as `2026-11-22 08:30:00.000`.
fn date_of_local_time(row: &Row<'_>, column: usize) -> Result<LocalDate> {
    let text = row.get_ref(column)?.as_str()?;
    text.get(..10)
        .and_then(|date| date.parse().ok())
        .ok_or_else(|| wrong(column, "not a local time"))
}
