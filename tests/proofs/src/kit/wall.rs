//! This computer's clock, for proofs that measure time or watch real processes.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use lienthu_domain::clock::{BootId, Reading};
use lienthu_domain::times::UtcMs;
use lienthu_embedded::SiteClock;
use lienthu_port::world::Clock;
use uuid::Uuid;

/// See the module. Counts from when it was made, as from a boot.
pub struct WallClock {
    begun: Instant,
    boot: BootId,
}

impl WallClock {
    /// For a desk.
    pub fn of_desk() -> Arc<dyn Clock> {
        Arc::new(Self { begun: Instant::now(), boot: BootId::new(Uuid::new_v4()) })
    }

    /// For a site.
    pub fn site() -> SiteClock {
        Arc::new(wall)
    }
}

/// What it says now.
#[expect(clippy::disallowed_methods, reason = "this is the clock that proofs pass in")]
pub fn wall() -> UtcMs {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    UtcMs::from_ms(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
}

impl Clock for WallClock {
    fn read(&self) -> Reading {
        Reading {
            wall: wall(),
            monotonic_ms: u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            boot: self.boot,
        }
    }
}
