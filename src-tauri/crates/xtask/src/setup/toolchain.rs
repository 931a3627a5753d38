//! The parts of the Rust toolchain that a minimal one leaves out.

use std::process::Command;

use anyhow::Context as _;

use crate::process;

/// The component and the program that it brings.
const COMPONENTS: [(&str, &str); 2] = [("rustfmt", "rustfmt"), ("clippy", "cargo-clippy")];

/// Adds rustfmt and clippy where they are missing.
pub fn ensure() -> anyhow::Result<()> {
    for (component, program) in COMPONENTS {
        if process::on_path(program) && process::succeeds(Command::new(program).arg("--version")) {
            continue;
        }
        process::run(Command::new("rustup").args(["component", "add", component]))
            .with_context(|| format!("{component} is missing; install it beside cargo"))?;
    }
    Ok(())
}
