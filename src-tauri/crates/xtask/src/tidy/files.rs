//! Rules about whole files.

use super::tree::Tree;
use super::{Offence, Rule};

/// Lines that a file of code may have.
const LINES_MAX: usize = 800;

/// Beginnings of paths that exist on one person's machine, in halves so that this file passes.
const MACHINE_PATHS_HALVES: [(&str, &str); 4] =
    [("/ho", "me/"), ("/Use", "rs/"), ("/ro", "ot/"), ("C:\\", "Users")];

pub const LENGTH: Rule = Rule {
    rule: "No file of Rust or TypeScript has more than 800 lines.",
    rationale: "A file is one idea, and a folder's listing reads like a table of contents.",
    offences: length,
};

pub const MACHINE_PATHS: Rule = Rule {
    rule: "No file names a path of somebody's machine.",
    rationale: "It works for its author and for nobody else.",
    offences: machine_paths,
};

fn length(tree: &Tree) -> Vec<Offence> {
    tree.files
        .iter()
        .filter(|file| file.is_rust() || file.is_typescript())
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > LINES_MAX).then(|| {
                Offence::new(&file.path, 0, format!("{lines} lines, of at most {LINES_MAX}"))
            })
        })
        .collect()
}

fn machine_paths(tree: &Tree) -> Vec<Offence> {
    let beginnings = MACHINE_PATHS_HALVES.map(|(one, other)| format!("{one}{other}"));
    let mut found = Vec::new();
    for file in &tree.files {
        for (index, text) in file.text.lines().enumerate() {
            if beginnings.iter().any(|beginning| begins_a_path(text, beginning)) {
                found.push(Offence::new(&file.path, index + 1, text.trim()));
            }
        }
    }
    found
}

/// Whether an absolute path begins like this: not in the middle of a longer one, nor of an address.
fn begins_a_path(text: &str, beginning: &str) -> bool {
    text.match_indices(beginning).any(|(at, _)| {
        !text[..at].ends_with(|c: char| c.is_alphanumeric() || "._-~:/}".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::lines_found;
    use super::*;

    #[test]
    fn a_file_that_has_grown_too_long_is_found() {
        let text = "x\n".repeat(LINES_MAX + 1);
        assert_eq!(lines_found(&LENGTH, "ui/src/screens/Desk.tsx", &text).len(), 1);
        assert!(lines_found(&LENGTH, "docs/long.md", &text).is_empty());
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_an_address_is_not() {
        let (one, other) = MACHINE_PATHS_HALVES[0];
        let path = format!("open(\"{one}{other}an/lienthu\")");
        assert_eq!(lines_found(&MACHINE_PATHS, "README.md", &path), [1]);
        let address = format!("see https://example.org{one}{other}page and ../docs{one}{other}");
        assert!(lines_found(&MACHINE_PATHS, "README.md", &address).is_empty());
    }
}
