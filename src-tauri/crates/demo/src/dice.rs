//! Chance that can be played again: a seed, and a name for each thing that dice are thrown for, so that
//! one thing's throws do not move another's.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice for one purpose.
    pub(crate) fn of(seed: u64, purpose: &str) -> Self {
        let digest = Sha256::digest(format!("{seed}\n{purpose}"));
        Self(ChaCha8Rng::from_seed(digest.into()))
    }

    /// One of `0..n`; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { self.0.random_range(0..n) }
    }

    /// One of `least..=most`.
    pub(crate) fn between(&mut self, least: i32, most: i32) -> i32 {
        self.0.random_range(least..=most.max(least))
    }

    /// True this often, of 1.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.0.random_bool(probability.clamp(0.0, 1.0))
    }

    /// Evenly from 0 to 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        self.0.random()
    }

    /// In a random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// A random UUID.
    pub(crate) fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid()
    }

    /// A UUID v7 of this moment, in milliseconds since 1970.
    pub(crate) fn uuid_at(&mut self, ms: i64) -> Uuid {
        let ms = u64::try_from(ms).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &self.0.random()).into_uuid()
    }
}

/// Things of which some come up more often than others.
pub(crate) struct Odds {
    /// Up to and with each thing.
    sums: Vec<f64>,
}

impl Odds {
    pub(crate) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let sums = weights
            .into_iter()
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        Self { sums }
    }

    /// The place of one of them; 0 when there is none.
    pub(crate) fn draw(&self, dice: &mut Dice) -> usize {
        let aim = dice.fraction() * self.sums.last().copied().unwrap_or(0.0);
        self.sums.partition_point(|sum| *sum <= aim).min(self.sums.len().saturating_sub(1))
    }
}
