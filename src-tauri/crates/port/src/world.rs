//! Clock and identity, passed in.

use lienthu_domain::clock::Reading;
use lienthu_domain::ids::{ChangeId, CorrelationId, DeskId, EventId, TransferId, TxnId};

/// The desk's clocks.
pub trait Clock: Send + Sync {
    /// What they read now.
    fn read(&self) -> Reading;
}

/// Where new ids come from.
pub trait Ids: Send + Sync {
    /// A new event id (UUID v7).
    fn event(&self) -> EventId;
    /// A new correlation id.
    fn correlation(&self) -> CorrelationId;
    /// A new desk id.
    fn desk(&self) -> DeskId;
    /// A new transaction id (UUID v7).
    fn txn(&self) -> TxnId;
    /// A new id of an order to move copies (UUID v7).
    fn transfer(&self) -> TransferId;
    /// A new id of a change of what every site holds (UUID v7).
    fn change(&self) -> ChangeId;
}
