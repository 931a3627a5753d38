//! Chance that can be played again.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use uuid::{Builder, Uuid};

/// The generator that all proofs use.
pub type Rng = ChaCha8Rng;

/// The generator of the `n`th case of a run: each case can be played again without those before it.
pub fn of_case(seed: u64, n: u64) -> Rng {
    let mut rng = Rng::seed_from_u64(seed);
    rng.set_stream(n);
    rng
}

/// Whether something happens that happens in `percent` of all cases.
pub fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.random_range(0..100) < percent
}

/// A random UUID.
pub fn uuid(rng: &mut Rng) -> Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}

/// A UUID v7, as a desk makes them, at `ms` since the epoch.
pub fn uuid_v7(rng: &mut Rng, ms: i64) -> Uuid {
    let millis = u64::try_from(ms).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &rng.random()).into_uuid()
}
