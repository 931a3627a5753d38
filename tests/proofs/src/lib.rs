//! The proofs: what must be shown, with its figures
