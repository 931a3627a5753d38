//! The port `ReturnsElsewhere`: books of other branches that came back at this desk. Each is durable here before
//! anyone hears of it, and is delivered to the site of the branch that owns the book when that can be reached.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lienthu_domain::event::Event;
use lienthu_domain::ids::{BranchCode, CorrelationId, EventId};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::error::StoreError;
use crate::feed::Watermark;
use crate::outbox::Draft;
use crate::submit::SetAside;

/// Returns in one page of a list, and in one batch of a delivery.
pub const RETURNS_PAGE: usize = 100;

/// The owner of a book, as its site says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BookOwner {
    /// The branch.
    pub branch: BranchCode,
    /// The name of the book's title.
    pub title_name: String,
}

/// A book of another branch that came back here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReturnElsewhere {
    /// The return. Meant for the owner's site, and for this desk's own while nobody knows whose the book is.
    pub event: Event,
    /// Whose it is, as far as anyone could be asked.
    pub owner: Option<BookOwner>,
    /// How far it came.
    pub state: DeliveryState,
    /// For the logs.
    pub correlation: CorrelationId,
}

/// How far a return came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// The owner's site does not have it yet.
    Waiting,
    /// The owner's site has it.
    Delivered,
    /// The owner's site cannot take it.
    SetAside {
        /// Why.
        why: SetAside,
    },
}

/// What was delivered to a branch, and what that proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The furthest state of its site that the receipt of a delivery proved.
    pub state: Watermark,
    /// What was delivered last. Sent again it changes nothing, and shows whether the site still knows that state.
    pub last: ReturnElsewhere,
}

/// See the module. Every call may fail with any [`StoreError`]. A call that changes something has reached the
/// disk when it returns.
#[async_trait]
pub trait ReturnsElsewhere: Send + Sync {
    /// Writes a return down, with its place in the desk's sequence and its time, which is frozen. Drops those that
    /// were delivered more than [`crate::outbox::KEPT_DAYS`] before it.
    async fn take(
        &self,
        draft: Draft,
        owner: Option<&BookOwner>,
    ) -> Result<ReturnElsewhere, StoreError>;
    /// Notes whose book it is, while it waits; or that this is not known any more.
    async fn name_owner(&self, id: EventId, owner: Option<&BookOwner>) -> Result<(), StoreError>;
    /// Notes how far it came. One that does not wait any more stays as it is, unless its branch's site is
    /// [put back](Self::put_back).
    async fn settle(&self, id: EventId, state: DeliveryState) -> Result<(), StoreError>;
    /// The first that wait, oldest first, at most [`RETURNS_PAGE`].
    async fn undelivered(&self) -> Result<Vec<ReturnElsewhere>, StoreError>;
    /// All that are kept, latest first, `skip` left out, at most [`RETURNS_PAGE`].
    async fn returns(&self, skip: u32) -> Result<Vec<ReturnElsewhere>, StoreError>;
    /// What is known of each branch to which something was delivered that is still kept.
    async fn proven(&self) -> Result<BTreeMap<BranchCode, Proven>, StoreError>;
    /// Notes a state that a receipt proved.
    async fn prove(&self, branch: &BranchCode, state: Watermark) -> Result<(), StoreError>;
    /// A branch's site was put back to before what it had proved: what was delivered there waits again. Returns how
    /// much.
    async fn put_back(&self, branch: &BranchCode) -> Result<u32, StoreError>;
    /// One of them.
    async fn one(&self, id: EventId) -> Result<Option<ReturnElsewhere>, StoreError>;
}
