//! The desk itself: what every service shares.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use lienthu_domain::clock::{Comparison, correct};
use lienthu_domain::ids::{Barcode, BranchCode, Incarnation};
use lienthu_domain::rights::{Right, Role};
use lienthu_domain::text::clean;
use lienthu_domain::times::{LocalDate, UtcMs, ZoneOffset};
use lienthu_port::cache::{Cache, Knowledge};
use lienthu_port::message::Message;
use lienthu_port::outbox::{Enrolment, Outbox, QueueCounts};
use lienthu_port::site::{Site, SiteConnector};
use lienthu_port::world::{Clock, Ids};
use serde::{Deserialize, Serialize};
use specta::Type;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, Notify, watch};

use crate::error::DeskError;
use crate::session::{Permit, Person, Session};
use crate::site_state::SiteState;

/// A desk's name, in characters.
pub const NAME_CHARS_MAX: usize = 60;

/// What a desk is made of.
pub struct Parts {
    /// What it knows.
    pub cache: Arc<dyn Cache>,
    /// What it did.
    pub outbox: Arc<dyn Outbox>,
    /// Its clocks.
    pub clock: Arc<dyn Clock>,
    /// Where its ids come from.
    pub ids: Arc<dyn Ids>,
    /// The sites of the network file.
    pub sites: Vec<Arc<dyn SiteConnector>>,
    /// This computer, hashed.
    pub computer: String,
}

/// One installation of the app, working for one branch.
pub struct Desk {
    pub(crate) cache: Arc<dyn Cache>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    /// The ways to the sites, as the network file has them now.
    sites: RwLock<Vec<Arc<dyn SiteConnector>>>,
    computer: String,
    enrolment: RwLock<Option<Enrolment>>,
    zone: RwLock<ZoneOffset>,
    pub(crate) session: RwLock<Option<Session>>,
    /// The open connection to the home site.
    pub(crate) site: RwLock<Option<Arc<dyn Site>>>,
    /// Held while events are on their way, so that they leave in their order.
    sending: AsyncMutex<Turn>,
    /// Held while the cache is brought up to date.
    pub(crate) pulling: AsyncMutex<()>,
    pub(crate) state: watch::Sender<SiteState>,
    pub(crate) trouble: RwLock<Option<Message>>,
    pub(crate) compared: Mutex<Option<Comparison>>,
    /// The cache fills anew because the site was put back: what it shows meanwhile is no proof any more.
    pub(crate) filling_after_put_back: AtomicBool,
    /// When the outbox was last pruned, by the monotonic clock.
    pub(crate) pruned_ms: Mutex<Option<u64>>,
    interrupted: Vec<Barcode>,
    /// Wakes whoever tends the line.
    pub(crate) wake: Notify,
    changes: watch::Sender<u64>,
}

/// A turn at sending.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// A request is written down, and whoever asked was told nothing yet. Still so at the next turn, it
    /// was cut short, or told that it failed.
    pub(crate) asking: bool,
}

/// What the status line shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DeskStatus {
    /// This installation, once it is enrolled.
    pub enrolment: Option<Enrolment>,
    /// The branches of the network file.
    pub branches: Vec<BranchCode>,
    /// The home site.
    pub site: SiteState,
    /// Events wait, and nobody is signed in who may send them.
    pub waiting_for_sign_in: bool,
    /// The queue.
    pub queue: QueueCounts,
    /// What the desk knows.
    pub knowledge: Knowledge,
    /// Who is signed in.
    pub person: Option<Person>,
    /// What the last contact failed at, other than a line that is down.
    pub trouble: Option<Message>,
    /// Books whose scan was cut off when the program last ended. They were not recorded: scan again.
    pub interrupted: Vec<Barcode>,
}

