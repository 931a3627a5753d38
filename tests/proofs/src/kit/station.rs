//! A desk with real files, a line that breaks on demand, and clocks that a proof sets.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use lienthu_desk::answer::Answer;
use lienthu_desk::circulation::Wanted;
use lienthu_desk::desk::{Desk, Parts};
use lienthu_desk::error::DeskError;
use lienthu_domain::event::Event;
use lienthu_domain::ids::{Barcode, ChangeId, CorrelationId, DeskId, EventId, TransferId, TxnId};
use lienthu_domain::rights::Right;
use lienthu_port::cache::Cache;
use lienthu_port::outbox::{Outbox, QueueFilter, Queued};
use lienthu_port::site::SiteConnector;
use lienthu_port::world::{Clock, Ids};
use lienthu_store::{KeyPolicy, Store};
use rand::SeedableRng as _;

use super::branch::{LOGIN, PASSWORD};
use super::faulty::{Faults, FaultyConnector};
use super::keys::key;
use super::rng::{self, Rng};
use super::scanning::acknowledged;

/// See the module.
pub struct Station {
    /// The services.
    pub desk: Arc<Desk>,
    /// What it knows.
    pub cache: Arc<dyn Cache>,
    /// What it did.
    pub outbox: Arc<dyn Outbox>,
    /// Its line.
    pub faults: Arc<Faults>,
}

impl Station {
    /// Opens the desk in a folder, enrols it where it is new, and signs the librarian in.
    ///
    /// # Errors
    /// What the desk says.
    pub async fn open(
        folder: &Path,
        site: Arc<dyn SiteConnector>,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let faults = Faults::new();
        let branch = site.branch().clone();
        let store = Store::open(folder, KeyPolicy::KeyFile)?;
        let (cache, outbox) = (store.cache, store.outbox);
        let desk = Desk::open(Parts {
            cache: cache.clone(),
            outbox: outbox.clone(),
            clock: clock.clone(),
            ids: Arc::new(SeededIds { rng: Mutex::new(Rng::seed_from_u64(seed)), clock }),
            sites: vec![FaultyConnector::new(site, faults.clone())],
            computer: "a computer of the proof".to_owned(),
        })
        .await?;
        if desk.enrolment().is_err() {
            desk.enrol(branch, "Quầy 1").await?;
        }
        let station = Self { desk, cache, outbox, faults };
        station.desk.sign_in(key(LOGIN), PASSWORD.into()).await?;
        Ok(station)
    }

    /// Does what is wanted of a copy.
    ///
    /// # Errors
    /// What the desk says.
    pub async fn perform(
        &self,
        copy: &Barcode,
        wanted: Wanted,
        go_on: bool,
    ) -> Result<Answer, DeskError> {
        let permit = self.desk.permit(Right::Circulate)?;
        let correlation = CorrelationId::new(uuid::Uuid::new_v4());
        self.desk.perform(&permit, correlation, copy, wanted, go_on).await
    }

    /// The event that was written down last.
    ///
    /// # Errors
    /// What the outbox says.
    pub async fn latest(&self) -> anyhow::Result<Option<Queued>> {
        Ok(self.outbox.list(QueueFilter::All, 0, 1).await?.pop())
    }

    /// All events that the site has from this desk, as far as the desk knows.
    ///
    /// # Errors
    /// What the outbox says.
    pub async fn acknowledged(&self) -> anyhow::Result<Vec<Event>> {
        Ok(acknowledged(&*self.outbox).await?.into_values().collect())
    }

    /// Gets in touch until nothing waits any more and the cache shows what the site has.
    ///
    /// # Errors
    /// When that does not happen within a few contacts over a whole line.
    pub async fn settle(&self) -> anyhow::Result<()> {
        const CONTACTS_MAX: u32 = 5;
        for _ in 0..CONTACTS_MAX {
            let contact = self.desk.contact().await;
            let counts = self.outbox.counts().await?;
            if contact.is_ok() && counts.waiting == 0 {
                return Ok(());
            }
        }
        anyhow::bail!("the queue does not drain: {:?}", self.outbox.counts().await?)
    }
}

/// Ids that can be played again.
struct SeededIds {
    rng: Mutex<Rng>,
    clock: Arc<dyn Clock>,
}

impl SeededIds {
    fn rng(&self) -> std::sync::MutexGuard<'_, Rng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ids for SeededIds {
    fn event(&self) -> EventId {
        let now_ms = self.clock.read().wall.ms();
        EventId::new(rng::uuid_v7(&mut self.rng(), now_ms))
    }

    fn correlation(&self) -> CorrelationId {
        CorrelationId::new(rng::uuid(&mut self.rng()))
    }

    fn desk(&self) -> DeskId {
        DeskId::new(rng::uuid(&mut self.rng()))
    }

    fn txn(&self) -> TxnId {
        let now_ms = self.clock.read().wall.ms();
        TxnId::new(rng::uuid_v7(&mut self.rng(), now_ms))
    }

    fn transfer(&self) -> TransferId {
        let now_ms = self.clock.read().wall.ms();
        TransferId::new(rng::uuid_v7(&mut self.rng(), now_ms))
    }

    fn change(&self) -> ChangeId {
        let now_ms = self.clock.read().wall.ms();
        ChangeId::new(rng::uuid_v7(&mut self.rng(), now_ms))
    }
}
