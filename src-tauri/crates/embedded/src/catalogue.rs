//! What every site holds whole: branches, titles, loan policy, closed days; and the site's own row.
//! Transactions over several sites write the rows, and the administrator who founds the site.

use lienthu_domain::ids::{BranchCode, Incarnation, PatronCategory, TitleKey};
use lienthu_domain::replicated::{
    Branch, ClosedDay, DDC_CHARS_MAX, LANGUAGE_CHARS_MAX, LoanPolicy, NAME_CHARS_MAX, Title,
};
use lienthu_domain::text::clean;
use lienthu_domain::times::{UtcMs, ZoneOffset};
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::seed::SiteSeed;
use lienthu_protocol::terms::MembershipVersion;
use lienthu_sqlite::Fault;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::failure::Failure;
use crate::rows;
use crate::state::Here;

/// The site's branch and offset.
pub(crate) fn here(tx: &Connection) -> Result<Here, Failure> {
    tx.prepare_cached("SELECT branch, zone_minutes FROM lienthu_site")?
        .query_row([], |row| {
            let minutes = row.get(1)?;
            Ok(Here {
                branch: rows::parsed(row, 0)?,
                zone: ZoneOffset::from_minutes(minutes)
                    .map_err(|error| rows::wrong(1, &error.to_string()))?,
            })
        })
        .optional()?
        // The schema is there, but nobody ever founded the site.
        .ok_or(Failure::Fault(Fault::Damaged))
}

/// Reads the whole file: its pages, and its foreign keys.
pub(crate) fn verify(conn: &Connection) -> Result<(), Failure> {
    let pages: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let keys = conn.prepare("PRAGMA foreign_key_check")?.query([])?.next()?.is_some();
    if pages != "ok" || keys {
        let detail = if keys { "a foreign key".to_owned() } else { pages };
        return Err(SiteError::Damaged { detail }.into());
    }
    Ok(())
}

pub(crate) fn start_incarnation(
    tx: &Connection,
    incarnation: Incarnation,
    now: UtcMs,
) -> Result<(), Failure> {
    tx.prepare_cached(
        // A site of a network has to be told first what it promised and decided.
        "UPDATE lienthu_site
         SET incarnation = ?1, incarnation_at_ms = ?2,
             quarantined = EXISTS (SELECT 1 FROM lienthu_peer)",
    )?
    .execute(params![incarnation.to_string(), now.ms()])?;
    Ok(())
}

/// The site's incarnation.
pub(crate) fn incarnation(tx: &Connection) -> Result<Incarnation, Failure> {
    Ok(tx
        .prepare_cached("SELECT incarnation FROM lienthu_site")?
        .query_row([], |row| rows::parsed(row, 0))?)
}

/// All policies: there are few, and one is chosen by the domain.
pub(crate) fn policies(tx: &Connection) -> Result<Vec<LoanPolicy>, Failure> {
    Ok(tx
        .prepare_cached(&format!("SELECT {} FROM lienthu_loan_policy", rows::POLICY))?
        .query_map([], rows::policy)?
        .collect::<Result<_, _>>()?)
}

/// A title, also one that was removed from the catalogue.
pub(crate) fn title(tx: &Connection, key: &TitleKey) -> Result<Option<Title>, Failure> {
    Ok(tx
        .prepare_cached(&format!("SELECT {} FROM SACH WHERE ISBN = ?1", rows::TITLE))?
        .query_row([key.as_str()], rows::title)
        .optional()?)
}

/// Whether a title is in the catalogue.
pub(crate) fn has_title(tx: &Connection, key: &TitleKey) -> Result<bool, Failure> {
    Ok(tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM SACH WHERE ISBN = ?1 AND DaXoa = 0)")?
        .query_row([key.as_str()], |row| row.get(0))?)
}

/// All branches of the network: there are few.
pub(crate) fn branches(tx: &Connection) -> Result<Vec<Branch>, Failure> {
    Ok(tx
        .prepare_cached(&format!("SELECT {} FROM CHINHANH ORDER BY MaCN", rows::BRANCH))?
        .query_map([], rows::branch)?
        .collect::<Result<_, _>>()?)
}

/// Whether a branch belongs to the network.
pub(crate) fn has_branch(tx: &Connection, code: &BranchCode) -> Result<bool, Failure> {
    Ok(tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM CHINHANH WHERE MaCN = ?1)")?
        .query_row([code.as_str()], |row| row.get(0))?)
}

/// Writes the site's own row and everything that it begins with, people apart.
pub(crate) fn found(
    tx: &Connection,
    seed: &SiteSeed,
    incarnation: Incarnation,
    site_key: Uuid,
) -> Result<(), Failure> {
    for branch in &seed.branches {
        put_branch(tx, branch)?;
    }
    tx.execute(
        "INSERT INTO lienthu_site (one, branch, zone_minutes, incarnation, site_key)
         VALUES (1, ?1, ?2, ?3, ?4)",
        params![
            seed.branch.as_str(),
            seed.zone.minutes(),
            incarnation.to_string(),
            site_key.to_string(),
        ],
    )?;
    for title in &seed.titles {
        put_title(tx, title)?;
    }
    for policy in &seed.policies {
        put_policy(tx, policy)?;
    }
    for closed in &seed.closed_days {
        put_closed_day(tx, closed)?;
    }
    Ok(())
}

