//! Why there is no demo network.

use std::path::PathBuf;

use lienthu_api::administration::AdministrationError;
use lienthu_api::network::NetworkError;
use lienthu_domain::ids::{BranchCode, KeyError};
use lienthu_domain::times::TimeError;
use lienthu_marc::NotMarc;
use lienthu_port::error::SiteError;
use lienthu_port::message::Message;
use thiserror::Error;

/// See the module.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A file or folder of the demo.
    #[error("{}: {source}; check its rights and the free space", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The network file beside the sites.
    #[error("{0}; remove the demo's folder to begin anew")]
    Network(#[from] NetworkError),
    /// A site says no.
    #[error("the site of {branch}: {source}")]
    Site {
        /// Whose.
        branch: BranchCode,
        /// What it says.
        source: SiteError,
    },
    /// The sites cannot be looked after.
    #[error("{0}")]
    Administration(#[from] AdministrationError),
    /// A site does not become one of the network.
    #[error("the site of {branch}: {}", message.en)]
    NotJoined {
        /// Whose.
        branch: BranchCode,
        /// Why.
        message: Message,
    },
    /// The catalogue cannot be read.
    #[error("{}: {source}", file.display())]
    Catalogue {
        /// Which.
        file: PathBuf,
        /// What is wrong with it as a whole.
        source: NotMarc,
    },
    /// A table of the program's own does not fit the program.
    #[error("the program's own table {table} is wrong: {detail}; report this")]
    Table {
        /// Its file name.
        table: &'static str,
        /// Where and how.
        detail: String,
    },
}

impl DemoError {
    /// A key made here that is none: the tables and the code do not fit.
    pub(crate) fn own_key(error: KeyError) -> Self {
        Self::Table { table: "keys", detail: error.to_string() }
    }

    /// A date made here that is none.
    pub(crate) fn own_date(error: TimeError) -> Self {
        Self::Table { table: "dates", detail: error.to_string() }
    }
}
