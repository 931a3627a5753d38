//! When an event happened: from a desk's clocks to the site's.
//!
//! A wall clock can be wrong and can be set; a monotonic clock cannot, but starts anew with each boot.
//! So a scan notes both, and the desk measures, at each contact, what the site's clock says. The
//! corrected time is frozen once, before the event is first sent, and never changes after that.

use serde::{Deserialize, Serialize};
use specta::Type;
use uuid::Uuid;

use crate::times::UtcMs;

/// How fast two honest quartz clocks drift apart: 200 parts in a million, twice the usual data sheet.
const DRIFT_PPM: i64 = 200;
/// How far a wall clock may have been set between two boots without anyone noticing, as far as an
/// ordinary desk goes. An event measured only through it is this uncertain.
const OTHER_BOOT_UNCERTAINTY_MS: u32 = 120_000;
/// The uncertainty of a wall clock that was never compared with the site's.
const NEVER_COMPARED_UNCERTAINTY_MS: u32 = 600_000;

/// One boot of the desk's computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(transparent)]
pub struct BootId(Uuid);

impl BootId {
    /// Wraps what the operating system calls this boot.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID itself.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// What a desk's clocks read at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The wall clock, in UTC.
    pub wall: UtcMs,
    /// Milliseconds of the monotonic clock; it counts while the computer sleeps.
    pub monotonic_ms: u64,
    /// The boot that the monotonic clock counts from.
    pub boot: BootId,
}

/// A comparison of the desk's clocks with the site's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The desk's clocks in the middle between asking and hearing.
    pub desk: Reading,
    /// What the site said.
    pub site: UtcMs,
    /// Half the round trip: the answer may have been made at any moment of it.
    pub uncertainty_ms: u32,
}

impl Comparison {
    /// From the readings before asking and after hearing.
    #[must_use]
    pub fn measured(asked: Reading, heard: Reading, site: UtcMs) -> Self {
        let trip_ms = heard.monotonic_ms.saturating_sub(asked.monotonic_ms);
        let half_ms = trip_ms / 2;
        Self {
            desk: Reading {
                wall: asked.wall.plus_ms(to_i64(half_ms)),
                monotonic_ms: asked.monotonic_ms.saturating_add(half_ms),
                boot: asked.boot,
            },
            site,
            // The site's clock is read in whole milliseconds.
            uncertainty_ms: to_u32(half_ms).saturating_add(1),
        }
    }
}

/// A corrected time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Corrected {
    /// On the site's clock.
    pub at: UtcMs,
    /// How far it may be off, either way.
    pub uncertainty_ms: u32,
}

/// Corrects what a scan noted by what is known of the site's clock, and never lets time run backwards
/// along the desk's sequence: `not_before` is the corrected time of the desk's event before this one.
#[must_use]
pub fn correct(
    scanned: Reading,
    comparisons: &[Comparison],
    not_before: Option<UtcMs>,
) -> Corrected {
    let best = comparisons
        .iter()
        .map(|c| by_comparison(scanned, c))
        .min_by_key(|c| c.uncertainty_ms)
        .unwrap_or(Corrected { at: scanned.wall, uncertainty_ms: NEVER_COMPARED_UNCERTAINTY_MS });
    match not_before {
        Some(floor) if floor > best.at => Corrected {
            at: floor,
            // It was moved by this much, so it may be wrong by this much more.
            uncertainty_ms: best
                .uncertainty_ms
                .saturating_add(to_u32(u64::try_from(floor.since_ms(best.at)).unwrap_or(0))),
        },
        _ => best,
    }
}

fn by_comparison(scanned: Reading, comparison: &Comparison) -> Corrected {
    if scanned.boot == comparison.desk.boot {
        let apart_ms = to_i64(scanned.monotonic_ms) - to_i64(comparison.desk.monotonic_ms);
        let drift_ms = apart_ms.saturating_abs().saturating_mul(DRIFT_PPM) / 1_000_000;
        Corrected {
            at: comparison.site.plus_ms(apart_ms),
            uncertainty_ms: comparison
                .uncertainty_ms
                .saturating_add(to_u32(drift_ms.unsigned_abs())),
        }
    } else {
        let offset_ms = comparison.site.since_ms(comparison.desk.wall);
        Corrected {
            at: scanned.wall.plus_ms(offset_ms),
            uncertainty_ms: comparison.uncertainty_ms.saturating_add(OTHER_BOOT_UNCERTAINTY_MS),
        }
    }
}

fn to_i64(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn to_u32(ms: u64) -> u32 {
    u32::try_from(ms).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// A desk whose wall clock is `wrong_ms` off; true time and monotonic clock tick together.
    fn desk_at(true_ms: i64, wrong_ms: i64, boot: u128, booted_ms: i64) -> Reading {
        Reading {
            wall: UtcMs::from_ms(true_ms + wrong_ms),
            monotonic_ms: u64::try_from(true_ms - booted_ms).unwrap(),
            boot: BootId::new(Uuid::from_u128(boot)),
        }
    }

    const T0: i64 = 1_790_000_000_000;

    proptest! {
        #[test]
        fn within_one_boot_the_true_time_lies_within_the_uncertainty(
            wrong_ms in -10_000_000i64..10_000_000,
            reset_ms in -10_000_000i64..10_000_000,
            scan_ms in 0i64..500_000_000,
            contact_ms in 0i64..500_000_000,
            there_ms in 0i64..5_000,
            back_ms in 0i64..5_000,
        ) {
            let asked = desk_at(T0 + contact_ms, reset_ms, 1, T0);
            let site = UtcMs::from_ms(T0 + contact_ms + there_ms);
            let heard = desk_at(T0 + contact_ms + there_ms + back_ms, reset_ms, 1, T0);
            let comparison = Comparison::measured(asked, heard, site);
            let got = correct(desk_at(T0 + scan_ms, wrong_ms, 1, T0), &[comparison], None);
            let off_ms = got.at.since_ms(UtcMs::from_ms(T0 + scan_ms)).abs();
            prop_assert!(off_ms <= i64::from(got.uncertainty_ms), "{off_ms} > {}", got.uncertainty_ms);
        }

        #[test]
        fn corrected_times_never_decrease_along_a_desks_sequence(
            scans in proptest::collection::vec((0i64..1_000_000, -1_000_000i64..1_000_000, 0u128..3), 1..20),
        ) {
            let asked = desk_at(T0 + 500_000, 0, 1, T0);
            let known = [Comparison::measured(asked, asked, UtcMs::from_ms(T0 + 500_000))];
            let mut floor = None;
            for (scan_ms, wrong_ms, boot) in scans {
                let got = correct(desk_at(T0 + scan_ms, wrong_ms, boot, T0), &known, floor);
                prop_assert!(floor.is_none_or(|f| f <= got.at));
                floor = Some(got.at);
            }
        }
    }

    #[test]
    fn the_comparison_that_knows_best_is_taken() {
        let scanned = desk_at(T0 + 1_000, 3_600_000, 1, T0);
        let slow = desk_at(T0 + 2_000, 3_600_000, 1, T0);
        let slow =
            Comparison { desk: slow, site: UtcMs::from_ms(T0 + 2_900), uncertainty_ms: 1_000 };
        let quick = desk_at(T0 + 9_000, 3_600_000, 1, T0);
        let quick = Comparison { desk: quick, site: UtcMs::from_ms(T0 + 9_000), uncertainty_ms: 2 };
        let got = correct(scanned, &[slow, quick], None);
        assert_eq!((got.at.ms() - T0, got.uncertainty_ms), (1_000, 3));
    }
}
