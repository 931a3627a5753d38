//! One connection, set up the way that every file of ours is.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use lienthu_domain::text::fold_vi;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::key::Key;

/// How long a connection waits for another one's lock.
pub const BUSY_TIMEOUT_MS: u64 = 5_000;
/// How often the switch to the write-ahead log is tried while other programs open the same new file.
const WAL_TRIES_MAX: u32 = 20;
/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT_MAX: usize = 128;
/// Decrypted pages that a connection keeps at most, in KiB. They are taken as they are needed.
const PAGES_KEPT_KIB_MAX: i64 = 32 * 1_024;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file; its folder exists.
    File(PathBuf),
    /// Nowhere: gone with its connection.
    Memory,
}

/// What a commit survives. An encrypted file is opened with the durability that it was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The loss of power: a commit has reached the disk when it returns, at the cost of one flush.
    Full,
    /// The death of the program. At a power cut the last commits may be missing; the file is whole.
    Relaxed,
}

/// SQLite says that it is initialised before SQLCipher is, outside of its own lock: of two threads that
/// open the process's first files at once, one finds a SQLCipher that refuses every key. So one
/// connection, to nothing, comes before all others.
fn initialise() {
    static INITIALISED: Once = Once::new();
    // Where this fails, so does the connection that is wanted, which says why.
    INITIALISED.call_once(|| drop(Connection::open_in_memory()));
}

impl Durability {
    /// A commit encrypts, writes and flushes whole pages, and a scan changes a few bytes on each of
    /// several: small ones cost it a quarter of what SQLCipher's ordinary ones do. Long reads want the
    /// ordinary ones. SQLCipher cannot read the size from the file.
    const fn encrypted_page_bytes(self) -> u32 {
        match self {
            Self::Full => 1_024,
            Self::Relaxed => 4_096,
        }
    }
}

/// Opens a connection that writes.
pub(crate) fn writer(
    location: &Location,
    key: Option<&Key>,
    durability: Durability,
) -> Result<Connection, Fault> {
    initialise();
    let conn = match location {
        Location::Memory => Connection::open_in_memory()?,
        Location::File(path) => {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let conn = Connection::open_with_flags(path, flags)?;
            // By name, after SQLite has made the file and before anything is in it. Opening it here
            // would be earlier, but closing it again drops the locks of this process's connections.
            owner_only(path)?;
            conn
        }
    };
    set_up(&conn, key, durability)?;
    if *location != Location::Memory {
        write_ahead(&conn)?;
    }
    match durability {
        // On macOS fsync alone leaves the data in the drive's cache; elsewhere the pragmas do nothing.
        Durability::Full => conn.execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;",
        )?,
        Durability::Relaxed => conn.execute_batch("PRAGMA synchronous = NORMAL;")?,
    }
    Ok(conn)
}

/// Opens a connection that reads a file which a writer has set up.
pub(crate) fn reader(
    path: &Path,
    key: Option<&Key>,
    durability: Durability,
) -> Result<Connection, Fault> {
    initialise();
    // Not read-only for the operating system: a reader of a write-ahead log writes to its index.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    set_up(&conn, key, durability)?;
    conn.execute_batch("PRAGMA query_only = ON;")?;
    Ok(conn)
}

fn set_up(conn: &Connection, key: Option<&Key>, durability: Durability) -> Result<(), Fault> {
    if let Some(key) = key {
        // The key has to come first. `cipher_memory_security`, which locks and wipes every page in
        // memory, stays off, as it is by default: it costs a third of the speed, and whoever reads
        // this process's memory finds the key in it all the same. The library's own log of failures
        // goes to stderr; ours says the same in its own words.
        let pragma = Zeroizing::new(format!("PRAGMA key = \"x'{}'\";", *key.to_hex()));
        conn.execute_batch(&pragma)?;
        conn.execute_batch(&format!(
            "PRAGMA cipher_log_level = NONE; PRAGMA cipher_page_size = {};",
            durability.encrypted_page_bytes()
        ))?;
    }
    conn.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT_MAX);
    // Temporary tables in memory: nothing leaves this process unencrypted.
    conn.execute_batch(&format!(
        "PRAGMA foreign_keys = ON;
         PRAGMA cell_size_check = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{PAGES_KEPT_KIB_MAX};"
    ))?;
    conn.create_scalar_function(
        "fold_vi",
        1,
        FunctionFlags::SQLITE_UTF8
            | FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_INNOCUOUS,
        |ctx| Ok(ctx.get::<Option<String>>(0)?.map(|text| fold_vi(&text))),
    )?;
    // The first read is what tells whether the key is right.
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}

/// Switches to the write-ahead log. Where several programs open a new file at once, SQLite says "busy"
/// here without waiting; taking and giving back the write lock is what waits.
fn write_ahead(conn: &Connection) -> Result<(), Fault> {
    for _ in 0..WAL_TRIES_MAX {
        let switched = conn
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
            .map_err(Fault::from);
        match switched {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(Fault::Inaccessible(format!(
                    "the file system allows no write-ahead log (it stays {mode})"
                )));
            }
            Err(Fault::Locked) => conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK;")?,
            Err(fault) => return Err(fault),
        }
    }
    Err(Fault::Locked)
}

#[cfg(unix)]
fn owner_only(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| Fault::Inaccessible(error.to_string()))
}

/// Elsewhere the user's own profile folder carries the rights.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)]
fn owner_only(_path: &Path) -> Result<(), Fault> {
    Ok(())
}
