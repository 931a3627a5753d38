//! `crash-points`, invariants I1, I3 and I4: at every point at which whoever drives a transfer or a change of the
//! catalogue talks to a site, they are killed, or the site is cut; another desk finishes. All sites keep the same
//! outcome and have done what it says, and the copy is live at one branch alone.

mod points;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use lienthu_across::recovery::{open_at, recover};
use lienthu_across::sites::Sites;
use lienthu_conformance::Fixture;
use lienthu_conformance::kit::{AGENT, MANAGER, credentials, key};
use lienthu_domain::ids::TxnId;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::entry::outcome_at;
use uuid::Uuid;

use self::points::{Fault, PointedConnector, Points};
use self::work::{Kind, Work};
use crate::kit::findings::Findings;
use crate::kit::network::{BRANCHES, Network, patiently};
use crate::kit::sites;
use crate::registry::Terms;

/// Rounds of recovery before it is looked whether all has ended.
const ROUNDS_MAX: usize = 6;

/// Carries the proof through.
///
/// # Errors
/// When no site can be had.
pub async fn run(_: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    for kind in sites::available(findings) {
        let begun = Instant::now();
        let mut run = Run { kind: kind.kind(), network: network(&*kind).await?, runs: 0 };
        let (mut committed, mut points) = (0, 0);
        for (what, name) in [(Kind::Transfer, "transfer"), (Kind::Catalogue, "catalogue")] {
            let mut of_kind = 0;
            for fault in [Fault::Kill, Fault::Cut] {
                let (passed, done) = run.every_point(what, fault, findings).await?;
                of_kind += passed;
                committed += done;
            }
            findings.figure(format!("{}_{name}_points", run.kind), of_kind);
            points += of_kind;
        }
        // Both endings were seen, or it proves nothing.
        let both = || format!("{committed} of {points}");
        let check = format!("{}: some were committed and some were not", run.kind);
        findings.check(&check, committed > 0 && committed < points, both);
        findings.figure(format!("{}_committed", run.kind), committed);
        findings.figure(format!("{}_seconds", run.kind), begun.elapsed().as_secs());
    }
    Ok(())
}

async fn network(kind: &dyn Fixture) -> anyhow::Result<Network> {
    let network = Network::new(kind).await?;
    work::stock(&network).await?;
    Ok(network)
}

struct Run {
    kind: &'static str,
    network: Network,
    /// Transactions so far.
    runs: u128,
}

impl Run {
    /// How many points there are, and after how many of the faults it was committed.
    async fn every_point(
        &mut self,
        what: Kind,
        fault: Fault,
        findings: &mut Findings,
    ) -> anyhow::Result<(usize, usize)> {
        let mut committed = 0;
        for chosen in 0.. {
            self.runs += 1;
            let txn = TxnId::new(Uuid::from_u128(self.runs));
            let work = Work::new(&self.network, what, self.runs).await?;
            let points = Points::new(chosen, fault);
            let ways = self.network.ways().into_iter();
            let ways = ways.map(|way| PointedConnector::before(way, Arc::clone(&points))).collect();
            let driven = Sites::new(ways, &credentials(MANAGER));
            tokio::select! {
                // What the driver says of it is nobody's business here: it is looked at the sites.
                () = work.drive(&driven, txn) => {}
                () = points.killed.notified() => {}
            }
            points.quiet().await;
            self.finish().await?;
            let name = format!("{}: {what:?}, {fault:?} at point {chosen}", self.kind);
            let outcome = self.check(&name, &work, txn, findings).await?;
            if !points.was_reached() {
                let whole = || format!("{outcome:?}");
                let check = format!("{name}: what nobody disturbs is done");
                findings.check(&check, outcome == Some(Outcome::Commit), whole);
                return Ok((chosen, committed));
            }
            committed += usize::from(outcome == Some(Outcome::Commit));
        }
        Ok((0, 0))
    }

    /// Another desk finishes what was left behind.
    async fn finish(&self) -> anyhow::Result<()> {
        let another = self.network.sites(AGENT);
        for _ in 0..ROUNDS_MAX {
            self.network.wait()?;
            recover(&another).await;
            if open(&another).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// How it ended, at all sites.
    async fn check(
        &self,
        name: &str,
        work: &Work,
        txn: TxnId,
        findings: &mut Findings,
    ) -> anyhow::Result<Option<Outcome>> {
        let open = open(&self.network.sites(AGENT)).await?;
        findings
            .check(&format!("{name}: I4, nothing is left open"), open == 0, || open.to_string());

        let kept = self.network.kept(AGENT, txn).await?;
        let applied: BTreeSet<Outcome> =
            kept.iter().filter_map(|(_, entry)| outcome_at(entry)).collect();
        let known = kept.iter().filter_map(|(_, entry)| entry.known_decision());
        let decided: BTreeSet<Outcome> = known.map(|decision| decision.outcome).collect();
        let is_one = applied.len() <= 1 && applied == decided;
        findings.check(&format!("{name}: I3, one outcome at all sites"), is_one, || {
            format!("{kept:?}")
        });
        let outcome = applied.into_iter().next();
        let promised = kept.iter().filter(|(_, entry)| entry.terms().is_some()).count();
        let is_whole = outcome != Some(Outcome::Commit) || promised == work.parties();
        findings.check(&format!("{name}: committed where all had promised"), is_whole, || {
            format!("{kept:?}")
        });
        work.check(&self.network, name, outcome == Some(Outcome::Commit), findings).await?;
        Ok(outcome)
    }
}

/// What is open at all sites together.
async fn open(sites: &Sites) -> anyhow::Result<usize> {
    let mut open = 0;
    for branch in BRANCHES {
        let branch = key(branch);
        open += patiently(|| open_at(sites, &branch)).await?.len();
    }
    Ok(open)
}
