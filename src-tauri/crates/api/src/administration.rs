//! Looking after sites: bringing them to this program's version, keeping their people. It works on the
//! network file alone, with an administrator's own login, and opens no desk. The server decides what that
//! login may; of an embedded site, whoever can open its file may do anything.
//!
//! Every action is done at one site or at all of them, one after the other, and says for each what
//! happened: a site that is away holds up none of the others, and running the action again finishes what
//! is missing.

mod check;
mod join;
mod migrate;
mod network_check;
mod people;

use std::path::Path;
use std::sync::Arc;

use futures::StreamExt as _;
use lienthu_domain::ids::BranchCode;
use lienthu_embedded::{EmbeddedSite, Founding};
use lienthu_port::error::SiteError;
use lienthu_port::message::Message;
use lienthu_port::site::Credentials;
use lienthu_sqlserver::SqlServerConfig;
use serde::Serialize;
use thiserror::Error;

pub use check::{Drift, Found, Restored};
pub use join::{AgentsRenewed, Joined};
pub use lienthu_sqlserver::check::{Finding, Severity};
pub use lienthu_sqlserver::migrate::{Adoption, Contradiction, GrantChoice};
pub use migrate::{Migration, MigrationOptions};
pub use people::{Done, NewPerson, People, PersonAdded, PersonLine};

use crate::network::{Network, NetworkError, SiteEntry, SiteKind};
use crate::sites;
use crate::system::wall_clock;

/// Sites that are asked together, where many are.
const SITES_AT_ONCE: usize = 16;

/// At which sites of the network file something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// At that of one branch.
    One(BranchCode),
    /// At all of them.
    All,
}

/// Why nothing was begun anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AdministrationError {
    /// The network file.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The network file does not name this branch.
    #[error("the network file does not name {0}")]
    NoSuchBranch(BranchCode),
    /// The file for the agent's logins cannot be written.
    #[error("{file} cannot be written: {detail}")]
    AgentsFile {
        /// Which.
        file: String,
        /// The operating system's words.
        detail: String,
    },
}

impl AdministrationError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Network(error) => error.message(),
            Self::NoSuchBranch(branch) => Message {
                code: "no_such_branch".to_owned(),
                vi: format!("Tệp mạng không có chi nhánh {branch}. Kiểm tra mã và tệp mạng."),
                en: format!(
                    "The network file names no branch {branch}. Check the code and the file."
                ),
            },
            Self::AgentsFile { file, detail } => Message {
                code: "agents_file".to_owned(),
                vi: format!(
                    "Không ghi được {file} ({detail}). Chọn tệp khác hoặc sửa quyền thư mục."
                ),
                en: format!(
                    "{file} cannot be written ({detail}). Choose another file, or mend the folder's rights."
                ),
            },
        }
    }
}

/// What happened at one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AtSite<T> {
    /// The branch.
    pub branch: BranchCode,
    /// Its name in the network file.
    pub name: String,
    /// What was done, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<T>,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Message>,
}

/// What happened, site by site, in the order of the network file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AtSites<T> {
    /// Each of the sites that were asked for.
    pub sites: Vec<AtSite<T>>,
}

/// A site as its administrator reaches it.
enum Reached<'a> {
    SqlServer { config: SqlServerConfig, admin: &'a Credentials },
    Embedded(EmbeddedSite),
}

/// See the module.
#[derive(Debug)]
pub struct Administration {
    network: Network,
    admin: Option<Credentials>,
}

impl Administration {
    /// Over the sites of a network file, with an administrator's login. Embedded sites need none.
    ///
    /// # Errors
    /// `Network`.
    pub fn open(network: &Path, admin: Option<Credentials>) -> Result<Self, AdministrationError> {
        Ok(Self { network: Network::read(network)?, admin })
    }

    fn entries(&self, which: &Which) -> Result<Vec<&SiteEntry>, AdministrationError> {
        let Which::One(branch) = which else { return Ok(self.network.sites.iter().collect()) };
        let entry = self.network.sites.iter().find(|site| site.code == *branch);
        Ok(vec![entry.ok_or_else(|| AdministrationError::NoSuchBranch(branch.clone()))?])
    }

    /// Does something at every site that is asked for.
    async fn at_each<T>(
        &self,
        which: &Which,
        action: impl AsyncFn(&SiteEntry, Reached<'_>) -> Result<T, Message>,
    ) -> Result<AtSites<T>, AdministrationError> {
        let mut sites = Vec::new();
        for entry in self.entries(which)? {
            sites.push(self.at(entry, &action).await);
        }
        Ok(AtSites { sites })
    }

    /// Does something quick at every site that is asked for, at [`SITES_AT_ONCE`] of them together.
    async fn at_once<T>(
        &self,
        which: &Which,
        action: impl AsyncFn(&SiteEntry, Reached<'_>) -> Result<T, Message>,
    ) -> Result<AtSites<T>, AdministrationError> {
        let asked = self.entries(which)?.into_iter().map(|entry| self.at(entry, &action));
        let sites = futures::stream::iter(asked).buffered(SITES_AT_ONCE).collect().await;
        Ok(AtSites { sites })
    }

    async fn at<T>(
        &self,
        entry: &SiteEntry,
        action: &impl AsyncFn(&SiteEntry, Reached<'_>) -> Result<T, Message>,
    ) -> AtSite<T> {
        let outcome = match self.reach(entry).await {
            Ok(site) => action(entry, site).await,
            Err(message) => Err(message),
        };
        if let Err(message) = &outcome {
            tracing::warn!(branch = %entry.code, code = message.code, "not done at a site");
        }
        let (done, failed) = match outcome {
            Ok(done) => (Some(done), None),
            Err(message) => (None, Some(message)),
        };
        AtSite { branch: entry.code.clone(), name: entry.name.clone(), done, failed }
    }

    async fn reach(&self, entry: &SiteEntry) -> Result<Reached<'_>, Message> {
        match &entry.kind {
            SiteKind::SqlServer { address, database, tls, sign_in } => {
                let config = sites::sql_server(&entry.code, address, database, tls, *sign_in);
                let admin = self.admin.as_ref().ok_or_else(no_login)?;
                Ok(Reached::SqlServer { config: config.map_err(|error| error.message())?, admin })
            }
            SiteKind::Embedded { path } => {
                let site = EmbeddedSite::open(path, Arc::new(wall_clock), Founding::default());
                let site = site.await.map_err(|error| error.message())?;
                let found = site.branch().await.map_err(|error| error.message())?;
                if found != entry.code {
                    let expected = entry.code.clone();
                    return Err(SiteError::WrongBranch { expected, found }.message());
                }
                Ok(Reached::Embedded(site))
            }
        }
    }
}

fn no_login() -> Message {
    Message::new(
        "not_signed_in",
        (
            "Việc này cần tài khoản quản trị của máy chủ SQL. Chỉ định bằng --login.",
            "This needs an administrator's login at the SQL server. Name it with --login.",
        ),
    )
}
