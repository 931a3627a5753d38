//! The points at which whoever drives a transaction talks to a site: before each call and behind it. They are
//! counted where they are passed, so that none is forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use lienthu_domain::action::Resource;
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::{Barcode, BranchCode, PatronCode, TitleKey, TxnId};
use lienthu_domain::patron::Patron;
use lienthu_domain::period::Period;
use lienthu_domain::replica::{Buckets, ReplicaTable};
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_domain::review::ReviewItem;
use lienthu_port::agent::AgentLogin;
use lienthu_port::error::SiteError;
use lienthu_port::feed::{PullFrom, Pulled, Watermark};
use lienthu_port::figures::{MostLent, SiteFigures, TitleLoans};
use lienthu_port::handshake::{Hello, Welcome};
use lienthu_port::listing::{CopiesSought, ListedCopy};
use lienthu_port::lookup::{CopyChange, CopyFile, PatronChange, PatronFile, VisitorCard};
use lienthu_port::replica::{Asked, Digests, Filling, HeldCopy, KeyDigest, KnownPatron, Replica};
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_port::submit::{Receipts, Sending};
use lienthu_port::transaction::{
    Answered, Hindered, KeptTransaction, NetworkFacts, Posted, Sought,
};
use lienthu_port::whereabouts::{CopyPlace, Holding, LoanPlace, PatronLoans, PatronOf};
use secrecy::SecretString;
use tokio::sync::{Notify, RwLock};

/// What happens at the chosen point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Whoever drives is killed there.
    Kill,
    /// The site is cut there, and stays so.
    Cut,
}

/// All points of one run.
pub struct Points {
    passed: AtomicUsize,
    chosen: usize,
    fault: Fault,
    /// The branch that was cut.
    cut: std::sync::OnceLock<BranchCode>,
    /// Rung when whoever drives is killed.
    pub killed: Notify,
    /// Read while a message is on its way.
    line: Arc<RwLock<()>>,
}

impl Points {
    /// With this fault at that point, counted from nought.
    pub fn new(chosen: usize, fault: Fault) -> Arc<Self> {
        Arc::new(Self {
            passed: AtomicUsize::new(0),
            chosen,
            fault,
            cut: std::sync::OnceLock::new(),
            killed: Notify::new(),
            line: Arc::default(),
        })
    }

    /// When all that was sent has arrived: what a killed program sent, arrives all the same.
    pub async fn quiet(&self) {
        drop(self.line.write().await);
    }

    /// Whether the chosen point was reached.
    pub fn was_reached(&self) -> bool {
        self.passed.load(Ordering::SeqCst) > self.chosen
    }

    async fn pass(&self, branch: &BranchCode) -> Result<(), SiteError> {
        if self.cut.get() == Some(branch) {
            return Err(cut());
        }
        if self.passed.fetch_add(1, Ordering::SeqCst) != self.chosen {
            return Ok(());
        }
        match self.fault {
            Fault::Kill => {
                self.killed.notify_one();
                // Nothing that is killed goes on.
                std::future::pending::<()>().await;
            }
            Fault::Cut => drop(self.cut.set(branch.clone())),
        }
        Err(cut())
    }
}

fn cut() -> SiteError {
    SiteError::Unreachable { detail: "the proof cut the line".to_owned() }
}

fn lost(_: SiteError) -> SiteError {
    SiteError::ReplyLost { detail: "the proof cut the line".to_owned() }
}

/// A way to a site that has points.
pub struct PointedConnector {
    inner: Arc<dyn SiteConnector>,
    points: Arc<Points>,
}

impl PointedConnector {
    /// In front of that way.
    pub fn before(inner: Arc<dyn SiteConnector>, points: Arc<Points>) -> Arc<dyn SiteConnector> {
        Arc::new(Self { inner, points })
    }
}

#[async_trait]
impl SiteConnector for PointedConnector {
    fn branch(&self) -> &BranchCode {
        self.inner.branch()
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        self.points.pass(self.branch()).await?;
        let inner = self.inner.connect(who).await?;
        let (branch, points) = (self.branch().clone(), Arc::clone(&self.points));
        Ok(Arc::new(PointedSite { inner, branch, points }))
    }
}

struct PointedSite {
    inner: Arc<dyn Site>,
    branch: BranchCode,
    points: Arc<Points>,
}

/// A call between two points.
macro_rules! between {
    ($self:ident, $call:expr) => {{
        $self.points.pass(&$self.branch).await?;
        let answer = $call.await;
        $self.points.pass(&$self.branch).await.map_err(lost)?;
        answer
    }};
}

#[async_trait]
impl Replica for PointedSite {
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        between!(self, self.inner.digests(table, within, depth))
    }

    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        between!(self, self.inner.keys(table, within, behind))
    }

    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        between!(self, self.inner.held_copies(asked))
    }

    async fn known_patrons(
        &self,
        asked: &Asked<PatronCode>,
    ) -> Result<Vec<KnownPatron>, SiteError> {
        between!(self, self.inner.known_patrons(asked))
    }
}

#[async_trait]
impl Site for PointedSite {
    async fn hello(&self, hello: &Hello) -> Result<Welcome, SiteError> {
        between!(self, self.inner.hello(hello))
    }

