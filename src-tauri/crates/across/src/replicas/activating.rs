//! A branch that was away takes part again: only where its site was found to have what all others have, and where no
//! site has changed such a row since.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::action::{Action, AuditedState, CatalogueChange, Resource};
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::replicated::{Branch, BranchStanding, ReplicatedRow};
use lienthu_port::error::SiteError;
use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::driving::Event;
use thiserror::Error;

use super::auditing::{AuditEvent, Audited, compare_rows, facts, standings};
use crate::beginning::{BeginError, agree};
use crate::driving::{Driving, drive};
use crate::sites::Sites;

/// How often it is compared again where rows changed meanwhile.
const TRIES_MAX: usize = 3;

/// Why a branch does not take part again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActivationError {
    /// It is not away.
    #[error("{0} is not away")]
    NotAway(BranchCode),
    /// A site cannot be asked: it may know of rows that the others lack.
    #[error("{branch}: {error}")]
    Site {
        /// Whose.
        branch: BranchCode,
        /// Why.
        error: SiteError,
    },
    /// So many rows differ: it is to be filled first.
    #[error("{0} rows differ")]
    Differs(usize),
    /// Rows changed whenever they were compared.
    #[error("rows are being changed")]
    Changing,
    /// The transaction does not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

/// Compares the rows of all active sites and this branch's, and lets it take part again where they are the same.
///
/// # Errors
/// See [`ActivationError`]; then it is away as before.
pub async fn activate(
    sites: &Arc<Sites>,
    txn: TxnId,
    branch: &BranchCode,
    mut tell: impl FnMut(AuditEvent),
    watch: impl FnMut(&Coordinator, &Event),
) -> Result<Driving, ActivationError> {
    // Someone asks for it who has to be told what is so now, whoever rests.
    let sites = &Arc::new(sites.insisting());
    let (known, mut unheard) = facts(sites).await;
    let standings = standings(&known);
    if standings.get(branch) != Some(&BranchStanding::Away) {
        return Err(match unheard.remove(branch) {
            Some(error) if standings.is_empty() => {
                ActivationError::Site { branch: branch.clone(), error }
            }
            _ => ActivationError::NotAway(branch.clone()),
        });
    }
    let takes_part = |(at, standing): (&BranchCode, &BranchStanding)| {
        (*standing == BranchStanding::Active || at == branch).then(|| at.clone())
    };
    let parties: Vec<BranchCode> = standings.iter().filter_map(takes_part).collect();
    let decider = parties.iter().find(|party| *party != branch).ok_or(BeginError::NobodyActive)?;
    let audited = compare_until_still(sites, &parties, &mut tell).await?;
    let seen = row_of(sites, decider, branch).await?;
    let change = CatalogueChange::Activate {
        branch: Branch { standing: BranchStanding::Active, ..seen.clone() },
        seen,
        audited,
    };
    let terms = agree(sites, &parties, decider).await?;
    let action = Arc::new(Action::Catalogue { changes: vec![change] });
    Ok(drive(sites, Coordinator::new(txn, terms), &action, watch).await)
}

/// In which state each site was when all had the same.
async fn compare_until_still(
    sites: &Arc<Sites>,
    parties: &[BranchCode],
    tell: &mut impl FnMut(AuditEvent),
) -> Result<Vec<AuditedState>, ActivationError> {
    for _ in 0..TRIES_MAX {
        let Audited { unheard, differing, states, .. } =
            compare_rows(sites, parties.to_vec(), tell).await;
        if let Some((branch, error)) = unheard.into_iter().next() {
            return Err(ActivationError::Site { branch, error });
        }
        if differing > 0 {
            return Err(ActivationError::Differs(differing));
        }
        if let Some(states) = settled(states) {
            return Ok(states);
        }
    }
    Err(ActivationError::Changing)
}

fn settled(states: BTreeMap<BranchCode, Option<i64>>) -> Option<Vec<AuditedState>> {
    let state = |(branch, changed): (BranchCode, Option<i64>)| {
        changed.map(|changed| AuditedState { branch, changed })
    };
    states.into_iter().map(state).collect()
}

async fn row_of(
    sites: &Sites,
    at: &BranchCode,
    branch: &BranchCode,
) -> Result<Branch, ActivationError> {
    let asked = [Resource::Branch(branch.clone())];
    let rows = sites.ask(at, |site| async move { site.replicated(&asked).await }).await;
    let rows = rows.map_err(|error| ActivationError::Site { branch: at.clone(), error })?;
    match rows.into_iter().next() {
        Some(ReplicatedRow::Branch(row)) => Ok(row),
        _ => Err(ActivationError::NotAway(branch.clone())),
    }
}
