//! The days on which the demo's branches are closed.

use lienthu_domain::ids::BranchCode;
use lienthu_domain::replicated::ClosedDay;
use lienthu_domain::times::LocalDate;

use crate::error::DemoError;

/// Public holidays that have the same date every year.
const FIXED: [(&str, &str); 4] = [
    ("01-01", "Tết Dương lịch"),
    ("04-30", "Ngày Giải phóng miền Nam"),
    ("05-01", "Ngày Quốc tế Lao động"),
    ("09-02", "Quốc khánh"),
];

/// Holidays of the lunar calendar, from the years for which they are published: mùng 1 Tết and
/// mùng 10 tháng 3. In other years a demo has none.
const LUNAR: [(&str, &str); 7] = [
    ("2024-02-10", "2024-04-18"),
    ("2025-01-29", "2025-04-07"),
    ("2026-02-17", "2026-04-26"),
    ("2027-02-06", "2027-04-16"),
    ("2028-01-26", "2028-04-04"),
    ("2029-02-13", "2029-04-23"),
    ("2030-02-02", "2030-04-12"),
];

/// Tết lasts from the day before mùng 1 to mùng 5.
const TET_DAYS: std::ops::RangeInclusive<i32> = -1..=4;

/// Days on which one branch alone counts its shelves, in the middle of the year.
const STOCKTAKING: [(&str, &str); 3] = [("Q1", "06-29"), ("Q3", "06-30"), ("Q5", "07-01")];

/// The weekly closing day, as far as the closed days reach.
const CLOSED_WEEKDAY: &str = "Nghỉ thứ Hai hằng tuần";

/// Closed days of the year before `today`, of its own, and of the next.
pub(crate) fn closed_days(today: LocalDate) -> Result<Vec<ClosedDay>, DemoError> {
    let years = today.date().year() - 1..=today.date().year() + 1;
    let mut days = Vec::new();
    for year in years {
        for (date, note) in FIXED {
            days.push(closed(None, date_of(&format!("{year}-{date}"))?, note));
        }
        for (branch, date) in STOCKTAKING {
            let branch = BranchCode::parse(branch).map_err(DemoError::own_key)?;
            let date = date_of(&format!("{year}-{date}"))?;
            days.push(closed(Some(branch), date, "Kiểm kê kho sách"));
        }
        let first = date_of(&format!("{year}-01-01"))?;
        let mondays = (0..366)
            .map(|day| first.plus_days(day))
            .filter(|date| date.date().year() == year)
            .filter(|date| date.date().weekday().number_days_from_monday() == 0);
        days.extend(mondays.map(|date| closed(None, date, CLOSED_WEEKDAY)));
    }
    for (tet, hung_vuong) in LUNAR {
        let tet = date_of(tet)?;
        let tet_days = TET_DAYS.map(|day| closed(None, tet.plus_days(day), "Tết Nguyên đán"));
        days.extend(tet_days);
        days.push(closed(None, date_of(hung_vuong)?, "Giỗ Tổ Hùng Vương"));
    }
    // A holiday that falls on the weekly closing day keeps the holiday's note.
    days.sort_by_key(|day| (day.date, day.branch.clone(), day.note == CLOSED_WEEKDAY));
    days.dedup_by_key(|day| (day.date, day.branch.clone()));
    Ok(days)
}

/// Whether a branch is closed on a day.
pub(crate) fn is_closed(days: &[ClosedDay], branch: &BranchCode, date: LocalDate) -> bool {
    days.iter().any(|day| day.date == date && day.branch.as_ref().is_none_or(|b| b == branch))
}

fn closed(branch: Option<BranchCode>, date: LocalDate, note: &str) -> ClosedDay {
    ClosedDay { branch, date, note: note.to_owned() }
}

fn date_of(text: &str) -> Result<LocalDate, DemoError> {
    text.parse().map_err(DemoError::own_date)
}
