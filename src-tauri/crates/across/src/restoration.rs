//! A site that was put back to a backup learns what it promised and decided since, and takes part again.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::error::SiteError;
use lienthu_port::transaction::{KeptTransaction, Posted, Sought, TRANSACTIONS_PAGE_MAX};
use lienthu_protocol::driving::Ending;
use lienthu_protocol::message::{Message, Request};
use lienthu_protocol::recoverer::Recoverer;
use lienthu_protocol::terms::Party;
use thiserror::Error;
use uuid::Uuid;

use crate::driving::drive;
use crate::sites::Sites;

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

/// Tells every other site that this one is another now, ends every transaction that names what it was, and lets
/// it take part again. A manager does it. Returns how many transactions were ended.
///
/// # Errors
/// See [`RestorationError`].
pub async fn readmit(sites: &Sites, branch: &BranchCode) -> Result<usize, RestorationError> {
    let at = |branch: &BranchCode| {
        let branch = branch.clone();
        move |error| RestorationError::Site { branch, error }
    };
    let facts = sites.ask(branch, |site| async move { site.network().await });
    let restored = facts.await.map_err(at(branch))?.me;
    // First all are told, and only then asked: what names the former self cannot become more any more.
    for other in sites.branches().filter(|other| *other != branch) {
        announce(sites, other, &restored).await.map_err(at(other))?;
    }
    let mut found: BTreeMap<TxnId, KeptTransaction> = BTreeMap::new();
    for asked in sites.branches() {
        for kept in naming(sites, asked, &restored).await.map_err(at(asked))? {
            let known = found.entry(kept.txn).or_insert_with(|| kept.clone());
            if known.action.is_none() {
                *known = kept;
            }
        }
    }
    let mut ended = 0;
    for (txn, kept) in found {
        // Of one that is only known to be aborted, nobody promised anything.
        let (Some(terms), Some(action)) = (kept.entry.terms(), kept.action) else { continue };
        let recoverer = Recoverer::of_restored(txn, Arc::clone(terms), restored.clone());
        let driving = drive(sites, recoverer, &Arc::new(action), |_, _| {}).await;
        match driving.ending {
            Ending::Decided { untold, .. } if untold.is_empty() => ended += 1,
            _ => return Err(RestorationError::NotEnded(txn)),
        }
    }
    sites.ask(branch, |site| async move { site.readmit().await }).await.map_err(at(branch))?;
    Ok(ended)
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

/// All that a site keeps of transactions which name the branch as another than it is now.
async fn naming(
    sites: &Sites,
    asked: &BranchCode,
    restored: &Party,
) -> Result<Vec<KeptTransaction>, SiteError> {
    let mut all: Vec<KeptTransaction> = vec![];
    loop {
        let after = all.last().map(|kept| kept.txn);
        let sought = Sought::Naming(restored.clone());
        let page = sites.ask(asked, |site| async move { site.transactions(&sought, after).await });
        let page = page.await?;
        let is_last = page.len() < TRANSACTIONS_PAGE_MAX;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
