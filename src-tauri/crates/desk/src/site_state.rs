//! Where a desk stands with its site: an explicit value, shown alike by screen and command line.

use lienthu_domain::times::UtcMs;
use serde::{Deserialize, Serialize};
use specta::Type;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SiteState {
    /// Not tried yet since the program started.
    NotTried,
    /// It answers, and nothing waits.
    Reachable,
    /// It does not answer.
    Unreachable {
        /// By this desk's wall clock.
        since: UtcMs,
    },
    /// It answers, and what waited is being sent.
    Draining {
        /// Events sent so far.
        sent: u32,
        /// Events that there were to send.
        total: u32,
    },
}

impl SiteState {
    /// The state after a try that failed at `now`: the first failure counts.
    #[must_use]
    pub const fn failed(self, now: UtcMs) -> Self {
        match self {
            Self::Unreachable { since } => Self::Unreachable { since },
            Self::NotTried | Self::Reachable | Self::Draining { .. } => {
                Self::Unreachable { since: now }
            }
        }
    }

    /// Whether a scan should be put to the site as a request. While it drains, or before it was
    /// tried, or when it is away, nobody at the desk waits for it.
    #[must_use]
    pub const fn answers(self) -> bool {
        matches!(self, Self::Reachable)
    }
}
