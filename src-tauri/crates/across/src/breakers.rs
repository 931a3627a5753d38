//! The breakers of all sites, shared by everyone in this program who asks them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::breaker::{Admission, Breaker};

/// See the module. A branch that was never asked has a closed breaker.
pub struct Breakers {
    now_ms: Box<dyn Fn() -> u64 + Send + Sync>,
    of: Mutex<BTreeMap<BranchCode, Breaker>>,
}

/// Whether a site is asked, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BreakerView {
    /// It is asked.
    Closed {
        /// Failures since it last answered.
        failures: u32,
    },
    /// It did not answer, and is not asked for a while.
    Open {
        /// In how many milliseconds it is tried again, when somebody asks.
        again_in_ms: u32,
    },
    /// It is being tried.
    HalfOpen,
}

impl Default for Breakers {
    fn default() -> Self {
        let begun = Instant::now();
        Self::by(move || u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

impl Breakers {
    /// By a clock that never goes back, in milliseconds.
    #[must_use]
    pub fn by(now_ms: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { now_ms: Box::new(now_ms), of: Mutex::default() }
    }

    /// Whether the site of a branch may be asked now. Whoever may tells what became of it with
    /// [`Self::note`].
    pub fn admit(&self, branch: &BranchCode) -> Admission {
        let now_ms = (self.now_ms)();
        let mut of = self.of();
        let (breaker, admission) = of.get(branch).copied().unwrap_or_default().admit(now_ms);
        if admission == Admission::Probe {
            of.insert(branch.clone(), breaker);
        }
        admission
    }

    /// What came of asking a branch's site. A line that is down counts against it; a refusal does not. Where
    /// nothing could be asked because a person has to mend something, that says nothing of the site.
    pub fn note<T>(&self, branch: &BranchCode, answer: &Result<T, SiteError>) {
        let now_ms = (self.now_ms)();
        let mut of = self.of();
        let before = of.get(branch).copied().unwrap_or_default();
        let breaker = match answer {
            Err(error) if error.is_line_down() => before.failed(now_ms),
            Err(SiteError::NotSetUp { .. } | SiteError::AgentUnknown) => before.given_up(now_ms),
            _ => before.heard(),
        };
        if breaker != before {
            tracing::debug!(%branch, ?breaker, "a breaker changes");
            of.insert(branch.clone(), breaker);
        }
    }

    /// Whoever asked does not wait for an answer any more.
    pub(crate) fn give_up(&self, branch: &BranchCode) {
        let now_ms = (self.now_ms)();
        if let Some(breaker) = self.of().get_mut(branch) {
            *breaker = breaker.given_up(now_ms);
        }
    }

    /// That of a branch, as it is now.
    #[must_use]
    pub fn view(&self, branch: &BranchCode) -> BreakerView {
        let now_ms = (self.now_ms)();
        match self.of().get(branch).copied().unwrap_or_default() {
            Breaker::Closed { failures } => BreakerView::Closed { failures },
            Breaker::Open { until_ms, .. } => {
                let again_in_ms = until_ms.saturating_sub(now_ms);
                BreakerView::Open { again_in_ms: u32::try_from(again_in_ms).unwrap_or(u32::MAX) }
            }
            Breaker::HalfOpen { .. } => BreakerView::HalfOpen,
        }
    }

    fn of(&self) -> MutexGuard<'_, BTreeMap<BranchCode, Breaker>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
