//! Where things are, and what cargo knows about the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

use crate::process;

/// The feature with which the app carries its user interface in itself. Always asked for in the same
/// way, so that one compiled `tauri` serves the tests, the demo and the proofs.
pub const STANDALONE: [&str; 2] = ["--features", "lienthu/custom-protocol"];

/// The root of the repository.
pub fn root() -> &'static Path {
    // src-tauri/crates/xtask lies three folders below the root.
    const DEPTH: usize = 3;
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(DEPTH).unwrap_or(Path::new("."))
}

/// `cargo SUBCOMMAND` at the root.
pub fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(subcommand).current_dir(root());
    command
}

/// The part of `cargo metadata --no-deps` that is used here.
#[derive(Deserialize)]
pub struct Metadata {
    /// The workspace's own packages.
    pub packages: Vec<Package>,
    /// Where cargo puts what it builds.
    pub target_directory: PathBuf,
}

/// One package of the workspace.
#[derive(Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What its Cargo.toml asks for, of every kind.
    pub dependencies: Vec<Dependency>,
}

/// One line of a `[dependencies]` table.
#[derive(Deserialize)]
pub struct Dependency {
    /// The package's name, whatever the dependant calls it.
    pub name: String,
    /// `None` for a normal dependency, else `dev` or `build`.
    pub kind: Option<String>,
}

/// Asks cargo about the workspace. Needs no network and no lock file.
pub fn metadata() -> anyhow::Result<Metadata> {
    let text = process::capture(cargo("metadata").args(["--no-deps", "--format-version", "1"]))?;
    serde_json::from_str(&text).context("cargo metadata answered something else than expected")
}

/// Where the development build of a program of the workspace lies.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(metadata()?.target_directory.join("debug").join(file))
}
