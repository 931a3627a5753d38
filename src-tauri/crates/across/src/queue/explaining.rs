//! What stands against a change, with the rows as they stand.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lienthu_domain::action::Resource;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_port::changes::Against;
use lienthu_port::transaction::{Hindered, ROWS_ASKED_MAX};

use crate::sites::Sites;

/// Asks each site that said no how the rows stand there. One that does not answer any more leaves them out.
pub(super) async fn explain(
    sites: &Sites,
    hindered: BTreeMap<BranchCode, Vec<Hindered>>,
) -> Vec<Against> {
    let asking = hindered.into_iter().map(|(branch, hindered)| async move {
        let rows = rows_at(sites, &branch, &hindered).await;
        let against = |Hindered { resource, why }| {
            let stands = rows.get(&resource).cloned();
            Against { branch: branch.clone(), resource, why, stands }
        };
        hindered.into_iter().map(against).collect::<Vec<_>>()
    });
    let mut asking: FuturesUnordered<_> = asking.collect();
    let mut all = vec![];
    while let Some(against) = asking.next().await {
        all.extend(against);
    }
    all.sort_by(|one, other| (&one.resource, &one.branch).cmp(&(&other.resource, &other.branch)));
    all
}

async fn rows_at(
    sites: &Sites,
    branch: &BranchCode,
    hindered: &[Hindered],
) -> BTreeMap<Resource, ReplicatedRow> {
    let of: Vec<Resource> =
        hindered.iter().take(ROWS_ASKED_MAX).map(|hindered| hindered.resource.clone()).collect();
    let rows = sites.ask(branch, |site| async move { site.replicated(&of).await }).await;
    match rows {
        Ok(rows) => rows.into_iter().map(|row| (Resource::from(&row), row)).collect(),
        Err(error) => {
            tracing::debug!(%branch, %error, "how the rows stand is not known");
            BTreeMap::new()
        }
    }
}
