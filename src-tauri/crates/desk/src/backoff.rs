//! How long to wait before the site is tried again.

use std::time::Duration;

/// The first wait after a failure.
pub const WAIT_MS_MIN: u64 = 500;
/// The longest wait: a line that comes back is noticed within this time.
pub const WAIT_MS_MAX: u64 = 15_000;
/// How often a site that answers is asked what changed.
pub const WATCH_MS: u64 = 10_000;

/// The wait after `failures` failures in a row; nothing failed: the watching pace. `jitter` in 0..=255
/// spreads desks that lost their site at the same moment over half of the wait.
#[must_use]
pub fn wait(failures: u32, jitter: u8) -> Duration {
    if failures == 0 {
        return Duration::from_millis(WATCH_MS);
    }
    let doubled = WAIT_MS_MIN.saturating_mul(1_u64.checked_shl(failures - 1).unwrap_or(u64::MAX));
    let longest = doubled.min(WAIT_MS_MAX);
    let spread = longest / 2 * u64::from(jitter) / 255;
    Duration::from_millis(longest - spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_within_their_bounds() {
        for failures in 1..100 {
            for jitter in [0, 1, 128, 255] {
                let ms = u64::try_from(wait(failures, jitter).as_millis()).unwrap_or(u64::MAX);
                assert!((WAIT_MS_MIN / 2..=WAIT_MS_MAX).contains(&ms), "{failures} {jitter}: {ms}");
                assert!(wait(failures, jitter) <= wait(failures + 1, jitter));
            }
        }
    }
}
