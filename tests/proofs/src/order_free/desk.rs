//! A desk with imperfect clocks: what it reads at a true time, and the time that it freezes.

use lienthu_domain::clock::{BootId, Comparison, Corrected, Reading, correct};
use lienthu_domain::ids::DeskId;
use lienthu_domain::times::UtcMs;
use lienthu_port::outbox::COMPARISONS_MAX;
use rand::Rng as _;

use crate::kit::rng::{self, Rng, chance};

/// True time at which every history begins, long before any run of this proof.
pub const BEGIN_MS: i64 = 1_736_000_000_000;
/// A day.
const DAY_MS: i64 = 86_400_000;
/// Until when a desk may be switched off and on again.
const BOOTS_UNTIL_MS: i64 = 8 * DAY_MS;
/// Boots of one desk in one history at most, after the first.
const BOOTS_MAX: usize = 4;
/// Within what an honest wall clock changes over all boots, to either side.
const HONEST_CHANGE_MS: i64 = 45_000;
/// How fast a clock of a desk runs wrong at most, in parts in a million.
const DRIFT_PPM_MAX: i64 = 100;
/// One way of a message at most.
const ONE_WAY_MS_MAX: i64 = 1_500;

#[derive(Debug)]
struct Boot {
    id: BootId,
    /// In true time.
    from_ms: i64,
    /// How far the wall clock is off when it boots.
    wall_off_ms: i64,
    drift_ppm: i64,
}

/// See the module. Its scans are numbered in the order in which they are made.
#[derive(Debug)]
pub struct Desk {
    /// Who it is.
    pub id: DeskId,
    boots: Vec<Boot>,
    comparisons: Vec<Comparison>,
    seq: u32,
    last_at: Option<UtcMs>,
}

impl Desk {
    /// A desk with a random wrong clock and random boots. A dishonest one is set by hours between
    /// boots, which no uncertainty covers.
    pub fn random(rng: &mut Rng, honest: bool) -> Self {
        let base_off_ms = match rng.random_range(0..10) {
            0..3 => 0,
            3..9 => rng.random_range(-7_200_000..=7_200_000),
            _ => rng.random_range(-30 * DAY_MS..=30 * DAY_MS),
        };
        let mut starts = vec![0];
        for _ in 0..rng.random_range(0..=BOOTS_MAX) {
            starts.push(rng.random_range(0..BOOTS_UNTIL_MS));
        }
        starts.sort_unstable();
        let change_ms = if honest { HONEST_CHANGE_MS } else { 6 * 3_600_000 };
        let boots = starts
            .into_iter()
            .map(|from_ms| Boot {
                id: BootId::new(rng::uuid(rng)),
                from_ms,
                wall_off_ms: base_off_ms + rng.random_range(-change_ms..=change_ms),
                drift_ppm: rng.random_range(-DRIFT_PPM_MAX..=DRIFT_PPM_MAX),
            })
            .collect();
        Self {
            id: DeskId::new(rng::uuid(rng)),
            boots,
            comparisons: Vec::new(),
            seq: 0,
            last_at: None,
        }
    }

    /// What its clocks read at a true time.
    pub fn read(&self, true_ms: i64) -> Reading {
        let boot = self.boots.iter().rfind(|b| b.from_ms <= true_ms).unwrap_or(&self.boots[0]);
        let up_ms = true_ms - boot.from_ms;
        let counted_ms = up_ms + up_ms * boot.drift_ppm / 1_000_000;
        // The system keeps the wall clock near the truth while it runs: it drifts for a day at most.
        let drifted_ms = (counted_ms - up_ms) % (DAY_MS * DRIFT_PPM_MAX / 1_000_000);
        Reading {
            wall: at(true_ms + boot.wall_off_ms + drifted_ms),
            monotonic_ms: u64::try_from(counted_ms).unwrap_or(0),
            boot: boot.id,
        }
    }

    /// Compares its clocks with the site's, over a line of random and lopsided slowness. The last
    /// comparisons are kept, as the outbox keeps them.
    pub fn contact(&mut self, rng: &mut Rng, true_ms: i64) {
        let slowest_ms = if chance(rng, 70) { 40 } else { ONE_WAY_MS_MAX };
        let heard_by_site_ms = true_ms + rng.random_range(1..=slowest_ms);
        let heard_back_ms = heard_by_site_ms + rng.random_range(1..=slowest_ms);
        let (asked, heard) = (self.read(true_ms), self.read(heard_back_ms));
        if asked.boot != heard.boot {
            // It was switched off before the answer came.
            return;
        }
        self.comparisons.push(Comparison::measured(asked, heard, at(heard_by_site_ms)));
        let too_many = self.comparisons.len().saturating_sub(COMPARISONS_MAX);
        self.comparisons.drain(..too_many);
    }

    /// The number of its next scan.
    pub const fn next_seq(&mut self) -> u32 {
        self.seq += 1;
        self.seq
    }

    /// Freezes the time of the next scan in its sequence.
    pub fn freeze(&mut self, scanned: Reading) -> Corrected {
        let frozen = correct(scanned, &self.comparisons, self.last_at);
        self.last_at = Some(frozen.at);
        frozen
    }
}

/// A true time as the site's clock shows it.
pub fn at(true_ms: i64) -> UtcMs {
    UtcMs::from_ms(BEGIN_MS + true_ms)
}
