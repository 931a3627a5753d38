//! Patrons of the branch: looking them up and keeping them.

use lienthu_domain::ids::PatronCode;
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::text::{clean, fold_vi};
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_port::error::Obstacle;
use lienthu_port::lookup::{LOANS_MAX, PATRONS_FOUND_MAX, PatronChange, PatronFile, VisitorCard};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, params};

use crate::failure::Failure;
use crate::rows;
use crate::state::State;
use crate::{catalogue, events, timeline};

const NAME_CHARS_MAX: usize = 255;
const PHONE_CHARS_MAX: usize = 20;
const EMAIL_CHARS_MAX: usize = 255;
const BLOCK_CHARS_MAX: usize = 255;
const NOTE_CHARS_MAX: usize = 1_000;
/// Letters of a search that are looked at: nobody's name is longer.
const SEARCH_CHARS_MAX: usize = 255;

pub(crate) fn file(tx: &Connection, code: &PatronCode) -> Result<Option<PatronFile>, Failure> {
    Ok(match find(tx, code)? {
        None => None,
        Some(patron) => Some(PatronFile { patron, loans: loans_of(tx, code)? }),
    })
}

fn find(tx: &Connection, code: &PatronCode) -> Result<Option<Patron>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {} FROM DOCGIA WHERE MaDG = ?1 AND DaXoa = 0",
            rows::PATRON
        ))?
        .query_row([code.as_str()], rows::patron)
        .optional()?)
}

/// The patron's card, also when they were removed: their loans still name them.
pub(crate) fn card(tx: &Connection, code: &PatronCode) -> Result<Option<PatronCard>, Failure> {
    Ok(tx
        .prepare_cached(&format!("SELECT {} FROM DOCGIA WHERE MaDG = ?1", rows::CARD))?
        .query_row([code.as_str()], rows::card)
        .optional()?)
}

fn loans_of(tx: &Connection, code: &PatronCode) -> Result<Vec<Loan>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {} FROM PHIEUMUON p JOIN lienthu_loan l ON l.MaPM = p.MaPM
             WHERE p.MaDG = ?1 AND l.withdrawn = 0
             ORDER BY l.borrowed_at_ms DESC, l.borrow DESC LIMIT ?2",
            rows::LOAN
        ))?
        .query_map(params![code.as_str(), limit(LOANS_MAX)], rows::loan)?
        .collect::<Result<_, _>>()?)
}

pub(crate) fn limit(rows_max: usize) -> i64 {
    i64::try_from(rows_max).unwrap_or(i64::MAX)
}

/// Patrons by beginnings of words of their name, or by the beginning of their code or phone. Whoever
/// asks for nothing gets the first ones by name.
pub(crate) fn search(tx: &Connection, text: &str) -> Result<Vec<Patron>, Failure> {
    let typed = clean(text, SEARCH_CHARS_MAX);
    let folded = fold_vi(&typed);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    // Text without a single letter or digit is no name; only blank text asks for everyone.
    let by_name = !words.is_empty() || typed.is_empty();
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {} FROM DOCGIA
             WHERE DaXoa = 0
               AND (?1 AND NOT EXISTS (
                        SELECT 1 FROM json_each(?2) word
                        WHERE instr(' ' || fold_vi(HoTen), ' ' || word.value) = 0)
                    OR ?3 <> '' AND (substr(MaDG, 1, length(?3)) = ?3 COLLATE NOCASE
                                     OR substr(DienThoai, 1, length(?3)) = ?3))
             ORDER BY fold_vi(HoTen), HoTen, MaDG LIMIT ?4",
            rows::PATRON
        ))?
        .query_map(
            params![
                by_name,
                serde_json::Value::from(words).to_string(),
                typed,
                limit(PATRONS_FOUND_MAX)
            ],
            rows::patron,
        )?
        .collect::<Result<_, _>>()?)
}

/// Adds or changes a patron. Loans of theirs that waited for them get their rows.
pub(crate) fn put(tx: &Connection, now: UtcMs, change: &PatronChange) -> Result<(), Failure> {
    let mut state = State::new(tx, now)?;
    if change.patron.card.branch != state.here.branch {
        return Err(Obstacle::OtherBranch.into());
    }
    let patron = fit(tx, &state, &change.patron)?;
    let code = &patron.card.code;
    match &change.seen {
        None => {
            // The code of a removed patron stays theirs: their loans name it.
            if card(tx, code)?.is_some() {
                return Err(Obstacle::AlreadyExists.into());
            }
            insert(tx, &patron, now.date_at(state.here.zone))?;
            for copy in events::copies_lent_to(tx, code)? {
                state.change(&copy, |_| {})?;
            }
            timeline::write_all(&mut state)
        }
        Some(seen) => {
            let found = find(tx, code)?.ok_or(Obstacle::Unknown)?;
            if found != *seen {
                return Err(Obstacle::ChangedMeanwhile.into());
            }
            if found != patron {
                update(tx, &patron)?;
            }
            Ok(())
        }
    }
}

