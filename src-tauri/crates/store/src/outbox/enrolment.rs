//! What this installation is.

use lienthu_domain::ids::{BranchCode, DeskId};
use lienthu_port::outbox::Enrolment;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::failure::Failure;

pub(super) fn load(conn: &Connection) -> Result<Option<Enrolment>, Failure> {
    let row: Option<(String, String, String, String)> = conn
        .prepare_cached("SELECT desk, branch, name, computer FROM enrolment")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((desk, branch, name, computer)) = row else { return Ok(None) };
    let desk: DeskId = parse(&desk)?;
    let branch: BranchCode = parse(&branch)?;
    Ok(Some(Enrolment { desk, branch, name, computer }))
}

/// A desk id that was here before goes on with its sequence; a new one begins at 1.
pub(super) fn save(tx: &Transaction<'_>, enrolment: &Enrolment) -> Result<(), Failure> {
    let desk = enrolment.desk.to_string();
    tx.execute(
        "INSERT INTO enrolment (one, desk, branch, name, computer) VALUES (1, ?1, ?2, ?3, ?4)
         ON CONFLICT (one) DO UPDATE
         SET desk = excluded.desk, branch = excluded.branch, name = excluded.name,
             computer = excluded.computer",
        params![desk, enrolment.branch.as_str(), enrolment.name, enrolment.computer],
    )?;
    tx.execute(
        "INSERT OR IGNORE INTO counter (name, desk, value) VALUES ('last_seq', ?1, 0)",
        [desk],
    )?;
    Ok(())
}

/// How far the sequence of this desk has come.
pub(super) fn last_seq(conn: &Connection) -> Result<u32, Failure> {
    let last_seq = conn
        .prepare_cached(
            "SELECT c.value FROM enrolment e
             JOIN counter c ON c.name = 'last_seq' AND c.desk = e.desk",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(last_seq.unwrap_or(0))
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::unexpected("a stored key does not read"))
}
