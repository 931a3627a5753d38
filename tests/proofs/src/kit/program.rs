//! The real programs, which are built beside this one.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};

/// The program of this name in the folder of this one.
///
/// # Errors
/// When it is not there.
pub fn beside(name: &str) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("where is this program?")?;
    let program = this.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    ensure!(program.is_file(), "{name} is not built: {} is missing", program.display());
    Ok(program)
}
