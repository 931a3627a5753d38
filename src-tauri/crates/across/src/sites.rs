//! The way to every site, and who asks there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use lienthu_domain::ids::BranchCode;
use lienthu_port::agent::AgentLogin;
use lienthu_port::error::SiteError;
use lienthu_port::site::{Credentials, Site, SiteConnector};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::timeout;

use crate::breaker::Admission;
use crate::breakers::Breakers;

/// How long a connection may take.
pub const CONNECT_SECS_MAX: u64 = 10;
/// How long an answer may take.
pub const ANSWER_SECS_MAX: u64 = 30;

/// Sites that are asked together, where all are.
pub const SITES_AT_ONCE: usize = 64;

/// See the module. Clones are the same sites, with the same connections.
#[derive(Clone)]
pub struct Sites {
    ways: Arc<BTreeMap<BranchCode, Arc<Way>>>,
    breakers: Arc<Breakers>,
    insists: bool,
}

/// The way to one site.
struct Way {
    connector: Arc<dyn SiteConnector>,
    who: Option<Credentials>,
    open: Mutex<Option<Arc<dyn Site>>>,
    /// Held while somebody connects, so that nobody else does it too.
    connecting: AsyncMutex<Refused>,
}

/// The site said no to the login: it is not tried again, so that no account gets locked.
type Refused = bool;

impl Way {
    fn new(connector: Arc<dyn SiteConnector>, who: Option<Credentials>) -> Self {
        Self { connector, who, open: Mutex::default(), connecting: AsyncMutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, Option<Arc<dyn Site>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> Option<Arc<dyn Site>> {
        self.open().clone()
    }

    /// The connection that is open, or a new one.
    async fn site(&self) -> Result<Arc<dyn Site>, SiteError> {
        if let Some(open) = self.opened() {
            return Ok(open);
        }
        let who = self.who.as_ref().ok_or(SiteError::AgentUnknown)?;
        let mut is_refused = self.connecting.lock().await;
        if *is_refused {
            return Err(SiteError::LoginFailed);
        }
        // Whoever had the turn before may have connected.
        if let Some(open) = self.opened() {
            return Ok(open);
        }
        let limit = Duration::from_secs(CONNECT_SECS_MAX);
        let connected = timeout(limit, self.connector.connect(who)).await;
        let connected = connected.unwrap_or_else(|_| Err(unreachable()));
        *is_refused = matches!(connected, Err(SiteError::LoginFailed));
        drop(is_refused);
        let site = connected?;
        *self.open() = Some(Arc::clone(&site));
        Ok(site)
    }

    /// Asks within a time, which connecting is part of where it has to be. A connection on which no answer came
    /// is not used again.
    async fn ask<T, F>(
        &self,
        limit: Duration,
        question: impl FnOnce(Arc<dyn Site>) -> F + Send,
    ) -> Result<T, SiteError>
    where
        F: Future<Output = Result<T, SiteError>> + Send,
    {
        let mut used = None;
        let asked = timeout(limit, async {
            let site = self.site().await?;
            used = Some(Arc::clone(&site));
            question(site).await
        });
        let answer = match asked.await {
            Ok(answer) => answer,
            // Nothing was asked, or nobody knows what became of it.
            Err(_) if used.is_none() => Err(unreachable()),
            Err(_) => Err(SiteError::ReplyLost { detail: SILENT.to_owned() }),
        };
        if let (Err(error), Some(used)) = (&answer, used)
            && error.is_line_down()
        {
            self.open().take_if(|open| Arc::ptr_eq(open, &used));
        }
        answer
    }
}

/// Someone waits for an answer. Nobody learns from one that is not waited for to its end.
struct Waiting<'a> {
    breakers: &'a Breakers,
    branch: Option<&'a BranchCode>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(branch) = self.branch {
            self.breakers.give_up(branch);
        }
    }
}

const SILENT: &str = "the site does not answer";

