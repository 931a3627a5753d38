//! Times: order is decided by UTC milliseconds; people read the branch's local dates.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

/// Why a text is not a time or a date.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimeError {
    /// Not an RFC 3339 time.
    #[error("'{0}' is not a time such as 2026-11-22T08:30:00.000Z")]
    NotTime(String),
    /// Not an ISO date.
    #[error("'{0}' is not a date such as 2026-11-22")]
    NotDate(String),
    /// Not an offset between −18:00 and +18:00.
    #[error("{0} minutes is not an offset from UTC")]
    NotOffset(i16),
}

/// A point in time: milliseconds since 1970-01-01T00:00Z (SQL Server: `datetime2(3)`, UTC). Written
/// as RFC 3339 wherever a person or a program outside reads it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(try_from = "String", into = "String")]
#[specta(type = String)]
pub struct UtcMs(i64);

impl UtcMs {
    /// The earliest and latest that a date of four digits can write; times beyond are clamped.
    const MIN: i64 = -62_135_596_800_000;
    const MAX: i64 = 253_402_300_799_999;

    /// From milliseconds since the epoch, clamped to the years 1 to 9999.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        if ms < Self::MIN {
            Self(Self::MIN)
        } else if ms > Self::MAX {
            Self(Self::MAX)
        } else {
            Self(ms)
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This time moved by `ms` milliseconds.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self::from_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this; negative when `earlier` is later.
    #[must_use]
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The date on a calendar at the branch at this time.
    #[must_use]
    pub fn date_at(self, zone: ZoneOffset) -> LocalDate {
        LocalDate(self.odt().to_offset(zone.offset()).date())
    }

    fn odt(self) -> OffsetDateTime {
        // Within MIN..=MAX the conversion cannot fail; the epoch stands in for the impossible.
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for UtcMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FORMAT: &[time::format_description::BorrowedFormatItem<'_>] = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        f.write_str(&self.odt().format(FORMAT).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for UtcMs {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let odt = OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|_| TimeError::NotTime(text.chars().take(40).collect()))?;
        let ms = odt.unix_timestamp_nanos().div_euclid(1_000_000);
        Ok(Self::from_ms(i64::try_from(ms).unwrap_or(i64::MAX)))
    }
}

impl TryFrom<String> for UtcMs {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

impl From<UtcMs> for String {
    fn from(at: UtcMs) -> String {
        at.to_string()
    }
}

/// A date on the branch's calendar, written `2026-11-22`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(try_from = "String", into = "String")]
#[specta(type = String)]
pub struct LocalDate(Date);

const DATE_FORMAT: &[time::format_description::BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]");

impl LocalDate {
    /// The date itself.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0
    }

    /// This date moved by whole days; stays put at the end of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.checked_add(Duration::days(i64::from(days))).unwrap_or(self.0))
    }

    /// Whole days from `earlier` to this.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_days()
    }

    /// Midnight at the start of this date at the branch.
    #[must_use]
    pub fn start_at(self, zone: ZoneOffset) -> UtcMs {
        let odt = self.0.midnight().assume_offset(zone.offset());
        UtcMs::from_ms(odt.unix_timestamp().saturating_mul(1_000))
    }
}

impl From<Date> for LocalDate {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(DATE_FORMAT).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for LocalDate {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Date::parse(text, DATE_FORMAT)
            .map(Self)
            .map_err(|_| TimeError::NotDate(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for LocalDate {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        text.parse()
    }
}

impl From<LocalDate> for String {
    fn from(date: LocalDate) -> String {
        date.to_string()
    }
}

/// A site's recorded offset from UTC, in minutes. Viet Nam keeps +07:00 all year; a network that
/// spans summer times would record the zone's name instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(try_from = "i16", into = "i16")]
#[specta(type = i16)]
pub struct ZoneOffset(i16);

impl ZoneOffset {
    /// Indochina Time, UTC+07:00.
    pub const VIET_NAM: Self = Self(7 * 60);

    /// From minutes east of UTC.
    ///
    /// # Errors
    /// [`TimeError::NotOffset`] beyond 18 hours either way.
    pub const fn from_minutes(minutes: i16) -> Result<Self, TimeError> {
        if minutes < -18 * 60 || minutes > 18 * 60 {
            return Err(TimeError::NotOffset(minutes));
        }
        Ok(Self(minutes))
    }

    /// Minutes east of UTC.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.0
    }

    fn offset(self) -> UtcOffset {
        UtcOffset::from_whole_seconds(i32::from(self.0) * 60).unwrap_or(UtcOffset::UTC)
    }
}

impl TryFrom<i16> for ZoneOffset {
    type Error = TimeError;
    fn try_from(minutes: i16) -> Result<Self, TimeError> {
        Self::from_minutes(minutes)
    }
}

impl From<ZoneOffset> for i16 {
    fn from(zone: ZoneOffset) -> i16 {
        zone.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_time_survives_being_written_and_read(ms in UtcMs::MIN..=UtcMs::MAX) {
            let at = UtcMs::from_ms(ms);
            prop_assert_eq!(at.to_string().parse::<UtcMs>().unwrap(), at);
        }

        #[test]
        fn the_start_of_a_date_lies_on_that_date(days in -20_000i32..40_000, minutes in -1080i16..=1080) {
            let zone = ZoneOffset::from_minutes(minutes).unwrap();
            let date = "1990-01-01".parse::<LocalDate>().unwrap().plus_days(days);
            let start = date.start_at(zone);
            prop_assert_eq!(start.date_at(zone), date);
            prop_assert_eq!(start.plus_ms(-1).date_at(zone), date.plus_days(-1));
        }
    }

    #[test]
    fn a_late_evening_in_utc_is_already_tomorrow_in_viet_nam() {
        let at: UtcMs = "2026-11-22T18:00:00Z".parse().unwrap();
        assert_eq!(at.date_at(ZoneOffset::VIET_NAM).to_string(), "2026-11-23");
    }
}
