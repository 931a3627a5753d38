//! Putting rows of the feed into a set. Putting a row twice is putting it once.

use std::collections::BTreeMap;

use lienthu_domain::copy::{Copy, CopyState};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::Title;
use lienthu_domain::text::{fold_vi, isbn_digits};
use lienthu_port::feed::{FeedRow, RowKind, closed_day_key, policy_key};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Params, params};
use serde::Serialize;

use super::order::Order;
use super::set::Set;
use super::words::indexed;
use crate::failure::Failure;

/// Puts rows into a set, within a transaction of the caller's. Finish with [`Applying::finish`].
pub(super) struct Applying<'c> {
    conn: &'c Connection,
    set: Set,
    order: &'c Order,
    /// By how much the number of rows of each kind has changed.
    grown: BTreeMap<RowKind, i64>,
}

impl<'c> Applying<'c> {
    pub(super) const fn to(conn: &'c Connection, set: Set, order: &'c Order) -> Self {
        Self { conn, set, order, grown: BTreeMap::new() }
    }

    pub(super) fn row(&mut self, row: &FeedRow) -> Result<(), Failure> {
        match row {
            FeedRow::Title(title) => self.title(title),
            FeedRow::Patron(card) => self.patron(card),
            FeedRow::Copy(copy) => self.copy(copy),
            FeedRow::OpenLoan(loan) => self.loan(loan),
            FeedRow::Branch(branch) => self.keyed("branch", branch.code.as_str(), branch),
            FeedRow::Policy(policy) => self.keyed("policy", &policy_key(policy), policy),
            FeedRow::ClosedDay(closed) => {
                self.execute(
                    "INSERT OR REPLACE INTO closed_day_@ (key, date, value) VALUES (?1, ?2, ?3)",
                    params![closed_day_key(closed), closed.date.to_string(), json(closed)?],
                )?;
                Ok(())
            }
            FeedRow::Removed { kind, key } => self.removed(*kind, key),
        }
    }

    /// Writes down how many rows there are now.
    pub(super) fn finish(self) -> Result<(), Failure> {
        for (kind, by) in self.grown.into_iter().filter(|(_, by)| *by != 0) {
            // Not as one upsert: a shrinking one would break the check before it finds its row.
            let (set, kind) = (self.set.letter(), kind.code());
            self.conn
                .prepare_cached(
                    "INSERT OR IGNORE INTO size (row_set, kind, row_count) VALUES (?1, ?2, 0)",
                )?
                .execute(params![set, kind])?;
            self.conn
                .prepare_cached(
                    "UPDATE size SET row_count = row_count + ?3 WHERE row_set = ?1 AND kind = ?2",
                )?
                .execute(params![set, kind, by])?;
        }
        Ok(())
    }

    fn execute(&self, sql: &str, params: impl Params) -> Result<usize, Failure> {
        Ok(self.conn.prepare_cached(&self.set.sql(sql))?.execute(params)?)
    }

    /// Takes a row of text by its key out of a table, and returns its rowid.
    fn taken_out(&self, sql: &str, key: &str) -> Result<Option<i64>, Failure> {
        let mut statement = self.conn.prepare_cached(&self.set.sql(sql))?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    fn grow(&mut self, kind: RowKind, by: i64) {
        *self.grown.entry(kind).or_default() += by;
    }

    fn title(&mut self, title: &Title) -> Result<(), Failure> {
        let id = self.without_title(title.key.as_str())?;
        self.execute(
            "INSERT INTO title_@ (id, key, name, author, publisher, year, ddc, language, folded,
                                  isbn, sort_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                id,
                title.key.as_str(),
                title.name,
                title.author,
                title.publisher,
                title.year,
                title.ddc,
                title.language,
                fold_vi(&title.name),
                isbn_digits(title.key.as_str()),
                self.order.key(&title.name),
            ],
        )?;
        let id = self.conn.last_insert_rowid();
        let words = indexed(&format!("{} {}", title.name, title.author));
        self.execute(
            "INSERT INTO title_word_@ (rowid, words) VALUES (?1, ?2)",
            params![id, words],
        )?;
        self.grow(RowKind::Title, 1);
        Ok(())
    }

