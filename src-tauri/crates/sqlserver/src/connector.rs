//! Signing in to a SQL Server site.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::Pool;
use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use lienthu_port::site::{Credentials, Site, SiteConnector};

use crate::config::SqlServerConfig;
use crate::connection::{CONNECT_SECS_MAX, CONNECTIONS_MAX, Connections};
use crate::session::Session;

/// Makes sessions at one SQL Server site. Each has a small pool of connections of its own.
#[derive(Debug, Clone)]
pub struct SqlServerConnector {
    config: SqlServerConfig,
    branch: BranchCode,
}

impl SqlServerConnector {
    /// To this database, which is `branch`'s site as far as the network file says.
    #[must_use]
    pub const fn new(config: SqlServerConfig, branch: BranchCode) -> Self {
        Self { config, branch }
    }
}

#[async_trait]
impl SiteConnector for SqlServerConnector {
    fn branch(&self) -> &BranchCode {
        &self.branch
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        let connections = Connections::new(self.config.clone(), who.clone());
        let pool = Pool::builder(connections)
            .max_size(CONNECTIONS_MAX)
            .runtime(deadpool::Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(CONNECT_SECS_MAX)))
            .build()
            .map_err(|error| SiteError::Unexpected { detail: error.to_string() })?;
        let session = Session::new(pool, self.branch.clone());
        session.check_branch().await?;
        Ok(Arc::new(session))
    }
}
