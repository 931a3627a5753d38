//! Changes of what every site holds: titles, branches, loan policy, closed days.

use std::sync::Arc;

use lienthu_domain::action::{Action, CatalogueChange};
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::replicated::BranchStanding;
use lienthu_port::error::SiteError;
use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::driving::Event;

use crate::beginning::{BeginError, agree};
use crate::driving::{Driving, drive};
use crate::sites::Sites;

/// Changes rows at all active sites, all or none. The first active branch by code decides. While an active
/// site cannot be reached it does not begin; a site that was set away is left out.
///
/// # Errors
/// See [`BeginError`]; then nothing has happened.
pub async fn change(
    sites: &Sites,
    txn: TxnId,
    changes: Vec<CatalogueChange>,
    watch: impl FnMut(&Coordinator, &Event),
) -> Result<Driving, BeginError> {
    let changes = changes.into_iter().map(CatalogueChange::cleaned).collect();
    let action = Action::Catalogue { changes };
    action.check()?;
    let active = active(sites).await?;
    let Some(decider) = active.first() else { return Err(BeginError::NobodyActive) };
    let terms = agree(sites, &active, decider).await?;
    let coordinator = Coordinator::new(txn, terms);
    Ok(drive(sites, coordinator, &Arc::new(action), watch).await)
}

/// The active branches by code, as the first site that answers knows them. Where it has missed a change, the
/// others do not agree to it.
async fn active(sites: &Sites) -> Result<Vec<BranchCode>, BeginError> {
    let mut last: Option<(BranchCode, SiteError)> = None;
    for branch in sites.branches() {
        match sites.ask(branch, |site| async move { site.network().await }).await {
            Ok(facts) => {
                let active = facts.branches.into_iter();
                let active = active.filter(|(_, standing)| *standing == BranchStanding::Active);
                return Ok(active.map(|(branch, _)| branch).collect());
            }
            Err(error) => last = Some((branch.clone(), error)),
        }
    }
    Err(match last {
        Some((branch, error)) => BeginError::Site { branch, error },
        None => BeginError::NobodyActive,
    })
}
