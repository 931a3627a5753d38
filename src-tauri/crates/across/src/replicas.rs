//! Comparing what the sites hold, bringing them together again, and asking who has which copy.
//!
//! - [`comparing`]: which rows differ, by digests of buckets and then by keys. No row moves.
//! - [`custody`]: whether each barcode is live at one branch alone, and each patron's code one patron's.
//! - [`auditing`]: both, over a network, as a person reads it.
//! - [`joining`]: both, over databases that were never one network.
//! - [`repairing`]: rows that differ become the same, by a transaction.
//! - [`filling`]: a site that takes no part is brought to what the network has.
//! - [`activating`]: and takes part again.

pub mod activating;
pub mod auditing;
pub mod comparing;
pub mod custody;
pub mod filling;
pub mod joining;
pub mod paging;
pub mod repairing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lienthu_domain::ids::{Barcode, BranchCode, PatronCode};
use lienthu_domain::replica::{Buckets, ReplicaTable};
use lienthu_port::error::SiteError;
use lienthu_port::replica::{Asked, Digests, HeldCopy, KeyDigest, KnownPatron, Replica};

use crate::sites::{ANSWER_SECS_MAX, Sites};

/// The sites that are compared, by branch. One that does not answer is left out from then on, and named.
#[derive(Default, Clone)]
pub struct Replicas {
    sites: BTreeMap<BranchCode, Arc<dyn Replica>>,
    unheard: BTreeMap<BranchCode, SiteError>,
}

impl Replicas {
    /// These.
    #[must_use]
    pub fn of(sites: BTreeMap<BranchCode, Arc<dyn Replica>>) -> Self {
        Self { sites, unheard: BTreeMap::new() }
    }

    /// The sites of these branches, under whoever asks there.
    #[must_use]
    pub fn at(sites: &Arc<Sites>, branches: impl IntoIterator<Item = BranchCode>) -> Self {
        let replica = |branch: BranchCode| {
            let site = AtSite { sites: Arc::clone(sites), branch: branch.clone() };
            (branch, Arc::new(site) as Arc<dyn Replica>)
        };
        Self::of(branches.into_iter().map(replica).collect())
    }

    /// The branches whose sites still answer, in their order.
    pub fn branches(&self) -> impl Iterator<Item = &BranchCode> {
        self.sites.keys()
    }

    /// Those that were left out, and why.
    #[must_use]
    pub const fn unheard(&self) -> &BTreeMap<BranchCode, SiteError> {
        &self.unheard
    }

    /// Takes over which sites another comparison had to leave out.
    fn leave_out(&mut self, unheard: &BTreeMap<BranchCode, SiteError>) {
        for (branch, error) in unheard {
            self.sites.remove(branch);
            self.unheard.insert(branch.clone(), error.clone());
        }
    }

    /// Asks some of the sites at once, each within its time. Who does not answer is left out.
    async fn ask<T, F>(
        &mut self,
        branches: Vec<BranchCode>,
        question: impl Fn(BranchCode, Arc<dyn Replica>) -> F,
    ) -> BTreeMap<BranchCode, T>
    where
        F: Future<Output = Result<T, SiteError>>,
    {
        let limit = Duration::from_secs(ANSWER_SECS_MAX);
        let mut asked = FuturesUnordered::new();
        for branch in branches {
            let Some(site) = self.sites.get(&branch) else { continue };
            let answer = question(branch.clone(), Arc::clone(site));
            asked.push(async move {
                let lost = || SiteError::ReplyLost { detail: "no answer in time".to_owned() };
                (branch, tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| Err(lost())))
            });
        }
        let mut answers = BTreeMap::new();
        while let Some((branch, answer)) = asked.next().await {
            match answer {
                Ok(answer) => drop(answers.insert(branch, answer)),
                Err(error) => {
                    tracing::warn!(%branch, %error, "left out of a comparison");
                    self.sites.remove(&branch);
                    self.unheard.insert(branch, error);
                }
            }
        }
        answers
    }

    async fn ask_all<T, F>(
        &mut self,
        question: impl Fn(BranchCode, Arc<dyn Replica>) -> F,
    ) -> BTreeMap<BranchCode, T>
    where
        F: Future<Output = Result<T, SiteError>>,
    {
        let all = self.sites.keys().cloned().collect();
        self.ask(all, question).await
    }
}

/// A site, by way of the connections that whoever asks has.
struct AtSite {
    sites: Arc<Sites>,
    branch: BranchCode,
}

#[async_trait]
impl Replica for AtSite {
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        let ask = |site: Arc<dyn lienthu_port::site::Site>| async move {
            site.digests(table, within, depth).await
        };
        self.sites.ask(&self.branch, ask).await
    }

    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        let ask = |site: Arc<dyn lienthu_port::site::Site>| async move {
            site.keys(table, within, behind).await
        };
        self.sites.ask(&self.branch, ask).await
    }

    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        self.sites.ask(&self.branch, |site| async move { site.held_copies(asked).await }).await
    }

    async fn known_patrons(
        &self,
        asked: &Asked<PatronCode>,
    ) -> Result<Vec<KnownPatron>, SiteError> {
        self.sites.ask(&self.branch, |site| async move { site.known_patrons(asked).await }).await
    }
}
