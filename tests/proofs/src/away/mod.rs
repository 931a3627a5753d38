//! `away`: a branch is set away while its line is cut, and a hundred changes of titles, rules, closed days and branches
//! go on without it. Filled and audited, it has every row that the others have, and takes part again. And what an
//! audit costs.

mod audit_cost;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use lienthu_across::catalogue::change;
use lienthu_across::replicas::activating::activate;
use lienthu_across::replicas::auditing::audit;
use lienthu_across::replicas::filling::{FillTerms, fill};
use lienthu_across::sites::Sites;
use lienthu_conformance::Fixture;
use lienthu_conformance::kit::{MANAGER, closed_day, day, key, policy, small_seed, title};
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::replica::{Buckets, ReplicaTable, RowDigest};
use lienthu_domain::replicated::{Branch, BranchStanding, ReplicatedRow};
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use crate::kit::findings::Findings;
use crate::kit::network::{BRANCHES, Network};
use crate::kit::rng::of_case;
use crate::kit::sites;
use crate::registry::Terms;

const AWAY: &str = BRANCHES[2];
const CHANGES: usize = 100;
/// Changes of one transaction.
const AT_ONCE: usize = 5;

/// Carries the proof through.
///
/// # Errors
/// When no site can be had, or a site does not answer.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    for kind in sites::available(findings) {
        a_hundred_changes(&*kind, terms.seed, findings).await?;
        audit_cost::run(&*kind, findings).await?;
    }
    Ok(())
}

/// All rows as they are to be, by what they are about.
type Rows = BTreeMap<Resource, ReplicatedRow>;

async fn a_hundred_changes(
    kind: &dyn Fixture,
    seed: u64,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let name = kind.kind();
    let mut dice = of_case(seed, 0);
    let network = Network::new(kind).await?;
    let sites = Arc::new(network.sites(MANAGER));
    let away: BranchCode = key(AWAY);
    let mut rows = rows_of_the_seed();
    let mut next = Txns(0);

    network.cut(&away, true)?;
    let seen = branch_row(&rows, &away)?;
    let put = Branch { standing: BranchStanding::Away, ..seen.clone() };
    commit(&sites, next.txn(), vec![put_branch(put, Some(seen), &mut rows)]).await?;
    for place in (0..CHANGES).step_by(AT_ONCE) {
        let mut changes: BTreeMap<Resource, CatalogueChange> = BTreeMap::new();
        while changes.len() < AT_ONCE {
            let made = thrown(&mut dice, place + changes.len(), &rows);
            changes.entry(made.resource()).or_insert(made);
        }
        for made in changes.values() {
            note(&mut rows, made);
        }
        commit(&sites, next.txn(), changes.into_values().collect()).await?;
    }
    network.cut(&away, false)?;

    let left_out = audit(&sites, |_| {}).await.left_out;
    findings.check(
        &format!("{name}: the audit says who is left out"),
        left_out == [away.clone()],
        || format!("{left_out:?}"),
    );
    let early = activate(&sites, next.txn(), &away, |_| {}, |_, _| {}).await;
    findings.check(
        &format!("{name}: it is not active before it is filled"),
        early.is_err(),
        || format!("{early:?}"),
    );
    let begun = Instant::now();
    let filled = fill(&sites, &away, None, FillTerms::default(), |_| {}).await?;
    findings.figure(format!("{name}_filled_rows"), filled.written);
    findings.figure(format!("{name}_fill_ms"), begun.elapsed().as_millis());
    findings.check(&format!("{name}: no row is left"), filled.left_count == 0, || {
        format!("{:?}", filled.left)
    });
    let driving = activate(&sites, next.txn(), &away, |_| {}, |_, _| {}).await?;
    let is_done = matches!(driving.ending, Ending::Decided { outcome: Outcome::Commit, .. });
    findings.check(&format!("{name}: it takes part again"), is_done, || format!("{driving:?}"));
    let active = Branch { standing: BranchStanding::Active, ..branch_row(&rows, &away)? };
    rows.insert(Resource::Branch(away.clone()), ReplicatedRow::Branch(active));

    for branch in BRANCHES {
        let found = every_row(&sites, &key(branch)).await?;
        let same = found == rows;
        findings.check(&format!("{name}: {branch} has every row as it is to be"), same, || {
            let wrong =
                |(resource, row): &(&Resource, &ReplicatedRow)| found.get(*resource) != Some(*row);
            let wrong = rows.iter().find(wrong);
            format!("{} of {} rows; the first: {wrong:?}", found.len(), rows.len())
        });
    }
    let last = audit(&sites, |_| {}).await;
    findings.check(
        &format!("{name}: the audit finds nothing"),
        last.differing == 0 && last.odd == 0 && last.branches.len() == BRANCHES.len(),
        || format!("{last:?}"),
    );
    commit(&sites, next.txn(), vec![thrown(&mut dice, CHANGES, &rows)]).await?;
    Ok(())
}

