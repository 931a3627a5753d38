//! `conformance`: every kind of site that this machine can have keeps every promise of the port.

use lienthu_conformance::{Verdict, run_all};

use crate::kit::findings::Findings;
use crate::kit::sites;
use crate::registry::Terms;

/// Carries the proof through.
///
/// # Errors
/// None: a broken promise is a finding.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    for kind in sites::available() {
        let name = kind.kind();
        let results = run_all(kind, terms.seed).await;
        findings.figure("site", name);
        findings.figure("cases", results.len());
        for result in results {
            match result.verdict {
                Verdict::Kept => findings.pass(),
                Verdict::Broken(how) => findings.fail(&format!("{name}: {}", result.name), how),
                Verdict::Skipped(why) => findings.skip(&format!("{name}: {}", result.name), why),
            }
        }
    }
    Ok(())
}
