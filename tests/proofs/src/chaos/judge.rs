//! What has to be true once all sites can be reached and one agent has run.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use lienthu_conformance::kit::{LIBRARIAN, MANAGER};
use lienthu_domain::copy::CopyCondition;
use lienthu_domain::event::Event;
use lienthu_domain::ids::{Barcode, BranchCode, EventId, TxnId};
use lienthu_domain::replicated::{Branch, ClosedDay, LoanPolicy, Title};
use lienthu_port::feed::{FeedRow, PullFrom, Pulled};
use lienthu_port::site::Site;
use lienthu_port::transaction::{KeptTransaction, Sought, TRANSACTIONS_PAGE_MAX};
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::terms::Party;

use super::ground::{Ground, code};
use crate::kit::findings::Findings;
use crate::kit::loans::{at_site, difference, of_events};
use crate::kit::network::BRANCHES;

/// Pages of a site's feed that are read at most.
const PAGES_MAX: usize = 1_000;

/// Looks at everything. `events` are all that any desk knows to be at a site, `left_open` is how many transactions
/// nobody had ended when the storm was over.
///
/// # Errors
/// What a site says.
pub async fn judge(
    ground: &Ground,
    events: &BTreeMap<EventId, Event>,
    left_open: usize,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    live_once(ground, findings).await?;
    ended_alike(ground, left_open, findings).await?;
    replicas_alike(ground, findings).await?;
    loans_follow(ground, events, findings).await
}

/// I1.
async fn live_once(ground: &Ground, findings: &mut Findings) -> anyhow::Result<()> {
    let mut moved = 0;
    for barcode in &ground.copies {
        let mut live = vec![];
        for branch in BRANCHES {
            let file = ground.session(branch, LIBRARIAN).await?.copy(barcode).await?;
            let is_live = file.is_some_and(|f| f.copy.condition != CopyCondition::Forwarded);
            live.extend(is_live.then_some(branch));
        }
        findings.check("I1: a copy is live at one branch", live.len() == 1, || {
            format!("{barcode}: {live:?}")
        });
        moved += usize::from(live.iter().any(|branch| !barcode.as_str().starts_with(branch)));
    }
    findings.figure("moved", moved);
    findings.check("some copies are away from where they began", moved > 0, || moved);
    Ok(())
}

/// I3 and I4.
async fn ended_alike(
    ground: &Ground,
    left_open: usize,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut outcomes: BTreeMap<TxnId, BTreeMap<&str, Outcome>> = BTreeMap::new();
    let mut parties: BTreeMap<TxnId, BTreeSet<BranchCode>> = BTreeMap::new();
    for branch in BRANCHES {
        let site = ground.session(branch, MANAGER).await?;
        let open = all(&*site, &Sought::Open).await?;
        findings
            .check("I4: nothing is left open", open.is_empty(), || format!("{branch}: {open:?}"));
        for kept in everything(&*site, branch).await? {
            let Some(share) = &kept.entry.share else { continue };
            if let Some(decision) = share.state.decision() {
                outcomes.entry(kept.txn).or_default().insert(branch, decision.outcome);
            }
            if let Some(terms) = &share.terms {
                let named = terms.parties().iter().map(|party| party.branch.clone());
                parties.entry(kept.txn).or_default().extend(named);
            }
        }
    }
    let (mut committed, mut aborted) = (0, 0);
    for (txn, by_site) in &outcomes {
        let different: BTreeSet<&str> = by_site.values().map(|outcome| outcome.code()).collect();
        findings.check("I3: all sites of a transaction ended alike", different.len() == 1, || {
            format!("{txn}: {by_site:?}")
        });
        if different.contains(Outcome::Commit.code()) {
            committed += 1;
            let all = parties.get(txn).map_or(0, BTreeSet::len);
            findings.check("a committed one was carried out by all", by_site.len() == all, || {
                format!("{txn}: {by_site:?} of {all}")
            });
        } else {
            aborted += 1;
        }
    }
    findings.figure("committed", committed);
    findings.figure("aborted", aborted);
    findings.check("some were committed", committed > 0, || committed);
    findings.check("programs died in the middle of some", aborted + left_open > 0, || {
        format!("{aborted}, {left_open}")
    });
    Ok(())
}

