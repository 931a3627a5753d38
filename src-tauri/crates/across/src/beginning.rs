//! What the sites of a transaction agree to before it begins.

use std::sync::Arc;

use lienthu_domain::action::ActionError;
use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use lienthu_port::transaction::NetworkFacts;
use lienthu_protocol::terms::{Party, Terms, TermsError};
use thiserror::Error;

use crate::sites::Sites;

/// Why a transaction does not begin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BeginError {
    /// It is none.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// A site cannot be asked.
    #[error("{branch}: {error}")]
    Site {
        /// Whose.
        branch: BranchCode,
        /// Why.
        error: SiteError,
    },
    /// The sites do not know the same network.
    #[error("the sites do not know the same network: {0} is to be told")]
    Membership(BranchCode),
    /// No branch of the network is active.
    #[error("no branch of the network is active")]
    NobodyActive,
    /// The sites cannot agree to it.
    #[error(transparent)]
    Terms(#[from] TermsError),
}

/// What these branches' sites would agree to, as they are now.
pub(crate) async fn agree(
    sites: &Sites,
    branches: &[BranchCode],
    decider: &BranchCode,
) -> Result<Arc<Terms>, BeginError> {
    let asked = branches.iter().map(|branch| async move {
        let facts = sites.ask(branch, |site| async move { site.network().await }).await;
        facts.map_err(|error| BeginError::Site { branch: branch.clone(), error })
    });
    let facts: Vec<NetworkFacts> = futures::future::try_join_all(asked).await?;
    let newest = facts.iter().map(|facts| facts.membership).max().unwrap_or_default();
    if let Some(behind) = facts.iter().find(|facts| facts.membership != newest) {
        return Err(BeginError::Membership(behind.me.branch.clone()));
    }
    let parties: Vec<Party> = facts.into_iter().map(|facts| facts.me).collect();
    Ok(Arc::new(Terms::new(parties, decider, newest)?))
}
