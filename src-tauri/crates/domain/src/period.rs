//! A stretch of days that figures are asked for, in steps.

use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;
use time::Month;

use crate::coded::coded;
use crate::times::LocalDate;

/// Steps of one period at most.
pub const STEPS_MAX: usize = 400;

/// How long a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A day.
    Day,
    /// From Monday to Sunday.
    Week,
    /// A month of the calendar.
    Month,
}

coded!(Step { Day = "day", Week = "week", Month = "month" });

impl Step {
    /// The first day of the step that `date` lies in.
    #[must_use]
    pub fn start_of(self, date: LocalDate) -> LocalDate {
        match self {
            Self::Day => date,
            Self::Week => {
                date.plus_days(-i32::from(date.date().weekday().number_days_from_monday()))
            }
            Self::Month => date.plus_days(1 - i32::from(date.date().day())),
        }
    }

    /// The first day of the step behind the one that begins on `start`.
    fn next(self, start: LocalDate) -> LocalDate {
        start.plus_days(match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => {
                let (year, month): (i32, Month) = (start.date().year(), start.date().month());
                i32::from(month.length(year))
            }
        })
    }
}

/// Why two dates are no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// The last day comes before the first.
    #[error("the period ends before it begins")]
    Backwards,
    /// More steps than [`STEPS_MAX`].
    #[error("the period has more than {STEPS_MAX} steps")]
    TooLong,
}

/// The days from one to another, both among them, in steps. The first and the last step may be cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: LocalDate,
    to: LocalDate,
    step: Step,
}

impl Period {
    /// From a first day to a last.
    ///
    /// # Errors
    /// See [`PeriodError`].
    pub fn new(from: LocalDate, to: LocalDate, step: Step) -> Result<Self, PeriodError> {
        if to < from {
            return Err(PeriodError::Backwards);
        }
        let period = Self { from, to, step };
        if period.steps().take(STEPS_MAX + 1).count() > STEPS_MAX {
            return Err(PeriodError::TooLong);
        }
        Ok(period)
    }

    /// The first day.
    #[must_use]
    pub const fn from(&self) -> LocalDate {
        self.from
    }

    /// The last day.
    #[must_use]
    pub const fn to(&self) -> LocalDate {
        self.to
    }

    /// How long its steps are.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.step
    }

    /// The first days of its steps, in order. That of the first step may come before the period.
    pub fn steps(&self) -> impl Iterator<Item = LocalDate> {
        let (to, step) = (self.to, self.step);
        let first = step.start_of(self.from);
        std::iter::successors(Some(first), move |start| {
            let next = step.next(*start);
            // At the end of the calendar there is no next day.
            (next <= to && next > *start).then_some(next)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> LocalDate {
        text.parse().unwrap()
    }

    fn steps(from: &str, to: &str, step: Step) -> Vec<String> {
        let period = Period::new(date(from), date(to), step).unwrap();
        period.steps().map(|start| start.to_string()).collect()
    }

    #[test]
    fn a_week_begins_on_monday_and_a_month_on_its_first() {
        assert_eq!(
            steps("2026-11-26", "2026-12-07", Step::Week),
            ["2026-11-23", "2026-11-30", "2026-12-07"]
        );
        assert_eq!(
            steps("2025-12-31", "2026-03-01", Step::Month),
            ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"]
        );
    }

    #[test]
    fn a_period_has_an_order_and_a_bound() {
        let (first, last) = (date("2026-01-01"), date("2027-12-31"));
        assert_eq!(Period::new(last, first, Step::Day), Err(PeriodError::Backwards));
        assert_eq!(Period::new(first, last, Step::Day), Err(PeriodError::TooLong));
        assert!(Period::new(first, last, Step::Week).is_ok());
    }

    proptest! {
        #[test]
        fn every_day_of_a_period_lies_in_exactly_one_step(
            from in 0i32..20_000,
            days in 0i32..390,
            step in prop::sample::select(Step::ALL.to_vec()),
        ) {
            let from = date("1990-01-01").plus_days(from);
            let period = Period::new(from, from.plus_days(days), step).unwrap();
            let starts: Vec<LocalDate> = period.steps().collect();
            prop_assert!(starts.is_sorted());
            for day in 0..=days {
                let start = step.start_of(from.plus_days(day));
                prop_assert_eq!(starts.iter().filter(|known| **known == start).count(), 1);
            }
        }
    }
}
