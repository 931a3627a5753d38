//! What the adapters of a site must not decide.

use super::lexer;
use super::tree::Tree;
use super::{Offence, Rule, test_code};

const ADAPTERS: [&str; 2] = ["src-tauri/crates/embedded/src/", "src-tauri/crates/sqlserver/src/"];

/// What asks how far a transaction is, or drives one.
const LOGIC: [&str; 10] = [
    "ShareState::Prepared",
    "ShareState::Ended",
    "ShareState::Forced",
    "is_prepared",
    "is_open",
    "outcome_at",
    "known_decision",
    "LEFT_ALONE_MS",
    "Coordinator",
    "Recoverer",
];

/// What a line would have to bring into sight first.
const OF_TRANSACTIONS: &str = "lienthu_protocol";

pub const NO_TRANSACTION_LOGIC: Rule = Rule {
    rule: "The adapters of a site hold no logic about the states of transactions over several sites.",
    rationale: "protocol::site::step alone says what follows from a message: the model checker runs that very \
                function, and what an adapter adds to it has been checked by nobody.",
    offences,
};

fn offences(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| file.is_in(&ADAPTERS)) {
        if !file.text.contains(OF_TRANSACTIONS) {
            continue;
        }
        let parts = lexer::parts(&file.text);
        let test_from = test_code::first_line(file, &parts);
        for (line, code) in parts.code_lines().take_while(|(line, _)| *line < test_from) {
            for name in LOGIC.into_iter().filter(|name| names(code, name)) {
                found.push(Offence::new(&file.path, line, format!("names {name}")));
            }
        }
    }
    found
}

/// Whether a word, or words that colons part, stand in a line of code.
fn names(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        !code[..at].ends_with(is_part) && !code[at + name.len()..].starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::lines_found;
    use super::*;

    const PATH: &str = "src-tauri/crates/embedded/src/transaction.rs";

    #[test]
    fn an_adapter_that_asks_how_far_a_transaction_is_is_found() {
        let text = "use lienthu_protocol::entry::ShareState;\n\
                    if entry.is_prepared() {\n\
                    matches!(state, ShareState::Prepared)";
        assert_eq!(lines_found(&NO_TRANSACTION_LOGIC, PATH, text), [2, 3]);
    }

    #[test]
    fn an_adapter_may_store_and_read_what_step_says() {
        let text = "use lienthu_protocol::site::step;\n\
                    let state = ShareState::of(forced, decision);\n\
                    let is_prepared_here = 1; // is_prepared()";
        assert!(lines_found(&NO_TRANSACTION_LOGIC, PATH, text).is_empty());
    }

    #[test]
    fn the_services_may_ask() {
        let text = "use lienthu_protocol::entry::Entry;\nentry.is_open();";
        let path = "src-tauri/crates/across/src/recovery.rs";
        assert!(lines_found(&NO_TRANSACTION_LOGIC, path, text).is_empty());
    }
}
