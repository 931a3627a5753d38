//! Before databases that were never one network become one: what stands against it, by name. Rows that only some of
//! them have stand against nothing; they are counted.

use std::collections::BTreeMap;

use lienthu_domain::action::Version;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replica::ReplicaTable;
use lienthu_port::error::SiteError;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::Replicas;
use super::comparing::{Comparing, Difference};
use super::custody::{CustodyFinding, Looked, look};

/// What stands against becoming one network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JoinFinding {
    /// Databases have different rows under one key.
    RowsDiffer {
        /// Of which table.
        table: ReplicaTable,
        /// The stored key: an ISBN, a branch's code, `branch|category`, `branch|date`.
        key: String,
        /// Who has the same, together.
        groups: Vec<Vec<BranchCode>>,
    },
    /// Barcodes or codes of patrons collide.
    Custody {
        /// How.
        finding: CustodyFinding,
    },
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// The databases that were compared.
    pub branches: Vec<BranchCode>,
    /// Those that did not answer.
    pub unheard: BTreeMap<BranchCode, SiteError>,
    /// What stands against it.
    pub findings: usize,
    /// Rows of each table that not all of them have.
    pub not_everywhere: BTreeMap<ReplicaTable, usize>,
    /// Barcodes and codes that were looked at.
    pub looked: Looked,
}

/// Checks these databases. Reads, and writes nothing. `tell` hears each finding as it is found.
pub async fn check(mut replicas: Replicas, mut tell: impl FnMut(JoinFinding)) -> Checked {
    let mut checked = Checked::default();
    let mut count = 0;
    for table in ReplicaTable::ALL {
        let mut comparing = Comparing::begin(&mut replicas, table).await;
        let mut not_everywhere = 0;
        while let Some(difference) = comparing.next(&mut replicas).await {
            match collision(difference) {
                Some(finding) => {
                    count += 1;
                    tell(finding);
                }
                None => not_everywhere += 1,
            }
        }
        checked.not_everywhere.insert(table, not_everywhere);
    }
    checked.looked = look(&mut replicas, |finding| {
        count += 1;
        tell(JoinFinding::Custody { finding });
    })
    .await;
    checked.findings = count;
    checked.branches = replicas.branches().cloned().collect();
    checked.unheard.clone_from(replicas.unheard());
    checked
}

/// Different rows under one key; nothing where only some have it.
fn collision(difference: Difference) -> Option<JoinFinding> {
    let mut groups: BTreeMap<Version, Vec<BranchCode>> = BTreeMap::new();
    for (branch, version) in difference.versions {
        groups.entry(version).or_default().push(branch);
    }
    groups.remove(&Version::Nothing);
    let (table, key) = (difference.table, difference.key);
    (groups.len() > 1).then(|| {
        let groups = groups.into_values().collect();
        JoinFinding::RowsDiffer { table, key, groups }
    })
}
