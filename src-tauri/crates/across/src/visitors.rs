//! Readers of other branches: what their own branch says of the card that they show, asked with the agent's rights.

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lienthu_domain::ids::{BranchCode, PatronCode};
use lienthu_port::error::SiteError;
use lienthu_port::lookup::VisitorCard;

use crate::sites::Sites;

/// Whose reader somebody is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The branches that know the card, and what they say of it. Codes are each branch's own: two may know it.
    pub at: Vec<(BranchCode, VisitorCard)>,
    /// Branches that could not be asked.
    pub silent: Vec<BranchCode>,
}

/// Asks one branch for a card.
///
/// # Errors
/// As of [`lienthu_port::site::Site::visitor`].
pub async fn at(
    sites: &Sites,
    branch: &BranchCode,
    card: &PatronCode,
) -> Result<Option<VisitorCard>, SiteError> {
    sites.ask(branch, |site| async move { site.visitor(card).await }).await
}

/// Asks all branches but this one for a card, all at once.
pub async fn anywhere(sites: &Sites, home: &BranchCode, card: &PatronCode) -> Known {
    let others = sites.branches().filter(|branch| *branch != home);
    let mut asked: FuturesUnordered<_> =
        others.map(|branch| async move { (branch, at(sites, branch, card).await) }).collect();
    let mut known = Known::default();
    while let Some((branch, answer)) = asked.next().await {
        match answer {
            Ok(Some(visitor)) => known.at.push((branch.clone(), visitor)),
            Ok(None) => {}
            // A branch that never joined the network is not waited for.
            Err(error) if error.is_transient() => known.silent.push(branch.clone()),
            Err(error) => tracing::debug!(%branch, %error, "not asked for a visitor"),
        }
    }
    known.at.sort_by(|(one, _), (other, _)| one.cmp(other));
    known.silent.sort();
    known
}
