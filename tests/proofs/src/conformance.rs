//! `conformance`: every kind of site that this machine can have keeps every promise of the port, and each
//! is held to the same number of them.

use lienthu_conformance::{Verdict, run_all};

use crate::kit::findings::Findings;
use crate::kit::sites;
use crate::registry::Terms;

/// Carries the proof through.
///
/// # Errors
/// None: a broken promise is a finding.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let mut held = Vec::new();
    for kind in sites::available(findings) {
        let name = kind.kind();
        let mut cases = 0_u32;
        for result in run_all(kind, terms.seed).await {
            cases += 1;
            match result.verdict {
                Verdict::Kept => findings.pass(),
                Verdict::Broken(how) => findings.fail(&format!("{name}: {}", result.name), how),
                Verdict::Skipped(why) => {
                    cases -= 1;
                    findings.skip(&format!("{name}: {}", result.name), why);
                }
            }
        }
        findings.figure(format!("{name}_cases"), cases);
        held.push((name, cases));
    }
    if held.len() > 1 {
        let is_same = held.windows(2).all(|pair| pair[0].1 == pair[1].1);
        let says = || format!("{held:?}");
        findings.check("each kind is held to the same number of promises", is_same, says);
    }
    Ok(())
}
