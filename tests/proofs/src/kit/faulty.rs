//! A line that breaks at chosen moments: in front of the site, behind its commit, or so that what was
//! sent arrives long after the sender has given up.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
use lienthu_port::submit::{Outcome, Receipts, Sending};
use lienthu_port::transaction::{
    Answered, Hindered, KeptTransaction, NetworkFacts, Posted, Sought,
};
use lienthu_port::whereabouts::{CopyPlace, Holding, LoanPlace, PatronLoans, PatronOf};
use secrecy::SecretString;

/// What happens to one batch on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The site was not reached, and the desk knows it.
    NotReached,
    /// It never arrives, and the desk cannot know.
    LostOnTheWay,
    /// The site commits, and its reply is lost.
    ReplyLost,
    /// The reply is lost if it says no to something, else it comes through.
    RefusalLost,
    /// The desk hears nothing; the batch arrives later, when [`Faults::deliver_late`] is called.
    ArrivesLate,
    /// Another writer was in the way.
    Busy,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NotReached,
        Self::LostOnTheWay,
        Self::ReplyLost,
        Self::RefusalLost,
        Self::ArrivesLate,
        Self::Busy,
    ];
}

/// What is to happen on one desk's line.
#[derive(Default)]
pub struct Faults {
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    is_down: bool,
    pulls_are_down: bool,
    of_batches: VecDeque<Option<Fault>>,
    late: Vec<Late>,
    met: BTreeMap<Fault, u64>,
}

/// A batch that is still on its way, with the connection that it travels on.
struct Late {
    site: Arc<dyn Site>,
    proven: Option<Watermark>,
    batch: Vec<Sending>,
}

impl Faults {
    /// A line without faults.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Cuts or restores the line as a whole.
    pub fn set_down(&self, is_down: bool) {
        self.script().is_down = is_down;
    }

    /// Lets every pull fail, as if the line broke right after the receipts.
    pub fn set_pulls_down(&self, are_down: bool) {
        self.script().pulls_are_down = are_down;
    }

    /// What happens to the next batches, one after the other; those after them come through.
    pub fn of_next_batches(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.script().of_batches = faults.into_iter().collect();
    }

    /// Lets arrive at the site what was given up long ago.
    ///
    /// # Errors
    /// What the site says to it; nobody hears the receipts.
    pub async fn deliver_late(&self) -> Result<(), SiteError> {
        let late = std::mem::take(&mut self.script().late);
        for Late { site, proven, batch } in late {
            site.submit(proven, &batch).await?;
        }
        Ok(())
    }

    /// How often each fault was met by a batch.
    pub fn met(&self) -> BTreeMap<Fault, u64> {
        self.script().met.clone()
    }

    fn next(&self) -> Option<Fault> {
        let mut script = self.script();
        let fault = script.of_batches.pop_front().flatten()?;
        *script.met.entry(fault).or_default() += 1;
        Some(fault)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_line(&self) -> Result<(), SiteError> {
        if self.script().is_down { Err(unreachable()) } else { Ok(()) }
    }
}

fn unreachable() -> SiteError {
    SiteError::Unreachable { detail: "the proof cut the line".into() }
}

fn lost() -> SiteError {
    SiteError::ReplyLost { detail: "the proof cut the reply".into() }
}

/// Connections over such a line.
pub struct FaultyConnector {
    inner: Arc<dyn SiteConnector>,
    faults: Arc<Faults>,
}

impl FaultyConnector {
    /// Puts the line in front of a site.
    pub fn new(inner: Arc<dyn SiteConnector>, faults: Arc<Faults>) -> Arc<Self> {
        Arc::new(Self { inner, faults })
    }
}

#[async_trait]
impl SiteConnector for FaultyConnector {
    fn branch(&self) -> &BranchCode {
        self.inner.branch()
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        self.faults.check_line()?;
        let inner = self.inner.connect(who).await?;
        Ok(Arc::new(FaultySite { inner, faults: self.faults.clone() }))
    }
}

struct FaultySite {
    inner: Arc<dyn Site>,
    faults: Arc<Faults>,
}

#[async_trait]
impl Replica for FaultySite {
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        self.faults.check_line()?;
        self.inner.digests(table, within, depth).await
    }

    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        self.faults.check_line()?;
        self.inner.keys(table, within, behind).await
    }

    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        self.faults.check_line()?;
        self.inner.held_copies(asked).await
    }

    async fn known_patrons(
        &self,
        asked: &Asked<PatronCode>,
    ) -> Result<Vec<KnownPatron>, SiteError> {
        self.faults.check_line()?;
        self.inner.known_patrons(asked).await
    }
}

#[async_trait]
impl Site for FaultySite {
    async fn submit(
        &self,
        proven: Option<Watermark>,
        batch: &[Sending],
    ) -> Result<Receipts, SiteError> {
        self.faults.check_line()?;
        let fault = self.faults.next();
        match fault {
            None => self.inner.submit(proven, batch).await,
            Some(Fault::NotReached) => Err(unreachable()),
            Some(Fault::LostOnTheWay) => Err(lost()),
            Some(Fault::Busy) => Err(SiteError::Busy),
            Some(Fault::ReplyLost) => {
                self.inner.submit(proven, batch).await?;
                Err(lost())
            }
            Some(Fault::RefusalLost) => {
                let receipts = self.inner.submit(proven, batch).await?;
                let says_no = |o: &Outcome| matches!(o, Outcome::Refused { .. });
                if receipts.receipts.iter().any(|r| says_no(&r.outcome)) {
                    return Err(lost());
                }
                Ok(receipts)
            }
            Some(Fault::ArrivesLate) => {
                let late = Late { site: self.inner.clone(), proven, batch: batch.to_vec() };
                self.faults.script().late.push(late);
                Err(lost())
            }
        }
    }

