//! The two sets of tables.

use std::sync::LazyLock;

use lienthu_port::feed::RowKind;
use lienthu_sqlite::Step;
use lienthu_sqlite::rusqlite::{Connection, params};

use crate::failure::Failure;

/// One of the two sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    A,
    B,
}

impl Set {
    const BOTH: [Self; 2] = [Self::A, Self::B];

    pub(super) const fn letter(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    pub(super) fn from_letter(letter: &str) -> Option<Self> {
        Self::BOTH.into_iter().find(|set| set.letter() == letter)
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// The statement, or the statements of a schema, with `@` replaced by the letter.
    pub(super) fn sql(self, text: &str) -> String {
        text.replace('@', self.letter())
    }

    /// How many rows of a kind the set holds.
    pub(super) fn size(self, conn: &Connection, kind: RowKind) -> Result<u32, Failure> {
        let mut statement = conn.prepare_cached(
            "SELECT coalesce(max(row_count), 0) FROM size WHERE row_set = ?1 AND kind = ?2",
        )?;
        Ok(statement.query_row(params![self.letter(), kind.code()], |row| row.get(0))?)
    }

    /// Empties the set. SQLite frees whole tables without looking at their rows.
    pub(super) fn empty(self, conn: &Connection) -> Result<(), Failure> {
        conn.execute_batch(&self.sql(
            "DELETE FROM title_@;
             INSERT INTO title_word_@ (title_word_@) VALUES ('delete-all');
             DELETE FROM patron_@;
             INSERT INTO patron_word_@ (patron_word_@) VALUES ('delete-all');
             DELETE FROM copy_@;
             DELETE FROM loan_@;
             DELETE FROM branch_@;
             DELETE FROM policy_@;
             DELETE FROM closed_day_@;",
        ))?;
        conn.execute("DELETE FROM size WHERE row_set = ?1", [self.letter()])?;
        Ok(())
    }
}

/// The schema: what there is once, and what there is in each set.
pub(super) static SCHEMA: LazyLock<String> = LazyLock::new(|| {
    let mut sql = include_str!("../../../../../sql/cache/state.sql").to_owned();
    for set in Set::BOTH {
        for group in [
            include_str!("../../../../../sql/cache/titles.sql"),
            include_str!("../../../../../sql/cache/patrons.sql"),
            include_str!("../../../../../sql/cache/circulation.sql"),
            include_str!("../../../../../sql/cache/rules.sql"),
        ] {
            sql.push_str(&set.sql(group));
        }
    }
    sql
});

/// The one step so far. A cache of an older program is not upgraded row by row: it fills again.
pub(super) fn steps() -> [Step<'static>; 1] {
    [Step { version: 1, sql: &SCHEMA }]
}
