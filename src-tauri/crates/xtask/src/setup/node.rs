//! Node, and the front end's packages.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{process, ui, workspace};

/// Vite's own floor.
const NODE_MIN: Version = (20, 19);

type Version = (u32, u32);

/// Checks that Node and npm are there.
///
/// # Errors
/// Node is missing or too old, with what to do.
pub fn check() -> anyhow::Result<()> {
    const ADVICE: &str = "install Node 20.19 or newer with npm, from nodejs.org or your system";
    let answer = process::capture(Command::new("node").arg("--version"))
        .with_context(|| format!("Node is missing; {ADVICE}"))?;
    match parse_version(&answer) {
        Some(version) if version >= NODE_MIN => {}
        _ => bail!("Node {} is too old; {ADVICE}", answer.trim()),
    }
    if !process::on_path("npm") {
        bail!("npm is missing; {ADVICE}");
    }
    Ok(())
}

/// The first two numbers of what `node --version` prints.
fn parse_version(answer: &str) -> Option<Version> {
    let mut numbers = answer.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Runs `npm ci` unless the lock file is the one of the last time. What it was is kept as a copy, in
/// the target directory so that no commit can pick it up.
pub fn install_packages() -> anyhow::Result<()> {
    let lock_file = ui::folder().join("package-lock.json");
    let locked =
        fs::read(&lock_file).with_context(|| format!("{} cannot be read", lock_file.display()))?;
    let stamp = stamp_file()?;
    let is_current = ui::folder().join("node_modules/.bin").is_dir()
        && fs::read(&stamp).is_ok_and(|installed| installed == locked);
    if is_current {
        return Ok(());
    }
    process::run(ui::npm().args(["ci", "--no-audit", "--no-fund"]))?;
    let folder = stamp.parent().context("the stamp has no folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&stamp, &locked))
        .with_context(|| format!("{} cannot be written", stamp.display()))
}

fn stamp_file() -> anyhow::Result<PathBuf> {
    Ok(workspace::metadata()?.target_directory.join("xtask/installed-package-lock.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(parse_version("v20.20.2\n"), Some((20, 20)));
        assert!(parse_version("v20.9.0").is_some_and(|version| version < NODE_MIN));
        assert!(parse_version("v100.0.0").is_some_and(|version| version > NODE_MIN));
        assert_eq!(parse_version("command not found"), None);
    }
}
