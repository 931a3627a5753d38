//! Finishing what others left behind, from any desk, with the agent's rights.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::error::SiteError;
use lienthu_port::transaction::{KeptTransaction, Sought, TRANSACTIONS_PAGE_MAX};
use lienthu_protocol::recoverer::Recoverer;
use lienthu_protocol::site::LEFT_ALONE_MS;

use crate::driving::{Driving, drive};
use crate::sites::Sites;

/// What a round found and did.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Each transaction that was left behind, and how it ended.
    pub driven: BTreeMap<TxnId, Driving>,
    /// Sites that could not be asked what is open there.
    pub unheard: BTreeMap<BranchCode, SiteError>,
}

/// One round: asks every site what was left behind there, and finishes it. What is younger than
/// [`LEFT_ALONE_MS`] is left to whoever drives it.
pub async fn recover(sites: &Sites) -> Recovered {
    let mut recovered = Recovered::default();
    let mut found: BTreeMap<TxnId, KeptTransaction> = BTreeMap::new();
    for branch in sites.branches() {
        match open_at(sites, branch).await {
            Ok(open) => {
                let left = open.into_iter().filter(|kept| kept.age_ms >= LEFT_ALONE_MS);
                found.extend(left.map(|kept| (kept.txn, kept)));
            }
            Err(error) => {
                recovered.unheard.insert(branch.clone(), error);
            }
        }
    }
    for (txn, kept) in found {
        let (Some(terms), Some(action)) = (kept.entry.terms(), kept.action) else { continue };
        let recoverer = Recoverer::new(txn, Arc::clone(terms));
        let driving = drive(sites, recoverer, &Arc::new(action), |_, _| {}).await;
        recovered.driven.insert(txn, driving);
    }
    recovered
}

/// All that is open at a site.
///
/// # Errors
/// As of [`lienthu_port::site::Site::transactions`].
pub async fn open_at(
    sites: &Sites,
    branch: &BranchCode,
) -> Result<Vec<KeptTransaction>, SiteError> {
    let mut all: Vec<KeptTransaction> = vec![];
    loop {
        let after = all.last().map(|kept| kept.txn);
        let page =
            sites.ask(branch, |site| async move { site.transactions(&Sought::Open, after).await });
        let page = page.await?;
        let is_last = page.len() < TRANSACTIONS_PAGE_MAX;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
