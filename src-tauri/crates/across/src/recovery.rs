//! Finishing what others left behind, from any desk, with the agent's rights.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lienthu_domain::action::Action;
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::error::SiteError;
use lienthu_port::transaction::{KeptTransaction, Sought, TRANSACTIONS_PAGE_MAX};
use lienthu_protocol::driving::Event;
use lienthu_protocol::message::Reply;
use lienthu_protocol::recoverer::Recoverer;
use lienthu_protocol::site::LEFT_ALONE_MS;
use lienthu_protocol::terms::Terms;

use crate::driving::{Driving, drive};
use crate::sites::{SITES_AT_ONCE, Sites, together};

/// Transactions that are driven together.
pub const TRANSACTIONS_AT_ONCE: usize = 8;
/// Transactions of one round; the rest waits for the next.
pub const ROUND_TRANSACTIONS_MAX: usize = 1_000;

/// Pages that one site is asked for in a round.
pub const OPEN_PAGES_MAX: usize = 10;

/// What a round found and did.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Each transaction that was left behind, and how it ended.
    pub driven: BTreeMap<TxnId, Driving>,
    /// Transactions that a manager ended at some site otherwise than they were decided: they wait to be
    /// repaired.
    pub contradicted: BTreeSet<TxnId>,
    /// Open ones that are left to whoever drives them, and may be left behind by the next round.
    pub young: BTreeSet<TxnId>,
    /// Sites that could not be asked what is open there.
    pub unheard: BTreeMap<BranchCode, SiteError>,
}

/// One round: asks all sites together what was left behind there, and finishes it. What is younger than
/// [`LEFT_ALONE_MS`] is left to whoever drives it.
pub async fn recover(sites: &Sites) -> Recovered {
    let mut recovered = Recovered::default();
    let mut left: BTreeMap<TxnId, (Arc<Terms>, Action)> = BTreeMap::new();
    for (branch, open) in open_everywhere(sites).await {
        let open = match open {
            Ok(open) => open,
            Err(error) => {
                recovered.unheard.insert(branch, error);
                continue;
            }
        };
        for kept in open {
            if kept.entry.contradiction().is_some() {
                recovered.contradicted.insert(kept.txn);
            }
            if !kept.entry.is_open() {
                continue;
            }
            if kept.age_ms < LEFT_ALONE_MS {
                recovered.young.insert(kept.txn);
            } else if let (Some(terms), Some(action)) = (kept.entry.terms(), kept.action) {
                left.insert(kept.txn, (Arc::clone(terms), action));
            }
        }
    }
    let driving = left.into_iter().take(ROUND_TRANSACTIONS_MAX).map(|(txn, (terms, action))| {
        let action = Arc::new(action);
        async move {
            let mut is_contradicted = false;
            let watch = |_: &Recoverer, event: &Event| {
                if let Event::Answered { reply: Reply::Kept(entry), .. } = event {
                    is_contradicted |= entry.contradiction().is_some();
                }
            };
            let driving = drive(sites, Recoverer::new(txn, terms), &action, watch).await;
            (txn, driving, is_contradicted)
        }
    });
    for (txn, driving, is_contradicted) in together(driving, TRANSACTIONS_AT_ONCE).await {
        recovered.driven.insert(txn, driving);
        if is_contradicted {
            recovered.contradicted.insert(txn);
        }
    }
    recovered
}

/// All that is unsettled at each site, or why the site does not say.
pub(crate) async fn open_everywhere(
    sites: &Sites,
) -> BTreeMap<BranchCode, Result<Vec<KeptTransaction>, SiteError>> {
    let asked = sites.branches().map(|branch| async move {
        let open = open_at(sites, branch).await;
        (branch.clone(), open)
    });
    together(asked, SITES_AT_ONCE).await.into_iter().collect()
}

/// What is unsettled at a site, by id: open, or ended otherwise than it was decided. At most
/// [`OPEN_PAGES_MAX`] pages; what lies behind them is seen once these are settled.
///
/// # Errors
/// As of [`lienthu_port::site::Site::transactions`].
pub async fn open_at(
    sites: &Sites,
    branch: &BranchCode,
) -> Result<Vec<KeptTransaction>, SiteError> {
    let mut all: Vec<KeptTransaction> = vec![];
    for _ in 0..OPEN_PAGES_MAX {
        let after = all.last().map(|kept| kept.txn);
        let page =
            sites.ask(branch, |site| async move { site.transactions(&Sought::Open, after).await });
        let page = page.await?;
        let is_last = page.len() < TRANSACTIONS_PAGE_MAX;
        all.extend(page);
        if is_last {
            break;
        }
    }
    Ok(all)
}
