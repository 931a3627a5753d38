//! Figures of the branch, added up here so that no rows travel. Days are those of the branch's calendar.

use std::collections::BTreeMap;

use lienthu_domain::ids::TitleKey;
use lienthu_domain::period::Period;
use lienthu_domain::times::{LocalDate, UtcMs, ZoneOffset};
use lienthu_port::error::Obstacle;
use lienthu_port::figures::{
    ClassFigures, LENT_TITLES_MAX, MostLent, SiteFigures, StepFigures, TitleLoans,
};
use lienthu_sqlite::rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::rows;

/// A loan that counts: of `PHIEUMUON p JOIN lienthu_loan l`.
const COUNTS: &str = "l.withdrawn = 0 AND p.DaHuy = 0";
/// One that counts and began in the period whose first and last moment are `?1` and `?2`.
const BEGAN: &str = "l.borrowed_at_ms BETWEEN ?1 AND ?2 AND l.withdrawn = 0 AND p.DaHuy = 0";
/// The first digit of a title's Dewey class, or nothing.
const CLASS: &str =
    "CASE WHEN s.PhanLoaiDDC GLOB '[0-9]*' THEN CAST(substr(s.PhanLoaiDDC, 1, 1) AS INTEGER) END";

/// The first and the last moment of a period at the branch.
fn moments(period: &Period, zone: ZoneOffset) -> (i64, i64) {
    (period.from().start_at(zone).ms(), period.to().plus_days(1).start_at(zone).ms() - 1)
}

pub(crate) fn add_up(
    tx: &Connection,
    period: &Period,
    zone: ZoneOffset,
    now: UtcMs,
) -> Result<SiteFigures, Failure> {
    let today = now.date_at(zone);
    let (on_loan, overdue) = tx
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE p.HanTra < ?1)
             FROM PHIEUMUON p JOIN lienthu_loan l ON l.MaPM = p.MaPM
             WHERE p.NgayTra IS NULL AND l.withdrawn = 0",
        )?
        .query_row([today.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (patrons, visitors) = tx
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE MaCN_Goc IS NULL), count(MaCN_Goc)
             FROM DOCGIA WHERE DaXoa = 0",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let steps = steps(tx, period, zone)?;
    Ok(SiteFigures {
        today,
        on_loan,
        overdue,
        patrons,
        visitors,
        steps,
        classes: classes(tx, period, zone)?,
    })
}

fn steps(tx: &Connection, period: &Period, zone: ZoneOffset) -> Result<Vec<StepFigures>, Failure> {
    let mut steps: BTreeMap<LocalDate, StepFigures> = BTreeMap::new();
    let mut note = |day: LocalDate, add: &dyn Fn(&mut StepFigures)| {
        let from = period.step().start_of(day);
        let step = StepFigures { from, loans: 0, returns: 0, new_patrons: 0 };
        add(steps.entry(from).or_insert(step));
    };
    let day = |row: &Row<'_>| Ok((rows::parsed::<LocalDate>(row, 0)?, row.get::<_, u32>(1)?));
    let (first, last) = moments(period, zone);
    let lent = tx
        .prepare_cached(&format!(
            "SELECT date(l.borrowed_at_ms / 1000 + ?3 * 60, 'unixepoch') AS day, count(*)
             FROM lienthu_loan l JOIN PHIEUMUON p ON p.MaPM = l.MaPM
             WHERE {BEGAN} GROUP BY day"
        ))?
        .query_map(params![first, last, zone.minutes()], day)?
        .collect::<Result<Vec<_>, _>>()?;
    let (from, to) = (period.from().to_string(), period.to().to_string());
    let days = [from.as_str(), to.as_str()];
    let returned = tx
        .prepare_cached(&format!(
            "SELECT substr(p.NgayTra, 1, 10) AS day, count(*)
             FROM lienthu_loan l JOIN PHIEUMUON p ON p.MaPM = l.MaPM
             WHERE substr(p.NgayTra, 1, 10) BETWEEN ?1 AND ?2 AND l.ending = 'returned' AND {COUNTS}
             GROUP BY day"
        ))?
        .query_map(days, day)?
        .collect::<Result<Vec<_>, _>>()?;
    let registered = tx
        .prepare_cached(
            "SELECT NgayTaoThe AS day, count(*) FROM DOCGIA
             WHERE NgayTaoThe BETWEEN ?1 AND ?2 AND MaCN_Goc IS NULL GROUP BY day",
        )?
        .query_map(days, day)?
        .collect::<Result<Vec<_>, _>>()?;
    for (day, count) in lent {
        note(day, &|step| step.loans += count);
    }
    for (day, count) in returned {
        note(day, &|step| step.returns += count);
    }
    for (day, count) in registered {
        note(day, &|step| step.new_patrons += count);
    }
    Ok(steps.into_values().collect())
}

