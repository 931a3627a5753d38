//! What proofs share.

pub mod branch;
pub mod clock;
pub mod faulty;
pub mod findings;
pub mod folder;
pub mod keys;
pub mod loans;
pub mod network;
pub mod over_line;
pub mod plain;
pub mod program;
pub mod rng;
pub mod scanning;
pub mod sites;
pub mod station;
pub mod wall;
