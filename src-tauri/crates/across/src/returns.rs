//! Books of other branches that came back at a desk: whose they are, and telling their branches. All of it with the
//! agent's rights, so that a librarian needs no login there.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lienthu_domain::copy::CopyCondition;
use lienthu_domain::event::Claim;
use lienthu_domain::ids::{Barcode, BranchCode};
use lienthu_port::elsewhere::{BookOwner, DeliveryState, ReturnElsewhere, ReturnsElsewhere};
use lienthu_port::error::{SiteError, StoreError};
use lienthu_port::listing::{CopiesSought, ListedCopy};
use lienthu_port::submit::{Outcome, Receipt, Sending, SetAside};

use crate::sites::Sites;

/// Whose a book is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owned {
    /// The book, as its branch has it.
    pub by: Option<ListedCopy>,
    /// Branches that could not be asked.
    pub silent: Vec<BranchCode>,
}

/// Asks all branches but this one whether a book is theirs, all at once; the first that says so is believed: a
/// barcode is live at one branch.
pub async fn owner(sites: &Sites, home: &BranchCode, copy: &Barcode) -> Owned {
    owner_among(sites, sites.branches().filter(|branch| *branch != home), copy).await
}

async fn owner_among<'a>(
    sites: &Sites,
    branches: impl Iterator<Item = &'a BranchCode>,
    copy: &Barcode,
) -> Owned {
    let mut asked: FuturesUnordered<_> = branches
        .map(|branch| async move {
            let sought = CopiesSought::Barcodes(vec![copy.clone()]);
            let listed = sites.ask(branch, |site| async move { site.list_copies(&sought).await });
            (branch, listed.await)
        })
        .collect();
    let mut owned = Owned::default();
    while let Some((branch, listed)) = asked.next().await {
        match listed {
            Ok(listed) => {
                let is_live = |one: &ListedCopy| {
                    !one.is_removed && one.copy.condition != CopyCondition::Forwarded
                };
                if let Some(found) = listed.into_iter().find(is_live) {
                    owned.by = Some(found);
                    return owned;
                }
            }
            Err(error) => {
                if is_silence(&error) {
                    owned.silent.push(branch.clone());
                }
            }
        }
    }
    owned.silent.sort();
    owned
}

/// Whether it may answer later. A branch that never joined the network is not waited for.
const fn is_silence(error: &SiteError) -> bool {
    error.is_transient()
}

/// Delivers what waits, to all branches at once. What cannot be delivered now waits on. A site that was put back to a
/// backup since something was delivered there hears of it again.
///
/// # Errors
/// Those of the desk's own files.
pub async fn deliver(
    sites: &Sites,
    home: &BranchCode,
    returns: &dyn ReturnsElsewhere,
) -> Result<u32, StoreError> {
    let first = deliver_once(sites, home, returns).await?;
    if first.put_back == 0 {
        return Ok(first.delivered);
    }
    Ok(first.delivered + deliver_once(sites, home, returns).await?.delivered)
}

#[derive(Default)]
struct Delivered {
    delivered: u32,
    /// Returns that wait again, because a site was put back.
    put_back: u32,
}

async fn deliver_once(
    sites: &Sites,
    home: &BranchCode,
    returns: &dyn ReturnsElsewhere,
) -> Result<Delivered, StoreError> {
    let proven = returns.proven().await?;
    let mut by_owner: BTreeMap<BranchCode, Vec<ReturnElsewhere>> = BTreeMap::new();
    for mut waiting in returns.undelivered().await? {
        // It may have come to this branch meanwhile.
        if waiting.owner.is_none()
            && let Some(found) = owner_among(sites, sites.branches(), &waiting.event.copy).await.by
        {
            let owner = BookOwner { branch: found.copy.branch, title_name: found.title_name };
            returns.name_owner(waiting.event.id, Some(&owner)).await?;
            waiting.event.site = owner.branch.clone();
            waiting.owner = Some(owner);
        }
        if let Some(owner) = &waiting.owner {
            by_owner.entry(owner.branch.clone()).or_default().push(waiting);
        }
    }
    for (branch, proven) in &proven {
        by_owner.entry(branch.clone()).or_insert_with(|| vec![proven.last.clone()]);
    }
    let mut sent: FuturesUnordered<_> = by_owner
        .into_iter()
        .map(|(branch, batch)| {
            let known = proven.get(&branch).map(|proven| proven.state);
            async move {
                let batch: Vec<Sending> =
                    batch.iter().map(|waiting| sending(waiting, home)).collect();
                let asked =
                    sites.ask(&branch, |site| async move { site.submit(known, &batch).await });
                let receipts = asked.await;
                (branch, receipts)
            }
        })
        .collect();
    let mut done = Delivered::default();
    while let Some((branch, receipts)) = sent.next().await {
        match receipts {
            Ok(receipts) => {
                // First: else nobody would notice that what is noted as delivered was lost.
                returns.prove(&branch, receipts.state).await?;
                let again = proven.get(&branch).map(|proven| proven.last.event.id);
                for receipt in receipts.receipts.iter().filter(|one| Some(one.id) != again) {
                    done.delivered += u32::from(settle(returns, receipt).await?);
                }
            }
            Err(SiteError::PutBack) => {
                let again = returns.put_back(&branch).await?;
                tracing::warn!(%branch, again, "the site was put back: returns are delivered again");
                done.put_back += again;
            }
            Err(error) => tracing::info!(%branch, %error, "returns wait for their branch"),
        }
    }
    Ok(done)
}

fn sending(waiting: &ReturnElsewhere, home: &BranchCode) -> Sending {
    Sending {
        event: waiting.event.clone(),
        claim: Claim::Fact,
        correlation: waiting.correlation,
        received_at: Some(home.clone()),
    }
}

/// Notes what came of a return; whether it was delivered.
async fn settle(returns: &dyn ReturnsElsewhere, receipt: &Receipt) -> Result<bool, StoreError> {
    let state = match &receipt.outcome {
        Outcome::Done { .. } | Outcome::Withdrawn => DeliveryState::Delivered,
        // The book has moved on since: its owner is asked for again.
        Outcome::SetAside { why: SetAside::OtherBranch } => {
            returns.name_owner(receipt.id, None).await?;
            return Ok(false);
        }
        Outcome::SetAside { why } => DeliveryState::SetAside { why: *why },
        // Facts are not refused.
        Outcome::Refused { .. } => return Ok(false),
    };
    returns.settle(receipt.id, state).await?;
    Ok(state == DeliveryState::Delivered)
}
