//! Being in touch with the site: comparing clocks, noticing that either side was put back to an older
//! state, sending what waits, and following what changed.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use lienthu_domain::clock::Comparison;
use lienthu_domain::rights::Right;
use lienthu_port::cache::SiteFacts;
use lienthu_port::error::SiteError;
use lienthu_port::feed::{Pulled, RefillReason, Watermark};
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION, Welcome};
use lienthu_port::outbox::{KEPT_DAYS, Queued};
use lienthu_port::site::Site;
use lienthu_port::submit::{BATCH_EVENTS_MAX, SetAside};

use crate::circulation::{submit, to_send};
use crate::desk::{Desk, read, write};
use crate::error::DeskError;
use crate::site_state::SiteState;

/// How long the site may take over a batch, a page or a greeting.
pub const STEP_MS_MAX: u64 = 30_000;
/// Pages of one pull at most: ten million rows and more.
const PULL_PAGES_MAX: u32 = 100_000;

/// How often the outbox is looked through for what need not be kept any more: that reads all of it,
/// and a scan waits meanwhile.
const PRUNE_MS: u64 = 3_600_000;

/// What one contact came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contact {
    /// Events that the site has answered.
    pub sent: u32,
    /// Pages of changes taken.
    pub pages: u32,
    /// The site was found put back to an older state.
    pub restored: bool,
}

impl Desk {
    /// Gets in touch once: connects if need be, greets, sends all that waits, takes all that changed.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotEnrolled`; whatever the site says. The state and the trouble that the status
    /// shows are up to date in either case.
    pub async fn contact(&self) -> Result<Contact, DeskError> {
        let result = self.try_contact().await;
        match &result {
            Ok(_) => {
                self.set_trouble(None);
                self.set_state(SiteState::Reachable);
            }
            Err(DeskError::Site(error)) => self.note_failure(error),
            Err(DeskError::NotSignedIn | DeskError::NotEnrolled) => {}
            Err(other) => self.set_trouble(Some(other.message())),
        }
        result
    }

    async fn try_contact(&self) -> Result<Contact, DeskError> {
        let (site, is_new) = self.connected().await?;
        let welcome = self.greet(&site).await?;
        self.confirm_person(welcome.who.clone());
        if is_new {
            self.take_agents_if_possible(&site, &welcome.who).await;
        }
        let mut contact = Contact { restored: !welcome.known_is_past, ..Contact::default() };
        if contact.restored {
            let again = self.outbox.send_again().await?;
            tracing::warn!(again, "the site was put back to an older state: sending again");
            self.refill(RefillReason::Restored).await?;
        }
        if welcome.who.may(Right::Circulate) {
            contact.sent = self.drain(&site).await?;
        }
        if welcome.who.may(Right::Follow) {
            self.follow(&site, &mut contact).await?;
        }
        self.prune().await?;
        if contact.sent > 0 {
            tracing::info!(sent = contact.sent, pages = contact.pages, "in touch");
        }
        Ok(contact)
    }

    /// Drops what was kept for long enough, at the first contact and now and then.
    async fn prune(&self) -> Result<(), DeskError> {
        let now_ms = self.clock.read().monotonic_ms;
        let pruned_ms = *self.pruned_ms.lock().unwrap_or_else(PoisonError::into_inner);
        if pruned_ms.is_some_and(|last_ms| now_ms.saturating_sub(last_ms) < PRUNE_MS) {
            return Ok(());
        }
        self.outbox.prune(self.now().plus_ms(-KEPT_DAYS * 86_400_000)).await?;
        *self.pruned_ms.lock().unwrap_or_else(PoisonError::into_inner) = Some(now_ms);
        Ok(())
    }

    /// The open connection, or a new one with the credentials of whoever is signed in; says whether it is
    /// new.
    async fn connected(&self) -> Result<(Arc<dyn Site>, bool), DeskError> {
        if let Some(site) = read(&self.site).clone() {
            return Ok((site, false));
        }
        let credentials = self.credentials()?;
        match self.connect(&credentials).await {
            Ok(reached) => {
                let site = reached.site.clone();
                self.keep_connection(&credentials.login, reached)?;
                Ok((site, true))
            }
            Err(DeskError::Site(SiteError::LoginFailed)) => {
                // They opened this desk offline; the site knows better.
                if self.reject_credentials(&credentials) {
                    self.cache.forget_sign_in(&credentials.login).await?;
                }
                Err(SiteError::LoginFailed.into())
            }
            Err(error) => Err(error),
        }
    }

    /// Exchanges versions and clocks, and looks whether this desk's disk was put back.
    pub(crate) async fn greet(&self, site: &Arc<dyn Site>) -> Result<Welcome, DeskError> {
        let enrolment = self.enrolment()?;
        let hello =
            Hello { protocol: PROTOCOL_VERSION, desk: enrolment.desk, known: self.known().await? };
        let asked = self.clock.read();
        let welcome = within(STEP_MS_MAX, site.hello(&hello)).await?;
        let comparison = Comparison::measured(asked, self.clock.read(), welcome.now);
        if welcome.branch != enrolment.branch {
            return Err(SiteError::WrongBranch {
                expected: enrolment.branch,
                found: welcome.branch,
            }
            .into());
        }
        self.outbox.note_comparison(comparison).await?;
        *self.compared.lock().unwrap_or_else(PoisonError::into_inner) = Some(comparison);
        self.set_zone(welcome.zone);
        let facts = SiteFacts { zone: welcome.zone, incarnation: welcome.incarnation };
        self.cache.remember_site(facts).await?;
        if welcome.desk_seq_max > self.outbox.last_seq().await? {
            self.enrol_anew().await?;
        }
        Ok(welcome)
    }

