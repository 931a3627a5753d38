//! What the stages came to.

use std::fmt;
use std::time::Duration;

use crate::tally::Tally;

/// How one stage ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It found nothing wrong.
    Passed,
    /// What is wrong, in a line.
    Failed(String),
    /// Why it could not run.
    Skipped(String),
}

impl Outcome {
    /// The outcome of something that succeeds or gives its reason.
    pub fn of(result: &anyhow::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(reason) => Self::Failed(format!("{reason:#}")),
        }
    }

    /// Not run, for this reason.
    pub fn skipped(reason: &str) -> Self {
        Self::Skipped(reason.to_owned())
    }
}

struct Line {
    name: String,
    took: Duration,
    outcome: Outcome,
}

/// The stages that have ended, in their order. Shown as a table with seconds, then the reasons, then
/// the count alone on the last line.
#[derive(Default)]
pub struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// Adds a stage that has ended.
    pub fn add(&mut self, name: &str, took: Duration, outcome: Outcome) {
        self.lines.push(Line { name: name.to_owned(), took, outcome });
    }

    /// How many ended in which way.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for line in &self.lines {
            match line.outcome {
                Outcome::Passed => tally.passed += 1,
                Outcome::Failed(_) => tally.failed += 1,
                Outcome::Skipped(_) => tally.skipped += 1,
            }
        }
        tally
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.lines.iter().map(|line| line.name.len()).max().unwrap_or_default();
        let mut total_s = 0.0;
        for Line { name, took, outcome } in &self.lines {
            let word = match outcome {
                Outcome::Passed => "passed",
                Outcome::Failed(_) => "FAILED",
                Outcome::Skipped(_) => "skipped",
            };
            let seconds = took.as_secs_f64();
            total_s += seconds;
            writeln!(out, "{name:<width$}  {word:<7}  {seconds:>7.1} s")?;
        }
        writeln!(out, "{:<width$}  {:<7}  {total_s:>7.1} s", "all", "")?;
        for Line { name, outcome, .. } in &self.lines {
            match outcome {
                Outcome::Passed => {}
                Outcome::Failed(reason) => writeln!(out, "FAILED {name}: {reason}")?,
                Outcome::Skipped(reason) => writeln!(out, "skipped {name}: {reason}")?,
            }
        }
        write!(out, "{}", self.tally())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_ends_with_every_reason_and_then_the_count() {
        let mut report = Report::default();
        report.add("fmt", Duration::from_millis(1250), Outcome::Passed);
        report.add(
            "clippy",
            Duration::from_secs(61),
            Outcome::Failed("`cargo clippy` failed".into()),
        );
        report.add("prove window-desk", Duration::ZERO, Outcome::skipped("no screen"));
        assert_eq!(
            report.to_string(),
            "\
fmt                passed       1.2 s
clippy             FAILED      61.0 s
prove window-desk  skipped      0.0 s
all                            62.2 s
FAILED clippy: `cargo clippy` failed
skipped prove window-desk: no screen
1 passed, 1 failed, 1 skipped"
        );
    }
}
