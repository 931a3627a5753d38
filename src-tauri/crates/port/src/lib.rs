//! What the services see of the world: the ports `Site`, `Cache`, `Outbox`, `Changes`, `Clock` and `Ids`, and the
//! shapes that go through them.
//!
//! **Architecture invariant:** nothing here does I/O and nothing here knows who implements it. A site
//! on SQL Server and an embedded one keep the same promises, written at [`site::Site`] and held by one
//! conformance suite.

pub mod agent;
pub mod cache;
pub mod changes;
pub mod diagnosis;
pub mod elsewhere;
pub mod error;
pub mod feed;
pub mod figures;
pub mod handshake;
pub mod listing;
pub mod lookup;
pub mod message;
pub mod outbox;
pub mod password;
pub mod replica;
pub mod seed;
pub mod site;
pub mod submit;
pub mod transaction;
pub mod transfers;
pub mod whereabouts;
pub mod world;
