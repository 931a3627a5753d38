//! An order of any size, in parts small enough that a server locks rows and no table, from wherever it stopped.
//!
//! A part is written down with the id of its transaction before a site hears of it. Whoever runs the order the
//! next time finds out first how the parts ended of which that is not known: where no site has decided, the
//! source decides that nothing was done, which also turns away a message that is late. So no copy is moved
//! twice and none is forgotten.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use lienthu_domain::action::{Action, Resource, Transfer};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Barcode, TransferId, TxnId};
use lienthu_port::transfers::{
    OrderCounts, OrderHead, PartEnding, SeenCopy, TransferOrder, TransferOrders,
};
use lienthu_port::world::Ids;
use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use lienthu_protocol::recoverer::Recoverer;

use super::looking::look;
use super::progress::{PartProgress, TransferProgress};
use super::trouble::{RunError, Trouble};
use crate::beginning::agree;
use crate::driving::{Driving, drive};
use crate::sites::Sites;

/// Copies of one part at most. A server takes the whole table in place of some 5,000 locks of one statement,
/// and a part that is refused for one copy's sake is asked for again without it.
pub const PART_COPIES: usize = 250;

/// How an order was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// As it is now.
    pub order: TransferOrder,
    /// Why it goes no further for now; nothing where nothing is left to do.
    pub trouble: Option<Trouble>,
}

/// Runs an order until nothing is left to do, or something is in the way. `watch` hears of each step.
///
/// # Errors
/// See [`RunError`].
pub async fn run(
    sites: &Sites,
    orders: &dyn TransferOrders,
    ids: &dyn Ids,
    id: TransferId,
    watch: impl FnMut(&TransferProgress) + Send,
) -> Result<Run, RunError> {
    let order = orders.order(id).await?.ok_or(RunError::Unknown(id))?;
    let mut running = Running {
        sites,
        orders,
        ids,
        head: order.head.clone(),
        waiting: order.waiting(usize::MAX).cloned().collect(),
        looked_again: BTreeSet::new(),
        progress: TransferProgress {
            order: id,
            counts: order.counts(),
            part: None,
            is_over: false,
            trouble: None,
        },
        watch,
    };
    let stopped = running.all(&order).await;
    let (trouble, error) = match stopped {
        Ok(()) => (None, None),
        Err(Stop::Trouble(trouble)) => (Some(trouble), None),
        Err(Stop::Error(error)) => (None, Some(error)),
    };
    running.progress.is_over = true;
    running.progress.trouble = trouble.as_ref().map(Trouble::message);
    running.tell();
    if let Some(error) = error {
        return Err(error);
    }
    let order = orders.order(id).await?.ok_or(RunError::Unknown(id))?;
    Ok(Run { order, trouble })
}

/// Why it stops before its end.
enum Stop {
    Trouble(Trouble),
    Error(RunError),
}

impl<T: Into<Trouble>> From<T> for Stop {
    fn from(trouble: T) -> Self {
        Self::Trouble(trouble.into())
    }
}

fn store(error: lienthu_port::error::StoreError) -> Stop {
    Stop::Error(error.into())
}

struct Running<'a, W> {
    sites: &'a Sites,
    orders: &'a dyn TransferOrders,
    ids: &'a dyn Ids,
    head: OrderHead,
    waiting: VecDeque<Barcode>,
    /// Copies that changed between the look at them and the promise, once.
    looked_again: BTreeSet<Barcode>,
    progress: TransferProgress,
    watch: W,
}

