//! The outbox on `outbox.db`: the desk's own events, each durable when its call returns.
//!
//! **Architecture invariant:** this file is never deleted, moved or made anew by the program. A wrong
//! key, damage, a newer schema: each is an error with its name, and a person decides.
//!
//! Two programs (the desk and a command line) may have the same file open: every change takes the
//! write lock before it reads what it depends on.

mod append;
mod changes;
mod comparisons;
mod elsewhere;
mod enrolment;
mod freeze;
mod queue;
mod row;
mod transfers;
mod unseen;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use lienthu_domain::clock::Comparison;
use lienthu_domain::event::Claim;
use lienthu_domain::ids::{Barcode, EventId, PatronCode};
use lienthu_domain::times::UtcMs;
use lienthu_port::error::StoreError;
use lienthu_port::feed::Watermark;
use lienthu_port::outbox::{Draft, Enrolment, Outbox, QueueCounts, QueueFilter, Queued, Unseen};
use lienthu_port::submit::{Receipt, SetAside};
use lienthu_sqlite::rusqlite::{Connection, Transaction, TransactionBehavior};
use lienthu_sqlite::{Database, Durability, Glance, Key, Location, Step};

use crate::failure::{Failure, of_fault};
use crate::key::{inaccessible, lock};

/// The file's name.
pub const OUTBOX_FILE: &str = "outbox.db";
/// Its name until it is whole.
const UNFINISHED_FILE: &str = "outbox.db.new";

const STEPS: &[Step<'static>] = &[
    Step { version: 1, sql: include_str!("../../../../../sql/outbox/0001_outbox.sql") },
    Step { version: 2, sql: include_str!("../../../../../sql/outbox/0002_transfers.sql") },
    Step { version: 3, sql: include_str!("../../../../../sql/outbox/0003_changes.sql") },
    Step { version: 4, sql: include_str!("../../../../../sql/outbox/0004_returns_elsewhere.sql") },
];

/// The outbox of one desk. See the module.
#[derive(Debug)]
pub struct SqliteOutbox {
    db: Database,
    /// For what a scan waits for.
    glance: Glance,
}

impl SqliteOutbox {
    /// Where the file is in a desk's folder.
    #[must_use]
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(OUTBOX_FILE)
    }

    /// Opens the outbox of a desk's folder, and makes it where there is none. Blocks meanwhile, and
    /// while another program opens the same folder.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub fn open(folder: &Path, key: &Key) -> Result<Self, StoreError> {
        let _locked = lock(folder)?;
        Self::open_in_locked(folder, key)
    }

    /// [`SqliteOutbox::open`] in a folder that is locked.
    pub(crate) fn open_in_locked(folder: &Path, key: &Key) -> Result<Self, StoreError> {
        let path = Self::path(folder);
        match fs::metadata(&path) {
            // SQLite would take an empty file for a new one. An outbox is never empty: it is made
            // under another name.
            Ok(file) if file.len() == 0 => {
                return Err(StoreError::Damaged { file: OUTBOX_FILE.to_owned() });
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => make(folder, key)?,
            Err(error) => return Err(inaccessible(OUTBOX_FILE, &error)),
        }
        let db = database(&path, key)?;
        let glance = Glance::open(&path, Some(key), Durability::Full)
            .map_err(|fault| of_fault(fault, OUTBOX_FILE))?;
        Ok(Self { db, glance })
    }

    /// Reads.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        // One transaction, so that several statements see one state.
        let read = self.db.call(move |conn| {
            let tx = conn.transaction()?;
            work(&tx)
        });
        read.await.map_err(|failure| failure.of(OUTBOX_FILE))
    }

    /// Reads a few rows by key, without leaving the caller's thread where nobody is in the way.
    async fn look<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self.glance.read(&work) {
            Err(failure) if Failure::is_locked(&failure) => self.read(work).await,
            seen => seen.map_err(|failure| failure.of(OUTBOX_FILE)),
        }
    }

    /// Changes something: all of it, durably, or nothing.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let changed = self.db.call(move |conn| {
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        });
        changed.await.map_err(|failure: Failure| failure.of(OUTBOX_FILE))
    }
}

fn database(path: &Path, key: &Key) -> Result<Database, StoreError> {
    let location = Location::File(path.to_owned());
    Database::open(&location, Some(key), STEPS, Durability::Full)
        .map_err(|fault| of_fault(fault, OUTBOX_FILE))
}

/// Makes an outbox under another name and gives it its own when it is whole.
fn make(folder: &Path, key: &Key) -> Result<(), StoreError> {
    let unfinished = folder.join(UNFINISHED_FILE);
    let io = |done: std::io::Result<()>| done.map_err(|error| inaccessible(OUTBOX_FILE, &error));
    for companion in ["", "-wal", "-shm"] {
        match fs::remove_file(folder.join(format!("{UNFINISHED_FILE}{companion}"))) {
            Err(error) if error.kind() != ErrorKind::NotFound => io(Err(error))?,
            _ => {}
        }
    }
    // Closing it folds the write-ahead log into it.
    drop(database(&unfinished, key)?);
    io(fs::rename(&unfinished, SqliteOutbox::path(folder)))?;
    // The name has to outlive a power cut, as every scan does that is written under it.
    #[cfg(unix)]
    io(fs::File::open(folder).and_then(|folder| folder.sync_all()))?;
    Ok(())
}

