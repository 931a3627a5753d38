//! `demo`: three branches on this machine, in the window or as a story told in the terminal.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::setup::{self, Need};
use crate::site_server::TestSites;
use crate::{display, process, prove, ui, workspace};

/// How to try Liên Thư.
#[derive(Args)]
pub struct Options {
    /// Play the story without a window, and check every step
    #[arg(long)]
    headless: bool,
    /// Add the titles of a MARC21 file (ISO 2709 or MARCXML), and copies of them
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Use the branches of a network file (TOML) instead of the three of the demo
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
    /// Handed on as it is
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FURTHER")]
    further: Vec<OsString>,
}

/// Sets up, builds and starts the demo; its exit code is ours.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut command = workspace::cargo("run");
    command.arg("--locked");
    // Until the story has ended.
    let mut sites = TestSites::none();
    if options.headless && options.network.is_some() {
        if options.catalogue.is_some() {
            bail!("on the servers of a network file the story brings its own catalogue");
        }
        // What makes databases on servers and cuts their lines is part of the tests, not of the product.
        setup::ensure(Need::Core)?;
        sites = TestSites::at_hand()?;
        command.args(["--package", "lienthu-proofs", "--bin", prove::PROGRAM, "--", "demo"]);
    } else if options.headless {
        setup::ensure(Need::Core)?;
        command.args(["--package", "lienthu-demo", "--bin", "lienthu-demo-story", "--"]);
    } else {
        if !display::has_screen() {
            bail!(
                "there is no screen here to open a window on (neither DISPLAY nor WAYLAND_DISPLAY \
                 is set); the same story without a window: cargo xtask demo --headless"
            );
        }
        setup::ensure(Need::Window)?;
        ui::ensure_built()?;
        command.args(["--package", "lienthu", "--bin", "lienthu"]);
        command.args(workspace::STANDALONE).args(["--", "--demo"]);
    }
    command.args(options.program_arguments()?);
    sites.tell(&mut command);
    let ended = process::status(&mut command)?;
    sites.give_back()?;
    Ok(process::exit_code(ended))
}

impl Options {
    /// What the started program gets. Cargo starts it at the root, wherever the reader stands: files
    /// are named in full.
    fn program_arguments(&self) -> anyhow::Result<Vec<OsString>> {
        let mut arguments = Vec::new();
        for (name, file) in [("--catalogue", &self.catalogue), ("--network", &self.network)] {
            if let Some(file) = file {
                let file = std::path::absolute(file)
                    .ok()
                    .filter(|file| file.is_file())
                    .with_context(|| format!("{name}: there is no file {}", file.display()))?;
                arguments.extend([name.into(), file.into_os_string()]);
            }
        }
        arguments.extend(self.further.iter().cloned());
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn parsed(words: &[&str]) -> Options {
        Line::try_parse_from([&["demo"], words].concat()).unwrap().options
    }

    #[test]
    fn what_is_not_ours_is_handed_on() {
        let options = parsed(&["--headless", "--seed", "7", "--json"]);
        assert!(options.headless);
        assert_eq!(options.program_arguments().unwrap(), ["--seed", "7", "--json"]);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let reason = parsed(&["--catalogue", "no/such.mrc"]).program_arguments().unwrap_err();
        assert_eq!(reason.to_string(), "--catalogue: there is no file no/such.mrc");
    }
}
