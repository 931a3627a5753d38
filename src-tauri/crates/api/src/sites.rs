//! From the network file's entries to ways to reach the sites.

use std::sync::Arc;

use lienthu_domain::ids::BranchCode;
use lienthu_embedded::{EmbeddedConnector, Line};
use lienthu_port::message::Message;
use lienthu_port::site::SiteConnector;
use lienthu_sqlserver::{SignIn, SqlServerConfig, SqlServerConnector};

use crate::network::{Network, NetworkError, SiteEntry, SiteKind, Tls};
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
    pub(crate) connectors: Vec<Arc<dyn SiteConnector>>,
    pub(crate) lines: Vec<SiteLine>,
    /// What whoever looks after this computer should know.
    pub(crate) warnings: Vec<Message>,
}

impl Sites {
    /// Of every entry. Connects to nothing yet.
    pub(crate) fn of(network: &Network) -> Result<Self, NetworkError> {
        let mut sites = Self::default();
        for entry in &network.sites {
            sites.add(entry)?;
        }
        Ok(sites)
    }

    fn add(&mut self, entry: &SiteEntry) -> Result<(), NetworkError> {
        let branch = entry.code.clone();
        match &entry.kind {
            SiteKind::Embedded { path } => {
                let line = Line::to(path);
                let clock = Arc::new(wall_clock);
                let connector =
                    EmbeddedConnector::new(path.clone(), branch.clone(), clock, line.clone());
                self.connectors.push(Arc::new(connector));
                self.lines.push(SiteLine { branch, name: entry.name.clone(), line });
            }
            SiteKind::SqlServer { address, database, tls } => {
                let config = sql_server(&branch, address, database, tls)?;
                if *tls == Tls::Off {
                    self.warnings.push(not_encrypted(&branch));
                }
                self.connectors.push(Arc::new(SqlServerConnector::new(config, branch)));
            }
        }
        Ok(())
    }
}

/// The database that an entry names.
pub(crate) fn sql_server(
    branch: &BranchCode,
    address: &str,
    database: &str,
    tls: &Tls,
) -> Result<SqlServerConfig, NetworkError> {
    Ok(SqlServerConfig {
        address: address
            .parse()
            .map_err(|error| NetworkError::Wrong(format!("site {branch}: {error}")))?,
        database: database.to_owned(),
        tls: match tls {
            Tls::System => lienthu_sqlserver::Tls::System,
            Tls::Ca(file) => lienthu_sqlserver::Tls::Ca(file.clone()),
            Tls::Off => lienthu_sqlserver::Tls::Off,
        },
        sign_in: SignIn::Login,
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