fn unreachable() -> SiteError {
    SiteError::Unreachable { detail: SILENT.to_owned() }
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
        let ways = ways.map(|(way, who)| (way.branch().clone(), Arc::new(Way::new(way, who))));
        Self { ways: Arc::new(ways.collect()), breakers: Arc::default(), insists: false }
    }

    /// The same sites with breakers that others share: whoever asks learns for all.
    #[must_use]
    pub fn sharing(self, breakers: Arc<Breakers>) -> Self {
        Self { breakers, ..self }
    }

    /// The same sites for someone who has to be heard: they are asked also while they rest because they did
    /// not answer. Carrying out what was promised insists, and so does whoever settles a transaction by hand.
    #[must_use]
    pub fn insisting(&self) -> Self {
        Self { insists: true, ..self.clone() }
    }

    /// One of these sites alone; none where there is no such branch.
    #[must_use]
    pub fn only(&self, branch: &BranchCode) -> Self {
        let way = self.ways.get_key_value(branch);
        let ways = way.map(|(branch, way)| (branch.clone(), Arc::clone(way))).into_iter().collect();
        Self { ways: Arc::new(ways), ..self.clone() }
    }

    /// The same sites, one of which is reached as others reach it; under another login, for instance.
    #[must_use]
    pub fn with_one_of(&self, others: &Self, branch: &BranchCode) -> Self {
        let mut ways = (*self.ways).clone();
        ways.extend(others.ways.get_key_value(branch).map(|(b, way)| (b.clone(), Arc::clone(way))));
        Self { ways: Arc::new(ways), ..self.clone() }
    }

    /// The branches, in their order.
    pub fn branches(&self) -> impl Iterator<Item = &BranchCode> {
        self.ways.keys()
    }

    /// Which sites are asked now, and which rest.
    #[must_use]
    pub fn breakers(&self) -> &Arc<Breakers> {
        &self.breakers
    }

    /// Asks a site, within its time.
    ///
    /// # Errors
    /// Those of [`SiteConnector::connect`] and of the question; `Unreachable` where the network file names no
    /// such branch, and without asking while the site rests; `AgentUnknown`; `ReplyLost` when its time is over.
    /// A login that the site refused once is refused from then on without asking.
    pub async fn ask<T, F>(
        &self,
        branch: &BranchCode,
        question: impl FnOnce(Arc<dyn Site>) -> F + Send,
    ) -> Result<T, SiteError>
    where
        F: Future<Output = Result<T, SiteError>> + Send,
    {
        self.way(branch)?;
        if !self.insists
            && let Admission::Rest { .. } | Admission::BeingTried = self.breakers.admit(branch)
        {
            let detail = "it did not answer, and is not asked for a while".to_owned();
            return Err(SiteError::Unreachable { detail });
        }
        let limit = Duration::from_secs(CONNECT_SECS_MAX + ANSWER_SECS_MAX);
        self.ask_admitted(branch, limit, question).await
    }

    /// Asks a site that may be asked, and notes whether it was heard of.
    pub(crate) async fn ask_admitted<T, F>(
        &self,
        branch: &BranchCode,
        limit: Duration,
        question: impl FnOnce(Arc<dyn Site>) -> F + Send,
    ) -> Result<T, SiteError>
    where
        F: Future<Output = Result<T, SiteError>> + Send,
    {
        let way = self.way(branch)?;
        let mut waiting = Waiting { breakers: &self.breakers, branch: Some(branch) };
        let answer = way.ask(limit, question).await;
        waiting.branch = None;
        self.breakers.note(branch, &answer);
        answer
    }

    /// Where the site said no to the login. Of one that is being connected to, it is not known yet.
    #[must_use]
    pub fn refused(&self) -> BTreeSet<BranchCode> {
        let is_refused = |way: &Way| way.connecting.try_lock().is_ok_and(|refused| *refused);
        let refused = self.ways.iter().filter(|(_, way)| is_refused(way));
        refused.map(|(branch, _)| branch.clone()).collect()
    }

    fn way(&self, branch: &BranchCode) -> Result<&Way, SiteError> {
        self.ways.get(branch).map(|way| &**way).ok_or_else(|| SiteError::Unreachable {
            detail: format!("the network file names no branch {branch}"),
        })
    }
}
