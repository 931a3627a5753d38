//! A database and the thread that owns its connection.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::connect::{self, Durability, Location};
use crate::fault::Fault;
use crate::key::Key;
use crate::schema::{self, Step};

/// Calls that wait for the connection at most; a caller beyond that waits to be let in.
pub const CALLS_WAITING_MAX: usize = 64;

type Call = Box<dyn FnOnce(&mut Connection) + Send>;

/// A connection on a thread of its own, so that no caller's thread ever waits for a disk. Calls are
/// done one after the other, in the order in which they came. Dropping the database lets the calls
/// that wait finish, closes the connection, and joins the thread.
#[derive(Debug)]
pub struct Database {
    calls: Option<mpsc::Sender<Call>>,
    thread: Option<JoinHandle<()>>,
}

impl Database {
    /// Opens a database to write, makes it where there is none, and applies the steps that it lacks.
    /// Blocks for as long as that takes.
    ///
    /// # Errors
    /// Any [`Fault`]; `TooNew` when the file has had more steps than are given.
    pub fn open(
        location: &Location,
        key: Option<&Key>,
        steps: &[Step<'_>],
        durability: Durability,
    ) -> Result<Self, Fault> {
        let mut conn = connect::writer(location, key, durability)?;
        schema::migrate(&mut conn, steps)?;
        Self::on_its_thread(conn, "sqlite-writer")
    }

    /// Opens a second connection, for reading alone, to a file that [`Database::open`] has set up.
    /// It sees what is committed, and neither waits for the writer nor makes it wait.
    ///
    /// # Errors
    /// Any [`Fault`].
    pub fn open_to_read(
        path: &Path,
        key: Option<&Key>,
        durability: Durability,
    ) -> Result<Self, Fault> {
        Self::on_its_thread(connect::reader(path, key, durability)?, "sqlite-reader")
    }

    fn on_its_thread(mut conn: Connection, name: &str) -> Result<Self, Fault> {
        let (calls, mut waiting) = mpsc::channel::<Call>(CALLS_WAITING_MAX);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while let Some(call) = waiting.blocking_recv() {
                    call(&mut conn);
                }
            })
            .map_err(|error| Fault::Unexpected(format!("no thread for the database: {error}")))?;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// Does `work` on the connection and returns what it returns. The work is done even when the
    /// caller stops waiting for it. A panic in it goes on in the caller; a transaction that was open
    /// then is rolled back, and the connection stays good.
    ///
    /// # Errors
    /// What `work` returns, or a [`Fault`] when the thread is gone.
    pub async fn call<T, E>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (tell, told) = oneshot::channel::<Result<Result<T, E>, Box<dyn Any + Send>>>();
        let call: Call = Box::new(move |conn| {
            let done = catch_unwind(AssertUnwindSafe(|| work(conn)));
            // Nobody may be waiting any more; the work is done all the same.
            let _ = tell.send(done);
        });
        let gone = || E::from(Fault::Unexpected("the database's thread is gone".to_owned()));
        let calls = self.calls.as_ref().ok_or_else(gone)?;
        calls.send(call).await.map_err(|_| gone())?;
        match told.await.map_err(|_| gone())? {
            Ok(done) => done,
            Err(panic) => resume_unwind(panic),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        drop(self.calls.take());
        if let Some(thread) = self.thread.take()
            // The last owner may be a call on this very thread; it cannot wait for itself.
            && thread.thread().id() != thread::current().id()
        {
            // A call that panicked was caught; there is nothing else to report.
            let _ = thread.join();
        }
    }
}