    fn without_title(&mut self, key: &str) -> Result<Option<i64>, Failure> {
        let id = self.taken_out("DELETE FROM title_@ WHERE key = ?1 RETURNING id", key)?;
        if let Some(id) = id {
            self.execute("DELETE FROM title_word_@ WHERE rowid = ?1", [id])?;
            self.grow(RowKind::Title, -1);
        }
        Ok(id)
    }

    fn patron(&mut self, card: &PatronCard) -> Result<(), Failure> {
        let id = self.without_patron(card.code.as_str())?;
        self.execute(
            "INSERT INTO patron_@ (id, code, folded_code, sort_key, value)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                id,
                card.code.as_str(),
                card.code.as_str().to_lowercase(),
                self.order.key(&card.name),
                json(card)?,
            ],
        )?;
        let id = self.conn.last_insert_rowid();
        self.execute(
            "INSERT INTO patron_word_@ (rowid, words) VALUES (?1, ?2)",
            params![id, indexed(&card.name)],
        )?;
        self.grow(RowKind::Patron, 1);
        Ok(())
    }

    fn without_patron(&mut self, code: &str) -> Result<Option<i64>, Failure> {
        let id = self.taken_out("DELETE FROM patron_@ WHERE code = ?1 RETURNING id", code)?;
        if let Some(id) = id {
            self.execute("DELETE FROM patron_word_@ WHERE rowid = ?1", [id])?;
            self.grow(RowKind::Patron, -1);
        }
        Ok(id)
    }

    fn copy(&mut self, copy: &Copy) -> Result<(), Failure> {
        self.without_copy(copy.barcode.as_str())?;
        let free = copy.state == CopyState::Free;
        self.execute(
            "INSERT INTO copy_@ (barcode, title, free, value) VALUES (?1, ?2, ?3, ?4)",
            params![copy.barcode.as_str(), copy.title.as_str(), free, json(copy)?],
        )?;
        self.grow(RowKind::Copy, 1);
        Ok(())
    }

    fn without_copy(&mut self, barcode: &str) -> Result<(), Failure> {
        let gone = self.execute("DELETE FROM copy_@ WHERE barcode = ?1", [barcode])?;
        self.grow(RowKind::Copy, -i64::try_from(gone).unwrap_or(0));
        Ok(())
    }

    fn loan(&self, loan: &Loan) -> Result<(), Failure> {
        self.execute(
            "INSERT OR REPLACE INTO loan_@ (borrow, copy, patron, due, value)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                loan.borrow.to_string(),
                loan.copy.as_str(),
                loan.patron.as_str(),
                loan.due.to_string(),
                json(loan)?,
            ],
        )?;
        Ok(())
    }

    fn keyed(&self, table: &str, key: &str, value: &impl Serialize) -> Result<(), Failure> {
        let sql = format!("INSERT OR REPLACE INTO {table}_@ (key, value) VALUES (?1, ?2)");
        self.execute(&sql, params![key, json(value)?])?;
        Ok(())
    }

    fn removed(&mut self, kind: RowKind, key: &str) -> Result<(), Failure> {
        match kind {
            RowKind::Title => self.without_title(key).map(|_| ()),
            RowKind::Patron => self.without_patron(key).map(|_| ()),
            RowKind::Copy => self.without_copy(key),
            RowKind::OpenLoan => {
                self.execute("DELETE FROM loan_@ WHERE borrow = ?1", [key]).map(|_| ())
            }
            RowKind::Branch => {
                self.execute("DELETE FROM branch_@ WHERE key = ?1", [key]).map(|_| ())
            }
            RowKind::Policy => {
                self.execute("DELETE FROM policy_@ WHERE key = ?1", [key]).map(|_| ())
            }
            RowKind::ClosedDay => {
                self.execute("DELETE FROM closed_day_@ WHERE key = ?1", [key]).map(|_| ())
            }
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string(value)?)
}
