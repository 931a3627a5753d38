//! What tests must not do.

use super::lexer::{self, Parts};
use super::tree::{SourceFile, Tree};
use super::{Offence, Rule};

/// A reason is a sentence, not a word.
const REASON_LEN_MIN: usize = 20;

pub const IGNORED: Rule = Rule {
    rule: "No test is ignored or skipped, and none runs alone.",
    rationale: "A test that does not run says nothing and looks as if it did; what cannot run \
                everywhere is a proof that says `skipped` and why.",
    offences: ignored,
};

pub const SLEEPS: Rule = Rule {
    rule: "A test that sleeps says why, in a comment beside it.",
    rationale: "A sleep is too long on a fast machine and too short on a slow one; most waits have a \
                condition that can be awaited.",
    offences: sleeps,
};

/// The line from which on a file holds tests: its first for a file of tests, `usize::MAX` for one
/// without any.
pub fn first_line(file: &SourceFile, parts: &Parts) -> usize {
    let is_test_file = file.path.starts_with("tests/")
        || file.path.contains("/tests/")
        || file.path.ends_with("/tests.rs")
        || file.path.ends_with("_tests.rs");
    if is_test_file {
        return 1;
    }
    // By convention a file's test module is the last thing in it.
    parts
        .code_lines()
        .find(|(_, code)| code.contains("#[cfg(test)]"))
        .map_or(usize::MAX, |(line, _)| line)
}

fn ignored(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.rust() {
        for (line, code) in lexer::parts(&file.text).code_lines() {
            if code.contains("#[ignore") {
                found.push(Offence::new(&file.path, line, "an ignored test"));
            }
        }
    }
    for file in tree.files.iter().filter(|file| file.is_typescript()) {
        for (index, text) in file.text.lines().enumerate() {
            let is_left_out = ["it", "test", "describe"].iter().any(|function| {
                [".skip(", ".only(", ".todo("]
                    .iter()
                    .any(|way| text.trim_start().starts_with(&format!("{function}{way}")))
            });
            if is_left_out {
                found.push(Offence::new(&file.path, index + 1, text.trim()));
            }
        }
    }
    found
}

fn sleeps(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.rust() {
        let parts = lexer::parts(&file.text);
        let test_from = first_line(file, &parts);
        for (line, code) in parts.code_lines().skip_while(|(line, _)| *line < test_from) {
            if is_sleep(code) && !is_excused(&parts, line) {
                found.push(Offence::new(&file.path, line, code.trim()));
            }
        }
    }
    found
}

/// A call of a function of that very name, not one whose name ends with it, nor its definition.
fn is_sleep(code: &str) -> bool {
    code.match_indices("sleep(").any(|(at, _)| {
        let before = &code[..at];
        !before.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !before.ends_with("fn ")
    })
}

/// Whether a comment of some length stands at the end of the line or directly above it.
fn is_excused(parts: &Parts, line: usize) -> bool {
    parts.comments.iter().any(|comment| {
        let is_beside = comment.line == line || comment.line + 1 == line;
        let reason = comment.text.trim_start_matches('/').trim();
        is_beside && reason.chars().count() >= REASON_LEN_MIN
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::lines_found;
    use super::*;

    #[test]
    fn a_test_that_is_left_out_is_found() {
        assert_eq!(
            lines_found(&IGNORED, "tests/proofs/src/lib.rs", "#[test]\n#[ignore]\nfn f() {}"),
            [2]
        );
        assert_eq!(
            lines_found(&IGNORED, "ui/src/a.test.ts", "  it.skip(\"works\", () => {})"),
            [1]
        );
    }

    #[test]
    fn a_sleep_in_a_test_needs_a_reason() {
        let bare = "#[cfg(test)]\nmod tests {\n  fn f() { sleep(d); }\n}";
        assert_eq!(lines_found(&SLEEPS, "src-tauri/crates/desk/src/a.rs", bare), [3]);
        let lazy = "sleep(d); // wait a bit";
        assert_eq!(lines_found(&SLEEPS, "tests/proofs/src/a.rs", lazy), [1]);
        let reasoned = "// A process says nothing when it begins to listen.\nsleep(d);";
        assert!(lines_found(&SLEEPS, "tests/proofs/src/a.rs", reasoned).is_empty());
    }

    #[test]
    fn waiting_outside_of_tests_is_not_this_rules_business() {
        let text = "async fn backoff() { tokio::time::sleep(d).await }";
        assert!(lines_found(&SLEEPS, "src-tauri/crates/desk/src/retry.rs", text).is_empty());
    }
}