    async fn submit(
        &self,
        proven: Option<Watermark>,
        batch: &[Sending],
    ) -> Result<Receipts, SiteError> {
        between!(self, self.inner.submit(proven, batch))
    }

    async fn pull(&self, from: &PullFrom) -> Result<Pulled, SiteError> {
        between!(self, self.inner.pull(from))
    }

    async fn copy(&self, barcode: &Barcode) -> Result<Option<CopyFile>, SiteError> {
        between!(self, self.inner.copy(barcode))
    }

    async fn patron(&self, code: &PatronCode) -> Result<Option<PatronFile>, SiteError> {
        between!(self, self.inner.patron(code))
    }

    async fn find_patrons(&self, text: &str) -> Result<Vec<Patron>, SiteError> {
        between!(self, self.inner.find_patrons(text))
    }

    async fn review_items(&self) -> Result<Vec<ReviewItem>, SiteError> {
        between!(self, self.inner.review_items())
    }

    async fn free_copies(&self, title: &TitleKey) -> Result<u32, SiteError> {
        between!(self, self.inner.free_copies(title))
    }

    async fn holdings(&self, titles: &[TitleKey]) -> Result<Vec<Holding>, SiteError> {
        between!(self, self.inner.holdings(titles))
    }

    async fn copy_place(&self, barcode: &Barcode) -> Result<Option<CopyPlace>, SiteError> {
        between!(self, self.inner.copy_place(barcode))
    }

    async fn patron_loans(
        &self,
        patron: &PatronOf,
        behind: Option<LoanPlace>,
    ) -> Result<PatronLoans, SiteError> {
        between!(self, self.inner.patron_loans(patron, behind))
    }

    async fn figures(&self, period: &Period) -> Result<SiteFigures, SiteError> {
        between!(self, self.inner.figures(period))
    }

    async fn most_lent(
        &self,
        period: &Period,
        asked: &MostLent,
    ) -> Result<Vec<TitleLoans>, SiteError> {
        between!(self, self.inner.most_lent(period, asked))
    }

    async fn times_lent(
        &self,
        period: &Period,
        titles: &[TitleKey],
    ) -> Result<Vec<TitleLoans>, SiteError> {
        between!(self, self.inner.times_lent(period, titles))
    }

    async fn put_patron(&self, change: &PatronChange) -> Result<(), SiteError> {
        between!(self, self.inner.put_patron(change))
    }

    async fn remove_patron(&self, code: &PatronCode) -> Result<(), SiteError> {
        between!(self, self.inner.remove_patron(code))
    }

    async fn add_copies(&self, copies: &[CopyDetails]) -> Result<(), SiteError> {
        between!(self, self.inner.add_copies(copies))
    }

    async fn put_copy(&self, change: &CopyChange) -> Result<(), SiteError> {
        between!(self, self.inner.put_copy(change))
    }

    async fn remove_copy(&self, barcode: &Barcode) -> Result<(), SiteError> {
        between!(self, self.inner.remove_copy(barcode))
    }

    async fn transact(&self, posted: &Posted) -> Result<Answered, SiteError> {
        self.points.pass(&self.branch).await?;
        let (inner, posted) = (Arc::clone(&self.inner), posted.clone());
        let on_its_way = Arc::clone(&self.points.line).read_owned().await;
        // A task of its own: nobody calls a message back.
        let sent = tokio::spawn(async move {
            let answer = inner.transact(&posted).await;
            drop(on_its_way);
            answer
        });
        let answer = sent.await.unwrap_or_else(|_| Err(lost(cut())));
        self.points.pass(&self.branch).await.map_err(lost)?;
        answer
    }

    async fn transactions(
        &self,
        sought: &Sought,
        after: Option<TxnId>,
    ) -> Result<Vec<KeptTransaction>, SiteError> {
        between!(self, self.inner.transactions(sought, after))
    }

    async fn network(&self) -> Result<NetworkFacts, SiteError> {
        between!(self, self.inner.network())
    }

    async fn agents(&self) -> Result<Vec<AgentLogin>, SiteError> {
        between!(self, self.inner.agents())
    }

    async fn replicated(&self, of: &[Resource]) -> Result<Vec<ReplicatedRow>, SiteError> {
        between!(self, self.inner.replicated(of))
    }

    async fn readmit(&self) -> Result<(), SiteError> {
        between!(self, self.inner.readmit())
    }

    async fn visitor(&self, card: &PatronCode) -> Result<Option<VisitorCard>, SiteError> {
        between!(self, self.inner.visitor(card))
    }

    async fn list_copies(&self, sought: &CopiesSought) -> Result<Vec<ListedCopy>, SiteError> {
        between!(self, self.inner.list_copies(sought))
    }

    async fn fill(&self, filling: &Filling) -> Result<Vec<Hindered>, SiteError> {
        between!(self, self.inner.fill(filling))
    }

    async fn receive(&self, barcodes: &[Barcode]) -> Result<Vec<Hindered>, SiteError> {
        between!(self, self.inner.receive(barcodes))
    }

    async fn change_password(
        &self,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), SiteError> {
        between!(self, self.inner.change_password(old, new))
    }
}
