//! `lienthu-prove NAME`: shows that one property holds, with its figures.
//!
//! Progress goes to stderr, figures to stdout as `key=value`, and the last line says alone how many
//! checks passed, failed and were skipped. A run is played again from the seed that it prints.

mod adopt;
mod away;
mod bad_input;
mod chaos;
mod conformance;
mod crash_points;
mod dead_site;
mod demo;
mod feed;
mod hostile_text;
mod kit;
mod lost_reply;
mod model;
mod nothing_lost;
mod order_free;
mod registry;
mod restored_site;
mod rights;
mod round_trips;
mod scan_time;
mod settling;
mod who_may;
mod window_across;
mod window_desk;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Parser;

use crate::kit::findings::{Findings, Tally};
use crate::registry::{PROOFS, Proof, Terms};

/// The name under which everything short runs that needs no window.
const ALL_SHORT: &str = "all-short";

/// Shows that one property holds, with its figures
#[derive(Parser)]
#[command(name = "lienthu-prove")]
struct Line {
    /// The proof's name, or `all-short` for every one that needs no window
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// Name all proofs with a sentence each
    #[arg(long)]
    list: bool,
    /// The list for programs
    #[arg(long, requires = "list")]
    json: bool,
    /// Where random choices start; drawn and printed where none is given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Take the time that certainty takes, instead of a minute
    #[arg(long)]
    long: bool,
    /// For `chaos`: how long it goes on
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
    /// Play the demo's story on the T-SQL servers of this network file; the administrator is the environment's
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
    /// For `adopt`: the script that makes the customer's database, instead of the one in the repository
    #[arg(long, value_name = "SQLFILE")]
    database: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let line = Line::parse();
    if line.list {
        list(line.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let name = line.name.unwrap_or_default();
    // For as long as the program runs: terms are handed on by value.
    let database = line.database.map(|file| &*file.leak());
    let network = line.network.map(|file| &*file.leak());
    let terms = Terms {
        seed: line.seed.unwrap_or_else(rand::random),
        long: line.long,
        minutes: line.minutes,
        database,
        network,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    println!("seed={}", terms.seed);

    let mut tally = Tally::default();
    if name == ALL_SHORT {
        for proof in PROOFS.iter().filter(|proof| !proof.needs_window) {
            println!("proof={}", proof.name);
            tally += prove(proof, &runtime, terms);
        }
    } else {
        let Some(proof) = PROOFS.iter().find(|proof| proof.name == name) else {
            let names: Vec<&str> = PROOFS.iter().map(|proof| proof.name).collect();
            bail!("there is no proof '{name}'; there are: {}, {ALL_SHORT}", names.join(", "));
        };
        tally += prove(proof, &runtime, terms);
    }
    println!("{tally}");
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list(json: bool) -> anyhow::Result<()> {
    if json {
        let all: Vec<serde_json::Value> = PROOFS
            .iter()
            .map(|proof| {
                serde_json::json!({
                    "name": proof.name,
                    "sentence": proof.sentence,
                    "needs_window": proof.needs_window,
                    "uses_t_sql": proof.uses_t_sql,
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        for proof in PROOFS {
            println!("{:<14} {}", proof.name, proof.sentence);
        }
    }
    Ok(())
}

/// Runs one proof and prints its figures. One that could not be carried through has failed.
fn prove(proof: &Proof, runtime: &tokio::runtime::Runtime, terms: Terms) -> Tally {
    let mut findings = Findings::default();
    if let Err(error) = runtime.block_on((proof.run)(terms, &mut findings)) {
        findings.fail("the proof runs to its end", format!("{error:#}"));
    }
    for (key, value) in findings.figures() {
        println!("{key}={value}");
    }
    for failure in findings.failures() {
        eprintln!("FAILED {}: {failure} (seed {})", proof.name, terms.seed);
    }
    for skipped in findings.skipped() {
        eprintln!("skipped {}: {skipped}", proof.name);
    }
    findings.tally()
}
