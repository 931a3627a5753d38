//! Sessions that go on from one case to the next. On Babelfish every new session compiles the procedures
//! anew, which takes seconds; one that has compiled them costs nothing. A case gets a session that nobody
//! else has, greeted again as a new one would be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use lienthu_domain::ids::{BranchCode, DeskId};
use lienthu_port::error::SiteError;
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION};
use lienthu_port::site::{Credentials, Site, SiteConnector};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

/// For whom a session is: the branch that the desk expects, the login, its password.
type Who = (BranchCode, String, String);

/// The sessions at one database.
#[derive(Default)]
pub(super) struct Kept {
    idle: Mutex<HashMap<Who, Vec<Arc<dyn Site>>>>,
    in_use: Mutex<Vec<(Who, Arc<dyn Site>)>>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Kept {
    /// The case has come to its end: the next one may have its sessions.
    pub(super) fn give_back(&self) {
        let mut idle = self.idle.lock().unwrap();
        for (who, site) in self.in_use.lock().unwrap().drain(..) {
            idle.entry(who).or_default().push(site);
        }
    }

    fn take(&self, who: &Who) -> Option<Arc<dyn Site>> {
        self.idle.lock().unwrap().get_mut(who)?.pop()
    }
}

/// Connects by a session that is left over, or by a new one.
pub(super) struct Keeping {
    pub(super) connector: Arc<dyn SiteConnector>,
    pub(super) kept: Arc<Kept>,
}

#[async_trait]
impl SiteConnector for Keeping {
    fn branch(&self) -> &BranchCode {
        self.connector.branch()
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        let password = who.password.expose_secret().to_owned();
        let key = (self.branch().clone(), who.login.to_string(), password);
        let hello =
            Hello { protocol: PROTOCOL_VERSION, desk: DeskId::new(Uuid::nil()), known: None };
        let mut site = None;
        if let Some(left) = self.kept.take(&key)
            && left.hello(&hello).await.is_ok()
        {
            site = Some(left);
        }
        let site = match site {
            Some(site) => site,
            None => self.connector.connect(who).await?,
        };
        self.kept.in_use.lock().unwrap().push((key, Arc::clone(&site)));
        Ok(site)
    }
}
