//! What a proof found: figures, and checks that held or did not.

use std::fmt::{self, Display};
use std::ops::AddAssign;
use std::time::Duration;

/// Failures that are told in full; beyond that they are only counted.
const FAILURES_TOLD_MAX: usize = 20;

/// How many checks ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that held.
    pub passed: u64,
    /// Checks that did not.
    pub failed: u64,
    /// Checks that could not be made here.
    pub skipped: u64,
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Findings {
    figures: Vec<(String, String)>,
    failures: Vec<String>,
    skipped: Vec<String>,
    tally: Tally,
}

impl Findings {
    /// Notes a figure, to be printed as `key=value`.
    pub fn figure(&mut self, key: impl Into<String>, value: impl Display) {
        self.figures.push((key.into(), value.to_string()));
    }

    /// Counts a check that held.
    pub const fn pass(&mut self) {
        self.tally.passed += 1;
    }

    /// Counts a check that did not hold.
    pub fn fail(&mut self, check: &str, detail: impl Display) {
        self.tally.failed += 1;
        if self.failures.len() < FAILURES_TOLD_MAX {
            self.failures.push(format!("{check}: {detail}"));
        }
    }

    /// Counts a check; `detail` is asked only where it did not hold.
    pub fn check<D: Display>(&mut self, check: &str, holds: bool, detail: impl FnOnce() -> D) {
        if holds {
            self.pass();
        } else {
            self.fail(check, detail());
        }
    }

    /// Counts a check that cannot be made on this machine.
    pub fn skip(&mut self, check: &str, why: &str) {
        self.tally.skipped += 1;
        self.skipped.push(format!("{check}: {why}"));
    }

    /// The figures in the order in which they were noted.
    pub fn figures(&self) -> &[(String, String)] {
        &self.figures
    }

    /// What did not hold.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// What could not be looked at.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// How many of each.
    pub const fn tally(&self) -> Tally {
        self.tally
    }
}

/// Durations of one thing done many times.
#[derive(Debug, Default)]
pub struct Timings {
    taken: Vec<Duration>,
}

impl Timings {
    /// Notes one.
    pub fn add(&mut self, taken: Duration) {
        self.taken.push(taken);
    }

    /// The duration that `percent` per cent of them do not exceed, in microseconds.
    pub fn percentile_us(&self, percent: usize) -> u128 {
        let mut sorted = self.taken.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).map_or(0, Duration::as_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut timings = Timings::default();
        for us in (1..=200).rev() {
            timings.add(Duration::from_micros(us));
        }
        assert_eq!(timings.percentile_us(50), 100);
        assert_eq!(timings.percentile_us(99), 198);
        assert_eq!(timings.percentile_us(100), 200);
        assert_eq!(Timings::default().percentile_us(50), 0);
    }

    #[test]
    fn failures_are_all_counted_and_the_first_are_told() {
        let mut findings = Findings::default();
        for n in 0..100 {
            findings.check("even", n % 2 == 0, || n);
        }
        assert_eq!(findings.tally(), Tally { passed: 50, failed: 50, skipped: 0 });
        assert_eq!(findings.failures().len(), FAILURES_TOLD_MAX);
    }
}
