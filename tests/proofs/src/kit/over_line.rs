//! A desk at a T-SQL site, with a line between them on which things go wrong.

use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use async_trait::async_trait;
use lienthu_conformance::TestSite as _;
use lienthu_conformance::line::Line;
use lienthu_conformance::sqlserver::{SqlServer, SqlServerTestSite};
use lienthu_desk::answer::Answer;
use lienthu_desk::circulation::Wanted;
use lienthu_desk::site_state::SiteState;
use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_domain::ids::{Barcode, BranchCode, CorrelationId, DeskId, EventId};
use lienthu_domain::times::ZoneOffset;
use lienthu_port::error::SiteError;
use lienthu_port::lookup::COPIES_ADDED_MAX;
use lienthu_port::outbox::QueueFilter;
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_port::submit::Sending;
use lienthu_sqlserver::{SqlServerConfig, SqlServerConnector};
use tempfile::TempDir;
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::branch::{Branch, LOGIN, PASSWORD, barcode, patron, seed};
use super::findings::Findings;
use super::folder;
use super::keys::key;
use super::loans::{at_site, difference, of_events};
use super::sites::enter;
use super::station::Station;
use super::wall::{WallClock, wall};

/// The book that sessions warm up with, and its reader: no desk ever lends it.
const OWN_BOOK: usize = 99_999;

/// See the module.
pub struct OverLine {
    /// The site, with the administrator's hands.
    pub site: Arc<SqlServerTestSite>,
    /// The line.
    pub line: Line,
    /// The desk.
    pub station: Station,
    /// The librarian's own connection to the site, past the line.
    direct: Arc<dyn Site>,
    way: Arc<Way>,
    copies: usize,
    lent: usize,
    _folder: TempDir,
}

impl OverLine {
    /// A new site with so many books and as many readers, and a desk that has seen all of it.
    ///
    /// # Errors
    /// What the site or the desk says.
    pub async fn set(server: &SqlServer, copies: usize, seeded: u64) -> anyhow::Result<Self> {
        let site = server.fresh_here(seed()).await;
        if let Ok(clock) = site.clock() {
            clock.set(wall());
        }
        let who = credentials();
        let past = SqlServerConnector::new(site.config().clone(), Branch::code());
        let direct = past.connect(&who).await.context("past the line")?;
        let all: Vec<Barcode> = (0..copies).chain([OWN_BOOK]).map(barcode).collect();
        let readers: Vec<_> = (0..copies).chain([OWN_BOOK]).map(patron).collect();
        enter(&*direct, &[], &readers).await?;
        for some in all.chunks(COPIES_ADDED_MAX) {
            enter(&*direct, some, &[]).await?;
        }
        let line = Line::to(site.config()).await?;
        let way = Arc::new(Way::new(line.through(site.config())));
        way.warm(&who).await.context("over the line")?;
        let folder = folder::fast()?;
        let station =
            Station::open(folder.path(), way.clone(), WallClock::of_desk(), seeded).await?;
        let scene = Self { site, line, station, direct, way, copies, lent: 0, _folder: folder };
        scene.settle().await.context("the first contact")?;
        Ok(scene)
    }

    /// Lends the next book to the next reader.
    ///
    /// # Errors
    /// What the desk says; that there are no more books.
    pub async fn lend(&mut self) -> anyhow::Result<Answer> {
        let n = self.lent;
        anyhow::ensure!(n < self.copies, "all {n} books are lent");
        self.lent += 1;
        let wanted = Wanted::Borrow { patron: patron(n) };
        Ok(self.station.perform(&barcode(n), wanted, false).await?)
    }

    /// Gets in touch until nothing waits any more and the cache shows what the site has.
    ///
    /// # Errors
    /// When that does not happen within a few contacts.
    pub async fn settle(&self) -> anyhow::Result<()> {
        const CONTACTS_MAX: u32 = 5;
        let mut last = None;
        for _ in 0..CONTACTS_MAX {
            match self.station.desk.contact().await {
                Ok(_) if self.station.outbox.counts().await?.waiting == 0 => return Ok(()),
                Ok(_) => {}
                Err(error) => {
                    last = Some(error);
                    // Where connecting takes longer than a desk waits.
                    drop(self.way.warm(&credentials()).await);
                }
            }
        }
        anyhow::bail!(
            "the queue does not drain: {:?} {last:?}",
            self.station.outbox.counts().await?
        )
    }

    /// Lends so many books while the line is cut, so that they wait.
    ///
    /// # Errors
    /// What the desk says; that something did not wait.
    pub async fn lend_offline(&mut self, books: usize) -> anyhow::Result<()> {
        self.line.cut(true);
        anyhow::ensure!(self.station.desk.contact().await.is_err(), "the line is not cut");
        for _ in 0..books {
            let answer = self.lend().await?;
            anyhow::ensure!(matches!(answer, Answer::Done { queued: true, .. }), "{answer:?}");
        }
        self.line.cut(false);
        self.connect_ahead().await
    }

