//! What a manager does about a transaction that does not settle by itself: drives it to its end, does not wait
//! for its decision, repairs what came of that, forgets it.
//!
//! A manager does it by hand, and is heard also by sites that rest because they did not answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::error::SiteError;
use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use lienthu_protocol::message::{Message, Refusal, Reply, Request};
use lienthu_protocol::recoverer::Recoverer;
use thiserror::Error;

use crate::beginning::{BeginError, agree};
use crate::driving::{Driving, drive, post};
use crate::in_doubt::{Unsettled, find};
use crate::sites::{SITES_AT_ONCE, Sites, together};

/// Why nothing was done about a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettleError {
    /// No site that could be asked has it among those that are not settled.
    #[error("no site has it among those that are not settled")]
    NotFound {
        /// Sites that could not be asked, and may have it.
        unheard: BTreeMap<BranchCode, SiteError>,
    },
    /// No site waits that could be told what to do: the one that decides has but to decide.
    #[error("no site waits that could be told what to do")]
    NothingToForce,
    /// Nothing was forced, or it is not known yet whether that was right.
    #[error("nothing was forced against the decision")]
    NothingToRepair,
    /// A site that takes part could not be asked what it has done.
    #[error("{0} could not be asked what it has done")]
    Unheard(BranchCode),
    /// The repair does not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

/// What became of a site that was told something about a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It took it.
    Taken,
    /// It did not.
    Refused(Refusal),
    /// It could not be asked, or its answer was lost.
    Unheard(SiteError),
}

/// What became of a transaction whose decision somebody did not want to wait for.
#[derive(Debug)]
pub enum Forcing {
    /// It could be driven to its end after all, and nothing was forced.
    NotNeeded(Driving),
    /// These sites did what was chosen.
    Forced(BTreeMap<BranchCode, Told>),
}

/// What became of a repair.
#[derive(Debug)]
pub struct Repair {
    /// The transaction that repaired it, or did not; nothing where nothing was left to do.
    pub driving: Option<Driving>,
    /// The sites that carry out now what others had carried out before.
    pub parties: Vec<BranchCode>,
    /// Whether all sites are alike again.
    pub repaired: bool,
}

/// Drives a transaction to its end, however young it is: whoever drives it besides meets the decision that was
/// written first.
///
/// # Errors
/// `NotFound`.
pub async fn resolve(sites: &Sites, txn: TxnId) -> Result<Driving, SettleError> {
    let sites = &sites.insisting();
    let unsettled = found(sites, txn).await?;
    Ok(resolved(sites, &unsettled).await)
}

async fn resolved(sites: &Sites, unsettled: &Unsettled) -> Driving {
    let recoverer = Recoverer::new(unsettled.txn, Arc::clone(&unsettled.terms));
    drive(sites, recoverer, &unsettled.action, |_, _| {}).await
}

/// Has the sites that wait, or that one of them, do what a manager chooses, without the decision. First it is
/// tried to drive the transaction to its end: where that works, nothing is forced.
///
/// # Errors
/// `NotFound`, `NothingToForce`.
pub async fn force(
    sites: &Sites,
    txn: TxnId,
    outcome: Outcome,
    only: Option<&BranchCode>,
) -> Result<Forcing, SettleError> {
    let sites = &sites.insisting();
    let unsettled = found(sites, txn).await?;
    let driving = resolved(sites, &unsettled).await;
    if matches!(driving.ending, Ending::Decided { .. }) {
        return Ok(Forcing::NotNeeded(driving));
    }
    let decider = unsettled.terms.decider();
    let waiting = unsettled.standings.iter().filter(|(branch, standing)| {
        standing.is_prepared()
            && **branch != decider.branch
            && only.is_none_or(|only| only == *branch)
    });
    let waiting: Vec<&BranchCode> = waiting.map(|(branch, _)| branch).collect();
    if waiting.is_empty() {
        return Err(SettleError::NothingToForce);
    }
    tracing::warn!(%txn, outcome = outcome.code(), sites = waiting.len(), "an outcome is forced");
    Ok(Forcing::Forced(tell(sites, &unsettled, &waiting, &Request::Force { outcome }).await))
}