#[async_trait]
impl Outbox for SqliteOutbox {
    async fn enrolment(&self) -> Result<Option<Enrolment>, StoreError> {
        self.read(enrolment::load).await
    }

    async fn enrol(&self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let enrolment = enrolment.clone();
        self.change(move |tx| enrolment::save(tx, &enrolment)).await
    }

    async fn last_seq(&self) -> Result<u32, StoreError> {
        self.look(enrolment::last_seq).await
    }

    async fn append(&self, draft: Draft) -> Result<Queued, StoreError> {
        self.change(move |tx| append::append(tx, draft)).await
    }

    async fn amend(&self, id: EventId, claim: Claim) -> Result<Option<Queued>, StoreError> {
        self.change(move |tx| queue::amend(tx, id, claim)).await
    }

    async fn withdraw_orphans(&self) -> Result<Vec<Queued>, StoreError> {
        self.change(queue::withdraw_orphans).await
    }

    async fn note_comparison(&self, comparison: Comparison) -> Result<(), StoreError> {
        self.change(move |tx| comparisons::note(tx, comparison)).await
    }

    async fn freeze(&self) -> Result<u32, StoreError> {
        self.change(freeze::freeze).await
    }

    async fn next_batch(&self, limit: usize) -> Result<Vec<Queued>, StoreError> {
        self.read(move |conn| queue::next_batch(conn, limit)).await
    }

    async fn record(&self, receipts: &[Receipt], state: Watermark) -> Result<(), StoreError> {
        let receipts = receipts.to_vec();
        self.change(move |tx| queue::record(tx, &receipts, state)).await
    }

    async fn set_aside(&self, id: EventId, why: SetAside) -> Result<(), StoreError> {
        self.change(move |tx| queue::set_aside(tx, id, why)).await
    }

    async fn retry_set_aside(&self, id: EventId) -> Result<(), StoreError> {
        self.change(move |tx| queue::retry_set_aside(tx, id)).await
    }

    async fn proven(&self) -> Result<Option<Watermark>, StoreError> {
        self.read(queue::proven).await
    }

    async fn send_again(&self) -> Result<u32, StoreError> {
        self.change(queue::send_again).await
    }

    async fn prune(&self, before: UtcMs) -> Result<u32, StoreError> {
        self.change(move |tx| queue::prune(tx, before)).await
    }

    async fn get(&self, id: EventId) -> Result<Option<Queued>, StoreError> {
        self.read(move |conn| row::get(conn, id)).await
    }

    async fn list(
        &self,
        filter: QueueFilter,
        skip: u32,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        self.read(move |conn| queue::list(conn, filter, skip, limit)).await
    }

    async fn counts(&self) -> Result<QueueCounts, StoreError> {
        self.look(queue::counts).await
    }

    async fn unseen_of_copy(
        &self,
        copy: &Barcode,
        shown: Option<Watermark>,
    ) -> Result<Unseen, StoreError> {
        let copy = copy.clone();
        self.look(move |conn| unseen::of_copy(conn, &copy, shown)).await
    }

    async fn unseen_of_patron(
        &self,
        patron: &PatronCode,
        copies: &[Barcode],
        shown: Option<Watermark>,
    ) -> Result<Unseen, StoreError> {
        let (patron, copies) = (patron.clone(), copies.to_vec());
        self.look(move |conn| unseen::of_patron(conn, &patron, &copies, shown)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lienthu_domain::clock::{BootId, Reading};
    use lienthu_domain::event::Deed;
    use lienthu_domain::ids::{CorrelationId, DeskId};
    use lienthu_sqlite::KEY_BYTES;
    use uuid::Uuid;

    async fn limit_pages(outbox: &SqliteOutbox, pages: u32) {
        let limited = outbox.db.call(move |conn| {
            Ok::<_, Failure>(conn.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?)
        });
        limited.await.unwrap();
    }

    fn draft(n: u32) -> Draft {
        Draft {
            id: EventId::new(Uuid::from_u128(n.into())),
            scanned_by: "lan".parse().unwrap(),
            scanned: Reading {
                wall: UtcMs::from_ms(1_790_000_000_000),
                monotonic_ms: 1,
                boot: BootId::new(Uuid::nil()),
            },
            overridden: false,
            copy: "B1".parse().unwrap(),
            deed: Deed::Return { returned_on: None },
            claim: Claim::Fact,
            correlation: CorrelationId::new(Uuid::nil()),
        }
    }

    #[tokio::test]
    async fn a_scan_on_a_full_disk_fails_whole_and_takes_no_number() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = SqliteOutbox::open(dir.path(), &Key::new([1; KEY_BYTES])).unwrap();
        let enrolment = Enrolment {
            desk: DeskId::new(Uuid::nil()),
            branch: "Q1".parse().unwrap(),
            name: "Quầy 1".into(),
            computer: "computer".into(),
        };
        outbox.enrol(&enrolment).await.unwrap();
        limit_pages(&outbox, 60).await;
        let mut last = 0;
        let refused = loop {
            match outbox.append(draft(last)).await {
                Ok(queued) => last = queued.event.seq,
                Err(error) => break error,
            }
        };
        assert_eq!(refused, StoreError::Full);
        assert_eq!(outbox.counts().await.unwrap().waiting, last);
        limit_pages(&outbox, 10_000).await;
        assert_eq!(outbox.append(draft(last)).await.unwrap().event.seq, last + 1);
    }
}
