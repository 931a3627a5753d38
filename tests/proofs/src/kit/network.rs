//! Sites of one kind that know each other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use async_trait::async_trait;
use lienthu_across::sites::Sites;
use lienthu_conformance::kit::{credentials, key, small_seed};
use lienthu_conformance::{CannotHere, Fixture, TestSite};
use lienthu_domain::action::{MovingCopy, Transfer};
use lienthu_domain::copy::{Copy, CopyCondition};
use lienthu_domain::ids::{Barcode, BranchCode, StaffLogin, TxnId};
use lienthu_domain::replicated::Title;
use lienthu_port::error::SiteError;
use lienthu_port::lookup::details_of;
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_port::transaction::Posted;
use lienthu_protocol::entry::Entry;
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::site::LEFT_ALONE_MS;
use lienthu_protocol::terms::MembershipVersion;

/// Its branches, in their order.
pub const BRANCHES: [&str; 3] = ["Q1", "Q3", "TD"];

/// How often a busy site is asked.
const TRIES_MAX: u32 = 8;

/// See the module.
pub struct Network {
    sites: Vec<Arc<dyn TestSite>>,
    sessions: Arc<Sessions>,
}

/// The sessions that are open, by branch and login. On Babelfish a new one costs seconds: it compiles what it
/// runs. Whoever connects gets the one that is there.
type Sessions = Mutex<BTreeMap<(BranchCode, StaffLogin), Arc<dyn Site>>>;

struct Reusing {
    way: Arc<dyn SiteConnector>,
    sessions: Arc<Sessions>,
}

#[async_trait]
impl SiteConnector for Reusing {
    fn branch(&self) -> &BranchCode {
        self.way.branch()
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        let key = (self.branch().clone(), who.login.clone());
        let open = || self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = open().get(&key) {
            return Ok(Arc::clone(session));
        }
        let session = self.way.connect(who).await?;
        open().insert(key, Arc::clone(&session));
        Ok(session)
    }
}

impl Network {
    /// A fresh one.
    ///
    /// # Errors
    /// What the kind cannot do.
    pub async fn new(kind: &dyn Fixture) -> anyhow::Result<Self> {
        Self::of(kind, &[]).await
    }

    /// A fresh one, each of whose sites has these titles as well.
    ///
    /// # Errors
    /// What the kind cannot do.
    pub async fn of(kind: &dyn Fixture, titles: &[Title]) -> anyhow::Result<Self> {
        let mut sites = vec![];
        for branch in BRANCHES {
            let mut seed = small_seed();
            seed.branch = key(branch);
            seed.titles.extend_from_slice(titles);
            sites.push(kind.fresh(seed).await);
        }
        let network = Self { sites, sessions: Arc::default() };
        network.join().await.map_err(|CannotHere(why)| anyhow::anyhow!(why))?;
        Ok(network)
    }

    async fn join(&self) -> Result<(), CannotHere> {
        let mut cards = vec![];
        for site in &self.sites {
            cards.push(site.card().await?);
        }
        for site in &self.sites {
            site.join(cards.clone(), MembershipVersion(1)).await?;
        }
        Ok(())
    }

    /// The ways to all sites.
    pub fn ways(&self) -> Vec<Arc<dyn SiteConnector>> {
        self.sites.iter().map(|site| self.way_to(site)).collect()
    }

    fn way_to(&self, site: &Arc<dyn TestSite>) -> Arc<dyn SiteConnector> {
        Arc::new(Reusing { way: site.connector(), sessions: Arc::clone(&self.sessions) })
    }

    /// All sites, under that login.
    pub fn sites(&self, login: &str) -> Sites {
        Sites::new(self.ways(), &credentials(login))
    }

    fn at(&self, branch: &BranchCode) -> anyhow::Result<&Arc<dyn TestSite>> {
        let place = BRANCHES.iter().position(|known| *known == branch.as_str());
        self.sites.get(place.context("a branch of the network")?).context("its site")
    }

    /// Cuts the line to a branch's site, or restores it.
    ///
    /// # Errors
    /// What the kind cannot do.
    pub fn cut(&self, branch: &BranchCode, cut: bool) -> anyhow::Result<()> {
        self.at(branch)?.cut_line(cut).map_err(|CannotHere(why)| anyhow::anyhow!(why))
    }

