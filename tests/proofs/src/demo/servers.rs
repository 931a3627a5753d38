//! The servers of a network file, where the story finds fresh databases that go with it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use lienthu_api::network::{SignIn, SiteKind, Tls};
use lienthu_conformance::TestSite as _;
use lienthu_conformance::line::Line;
use lienthu_conformance::sqlserver::{Server, SqlServer, SqlServerTestSite};
use lienthu_demo::{Ground, GroundSite};
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replicated::Title;
use lienthu_port::error::SiteError;
use lienthu_port::seed::SiteSeed;
use lienthu_port::site::SiteConnector;
use lienthu_sqlserver::{ServerAddress, SqlServerConnector};

/// See the module.
#[derive(Debug)]
pub struct Servers(BTreeMap<BranchCode, SqlServer>);

impl Servers {
    /// Those of a network file, each for the branch that the file gives it.
    ///
    /// # Errors
    /// There is no such file.
    pub fn of(file: &Path) -> io::Result<Self> {
        // The story's own network file lies elsewhere, and names the same certificates.
        let all = Server::all_of(&file.canonicalize()?).into_iter();
        Ok(Self(all.map(|(branch, server)| (branch, SqlServer::on(server))).collect()))
    }
}

#[async_trait]
impl Ground for Servers {
    fn has(&self, branch: &BranchCode) -> bool {
        self.0.contains_key(branch)
    }

    async fn found(&self, seed: SiteSeed) -> Result<Arc<dyn GroundSite>, SiteError> {
        let branch = seed.branch.clone();
        let Some(server) = self.0.get(&branch) else {
            return Err(SiteError::Unreachable { detail: format!("no server for {branch}") });
        };
        let site = server.fresh_here(seed).await;
        site.use_the_servers_clock().await;
        let line = Line::to(site.config()).await;
        let line = line.map_err(|error| SiteError::Unreachable { detail: error.to_string() })?;
        Ok(Arc::new(OnServer { branch, site, line }))
    }
}

struct OnServer {
    branch: BranchCode,
    site: Arc<SqlServerTestSite>,
    line: Line,
}

#[async_trait]
impl GroundSite for OnServer {
    fn kind(&self) -> SiteKind {
        let config = self.line.through(self.site.config());
        let address = match config.address {
            ServerAddress::Port { host, port } => format!("{host},{port}"),
            ServerAddress::Instance { host, instance } => format!("{host}\\{instance}"),
        };
        let tls = match config.tls {
            lienthu_sqlserver::Tls::System => Tls::System,
            lienthu_sqlserver::Tls::Ca(file) => Tls::Ca(file),
            lienthu_sqlserver::Tls::Pinned(file) => Tls::Pinned(file),
            lienthu_sqlserver::Tls::Off => Tls::Off,
        };
        SiteKind::SqlServer { address, database: config.database, tls, sign_in: SignIn::Sql }
    }

    fn connector(&self) -> Arc<dyn SiteConnector> {
        let config = self.site.config().clone();
        Arc::new(SqlServerConnector::new(config, self.branch.clone()))
    }

    async fn put_titles(&self, titles: Vec<Title>) -> Result<(), SiteError> {
        for title in titles {
            let put = self.site.put_title(title).await;
            put.map_err(|why| SiteError::Unexpected { detail: why.0.to_owned() })?;
        }
        Ok(())
    }

    fn cut_line(&self, cut: bool) -> io::Result<()> {
        self.line.cut(cut);
        Ok(())
    }
}