pub(crate) fn put_branch(tx: &Connection, branch: &Branch) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO CHINHANH (MaCN, TenCN, DiaChi, TrangThai) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (MaCN) DO UPDATE
         SET TenCN = excluded.TenCN, DiaChi = excluded.DiaChi, TrangThai = excluded.TrangThai",
    )?
    .execute(params![
        branch.code.as_str(),
        clean(&branch.name, NAME_CHARS_MAX),
        clean(&branch.address, NAME_CHARS_MAX),
        branch.standing.code(),
    ])?;
    Ok(())
}

pub(crate) fn put_title(tx: &Connection, title: &Title) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO SACH (ISBN, TenSach, TacGia, NhaXuatBan, NamXuatBan, PhanLoaiDDC, NgonNgu)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (ISBN) DO UPDATE
         SET TenSach = excluded.TenSach, TacGia = excluded.TacGia,
             NhaXuatBan = excluded.NhaXuatBan, NamXuatBan = excluded.NamXuatBan,
             PhanLoaiDDC = excluded.PhanLoaiDDC, NgonNgu = excluded.NgonNgu, DaXoa = 0",
    )?
    .execute(params![
        title.key.as_str(),
        clean(&title.name, NAME_CHARS_MAX),
        clean(&title.author, NAME_CHARS_MAX),
        clean(&title.publisher, NAME_CHARS_MAX),
        title.year,
        clean(&title.ddc, DDC_CHARS_MAX),
        clean(&title.language, LANGUAGE_CHARS_MAX),
    ])?;
    Ok(())
}

/// Marks a title removed.
pub(crate) fn remove_title(tx: &Connection, key: &TitleKey) -> Result<(), Failure> {
    if mark_title_removed(tx, key)? { Ok(()) } else { Err(Obstacle::Unknown.into()) }
}

/// Marks a title removed where it is not; whether it was there.
pub(crate) fn mark_title_removed(tx: &Connection, key: &TitleKey) -> Result<bool, Failure> {
    let found = tx
        .prepare_cached("UPDATE SACH SET DaXoa = 1 WHERE ISBN = ?1 AND DaXoa = 0")?
        .execute([key.as_str()])?;
    Ok(found > 0)
}

pub(crate) fn put_policy(tx: &Connection, policy: &LoanPolicy) -> Result<(), Failure> {
    tx.prepare_cached(&format!(
        "INSERT INTO lienthu_loan_policy ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (branch, category) DO UPDATE
         SET loan_days = excluded.loan_days, loans_max = excluded.loans_max,
             renewals_max = excluded.renewals_max, renewal_days = excluded.renewal_days,
             may_override = excluded.may_override",
        rows::POLICY
    ))?
    .execute(params![
        policy.branch.as_ref().map_or("", BranchCode::as_str),
        policy.category.as_ref().map_or("", PatronCategory::as_str),
        policy.loan_days,
        policy.loans_max,
        policy.renewals_max,
        policy.renewal_days,
        policy.may_override,
    ])?;
    Ok(())
}

/// Takes a policy away.
pub(crate) fn remove_policy(
    tx: &Connection,
    branch: Option<&BranchCode>,
    category: Option<&PatronCategory>,
) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM lienthu_loan_policy WHERE branch = ?1 AND category = ?2")?
        .execute([
            branch.map_or("", BranchCode::as_str),
            category.map_or("", PatronCategory::as_str),
        ])?;
    Ok(())
}

/// Takes a closed day away.
pub(crate) fn remove_closed_day(tx: &Connection, closed: &ClosedDay) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM lienthu_closed_day WHERE branch = ?1 AND date = ?2")?.execute(
        params![closed.branch.as_ref().map_or("", BranchCode::as_str), closed.date.to_string(),],
    )?;
    Ok(())
}

/// Whether the site was restored and has not been told yet what it promised and decided.
pub(crate) fn is_quarantined(tx: &Connection) -> Result<bool, Failure> {
    Ok(tx
        .prepare_cached("SELECT quarantined FROM lienthu_site")?
        .query_row([], |row| row.get(0))?)
}

/// Notes that it knows the network as of this change at least.
pub(crate) fn reach_membership(tx: &Connection, version: MembershipVersion) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE lienthu_site SET membership = ?1 WHERE membership < ?1")?
        .execute([version.0])?;
    Ok(())
}

pub(crate) fn put_closed_day(tx: &Connection, closed: &ClosedDay) -> Result<(), Failure> {
    tx.prepare_cached(
        "INSERT INTO lienthu_closed_day (branch, date, note) VALUES (?1, ?2, ?3)
         ON CONFLICT (branch, date) DO UPDATE SET note = excluded.note",
    )?
    .execute(params![
        closed.branch.as_ref().map_or("", BranchCode::as_str),
        closed.date.to_string(),
        clean(&closed.note, NAME_CHARS_MAX),
    ])?;
    Ok(())
}
