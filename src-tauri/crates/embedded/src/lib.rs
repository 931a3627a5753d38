//! The embedded site: one branch's database as a SQLite file. It keeps the promises of
//! [`lienthu_port::site::Site`] without a server: for trying the app on a bare machine, for training,
//! for a single small library, and for tests with thousands of runs.
//!
//! Bird's-eye view: [`connector`] signs people in, [`session`] is the one gate where a right is checked,
//! `submit` takes events, `state` is what one transaction sees of timelines, `feed` is what caches
//! follow. [`site`] is the side of the administrator: founding, filling, backing up.
//!
//! **Architecture invariant:** nothing is kept in memory from one call to the next but prepared
//! statements and which branch this is. Every call reads what the file says now: several programs work on one file, and a
//! backup may be put back under all of them.

mod action;
mod agents;
mod calls;
mod catalogue;
pub mod connector;
mod copies;
mod counter;
mod events;
mod failure;
mod feed;
mod figures;
mod judge;
pub mod line;
mod listing;
mod patrons;
mod replica;
mod replicated;
mod review;
mod rows;
pub mod session;
pub mod site;
mod staff;
mod state;
mod submit;
mod timeline;
mod transaction;
mod whereabouts;

use std::sync::Arc;

use lienthu_domain::times::UtcMs;
use lienthu_sqlite::Step;

pub use connector::EmbeddedConnector;
pub use feed::FEED_KEPT_DAYS;
pub use line::Line;
pub use site::{EmbeddedSite, Founding};
pub use staff::{FAILURES_MAX, PasswordCost, REST_MS};

/// The site's clock, passed in. A server has one of its own; here the program brings it.
pub type SiteClock = Arc<dyn Fn() -> UtcMs + Send + Sync>;

/// The version of the schema that this program makes and needs.
pub const SCHEMA_VERSION: u32 = 5;

/// The schema, step by step.
const STEPS: &[Step] = &[
    Step { version: 1, sql: include_str!("../../../../sql/embedded/001_library.sql") },
    Step { version: 2, sql: include_str!("../../../../sql/embedded/002_circulation.sql") },
    Step { version: 3, sql: include_str!("../../../../sql/embedded/003_feed.sql") },
    Step { version: 4, sql: include_str!("../../../../sql/embedded/004_transactions.sql") },
    Step { version: SCHEMA_VERSION, sql: include_str!("../../../../sql/embedded/005_agents.sql") },
];
