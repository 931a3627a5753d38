//! Opening SQLite: encryption, schema steps, durability, and one thread that owns the connection.
//!
//! The embedded site, the cache and the outbox are all opened here, so that what keeps a file whole is
//! said once: the write-ahead log, `synchronous`, foreign keys, checked cells, the time-out for locks,
//! the rights of a new file, and which SQLite error means what ([`Fault`]).
//!
//! **Architecture invariant:** no statement about anyone's tables stands here; the schema comes in as
//! [`Step`]s.

mod connect;
mod database;
mod fault;
mod glance;
mod key;
mod schema;

pub use connect::{BUSY_TIMEOUT_MS, Durability, Location};
pub use database::{CALLS_WAITING_MAX, Database};
pub use fault::Fault;
pub use glance::Glance;
pub use key::{KEY_BYTES, Key};
pub use rusqlite;
pub use schema::Step;
