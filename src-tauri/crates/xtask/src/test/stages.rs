//! The stages, in the order in which a mistake is found soonest.

use std::time::{Duration, Instant};

use super::report::{Outcome, Report};
use crate::prove::{self, Ending};
use crate::setup::{self, Need};
use crate::{process, tidy, ui, workspace};

/// One stage of `cargo xtask test`.
pub struct Stage {
    /// What `--stage` calls it.
    pub name: &'static str,
    /// What the machine must have for it.
    pub need: Option<Need>,
    /// Runs it, and reports on it by name: one line, or one for each proof.
    pub run: fn(&str, bool, &mut Report),
}

/// All of them. The front end is built before the Rust tests, which carry it in the app's binary.
pub const STAGES: &[Stage] = &[
    Stage {
        name: "fmt",
        need: None,
        run: |name, _, report| timed(name, report, fmt),
    },
    Stage {
        name: "tidy",
        need: None,
        run: |name, _, report| timed(name, report, tidy::check),
    },
    Stage {
        name: "ui-install",
        need: Some(Need::Window),
        run: |name, _, report| timed(name, report, ui_install),
    },
    Stage {
        name: "ui-check",
        need: Some(Need::Window),
        run: |name, _, report| timed(name, report, || ui::script("check")),
    },
    Stage {
        name: "ui-test",
        need: Some(Need::Window),
        run: |name, _, report| timed(name, report, || ui::script("test")),
    },
    Stage {
        name: "ui-build",
        need: Some(Need::Window),
        run: |name, _, report| timed(name, report, || ui::script("build")),
    },
    Stage {
        name: "clippy",
        need: Some(Need::Tests),
        run: |name, _, report| timed(name, report, clippy),
    },
    Stage {
        name: "test",
        need: Some(Need::Tests),
        run: |name, _, report| timed(name, report, test),
    },
    Stage {
        name: "proofs",
        need: Some(Need::Tests),
        run: proofs,
    },
];

fn timed(name: &str, report: &mut Report, run: impl FnOnce() -> anyhow::Result<()>) {
    let start = Instant::now();
    let outcome = Outcome::of(&run());
    report.add(name, start.elapsed(), outcome);
}

fn fmt() -> anyhow::Result<()> {
    process::run(workspace::cargo("fmt").args(["--all", "--check"]))
}

fn ui_install() -> anyhow::Result<()> {
    setup::ensure(Need::Window)
}

fn clippy() -> anyhow::Result<()> {
    process::run(
        workspace::cargo("clippy")
            .args(["--workspace", "--all-targets", "--locked"])
            .args(workspace::STANDALONE)
            .args(["--", "-D", "warnings"]),
    )
}

fn test() -> anyhow::Result<()> {
    ui::ensure_built()?;
    process::run(
        workspace::cargo("test")
            .args(["--workspace", "--locked", "--no-fail-fast"])
            .args(workspace::STANDALONE),
    )
}

/// Builds all programs together, so that they share what the tests have compiled, and then runs the
/// proofs one after the other: some of them measure.
fn proofs(name: &str, is_long: bool, report: &mut Report) {
    let start = Instant::now();
    let listed = build_programs().and_then(|()| prove::list());
    let proofs = match listed {
        Ok(proofs) => proofs,
        Err(reason) => return report.add(name, start.elapsed(), Outcome::of(&Err(reason))),
    };
    report.add("build", start.elapsed(), Outcome::Passed);
    let arguments = if is_long {
        vec!["--long".into()]
    } else {
        Vec::new()
    };
    for proof in &proofs {
        let name = format!("prove {}", proof.name);
        eprintln!("\n== {name} ==");
        let start = Instant::now();
        let outcome = match prove::start(proof, &arguments) {
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
        report.add(
            name,
            Duration::ZERO,
            Outcome::Failed("the list of proofs is empty".into()),
        );
    }
}

fn build_programs() -> anyhow::Result<()> {
    ui::ensure_built()?;
    process::run(
        workspace::cargo("build")
            .args(["--workspace", "--locked"])
            .args(workspace::STANDALONE),
    )
}
