//! Both files of a desk's folder.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use lienthu_port::cache::Cache;
use lienthu_port::changes::Changes;
use lienthu_port::elsewhere::ReturnsElsewhere;
use lienthu_port::error::StoreError;
use lienthu_port::outbox::Outbox;
use lienthu_port::transfers::TransferOrders;
use lienthu_sqlite::Key;

use crate::cache::{CACHE_FILE, SqliteCache, StartedAnew};
use crate::key::{self, KeyPolicy, KeySource, inaccessible};
use crate::keychain::SystemKeychain;
use crate::outbox::SqliteOutbox;

/// The desk's two files, open.
#[derive(Clone)]
pub struct Store {
    /// See [`SqliteCache`].
    pub cache: Arc<dyn Cache>,
    /// See [`SqliteOutbox`].
    pub outbox: Arc<dyn Outbox>,
    /// What managers ordered here to be moved; in the outbox's file.
    pub transfers: Arc<dyn TransferOrders>,
    /// The same file: a manager's changes that wait.
    pub changes: Arc<dyn Changes>,

    /// Books of other branches that came back here; in the outbox's file.
    pub returns: Arc<dyn ReturnsElsewhere>,
    /// Where the key came from; the screen warns of a key file.
    pub key_source: KeySource,
    /// Whether the cache had to be thrown away.
    pub cache_started_anew: Option<StartedAnew>,
}

impl Store {
    /// Opens the files of a desk's folder, and makes folder and files where there are none. Blocks
    /// meanwhile, while another program opens the same folder, and while the keychain asks someone
    /// for leave; call it where that is allowed.
    ///
    /// # Errors
    /// Any [`StoreError`]. About the cache only what starting anew does not mend.
    pub fn open(folder: &Path, policy: KeyPolicy) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(|error| inaccessible("", &error))?;
        let _locked = key::lock(folder)?;
        let (key, key_source) = key::obtain(folder, policy, &SystemKeychain)?;
        let outbox = Arc::new(open_outbox(folder, &key)?);
        let (cache, cache_started_anew) = SqliteCache::open_or_start_anew(folder, &key)?;
        Ok(Self {
            cache: Arc::new(cache),
            outbox: outbox.clone(),
            changes: outbox.clone(),
            transfers: outbox.clone(),
            returns: outbox,
            key_source,
            cache_started_anew,
        })
    }

    /// Opens the cache of a desk that is there, for a program that works at no desk and only reads it. Blocks
    /// meanwhile, as [`Self::open`] does.
    ///
    /// # Errors
    /// `Inaccessible` where there is no desk; any [`StoreError`].
    pub fn open_cache(folder: &Path, policy: KeyPolicy) -> Result<Arc<dyn Cache>, StoreError> {
        fs::metadata(SqliteCache::path(folder)).map_err(|e| inaccessible(CACHE_FILE, &e))?;
        let _locked = key::lock(folder)?;
        let (key, _) = key::obtain(folder, policy, &SystemKeychain)?;
        Ok(Arc::new(SqliteCache::open(folder, &key)?))
    }
}

/// A file whose first page is damaged looks like one with another key. Where the key opens the cache,
/// it is the right one.
fn open_outbox(folder: &Path, key: &Key) -> Result<SqliteOutbox, StoreError> {
    SqliteOutbox::open_in_locked(folder, key).map_err(|error| match error {
        StoreError::WrongKey { file }
            if SqliteCache::path(folder).exists() && SqliteCache::open(folder, key).is_ok() =>
        {
            StoreError::Damaged { file }
        }
        error => error,
    })
}
