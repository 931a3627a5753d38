//! The real program over a real embedded site: what it prints, and how it ends.
#![allow(missing_docs, clippy::unwrap_used)]

mod catalogue;
mod desk;
mod elsewhere;
mod exits;
mod federation;
mod json;
mod network;
mod network_file;
mod records;
mod replicas;
mod scan;
mod secrets;
mod sites;
mod transactions;
mod transfers;
