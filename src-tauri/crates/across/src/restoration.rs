//! A site that was put back to a backup learns what it promised and decided since, and takes part again.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use lienthu_domain::action::Action;
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::error::SiteError;
use lienthu_port::transaction::{KeptTransaction, Posted, Sought};
use lienthu_protocol::driving::Ending;
use lienthu_protocol::message::{Message, Request};
use lienthu_protocol::recoverer::Recoverer;
use lienthu_protocol::terms::{Party, Terms};
use thiserror::Error;
use uuid::Uuid;

use crate::driving::drive;
use crate::recovery::kept_at;
use crate::sites::{SITES_AT_ONCE, Sites, together};

/// Why a restored site does not take part again yet. Tried again it goes on where it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RestorationError {
    /// A site cannot be asked, and may know something that the restored one does not.
    #[error("{branch}: {error}")]
    Site {
        /// Whose.
        branch: BranchCode,
        /// Why.
        error: SiteError,
    },
    /// A transaction that names the restored site is not known to have ended everywhere.
    #[error("transaction {0} has not ended everywhere")]
    NotEnded(TxnId),
}

/// Transactions that are ended together.
const TRANSACTIONS_AT_ONCE: usize = 8;

/// Tells every other site that this one is another now, ends every transaction that names what it was, and lets
/// it take part again. A manager does it. `watch` hears how many transactions have been ended, of how many.
/// Returns how many there were; none where it takes part already.
///
/// # Errors
/// See [`RestorationError`].
pub async fn readmit(
    sites: &Sites,
    branch: &BranchCode,
    mut watch: impl FnMut(usize, usize),
) -> Result<usize, RestorationError> {
    let facts = sites.ask(branch, |site| async move { site.network().await });
    let facts = facts.await.map_err(at(branch))?;
    if !facts.is_quarantined {
        return Ok(0);
    }
    let restored = facts.me;
    // First all are told, and only then asked: what names the former self cannot become more any more.
    let told = sites.branches().filter(|other| *other != branch).map(|other| {
        let restored = &restored;
        async move { announce(sites, other, restored).await.map_err(at(other)) }
    });
    together(told, SITES_AT_ONCE).await.into_iter().collect::<Result<(), _>>()?;
    let asked = sites.branches().map(|asked| {
        let sought = Sought::Naming(restored.clone());
        async move { kept_at(sites, asked, &sought).await.map_err(at(asked)) }
    });
    let found = together(asked, SITES_AT_ONCE).await.into_iter();
    let found: Vec<Vec<KeptTransaction>> = found.collect::<Result<_, _>>()?;
    // Transfers can be told in any order: each copy counts its own. Of two changes of a title the later one has
    // to be the last, and so these go by their ids, which are made in the order of time.
    let (mut moves, mut changes) = (BTreeMap::new(), BTreeMap::new());
    for kept in found.into_iter().flatten() {
        // Of one that is only known to be aborted, nobody promised anything.
        let (Some(terms), Some(action)) = (kept.entry.terms(), kept.action) else { continue };
        let kind = match action {
            Action::Transfer(_) => &mut moves,
            Action::Catalogue { .. } => &mut changes,
        };
        kind.entry(kept.txn).or_insert_with(|| (Arc::clone(terms), Arc::new(action)));
    }
    let total = moves.len() + changes.len();
    let end = |(txn, (terms, action)): (TxnId, (Arc<Terms>, Arc<Action>))| {
        let recoverer = Recoverer::of_restored(txn, terms, restored.clone());
        async move {
            let driving = drive(sites, recoverer, &action, |_, _| {}).await;
            match driving.ending {
                Ending::Decided { untold, .. } if untold.is_empty() => Ok(()),
                _ => Err(RestorationError::NotEnded(txn)),
            }
        }
    };
    let moves: Vec<_> = moves.into_iter().map(end).collect();
    let changes: Vec<_> = changes.into_iter().map(end).collect();
    let moves = stream::iter(moves).buffer_unordered(TRANSACTIONS_AT_ONCE);
    let changes = stream::iter(changes).buffered(1);
    let mut ending = pin!(moves.chain(changes));
    let mut ended = 0;
    while let Some(done) = ending.next().await {
        done?;
        ended += 1;
        watch(ended, total);
    }
    sites.ask(branch, |site| async move { site.readmit().await }).await.map_err(at(branch))?;
    Ok(ended)
}

fn at(branch: &BranchCode) -> impl FnOnce(SiteError) -> RestorationError {
    let branch = branch.clone();
    move |error| RestorationError::Site { branch, error }
}

async fn announce(sites: &Sites, to: &BranchCode, restored: &Party) -> Result<(), SiteError> {
    let facts = sites.ask(to, |site| async move { site.network().await }).await?;
    let message = Message {
        // Of none: it is about the site.
        txn: TxnId::new(Uuid::nil()),
        to: facts.me,
        request: Request::Announce { restored: restored.clone() },
    };
    let posted = Posted { message, action: None };
    sites.ask(to, |site| async move { site.transact(&posted).await }).await.map(drop)
}
