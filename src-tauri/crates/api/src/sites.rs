//! From the network file's entries to ways to reach the sites.

use std::path::Path;
use std::sync::Arc;

use lienthu_domain::ids::BranchCode;
use lienthu_embedded::{EmbeddedConnector, Line};
use lienthu_port::message::Message;
use lienthu_port::site::SiteConnector;
use lienthu_sqlserver::{SqlServerConfig, SqlServerConnector};

use crate::app::BranchChoice;
use crate::network::{Network, NetworkError, SignIn, SiteEntry, SiteKind, Tls};
use crate::system::wall_clock;

/// The line of an embedded site, which a demo can cut.
pub(crate) struct SiteLine {
    pub(crate) branch: BranchCode,
    pub(crate) name: String,
    pub(crate) line: Line,
}

/// The ways to reach the sites of a network.
#[derive(Default)]
pub(crate) struct Sites {
    pub(crate) branches: Vec<BranchChoice>,
    pub(crate) connectors: Vec<Arc<dyn SiteConnector>>,
    pub(crate) lines: Vec<SiteLine>,
    /// What whoever looks after this computer should know.
    pub(crate) warnings: Vec<Message>,
    /// Why the network file cannot be used; then there are no sites.
    pub(crate) trouble: Option<Message>,
}

impl Sites {
    /// Of the network file. Connects to nothing yet.
    pub(crate) fn read(file: &Path) -> Result<Self, NetworkError> {
        let mut sites = Self::default();
        for entry in Network::read(file)?.sites {
            sites.add(&entry)?;
        }
        Ok(sites)
    }

    /// None, because the network file cannot be used.
    pub(crate) fn none(why: &NetworkError) -> Self {
        tracing::error!(%why, "the network file cannot be used");
        Self { trouble: Some(why.message()), ..Self::default() }
    }

    fn add(&mut self, entry: &SiteEntry) -> Result<(), NetworkError> {
        let (branch, name) = (entry.code.clone(), entry.name.clone());
        match &entry.kind {
            SiteKind::Embedded { path } => {
                let connector = embedded(path, &branch);
                let line = connector.line().clone();
                self.lines.push(SiteLine { branch: branch.clone(), name: name.clone(), line });
                self.connectors.push(Arc::new(connector));
            }
            SiteKind::SqlServer { address, database, tls, sign_in } => {
                if *tls == Tls::Off {
                    self.warnings.push(not_encrypted(&branch));
                }
                let config = sql_server(&branch, address, database, tls, *sign_in)?;
                let connector = SqlServerConnector::new(config, branch.clone());
                self.connectors.push(Arc::new(connector));
            }
        }
        self.branches.push(BranchChoice { code: branch, name });
        Ok(())
    }
}

/// The way to an embedded site; its path is found from here.
pub(crate) fn embedded(path: &Path, branch: &BranchCode) -> EmbeddedConnector {
    let clock = Arc::new(wall_clock);
    EmbeddedConnector::new(path.to_owned(), branch.clone(), clock, Line::to(path))
}

/// How a SQL Server site is reached; the paths of certificates are found from here.
pub(crate) fn sql_server(
    branch: &BranchCode,
    address: &str,
    database: &str,
    tls: &Tls,
    sign_in: SignIn,
) -> Result<SqlServerConfig, NetworkError> {
    Ok(SqlServerConfig {
        address: address
            .parse()
            .map_err(|error| NetworkError::Wrong(format!("site {branch}: {error}")))?,
        database: database.to_owned(),
        tls: match tls {
            Tls::System => lienthu_sqlserver::Tls::System,
            Tls::Ca(file) => lienthu_sqlserver::Tls::Ca(file.clone()),
            Tls::Pinned(file) => lienthu_sqlserver::Tls::Pinned(file.clone()),
            Tls::Off => lienthu_sqlserver::Tls::Off,
        },
        sign_in: match sign_in {
            SignIn::Sql => lienthu_sqlserver::SignIn::Login,
            SignIn::Windows => lienthu_sqlserver::SignIn::Windows,
        },
    })
}

fn not_encrypted(branch: &BranchCode) -> Message {
    Message {
        code: "line_not_encrypted".to_owned(),
        vi: format!(
            "Đường truyền tới {branch} không được mã hóa, kể cả mật khẩu. Sửa mục tls trong tệp mạng."
        ),
        en: format!(
            "The line to {branch} is not encrypted, passwords included. Correct tls in the network file."
        ),
    }
}
