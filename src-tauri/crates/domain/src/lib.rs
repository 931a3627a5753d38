//! The rules of lending, pure: the types of the five tables, loan policy, rights, refusals, events,
//! and the fold that turns the events of a copy into its loans.
//!
//! **Architecture invariant:** nothing here reads a clock, a file, the network or a random number;
//! time and ids are passed in. Everything here gives the same answer at a desk, at an embedded site,
//! in a test, and (written again as T-SQL, held to the same conformance suite) at a SQL Server site.

pub mod action;
pub mod clock;
mod coded;
pub mod copy;
pub mod event;
pub mod fold;
pub mod hindrance;
pub mod ids;
pub mod loan;
pub mod patron;
pub mod period;
pub mod policy;
pub mod refusal;
pub mod replica;
pub mod replicated;
pub mod review;
pub mod rights;
pub mod rules;
pub mod text;
pub mod times;
