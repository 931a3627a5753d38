//! Who may know that the window is made by Tauri.

use super::tree::Tree;
use super::{Offence, Rule, lexer};

/// The desktop app's own package, and its end-to-end tests.
const SHELL: [&str; 2] = ["src-tauri/src/", "src-tauri/build.rs"];

/// The one folder of the front end that imports Tauri's API.
const PLATFORM: &str = "ui/src/platform/";

pub const TAURI_IN_RUST: Rule = Rule {
    rule: "No Rust outside src-tauri/src names tauri.",
    rationale: "What lies below the command layer builds, tests and serves the command line without \
                any user-interface library.",
    offences: tauri_in_rust,
};

pub const TAURI_IN_UI: Rule = Rule {
    rule: "In the front end only ui/src/platform imports @tauri-apps.",
    rationale: "Screens are tested in a plain browser environment and could run in one; what the shell \
                gives them passes through one place with types.",
    offences: tauri_in_ui,
};

fn tauri_in_rust(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| !file.is_in(&SHELL)) {
        for (line, code) in lexer::parts(&file.text).code_lines() {
            let is_named = ["tauri::", "tauri_build::", "tauri_specta::", "use tauri", "wry::"]
                .iter()
                .any(|name| code.contains(name));
            if is_named {
                found.push(Offence::new(&file.path, line, code.trim()));
            }
        }
    }
    found
}

fn tauri_in_ui(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.is_typescript() && file.is_in(&["ui/"])) {
        if file.is_in(&[PLATFORM]) {
            continue;
        }
        for (index, text) in file.text.lines().enumerate() {
            if ["\"@tauri-apps/", "'@tauri-apps/"].iter().any(|import| text.contains(import)) {
                found.push(Offence::new(&file.path, index + 1, text.trim()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tree::lines_found;
    use super::*;

    #[test]
    fn a_service_that_names_tauri_is_found() {
        let text = "// tauri::AppHandle would be wrong here\nfn f(app: tauri::AppHandle) {}";
        assert_eq!(lines_found(&TAURI_IN_RUST, "src-tauri/crates/api/src/lib.rs", text), [2]);
        assert!(lines_found(&TAURI_IN_RUST, "src-tauri/src/lib.rs", text).is_empty());
    }

    #[test]
    fn a_screen_that_imports_the_shell_is_found() {
        let text = "import { invoke } from \"@tauri-apps/api/core\";";
        assert_eq!(lines_found(&TAURI_IN_UI, "ui/src/screens/Desk.tsx", text), [1]);
        assert!(lines_found(&TAURI_IN_UI, "ui/src/platform/shell.ts", text).is_empty());
    }
}
