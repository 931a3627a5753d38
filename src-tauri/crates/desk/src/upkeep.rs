//! Changes to patrons and copies, which need the site, and the desk's own queue.

use lienthu_domain::copy::CopyDetails;
use lienthu_domain::event::{Claim, Deed};
use lienthu_domain::ids::{Barcode, CorrelationId, EventId, PatronCode};
use lienthu_domain::refusal::Refusal;
use lienthu_port::error::SiteError;
use lienthu_port::lookup::{CopyChange, PatronChange};
use lienthu_port::message::Message;
use lienthu_port::outbox::{QueueFilter, QueueState, Queued};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::answer::{Answer, CopyView};
use crate::circulation::Wanted;
use crate::contact::{STEP_MS_MAX, within};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::session::Permit;

/// Events in one page of the queue.
pub const QUEUE_PAGE: usize = 100;

/// An event of the queue with its book and, where there is something to say, its sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct QueueLine {
    /// The event.
    pub queued: Queued,
    /// The book.
    pub copy: CopyView,
    /// Why it is set aside, or was refused.
    pub message: Option<Message>,
}

impl Desk {
    /// Adds or changes a patron.
    ///
    /// # Errors
    /// `NeedsSite`, `ChangeUncertain`; whatever the site says.
    pub async fn put_patron(
        &self,
        _permit: &Permit,
        change: &PatronChange,
    ) -> Result<(), DeskError> {
        let site = self.reach()?;
        self.changed_at_site(within(STEP_MS_MAX, site.put_patron(change)).await)?;
        self.catch_up().await
    }

    /// Marks a patron removed.
    ///
    /// # Errors
    /// `NeedsSite`, `ChangeUncertain`; whatever the site says.
    pub async fn remove_patron(
        &self,
        _permit: &Permit,
        code: &PatronCode,
    ) -> Result<(), DeskError> {
        let site = self.reach()?;
        self.changed_at_site(within(STEP_MS_MAX, site.remove_patron(code)).await)?;
        self.catch_up().await
    }

    /// Adds copies, all or none.
    ///
    /// # Errors
    /// `NeedsSite`, `ChangeUncertain`; whatever the site says.
    pub async fn add_copies(
        &self,
        _permit: &Permit,
        copies: &[CopyDetails],
    ) -> Result<(), DeskError> {
        let site = self.reach()?;
        self.changed_at_site(within(STEP_MS_MAX, site.add_copies(copies)).await)?;
        self.catch_up().await
    }

    /// Changes a copy.
    ///
    /// # Errors
    /// `NeedsSite`, `ChangeUncertain`; whatever the site says.
    pub async fn put_copy(&self, _permit: &Permit, change: &CopyChange) -> Result<(), DeskError> {
        let site = self.reach()?;
        self.changed_at_site(within(STEP_MS_MAX, site.put_copy(change)).await)?;
        self.catch_up().await
    }

    /// Marks a copy removed.
    ///
    /// # Errors
    /// `NeedsSite`, `ChangeUncertain`; whatever the site says.
    pub async fn remove_copy(&self, _permit: &Permit, barcode: &Barcode) -> Result<(), DeskError> {
        let site = self.reach()?;
        self.changed_at_site(within(STEP_MS_MAX, site.remove_copy(barcode)).await)?;
        self.catch_up().await
    }

    /// Nothing keeps a change for later, as the outbox keeps scans: a line that is down has to be said.
    pub(crate) fn changed_at_site<T>(&self, answer: Result<T, SiteError>) -> Result<T, DeskError> {
        answer.map_err(|error| {
            if error.is_line_down() {
                self.note_failure(&error);
            }
            match error {
                SiteError::Unreachable { .. } => DeskError::NeedsSite,
                SiteError::ReplyLost { .. } => DeskError::ChangeUncertain,
                error => error.into(),
            }
        })
    }

    /// Takes what just changed into the cache, so that the next scan knows it. The change itself is
    /// made; a line that breaks now is noticed by whoever tends it.
    pub(crate) async fn catch_up(&self) -> Result<(), DeskError> {
        match self.contact().await {
            Err(DeskError::Store(error)) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Takes an event of this desk back.
    ///
    /// # Errors
    /// `UnknownEvent`; those of [`Desk::perform`].
    pub async fn undo(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        event: EventId,
    ) -> Result<Answer, DeskError> {
        let queued = self.outbox.get(event).await?.ok_or(DeskError::UnknownEvent)?;
        if !can_be_undone(&queued) {
            let copy = self.local_copy(&queued.event.copy).await?;
            return self.refused(&[Refusal::NothingToUndo], false, true, &copy, None).await;
        }
        let wanted = Wanted::Undo { target: event };
        self.perform(permit, correlation, &queued.event.copy, wanted, false).await
    }

    /// A page of the queue.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn queue(
        &self,
        _permit: &Permit,
        filter: QueueFilter,
        skip: u32,
    ) -> Result<Vec<QueueLine>, DeskError> {
        let page = self.outbox.list(filter, skip, QUEUE_PAGE).await?;
        let mut lines = Vec::with_capacity(page.len());
        for queued in page {
            let message = match &queued.state {
                QueueState::SetAside { why } => Some(why.message()),
                QueueState::Refused { reasons } => reasons.first().copied().map(Message::from),
                QueueState::Waiting | QueueState::Acknowledged | QueueState::Withdrawn => None,
            };
            let copy = self.local_copy(&queued.event.copy).await?.view();
            lines.push(QueueLine { queued, copy, message });
        }
        Ok(lines)
    }

    /// Puts an event that was set aside back in the queue.
    ///
    /// # Errors
    /// `UnknownEvent`; those of the desk's own files.
    pub async fn retry(&self, _permit: &Permit, event: EventId) -> Result<(), DeskError> {
        self.outbox.get(event).await?.ok_or(DeskError::UnknownEvent)?;
        self.outbox.retry_set_aside(event).await?;
        self.changed();
        self.wake.notify_one();
        Ok(())
    }
}

/// Whether an event is one that happened, as far as this desk knows, and that can be taken back.
const fn can_be_undone(queued: &Queued) -> bool {
    matches!(queued.event.deed, Deed::Borrow { .. } | Deed::Return { .. } | Deed::Renew { .. })
        && !matches!(queued.claim, Claim::Withdrawal)
        && !matches!(queued.state, QueueState::Refused { .. } | QueueState::Withdrawn)
}
