//! Copies from one branch to another.

use std::sync::Arc;

use lienthu_domain::action::{Action, Transfer};
use lienthu_domain::ids::TxnId;
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
    Ok(drive(sites, coordinator, &Arc::new(action), watch).await)
}
