//! The port `TransferOrders`: what a manager ordered to be moved, how far it came, and what was left out
//! with which reason, durable at the desk where it was ordered. With it a transfer of thousands of copies goes
//! on where it stopped, and nothing of it is done twice: the id of a transaction is written down with its
//! copies before the first site hears of it.

use async_trait::async_trait;
use lienthu_domain::action::MovingCopy;
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Barcode, BranchCode, StaffLogin, TransferId, TxnId};
use lienthu_domain::times::UtcMs;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::error::StoreError;

/// Copies of one order at most.
pub const ORDER_COPIES_MAX: usize = 20_000;
/// Orders in one answer at most.
pub const ORDERS_PAGE: usize = 100;
/// How long an order is kept of which nothing is left to do.
pub const ORDERS_KEPT_DAYS: i64 = 90;

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrderHead {
    /// Which order.
    pub id: TransferId,
    /// Where the copies are.
    pub from: BranchCode,
    /// Where they go.
    pub to: BranchCode,
    /// Who ordered it.
    pub placed_by: StaffLogin,
    /// When, by the desk's clock.
    pub placed_at: UtcMs,
}

/// How far an order came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct OrderCounts {
    /// Copies that wait for their turn.
    pub waiting: u32,
    /// Copies of parts of which it is not known yet how they ended.
    pub going: u32,
    /// Copies that were moved.
    pub moved: u32,
    /// Copies that were left out, each with its reason.
    pub refused: u32,
    /// Copies that somebody gave up before their turn came.
    pub given_up: u32,
}

impl OrderCounts {
    /// All copies of the order.
    #[must_use]
    pub const fn copies(&self) -> u32 {
        self.waiting + self.going + self.moved + self.refused + self.given_up
    }

    /// Whether something is left to do.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.waiting + self.going > 0
    }
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrderSummary {
    /// What was ordered.
    pub head: OrderHead,
    /// How far it came.
    pub counts: OrderCounts,
}

/// What became of a copy of an order so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// Its turn has not come.
    Waiting,
    /// It is in this part, and it is not known yet how that ended.
    Going(TxnId),
    /// This part moved it.
    Moved(TxnId),
    /// It was left out.
    Refused(Hindrance),
    /// Somebody gave it up.
    GivenUp,
}

/// A copy of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Which.
    pub copy: Barcode,
    /// What became of it.
    pub state: LineState,
    /// As it was when it was last looked at; nothing before that.
    pub seen: Option<SeenCopy>,
}

/// A copy as it was when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCopy {
    /// As it moves.
    pub moving: MovingCopy,
    /// The name of its title.
    pub title_name: String,
}

/// A transaction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OrderPart {
    /// Its place in the order, from 1.
    pub number: u32,
    /// The transaction.
    pub txn: TxnId,
    /// How it ended, as far as it is known here.
    pub state: PartState,
}

/// How a part of an order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// It is not known here.
    Begun,
    /// Its copies were moved.
    Committed,
    /// Nothing of it was done; its copies wait again, or were left out.
    Aborted,
}

/// An order with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferOrder {
    /// What was ordered.
    pub head: OrderHead,
    /// Its copies, in the order in which they were named.
    pub lines: Vec<OrderLine>,
    /// Its parts so far, in their order.
    pub parts: Vec<OrderPart>,
}

impl TransferOrder {
    /// The copies that wait, at most so many.
    pub fn waiting(&self, limit: usize) -> impl Iterator<Item = &Barcode> {
        let waiting = self.lines.iter().filter(|line| line.state == LineState::Waiting);
        waiting.map(|line| &line.copy).take(limit)
    }

    /// The parts of which it is not known how they ended.
    pub fn begun(&self) -> impl Iterator<Item = &OrderPart> {
        self.parts.iter().filter(|part| part.state == PartState::Begun)
    }

    /// The copies of a part that is not known to have ended.
    pub fn going(&self, txn: TxnId) -> impl Iterator<Item = &OrderLine> {
        self.lines.iter().filter(move |line| line.state == LineState::Going(txn))
    }

    /// How far it came.
    #[must_use]
    pub fn counts(&self) -> OrderCounts {
        let mut counts = OrderCounts::default();
        for line in &self.lines {
            match line.state {
                LineState::Waiting => counts.waiting += 1,
                LineState::Going(_) => counts.going += 1,
                LineState::Moved(_) => counts.moved += 1,
                LineState::Refused(_) => counts.refused += 1,
                LineState::GivenUp => counts.given_up += 1,
            }
        }
        counts
    }
}

/// How a part ended, to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartEnding {
    /// Its copies were moved.
    Committed,
    /// Nothing of it was done: these copies are left out, the others wait again.
    Aborted {
        /// The reason of each.
        refused: Vec<(Barcode, Hindrance)>,
    },
}

/// See the module. Every call may fail with any [`StoreError`]. A call that changes something has reached the
/// disk when it returns, all of it or nothing.
#[async_trait]
pub trait TransferOrders: Send + Sync {
    /// Writes an order down; its copies wait. One that is written down already stays as it is. Drops orders
    /// older than [`ORDERS_KEPT_DAYS`] of which nothing is left to do.
    async fn place(&self, head: &OrderHead, copies: &[Barcode]) -> Result<(), StoreError>;
    /// Orders, latest first, `skip` left out, at most [`ORDERS_PAGE`].
    async fn orders(&self, skip: u32) -> Result<Vec<OrderSummary>, StoreError>;
    /// One order.
    async fn order(&self, id: TransferId) -> Result<Option<TransferOrder>, StoreError>;
    /// Puts copies that wait into a new part, before a site hears of it. Nothing is written, and the answer is
    /// no, where one of them does not wait any more: somebody gave it up.
    async fn begin_part(
        &self,
        id: TransferId,
        txn: TxnId,
        copies: &[SeenCopy],
    ) -> Result<bool, StoreError>;
    /// Notes how a part ended. One that has ended stays as it is.
    async fn end_part(&self, txn: TxnId, ending: &PartEnding) -> Result<(), StoreError>;
    /// Leaves out copies that wait.
    async fn refuse(
        &self,
        id: TransferId,
        copies: &[(Barcode, Hindrance)],
    ) -> Result<(), StoreError>;
    /// Gives up the copies that wait. Returns how many.
    async fn give_up(&self, id: TransferId) -> Result<u32, StoreError>;
}
