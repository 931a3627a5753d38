//! A site that takes no part, because it is new, away or restored, is brought to what the network has: what differs
//! is found as an audit finds it, and written in bounded transactions of the site's own. Broken off, it goes on where
//! it was: what was written does not differ any more.

use std::collections::BTreeSet;
use std::sync::Arc;

use lienthu_domain::action::{CatalogueChange, Resource, Version};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replica::ReplicaTable;
use lienthu_domain::replicated::{BranchStanding, ReplicatedRow};
use lienthu_port::error::SiteError;
use lienthu_port::replica::{FILL_ROWS_MAX, Filling};
use lienthu_protocol::terms::MembershipVersion;
use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

use super::Replicas;
use super::auditing::{facts, standings};
use super::comparing::{Comparing, Difference};
use crate::sites::Sites;

/// Rows that were left as they are and are told by name, at most. All are counted.
pub const LEFT_TOLD_MAX: usize = 1_000;

/// What becomes of rows that the site has otherwise than the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
pub struct FillTerms {
    /// Rows of a site that never belonged to a network become the network's. Else they are left and named: they are
    /// another library's work. Of a site that did belong, they always do.
    pub overwrite: bool,
    /// Rows that only the site has go, where nothing hangs on them. Else they are left and named.
    pub drop_extra: bool,
}

/// A row that was left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Left {
    /// Which.
    pub resource: Resource,
    /// Why.
    pub why: LeftWhy,
}

/// See [`Left`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "hindrance", rename_all = "snake_case")]
pub enum LeftWhy {
    /// The network has no such row.
    OnlyHere,
    /// The site, which never belonged to a network, has another row under this key.
    OtherHere,
    /// The site says what stands against it.
    Hindered(Hindrance),
}

/// How a filling went, so far or in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// From where the rows came.
    pub from: BranchCode,
    /// Rows that were written or taken away.
    pub written: usize,
    /// Rows that were left, the first [`LEFT_TOLD_MAX`] of them.
    pub left: Vec<Left>,
    /// How many were left.
    pub left_count: usize,
    /// Rows of the tables that were looked at, at the site they come from.
    pub rows: usize,
}

/// Why a site is not filled, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FillError {
    /// A site cannot be asked.
    #[error("{branch}: {error}")]
    Site {
        /// Whose.
        branch: BranchCode,
        /// Why.
        error: SiteError,
    },
    /// There is no active site to bring rows from.
    #[error("there is no active site to bring rows from")]
    NoSource,
    /// The network has no such branch: it is added first, as away.
    #[error("the network has no branch {0}")]
    NotInNetwork(BranchCode),
}

/// Fills the site of a branch, from that site or the first that is active and knows the network best. `tell` hears
/// after each transaction how far it is.
///
/// # Errors
/// See [`FillError`]. What was written stays, and filling again goes on there.
pub async fn fill(
    sites: &Arc<Sites>,
    branch: &BranchCode,
    from: Option<&BranchCode>,
    terms: FillTerms,
    mut tell: impl FnMut(&Filled),
) -> Result<Filled, FillError> {
    // Someone asks for it who has to be told what is so now, whoever rests.
    let sites = &Arc::new(sites.insisting());
    let (known, mut unheard) = facts(sites).await;
    let Some(me) = known.get(branch) else {
        let error = unheard.remove(branch).unwrap_or_else(|| SiteError::Unreachable {
            detail: "the network file does not name it".to_owned(),
        });
        return Err(FillError::Site { branch: branch.clone(), error });
    };
    let standings = standings(&known);
    let newest = known.values().map(|facts| facts.membership).max();
    let is_source = |candidate: &&BranchCode| {
        *candidate != branch
            && from.is_none_or(|from| from == *candidate)
            && standings.get(*candidate) == Some(&BranchStanding::Active)
            && known
                .get(*candidate)
                .is_some_and(|facts| Some(facts.membership) == newest && !facts.is_quarantined)
    };
    let source = known.keys().find(is_source).ok_or(FillError::NoSource)?.clone();
    let membership = newest.unwrap_or_default();
    let mut filler = Filler {
        sites,
        branch,
        membership,
        overwrite: terms.overwrite || me.membership > MembershipVersion::default(),
        drop_extra: terms.drop_extra,
        filled: Filled { from: source, written: 0, left: vec![], left_count: 0, rows: 0 },
    };
    // Its own row comes first: that says whether it takes part.
    filler.own_row().await?;
    for table in ReplicaTable::ALL {
        filler.fill_table(table, &mut tell).await?;
    }
    Ok(filler.filled)
}

