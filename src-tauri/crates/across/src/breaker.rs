//! A circuit breaker: who does not answer is not asked for a while, so that nobody waits for them again and
//! again. Pure: the time is passed in, as milliseconds of a clock that never goes back.
//!
//! ```text
//! closed ──FAILURES_MAX in a row──▶ open ──time over, asked──▶ half-open (one probe is out)
//!    ▲                               ▲                              │
//!    └────────────heard of───────────┴─────────────failed───────────┘
//! ```

/// Failures in a row that open it.
pub const FAILURES_MAX: u32 = 2;
/// How long it stays open at first.
pub const REST_MS_MIN: u64 = 5_000;
/// How long at most: each failed probe doubles it.
pub const REST_MS_MAX: u64 = 60_000;
/// How long a probe may be out before another is let through: its own end may never be told.
pub const PROBE_MS_MAX: u64 = 60_000;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// Everyone may ask.
    Closed {
        /// Failures since it was last heard of.
        failures: u32,
    },
    /// Nobody asks.
    Open {
        /// When one may.
        until_ms: u64,
        /// How long it was closed to everyone this time.
        rest_ms: u64,
    },
    /// One asks, the others do not.
    HalfOpen {
        /// When another one may.
        until_ms: u64,
        /// How long it was closed to everyone before.
        rest_ms: u64,
    },
}

/// Whether one may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Yes.
    Ask,
    /// Yes, and everyone else waits for what becomes of it.
    Probe,
    /// No.
    Rest {
        /// How long to wait.
        for_ms: u64,
    },
    /// No: a probe is out.
    BeingTried,
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// Someone wants to ask.
    #[must_use]
    pub const fn admit(self, now_ms: u64) -> (Self, Admission) {
        match self {
            Self::Closed { .. } => (self, Admission::Ask),
            Self::Open { until_ms, rest_ms } | Self::HalfOpen { until_ms, rest_ms }
                if now_ms >= until_ms =>
            {
                let until_ms = now_ms.saturating_add(PROBE_MS_MAX);
                (Self::HalfOpen { until_ms, rest_ms }, Admission::Probe)
            }
            Self::Open { until_ms, .. } => (self, Admission::Rest { for_ms: until_ms - now_ms }),
            Self::HalfOpen { .. } => (self, Admission::BeingTried),
        }
    }

    /// Something came from there, be it a refusal.
    #[must_use]
    pub const fn heard(self) -> Self {
        Self::Closed { failures: 0 }
    }

    /// Nothing came from there. Of one that was asked before it opened, this is no news.
    #[must_use]
    pub const fn failed(self, now_ms: u64) -> Self {
        match self {
            Self::Closed { failures } if failures + 1 < FAILURES_MAX => {
                Self::Closed { failures: failures + 1 }
            }
            Self::Closed { .. } => {
                Self::Open { until_ms: now_ms.saturating_add(REST_MS_MIN), rest_ms: REST_MS_MIN }
            }
            Self::Open { .. } => self,
            Self::HalfOpen { rest_ms, .. } => {
                let doubled = rest_ms.saturating_mul(2);
                let rest_ms = if doubled > REST_MS_MAX { REST_MS_MAX } else { doubled };
                Self::Open { until_ms: now_ms.saturating_add(rest_ms), rest_ms }
            }
        }
    }

    /// A probe ended without having tried anything.
    #[must_use]
    pub const fn given_up(self, now_ms: u64) -> Self {
        match self {
            Self::HalfOpen { rest_ms, .. } => Self::Open { until_ms: now_ms, rest_ms },
            Self::Closed { .. } | Self::Open { .. } => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Wait(u64),
        Ask,
        Heard,
        Failed,
        GivenUp,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (0..2 * REST_MS_MAX).prop_map(Step::Wait),
            Just(Step::Ask),
            Just(Step::Heard),
            Just(Step::Failed),
            Just(Step::GivenUp),
        ];
        prop::collection::vec(step, 0..60)
    }

    /// The breaker and the time after these steps.
    fn after(steps: &[Step]) -> (Breaker, u64) {
        let (mut breaker, mut now_ms) = (Breaker::default(), 0);
        for step in steps {
            match step {
                Step::Wait(ms) => now_ms += ms,
                Step::Ask => breaker = breaker.admit(now_ms).0,
                Step::Heard => breaker = breaker.heard(),
                Step::Failed => breaker = breaker.failed(now_ms),
                Step::GivenUp => breaker = breaker.given_up(now_ms),
            }
        }
        (breaker, now_ms)
    }

    fn opened(now_ms: u64) -> Breaker {
        (0..FAILURES_MAX).fold(Breaker::default(), |breaker, _| breaker.failed(now_ms))
    }

    #[test]
    fn one_failure_is_forgiven_and_the_last_in_a_row_opens_it() {
        let breaker = (1..FAILURES_MAX).fold(Breaker::default(), |breaker, _| breaker.failed(7));
        assert_eq!(breaker.admit(7).1, Admission::Ask);
        assert_eq!(breaker.failed(7).admit(8).1, Admission::Rest { for_ms: REST_MS_MIN - 1 });
        assert_eq!(breaker.heard().failed(7).admit(8).1, Admission::Ask);
    }

    #[test]
    fn each_failed_probe_doubles_the_rest_up_to_its_bound() {
        let (mut breaker, mut now_ms) = (opened(0), 0);
        let mut rests = vec![];
        for _ in 0..6 {
            let Breaker::Open { until_ms, rest_ms } = breaker else { unreachable!("{breaker:?}") };
            rests.push(rest_ms);
            now_ms = until_ms.max(now_ms);
            breaker = breaker.admit(now_ms).0.failed(now_ms);
        }
        assert_eq!(rests, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    }

    proptest! {
        #[test]
        fn whoever_is_not_let_through_knows_when_someone_will_be(steps in steps()) {
            let (breaker, now_ms) = after(&steps);
            match breaker.admit(now_ms) {
                (_, Admission::Rest { for_ms }) => {
                    prop_assert!((1..=REST_MS_MAX).contains(&for_ms));
                    prop_assert_eq!(breaker.admit(now_ms + for_ms).1, Admission::Probe);
                    prop_assert_ne!(breaker.admit(now_ms + for_ms - 1).1, Admission::Probe);
                }
                (same, Admission::BeingTried) => {
                    prop_assert_eq!(same, breaker);
                    prop_assert_eq!(breaker.admit(now_ms + PROBE_MS_MAX).1, Admission::Probe);
                }
                (same, Admission::Ask) => prop_assert_eq!(same, breaker),
                (probing, Admission::Probe) => {
                    prop_assert_eq!(probing.admit(now_ms).1, Admission::BeingTried);
                }
            }
        }

        #[test]
        fn it_closes_as_soon_as_it_is_heard_of(steps in steps()) {
            let (breaker, now_ms) = after(&steps);
            prop_assert_eq!(breaker.heard().admit(now_ms).1, Admission::Ask);
        }

        #[test]
        fn late_failures_never_move_the_next_probe_away(steps in steps(), late in 0u64..REST_MS_MIN) {
            let (breaker, now_ms) = after(&steps);
            if let Breaker::Open { .. } = breaker {
                prop_assert_eq!(breaker.failed(now_ms + late), breaker);
            }
        }
    }
}
