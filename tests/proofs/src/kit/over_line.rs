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
use lienthu_domain::ids::{Barcode, BranchCode};
use lienthu_port::error::SiteError;
use lienthu_port::outbox::QueueFilter;
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_sqlserver::{SqlServerConfig, SqlServerConnector};
use tempfile::TempDir;

use super::branch::{Branch, LOGIN, PASSWORD, barcode, patron, seed};
use super::findings::Findings;
use super::folder;
use super::keys::key;
use super::loans::{at_site, difference, of_events};
use super::sites::enter;
use super::station::Station;
use super::wall::{WallClock, wall};

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
        let direct = site.connector().connect(&who).await.context("past the line")?;
        let all: Vec<Barcode> = (0..copies).map(barcode).collect();
        let readers: Vec<_> = (0..copies).map(patron).collect();
        enter(&*direct, &all, &readers).await?;
        let line = Line::to(site.config()).await?;
        let way = Arc::new(Way::new(line.through(site.config())));
        let folder = folder::fast()?;
        let station =
            Station::open(folder.path(), way.clone(), WallClock::of_desk(), seeded).await?;
        station.settle().await.context("the first contact")?;
        Ok(Self { site, line, station, direct, way, copies, lent: 0, _folder: folder })
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
        let (expected, _) = of_events(&known.iter().collect::<Vec<_>>(), &copies);
        let found = at_site(&*self.direct, &copies).await?;
        match difference("the site", &found, &expected) {
            None => findings.pass(),
            Some(difference) => findings.fail(&format!("after {after}, nothing is doubled"), difference),
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
}

impl Way {
    fn new(config: SqlServerConfig) -> Self {
        let branch = Branch::code();
        let connector = RwLock::new(SqlServerConnector::new(config, branch.clone()));
        Self { branch, connector }
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
        let connector = self.connector.read().unwrap_or_else(PoisonError::into_inner).clone();
        connector.connect(who).await
    }
}
