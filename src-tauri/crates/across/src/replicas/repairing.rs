//! Rows that the sites do not have alike become what one of them has, at all of them or at none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lienthu_domain::action::{CatalogueChange, Resource, Version};
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::replicated::{BranchStanding, ReplicatedRow};
use lienthu_port::error::SiteError;
use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::driving::Event;
use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

use super::auditing::{facts, rows_at, standings};
use crate::beginning::BeginError;
use crate::catalogue::change;
use crate::driving::Driving;
use crate::sites::Sites;

/// A row, and where it is as it is to be everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Wanted {
    /// Which row.
    pub resource: Resource,
    /// Whose version it becomes; where that branch has none, it goes everywhere.
    pub like: BranchCode,
}

/// Why nothing is repaired.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RepairError {
    /// An active site cannot be asked what it has.
    #[error("{branch}: {error}")]
    Site {
        /// Whose.
        branch: BranchCode,
        /// Why.
        error: SiteError,
    },
    /// The branch whose version is wanted takes no part in the network.
    #[error("{0} is not active")]
    NotActive(BranchCode),
    /// The transaction does not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

/// Repairs rows by one transaction, at most [`lienthu_domain::action::CHANGES_MAX`]. Nothing where all sites have them
/// alike.
///
/// # Errors
/// See [`RepairError`]; then nothing has happened.
pub async fn repair(
    sites: &Arc<Sites>,
    txn: TxnId,
    wanted: &[Wanted],
    watch: impl FnMut(&Coordinator, &Event),
) -> Result<Option<Driving>, RepairError> {
    // Someone asks for it who has to be told what is so now, whoever rests.
    let sites = &Arc::new(sites.insisting());
    let (known, mut unheard) = facts(sites).await;
    let standings = standings(&known);
    let active = standings.iter().filter(|(_, standing)| **standing == BranchStanding::Active);
    let active: Vec<BranchCode> = active.map(|(branch, _)| branch.clone()).collect();
    let resources: Vec<Resource> = wanted.iter().map(|wanted| wanted.resource.clone()).collect();
    let mut rows: BTreeMap<BranchCode, Vec<ReplicatedRow>> = BTreeMap::new();
    for (branch, answer) in rows_at(sites, active, &resources).await {
        let answer = answer.map_err(|error| RepairError::Site { branch: branch.clone(), error })?;
        rows.insert(branch, answer);
    }
    let mut changes = vec![];
    for Wanted { resource, like } in wanted {
        let at = |branch: &BranchCode| {
            let rows = rows.get(branch)?;
            rows.iter().find(|row| Resource::from(*row) == *resource)
        };
        if !rows.contains_key(like) {
            return Err(match unheard.remove(like) {
                Some(error) => RepairError::Site { branch: like.clone(), error },
                None => RepairError::NotActive(like.clone()),
            });
        }
        let seen: BTreeSet<Version> = rows.keys().map(|branch| Version::of(at(branch))).collect();
        // Of a row that is to go, any version names it.
        let Some(any) = rows.keys().find_map(&at) else { continue };
        if seen.len() > 1 {
            // One that an old program wrote may hold what nobody would store today.
            let row = at(like).unwrap_or(any).clone().cleaned();
            let gone = at(like).is_none();
            changes.push(CatalogueChange::Repair { row, gone, seen });
        }
    }
    if changes.is_empty() {
        return Ok(None);
    }
    Ok(Some(change(sites, txn, changes, watch).await?))
}