struct Txns(u128);

impl Txns {
    fn txn(&mut self) -> TxnId {
        self.0 += 1;
        TxnId::new(Uuid::from_u128(self.0))
    }
}

fn rows_of_the_seed() -> Rows {
    let seed = small_seed();
    let branches = seed.branches.into_iter().map(ReplicatedRow::Branch);
    let titles = seed.titles.into_iter().map(ReplicatedRow::Title);
    let policies = seed.policies.into_iter().map(ReplicatedRow::Policy);
    let closed = seed.closed_days.into_iter().map(ReplicatedRow::ClosedDay);
    let all = branches.chain(titles).chain(policies).chain(closed);
    all.map(|row| (Resource::from(&row), row)).collect()
}

fn branch_row(rows: &Rows, code: &BranchCode) -> anyhow::Result<Branch> {
    match rows.get(&Resource::Branch(code.clone())) {
        Some(ReplicatedRow::Branch(row)) => Ok(row.clone()),
        _ => bail!("no row of {code}"),
    }
}

fn put_branch(branch: Branch, seen: Option<Branch>, rows: &mut Rows) -> CatalogueChange {
    let change = CatalogueChange::PutBranch { branch, seen };
    note(rows, &change);
    change
}

fn note(rows: &mut Rows, change: &CatalogueChange) {
    match change.becomes() {
        Some(row) => drop(rows.insert(change.resource(), row)),
        None => drop(rows.remove(&change.resource())),
    }
}

/// An addition or a change, with texts that are hard to compare.
fn thrown(dice: &mut ChaCha8Rng, place: usize, rows: &Rows) -> CatalogueChange {
    let text = format!("Đổi lần {place} | ~ 😀 {}", dice.random_range(0..10));
    let found = |resource: Resource| rows.get(&resource).cloned();
    match dice.random_range(0..10) {
        0..=3 => {
            CatalogueChange::PutTitle { title: title(&format!("N {place}"), &text), seen: None }
        }
        4..=6 => {
            let isbn = format!("N {}", dice.random_range(0..=place));
            let put = title(&isbn, &text);
            let seen = match found(Resource::Title(put.key.clone())) {
                Some(ReplicatedRow::Title(seen)) => Some(seen),
                _ => None,
            };
            CatalogueChange::PutTitle { title: put, seen }
        }
        7 => {
            let category = format!("C{}", dice.random_range(0..4));
            let put = policy(Some(&category), dice.random_range(1..30), 3, 1, true);
            let seen = match found(Resource::Policy(None, put.category.clone())) {
                Some(ReplicatedRow::Policy(seen)) => Some(seen),
                _ => None,
            };
            CatalogueChange::PutPolicy { policy: put, seen }
        }
        8 => {
            let put = closed_day(day(dice.random_range(50..60)), &text);
            let seen = match found(Resource::ClosedDay(None, put.date)) {
                Some(ReplicatedRow::ClosedDay(seen)) => Some(seen),
                _ => None,
            };
            CatalogueChange::PutClosedDay { closed: put, seen }
        }
        _ => {
            let code: BranchCode = key(BRANCHES[dice.random_range(0..2)]);
            match found(Resource::Branch(code)) {
                Some(ReplicatedRow::Branch(seen)) => {
                    let branch = Branch { name: text, ..seen.clone() };
                    CatalogueChange::PutBranch { branch, seen: Some(seen) }
                }
                _ => CatalogueChange::PutTitle {
                    title: title(&format!("N {place}"), &text),
                    seen: None,
                },
            }
        }
    }
}

async fn commit(sites: &Sites, txn: TxnId, changes: Vec<CatalogueChange>) -> anyhow::Result<()> {
    let driving = change(sites, txn, changes, |_, _| {}).await?;
    let is_done = matches!(driving.ending, Ending::Decided { outcome: Outcome::Commit, .. });
    ensure!(is_done, "a change was not made: {driving:?}");
    Ok(())
}

/// Every row that a site has, each of which has the digest that the site tells.
async fn every_row(sites: &Sites, branch: &BranchCode) -> anyhow::Result<Rows> {
    let mut rows = Rows::new();
    for table in ReplicaTable::ALL {
        let keys = sites
            .ask(branch, |site| async move { site.keys(table, &Buckets::everything(), None).await })
            .await?;
        let resource = |key: &str| Resource::from_stored(table.code(), key).context("a stored key");
        let resources = keys.iter().map(|row| resource(&row.key)).collect::<Result<Vec<_>, _>>()?;
        let found = sites.ask(branch, |site| async move { site.replicated(&resources).await });
        for row in found.await? {
            let told = keys.iter().find(|told| told.key == Resource::from(&row).stored().1);
            ensure!(told.map(|told| told.digest) == Some(RowDigest::of(&row)), "{row:?}");
            rows.insert(Resource::from(&row), row);
        }
    }
    Ok(rows)
}
