//! Being in touch by itself: after a scan, after a sign-in, when the line may be back, and now and then.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::backoff::wait;
use crate::desk::Desk;
use crate::error::DeskError;

/// Scans come in bursts; what follows one waits this long for the next, so that a burst is one contact.
const GATHER_MS: u64 = 150;

/// Tends the desk's line until the desk is dropped. `jitter` spreads desks that lost their site together.
pub async fn tend(desk: Weak<Desk>, jitter: u8) {
    let mut failures = 0_u32;
    while let Some(pause) = turn(&desk, &mut failures, jitter).await {
        let Some(desk) = desk.upgrade() else { return };
        let woken = tokio::time::timeout(pause, desk.wake.notified()).await.is_ok();
        if woken {
            tokio::time::sleep(Duration::from_millis(GATHER_MS)).await;
        }
    }
}

/// One contact; the pause until the next, or nothing when the desk is gone.
async fn turn(desk: &Weak<Desk>, failures: &mut u32, jitter: u8) -> Option<Duration> {
    let desk: Arc<Desk> = desk.upgrade()?;
    match desk.contact().await {
        Ok(_) | Err(DeskError::NotSignedIn | DeskError::NotEnrolled) => *failures = 0,
        Err(error) => {
            *failures = failures.saturating_add(1);
            tracing::debug!(code = error.message().code, failures, "contact failed");
        }
    }
    Some(wait(*failures, jitter))
}