fn resource(difference: &Difference) -> Option<Resource> {
    Resource::from_stored(difference.table.code(), &difference.key)
}

struct Filler<'a> {
    sites: &'a Arc<Sites>,
    branch: &'a BranchCode,
    membership: MembershipVersion,
    overwrite: bool,
    drop_extra: bool,
    filled: Filled,
}

impl Filler<'_> {
    async fn own_row(&mut self) -> Result<(), FillError> {
        let own = Resource::Branch(self.branch.clone());
        let from = self.filled.from.clone();
        if self.rows_of(&from, std::slice::from_ref(&own)).await?.is_empty() {
            return Err(FillError::NotInNetwork(self.branch.clone()));
        }
        self.bring(vec![own]).await
    }

    async fn fill_table(
        &mut self,
        table: ReplicaTable,
        tell: &mut impl FnMut(&Filled),
    ) -> Result<(), FillError> {
        let both = [self.branch.clone(), self.filled.from.clone()];
        let mut replicas = Replicas::at(self.sites, both);
        let mut comparing = Comparing::begin(&mut replicas, table).await;
        let mut some = vec![];
        loop {
            let next = comparing.next(&mut replicas).await;
            if let Some((branch, error)) = replicas.unheard().first_key_value() {
                return Err(FillError::Site { branch: branch.clone(), error: error.clone() });
            }
            let is_last = next.is_none();
            some.extend(next.as_ref().and_then(resource));
            if some.len() == FILL_ROWS_MAX || (is_last && !some.is_empty()) {
                self.bring(std::mem::take(&mut some)).await?;
                tell(&self.filled);
            }
            if is_last {
                break;
            }
        }
        self.filled.rows += comparing.end().rows as usize;
        tell(&self.filled);
        Ok(())
    }

    /// Brings these rows to the site, but for those that are left.
    async fn bring(&mut self, resources: Vec<Resource>) -> Result<(), FillError> {
        let theirs = self.rows_of(&self.filled.from.clone(), &resources).await?;
        let mine = self.rows_of(self.branch, &resources).await?;
        let find = |rows: &[ReplicatedRow], resource: &Resource| {
            rows.iter().find(|row| Resource::from(*row) == *resource).cloned()
        };
        let mut changes = vec![];
        for resource in &resources {
            let (theirs, mine) = (find(&theirs, resource), find(&mine, resource));
            let seen = BTreeSet::from([Version::of(mine.as_ref())]);
            match (theirs, mine) {
                (None, Some(row)) if self.drop_extra => {
                    changes.push(CatalogueChange::Repair { row, gone: true, seen });
                }
                (None, Some(_)) => self.leave(resource, LeftWhy::OnlyHere),
                (Some(_), Some(_)) if !self.overwrite => {
                    self.leave(resource, LeftWhy::OtherHere);
                }
                (Some(row), mine) if mine.as_ref() != Some(&row) => {
                    changes.push(CatalogueChange::Repair { row, gone: false, seen });
                }
                // They became the same meanwhile.
                _ => {}
            }
        }
        self.write(changes).await
    }

    fn leave(&mut self, resource: &Resource, why: LeftWhy) {
        self.filled.left_count += 1;
        if self.filled.left.len() < LEFT_TOLD_MAX {
            self.filled.left.push(Left { resource: resource.clone(), why });
        }
    }

    async fn rows_of(
        &self,
        branch: &BranchCode,
        resources: &[Resource],
    ) -> Result<Vec<ReplicatedRow>, FillError> {
        let rows = self.sites.ask(branch, |site| async move { site.replicated(resources).await });
        rows.await.map_err(|error| FillError::Site { branch: branch.clone(), error })
    }

    /// Writes what nothing stands against.
    async fn write(&mut self, mut changes: Vec<CatalogueChange>) -> Result<(), FillError> {
        loop {
            let filling = Filling { membership: self.membership, changes: changes.clone() };
            let written =
                self.sites.ask(self.branch, |site| async move { site.fill(&filling).await });
            let hindered = written
                .await
                .map_err(|error| FillError::Site { branch: self.branch.clone(), error })?;
            if hindered.is_empty() {
                self.filled.written += changes.len();
                return Ok(());
            }
            let before = changes.len();
            changes.retain(|change| !hindered.iter().any(|h| h.resource == change.resource()));
            for h in &hindered {
                self.leave(&h.resource, LeftWhy::Hindered(h.why));
            }
            // What stands in the way is none of the rows, such as who belongs to the network: nothing is written.
            if changes.is_empty() || changes.len() == before {
                return Ok(());
            }
        }
    }
}