impl Desk {
    /// Opens the desk: notices a copied disk, and withdraws what a process that died had asked.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn open(parts: Parts) -> Result<Arc<Self>, DeskError> {
        let mut enrolment = parts.outbox.enrolment().await?;
        if let Some(known) = enrolment.as_mut()
            && known.computer != parts.computer
        {
            tracing::warn!(desk = %known.desk, "this disk was copied from another computer: a new desk id");
            known.desk = parts.ids.desk();
            known.computer.clone_from(&parts.computer);
            parts.outbox.enrol(known).await?;
        }
        let interrupted: Vec<Barcode> =
            parts.outbox.withdraw_orphans().await?.into_iter().map(|q| q.event.copy).collect();
        let zone = parts.cache.site_facts().await?.map_or(ZoneOffset::VIET_NAM, |f| f.zone);
        Ok(Arc::new(Self {
            cache: parts.cache,
            outbox: parts.outbox,
            clock: parts.clock,
            ids: parts.ids,
            sites: RwLock::new(parts.sites),
            computer: parts.computer,
            enrolment: RwLock::new(enrolment),
            zone: RwLock::new(zone),
            session: RwLock::new(None),
            site: RwLock::new(None),
            sending: AsyncMutex::default(),
            pulling: AsyncMutex::new(()),
            state: watch::Sender::new(SiteState::NotTried),
            trouble: RwLock::new(None),
            compared: Mutex::new(None),
            filling_after_put_back: AtomicBool::new(false),
            pruned_ms: Mutex::new(None),
            interrupted,
            wake: Notify::new(),
            changes: watch::Sender::new(0),
        }))
    }

    /// Enrols this installation for a branch of the network.
    ///
    /// # Errors
    /// `NoSuchBranch`, `FieldWrong` for an empty name, `AlreadyEnrolled`.
    pub async fn enrol(&self, branch: BranchCode, name: &str) -> Result<Enrolment, DeskError> {
        if self.enrolment().is_ok() {
            return Err(DeskError::AlreadyEnrolled);
        }
        if !read(&self.sites).iter().any(|s| *s.branch() == branch) {
            return Err(DeskError::NoSuchBranch);
        }
        let name = clean(name, NAME_CHARS_MAX);
        if name.is_empty() {
            return Err(DeskError::FieldWrong);
        }
        let computer = self.computer.clone();
        self.put_enrolment(Enrolment { desk: self.ids.desk(), branch, name, computer }).await
    }

    /// Gives the desk a new id: its own disk was put back to an older state, so its sequence would
    /// repeat itself.
    pub(crate) async fn enrol_anew(&self) -> Result<(), DeskError> {
        let mut enrolment = self.enrolment()?;
        tracing::warn!(desk = %enrolment.desk, "this disk was put back to an older state: a new desk id");
        enrolment.desk = self.ids.desk();
        self.put_enrolment(enrolment).await?;
        Ok(())
    }

    async fn put_enrolment(&self, enrolment: Enrolment) -> Result<Enrolment, DeskError> {
        self.outbox.enrol(&enrolment).await?;
        *write(&self.enrolment) = Some(enrolment.clone());
        self.changed();
        Ok(enrolment)
    }

    /// This installation.
    ///
    /// # Errors
    /// `NotEnrolled`.
    pub fn enrolment(&self) -> Result<Enrolment, DeskError> {
        read(&self.enrolment).clone().ok_or(DeskError::NotEnrolled)
    }

    /// The way to the home site.
    pub(crate) fn home(&self) -> Result<Arc<dyn SiteConnector>, DeskError> {
        let branch = self.enrolment()?.branch;
        let sites = read(&self.sites);
        sites.iter().find(|s| *s.branch() == branch).cloned().ok_or(DeskError::NoSuchBranch)
    }

    /// Reaches the sites in these ways from now on, because the network file has changed. A question that
    /// is on its way is answered as it was asked; what comes after it goes the new way.
    pub fn use_sites(&self, sites: Vec<Arc<dyn SiteConnector>>) {
        *write(&self.sites) = sites;
        *write(&self.site) = None;
        self.set_trouble(None);
        self.set_state(SiteState::NotTried);
        self.wake.notify_one();
    }

    /// The incarnation that this desk last saw of its own branch's site; nothing of any other's.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn known_incarnation(
        &self,
        branch: &BranchCode,
    ) -> Result<Option<Incarnation>, DeskError> {
        if !self.enrolment().is_ok_and(|own| own.branch == *branch) {
            return Ok(None);
        }
        Ok(self.cache.site_facts().await?.map(|facts| facts.incarnation))
    }

    /// Whether this is still the way to the home site.
    pub(crate) fn leads_home(&self, way: &Arc<dyn SiteConnector>) -> bool {
        self.home().is_ok_and(|home| Arc::ptr_eq(&home, way))
    }

    /// The open connection to the home site, for what only the site can answer.
    pub(crate) fn reach(&self) -> Result<Arc<dyn Site>, DeskError> {
        read(&self.site).clone().ok_or(DeskError::NeedsSite)
    }

    /// Waits for a turn at sending. A request that an earlier turn left behind is withdrawn first: nobody
    /// was told that it happened, so it must not.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub(crate) async fn turn(&self) -> Result<MutexGuard<'_, Turn>, DeskError> {
        let mut turn = self.sending.lock().await;
        if turn.asking {
            self.outbox.withdraw_orphans().await?;
            turn.asking = false;
        }
        Ok(turn)
    }

    /// A permit for whoever is signed in, if they have the right. The one place at a desk where rights
    /// are looked at; the site looks again.
    ///
    /// # Errors
    /// `NotSignedIn`, `Forbidden`.
    pub fn permit(&self, right: Right) -> Result<Permit, DeskError> {
        let session = read(&self.session);
        let person = &session.as_ref().ok_or(DeskError::NotSignedIn)?.person;
        if !person.who.may(right) {
            return Err(DeskError::Forbidden(right));
        }
        Ok(Permit::for_person(person))
    }

    /// Proof that somebody is signed in, whatever they may.
    ///
    /// # Errors
    /// `NotSignedIn`.
    pub fn signed_in(&self) -> Result<Permit, DeskError> {
        let session = read(&self.session);
        let session = session.as_ref().ok_or(DeskError::NotSignedIn)?;
        Ok(Permit::for_person(&session.person))
    }

    /// A permit for a manager, for what no site is asked about.
    ///
    /// # Errors
    /// `NotSignedIn`, `ManagersOnly`.
    pub fn permit_manager(&self) -> Result<Permit, DeskError> {
        let session = read(&self.session);
        let person = &session.as_ref().ok_or(DeskError::NotSignedIn)?.person;
        if !person.who.roles.contains(&Role::Manager) {
            return Err(DeskError::ManagersOnly);
        }
        Ok(Permit::for_person(person))
    }

    /// The home site's state, to follow.
    #[must_use]
    pub fn site_state(&self) -> watch::Receiver<SiteState> {
        self.state.subscribe()
    }

    /// Counts up whenever [`Desk::status`] may have changed.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What the status line shows.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn status(&self) -> Result<DeskStatus, DeskError> {
        let queue = self.outbox.counts().await?;
        let knowledge = self.cache.knowledge().await?;
        let person = read(&self.session).as_ref().map(|s| (*s.person).clone());
        let may_send = person.as_ref().is_some_and(|p| p.who.may(Right::Circulate))
            && !read(&self.session).as_ref().is_some_and(|s| s.rejected);
        Ok(DeskStatus {
            enrolment: read(&self.enrolment).clone(),
            branches: read(&self.sites).iter().map(|s| s.branch().clone()).collect(),
            site: *self.state.borrow(),
            waiting_for_sign_in: queue.waiting > 0 && !may_send,
            queue,
            knowledge,
            person,
            trouble: read(&self.trouble).clone(),
            interrupted: self.interrupted.clone(),
        })
    }

    /// Notes that the status may have changed.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(crate) fn set_state(&self, state: SiteState) {
        if self.state.send_if_modified(|s| std::mem::replace(s, state) != state) {
            tracing::info!(?state, "site state");
            if matches!(state, SiteState::Unreachable { .. }) {
                // Whoever tends the line may be pausing until it is next looked at; from now on it is
                // tried at the pace of failures.
                self.wake.notify_one();
            }
        }
        self.changed();
    }

    pub(crate) fn set_trouble(&self, trouble: Option<Message>) {
        *write(&self.trouble) = trouble;
        self.changed();
    }

    pub(crate) fn set_zone(&self, zone: ZoneOffset) {
        *write(&self.zone) = zone;
    }

    /// The branch's recorded offset.
    #[must_use]
    pub fn zone(&self) -> ZoneOffset {
        *read(&self.zone)
    }

    /// Now, on the site's clock as far as it is known.
    pub(crate) fn now(&self) -> UtcMs {
        let compared = *self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        correct(self.clock.read(), compared.as_slice(), None).at
    }

    /// Today at the branch.
    pub(crate) fn today(&self) -> LocalDate {
        self.now().date_at(self.zone())
    }
}

pub(crate) fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