    /// Writes a title at one site alone, around every transaction.
    ///
    /// # Errors
    /// What the kind cannot do.
    pub async fn put_title(&self, branch: &BranchCode, title: Title) -> anyhow::Result<()> {
        let put = self.at(branch)?.put_title(title).await;
        put.map_err(|CannotHere(why)| anyhow::anyhow!(why))
    }

    /// Somebody's session at a branch.
    ///
    /// # Errors
    /// What the site says.
    pub async fn session(&self, branch: &BranchCode, login: &str) -> anyhow::Result<Arc<dyn Site>> {
        Ok(self.way_to(self.at(branch)?).connect(&credentials(login)).await?)
    }

    /// Copies a site aside.
    ///
    /// # Errors
    /// No such branch; inside, what the kind cannot do.
    pub async fn back_up(
        &self,
        branch: &BranchCode,
    ) -> anyhow::Result<Result<PathBuf, CannotHere>> {
        Ok(self.at(branch)?.back_up().await)
    }

    /// Puts that copy in the site's place, and says so.
    ///
    /// # Errors
    /// No such branch; inside, what the kind cannot do.
    pub async fn put_back(
        &self,
        branch: &BranchCode,
        backup: PathBuf,
    ) -> anyhow::Result<Result<(), CannotHere>> {
        let site = self.at(branch)?;
        Ok(match site.put_back(backup).await {
            Ok(()) => site.start_incarnation().await.map(drop),
            cannot => cannot,
        })
    }

    /// So much time that what was left behind is found.
    ///
    /// # Errors
    /// What the kind cannot do.
    pub fn wait(&self) -> anyhow::Result<()> {
        for site in &self.sites {
            let clock = site.clock().map_err(|CannotHere(why)| anyhow::anyhow!(why))?;
            clock.set(clock.now().plus_ms(i64::try_from(LEFT_ALONE_MS).unwrap_or(i64::MAX)));
        }
        Ok(())
    }

    /// What each site keeps of a transaction, by branch.
    ///
    /// # Errors
    /// What a site says.
    pub async fn kept(&self, login: &str, txn: TxnId) -> anyhow::Result<Vec<(BranchCode, Entry)>> {
        let mut kept = vec![];
        for branch in BRANCHES {
            let branch: BranchCode = key(branch);
            let site = self.session(&branch, login).await?;
            let to = patiently(|| site.network()).await?.me;
            let message = Message { txn, to, request: Request::Ask };
            let posted = Posted { message, action: None };
            match patiently(|| site.transact(&posted)).await?.reply {
                Reply::Kept(entry) => kept.push((branch, entry)),
                Reply::Refused(why) => {
                    anyhow::bail!("{branch} does not say what it keeps: {why:?}")
                }
            }
        }
        Ok(kept)
    }

    /// What each site has of a copy, by branch.
    ///
    /// # Errors
    /// What a site says.
    pub async fn everywhere(
        &self,
        login: &str,
        barcode: &Barcode,
    ) -> anyhow::Result<Vec<(BranchCode, Copy)>> {
        let mut found = vec![];
        for branch in BRANCHES {
            let branch: BranchCode = key(branch);
            let site = self.session(&branch, login).await?;
            let file = patiently(|| site.copy(barcode)).await?;
            found.extend(file.map(|file| (branch, file.copy)));
        }
        Ok(found)
    }
}

/// Asks again where the site was busy: what a killed program had begun holds its locks until the server sees that
/// nobody waits for it any more. Each time the site itself waits for the lock.
///
/// # Errors
/// What the site says at last.
pub async fn patiently<T, F>(mut ask: impl FnMut() -> F) -> Result<T, SiteError>
where
    F: Future<Output = Result<T, SiteError>>,
{
    for _ in 1..TRIES_MAX {
        match ask().await {
            Err(SiteError::Busy) => {}
            answer => return answer,
        }
    }
    ask().await
}

/// Where a copy is live, of all places where a row of it is.
pub fn live(found: &[(BranchCode, Copy)]) -> Vec<&BranchCode> {
    let is_live = |copy: &Copy| copy.condition != CopyCondition::Forwarded;
    found.iter().filter(|(_, copy)| is_live(copy)).map(|(branch, _)| branch).collect()
}

/// A transfer of copies as they are at their branch, which have made so many transfers.
pub fn moving(from: &str, to: &str, copies: &[Copy], hops: u32) -> Transfer {
    let copies = copies.iter();
    let copies = copies.map(|copy| MovingCopy { details: details_of(copy), hop: hops + 1 });
    Transfer { from: key(from), to: key(to), copies: copies.collect() }
}
