//! A site that was put back to a backup learns what it promised and decided since, and takes part again.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use lienthu_domain::action::Action;
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::error::SiteError;
use lienthu_port::transaction::{KeptTransaction, Posted, Sought, TRANSACTIONS_PAGE_MAX};
use lienthu_protocol::driving::Ending;
use lienthu_protocol::entry::{Entry, ShareState};
use lienthu_protocol::message::{Message, Request};
use lienthu_protocol::recoverer::Recoverer;
use lienthu_protocol::terms::{Party, Terms};
use thiserror::Error;
use uuid::Uuid;

use crate::driving::drive;
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
/// it take part again. A manager does it. `watch` hears how many transactions have been ended so far. What has
/// ended everywhere is passed over, so that neither the years before the backup nor an earlier try cost anything
/// but reading. Returns how many were ended; none where the site takes part already.
///
/// # Errors
/// See [`RestorationError`].
pub async fn readmit(
    sites: &Sites,
    branch: &BranchCode,
    mut watch: impl FnMut(usize),
) -> Result<usize, RestorationError> {
    // Somebody does it by hand, and wants every site.
    let sites = &sites.insisting();
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
    let mut naming = Naming::new(sites, &restored);
    let mut ended = 0;
    while let Some(found) = naming.next().await? {
        // Transfers can be told in any order: each copy counts its own. Of two changes of a title the later one
        // has to be the last, and so these go by their ids, which are made in the order of time.
        let left = found.into_iter().filter(|(_, named)| !named.has_ended_everywhere());
        let (moves, changes): (Vec<_>, Vec<_>) =
            left.partition(|(_, named)| matches!(*named.action, Action::Transfer(_)));
        let end = |(txn, named): (TxnId, Named)| end(sites, restored.clone(), txn, named);
        let moves: Vec<_> = moves.into_iter().map(end).collect();
        let changes: Vec<_> = changes.into_iter().map(end).collect();
        let moves = stream::iter(moves).buffer_unordered(TRANSACTIONS_AT_ONCE);
        let changes = stream::iter(changes).buffered(1);
        let mut ending = pin!(moves.chain(changes));
        while let Some(done) = ending.next().await {
            done?;
            ended += 1;
            watch(ended);
        }
    }
    sites.ask(branch, |site| async move { site.readmit().await }).await.map_err(at(branch))?;
    Ok(ended)
}

async fn end(
    sites: &Sites,
    restored: Party,
    txn: TxnId,
    named: Named,
) -> Result<(), RestorationError> {
    let recoverer = Recoverer::of_restored(txn, named.terms, restored);
    let driving = drive(sites, recoverer, &named.action, |_, _| {}).await;
    match driving.ending {
        Ending::Decided { untold, .. } if untold.is_empty() => Ok(()),
        _ => Err(RestorationError::NotEnded(txn)),
    }
}

/// A transaction that names what the restored site was.
struct Named {
    terms: Arc<Terms>,
    action: Arc<Action>,
    /// What each site keeps that has it.
    entries: BTreeMap<BranchCode, Entry>,
}

impl Named {
    fn has_ended_everywhere(&self) -> bool {
        let ended = |party: &Party| {
            let entry = self.entries.get(&party.branch);
            entry.and_then(|entry| entry.share.as_ref()).and_then(|share| match &share.state {
                ShareState::Ended { decision } => Some(decision.outcome),
                ShareState::Prepared | ShareState::Forced { .. } => None,
            })
        };
        let mut outcomes = self.terms.parties().iter().map(ended);
        let first = outcomes.next().flatten();
        first.is_some() && outcomes.all(|outcome| outcome == first)
    }
}

/// The transactions that name what the restored site was, by id, a page of each site at a time.
struct Naming<'a> {
    sites: &'a Sites,
    sought: Sought,
    /// What each site has said and was not handed on yet, and whether it has more.
    heard: BTreeMap<BranchCode, (Vec<KeptTransaction>, bool)>,
    /// All up to here were handed on.
    behind: Option<TxnId>,
}

impl<'a> Naming<'a> {
    fn new(sites: &'a Sites, restored: &Party) -> Self {
        let heard = sites.branches().map(|branch| (branch.clone(), (vec![], true))).collect();
        Self { sites, sought: Sought::Naming(restored.clone()), heard, behind: None }
    }

    /// The next ones: all up to an id of which every site has said what it keeps. Nothing behind the last.
    async fn next(&mut self) -> Result<Option<BTreeMap<TxnId, Named>>, RestorationError> {
        let (sites, sought, behind) = (self.sites, &self.sought, self.behind);
        let empty = self.heard.iter().filter(|(_, (kept, more))| kept.is_empty() && *more);
        let asked = empty.map(|(branch, _)| {
            let branch = branch.clone();
            async move {
                let page = sites.ask(&branch, |site| {
                    let sought = sought.clone();
                    async move { site.transactions(&sought, behind).await }
                });
                page.await.map_err(at(&branch)).map(|page| (branch, page))
            }
        });
        for page in together(asked, SITES_AT_ONCE).await {
            let (branch, page) = page?;
            let more = page.len() == TRANSACTIONS_PAGE_MAX;
            self.heard.insert(branch, (page, more));
        }
        let ends = self.heard.values().filter(|(_, more)| *more);
        let up_to = ends.filter_map(|(kept, _)| kept.last()).map(|kept| kept.txn).min();
        let mut found: BTreeMap<TxnId, Named> = BTreeMap::new();
        for (branch, (kept, _)) in &mut self.heard {
            let count = kept.partition_point(|kept| up_to.is_none_or(|up_to| kept.txn <= up_to));
            for kept in kept.drain(..count) {
                // Of one that is only known to be aborted, nobody promised anything.
                let (Some(terms), Some(action)) = (kept.entry.terms(), kept.action) else {
                    continue;
                };
                let terms = Arc::clone(terms);
                let named = found.entry(kept.txn).or_insert_with(|| Named {
                    terms,
                    action: Arc::new(action),
                    entries: BTreeMap::new(),
                });
                named.entries.insert(branch.clone(), kept.entry);
            }
        }
        self.behind = up_to.or(self.behind);
        let is_over = up_to.is_none() && found.is_empty();
        Ok((!is_over).then_some(found))
    }
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
