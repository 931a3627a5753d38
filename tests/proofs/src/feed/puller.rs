//! A desk that follows a site's feed over a line that breaks, and looks at every state that it comes to show.

use std::iter::Sum;
use std::ops::AddAssign;
use std::sync::Arc;

use anyhow::bail;
use lienthu_conformance::follower::Follower;
use lienthu_conformance::kit::{LIBRARIAN, credentials};
use lienthu_port::error::SiteError;
use lienthu_port::feed::{Pulled, RefillReason};
use lienthu_port::site::{Site, SiteConnector};
use tokio::sync::watch;

use super::shown::torn;
use crate::kit::rng::{Rng, chance};

/// Tries of one page at most, where the site is busy or its answer is lost.
const TRIES_MAX: u32 = 40;
/// In per cent of all pages: the answer is lost, and the page is asked for again.
const LOST_PERCENT: u32 = 10;
/// In per cent of all pages: the program ends and starts again, with what it has.
const RECONNECTED_PERCENT: u32 = 5;
/// States that the site was not in, of those that are told.
const TOLD_MAX: usize = 5;

/// What a desk has met.
#[derive(Debug, Clone, Default)]
pub struct Pulling {
    /// Pulls that came to their end.
    pub pulls: u64,
    /// Their pages.
    pub pages: u64,
    rows: u64,
    /// Answers that were lost, and programs that started again.
    pub interrupted: u64,
    /// Refills because the site was put back.
    pub restored: u64,
    /// Refills because the site has forgotten.
    pub below_floor: u64,
    busy: u64,
    torn_count: u64,
    /// States that were shown and that the site was not in.
    pub torn: Vec<String>,
}

impl Pulling {
    /// As they are printed.
    pub const fn figures(&self) -> [(&'static str, u64); 8] {
        [
            ("pulls", self.pulls),
            ("pages", self.pages),
            ("rows", self.rows),
            ("interrupted", self.interrupted),
            ("refills_restored", self.restored),
            ("refills_below_floor", self.below_floor),
            ("busy", self.busy),
            ("torn", self.torn_count),
        ]
    }
}

impl AddAssign for Pulling {
    fn add_assign(&mut self, other: Self) {
        self.pulls += other.pulls;
        self.pages += other.pages;
        self.rows += other.rows;
        self.interrupted += other.interrupted;
        self.restored += other.restored;
        self.below_floor += other.below_floor;
        self.busy += other.busy;
        self.torn_count += other.torn_count;
        self.torn.extend(other.torn);
    }
}

impl Sum for Pulling {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

/// See the module.
pub struct Puller {
    connector: Arc<dyn SiteConnector>,
    site: Arc<dyn Site>,
    /// What it shows.
    pub follower: Follower,
    rng: Rng,
    is_always_new: bool,
    /// What it met.
    pub done: Pulling,
}

impl Puller {
    /// A desk with nothing yet. One that is always new begins every pull with nothing.
    ///
    /// # Errors
    /// What the site says.
    pub async fn new(
        connector: Arc<dyn SiteConnector>,
        rng: Rng,
        is_always_new: bool,
    ) -> anyhow::Result<Self> {
        let site = connector.connect(&credentials(LIBRARIAN)).await?;
        let (follower, done) = (Follower::default(), Pulling::default());
        Ok(Self { connector, site, follower, rng, is_always_new, done })
    }

    /// Pulls whenever something was written, until all writers have ended, and then once more.
    ///
    /// # Errors
    /// The site does not answer any more.
    pub async fn until(
        &mut self,
        mut written: watch::Receiver<u32>,
        mut ended: watch::Receiver<()>,
    ) -> anyhow::Result<()> {
        loop {
            self.pull().await?;
            tokio::select! {
                Ok(()) = written.changed() => {}
                // Its only change is that it ends.
                _ = ended.changed() => return self.pull().await,
            }
        }
    }

    /// Pulls to the end, and looks at what is shown then.
    ///
    /// # Errors
    /// The site does not answer any more.
    pub async fn pull(&mut self) -> anyhow::Result<()> {
        if self.is_always_new {
            self.follower = Follower::default();
        }
        loop {
            match self.page().await? {
                Pulled::Refill(why) => {
                    match why {
                        RefillReason::Restored => self.done.restored += 1,
                        RefillReason::BelowFloor => self.done.below_floor += 1,
                    }
                    self.follower = Follower::default();
                }
                Pulled::Page(page) => {
                    self.done.pages += 1;
                    self.done.rows += page.rows.len() as u64;
                    if self.follower.take(page) {
                        break;
                    }
                }
            }
        }
        self.done.pulls += 1;
        let found = torn(&self.follower.shown);
        self.done.torn_count += found.len() as u64;
        let untold = TOLD_MAX.saturating_sub(self.done.torn.len());
        self.done.torn.extend(found.into_iter().take(untold));
        Ok(())
    }

    /// The next page, over a line that loses some of them.
    async fn page(&mut self) -> anyhow::Result<Pulled> {
        if chance(&mut self.rng, LOST_PERCENT) {
            // Nobody hears what the site says to it.
            drop(self.site.pull(&self.follower.next()).await);
            self.done.interrupted += 1;
        }
        if chance(&mut self.rng, RECONNECTED_PERCENT) {
            self.site = self.connector.connect(&credentials(LIBRARIAN)).await?;
            self.done.interrupted += 1;
        }
        for _ in 0..TRIES_MAX {
            match self.site.pull(&self.follower.next()).await {
                Ok(pulled) => return Ok(pulled),
                Err(SiteError::Busy) => self.done.busy += 1,
                Err(error) => return Err(error.into()),
            }
        }
        bail!("the site is busy for ever: {TRIES_MAX} times for one page");
    }
}
