//! One suite over the port `Site`, for every kind of site. What a site promises is written at
//! [`lienthu_port::site::Site`]; each [`Case`] is one of those promises as a sentence. A kind of site
//! joins by implementing [`Fixture`] and [`TestSite`], and one line in `tests/every_kind_of_site.rs`.
//!
//! [`kit`] makes seeds, people, events and batches; other tests use it too.

// A suite says "this works" where a program would have to go on.
#![allow(clippy::unwrap_used)]

pub mod embedded;
pub mod fixture;
pub mod follower;
pub mod kit;
pub mod line;
pub mod sqlserver;
pub mod suite;

mod cases;
mod counterpart;

pub use fixture::{CannotHere, Fixture, TestClock, TestSite, Triggers};
pub use suite::{Case, CaseResult, Verdict, cases, run_all, run_some};
