//! `tidy`: the rules about the code that no compiler checks, as a command and as a test.
//!
//! Each rule carries its reason: whoever breaks one should learn what it protects, not only that it
//! is there.

mod adapters;
mod files;
mod layers;
mod lexer;
mod purity;
mod shell;
mod sql;
mod test_code;
mod tree;

use std::fmt;
use std::process::ExitCode;

use anyhow::bail;

use self::tree::Tree;
use crate::workspace;

/// A rule about the source tree.
struct Rule {
    /// What must hold, in a sentence.
    rule: &'static str,
    /// Why.
    rationale: &'static str,
    /// Finds where it does not hold.
    offences: fn(&Tree) -> Vec<Offence>,
}

/// One place where a rule does not hold.
#[derive(Debug, PartialEq, Eq)]
struct Offence {
    path: String,
    /// Counted from 1; 0 when it is about the whole file.
    line: usize,
    what: String,
}

impl Offence {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Offence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.path, self.what),
            line => write!(out, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// The rules about the text of the tree. [`layers`] adds those about dependencies.
const RULES: &[Rule] = &[
    sql::RULE,
    purity::PURE_CRATES,
    adapters::NO_TRANSACTION_LOGIC,
    shell::TAURI_IN_RUST,
    shell::TAURI_IN_UI,
    test_code::IGNORED,
    test_code::SLEEPS,
    files::LENGTH,
    files::MACHINE_PATHS,
];

/// Checks the tree and says so.
pub fn run() -> anyhow::Result<ExitCode> {
    check()?;
    println!("{} rules hold.", RULES.len() + layers::RULES_COUNT);
    Ok(ExitCode::SUCCESS)
}

/// Checks the tree.
///
/// # Errors
/// All offences, each rule with its rationale.
pub fn check() -> anyhow::Result<()> {
    let tree = Tree::read(workspace::root())?;
    let mut complaints = String::new();
    for Rule { rule, rationale, offences } in RULES {
        complain(&mut complaints, rule, rationale, &offences(&tree));
    }
    layers::check(&workspace::metadata()?.packages, |rule, rationale, offences| {
        complain(&mut complaints, rule, rationale, offences);
    });
    if !complaints.is_empty() {
        bail!("the tree is not tidy\n{complaints}");
    }
    Ok(())
}

fn complain(complaints: &mut String, rule: &str, rationale: &str, offences: &[Offence]) {
    if offences.is_empty() {
        return;
    }
    complaints.push_str(&format!("\n{rule}\n  why: {rationale}\n"));
    for offence in offences {
        complaints.push_str(&format!("  {offence}\n"));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_tidy() {
        if let Err(complaints) = super::check() {
            panic!("{complaints}");
        }
    }
}
