//! The desk services: what happens between a scan and the site.
//!
//! - [`desk`]: the desk itself, and what every service shares.
//! - [`session`]: who is signed in, online or offline.
//! - `agents`: the agent's logins at every site.
//! - `password`: changing one's own.
//! - [`circulation`]: lend, take back, renew, undo and settle; one path for all.
//! - [`local`]: what the desk knows by itself: the cache and what it did since.
//! - [`contact`]: being in touch with the site: clocks, replay, synchronisation.
//! - [`tending`]: being in touch by itself, with bounded backoff.
//! - [`scan`]: the scan box.
//! - [`lookup`]: titles, patrons and copies, from the site where it answers.
//! - [`elsewhere`]: books of other branches on the returns desk.
//! - [`arrivals`]: copies that other branches sent here, and receiving them.
//! - [`upkeep`]: changes to patrons and copies, and the queue and review lists.
//!
//! **Architecture invariant:** services see ports. Nothing here knows SQLite, SQL Server or a window.

mod agents;
pub mod answer;
pub mod arrivals;
pub mod backoff;
pub mod circulation;
pub mod contact;
pub mod desk;
pub mod elsewhere;
pub mod error;
pub mod local;
pub mod lookup;
pub mod offline_sign_in;
mod password;
pub mod scan;
pub mod session;
pub mod site_state;
pub mod tending;
pub mod upkeep;
