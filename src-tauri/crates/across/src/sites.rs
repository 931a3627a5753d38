//! The way to every site, and who asks there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use lienthu_domain::ids::BranchCode;
use lienthu_port::agent::AgentLogin;
use lienthu_port::error::SiteError;
use lienthu_port::site::{Credentials, Site, SiteConnector};

/// How long a connection may take.
pub const CONNECT_SECS_MAX: u64 = 10;
/// How long an answer may take.
pub const ANSWER_SECS_MAX: u64 = 30;

/// Sites that are asked together, where all are.
pub const SITES_AT_ONCE: usize = 64;

/// See the module.
pub struct Sites {
    ways: BTreeMap<BranchCode, (Arc<dyn SiteConnector>, Option<Credentials>)>,
    open: Mutex<BTreeMap<BranchCode, Arc<dyn Site>>>,
    /// Where the site said no to the login: it is not tried again, so that no account gets locked.
    refused: Mutex<BTreeSet<BranchCode>>,
}

/// Waits for all of them, so many together; the answers in any order.
pub(crate) async fn together<F: Future>(
    all: impl IntoIterator<Item = F>,
    at_once: usize,
) -> Vec<F::Output> {
    // Held in a list of its own: what makes them need not live as long as they do.
    let all: Vec<F> = all.into_iter().collect();
    stream::iter(all).buffer_unordered(at_once).collect().await
}

impl Sites {
    /// The sites behind these ways, all under one login, signed in to as needed.
    #[must_use]
    pub fn new(ways: Vec<Arc<dyn SiteConnector>>, who: &Credentials) -> Self {
        Self::with(ways.into_iter().map(|way| (way, who.clone())).collect())
    }

    /// The sites behind these ways, each under a login of its own, as the agent's are.
    #[must_use]
    pub fn with(ways: Vec<(Arc<dyn SiteConnector>, Credentials)>) -> Self {
        Self::of(ways.into_iter().map(|(way, who)| (way, Some(who))))
    }

    /// The sites behind these ways, under the agent's logins. One whose agent is not known is asked nothing.
    #[must_use]
    pub fn of_agents(ways: Vec<Arc<dyn SiteConnector>>, agents: &[AgentLogin]) -> Self {
        let who = |branch: &BranchCode| agents.iter().find(|agent| agent.branch == *branch);
        Self::of(ways.into_iter().map(|way| {
            let who = who(way.branch()).map(AgentLogin::credentials);
            (way, who)
        }))
    }

    fn of(ways: impl Iterator<Item = (Arc<dyn SiteConnector>, Option<Credentials>)>) -> Self {
        let ways = ways.map(|way| (way.0.branch().clone(), way)).collect();
        Self { ways, open: Mutex::default(), refused: Mutex::default() }
    }

    /// The branches, in their order.
    pub fn branches(&self) -> impl Iterator<Item = &BranchCode> {
        self.ways.keys()
    }

    /// A connection to a branch's site, the one that is open or a new one.
    ///
    /// # Errors
    /// As of [`SiteConnector::connect`]; `Unreachable` where the network file names no such branch;
    /// `AgentUnknown`. A login that the site refused once is refused from then on without asking.
    pub async fn site(&self, branch: &BranchCode) -> Result<Arc<dyn Site>, SiteError> {
        if let Some(open) = self.opened().get(branch) {
            return Ok(Arc::clone(open));
        }
        let (way, who) = self.ways.get(branch).ok_or_else(|| SiteError::Unreachable {
            detail: format!("the network file names no branch {branch}"),
        })?;
        let who = who.as_ref().ok_or(SiteError::AgentUnknown)?;
        if self.refusals().contains(branch) {
            return Err(SiteError::LoginFailed);
        }
        let limit = Duration::from_secs(CONNECT_SECS_MAX);
        let connected = tokio::time::timeout(limit, way.connect(who)).await;
        let connected = connected.unwrap_or_else(|_| {
            Err(SiteError::Unreachable { detail: "the site does not answer".to_owned() })
        });
        if matches!(connected, Err(SiteError::LoginFailed)) {
            self.refusals().insert(branch.clone());
        }
        let site = connected?;
        self.opened().insert(branch.clone(), Arc::clone(&site));
        Ok(site)
    }

    /// Asks a site, within its time; a connection on which no answer came is not used again.
    ///
    /// # Errors
    /// Those of the question; `ReplyLost` when its time is over.
    pub async fn ask<T, F>(
        &self,
        branch: &BranchCode,
        question: impl FnOnce(Arc<dyn Site>) -> F + Send,
    ) -> Result<T, SiteError>
    where
        F: Future<Output = Result<T, SiteError>> + Send,
    {
        let site = self.site(branch).await?;
        let limit = Duration::from_secs(ANSWER_SECS_MAX);
        let answer = tokio::time::timeout(limit, question(Arc::clone(&site))).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(SiteError::ReplyLost { detail: "the site does not answer".to_owned() })
        });
        if matches!(answer, Err(SiteError::Unreachable { .. } | SiteError::ReplyLost { .. })) {
            let mut open = self.opened();
            if open.get(branch).is_some_and(|used| Arc::ptr_eq(used, &site)) {
                open.remove(branch);
            }
        }
        answer
    }

    /// Where the site said no to the login.
    #[must_use]
    pub fn refused(&self) -> BTreeSet<BranchCode> {
        self.refusals().clone()
    }

    fn refusals(&self) -> std::sync::MutexGuard<'_, BTreeSet<BranchCode>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, BTreeMap<BranchCode, Arc<dyn Site>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
