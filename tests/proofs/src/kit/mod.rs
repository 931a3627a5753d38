//! What proofs share.

pub mod clock;
pub mod faulty;
pub mod findings;
pub mod keys;
pub mod loans;
pub mod rng;
pub mod sites;
