//! The network file: which sites there are and how they are reached. TOML:
//!
//! ```toml
//! [[site]]
//! code = "Q1"
//! name = "Thư viện Quận 1"
//! kind = "embedded"
//! path = "q1.db"               # relative to this file
//!
//! [[site]]
//! code = "Q3"
//! name = "Thư viện Quận 3"
//! kind = "sqlserver"
//! address = "10.0.3.5,1433"    # host, host,port or host\instance
//! database = "Site_TV_Q3"
//! tls = { ca = "ca.pem" }      # or { pinned = "server.pem" }, "system"; "off" only for a line that is safe
//! sign_in = "sql"              # or "windows"
//! ```
//!
//! - `text`: from the file's text to its entries, every mistake named.
//! - `edit`: from a change of an entry to a change of the text, which leaves the rest as it was written.
//! - `file`: reading the file, and putting another in its place.

mod edit;
mod error;
mod file;
mod text;

use std::path::{Path, PathBuf};

use lienthu_domain::ids::BranchCode;
use serde::{Deserialize, Serialize};
use specta::Type;

pub use error::NetworkError;
pub(crate) use file::put_certificate;
pub use file::{BACKUP_EXTENSION, NetworkFile};

/// Sites in one network at most.
pub const SITES_MAX: usize = 1_000;
/// A network file at most, in bytes.
pub const FILE_BYTES_MAX: u64 = 1_048_576;
/// A branch's name at most, in characters: the length of `TenCN`.
pub const NAME_CHARS_MAX: usize = 255;
/// A database's name at most, in characters: the length of a T-SQL identifier.
pub const DATABASE_CHARS_MAX: usize = 128;

/// What a new network file holds: the two sites of the first customer, to be given their addresses.
pub const TEMPLATE: &str = include_str!("network/template.toml");

/// How a site's TLS certificate is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Default)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// By the certificates that the operating system trusts.
    #[default]
    System,
    /// By a private authority's certificate, in PEM or DER; relative to the network file.
    Ca(PathBuf),
    /// It must be exactly this one, in PEM or DER; relative to the network file.
    Pinned(PathBuf),
    /// Not at all, and not encrypted. The screen says so.
    Off,
}

/// How people prove to the server who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type, Default)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// By a login and a password of the server's own.
    #[default]
    Sql,
    /// By their Windows account; only on Windows.
    Windows,
}

/// How a site is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum SiteKind {
    /// A SQLite file.
    Embedded {
        /// Relative to the network file.
        path: PathBuf,
    },
    /// A Microsoft SQL Server database.
    SqlServer {
        /// `host`, `host,port` or `host\instance`.
        address: String,
        /// Its name there.
        database: String,
        /// How its certificate is checked.
        tls: Tls,
        /// How people sign in.
        sign_in: SignIn,
    },
}

/// One site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SiteEntry {
    /// The branch.
    pub code: BranchCode,
    /// For people.
    pub name: String,
    /// How it is reached.
    #[serde(flatten)]
    pub kind: SiteKind,
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Network {
    /// In the order of the file; codes are unique.
    #[serde(rename = "site")]
    pub sites: Vec<SiteEntry>,
}

impl Network {
    /// Reads a network file; what is relative to it is found from anywhere.
    ///
    /// # Errors
    /// See [`NetworkError`].
    pub fn read(file: &Path) -> Result<Self, NetworkError> {
        let mut network = NetworkFile::read(file)?.network()?;
        for site in &mut network.sites {
            *site = site.found_from(file);
        }
        Ok(network)
    }
}

impl SiteEntry {
    /// With its paths as they are seen from the network file at `file`.
    #[must_use]
    pub fn found_from(&self, file: &Path) -> Self {
        let mut entry = self.clone();
        let folder = file.parent().unwrap_or(Path::new("."));
        match &mut entry.kind {
            SiteKind::Embedded { path }
            | SiteKind::SqlServer { tls: Tls::Ca(path) | Tls::Pinned(path), .. } => {
                *path = folder.join(&*path);
            }
            SiteKind::SqlServer { tls: Tls::System | Tls::Off, .. } => {}
        }
        entry
    }
}
