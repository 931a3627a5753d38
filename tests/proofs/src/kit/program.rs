//! The real programs, which are built beside this one.

use std::path::{Path, PathBuf};

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

/// An empty folder for the pictures of a proof, beside the programs'. What a run before left there would mislead.
///
/// # Errors
/// When it cannot be made.
pub fn pictures_of(proof: &str) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe().context("where is this program?")?;
    let target = this.parent().and_then(Path::parent).context("this program lies in no folder")?;
    let folder = target.join(proof);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
