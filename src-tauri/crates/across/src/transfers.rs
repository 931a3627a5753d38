//! Copies from one branch to another.
//!
//! - [`picking`]: which copies: those of a title at a branch.
//! - [`looking`]: what stands against moving each of some copies, as the two sites have them now.
//! - [`running`]: an order of any size, in parts, from wherever it stopped.
//! - [`progress`]: what is shown while it runs.
//! - [`pick_list`]: what is still to be taken from the shelves.
//! - [`trouble`]: why an order goes no further for now.

pub mod looking;
pub mod pick_list;
pub mod picking;
pub mod progress;
pub mod running;
pub mod trouble;

use std::sync::Arc;

use lienthu_domain::action::{Action, Transfer};
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::error::SiteError;
use lienthu_port::listing::{CopiesSought, ListedCopy};
use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::driving::Event;

use crate::beginning::{BeginError, agree};
use crate::driving::{Driving, drive};
use crate::sites::Sites;

/// Moves copies, all or none. The source decides.
///
/// # Errors
/// See [`BeginError`]; then nothing has happened.
pub async fn transfer(
    sites: &Sites,
    txn: TxnId,
    transfer: Transfer,
    watch: impl FnMut(&Coordinator, &Event),
) -> Result<Driving, BeginError> {
    let (from, to) = (transfer.from.clone(), transfer.to.clone());
    let action = Action::Transfer(transfer);
    action.check()?;
    let terms = agree(sites, &[from.clone(), to], &from).await?;
    let coordinator = Coordinator::new(txn, terms);
    Ok(drive(&sites.insisting(), coordinator, &Arc::new(action), watch).await)
}

/// Copies at a branch.
async fn list(
    sites: &Sites,
    branch: &BranchCode,
    sought: CopiesSought,
) -> Result<Vec<ListedCopy>, BeginError> {
    let listed = sites.ask(branch, |site| async move { site.list_copies(&sought).await }).await;
    listed.map_err(|error: SiteError| BeginError::Site { branch: branch.clone(), error })
}