    async fn hello(&self, hello: &Hello) -> Result<Welcome, SiteError> {
        self.faults.check_line()?;
        self.inner.hello(hello).await
    }

    async fn pull(&self, from: &PullFrom) -> Result<Pulled, SiteError> {
        self.faults.check_line()?;
        if self.faults.script().pulls_are_down {
            return Err(unreachable());
        }
        self.inner.pull(from).await
    }

    async fn copy(&self, barcode: &Barcode) -> Result<Option<CopyFile>, SiteError> {
        self.faults.check_line()?;
        self.inner.copy(barcode).await
    }

    async fn patron(&self, code: &PatronCode) -> Result<Option<PatronFile>, SiteError> {
        self.faults.check_line()?;
        self.inner.patron(code).await
    }

    async fn find_patrons(&self, text: &str) -> Result<Vec<Patron>, SiteError> {
        self.faults.check_line()?;
        self.inner.find_patrons(text).await
    }

    async fn review_items(&self) -> Result<Vec<ReviewItem>, SiteError> {
        self.faults.check_line()?;
        self.inner.review_items().await
    }

    async fn free_copies(&self, title: &TitleKey) -> Result<u32, SiteError> {
        self.faults.check_line()?;
        self.inner.free_copies(title).await
    }

    async fn holdings(&self, titles: &[TitleKey]) -> Result<Vec<Holding>, SiteError> {
        self.faults.check_line()?;
        self.inner.holdings(titles).await
    }

    async fn copy_place(&self, barcode: &Barcode) -> Result<Option<CopyPlace>, SiteError> {
        self.faults.check_line()?;
        self.inner.copy_place(barcode).await
    }

    async fn patron_loans(
        &self,
        patron: &PatronOf,
        behind: Option<LoanPlace>,
    ) -> Result<PatronLoans, SiteError> {
        self.faults.check_line()?;
        self.inner.patron_loans(patron, behind).await
    }

    async fn figures(&self, period: &Period) -> Result<SiteFigures, SiteError> {
        self.faults.check_line()?;
        self.inner.figures(period).await
    }

    async fn most_lent(
        &self,
        period: &Period,
        asked: &MostLent,
    ) -> Result<Vec<TitleLoans>, SiteError> {
        self.faults.check_line()?;
        self.inner.most_lent(period, asked).await
    }

    async fn times_lent(
        &self,
        period: &Period,
        titles: &[TitleKey],
    ) -> Result<Vec<TitleLoans>, SiteError> {
        self.faults.check_line()?;
        self.inner.times_lent(period, titles).await
    }

    async fn put_patron(&self, change: &PatronChange) -> Result<(), SiteError> {
        self.faults.check_line()?;
        self.inner.put_patron(change).await
    }

    async fn remove_patron(&self, code: &PatronCode) -> Result<(), SiteError> {
        self.faults.check_line()?;
        self.inner.remove_patron(code).await
    }

    async fn add_copies(&self, copies: &[CopyDetails]) -> Result<(), SiteError> {
        self.faults.check_line()?;
        self.inner.add_copies(copies).await
    }

    async fn put_copy(&self, change: &CopyChange) -> Result<(), SiteError> {
        self.faults.check_line()?;
        self.inner.put_copy(change).await
    }

    async fn remove_copy(&self, barcode: &Barcode) -> Result<(), SiteError> {
        self.faults.check_line()?;
        self.inner.remove_copy(barcode).await
    }

    async fn transact(&self, posted: &Posted) -> Result<Answered, SiteError> {
        self.faults.check_line()?;
        self.inner.transact(posted).await
    }

    async fn transactions(
        &self,
        sought: &Sought,
        after: Option<TxnId>,
    ) -> Result<Vec<KeptTransaction>, SiteError> {
        self.faults.check_line()?;
        self.inner.transactions(sought, after).await
    }

    async fn network(&self) -> Result<NetworkFacts, SiteError> {
        self.faults.check_line()?;
        self.inner.network().await
    }

    async fn agents(&self) -> Result<Vec<AgentLogin>, SiteError> {
        self.faults.check_line()?;
        self.inner.agents().await
    }

    async fn replicated(&self, of: &[Resource]) -> Result<Vec<ReplicatedRow>, SiteError> {
        self.faults.check_line()?;
        self.inner.replicated(of).await
    }

    async fn readmit(&self) -> Result<(), SiteError> {
        self.faults.check_line()?;
        self.inner.readmit().await
    }

    async fn visitor(&self, card: &PatronCode) -> Result<Option<VisitorCard>, SiteError> {
        self.faults.check_line()?;
        self.inner.visitor(card).await
    }

    async fn list_copies(&self, sought: &CopiesSought) -> Result<Vec<ListedCopy>, SiteError> {
        self.faults.check_line()?;
        self.inner.list_copies(sought).await
    }

    async fn fill(&self, filling: &Filling) -> Result<Vec<Hindered>, SiteError> {
        self.faults.check_line()?;
        self.inner.fill(filling).await
    }

    async fn receive(&self, barcodes: &[Barcode]) -> Result<Vec<Hindered>, SiteError> {
        self.faults.check_line()?;
        self.inner.receive(barcodes).await
    }

    async fn change_password(
        &self,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), SiteError> {
        self.faults.check_line()?;
        self.inner.change_password(old, new).await
    }
}
