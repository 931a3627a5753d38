//! The clocks and ids of this computer.

use std::time::SystemTime;

use lienthu_domain::clock::{BootId, Reading};
use lienthu_domain::ids::{ChangeId, CorrelationId, DeskId, EventId, TransferId, TxnId};
use lienthu_domain::times::UtcMs;
use lienthu_port::world::{Clock, Ids};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The operating system's clocks.
pub struct SystemClock {
    boot: BootId,
    #[cfg(not(target_os = "linux"))]
    started: std::time::Instant,
}

impl SystemClock {
    /// On Linux the monotonic clock counts from the boot of the computer and goes on while it sleeps;
    /// elsewhere from the start of this process, which then counts as a boot of its own.
    #[must_use]
    pub fn new() -> Self {
        Self {
            boot: BootId::new(boot_id().unwrap_or_else(Uuid::new_v4)),
            #[cfg(not(target_os = "linux"))]
            started: std::time::Instant::now(),
        }
    }

    #[cfg(target_os = "linux")]
    fn monotonic_ms(&self) -> u64 {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
        seconds * 1_000 + u64::try_from(now.tv_nsec).unwrap_or(0) / 1_000_000
    }

    #[cfg(not(target_os = "linux"))]
    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(target_os = "linux")]
fn boot_id() -> Option<Uuid> {
    Uuid::parse_str(std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim()).ok()
}

#[cfg(not(target_os = "linux"))]
const fn boot_id() -> Option<Uuid> {
    None
}

impl Clock for SystemClock {
    fn read(&self) -> Reading {
        Reading { wall: wall_clock(), monotonic_ms: self.monotonic_ms(), boot: self.boot }
    }
}

/// The wall clock, in UTC.
#[must_use]
pub fn wall_clock() -> UtcMs {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    let now = SystemTime::now();
    let ms = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_millis());
    UtcMs::from_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Ids from the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn event(&self) -> EventId {
        EventId::new(Uuid::now_v7())
    }

    fn correlation(&self) -> CorrelationId {
        CorrelationId::new(Uuid::new_v4())
    }

    fn desk(&self) -> DeskId {
        DeskId::new(Uuid::new_v4())
    }

    fn txn(&self) -> TxnId {
        TxnId::new(Uuid::now_v7())
    }

    fn transfer(&self) -> TransferId {
        TransferId::new(Uuid::now_v7())
    }

    fn change(&self) -> ChangeId {
        ChangeId::new(Uuid::now_v7())
    }
}

/// This computer, hashed: what is stored of it names no one. Empty where the system has no id; then a
/// copied disk goes unnoticed until its sequence collides.
#[must_use]
pub fn computer() -> String {
    machine_uid::get().map_or_else(
        |_| String::new(),
        |id| hex::encode(Sha256::digest(format!("lien-thu desk\n{id}").as_bytes())),
    )
}
