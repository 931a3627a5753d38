//! The SQL Server site: one branch's Microsoft SQL Server database. The rules live there, in the T-SQL of
//! `sql/site`; this crate speaks to it, one procedure for each call of the port, and brings databases to
//! the version that it needs.

mod admin;
mod agents;
mod calls;
pub mod check;
mod config;
mod connection;
mod connector;
mod diagnose;
mod documents;
mod failure;
mod feed;
mod figures;
mod greeting;
mod listing;
pub mod migrate;
mod password;
mod people;
mod quoting;
mod reach;
mod replica;
mod replicated;
pub mod rights;
mod rows;
mod session;
mod tls;
mod transaction;
mod whereabouts;
mod wire;

pub use admin::{SqlServerAdmin, database_role};
pub use config::{AddressError, ServerAddress, SignIn, SqlServerConfig, Tls};
pub use connection::{COMMAND_SECS_MAX, CONNECT_SECS_MAX, CONNECTIONS_MAX};
pub use connector::SqlServerConnector;
pub use diagnose::{Expected, diagnose};
pub use people::{PeopleError, StaffLine};
pub use reach::certificate_shown;
pub use replica::SqlServerReplica;
