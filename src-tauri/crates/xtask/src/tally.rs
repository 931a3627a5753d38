//! The last line of every run of tests and proofs.

use std::fmt;

/// How many checks ended in which way. Shown as `N passed, N failed, N skipped`, which is what stands
/// alone on the last line, for people and for programs that read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that held.
    pub passed: u32,
    /// Checks that did not.
    pub failed: u32,
    /// Checks that could not be made here.
    pub skipped: u32,
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_reads_as_agreed() {
        let tally = Tally { passed: 12, failed: 1, skipped: 0 };
        assert_eq!(tally.to_string(), "12 passed, 1 failed, 0 skipped");
    }
}
