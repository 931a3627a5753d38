//! How the story is told and counted: one line for each step, and what was expected where one is wrong.

use std::fmt::{self, Display};
use std::io::{self, Write};

/// A step that did not come out as it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    expected: String,
    got: String,
}

impl Wrong {
    pub(super) fn new(expected: impl Into<String>, got: impl Display) -> Self {
        Self { expected: expected.into(), got: got.to_string() }
    }
}

/// Goes on only if `holds`.
pub(super) fn ensure(
    holds: bool,
    expected: impl Into<String>,
    got: impl Display,
) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(Wrong::new(expected, got)) }
}

/// What a step came to: a sentence, and a line for each thing worth seeing.
pub(super) struct Told<T> {
    pub(super) result: T,
    said: String,
    lines: Vec<String>,
}

impl<T> Told<T> {
    pub(super) fn new(result: T, said: impl Into<String>) -> Self {
        Self { result, said: said.into(), lines: Vec::new() }
    }

    pub(super) fn with_lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }
}

/// The story ends here: a later step needs what an earlier one should have brought.
#[derive(Debug)]
pub(super) enum Stopped {
    Wrong,
    Unheard(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Unheard(error)
    }
}

/// Steps as they ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Came out as they must.
    pub passed: u32,
    /// Did not.
    pub failed: u32,
    /// Were not tried, because one before them failed.
    pub skipped: u32,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

pub(super) struct Tale<'w> {
    out: &'w mut (dyn Write + Send),
    steps: u32,
    tally: Tally,
}

impl<'w> Tale<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send), steps: u32) -> Self {
        Self { out, steps, tally: Tally::default() }
    }

    /// Takes a step and says how it ended.
    pub(super) async fn step<T>(
        &mut self,
        what: &str,
        doing: impl Future<Output = Result<Told<T>, Wrong>>,
    ) -> Result<T, Stopped> {
        let no = self.tally.passed + 1;
        // Said when it is done: a step may have something to say to the screen itself.
        let done = doing.await;
        write!(self.out, "[{no:>2}/{}] {what}: ", self.steps)?;
        match done {
            Ok(told) => {
                self.tally.passed += 1;
                writeln!(self.out, "ok, {}", told.said)?;
                for line in told.lines {
                    writeln!(self.out, "          {line}")?;
                }
                Ok(told.result)
            }
            Err(wrong) => {
                self.tally.failed += 1;
                writeln!(self.out, "WRONG: expected {}, got {}", wrong.expected, wrong.got)?;
                Err(Stopped::Wrong)
            }
        }
    }

    /// The count, when the story is over.
    pub(super) fn end(self) -> Tally {
        let told = self.tally.passed + self.tally.failed;
        Tally { skipped: self.steps.saturating_sub(told), ..self.tally }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn right() -> Result<Told<u8>, Wrong> {
        Ok(Told::new(7, "seven").with_lines(["a line".to_owned()]))
    }

    async fn wrong() -> Result<Told<u8>, Wrong> {
        ensure(false, "seven", 8)?;
        right().await
    }

    #[tokio::test]
    async fn a_wrong_step_says_what_was_expected_and_the_rest_is_skipped() {
        let mut out = Vec::new();
        let mut tale = Tale::new(&mut out, 5);
        assert_eq!(tale.step("count", right()).await.unwrap(), 7);
        assert!(matches!(tale.step("count again", wrong()).await, Err(Stopped::Wrong)));
        let tally = tale.end();
        assert_eq!(tally.to_string(), "1 passed, 1 failed, 3 skipped");
        let told = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "[ 1/5] count: ok, seven");
        assert_eq!(lines[1].trim(), "a line");
        assert_eq!(lines[2], "[ 2/5] count again: WRONG: expected seven, got 8");
    }
}
