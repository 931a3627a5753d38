//! What the pure crates, and everything but a clock, must not do.

use super::lexer;
use super::tree::{SourceFile, Tree};
use super::{Offence, Rule, test_code};

const PURE: [&str; 2] = ["src-tauri/crates/domain/src/", "src-tauri/crates/port/src/"];

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

/// Where services live, to which the time is passed in.
const SERVICES: [&str; 6] = [
    "src-tauri/crates/desk/src/",
    "src-tauri/crates/embedded/src/",
    "src-tauri/crates/sqlserver/src/",
    "src-tauri/crates/store/src/",
    "src-tauri/crates/marc/src/",
    "src-tauri/crates/api/src/",
];

/// What reads the wall clock.
const WALL_CLOCK: [&str; 5] = [
    "SystemTime::now",
    "now_utc(",
    "now_local(",
    "Utc::now(",
    "Local::now(",
];

/// The one file of a crate that may read the clock, when it has one.
const CLOCK_FILE: &str = "/clock.rs";

pub const PURE_CRATES: Rule = Rule {
    rule: "The crates domain and port do no I/O, read no clock and throw no dice.",
    rationale: "The rules of lending are tested with a hundred thousand random histories, and every \
                failure is played again from its seed; that works only while time, chance and the \
                outside world are passed in.",
    offences: |tree| uses(tree, &IMPURE, |file| file.is_in(&PURE)),
};

pub const CLOCK: Rule = Rule {
    rule: "Services and adapters read the wall clock in a file named clock.rs or not at all.",
    rationale: "Due dates, corrected times and offline sign-in depend on the clock, and tests must be \
                able to set it; time is passed in, through the port Clock.",
    offences: |tree| {
        uses(tree, &WALL_CLOCK, |file| {
            file.is_in(&SERVICES) && !file.path.ends_with(CLOCK_FILE)
        })
    },
};

fn uses(tree: &Tree, names: &[&str], is_meant: impl Fn(&SourceFile) -> bool) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| is_meant(file)) {
        let parts = lexer::parts(&file.text);
        let test_from = test_code::first_line(file, &parts);
        for (line, code) in parts.code_lines().take_while(|(line, _)| *line < test_from) {
            for name in names {
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
        group
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .any(|word| word == module)
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

    #[test]
    fn a_service_reads_the_wall_clock_in_its_clock_file_only() {
        let text = "let now = OffsetDateTime::now_utc();";
        assert_eq!(
            lines_found(&CLOCK, "src-tauri/crates/desk/src/session.rs", text),
            [1]
        );
        assert!(lines_found(&CLOCK, "src-tauri/crates/desk/src/clock.rs", text).is_empty());
    }
}