/// The patron as they can be stored: cleaned, and no field empty or too long.
fn fit(tx: &Connection, state: &State<'_>, patron: &Patron) -> Result<Patron, Failure> {
    let mut fit = patron.clone();
    fit.card.name = text(&patron.card.name, NAME_CHARS_MAX)?;
    fit.phone = text(&patron.phone, PHONE_CHARS_MAX)?;
    fit.email = text(&patron.email, EMAIL_CHARS_MAX)?;
    fit.note = text(&patron.note, NOTE_CHARS_MAX)?;
    fit.card.block = match &patron.card.block {
        Some(reason) => Some(text(reason, BLOCK_CHARS_MAX)?),
        None => None,
    };
    let home_is_wrong = match (&fit.card.home_branch, &fit.card.home_code) {
        (None, None) => false,
        (Some(home), Some(_)) => *home == state.here.branch || !catalogue::has_branch(tx, home)?,
        _ => true,
    };
    if fit.card.name.is_empty() || fit.card.block.as_deref() == Some("") || home_is_wrong {
        return Err(Obstacle::FieldWrong.into());
    }
    Ok(fit)
}

/// Free text, cleaned; never cut in silence.
pub(crate) fn text(raw: &str, chars_max: usize) -> Result<String, Failure> {
    let cleaned = clean(raw, usize::MAX);
    if cleaned.chars().count() > chars_max {
        return Err(Obstacle::FieldWrong.into());
    }
    Ok(cleaned)
}

fn insert(tx: &Connection, patron: &Patron, today: LocalDate) -> Result<(), Failure> {
    write(
        tx,
        patron,
        Some(today),
        "INSERT INTO DOCGIA (MaDG, HoTen, MaCN_DangKy, LoaiDocGia, HanThe, BiKhoa, MaCN_Goc,
                             MaDG_Goc, NgaySinh, DienThoai, Email, TienDatCoc, GhiChu, NgayTaoThe)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )
}

fn update(tx: &Connection, patron: &Patron) -> Result<(), Failure> {
    write(
        tx,
        patron,
        None,
        "UPDATE DOCGIA
         SET HoTen = ?2, MaCN_DangKy = ?3, LoaiDocGia = ?4, HanThe = ?5, BiKhoa = ?6, MaCN_Goc = ?7,
             MaDG_Goc = ?8, NgaySinh = ?9, DienThoai = ?10, Email = ?11, TienDatCoc = ?12,
             GhiChu = ?13, NgayTaoThe = coalesce(NgayTaoThe, ?14)
         WHERE MaDG = ?1",
    )
}

fn write(
    tx: &Connection,
    patron: &Patron,
    registered: Option<LocalDate>,
    statement: &str,
) -> Result<(), Failure> {
    let card = &patron.card;
    tx.prepare_cached(statement)?.execute(params![
        card.code.as_str(),
        card.name,
        card.branch.as_str(),
        card.category.as_str(),
        card.card_expires.map(|date| date.to_string()),
        card.block,
        card.home_branch.as_ref().map(|code| code.as_str()),
        card.home_code.as_ref().map(|code| code.as_str()),
        patron.birth_date.map(|date| date.to_string()),
        patron.phone,
        patron.email,
        patron.deposit_vnd,
        patron.note,
        registered.map(|date| date.to_string()),
    ])?;
    Ok(())
}

/// Marks a patron removed.
pub(crate) fn remove(tx: &Connection, code: &PatronCode) -> Result<(), Failure> {
    find(tx, code)?.ok_or(Obstacle::Unknown)?;
    let has_open: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM PHIEUMUON WHERE MaDG = ?1 AND NgayTra IS NULL)",
        )?
        .query_row([code.as_str()], |row| row.get(0))?;
    if has_open {
        return Err(Obstacle::HasOpenLoans.into());
    }
    tx.prepare_cached("UPDATE DOCGIA SET DaXoa = 1 WHERE MaDG = ?1")?.execute([code.as_str()])?;
    Ok(())
}

/// What another branch may know of a patron who shows their card there.
pub(crate) fn visitor(tx: &Connection, card: &PatronCode) -> Result<Option<VisitorCard>, Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT HoTen, LoaiDocGia, HanThe, BiKhoa FROM DOCGIA
             WHERE MaDG = ?1 AND DaXoa = 0 AND MaCN_Goc IS NULL",
        )?
        .query_row([card.as_str()], |row| {
            Ok(VisitorCard {
                name: row.get(0)?,
                category: rows::parsed(row, 1)?,
                card_expires: rows::parsed_option(row, 2)?,
                block: row.get(3)?,
            })
        })
        .optional()?)
}
