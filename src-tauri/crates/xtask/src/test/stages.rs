//! The stages, in the order in which a mistake is found soonest.

use std::ffi::OsString;
use std::process::Command;
use std::time::{Duration, Instant};

use super::report::{Outcome, Report};
use crate::prove::{self, Ending};
use crate::setup::{self, Need};
use crate::site_server::TestSites;
use crate::{process, tidy, ui, workspace};

/// One stage of `cargo xtask test`.
pub struct Stage {
    /// What `--stage` calls it.
    pub name: &'static str,
    /// What the machine must have for it.
    pub need: Option<Need>,
    work: Work,
}

enum Work {
    /// One check, one line of the report.
    Check(fn() -> anyhow::Result<()>),
    /// One check that also looks at T-SQL sites.
    OnSites(fn(&TestSites) -> anyhow::Result<()>),
    /// As many lines as there are proofs.
    Proofs,
}

/// All of them. The front end is built before the Rust tests, which carry it in the app's binary.
pub const STAGES: &[Stage] = &[
    check("fmt", None, fmt),
    check("tidy", None, tidy::check),
    check("sql", Some(Need::Tests), sql),
    check("ui-install", Some(Need::Window), setup::front_end),
    check("ui-check", Some(Need::Window), || ui_script("check")),
    check("ui-test", Some(Need::Window), || ui_script("test")),
    check("ui-build", Some(Need::Window), || ui_script("build")),
    check("clippy", Some(Need::Tests), clippy),
    Stage { name: "test", need: Some(Need::Tests), work: Work::OnSites(test) },
    Stage { name: "proofs", need: Some(Need::Tests), work: Work::Proofs },
];

const fn check(name: &'static str, need: Option<Need>, check: fn() -> anyhow::Result<()>) -> Stage {
    Stage { name, need, work: Work::Check(check) }
}

impl Stage {
    /// Whether it looks at T-SQL sites too.
    pub const fn uses_t_sql(&self) -> bool {
        matches!(self.work, Work::OnSites(_) | Work::Proofs)
    }

    /// Runs it, and reports how it went and how long it took.
    pub fn run(&self, is_long: bool, sites: &TestSites, report: &mut Report) {
        let start = Instant::now();
        let result = match self.work {
            Work::Check(check) => check(),
            Work::OnSites(check) => check(sites),
            Work::Proofs => return proofs(self.name, is_long, sites, report),
        };
        report.add(self.name, start.elapsed(), Outcome::of(&result));
    }
}

fn fmt() -> anyhow::Result<()> {
    process::run(workspace::cargo("fmt").args(["--all", "--check"]))
}

/// That the T-SQL of a site parses, with the settings in `.sqlfluff`.
fn sql() -> anyhow::Result<()> {
    let mut lint = Command::new(setup::sql_linter()?);
    lint.args(["lint", "--disable-progress-bar", "sql/site"]).current_dir(workspace::root());
    process::run(&mut lint)
}

fn ui_script(name: &str) -> anyhow::Result<()> {
    // Nothing to do after the stage that installs; needed when this stage runs alone.
    setup::front_end()?;
    ui::script(name)
}

/// Without the built front end in the app: what is wrong there shall not hide what is wrong here.
fn clippy() -> anyhow::Result<()> {
    process::run(
        workspace::cargo("clippy")
            .args(["--workspace", "--all-targets", "--locked"])
            .args(["--", "-D", "warnings"]),
    )
}

fn build_front_end() -> anyhow::Result<()> {
    setup::front_end()?;
    ui::ensure_built()
}

fn test(sites: &TestSites) -> anyhow::Result<()> {
    build_front_end()?;
    let mut test = workspace::cargo("test");
    test.args(["--workspace", "--locked", "--no-fail-fast"]).args(workspace::STANDALONE);
    sites.tell(&mut test);
    process::run(&mut test)
}

/// Every test run plays the same cases: a red one is about the change, not about the dice. `prove` alone
/// draws a seed of its own.
const SEED: &str = "20261122";

/// Builds all programs together, so that they share what the tests have compiled, and then runs the
/// proofs one after the other: some of them measure.
fn proofs(name: &str, is_long: bool, sites: &TestSites, report: &mut Report) {
    let start = Instant::now();
    let listed = build_programs().and_then(|()| prove::list());
    let proofs = match listed {
        Ok(proofs) => proofs,
        Err(reason) => return report.add(name, start.elapsed(), Outcome::of(&Err(reason))),
    };
    report.add("build", start.elapsed(), Outcome::Passed);
    let mut arguments: Vec<OsString> = vec!["--seed".into(), SEED.into()];
    arguments.extend(is_long.then(|| "--long".into()));
    for proof in &proofs {
        let name = format!("prove {}", proof.name);
        eprintln!("\n== {name} ==");
        let start = Instant::now();
        let outcome = match prove::start(proof, &arguments, sites) {
            Ok(Ending::Impossible(reason)) => Outcome::Skipped(reason),
            Ok(Ending::Ran(_, true)) => Outcome::Passed,
            Ok(Ending::Ran(_, false)) => {
                Outcome::Failed(format!("see above; alone: cargo xtask {name}"))
            }
            Err(reason) => Outcome::of(&Err(reason)),
        };
        report.add(&name, start.elapsed(), outcome);
    }
    if proofs.is_empty() {
        report.add(name, Duration::ZERO, Outcome::Failed("the list of proofs is empty".into()));
    }
}

fn build_programs() -> anyhow::Result<()> {
    build_front_end()?;
    process::run(
        workspace::cargo("build").args(["--workspace", "--locked"]).args(workspace::STANDALONE),
    )
}
