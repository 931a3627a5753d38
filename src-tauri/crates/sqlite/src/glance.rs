//! A connection for reads that take microseconds, done where they are asked for.
//!
//! Handing a call to a thread and back costs more than looking up a row or two by key; a scan waits for
//! several of those. So they are done on the caller's thread, under a lock that nobody holds for longer.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction};

use crate::connect::{self, Durability};
use crate::fault::Fault;
use crate::key::Key;

/// See the module.
#[derive(Debug)]
pub struct Glance {
    conn: Mutex<Connection>,
}

impl Glance {
    /// Opens a connection, for reading alone, to a file that [`crate::Database::open`] has set up.
    ///
    /// # Errors
    /// Any [`Fault`].
    pub fn open(path: &Path, key: Option<&Key>, durability: Durability) -> Result<Self, Fault> {
        let conn = connect::reader(path, key, durability)?;
        // An asynchronous caller's thread must not wait for a lock.
        conn.busy_timeout(Duration::ZERO)?;
        Ok(Self { conn: Mutex::new(conn) })
    }

    /// Reads a few rows by key, of one state of the file. Nothing that scans, sorts or may be long.
    ///
    /// # Errors
    /// What `work` returns; `Fault::Locked` where another program holds the file for itself: then ask a
    /// [`crate::Database`], which waits.
    pub fn read<T, E: From<Fault>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        let tx: Transaction<'_> = conn.transaction().map_err(|error| E::from(error.into()))?;
        work(&tx)
    }
}
