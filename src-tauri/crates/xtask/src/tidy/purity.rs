//! What the pure crates must not do.

use super::lexer;
use super::tree::Tree;
use super::{Offence, Rule, test_code};

const PURE: [&str; 3] = [
    "src-tauri/crates/domain/src/",
    "src-tauri/crates/protocol/src/",
    "src-tauri/crates/port/src/",
];

/// What reaches outside: files, network, other threads and processes, the clock, chance.
const IMPURE: [&str; 16] = [
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "std::env",
    "SystemTime::now",
    "Instant::now",
    "now_utc(",
    "now_local(",
    "Uuid::now_v7",
    "Uuid::new_v4",
    "tokio::",
    "rusqlite::",
    "rand::",
    "rand_chacha::",
    "getrandom::",
];

pub const PURE_CRATES: Rule = Rule {
    rule: "The crates domain, protocol and port do no I/O, read no clock and throw no dice.",
    rationale: "The rules of lending are tested with a hundred thousand random histories, and every \
                failure is played again from its seed; that works only while time, chance and the \
                outside world are passed in.",
    offences,
};

fn offences(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| file.is_in(&PURE)) {
        let parts = lexer::parts(&file.text);
        let test_from = test_code::first_line(file, &parts);
        for (line, code) in parts.code_lines().take_while(|(line, _)| *line < test_from) {
            for name in IMPURE {
                if mentions(code, name) {
                    found.push(Offence::new(&file.path, line, format!("uses {name}")));
                }
            }
        }
    }
    found
}

/// Whether a line of code names a path, written out or as part of a braced `use std::{…}`.
fn mentions(code: &str, name: &str) -> bool {
    let is_word_start = |at: usize| {
        !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            || code[..at].ends_with("::")
    };
    if code.match_indices(name).any(|(at, _)| is_word_start(at)) {
        return true;
    }
    let Some(module) = name.strip_prefix("std::") else {
        return false;
    };
    code.split_once("std::{").is_some_and(|(_, group)| {
        group.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == module)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::lines_found;
    use super::*;

    #[test]
    fn a_pure_crate_that_reads_a_file_or_the_clock_is_found() {
        let text =
            "use std::fs;\nuse std::{collections::BTreeMap, thread};\nlet now = SystemTime::now();";
        assert_eq!(
            lines_found(&PURE_CRATES, "src-tauri/crates/domain/src/loan.rs", text),
            [1, 2, 3]
        );
    }

    #[test]
    fn a_mention_in_a_comment_and_a_longer_word_are_no_use() {
        let text = "/// Not `std::fs`.\nlet operand::x = 1; use std::fmt;";
        assert!(lines_found(&PURE_CRATES, "src-tauri/crates/domain/src/loan.rs", text).is_empty());
    }

    #[test]
    fn tests_of_a_pure_crate_may_use_what_they_like() {
        let text = "fn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }";
        assert!(lines_found(&PURE_CRATES, "src-tauri/crates/port/src/site.rs", text).is_empty());
    }
}
