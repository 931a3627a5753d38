//! Plays the demo's story in the terminal.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lienthu_demo::story::{Figures, StoryOptions, play};

/// A day at two desks of a branch, with and without its line. Ends with its figures, and not with 0
/// when a step is wrong.
#[derive(Debug, Parser)]
#[command(name = "lienthu-demo-story", version)]
struct Arguments {
    /// Add the titles of a MARC21 file (ISO 2709 or MARCXML), and copies of them
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Where random choices start
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Play in this folder and keep it; otherwise in one that is removed at the end
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match story(Arguments::parse()).await {
        Ok(figures) => {
            println!("{figures}");
            if figures.tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("lienthu-demo-story: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn story(arguments: Arguments) -> io::Result<Figures> {
    let passing = match arguments.folder {
        Some(_) => None,
        None => Some(tempfile::tempdir()?),
    };
    let folder = match (&passing, arguments.folder) {
        (Some(passing), _) => passing.path().to_owned(),
        (None, named) => named.unwrap_or_default(),
    };
    let (catalogue, seed) = (arguments.catalogue, arguments.seed);
    let options = StoryOptions { folder, catalogue, ground: None, seed };
    play(&options, &mut io::stdout()).await
}
