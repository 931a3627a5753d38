//! What an audit of three sites costs that differ in three titles of many.

use std::sync::Arc;
use std::time::Instant;

use lienthu_across::replicas::auditing::audit;
use lienthu_conformance::Fixture;
use lienthu_conformance::kit::{MANAGER, key, title};
use lienthu_domain::replicated::Title;

use crate::kit::findings::Findings;
use crate::kit::network::{BRANCHES, Network};

/// On embedded sites; T-SQL ones hold a tenth, because filling them takes the longest.
const TITLES: usize = 100_000;
const DIFFERING: usize = 3;
/// Bytes of a bucket's digest and of a key with its digest, about, as they are sent.
const DIGEST_BYTES: usize = 40;
const KEY_BYTES: usize = 36;

pub(super) async fn run(kind: &dyn Fixture, findings: &mut Findings) -> anyhow::Result<()> {
    let name = kind.kind();
    let count = if name == "embedded" { TITLES } else { TITLES / 10 };
    let titles: Vec<Title> = (0..count)
        .map(|n| title(&format!("978-604-{n:06}-0"), &format!("Truyện cổ tích Việt Nam, tập {n}")))
        .collect();
    let network = Network::of(kind, &titles).await?;
    for n in 0..DIFFERING {
        let place = n * count / DIFFERING + 7;
        let other = Title { author: format!("Ai đó {n}"), ..titles[place].clone() };
        network.put_title(&key(BRANCHES[n % BRANCHES.len()]), other).await?;
    }
    let sites = Arc::new(network.sites(MANAGER));
    // The first question signs in.
    audit(&sites, |_| {}).await;
    let begun = Instant::now();
    let audited = audit(&sites, |_| {}).await;
    findings.figure(format!("{name}_audit_titles"), count);
    findings.figure(format!("{name}_audit_ms"), begun.elapsed().as_millis());
    findings.figure(format!("{name}_audit_rounds"), audited.cost.rounds);
    findings.figure(format!("{name}_audit_digests"), audited.cost.digests);
    findings.figure(format!("{name}_audit_keys"), audited.cost.keys);
    findings.figure(format!("{name}_audit_rows"), audited.differing * BRANCHES.len());
    let bytes = audited.cost.digests * DIGEST_BYTES + audited.cost.keys * KEY_BYTES;
    findings.figure(format!("{name}_audit_bytes"), bytes);
    findings.check(
        &format!("{name}: exactly these rows differ"),
        audited.differing == DIFFERING,
        || format!("{audited:?}"),
    );
    let few = audited.cost.keys < 2_000;
    findings.check(&format!("{name}: few keys moved"), few, || audited.cost.keys.to_string());
    Ok(())
}
