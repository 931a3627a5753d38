//! The command line over the desk services: a thin shell over `lienthu-api`, beside the window.
//!
//! - [`arguments`]: the command line as it is typed, parsed once.
//! - [`run`]: one command, from what was typed to its report; [`opened`] is the app that it works on.
//! - [`scan`]: the scan loop.
//! - [`report`]: what a command has to say, as JSON or through a [`page`]; [`show`] writes the pages.
//! - [`exit`]: how the program ends; [`failure`]: why there is no answer.
//!
//! **Architecture invariant:** nothing is decided here. What a command may and does is decided below
//! `App::execute`; this crate parses, asks and prints.

pub mod arguments;
pub mod exit;
pub mod failure;
pub mod language;
pub mod lines;
pub mod opened;
pub mod page;
pub mod password;
pub mod report;
pub mod run;
pub mod scan;
pub mod show;

use std::ffi::OsString;
use std::io::{Write, stderr, stdin, stdout};
use std::time::Duration;

use clap::Parser;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::printable;
use crate::report::{Notices, Report, usage_json};

/// Threads that tend the line while the main one reads scans.
const THREADS: usize = 2;
/// How long whatever is under way at the end may take to close.
const CLOSING_MAX: Duration = Duration::from_secs(2);
/// Characters of a line that quotes what was typed; a pasted book does not fill the screen.
const USAGE_LINE_CHARS_MAX: usize = 160;

/// The whole program: from the command line to the exit code.
#[must_use]
pub fn main(typed: impl IntoIterator<Item = OsString>) -> Exit {
    let typed: Vec<OsString> = typed.into_iter().collect();
    match Arguments::try_parse_from(&typed) {
        Ok(arguments) => carry_out(arguments),
        Err(error) => usage(&error, typed.iter().any(|word| word == "--json")),
    }
}

fn carry_out(arguments: Arguments) -> Exit {
    let Arguments { terms, area } = arguments;
    let mut notices = Notices::default();
    let mut out = stdout().lock();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .map_err(Failure::NoThreads);
    let done = runtime.and_then(|runtime| {
        let done =
            runtime.block_on(run::run(area, &terms, &mut notices, &mut stdin().lock(), &mut out));
        // What is durable is durable, and what is on its way to a silent site must not hold us up for long. But a
        // database that is still being closed while the program ends brings it down: the libraries below it clean up
        // under its feet.
        runtime.shutdown_timeout(CLOSING_MAX);
        done
    });
    let report = done.unwrap_or_else(|failure| Report::from(&failure));
    match report.print(&notices, &terms, &mut out, &mut stderr()) {
        Ok(()) => report.exit(),
        Err(failure) => failure.exit(),
    }
}

/// Help, version, or what is wrong with the command line. Nobody is left to tell where this cannot be
/// written.
fn usage(error: &clap::Error, json: bool) -> Exit {
    let text = error.render().to_string();
    if !error.use_stderr() {
        stdout().write_all(text.as_bytes()).ok();
        return Exit::Done;
    }
    let lines = text.lines().map(|line| {
        let kept: String = line.chars().take(USAGE_LINE_CHARS_MAX).collect();
        let ellipsis = if kept.len() < line.len() { "…" } else { "" };
        format!("{}{ellipsis}\n", printable(&kept))
    });
    let text: String = lines.collect();
    stderr().write_all(text.as_bytes()).ok();
    if json {
        writeln!(stdout(), "{}", usage_json(&text)).ok();
    }
    Exit::Usage
}
