//! Signing in to an embedded site.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_sqlite::{Database, Durability, Location};

use crate::failure::Failure;
use crate::session::Session;
use crate::{Line, STEPS, SiteClock, catalogue, counter, feed, staff};

/// Makes sessions at the embedded site in one file. Each has a connection of its own.
#[derive(Clone)]
pub struct EmbeddedConnector {
    path: PathBuf,
    branch: BranchCode,
    clock: SiteClock,
    line: Line,
}

impl EmbeddedConnector {
    /// To the site in the file `path`, which is `branch`'s as far as the network file says.
    #[must_use]
    pub const fn new(path: PathBuf, branch: BranchCode, clock: SiteClock, line: Line) -> Self {
        Self { path, branch, clock, line }
    }

    /// The line, for whoever wants to cut it.
    #[must_use]
    pub const fn line(&self) -> &Line {
        &self.line
    }
}

/// Opens a site that exists: a wrong path must not make a new one.
pub(crate) async fn open(path: &Path) -> Result<Database, SiteError> {
    let path = path.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        match std::fs::metadata(&path) {
            Ok(file) if file.is_file() => {}
            Ok(_) => {
                return Err(SiteError::Unreachable { detail: "the path is no file".to_owned() });
            }
            Err(error) => return Err(SiteError::Unreachable { detail: error.to_string() }),
        }
        Database::open(&Location::File(path), None, STEPS, Durability::Full)
            .map_err(|fault| Failure::from(fault).into())
    });
    opened.await.map_err(|error| SiteError::Unexpected { detail: error.to_string() })?
}

#[async_trait]
impl SiteConnector for EmbeddedConnector {
    fn branch(&self) -> &BranchCode {
        &self.branch
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        if self.line.is_cut() {
            return Err(crate::session::cut());
        }
        let database = open(&self.path).await?;
        let (who, expected) = (who.clone(), self.branch.clone());
        let now = (self.clock)();
        let login = who.login.clone();
        let here = database
            .call(move |conn| {
                let here = catalogue::here(conn)?;
                if here.branch != expected {
                    return Err(SiteError::WrongBranch { expected, found: here.branch }.into());
                }
                if !staff::sign_in(conn, now, &who.login, &who.password)? {
                    return Err(SiteError::LoginFailed.into());
                }
                if feed::is_pruning_due(conn, now)? {
                    counter::writing(conn, now, |tx| feed::prune(tx, now))?;
                }
                Ok::<_, Failure>(here)
            })
            .await?;
        Ok(Arc::new(Session::new(database, here, login, self.clock.clone(), self.line.clone())))
    }
}