    /// Has a session ready for the desk, however long it takes.
    ///
    /// # Errors
    /// What the site says.
    pub async fn connect_ahead(&self) -> anyhow::Result<()> {
        Ok(self.way.warm(&credentials()).await?)
    }

    /// Connects the librarian anew past the line, after the server fell.
    ///
    /// # Errors
    /// What the site says.
    pub async fn reconnect(&mut self) -> anyhow::Result<()> {
        let connector = SqlServerConnector::new(self.site.config().clone(), Branch::code());
        self.direct = connector.connect(&credentials()).await?;
        Ok(())
    }

    /// From now on the desk connects like this.
    pub fn set_way(&self, config: SqlServerConfig) {
        self.way.set(config);
    }

    /// The home site's state, as the status line has it.
    pub fn state(&self) -> SiteState {
        *self.station.desk.site_state().borrow()
    }

    /// Holds the site to what the desk said: everything arrived, and each of it once.
    ///
    /// # Errors
    /// What the site or the desk's files say.
    pub async fn check_loans(&self, after: &str, findings: &mut Findings) -> anyhow::Result<()> {
        let counts = self.station.outbox.counts().await?;
        let set_aside = self.station.outbox.list(QueueFilter::SetAside, 0, 1).await?;
        findings.check(
            &format!("after {after}, nothing waits and nothing is set aside"),
            counts.waiting == 0 && counts.set_aside == 0,
            || format!("{counts:?} {set_aside:?}"),
        );
        let known = self.station.acknowledged().await?;
        findings.check(
            &format!("after {after}, every book that was lent is acknowledged"),
            known.len() == self.lent,
            || format!("{} of {}", known.len(), self.lent),
        );
        let copies: Vec<Barcode> = (0..self.lent).map(barcode).collect();
        let (expected, _) = of_events(&Branch::code(), &known.iter().collect::<Vec<_>>(), &copies);
        let found = at_site(&*self.direct, &copies).await?;
        match difference("the site", &found, &expected) {
            None => findings.pass(),
            Some(difference) => {
                findings.fail(&format!("after {after}, nothing is doubled"), difference)
            }
        }
        Ok(())
    }
}

/// The librarian of every branch.
pub fn credentials() -> Credentials {
    Credentials { login: key(LOGIN), password: PASSWORD.into() }
}

/// The way to a site, which can change under the desk.
struct Way {
    branch: BranchCode,
    connector: RwLock<SqlServerConnector>,
    /// A session on its way. It goes on when the desk does not wait any longer, and is there the next time.
    warming: AsyncMutex<Option<Warming>>,
}

type Warming = JoinHandle<Result<Arc<dyn Site>, SiteError>>;

impl Way {
    fn new(config: SqlServerConfig) -> Self {
        let branch = Branch::code();
        let connector = RwLock::new(SqlServerConnector::new(config, branch.clone()));
        Self { branch, connector, warming: AsyncMutex::default() }
    }

    /// Has a session ready for the next to connect, however long it takes.
    async fn warm(&self, who: &Credentials) -> Result<(), SiteError> {
        let site = self.connect(who).await?;
        *self.warming.lock().await = Some(tokio::spawn(async { Ok(site) }));
        Ok(())
    }

    fn set(&self, config: SqlServerConfig) {
        let connector = SqlServerConnector::new(config, self.branch.clone());
        *self.connector.write().unwrap_or_else(PoisonError::into_inner) = connector;
    }
}

#[async_trait]
impl SiteConnector for Way {
    fn branch(&self) -> &BranchCode {
        &self.branch
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        let mut warming = self.warming.lock().await;
        let session = warming.get_or_insert_with(|| {
            let connector = self.connector.read().unwrap_or_else(PoisonError::into_inner).clone();
            tokio::spawn(warmed(connector, who.clone()))
        });
        let connected = session.await;
        *warming = None;
        connected.map_err(|error| SiteError::Unexpected { detail: error.to_string() })?
    }
}

/// A session that has lent a book of its own and taken it back. Babelfish compiles procedures anew for each
/// connection, statement by statement, which on a busy machine takes longer than a librarian waits; SQL
/// Server keeps them compiled for all.
async fn warmed(
    connector: SqlServerConnector,
    who: Credentials,
) -> Result<Arc<dyn Site>, SiteError> {
    let site = connector.connect(&who).await?;
    let desk = DeskId::new(Uuid::now_v7());
    let due = wall().date_at(ZoneOffset::VIET_NAM).plus_days(1);
    let deeds =
        [Deed::Borrow { patron: patron(OWN_BOOK), due }, Deed::Return { returned_on: None }];
    for (seq, deed) in (1..).zip(deeds) {
        let event = Event {
            id: EventId::new(Uuid::now_v7()),
            desk,
            seq,
            site: Branch::code(),
            scanned_by: who.login.clone(),
            at: wall(),
            uncertainty_ms: 0,
            overridden: false,
            copy: barcode(OWN_BOOK),
            deed,
        };
        let correlation = CorrelationId::new(Uuid::now_v7());
        let sending = Sending { event, claim: Claim::Request, correlation, received_at: None };
        site.submit(None, &[sending]).await?;
    }
    Ok(site)
}
