//! `test`: every check there is, in stages, each with its seconds.
//!
//! A stage that fails does not stop the others: one run says everything that is wrong.

mod report;
mod stages;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::bail;
use clap::Args;

use self::report::{Outcome, Report};
use self::stages::STAGES;
use crate::setup;
use crate::site_server::TestSites;

/// What to test.
#[derive(Args)]
pub struct Options {
    /// Give the proofs the time that certainty takes
    #[arg(long)]
    long: bool,
    /// Only this stage
    #[arg(long, value_name = "NAME")]
    stage: Option<String>,
}

/// Runs the stages, prints how each went, and ends with the count alone on the last line.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let chosen: Vec<_> = STAGES
        .iter()
        .filter(|stage| options.stage.as_deref().is_none_or(|name| name == stage.name))
        .collect();
    let Some(need) = chosen.iter().map(|stage| stage.need).max() else {
        let names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
        bail!("there is no such stage; there are: {}", names.join(", "));
    };

    let mut report = Report::default();
    let start = Instant::now();
    let ready = need.map_or(Ok(()), setup::machine);
    report.add("setup", start.elapsed(), Outcome::of(&ready));

    let sites = match &ready {
        Ok(()) if chosen.iter().any(|stage| stage.uses_t_sql()) => start_sites(&mut report),
        _ => TestSites::none(),
    };
    for stage in chosen {
        if ready.is_err() && stage.need.is_some() {
            report.add(
                stage.name,
                Default::default(),
                Outcome::skipped("this machine is not ready"),
            );
            continue;
        }
        eprintln!("\n== {} ==", stage.name);
        stage.run(options.long, &sites, &mut report);
    }

    let start = Instant::now();
    if let Err(reason) = sites.give_back() {
        report.add("site-server stop", start.elapsed(), Outcome::of(&Err(reason)));
    }

    println!("\n{report}");
    Ok(if report.tally().failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// T-SQL sites for the stages that can use some. A run without them says so, beside what it passed.
fn start_sites(report: &mut Report) -> TestSites {
    const NAME: &str = "site-server";
    eprintln!("\n== {NAME} ==");
    let start = Instant::now();
    let sites = TestSites::at_hand();
    let outcome = match &sites {
        Ok(sites) => match sites.missing() {
            Some(reason) => Outcome::Skipped(format!(
                "nothing was tested on T-SQL sites: {reason}; or let LIENTHU_TEST_SITES name some"
            )),
            None => Outcome::Passed,
        },
        Err(reason) => Outcome::Failed(format!("{reason:#}")),
    };
    report.add(NAME, start.elapsed(), outcome);
    sites.unwrap_or_else(|_| TestSites::none())
}
