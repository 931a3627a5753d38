//! Where things are: this branch's part of questions that are asked of every site.

use lienthu_domain::ids::{Barcode, BranchCode, TitleKey};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_port::error::Obstacle;
use lienthu_port::whereabouts::{
    CopyPlace, HISTORY_PAGE_MAX, HOLDINGS_MAX, Holding, LoanPlace, PatronLoan, PatronLoans,
    PatronOf,
};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;
use crate::patrons::limit;
use crate::{catalogue, copies, patrons, rows};

pub(crate) fn holdings(tx: &Connection, titles: &[TitleKey]) -> Result<Vec<Holding>, Failure> {
    if titles.len() > HOLDINGS_MAX {
        return Err(Obstacle::TooMany.into());
    }
    titles.iter().map(|title| holding(tx, title)).collect()
}

fn holding(tx: &Connection, title: &TitleKey) -> Result<Holding, Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT count(*),
                    count(*) FILTER (WHERE TrangThai = 'free'),
                    count(*) FILTER (WHERE TrangThai = 'on_loan'),
                    count(*) FILTER (WHERE TrangThai = 'in_transit'),
                    count(*) FILTER (WHERE TrangThai IN ('damaged', 'lost', 'withdrawn'))
             FROM QUYENSACH
             WHERE ISBN = ?1 AND DaXoa = 0 AND HienTrang <> 'forwarded'",
        )?
        .query_row([title.as_str()], |row| {
            Ok(Holding {
                title: title.clone(),
                copies: row.get(0)?,
                free: row.get(1)?,
                on_loan: row.get(2)?,
                in_transit: row.get(3)?,
                unusable: row.get(4)?,
            })
        })?)
}

pub(crate) fn copy_place(tx: &Connection, barcode: &Barcode) -> Result<Option<CopyPlace>, Failure> {
    let Some(kept) = copies::kept(tx, barcode)?.filter(|kept| !kept.removed) else {
        return Ok(None);
    };
    // The foreign key says that it is there.
    let Some(title) = catalogue::title(tx, &kept.row.title)? else { return Ok(None) };
    let held_by = tx
        .prepare_cached("SELECT txn FROM lienthu_hold WHERE kind = 'copy' AND key = ?1")?
        .query_row([barcode.as_str()], |row| rows::parsed(row, 0))
        .optional()?;
    let coming_from = tx
        .prepare_cached("SELECT from_branch FROM lienthu_transit WHERE copy = ?1")?
        .query_row([barcode.as_str()], |row| rows::parsed(row, 0))
        .optional()?;
    let loan = open_loan(tx, barcode)?;
    let holder = match &loan {
        Some(loan) => patrons::card(tx, &loan.patron)?,
        None => None,
    };
    let hops = copies::hops(tx, barcode)?;
    Ok(Some(CopyPlace { copy: kept.row, title, hops, held_by, coming_from, loan, holder }))
}

fn open_loan(tx: &Connection, barcode: &Barcode) -> Result<Option<Loan>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {} FROM PHIEUMUON p JOIN lienthu_loan l ON l.MaPM = p.MaPM
             WHERE p.MaQuyenSach = ?1 AND p.NgayTra IS NULL AND l.withdrawn = 0
             ORDER BY l.borrowed_at_ms DESC, l.borrow DESC LIMIT 1",
            rows::LOAN
        ))?
        .query_row([barcode.as_str()], rows::loan)
        .optional()?)
}

/// A card of the patron's at this branch: their own, or a visitor card that names them.
const CARD_OF: &str = "DaXoa = 0 AND (?1 = ?2 AND MaDG = ?3 AND MaCN_Goc IS NULL
                                       OR MaCN_Goc = ?1 AND MaDG_Goc = ?3)";

pub(crate) fn patron_loans(
    tx: &Connection,
    here: &BranchCode,
    patron: &PatronOf,
    behind: Option<LoanPlace>,
) -> Result<PatronLoans, Failure> {
    let (branch, code) = (patron.branch.as_str(), patron.code.as_str());
    let cards: Vec<PatronCard> = tx
        .prepare_cached(&format!(
            "SELECT {} FROM DOCGIA WHERE {CARD_OF} ORDER BY MaDG LIMIT ?4",
            rows::CARD
        ))?
        .query_map(params![branch, here.as_str(), code, limit(HISTORY_PAGE_MAX)], rows::card)?
        .collect::<Result<_, _>>()?;
    let mut loans: Vec<PatronLoan> = tx
        .prepare_cached(&format!(
            "SELECT {}, s.TenSach
             FROM PHIEUMUON p JOIN lienthu_loan l ON l.MaPM = p.MaPM
                  JOIN QUYENSACH q ON q.MaQuyenSach = p.MaQuyenSach JOIN SACH s ON s.ISBN = q.ISBN
             WHERE p.MaDG IN (SELECT MaDG FROM DOCGIA WHERE {CARD_OF}) AND l.withdrawn = 0
               AND (?4 IS NULL OR (l.borrowed_at_ms, l.borrow) < (?4, ?5))
             ORDER BY l.borrowed_at_ms DESC, l.borrow DESC LIMIT ?6",
            rows::LOAN
        ))?
        .query_map(
            params![
                branch,
                here.as_str(),
                code,
                behind.map(|place| place.borrowed_at.ms()),
                behind.map(|place| place.borrow.to_string()),
                limit(HISTORY_PAGE_MAX + 1),
            ],
            |row| Ok(PatronLoan { loan: rows::loan(row)?, title: row.get(12)? }),
        )?
        .collect::<Result<_, _>>()?;
    let more = loans.len() > HISTORY_PAGE_MAX;
    loans.truncate(HISTORY_PAGE_MAX);
    Ok(PatronLoans { cards, loans, more })
}
