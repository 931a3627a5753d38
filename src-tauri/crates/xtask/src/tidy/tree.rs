//! The source tree, read once.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Folders that hold what is made, or what others wrote.
const SKIPPED: [&str; 7] = [".git", "target", "gen", "node_modules", "dist", "dist-fake", "icons"];

/// Endings of the files that rules look at.
const ENDINGS: [&str; 15] = [
    ".rs", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".sql", ".toml", ".json", ".yml", ".md",
    ".sh", ".po", "/run",
];

/// Files that a program wrote; `package-lock.json` and `Cargo.lock` are not even read.
const MADE: [&str; 2] = ["package-lock.json", "ui/src/platform/bindings.ts"];

/// A file of the tree.
pub struct SourceFile {
    /// Its path from the root, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl SourceFile {
    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it is TypeScript, with or without elements.
    pub fn is_typescript(&self) -> bool {
        self.path.ends_with(".ts") || self.path.ends_with(".tsx")
    }

    /// Whether it lies in one of these folders, or is one of these files.
    pub fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }
}

/// All files that the rules look at.
pub struct Tree {
    /// In the order of their paths.
    pub files: Vec<SourceFile>,
}

impl Tree {
    /// Reads the tree below `root`.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { files })
    }

    /// All Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.is_rust())
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if ENDINGS.iter().any(|ending| path.ends_with(ending))
            && !MADE.iter().any(|made| path.ends_with(made))
        {
            let text = fs::read_to_string(entry.path())
                .with_context(|| format!("{path} cannot be read as UTF-8"))?;
            files.push(SourceFile { path, text });
        }
    }
    Ok(())
}

/// What a rule finds in a tree of one file, line by line: the one way in which the rules are tested.
#[cfg(test)]
pub fn lines_found(rule: &super::Rule, path: &str, text: &str) -> Vec<usize> {
    let tree = Tree { files: vec![SourceFile { path: path.into(), text: text.into() }] };
    (rule.offences)(&tree).into_iter().map(|offence| offence.line).collect()
}
