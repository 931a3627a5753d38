//! Opening the cache, and starting anew where it cannot be opened.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use lienthu_port::error::StoreError;
use lienthu_sqlite::{Database, Durability, Fault, Glance, Key, Location};
use uuid::Uuid;

use super::order::Order;
use super::set;
use crate::failure::{Failure, of_fault};
use crate::key::inaccessible;

/// The file's name.
pub const CACHE_FILE: &str = "cache.db";
/// Where a cache that cannot be opened is moved to; the one before it is dropped.
const ASIDE_FILE: &str = "cache.db.aside";
/// Says that damage was met while the cache was in use, on a page that opening it does not read.
const DAMAGED_MARK: &str = "cache.db.damaged";
/// What SQLite keeps beside a file.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];

/// The cache of one desk. See the module.
#[derive(Debug)]
pub struct SqliteCache {
    pub(super) writer: Database,
    pub(super) reader: Database,
    /// For what a scan waits for.
    pub(super) glance: Glance,
    pub(super) order: Order,
    /// This one among the programs that have the file open.
    pub(super) puller: String,
    folder: PathBuf,
}

/// The cache was thrown away and fills again; people who signed in here sign in online once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedAnew {
    /// Why: `WrongKey` or `Damaged`.
    pub why: StoreError,
    /// Where the old file is, should anyone want to look at it.
    pub moved_to: PathBuf,
}

impl SqliteCache {
    /// Where the file is in a desk's folder.
    #[must_use]
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(CACHE_FILE)
    }

    /// Opens the cache of a desk's folder, and makes it where there is none. Blocks meanwhile.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn open(folder: &Path, key: &Key) -> Result<Self, StoreError> {
        let order = Order::vietnamese()?;
        let path = Self::path(folder);
        let opened = || -> Result<(Database, Database, Glance), Fault> {
            let location = Location::File(path.clone());
            let writer = Database::open(&location, Some(key), &set::steps(), Durability::Relaxed)?;
            let reader = Database::open_to_read(&path, Some(key), Durability::Relaxed)?;
            Ok((writer, reader, Glance::open(&path, Some(key), Durability::Relaxed)?))
        };
        let (writer, reader, glance) = opened().map_err(|fault| of_fault(fault, CACHE_FILE))?;
        let puller = Uuid::new_v4().to_string();
        Ok(Self { writer, reader, glance, order, puller, folder: folder.to_owned() })
    }

    /// Opens the cache; moves it aside and starts anew where it is damaged, or encrypted with another
    /// key. Nothing is lost by that but time. Says so, if it did.
    ///
    /// # Errors
    /// Any [`StoreError`]; a newer program's cache is left to it (`TooNew`).
    pub fn open_or_start_anew(
        folder: &Path,
        key: &Key,
    ) -> Result<(Self, Option<StartedAnew>), StoreError> {
        let opened = if folder.join(DAMAGED_MARK).exists() {
            Err(StoreError::Damaged { file: CACHE_FILE.to_owned() })
        } else {
            Self::open(folder, key)
        };
        match opened {
            Ok(cache) => Ok((cache, None)),
            Err(why @ (StoreError::WrongKey { .. } | StoreError::Damaged { .. })) => {
                let moved_to = move_aside(folder)?;
                tracing::warn!(%why, "the cache starts anew");
                Ok((Self::open(folder, key)?, Some(StartedAnew { why, moved_to })))
            }
            Err(error) => Err(error),
        }
    }

    /// The failure in the port's words. Damage is noted for the next start, which begins anew.
    pub(super) fn noted(&self, failure: Failure) -> StoreError {
        let error = failure.of(CACHE_FILE);
        if matches!(error, StoreError::Damaged { .. })
            && let Err(unnoted) = File::create(self.folder.join(DAMAGED_MARK))
        {
            tracing::warn!(%unnoted, "the damage to the cache could not be noted");
        }
        error
    }
}

fn move_aside(folder: &Path) -> Result<PathBuf, StoreError> {
    let moved_to = folder.join(ASIDE_FILE);
    let moved = || -> std::io::Result<()> {
        for companion in COMPANIONS {
            let aside = folder.join(format!("{ASIDE_FILE}{companion}"));
            let file = folder.join(format!("{CACHE_FILE}{companion}"));
            unless_missing(fs::remove_file(&aside))?;
            unless_missing(fs::rename(&file, &aside))?;
        }
        // Last: a program that dies before this moves aside once more.
        unless_missing(fs::remove_file(folder.join(DAMAGED_MARK)))
    };
    moved().map_err(|error| inaccessible(CACHE_FILE, &error))?;
    Ok(moved_to)
}

fn unless_missing(done: std::io::Result<()>) -> std::io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