/// Has the sites at which an outcome was forced speak of it no more: it was seen to, or nobody will ever learn how
/// it was decided.
///
/// # Errors
/// `NotFound`; `NothingToRepair` where nothing was forced.
pub async fn forget(sites: &Sites, txn: TxnId) -> Result<BTreeMap<BranchCode, Told>, SettleError> {
    let sites = &sites.insisting();
    let unsettled = found(sites, txn).await?;
    let forced = unsettled.standings.iter().filter(|(_, standing)| standing.is_forced());
    let forced: Vec<&BranchCode> = forced.map(|(branch, _)| branch).collect();
    if forced.is_empty() {
        return Err(SettleError::NothingToRepair);
    }
    tracing::warn!(%txn, "a forced outcome is forgotten");
    Ok(tell(sites, &unsettled, &forced, &Request::Forget).await)
}

/// Makes all sites alike again after some did what a manager chose and the decision was the other one: those that
/// have not carried the action out do it now, in a transaction of their own, which finds by the ordinary rules
/// whether it still can be done. Then what was forced is forgotten.
///
/// # Errors
/// `NotFound`, `NothingToRepair`, `Unheard`, `Begin`.
pub async fn repair(sites: &Sites, txn: TxnId, with: TxnId) -> Result<Repair, SettleError> {
    let sites = &sites.insisting();
    let unsettled = found(sites, txn).await?;
    let contradicted: Vec<&BranchCode> = unsettled.contradicted().collect();
    if contradicted.is_empty() {
        return Err(SettleError::NothingToRepair);
    }
    // Of a decided abort, a site that never saw it has not done it either.
    let decided = unsettled.decision();
    let mut parties = vec![];
    for (branch, standing) in &unsettled.standings {
        let never_saw =
            matches!(standing, crate::in_doubt::Standing::Keeps(e) if e.share.is_none());
        match standing.outcome() {
            Some(Outcome::Commit) => {}
            Some(Outcome::Abort) => parties.push(branch.clone()),
            None if never_saw && decided == Some(Outcome::Abort) => parties.push(branch.clone()),
            None => return Err(SettleError::Unheard(branch.clone())),
        }
    }
    let mut repair = Repair { driving: None, parties, repaired: true };
    if let Some(first) = repair.parties.first() {
        let terms = agree(sites, &repair.parties, first).await?;
        let coordinator = Coordinator::new(with, terms);
        let driving = drive(sites, coordinator, &unsettled.action, |_, _| {}).await;
        let is_done = matches!(driving.ending, Ending::Decided { outcome: Outcome::Commit, .. });
        repair.repaired = is_done;
        repair.driving = Some(driving);
    }
    if repair.repaired {
        let told = tell(sites, &unsettled, &contradicted, &Request::Forget).await;
        // Where one did not hear it, the next repair finds nothing left to do but this.
        repair.repaired = told.values().all(|told| *told == Told::Taken);
    }
    Ok(repair)
}

async fn found(sites: &Sites, txn: TxnId) -> Result<Unsettled, SettleError> {
    find(sites, txn).await.map_err(|unheard| SettleError::NotFound { unheard })
}

async fn tell(
    sites: &Sites,
    unsettled: &Unsettled,
    branches: &[&BranchCode],
    request: &Request,
) -> BTreeMap<BranchCode, Told> {
    let parties = branches.iter().filter_map(|branch| unsettled.terms.party(branch));
    let told = parties.map(|party| {
        let (txn, request) = (unsettled.txn, request.clone());
        let message = Message { txn, to: party.clone(), request };
        async move {
            let (branch, answer) = post(sites, message, None).await;
            let told = match answer {
                Ok(answered) => match answered.reply {
                    Reply::Kept(_) => Told::Taken,
                    Reply::Refused(why) => Told::Refused(why),
                },
                Err(error) => Told::Unheard(error),
            };
            (branch, told)
        }
    });
    together(told, SITES_AT_ONCE).await.into_iter().collect()
}
