//! Time that passes when a proof says so, for desks and for sites whose clock is passed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use lienthu_domain::clock::{BootId, Reading};
use lienthu_domain::times::UtcMs;
use lienthu_embedded::SiteClock;
use lienthu_port::world::Clock;
use uuid::Uuid;

/// Where virtual time begins.
const BEGIN_MS: i64 = 1_790_000_000_000;

/// The true time, shared by all who hold it.
#[derive(Debug, Clone)]
pub struct VirtualTime(Arc<AtomicI64>);

impl VirtualTime {
    /// Time at its beginning.
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN_MS)))
    }

    /// Time that begins now, for desks at which real programs work later on.
    pub fn from(now: UtcMs) -> Self {
        Self(Arc::new(AtomicI64::new(now.ms())))
    }

    /// Lets time pass.
    pub fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// The true time now.
    pub fn now(&self) -> UtcMs {
        UtcMs::from_ms(self.0.load(Ordering::SeqCst))
    }

    /// A site's clock, which is right.
    pub fn site_clock(&self) -> SiteClock {
        let time = self.clone();
        Arc::new(move || time.now())
    }

    /// A desk's clocks, whose wall clock is this far off.
    pub fn desk_clock(&self, wall_off_ms: i64, boot: Uuid) -> Arc<dyn Clock> {
        Arc::new(VirtualClock { time: self.clone(), wall_off_ms, boot: BootId::new(boot) })
    }
}

struct VirtualClock {
    time: VirtualTime,
    wall_off_ms: i64,
    boot: BootId,
}

impl Clock for VirtualClock {
    fn read(&self) -> Reading {
        let now = self.time.now();
        Reading {
            wall: now.plus_ms(self.wall_off_ms),
            monotonic_ms: u64::try_from(now.ms()).unwrap_or(0),
            boot: self.boot,
        }
    }
}
