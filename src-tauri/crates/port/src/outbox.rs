//! The port `Outbox`: the desk's own events, durable. Never thrown away; only it pays for full
//! durability.

use async_trait::async_trait;
use lienthu_domain::clock::{Comparison, Reading};
use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_domain::ids::{
    Barcode, BranchCode, CorrelationId, DeskId, EventId, PatronCode, StaffLogin,
};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::times::UtcMs;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::error::StoreError;
use crate::feed::Watermark;
use crate::submit::{Receipt, SetAside};

/// Events that may wait at most. At four scans a second that is a week without a pause.
pub const WAITING_MAX: u32 = 1_000_000;
/// Comparisons of clocks that are kept.
pub const COMPARISONS_MAX: usize = 16;
/// How long acknowledged events are kept: longer than backups are old.
pub const KEPT_DAYS: i64 = 30;

/// What this installation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Enrolment {
    /// Its id.
    pub desk: DeskId,
    /// Its home branch.
    pub branch: BranchCode,
    /// What people call it, such as `Quầy 1`.
    pub name: String,
    /// The computer that it was enrolled on, hashed; another one means that the disk was copied.
    pub computer: String,
}

/// An event as a scan makes it; the outbox gives it its place in the sequence and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Made by the desk.
    pub id: EventId,
    /// Who scanned.
    pub scanned_by: StaffLogin,
    /// The desk's clocks at the scan.
    pub scanned: Reading,
    /// The librarian saw the rule and went on.
    pub overridden: bool,
    /// The copy.
    pub copy: Barcode,
    /// What happened.
    pub deed: Deed,
    /// How it is put. A request is frozen at once, with everything that waits before it; a fact is
    /// frozen before it is first sent, when the clocks have been compared.
    pub claim: Claim,
    /// For the logs.
    pub correlation: CorrelationId,
}

/// What has become of an event so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum QueueState {
    /// Not acknowledged yet.
    Waiting,
    /// The site has it.
    Acknowledged,
    /// The site refused the request.
    Refused {
        /// Why.
        reasons: Vec<Refusal>,
    },
    /// It is withdrawn, and the site knows.
    Withdrawn,
    /// The site cannot take it.
    SetAside {
        /// Why.
        why: SetAside,
    },
}

/// An event in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Queued {
    /// The event; `at` and `uncertainty_ms` are provisional until it is frozen.
    pub event: Event,
    /// Whether its time is frozen. Only frozen events are sent.
    pub frozen: bool,
    /// How it is put.
    pub claim: Claim,
    /// What has become of it.
    pub state: QueueState,
    /// For the logs.
    pub correlation: CorrelationId,
}

/// How many events are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct QueueCounts {
    /// Not acknowledged yet.
    pub waiting: u32,
    /// Set aside.
    pub set_aside: u32,
    /// Acknowledged and still kept.
    pub acknowledged: u32,
}

/// Which events to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum QueueFilter {
    /// Not acknowledged yet, oldest first.
    Waiting,
    /// Set aside, oldest first.
    SetAside,
    /// All that are kept, latest first.
    All,
}

/// What the desk did that its cache does not show yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unseen {
    /// In the order of the desk's sequence: waiting (but not withdrawn), or acknowledged at a number
    /// that the cache has not reached.
    pub events: Vec<Event>,
}

/// See the module. Every call may fail with any [`StoreError`]. A call that changes something has
/// reached the disk when it returns.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// This installation, once it is enrolled.
    async fn enrolment(&self) -> Result<Option<Enrolment>, StoreError>;
    /// Enrols it, or gives it a new id: the sequence begins anew under the new id, and what already
    /// waits keeps the old one.
    async fn enrol(&self, enrolment: &Enrolment) -> Result<(), StoreError>;
    /// The last number of this desk's own sequence; 0 before the first event, and before it is enrolled.
    async fn last_seq(&self) -> Result<u32, StoreError>;

    /// Writes an event down. Fails with `QueueFull` beyond [`WAITING_MAX`], and with `Unexpected` when
    /// the desk is not enrolled.
    async fn append(&self, draft: Draft) -> Result<Queued, StoreError>;
    /// Turns a waiting request into a fact or a withdrawal. Does nothing to an event that is not
    /// waiting. Returns the event as it is then.
    async fn amend(&self, id: EventId, claim: Claim) -> Result<Option<Queued>, StoreError>;
    /// Withdraws all waiting requests: what a process that died had asked and never heard. Returns them.
    async fn withdraw_orphans(&self) -> Result<Vec<Queued>, StoreError>;

    /// Notes a comparison of clocks, keeping the best of the latest.
    async fn note_comparison(&self, comparison: Comparison) -> Result<(), StoreError>;
    /// Freezes the times of all waiting events, in the order of the sequence.
    async fn freeze(&self) -> Result<u32, StoreError>;
    /// The first waiting events, frozen ones only, in the order of the sequence.
    async fn next_batch(&self, limit: usize) -> Result<Vec<Queued>, StoreError>;
    /// Notes what the site answered, and the state that proves it.
    async fn record(&self, receipts: &[Receipt], state: Watermark) -> Result<(), StoreError>;
    /// Sets one event aside.
    async fn set_aside(&self, id: EventId, why: SetAside) -> Result<(), StoreError>;
    /// Puts events that were set aside back in the queue, to be tried again.
    async fn retry_set_aside(&self, id: EventId) -> Result<(), StoreError>;
    /// The furthest state that a receipt proves.
    async fn proven(&self) -> Result<Option<Watermark>, StoreError>;
    /// Puts every acknowledged and withdrawn event that is still kept back in the queue, as facts and
    /// withdrawals: the site was put back to an older state. Forgets [`Outbox::proven`]. Returns how many.
    async fn send_again(&self) -> Result<u32, StoreError>;
    /// Drops events that happened before `before` and that the site has answered for good:
    /// acknowledged, refused, withdrawn.
    async fn prune(&self, before: UtcMs) -> Result<u32, StoreError>;

    /// One event.
    async fn get(&self, id: EventId) -> Result<Option<Queued>, StoreError>;
    /// Events, `skip` left out, at most `limit`.
    async fn list(
        &self,
        filter: QueueFilter,
        skip: u32,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError>;
    /// How many there are.
    async fn counts(&self) -> Result<QueueCounts, StoreError>;
    /// What this desk did to a copy beyond the state `shown`.
    async fn unseen_of_copy(
        &self,
        copy: &Barcode,
        shown: Option<Watermark>,
    ) -> Result<Unseen, StoreError>;
    /// What this desk lent to a patron beyond the state `shown`, and everything beyond it that touches
    /// the copies concerned or a copy in `copies` (those that the cache shows as the patron's).
    async fn unseen_of_patron(
        &self,
        patron: &PatronCode,
        copies: &[Barcode],
        shown: Option<Watermark>,
    ) -> Result<Unseen, StoreError>;
}
