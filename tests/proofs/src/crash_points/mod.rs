//! `crash-points`, invariants I1 and I3: at every point at which whoever drives a transfer talks to a site, they
//! are killed, or the site is cut; another desk finishes, and the copy is live at one branch alone.

mod points;

use std::sync::Arc;
use std::time::Instant;

use lienthu_across::recovery::{open_at, recover};
use lienthu_across::sites::Sites;
use lienthu_across::transfers::transfer;
use lienthu_conformance::Fixture;
use lienthu_conformance::kit::{AGENT, LIBRARIAN, MANAGER, copy, credentials, key};
use lienthu_domain::ids::{Barcode, BranchCode, TxnId};
use uuid::Uuid;

use self::points::{Fault, PointedConnector, Points};
use crate::kit::findings::Findings;
use crate::kit::network::{BRANCHES, Network, live, moving};
use crate::kit::sites;
use crate::registry::Terms;

const FROM: &str = BRANCHES[0];
const TO: &str = BRANCHES[1];
/// Rounds of recovery before it is looked whether all has ended.
const ROUNDS_MAX: usize = 3;

/// Carries the proof through.
///
/// # Errors
/// When no site can be had.
pub async fn run(_: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    for kind in sites::available(findings) {
        let begun = Instant::now();
        let mut points = 0;
        for fault in [Fault::Kill, Fault::Cut] {
            points += every_point(&*kind, fault, findings).await?;
        }
        let name = kind.kind();
        findings.figure(format!("{name}_points"), points);
        findings.figure(format!("{name}_seconds"), begun.elapsed().as_secs());
    }
    Ok(())
}

/// How many points there are.
async fn every_point(
    kind: &dyn Fixture,
    fault: Fault,
    findings: &mut Findings,
) -> anyhow::Result<usize> {
    let network = Network::new(kind).await?;
    for chosen in 0.. {
        let barcode: Barcode = key(&format!("C{chosen:03}"));
        let from: BranchCode = key(FROM);
        let librarian = network.session(&from, LIBRARIAN).await?;
        librarian.add_copies(&[copy(barcode.as_str())]).await?;
        let Some(file) = librarian.copy(&barcode).await? else {
            anyhow::bail!("the copy that was added is not there");
        };

        let points = Points::new(chosen, fault);
        let ways = network.ways().into_iter();
        let ways = ways.map(|way| PointedConnector::new(way, Arc::clone(&points))).collect();
        let driven = Sites::new(ways, &credentials(MANAGER));
        let txn = TxnId::new(Uuid::from_u128(chosen as u128 + 1));
        let what = moving(FROM, TO, &[file.copy], 0);
        tokio::select! {
            // What the driver says of it is nobody's business here: it is looked at the sites.
            _ = transfer(&driven, txn, what, |_, _| {}) => {}
            () = points.killed.notified() => {}
        }

        let another = network.sites(AGENT);
        // A message of whoever was killed may still be on its way when the first round asks.
        for _ in 0..ROUNDS_MAX {
            network.wait()?;
            recover(&another).await;
            if open(&another).await? == 0 {
                break;
            }
        }
        check(&network, &another, &barcode, chosen, fault, kind, findings).await?;
        if !points.was_reached() {
            return Ok(chosen);
        }
    }
    Ok(0)
}

async fn check(
    network: &Network,
    another: &Sites,
    barcode: &Barcode,
    chosen: usize,
    fault: Fault,
    kind: &dyn Fixture,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let name = format!("{}: {fault:?} at point {chosen}", kind.kind());
    let found = network.everywhere(LIBRARIAN, barcode).await?;
    findings.check(&format!("{name}: I1"), live(&found).len() == 1, || format!("{found:?}"));
    let open = open(another).await?;
    findings.check(&format!("{name}: nothing is left open"), open == 0, || open.to_string());
    Ok(())
}

/// What is open at all sites together.
async fn open(sites: &Sites) -> anyhow::Result<usize> {
    let mut open = 0;
    for branch in BRANCHES {
        open += open_at(sites, &key(branch)).await?.len();
    }
    Ok(open)
}
