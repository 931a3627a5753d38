//! Where SQL may stand.

use super::lexer::{self, Piece};
use super::tree::Tree;
use super::{Offence, Rule};

/// The homes of SQL in Rust: the adapters, the desk's own store, tests, and this rule's own examples.
const HOMES: [&str; 6] = [
    "src-tauri/crates/embedded/",
    "src-tauri/crates/sqlite/",
    "src-tauri/crates/sqlserver/",
    "src-tauri/crates/store/",
    "src-tauri/crates/xtask/src/tidy/sql.rs",
    "tests/",
];

/// A statement begins with the first and goes on with the second.
const STATEMENTS: [(&str, &str); 10] = [
    ("SELECT ", " FROM "),
    ("INSERT INTO ", "("),
    ("INSERT OR ", " INTO "),
    ("UPDATE ", " SET "),
    ("DELETE FROM ", ""),
    ("CREATE TABLE ", ""),
    ("CREATE INDEX ", " ON "),
    ("CREATE VIRTUAL TABLE ", ""),
    ("ALTER TABLE ", ""),
    ("PRAGMA ", ""),
];

pub const RULE: Rule = Rule {
    rule: "No SQL text outside sql/, the site adapters, the store and tests.",
    rationale: "The services ask the ports Site and Cache, which have more than one implementation; a \
                statement elsewhere works with one of them and goes around the site's rights.",
    offences,
};

fn offences(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| !file.is_in(&HOMES) && !file.path.contains("/tests/")) {
        for Piece { line, text } in lexer::parts(&file.text).strings {
            if is_statement(&text) {
                found.push(Offence::new(
                    &file.path,
                    line,
                    format!("looks like SQL: {:.60}", text.trim()),
                ));
            }
        }
    }
    found
}

/// Keywords in capitals anywhere, or in small letters at the very beginning, as prose rarely has them.
fn is_statement(literal: &str) -> bool {
    let words: Vec<&str> = literal.split_whitespace().collect();
    let text = format!("{} ", words.join(" "));
    STATEMENTS.iter().any(|(begin, then)| {
        let goes_on = |text: &str, begin: &str, then: &str| {
            text.find(begin).is_some_and(|at| text[at + begin.len() - 1..].contains(then))
        };
        let (small_begin, small_then) = (begin.to_lowercase(), then.to_lowercase());
        goes_on(&text, begin, then)
            || (text.starts_with(&small_begin)
                && !then.is_empty()
                && !text.starts_with(&format!("{small_begin}a "))
                && goes_on(&text, &small_begin, &small_then))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::lines_found;
    use super::*;

    const STATEMENT: &str = "fn f() {\n  query(\"SELECT name\\n   FROM title\");\n}";

    #[test]
    fn a_statement_in_a_service_is_found() {
        assert_eq!(lines_found(&RULE, "src-tauri/crates/desk/src/search.rs", STATEMENT), [2]);
    }

    #[test]
    fn an_adapter_may_hold_it() {
        assert!(
            lines_found(&RULE, "src-tauri/crates/embedded/src/titles.rs", STATEMENT).is_empty()
        );
    }

    #[test]
    fn a_comment_or_a_sentence_is_no_statement() {
        let text = "// SELECT a FROM b\nlet advice = \"select a title from the list\"; let x = \"Update\";";
        assert!(lines_found(&RULE, "src-tauri/crates/desk/src/search.rs", text).is_empty());
    }

    #[test]
    fn statements_of_every_kind_are_known() {
        for statement in [
            "select 1 from copy",
            "INSERT INTO loan(id) VALUES (1)",
            "UPDATE copy SET state = 1",
            "DELETE FROM loan",
            "CREATE TABLE t (id)",
            "PRAGMA journal_mode = WAL",
        ] {
            assert!(is_statement(statement), "{statement}");
        }
    }
}
