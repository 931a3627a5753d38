//! The audit of a network: the rows that every site holds, and who has which copy.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::action::{Resource, Version};
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replica::ReplicaTable;
use lienthu_domain::replicated::{BranchStanding, ReplicatedRow};
use lienthu_port::error::SiteError;
use lienthu_port::transaction::NetworkFacts;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::Replicas;
use super::comparing::{Compared, Comparing, Cost, Difference};
use super::custody::{CustodyFinding, Looked, look};
use crate::sites::Sites;

/// Rows that are read side by side at once.
const ROWS_AT_ONCE: usize = 100;

/// A row that the sites do not have alike, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SideBySide {
    /// Which.
    pub resource: Resource,
    /// Each version, with who has it.
    pub versions: Vec<VersionAt>,
}

/// A version of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct VersionAt {
    /// The row; nothing where there is none.
    pub row: Option<ReplicatedRow>,
    /// Where.
    pub branches: Vec<BranchCode>,
}

/// What an audit tells as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditEvent {
    /// A row differs.
    Differs(SideBySide),
    /// A barcode or a code is odd.
    Custody(CustodyFinding),
    /// A table was compared.
    Compared(ReplicaTable, Compared),
}

/// How an audit ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audited {
    /// The sites whose rows were compared.
    pub branches: Vec<BranchCode>,
    /// Those that are away or closed: what they have may differ.
    pub left_out: Vec<BranchCode>,
    /// Those that did not answer.
    pub unheard: BTreeMap<BranchCode, SiteError>,
    /// Rows of each table, of the site that has most.
    pub rows: BTreeMap<ReplicaTable, u32>,
    /// Rows that differ.
    pub differing: usize,
    /// Barcodes and codes that are odd.
    pub odd: usize,
    /// Barcodes and codes that were looked at.
    pub looked: Looked,
    /// What comparing took.
    pub cost: Cost,
    /// In which state each site was whose rows were compared; nothing where rows changed between two tables.
    pub states: BTreeMap<BranchCode, Option<i64>>,
}

/// What every site that answers knows of the network.
pub async fn facts(
    sites: &Sites,
) -> (BTreeMap<BranchCode, NetworkFacts>, BTreeMap<BranchCode, SiteError>) {
    let asked = sites.branches().map(|branch| async move {
        (branch.clone(), sites.ask(branch, |site| async move { site.network().await }).await)
    });
    let mut known = (BTreeMap::new(), BTreeMap::new());
    for (branch, answer) in futures::future::join_all(asked).await {
        match answer {
            Ok(facts) => drop(known.0.insert(branch, facts)),
            Err(error) => drop(known.1.insert(branch, error)),
        }
    }
    known
}

/// The branches by standing, as the site knows them that knows the latest change of the network.
#[must_use]
pub fn standings(
    facts: &BTreeMap<BranchCode, NetworkFacts>,
) -> BTreeMap<BranchCode, BranchStanding> {
    let newest = facts.values().max_by_key(|facts| facts.membership);
    newest.map(|facts| facts.branches.iter().cloned().collect()).unwrap_or_default()
}

/// Compares the active sites of the network, those of the network file that nobody counts on left out; and looks
/// at the barcodes and codes of all that answer.
pub async fn audit(sites: &Arc<Sites>, mut tell: impl FnMut(AuditEvent)) -> Audited {
    // Someone asks for it who has to be told what is so now, whoever rests.
    let sites = &Arc::new(sites.insisting());
    let (known, unheard) = facts(sites).await;
    let standings = standings(&known);
    let is_active = |branch: &BranchCode| {
        standings.get(branch).is_none_or(|standing| *standing == BranchStanding::Active)
    };
    let (active, left_out): (Vec<_>, Vec<_>) = sites.branches().cloned().partition(is_active);
    let mut audited = compare_rows(sites, active, &mut tell).await;
    audited.left_out = left_out;

    let mut all = Replicas::at(sites, sites.branches().cloned());
    all.leave_out(&unheard);
    all.leave_out(&audited.unheard);
    let mut odd = 0;
    audited.looked = look(&mut all, |finding| {
        odd += 1;
        tell(AuditEvent::Custody(finding));
    })
    .await;
    audited.odd = odd;
    audited.unheard.extend(all.unheard().clone());
    audited
}

/// Compares the rows of these sites alone.
pub async fn compare_rows(
    sites: &Arc<Sites>,
    branches: Vec<BranchCode>,
    tell: &mut impl FnMut(AuditEvent),
) -> Audited {
    let mut replicas = Replicas::at(sites, branches);
    let mut audited = Audited::default();
    for table in ReplicaTable::ALL {
        let mut comparing = Comparing::begin(&mut replicas, table).await;
        let mut some = vec![];
        loop {
            let next = comparing.next(&mut replicas).await;
            let is_last = next.is_none();
            some.extend(next);
            if is_last || some.len() == ROWS_AT_ONCE {
                for row in side_by_side(sites, &replicas, &some).await {
                    audited.differing += 1;
                    tell(AuditEvent::Differs(row));
                }
                some.clear();
            }
            if is_last {
                break;
            }
        }
        let compared = comparing.end();
        audited.rows.insert(table, compared.rows);
        audited.cost += compared.cost;
        for (branch, changed) in &compared.changed {
            let state = audited.states.entry(branch.clone()).or_insert(Some(*changed));
            if *state != Some(*changed) {
                *state = None;
            }
        }
        tell(AuditEvent::Compared(table, compared));
    }
    audited.branches = replicas.branches().cloned().collect();
    audited.unheard.clone_from(replicas.unheard());
    audited
}

/// These rows as the sites have them now: what was the same meanwhile is left out.
async fn side_by_side(
    sites: &Sites,
    replicas: &Replicas,
    differing: &[Difference],
) -> Vec<SideBySide> {
    let resource =
        |difference: &Difference| Resource::from_stored(difference.table.code(), &difference.key);
    let resources: Vec<Resource> = differing.iter().filter_map(resource).collect();
    if resources.is_empty() {
        return vec![];
    }
    let rows = rows_at(sites, replicas.branches().cloned().collect(), &resources).await;
    let mut told = vec![];
    for resource in resources {
        let mut versions: BTreeMap<Version, VersionAt> = BTreeMap::new();
        for (branch, answer) in &rows {
            // One that does not answer any more was compared before; of now nothing is said.
            let Ok(rows) = answer else { continue };
            let row = rows.iter().find(|row| Resource::from(*row) == resource);
            let at = versions.entry(Version::of(row));
            let at = at.or_insert_with(|| VersionAt { row: row.cloned(), branches: vec![] });
            at.branches.push(branch.clone());
        }
        if versions.len() > 1 {
            told.push(SideBySide { resource, versions: versions.into_values().collect() });
        }
    }
    told
}

/// What each of these sites has of these rows.
pub(super) async fn rows_at(
    sites: &Sites,
    branches: Vec<BranchCode>,
    resources: &[Resource],
) -> BTreeMap<BranchCode, Result<Vec<ReplicatedRow>, SiteError>> {
    let asked = branches.into_iter().map(|branch| async move {
        let rows = sites.ask(&branch, |site| async move { site.replicated(resources).await });
        let rows = rows.await;
        (branch, rows)
    });
    futures::future::join_all(asked).await.into_iter().collect()
}
