//! The project's own commands: `cargo xtask COMMAND`.
//!
//! A newcomer needs two of them: `cargo xtask demo` and `cargo xtask test`. Each command does the set-up
//! that it needs by itself, so that no page has to explain one. One file per command.

mod bundle;
mod demo;
mod display;
mod process;
mod prove;
mod setup;
mod site_server;
mod tally;
mod test;
mod tidy;
mod ui;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make this machine ready: system packages, Node, the front end's packages
    Setup,
    /// Try Liên Thư with three branches on this machine
    Demo(demo::Options),
    /// Run every test: formatting, layering, front end, lints, tests, and the short form of each proof
    Test(test::Options),
    /// Show that one property holds, with its figures
    Prove(prove::Options),
    /// Start and stop throw-away T-SQL servers for the tests
    SiteServer(site_server::Options),
    /// Make this system's installer: deb, msi or dmg
    Bundle,
    /// Check the rules about the code that no compiler checks
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Setup => setup::run(),
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Prove(options) => prove::run(&options),
        Task::SiteServer(options) => site_server::run(&options),
        Task::Bundle => bundle::run(),
        Task::Tidy => tidy::run(),
    };
    outcome.unwrap_or_else(|reason| {
        eprintln!("xtask: {reason:#}");
        ExitCode::FAILURE
    })
}