    /// The furthest state of the site that this desk has proof of. Not that of a cache which fills anew
    /// after the site was put back: a line that breaks meanwhile would have it begin the fill again.
    async fn known(&self) -> Result<Option<Watermark>, DeskError> {
        let proven = self.outbox.proven().await?;
        if self.filling_after_put_back.load(Ordering::Relaxed) {
            return Ok(proven);
        }
        let shown = self.cache.watermark().await?;
        Ok(proven.into_iter().chain(shown).max_by_key(|w| w.number))
    }

    /// Sends all that waits, in order, a batch to a round trip; no longer than someone who may is signed
    /// in.
    async fn drain(&self, site: &Arc<dyn Site>) -> Result<u32, DeskError> {
        let mut sent = 0_u32;
        let mut sent_first = None;
        loop {
            let turn = self.turn().await?;
            self.outbox.freeze().await?;
            let batch = self.outbox.next_batch(BATCH_EVENTS_MAX).await?;
            let Some(first) = batch.first().map(|queued| (queued.event.id, queued.claim)) else {
                return Ok(sent);
            };
            self.permit(Right::Circulate)?;
            if sent_first.replace(first) == Some(first) {
                let detail = "the answer leaves out an event".into();
                return Err(SiteError::Unexpected { detail }.into());
            }
            let total = sent.saturating_add(self.outbox.counts().await?.waiting);
            self.set_state(SiteState::Draining { sent, total });
            sent = sent.saturating_add(self.send_batch(site, &batch).await?);
            drop(turn);
        }
    }

    async fn send_batch(&self, site: &Arc<dyn Site>, batch: &[Queued]) -> Result<u32, DeskError> {
        let proven = self.outbox.proven().await?;
        let sendings: Vec<_> = batch.iter().map(to_send).collect();
        match within(STEP_MS_MAX, submit(site, proven, &sendings)).await {
            Ok(receipts) => {
                self.record(&receipts).await?;
                Ok(count(receipts.receipts.len()))
            }
            // The batch as a whole was not taken: one bad event must not block the others.
            Err(SiteError::Unexpected { detail }) => {
                tracing::warn!(detail, "batch failed, trying its events one by one");
                self.send_one_by_one(site, batch).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Sets aside what fails alone as well. Where all of them fail, it is not the events' fault.
    async fn send_one_by_one(
        &self,
        site: &Arc<dyn Site>,
        batch: &[Queued],
    ) -> Result<u32, DeskError> {
        let mut failed = Vec::new();
        for queued in batch {
            let proven = self.outbox.proven().await?;
            match within(STEP_MS_MAX, submit(site, proven, &[to_send(queued)])).await {
                Ok(receipts) => self.record(&receipts).await?,
                Err(SiteError::Unexpected { detail }) => {
                    tracing::error!(event = %queued.event.id, detail, "failed alone");
                    failed.push(queued.event.id);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if batch.len() > 1 && failed.len() == batch.len() {
            let detail = "every event of a batch failed alone".into();
            return Err(SiteError::Unexpected { detail }.into());
        }
        for event in failed {
            self.outbox.set_aside(event, SetAside::Failed).await?;
        }
        Ok(count(batch.len()))
    }

    /// Takes what changed at the site until the cache shows its state.
    async fn follow(&self, site: &Arc<dyn Site>, contact: &mut Contact) -> Result<(), DeskError> {
        let _pulling = self.pulling.lock().await;
        for _ in 0..PULL_PAGES_MAX {
            let from = self.cache.pull_from().await?;
            match within(STEP_MS_MAX, site.pull(&from)).await? {
                Pulled::Page(page) => {
                    contact.pages += 1;
                    let complete = self.cache.take(page).await?;
                    self.changed();
                    if complete {
                        self.filling_after_put_back.store(false, Ordering::Relaxed);
                        return Ok(());
                    }
                }
                Pulled::Refill(why) => {
                    tracing::warn!(?why, "filling the cache anew");
                    if why == RefillReason::Restored && !contact.restored {
                        contact.restored = true;
                        self.outbox.send_again().await?;
                    }
                    self.refill(why).await?;
                }
            }
        }
        Err(SiteError::Unexpected { detail: "the pull does not end".into() }.into())
    }

    async fn refill(&self, why: RefillReason) -> Result<(), DeskError> {
        self.cache.refill(why).await?;
        if why == RefillReason::Restored {
            self.filling_after_put_back.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Notes a failure for the status line, and drops a connection that may be broken.
    pub(crate) fn note_failure(&self, error: &SiteError) {
        let line_down = error.is_line_down();
        if line_down
            || matches!(
                error,
                SiteError::LoginFailed | SiteError::PutBack | SiteError::Unexpected { .. }
            )
        {
            *write(&self.site) = None;
        }
        self.set_trouble((!line_down).then(|| error.message()));
        if *error != SiteError::Busy {
            // It cannot be worked with, for whatever reason: the desk goes on alone.
            let now = self.clock.read().wall;
            let state = self.state.borrow().failed(now);
            self.set_state(state);
        }
    }
}

/// Bounds a step in time. What was on its way may have happened.
pub(crate) async fn within<T>(
    limit_ms: u64,
    step: impl Future<Output = Result<T, SiteError>>,
) -> Result<T, SiteError> {
    tokio::time::timeout(Duration::from_millis(limit_ms), step).await.unwrap_or_else(|_| {
        Err(SiteError::ReplyLost { detail: format!("no answer within {limit_ms} ms") })
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
