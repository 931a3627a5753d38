//! The test's clock, told to the server before every call: the site reads it there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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
use lienthu_sqlserver::SqlServerAdmin;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::fixture::TestClock;

/// A clock of the test's, and how the server gets to know it.
#[derive(Clone)]
struct Told {
    clock: Arc<TestClock>,
    admin: Arc<Mutex<SqlServerAdmin>>,
    /// What the server was told last by this connector, in milliseconds.
    last: Arc<AtomicI64>,
}

impl Told {
    async fn tell(&self) {
        let now = self.clock.now();
        if self.last.load(Ordering::SeqCst) != now.ms() {
            super::set_clock(&mut *self.admin.lock().await, now).await;
            self.last.store(now.ms(), Ordering::SeqCst);
        }
    }
}

/// A connector whose sessions tell the time first.
pub(super) struct Clocked {
    connector: Arc<dyn SiteConnector>,
    told: Told,
}

impl Clocked {
    pub(super) fn new(
        connector: Arc<dyn SiteConnector>,
        clock: Arc<TestClock>,
        admin: Arc<Mutex<SqlServerAdmin>>,
    ) -> Self {
        let last = Arc::new(AtomicI64::new(i64::MIN));
        Self { connector, told: Told { clock, admin, last } }
    }
}

#[async_trait]
impl SiteConnector for Clocked {
    fn branch(&self) -> &BranchCode {
        self.connector.branch()
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        self.told.tell().await;
        let site = self.connector.connect(who).await?;
        Ok(Arc::new(ClockedSite { site, told: self.told.clone() }))
    }
}

struct ClockedSite {
    site: Arc<dyn Site>,
    told: Told,
}

#[async_trait]
impl Replica for ClockedSite {
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        self.told.tell().await;
        self.site.digests(table, within, depth).await
    }

    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        self.told.tell().await;
        self.site.keys(table, within, behind).await
    }

    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        self.told.tell().await;
        self.site.held_copies(asked).await
    }

    async fn known_patrons(
        &self,
        asked: &Asked<PatronCode>,
    ) -> Result<Vec<KnownPatron>, SiteError> {
        self.told.tell().await;
        self.site.known_patrons(asked).await
    }
}

#[async_trait]
impl Site for ClockedSite {
    async fn hello(&self, hello: &Hello) -> Result<Welcome, SiteError> {
        self.told.tell().await;
        self.site.hello(hello).await
    }

    async fn submit(
        &self,
        proven: Option<Watermark>,
        batch: &[Sending],
    ) -> Result<Receipts, SiteError> {
        self.told.tell().await;
        self.site.submit(proven, batch).await
    }

    async fn pull(&self, from: &PullFrom) -> Result<Pulled, SiteError> {
        self.told.tell().await;
        self.site.pull(from).await
    }

    async fn copy(&self, barcode: &Barcode) -> Result<Option<CopyFile>, SiteError> {
        self.told.tell().await;
        self.site.copy(barcode).await
    }

    async fn patron(&self, code: &PatronCode) -> Result<Option<PatronFile>, SiteError> {
        self.told.tell().await;
        self.site.patron(code).await
    }

    async fn find_patrons(&self, text: &str) -> Result<Vec<Patron>, SiteError> {
        self.told.tell().await;
        self.site.find_patrons(text).await
    }

    async fn review_items(&self) -> Result<Vec<ReviewItem>, SiteError> {
        self.told.tell().await;
        self.site.review_items().await
    }

    async fn free_copies(&self, title: &TitleKey) -> Result<u32, SiteError> {
        self.told.tell().await;
        self.site.free_copies(title).await
    }

    async fn holdings(&self, titles: &[TitleKey]) -> Result<Vec<Holding>, SiteError> {
        self.told.tell().await;
        self.site.holdings(titles).await
    }

    async fn copy_place(&self, barcode: &Barcode) -> Result<Option<CopyPlace>, SiteError> {
        self.told.tell().await;
        self.site.copy_place(barcode).await
    }

    async fn patron_loans(
        &self,
        patron: &PatronOf,
        behind: Option<LoanPlace>,
    ) -> Result<PatronLoans, SiteError> {
        self.told.tell().await;
        self.site.patron_loans(patron, behind).await
    }

    async fn figures(&self, period: &Period) -> Result<SiteFigures, SiteError> {
        self.told.tell().await;
        self.site.figures(period).await
    }

    async fn most_lent(
        &self,
        period: &Period,
        asked: &MostLent,
    ) -> Result<Vec<TitleLoans>, SiteError> {
        self.told.tell().await;
        self.site.most_lent(period, asked).await
    }

    async fn times_lent(
        &self,
        period: &Period,
        titles: &[TitleKey],
    ) -> Result<Vec<TitleLoans>, SiteError> {
        self.told.tell().await;
        self.site.times_lent(period, titles).await
    }

    async fn put_patron(&self, change: &PatronChange) -> Result<(), SiteError> {
        self.told.tell().await;
        self.site.put_patron(change).await
    }

    async fn remove_patron(&self, code: &PatronCode) -> Result<(), SiteError> {
        self.told.tell().await;
        self.site.remove_patron(code).await
    }

    async fn add_copies(&self, copies: &[CopyDetails]) -> Result<(), SiteError> {
        self.told.tell().await;
        self.site.add_copies(copies).await
    }

    async fn put_copy(&self, change: &CopyChange) -> Result<(), SiteError> {
        self.told.tell().await;
        self.site.put_copy(change).await
    }

    async fn remove_copy(&self, barcode: &Barcode) -> Result<(), SiteError> {
        self.told.tell().await;
        self.site.remove_copy(barcode).await
    }

    async fn transact(&self, posted: &Posted) -> Result<Answered, SiteError> {
        self.told.tell().await;
        self.site.transact(posted).await
    }

    async fn transactions(
        &self,
        sought: &Sought,
        after: Option<TxnId>,
    ) -> Result<Vec<KeptTransaction>, SiteError> {
        self.told.tell().await;
        self.site.transactions(sought, after).await
    }

    async fn network(&self) -> Result<NetworkFacts, SiteError> {
        self.told.tell().await;
        self.site.network().await
    }

    async fn agents(&self) -> Result<Vec<AgentLogin>, SiteError> {
        self.told.tell().await;
        self.site.agents().await
    }

    async fn replicated(&self, of: &[Resource]) -> Result<Vec<ReplicatedRow>, SiteError> {
        self.told.tell().await;
        self.site.replicated(of).await
    }

    async fn readmit(&self) -> Result<(), SiteError> {
        self.told.tell().await;
        self.site.readmit().await
    }

    async fn visitor(&self, card: &PatronCode) -> Result<Option<VisitorCard>, SiteError> {
        self.told.tell().await;
        self.site.visitor(card).await
    }

    async fn list_copies(&self, sought: &CopiesSought) -> Result<Vec<ListedCopy>, SiteError> {
        self.told.tell().await;
        self.site.list_copies(sought).await
    }

    async fn fill(&self, filling: &Filling) -> Result<Vec<Hindered>, SiteError> {
        self.told.tell().await;
        self.site.fill(filling).await
    }

    async fn receive(&self, barcodes: &[Barcode]) -> Result<Vec<Hindered>, SiteError> {
        self.told.tell().await;
        self.site.receive(barcodes).await
    }

    async fn change_password(
        &self,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), SiteError> {
        self.told.tell().await;
        self.site.change_password(old, new).await
    }
}
