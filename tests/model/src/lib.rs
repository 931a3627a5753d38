//! The protocol of `lienthu-protocol` under a network that loses, doubles, delays and reorders, sites that
//! are put back to a backup, and drivers that die at any step, for the model checker.
//!
//! Whatever was ever sent may arrive at any later time, any number of times, or never: this is one set
//! of messages. A crash of whoever drives is the end of what they remember. Sites remember everything, but
//! one of them may be put back to any earlier state of itself.

mod explore;
mod healing;
mod model;
mod places;
mod properties;
mod site;
mod variant;

pub use self::explore::{Explored, Violation, Wandered, explore, wander};
pub use self::model::Setup;
pub use self::variant::Variant;