impl<W: FnMut(&TransferProgress) + Send> Running<'_, W> {
    async fn all(&mut self, order: &TransferOrder) -> Result<(), Stop> {
        for part in order.begun() {
            let copies = order.going(part.txn).filter_map(|line| line.seen.clone()).collect();
            self.find_out(part.txn, copies).await?;
        }
        while !self.waiting.is_empty() {
            self.next_part().await?;
        }
        Ok(())
    }

    /// Finds out how a part ended that somebody began.
    async fn find_out(&mut self, txn: TxnId, copies: Vec<SeenCopy>) -> Result<(), Stop> {
        let terms = self.terms().await?;
        let action = Arc::new(self.action(&copies));
        self.begin(txn, copies.len());
        let (progress, watch) = (&mut self.progress, &mut self.watch);
        let driving = drive(self.sites, Recoverer::new(txn, terms), &action, |_, event| {
            note(progress, event, watch);
        });
        let driving = driving.await;
        self.end(txn, &copies, driving).await
    }

    /// The next copies that wait, as they are now.
    async fn next_part(&mut self) -> Result<(), Stop> {
        let count = self.waiting.len().min(PART_COPIES);
        let next: Vec<Barcode> = self.waiting.drain(..count).collect();
        let looked = look(self.sites, &self.head.from, &self.head.to, &next).await?;
        if !looked.refused.is_empty() {
            let refused: Vec<(Barcode, Hindrance)> =
                looked.refused.into_iter().map(|staying| (staying.copy, staying.why)).collect();
            self.orders.refuse(self.head.id, &refused).await.map_err(store)?;
            let refused = tally(refused.len());
            self.count(|counts| {
                counts.waiting -= refused;
                counts.refused += refused;
            });
        }
        let copies = looked.going;
        if copies.is_empty() {
            return Ok(());
        }
        // Agreed before the part is written down: a site that is away leaves nothing behind.
        let terms = self.terms().await?;
        let txn = self.ids.txn();
        if !self.orders.begin_part(self.head.id, txn, &copies).await.map_err(store)? {
            // Somebody gave up what waits.
            self.waiting.clear();
            return Ok(());
        }
        let going = tally(copies.len());
        self.progress.counts.waiting -= going;
        self.progress.counts.going += going;
        self.begin(txn, copies.len());
        let action = Arc::new(self.action(&copies));
        let (progress, watch) = (&mut self.progress, &mut self.watch);
        let driving = drive(self.sites, Coordinator::new(txn, terms), &action, |_, event| {
            note(progress, event, watch);
        });
        let driving = driving.await;
        self.end(txn, &copies, driving).await
    }

    /// Writes down how a part ended, and goes on without what stood against it.
    async fn end(&mut self, txn: TxnId, copies: &[SeenCopy], driving: Driving) -> Result<(), Stop> {
        let going = tally(copies.len());
        match driving.ending {
            Ending::InDoubt => Err(Trouble::InDoubt(txn).into()),
            Ending::Decided { outcome: Outcome::Commit, untold } => {
                if !untold.is_empty() {
                    tracing::info!(%txn, ?untold, "decided; these are told when they can be reached");
                }
                self.orders.end_part(txn, &PartEnding::Committed).await.map_err(store)?;
                self.count(|counts| {
                    counts.going -= going;
                    counts.moved += going;
                });
                Ok(())
            }
            Ending::Decided { outcome: Outcome::Abort, .. } => {
                let refused = self.refused(&driving);
                let trouble = trouble(&driving);
                let is_refused = |copy: &Barcode| refused.iter().any(|(one, _)| one == copy);
                let again = copies.iter().map(|seen| &seen.moving.details.barcode);
                let again: Vec<Barcode> = again.filter(|copy| !is_refused(copy)).cloned().collect();
                let left_out = tally(refused.len());
                let ending = PartEnding::Aborted { refused };
                self.orders.end_part(txn, &ending).await.map_err(store)?;
                self.waiting.extend(again);
                self.count(|counts| {
                    counts.going -= going;
                    counts.refused += left_out;
                    counts.waiting += going - left_out;
                });
                trouble.map_or(Ok(()), |trouble| Err(trouble.into()))
            }
        }
    }

    /// The copies for whose sake a part was not done. One that changed since it was looked at is looked at once
    /// more.
    fn refused(&mut self, driving: &Driving) -> Vec<(Barcode, Hindrance)> {
        let mut refused: Vec<(Barcode, Hindrance)> = Vec::new();
        for hindered in driving.hindered.values().flatten() {
            let Resource::Copy(copy) = &hindered.resource else { continue };
            let is_known = refused.iter().any(|(one, _)| one == copy);
            let may_wait = hindered.why == Hindrance::ChangedMeanwhile
                && self.looked_again.insert(copy.clone());
            if !is_known && !may_wait {
                refused.push((copy.clone(), hindered.why));
            }
        }
        refused
    }

    async fn terms(&self) -> Result<Arc<lienthu_protocol::terms::Terms>, Stop> {
        let parties = [self.head.from.clone(), self.head.to.clone()];
        Ok(agree(self.sites, &parties, &self.head.from).await?)
    }

    fn action(&self, copies: &[SeenCopy]) -> Action {
        Action::Transfer(Transfer {
            from: self.head.from.clone(),
            to: self.head.to.clone(),
            copies: copies.iter().map(|seen| seen.moving.clone()).collect(),
        })
    }

    fn begin(&mut self, txn: TxnId, copies: usize) {
        let branches = [&self.head.from, &self.head.to];
        self.progress.part = Some(PartProgress::begun(txn, copies, branches));
        self.tell();
    }

    fn count(&mut self, change: impl FnOnce(&mut OrderCounts)) {
        change(&mut self.progress.counts);
        self.tell();
    }

    fn tell(&mut self) {
        (self.watch)(&self.progress);
    }
}

fn note<W: FnMut(&TransferProgress)>(
    progress: &mut TransferProgress,
    event: &lienthu_protocol::driving::Event,
    watch: &mut W,
) {
    if let Some(part) = &mut progress.part {
        part.note(event);
    }
    watch(progress);
}

/// Why a part was given up, where it was for no copy's sake.
fn trouble(driving: &Driving) -> Option<Trouble> {
    let hindered = driving.hindered.values().flatten();
    let mut resources = hindered.map(|hindered| &hindered.resource);
    if let Some(held) = resources.find(|resource| !matches!(resource, Resource::Copy(_))) {
        return Some(Trouble::Held(held.clone()));
    }
    if !driving.hindered.is_empty() {
        return None;
    }
    let refused = driving.refused.iter().next();
    if let Some((branch, why)) = refused {
        return Some(Trouble::Refused { branch: branch.clone(), why: *why });
    }
    let (branch, error) = driving.failed.iter().next()?;
    Some(Trouble::GivenUp { branch: branch.clone(), error: error.clone() })
}

fn tally(copies: usize) -> u32 {
    u32::try_from(copies).unwrap_or(u32::MAX)
}
