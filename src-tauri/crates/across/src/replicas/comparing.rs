//! Which rows of a table differ between sites: first by the digests of few buckets, then of smaller ones within those
//! that differ, and at last by the keys in them. A network in which nothing differs is compared in one round.

use std::collections::{BTreeMap, BTreeSet};

use lienthu_domain::action::Version;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replica::{Buckets, DEPTH_MAX, ReplicaTable, SetDigest};
use lienthu_port::replica::{BUCKETS_ASKED_MAX, KEYS_PAGE_MAX, KeyDigest};

use super::Replicas;
use super::paging::Merge;

/// By so many bits the first buckets are told.
const FIRST_DEPTH: u8 = 8;
/// By so many more the next ones.
const DEEPER: u8 = 4;
/// So few rows in the buckets that differ are listed, and not narrowed any further.
const LISTED_ROWS: u32 = 256;

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Of which table.
    pub table: ReplicaTable,
    /// Its stored key.
    pub key: String,
    /// What each site has of it that was compared.
    pub versions: BTreeMap<BranchCode, Version>,
}

/// What comparing a table took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Questions that went to all sites at once.
    pub rounds: usize,
    /// Digests of buckets that came.
    pub digests: usize,
    /// Keys with digests that came.
    pub keys: usize,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.digests += other.digests;
        self.keys += other.keys;
    }
}

/// How a table was compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// Rows of the site that has most.
    pub rows: u32,
    /// Rows that differ.
    pub differing: usize,
    /// What it took.
    pub cost: Cost,
    /// The state of each site, as of its first answer.
    pub changed: BTreeMap<BranchCode, i64>,
}

/// The digests of each site, by bucket.
type BySite = BTreeMap<BranchCode, BTreeMap<u32, SetDigest>>;

/// The comparison of a table, under way.
pub struct Comparing {
    table: ReplicaTable,
    compared: Compared,
    /// Over the keys in the buckets that differ.
    within: Buckets,
    merge: Option<Merge<KeyDigest>>,
}

impl Comparing {
    /// Finds the buckets in which something differs.
    pub async fn begin(replicas: &mut Replicas, table: ReplicaTable) -> Self {
        let mut compared = Compared::default();
        let everything = Buckets::everything();
        let mut by_site = digests(replicas, table, &everything, FIRST_DEPTH, &mut compared).await;
        compared.rows = most_rows(&by_site, None);
        let mut differing = Buckets { depth: FIRST_DEPTH, numbers: that_differ(&by_site) };
        // Where most of the buckets differ, narrowing tells nothing that the keys do not.
        let is_most = |numbers: &[u32], of: usize| numbers.len() * 2 > of;
        let mut is_narrow = !is_most(&differing.numbers, 1 << FIRST_DEPTH);
        while is_narrow
            && differing.depth + DEEPER <= DEPTH_MAX
            && differing.numbers.len() <= BUCKETS_ASKED_MAX
            && most_rows(&by_site, Some(&differing.numbers)) > LISTED_ROWS
        {
            let depth = differing.depth + DEEPER;
            by_site = digests(replicas, table, &differing, depth, &mut compared).await;
            let numbers = that_differ(&by_site);
            is_narrow = !is_most(&numbers, differing.numbers.len() << DEEPER);
            differing = Buckets { depth, numbers };
        }
        let merge = || Merge::over(replicas, KEYS_PAGE_MAX, |row: &KeyDigest| row.key.as_str());
        let merge = (!differing.numbers.is_empty()).then(merge);
        Self { table, compared, within: coarsened(differing), merge }
    }

    /// The next row that differs, in the order of the keys.
    pub async fn next(&mut self, replicas: &mut Replicas) -> Option<Difference> {
        let (table, within) = (self.table, &self.within);
        let merge = self.merge.as_mut()?;
        while let Some((key, rows)) = merge
            .next(replicas, |site, behind| {
                let within = within.clone();
                async move { site.keys(table, &within, behind.as_deref()).await }
            })
            .await
        {
            let mut versions: BTreeMap<BranchCode, Version> =
                replicas.branches().map(|branch| (branch.clone(), Version::Nothing)).collect();
            for (branch, row) in rows {
                if let Some(version) = versions.get_mut(&branch) {
                    *version = Version::Row(row.digest);
                }
            }
            if versions.values().collect::<BTreeSet<_>>().len() > 1 {
                self.compared.differing += 1;
                return Some(Difference { table, key, versions });
            }
        }
        None
    }

    /// How it went.
    #[must_use]
    pub fn end(mut self) -> Compared {
        if let Some(merge) = self.merge {
            self.compared.cost.keys += merge.taken;
            self.compared.cost.rounds += merge.rounds;
        }
        self.compared
    }
}

async fn digests(
    replicas: &mut Replicas,
    table: ReplicaTable,
    within: &Buckets,
    depth: u8,
    compared: &mut Compared,
) -> BySite {
    let answers = replicas.ask_all(|_, site| {
        let within = within.clone();
        async move { site.digests(table, &within, depth).await }
    });
    let mut by_site = BySite::new();
    for (branch, answer) in answers.await {
        compared.cost.digests += answer.buckets.len();
        compared.changed.entry(branch.clone()).or_insert(answer.changed);
        by_site.insert(branch, answer.buckets.into_iter().collect());
    }
    compared.cost.rounds += 1;
    by_site
}

/// The buckets that not all sites have alike.
fn that_differ(by_site: &BySite) -> Vec<u32> {
    let all: BTreeSet<u32> = by_site.values().flat_map(|buckets| buckets.keys().copied()).collect();
    let differs = |number: &u32| {
        let mut digests = by_site.values().map(|buckets| buckets.get(number));
        let first = digests.next().flatten();
        digests.any(|digest| digest != first)
    };
    all.into_iter().filter(differs).collect()
}

/// How many rows the site has that has most of them in these buckets.
fn most_rows(by_site: &BySite, within: Option<&[u32]>) -> u32 {
    let rows = by_site.values().map(|buckets| {
        let of = buckets.iter().filter(|(number, _)| {
            within.is_none_or(|numbers| numbers.binary_search(number).is_ok())
        });
        of.map(|(_, digest)| digest.rows).sum()
    });
    rows.max().unwrap_or(0)
}

/// The same rows and perhaps more, in as many buckets as one may ask for.
fn coarsened(mut buckets: Buckets) -> Buckets {
    while buckets.numbers.len() > BUCKETS_ASKED_MAX {
        buckets.depth -= 1;
        for number in &mut buckets.numbers {
            *number >>= 1;
        }
        buckets.numbers.dedup();
    }
    buckets
}
