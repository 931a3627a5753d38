//! sqlfluff, which parses T-SQL without a server. A Python program, in an environment of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::{process, workspace};

/// It and all that it needs, each at one version.
const REQUIREMENTS: &str = include_str!("sqlfluff.txt");

/// What Python is called, on Unix and on Windows.
const PYTHONS: [&str; 2] = ["python3", "python"];

/// Installs it where it is not there in this version.
///
/// # Errors
/// There is no Python that can make environments, or no package index to install from.
pub fn ensure() -> anyhow::Result<PathBuf> {
    let home = workspace::metadata()?.target_directory.join("xtask/sqlfluff");
    let program = in_environment(&home, "sqlfluff");
    let stamp = home.join("installed.txt");
    let is_current =
        program.is_file() && fs::read_to_string(&stamp).is_ok_and(|text| text == REQUIREMENTS);
    if is_current {
        return Ok(program);
    }
    let Some(python) = PYTHONS.iter().find(|python| process::on_path(python)) else {
        bail!("sqlfluff checks the T-SQL and needs Python; install Python 3.10 or newer");
    };
    let mut make = Command::new(python);
    process::run(make.args(["-m", "venv", "--clear"]).arg(&home))
        .context("Python makes no environment; Debian has that in the package python3-venv")?;
    let wanted = home.join("requirements.txt");
    fs::write(&wanted, REQUIREMENTS)?;
    let mut install = Command::new(in_environment(&home, "python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    process::run(install.arg("--requirement").arg(&wanted))?;
    fs::write(&stamp, REQUIREMENTS)
        .with_context(|| format!("{} cannot be written", stamp.display()))?;
    Ok(program)
}

/// Where an environment keeps its programs.
fn in_environment(home: &Path, program: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    home.join(folder).join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}