fn classes(
    tx: &Connection,
    period: &Period,
    zone: ZoneOffset,
) -> Result<Vec<ClassFigures>, Failure> {
    // In the order of the answer: what has no class comes last.
    let place = |class: Option<u8>| class.unwrap_or(u8::MAX);
    let held = tx
        .prepare_cached(&format!(
            "SELECT {CLASS} AS class, count(DISTINCT q.ISBN), count(*),
                    count(*) FILTER (WHERE q.TrangThai = 'free'),
                    count(*) FILTER (WHERE q.TrangThai = 'on_loan')
             FROM QUYENSACH q JOIN SACH s ON s.ISBN = q.ISBN
             WHERE q.DaXoa = 0 AND q.HienTrang <> 'forwarded' GROUP BY class"
        ))?
        .query_map([], |row| {
            Ok(ClassFigures {
                class: row.get(0)?,
                titles: row.get(1)?,
                copies: row.get(2)?,
                free: row.get(3)?,
                on_loan: row.get(4)?,
                loans: 0,
            })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut classes: BTreeMap<u8, ClassFigures> =
        held.into_iter().map(|figures| (place(figures.class), figures)).collect();
    let (first, last) = moments(period, zone);
    let lent = tx
        .prepare_cached(&format!(
            "SELECT {CLASS} AS class, count(*)
             FROM lienthu_loan l JOIN PHIEUMUON p ON p.MaPM = l.MaPM
                  JOIN QUYENSACH q ON q.MaQuyenSach = p.MaQuyenSach JOIN SACH s ON s.ISBN = q.ISBN
             WHERE {BEGAN} GROUP BY class"
        ))?
        .query_map([first, last], |row| Ok((row.get(0)?, row.get::<_, u32>(1)?)))?
        .collect::<Result<Vec<(Option<u8>, u32)>, _>>()?;
    for (class, loans) in lent {
        let none = ClassFigures { class, titles: 0, copies: 0, free: 0, on_loan: 0, loans: 0 };
        classes.entry(place(class)).or_insert(none).loans = loans;
    }
    Ok(classes.into_values().collect())
}

fn title_loans(row: &Row<'_>) -> lienthu_sqlite::rusqlite::Result<TitleLoans> {
    Ok(TitleLoans { title: rows::parsed(row, 0)?, loans: row.get(1)? })
}

pub(crate) fn most_lent(
    tx: &Connection,
    period: &Period,
    zone: ZoneOffset,
    asked: &MostLent,
) -> Result<Vec<TitleLoans>, Failure> {
    let (first, last) = moments(period, zone);
    let limit = asked.limit.min(u32::try_from(LENT_TITLES_MAX).unwrap_or(u32::MAX));
    Ok(tx
        .prepare_cached(&format!(
            "SELECT q.ISBN AS title, count(*) AS loans
             FROM lienthu_loan l JOIN PHIEUMUON p ON p.MaPM = l.MaPM
                  JOIN QUYENSACH q ON q.MaQuyenSach = p.MaQuyenSach
             WHERE {BEGAN} GROUP BY q.ISBN
             HAVING loans >= ?3 AND (?4 IS NULL OR (-loans, title) > (-?4, ?5))
             ORDER BY loans DESC, title LIMIT ?6"
        ))?
        .query_map(
            params![
                first,
                last,
                asked.at_least,
                asked.after.as_ref().map(|after| after.loans),
                asked.after.as_ref().map(|after| after.title.as_str()),
                limit,
            ],
            title_loans,
        )?
        .collect::<Result<_, _>>()?)
}

pub(crate) fn times_lent(
    tx: &Connection,
    period: &Period,
    zone: ZoneOffset,
    titles: &[TitleKey],
) -> Result<Vec<TitleLoans>, Failure> {
    if titles.len() > LENT_TITLES_MAX {
        return Err(Obstacle::TooMany.into());
    }
    let (first, last) = moments(period, zone);
    let mut count = tx.prepare_cached(&format!(
        "SELECT ?3, count(*)
         FROM QUYENSACH q JOIN PHIEUMUON p ON p.MaQuyenSach = q.MaQuyenSach
              JOIN lienthu_loan l ON l.MaPM = p.MaPM
         WHERE q.ISBN = ?3 AND {BEGAN}"
    ))?;
    let counted = titles
        .iter()
        .map(|title| count.query_row(params![first, last, title.as_str()], title_loans));
    Ok(counted.collect::<Result<_, _>>()?)
}
