//! One program at a time works at a desk: a request that one has asked must not be taken for what a
//! dead process left behind by another.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use lienthu_port::error::StoreError;

/// The lock's file name in the desk's folder; another than the one under which the store finds its key.
pub const LOCK_FILE: &str = "running.lock";
/// How long a second program waits for the first to end: a command line that runs another takes turns.
pub const LOCK_WAIT_MS_MAX: u64 = 3_000;
const LOCK_POLL_MS: u64 = 50;

/// Held as long as it lives; the operating system lets go of it when the process dies.
#[derive(Debug)]
pub struct DeskLock {
    _file: File,
}

/// Takes the desk in `folder`.
///
/// # Errors
/// `Locked` when another program holds it for longer than [`LOCK_WAIT_MS_MAX`]; `Inaccessible`.
pub async fn lock(folder: &Path) -> Result<DeskLock, StoreError> {
    let inaccessible = |e: std::io::Error| StoreError::Inaccessible {
        file: LOCK_FILE.to_owned(),
        detail: e.to_string(),
    };
    let path = folder.join(LOCK_FILE);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(inaccessible)?;
    let give_up = Instant::now() + Duration::from_millis(LOCK_WAIT_MS_MAX);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(DeskLock { _file: file }),
            Err(TryLockError::WouldBlock) if Instant::now() < give_up => {
                // Nobody tells when a file lock is let go: it can only be tried again.
                tokio::time::sleep(Duration::from_millis(LOCK_POLL_MS)).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { file: LOCK_FILE.to_owned() });
            }
            Err(TryLockError::Error(e)) => return Err(inaccessible(e)),
        }
    }
}
