//! The front end, as npm sees it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::Context as _;

use crate::{process, workspace};

/// What lies in `ui/` and is made from the rest of it.
const MADE: [&str; 3] = ["node_modules", "dist", "dist-fake"];

/// The front end's folder.
pub fn folder() -> PathBuf {
    workspace::root().join("ui")
}

/// `npm`, in the front end's folder.
pub fn npm() -> Command {
    // What is called npm on Windows is a script, which needs its full name to start.
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder());
    command
}

/// Runs one of the scripts of `ui/package.json`.
pub fn script(name: &str) -> anyhow::Result<()> {
    process::run(npm().args(["run", name]))
}

/// Builds `ui/dist` unless it is newer than everything that it is made from.
pub fn ensure_built() -> anyhow::Result<()> {
    let built = fs::metadata(folder().join("dist/index.html")).and_then(|page| page.modified());
    let changed = newest(&folder()).context("the front end's folder cannot be read")?;
    if built.is_ok_and(|built| built >= changed) {
        return Ok(());
    }
    script("build")
}

/// When the last file below `folder` was changed, leaving out what is made.
fn newest(folder: &Path) -> std::io::Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if MADE.iter().any(|made| entry.file_name() == *made) {
            continue;
        }
        let changed = if entry.file_type()?.is_dir() {
            self::newest(&entry.path())?
        } else {
            entry.metadata()?.modified()?
        };
        newest = newest.max(changed);
    }
    Ok(newest)
}