/// Everything that a site keeps of transactions: all name it as another than this nobody.
async fn everything(site: &dyn Site, branch: &str) -> anyhow::Result<Vec<KeptTransaction>> {
    let nobody = Party {
        branch: code(branch),
        incarnation: lienthu_domain::ids::Incarnation::new(uuid::Uuid::nil()),
    };
    all(site, &Sought::Naming(nobody)).await
}

async fn all(site: &dyn Site, sought: &Sought) -> anyhow::Result<Vec<KeptTransaction>> {
    let mut found: Vec<KeptTransaction> = vec![];
    loop {
        let page = site.transactions(sought, found.last().map(|kept| kept.txn)).await?;
        let is_last = page.len() < TRANSACTIONS_PAGE_MAX;
        found.extend(page);
        if is_last {
            return Ok(found);
        }
    }
}

/// What every site is to have alike.
#[derive(Debug, Default, PartialEq)]
struct Replicated {
    titles: BTreeMap<String, Title>,
    branches: BTreeMap<String, Branch>,
    policies: Vec<LoanPolicy>,
    closed_days: Vec<ClosedDay>,
}

async fn replicas_alike(ground: &Ground, findings: &mut Findings) -> anyhow::Result<()> {
    let mut first: Option<Replicated> = None;
    for branch in BRANCHES {
        let found = replicated(&*ground.session(branch, LIBRARIAN).await?).await?;
        match &first {
            None => {
                findings.figure("titles", found.titles.len());
                first = Some(found);
            }
            Some(first) => {
                let is_alike = *first == found;
                findings.check("replicas are identical", is_alike, || {
                    let (here, there): (BTreeSet<_>, BTreeSet<_>) = (
                        found.titles.values().map(|t| format!("{t:?}")).collect(),
                        first.titles.values().map(|t| format!("{t:?}")).collect(),
                    );
                    format!("{branch}: {:?}", here.symmetric_difference(&there).collect::<Vec<_>>())
                });
            }
        }
    }
    Ok(())
}

async fn replicated(site: &dyn Site) -> anyhow::Result<Replicated> {
    let mut found = Replicated::default();
    let mut from = PullFrom::default();
    for _ in 0..PAGES_MAX {
        let Pulled::Page(page) = site.pull(&from).await? else {
            bail!("the site answers a first pull with a refill");
        };
        for row in page.rows {
            match row {
                FeedRow::Title(title) => {
                    found.titles.insert(title.key.to_string(), title);
                }
                FeedRow::Branch(branch) => {
                    found.branches.insert(branch.code.to_string(), branch);
                }
                FeedRow::Policy(policy) => found.policies.push(policy),
                FeedRow::ClosedDay(day) => found.closed_days.push(day),
                _ => {}
            }
        }
        match page.next {
            Some(position) => from.position = Some(position),
            None => {
                found.policies.sort_by_key(|policy| format!("{policy:?}"));
                found.closed_days.sort_by_key(|day| format!("{day:?}"));
                return Ok(found);
            }
        }
    }
    bail!("the site's feed has no end")
}

/// I2: each site has the loans that follow from the events meant for it, none missing, none doubled.
async fn loans_follow(
    ground: &Ground,
    events: &BTreeMap<EventId, Event>,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let mut loans = 0;
    for branch in BRANCHES {
        let site = ground.session(branch, LIBRARIAN).await?;
        let here: Vec<&Event> =
            events.values().filter(|event| event.site.as_str() == branch).collect();
        let mut known: Vec<Barcode> = vec![];
        for barcode in &ground.copies {
            known.extend(site.copy(barcode).await?.map(|file| file.copy.barcode));
        }
        let found = at_site(&*site, &known).await?;
        let (expected, _) = of_events(&code(branch), &here, &known);
        loans += found.len();
        let wrong = difference(branch, &found, &expected);
        findings.check("I2: a site has the loans of its events", wrong.is_none(), || {
            wrong.clone().unwrap_or_default()
        });
    }
    findings.figure("loans", loans);
    findings.check("there are loans", loans > 0, || loans);
    Ok(())
}
