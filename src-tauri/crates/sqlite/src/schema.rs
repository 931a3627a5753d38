//! Schema steps: `PRAGMA user_version` counts those that a file has had.

use rusqlite::{Connection, TransactionBehavior};

use crate::fault::Fault;

/// One step of a schema. Steps are numbered 1, 2, 3, … and never change once they are released.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Its number.
    pub version: u32,
    /// Its statements, from a file below `sql/`.
    pub sql: &'a str,
}

/// Applies the steps that a file lacks, each in a transaction of its own. Two programs may do this at
/// once: the second finds the step done.
pub(crate) fn migrate(conn: &mut Connection, steps: &[Step<'_>]) -> Result<(), Fault> {
    debug_assert!(steps.iter().zip(1..).all(|(step, version)| step.version == version));
    let ours = steps.last().map_or(0, |step| step.version);
    let theirs = version(conn)?;
    if theirs > ours {
        return Err(Fault::TooNew { ours, theirs });
    }
    for step in steps.iter().filter(|step| step.version > theirs) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&tx)? < step.version {
            tx.execute_batch(step.sql)?;
            tx.pragma_update(None, "user_version", step.version)?;
            tx.commit()?;
        }
    }
    Ok(())
}

fn version(conn: &Connection) -> Result<u32, Fault> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
