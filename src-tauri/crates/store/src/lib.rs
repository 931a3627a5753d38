//! The desk's own two files: the cache, which may be thrown away at any time, and the outbox, which may
//! not. Both are encrypted with one key, from the keychain or from a key file.
//!
//! | file | what it is | when it cannot be opened |
//! |---|---|---|
//! | `outbox.db` | the desk's own events, each on the disk when its call returns | an error with its name; a person decides |
//! | `cache.db` | what the desk knows of its site | moved aside, filled again |
//! | `desk.key` | the key, where the system has no keychain | `NoKey`; never made anew beside encrypted files |
//! | `desk.lock` | locked while a program opens the folder | |

mod cache;
mod failure;
mod key;
mod keychain;
mod outbox;
mod store;

pub use cache::{CACHE_FILE, SqliteCache, StartedAnew};
pub use key::{KEY_FILE, KeyPolicy, KeySource};
pub use outbox::{OUTBOX_FILE, SqliteOutbox};
pub use store::Store;
