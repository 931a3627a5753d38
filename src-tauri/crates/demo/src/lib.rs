//! The demo network: three branches of embedded sites with titles, patrons, copies and a year of loans;
//! and the story that is played on it.
//!
//! - [`prepare()`]: makes the network in a folder, once; adds the titles of a MARC21 file.
//! - [`accounts`]: who can sign in.
//! - [`story`]: the demo without a window, every step checked.
//!
//! What the network holds is worked out first (`plan`: `people`, `shelves`, `year`), from a seed and a
//! day, and then written (`fill`).
//!
//! **Architecture invariant:** the year of loans goes to the sites as events through the port, as desks
//! send them; nothing here writes a loan.

mod calendar;
mod catalogue;
mod data;
mod dice;
mod error;
mod fill;
mod ground;
mod people;
mod plan;
mod policy;
mod prepare;
mod shelves;
mod staff;
pub mod story;
mod survey;
mod titles;
mod year;

pub use catalogue::{CatalogueReport, LeftOut};
pub use error::DemoError;
pub use ground::{Ground, GroundSite};
pub use prepare::{DemoNetwork, DemoOptions, NETWORK_FILE, Progress, SITES_FOLDER, prepare};
pub use staff::{Account, MANAGER, PASSWORD, accounts};
