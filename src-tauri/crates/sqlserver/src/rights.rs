//! Who may do what at a site: `sql/site/rights.md`, read.

/// The page that people read.
const PAGE: &str = include_str!("../../../../sql/site/rights.md");

/// What the roles of the page are called, in the order of its columns. The last is everyone.
pub const GRANTEES: [&str; 4] = ["THUTHU", "QUANLY", "DAILY", "public"];

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A table.
    Table,
    /// A procedure.
    Procedure,
    /// A function.
    Function,
}

impl ObjectKind {
    /// What may be granted on it, as far as the page tells.
    #[must_use]
    pub const fn verbs(self) -> &'static [&'static str] {
        match self {
            Self::Table => &["SELECT", "INSERT", "UPDATE", "DELETE"],
            Self::Procedure | Self::Function => &["EXECUTE"],
        }
    }
}

/// One line of the page: an object, and what each of [`GRANTEES`] may do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRights {
    /// What it is.
    pub kind: ObjectKind,
    /// With its schema, such as `dbo.SACH`.
    pub object: &'static str,
    /// The verbs of each grantee.
    pub verbs: [Vec<&'static str>; 4],
}

impl ObjectRights {
    /// Whether the page gives a grantee that verb. Nobody else than its grantees is given any.
    #[must_use]
    pub fn allows(&self, grantee: &str, verb: &str) -> bool {
        let place = GRANTEES.iter().position(|known| known.eq_ignore_ascii_case(grantee));
        place.is_some_and(|place| self.verbs[place].contains(&verb))
    }
}

/// Every line of the page.
#[must_use]
pub fn expected() -> Vec<ObjectRights> {
    let mut kind = ObjectKind::Table;
    let mut lines = Vec::new();
    for line in PAGE.lines() {
        kind = match line {
            "## Tables" => ObjectKind::Table,
            "## Procedures" => ObjectKind::Procedure,
            "## Functions" => ObjectKind::Function,
            _ => kind,
        };
        let mut cells = line.split('|').map(str::trim).skip(1);
        let Some(object) = cells.next().filter(|object| object.contains('.')) else { continue };
        let mut verbs =
            || cells.next().unwrap_or_default().split(' ').filter(|verb| *verb != "-").collect();
        lines.push(ObjectRights { kind, object, verbs: [verbs(), verbs(), verbs(), verbs()] });
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::migrate::{Kind, scripts};

    const LEDGER: &str = include_str!("../../../../sql/site/ledger.sql");

    fn listed(kind: ObjectKind) -> Vec<&'static str> {
        expected().into_iter().filter(|line| line.kind == kind).map(|line| line.object).collect()
    }

    fn sorted(mut names: Vec<&str>) -> Vec<&str> {
        names.sort_unstable();
        names
    }

    #[test]
    fn the_page_lists_every_table_procedure_and_function_once() {
        let texts = scripts().iter().filter(|script| script.kind == Kind::Step);
        let texts = texts.map(|script| script.text).chain([LEDGER]);
        let tables = texts.flat_map(|text| {
            let made = text.lines().filter_map(|line| line.strip_prefix("CREATE TABLE "));
            made.filter_map(|line| line.split([' ', '(']).next())
        });
        assert_eq!(sorted(listed(ObjectKind::Table)), sorted(tables.collect()));
        for (kind, script_kind) in
            [(ObjectKind::Procedure, Kind::Procedure), (ObjectKind::Function, Kind::Function)]
        {
            let made = scripts().iter().filter(|script| script.kind == script_kind);
            let made = made.filter_map(|script| script.object());
            assert_eq!(sorted(listed(kind)), sorted(made.collect()));
        }
    }

    #[test]
    fn the_page_says_only_what_can_be_granted() {
        for line in expected() {
            for verb in line.verbs.iter().flatten() {
                assert!(line.kind.verbs().contains(verb), "{verb:?} on {}", line.object);
            }
        }
    }

    #[test]
    fn the_roles_grant_exactly_what_the_page_says() {
        let granted: BTreeSet<(String, String, String)> = scripts()
            .iter()
            .filter(|script| script.kind == Kind::Role)
            .flat_map(|script| script.text.lines())
            .filter_map(|line| {
                let (verb, behind) = line.strip_prefix("GRANT ")?.split_once(" ON ")?;
                let (object, to) = behind.trim_end_matches(';').split_once(" TO ")?;
                Some((verb.to_owned(), object.to_owned(), to.to_owned()))
            })
            .collect();
        let mut due = BTreeSet::new();
        for line in expected() {
            for (grantee, verbs) in GRANTEES.iter().zip(&line.verbs) {
                for verb in verbs {
                    due.insert(((*verb).to_owned(), line.object.to_owned(), (*grantee).to_owned()));
                }
            }
        }
        assert!(!due.is_empty());
        assert_eq!(granted, due);
        let lines = scripts().iter().filter(|script| script.kind == Kind::Role);
        let grants = lines.flat_map(|script| script.text.lines()).filter(|l| l.contains("GRANT"));
        assert_eq!(grants.count(), granted.len(), "each grant stands on a line of its own");
    }
}
