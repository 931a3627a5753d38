//! The scripts that make a site.

use sha2::{Digest, Sha256};

/// What a script makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A change to the tables; applied once, in the order of the names, and never changed afterwards.
    Step,
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// A trigger.
    Trigger,
    /// A database role and its grants.
    Role,
}

/// One file of `sql/site`.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// What it makes.
    pub kind: Kind,
    /// The file's name without its ending; of an object, the object's.
    pub name: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

/// All scripts in the order in which they are applied.
#[must_use]
pub const fn scripts() -> &'static [Script] {
    const ALL: &[Script] = include!(concat!(env!("OUT_DIR"), "/scripts.rs"));
    ALL
}

impl Script {
    /// What the ledger calls it.
    #[must_use]
    pub fn ledger_name(&self) -> String {
        let kind = match self.kind {
            Kind::Step => "step",
            Kind::Function => "function",
            Kind::Procedure => "procedure",
            Kind::Trigger => "trigger",
            Kind::Role => "role",
        };
        format!("{kind} {}", self.name)
    }

    /// SHA-256 of its text, in hexadecimal. Line ends do not count: a checkout on Windows is the same.
    #[must_use]
    pub fn checksum(&self) -> String {
        let text = self.text.replace("\r\n", "\n");
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The object's name with its schema, as the script itself says behind CREATE.
    #[must_use]
    pub fn object(&self) -> Option<&'static str> {
        let word = match self.kind {
            Kind::Function => "CREATE FUNCTION ",
            Kind::Procedure => "CREATE PROCEDURE ",
            Kind::Trigger => "CREATE TRIGGER ",
            Kind::Step | Kind::Role => return None,
        };
        let behind = self.text.lines().find_map(|line| line.strip_prefix(word))?;
        behind.split(|c: char| c.is_whitespace() || c == '(').next()
    }

    /// The text for an object that is there already. One and the same source makes it and changes it:
    /// `CREATE OR ALTER` is not known everywhere, and dropping a procedure would drop its grants.
    #[must_use]
    pub fn altered(&self) -> String {
        let mut is_done = false;
        let lines = self.text.lines().map(|line| match line.strip_prefix("CREATE PROCEDURE ") {
            Some(rest) if !is_done => {
                is_done = true;
                format!("ALTER PROCEDURE {rest}")
            }
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_is_called_as_its_file() {
        for script in scripts() {
            if !matches!(script.kind, Kind::Step | Kind::Role) {
                let object = script.object().unwrap_or_default();
                let (schema, name) = object.split_once('.').unwrap_or_default();
                assert_eq!(name, script.name);
                assert!(schema == "lienthu" || script.kind == Kind::Trigger, "{object}");
            }
        }
    }

    #[test]
    fn the_steps_are_numbered_without_a_gap() {
        let steps = scripts().iter().filter(|script| script.kind == Kind::Step);
        for (step, number) in steps.zip(1..) {
            assert!(step.name.starts_with(&format!("{number:04}_")), "{}", step.name);
        }
    }

    #[test]
    fn only_the_head_of_a_procedure_changes_when_it_is_altered() {
        for script in scripts().iter().filter(|script| script.kind == Kind::Procedure) {
            let altered = script.altered();
            assert_eq!(altered.matches("\nALTER PROCEDURE ").count(), 1, "{}", script.name);
            assert_eq!(altered.lines().count(), script.text.lines().count());
        }
    }
}
