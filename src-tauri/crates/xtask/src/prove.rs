//! `prove`: shows that one property holds, with its figures.
//!
//! The proofs themselves are the program `lienthu-prove` in `tests/proofs`; this command builds it and
//! the real processes that it starts, and gives it a screen where it needs one. What it prints is what
//! the reader sees, to the last line.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::Deserialize;

use crate::setup::{self, Need};
use crate::site_server::TestSites;
use crate::tally::Tally;
use crate::{display, process, ui, workspace};

pub const PROGRAM: &str = "lienthu-prove";

/// Asks a proof to play on the servers of a network file.
const NETWORK: &str = "--network";

/// With which a Rust program ends that panicked, and so has not counted.
const PANICKED: i32 = 101;

/// What to prove.
#[derive(Args)]
pub struct Options {
    /// The proof's name; `--list` says which there are
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// Name all proofs with a sentence each
    #[arg(long)]
    list: bool,
    /// Where random choices start; a failing run prints the one that it had
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Take the time that certainty takes, instead of a minute
    #[arg(long)]
    long: bool,
    /// Handed on as it is
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FURTHER")]
    further: Vec<OsString>,
}

/// One proof, as `lienthu-prove --list --json` describes it.
#[derive(Deserialize)]
pub struct Proof {
    /// What it is called on the command line.
    pub name: String,
    /// Whether it drives the real window.
    pub needs_window: bool,
    /// Whether it looks at T-SQL sites too, where there are some.
    pub uses_t_sql: bool,
}

/// How a proof ended.
pub enum Ending {
    /// It ran; its exit code says how it went.
    Ran(ExitCode, bool),
    /// It cannot run on this machine, for this reason.
    Impossible(String),
}

/// Sets up and builds what the proof needs, and runs it.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    setup::ensure(Need::Core)?;
    process::run(workspace::cargo("build").args(["--locked"]).args([
        "--package",
        "lienthu-proofs",
        "--package",
        "lienthu-cli",
    ]))?;
    if options.list {
        let mut command = Command::new(workspace::program(PROGRAM)?);
        return Ok(process::exit_code(process::status(command.arg("--list"))?));
    }
    let proofs = list()?;
    let Some(proof) = proofs.iter().find(|proof| Some(&proof.name) == options.name.as_ref()) else {
        let names: Vec<&str> = proofs.iter().map(|proof| proof.name.as_str()).collect();
        bail!(
            "there is no proof {:?}; there are: {}",
            options.name.as_deref().unwrap_or_default(),
            names.join(", ")
        );
    };
    if proof.needs_window {
        setup::ensure(Need::Tests)?;
        ui::ensure_built()?;
        process::run(
            workspace::cargo("build")
                .args(["--locked", "--package", "lienthu"])
                .args(workspace::STANDALONE),
        )?;
    }
    // Until the proof has ended.
    let is_asked = options.further.iter().any(|word| word == NETWORK);
    let sites =
        if proof.uses_t_sql || is_asked { TestSites::at_hand()? } else { TestSites::none() };
    match start(proof, &options.program_arguments(), &sites)? {
        Ending::Ran(code, _) => {
            sites.give_back()?;
            Ok(code)
        }
        Ending::Impossible(reason) => {
            println!("{}: {reason}", proof.name);
            println!("{}", Tally { skipped: 1, ..Tally::default() });
            Ok(ExitCode::SUCCESS)
        }
    }
}

impl Options {
    fn program_arguments(&self) -> Vec<OsString> {
        let mut arguments = Vec::new();
        if let Some(seed) = self.seed {
            arguments.extend(["--seed".into(), seed.to_string().into()]);
        }
        if self.long {
            arguments.push("--long".into());
        }
        arguments.extend(self.further.iter().cloned());
        arguments
    }
}

/// All proofs, asked from the built program.
pub fn list() -> anyhow::Result<Vec<Proof>> {
    let text =
        process::capture(Command::new(workspace::program(PROGRAM)?).args(["--list", "--json"]))?;
    serde_json::from_str(&text).with_context(|| format!("{PROGRAM} --list --json says: {text}"))
}

/// Runs one proof, on these T-SQL sites too; everything that it needs has been built.
pub fn start(proof: &Proof, arguments: &[OsString], sites: &TestSites) -> anyhow::Result<Ending> {
    let program = workspace::program(PROGRAM)?;
    let mut command = if !proof.needs_window {
        Command::new(&program)
    } else if let Some(command) = display::private(&program) {
        command
    } else {
        return Ok(Ending::Impossible(
            "drives the real window through WebKit's driver, which only Linux has".into(),
        ));
    };
    command.arg(&proof.name).args(arguments).current_dir(workspace::root());
    sites.tell(&mut command);
    let status = process::status(&mut command)?;
    if status.code().is_none_or(|code| code == PANICKED) {
        // It did not live to count; somebody must, for whoever reads only the last line.
        println!("{} ended by itself: {status}", proof.name);
        println!("{}", Tally { failed: 1, ..Tally::default() });
    }
    Ok(Ending::Ran(process::exit_code(status), status.success()))
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

    #[test]
    fn the_proof_gets_its_seed_its_length_and_what_it_alone_understands() {
        let line = ["prove", "order-free", "--seed", "42", "--long", "--", "--cases", "10"];
        let options = Line::try_parse_from(line).unwrap().options;
        assert_eq!(options.name.as_deref(), Some("order-free"));
        assert_eq!(options.program_arguments(), ["--seed", "42", "--long", "--cases", "10"]);
    }

    #[test]
    fn a_name_or_the_list_must_be_asked_for() {
        assert!(Line::try_parse_from(["prove"]).is_err());
        assert!(Line::try_parse_from(["prove", "--list"]).is_ok());
    }
}
