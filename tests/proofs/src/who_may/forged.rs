//! Decisions that the deciding site never made, carried by those who carry decisions about.

use lienthu_conformance::kit::{AGENT, MANAGER};
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::message::{Refusal, Request};
use lienthu_protocol::seal::SiteKey;
use uuid::Uuid;

use super::scene::{FROM, Said, Scene, TO};
use crate::kit::findings::Findings;

pub(super) async fn run(scene: &mut Scene, findings: &mut Findings) -> anyhow::Result<()> {
    let mut refused = 0_u32;
    for login in [AGENT, MANAGER] {
        let tried = scene.promised().await?;
        let decider = scene.party(FROM).await?;
        // A decision of the site's, but of another transaction, and one to abort this one.
        let other = scene.promised().await?;
        let of_other = scene.decide(&other, Outcome::Commit).await?;
        let aborted = scene.promised().await?;
        let to_abort = scene.decide(&aborted, Outcome::Abort).await?;
        let commit = Outcome::Commit;
        let guessed = SiteKey::new(Uuid::from_u128(7)).seal(&decider, tried.txn, commit);
        let other_party = scene.party(TO).await?;
        let decision = |seal| Decision { outcome: commit, decider: decider.clone(), seal };
        let former = Decision {
            decider: lienthu_protocol::terms::Party {
                incarnation: lienthu_domain::ids::Incarnation::new(Uuid::from_u128(9)),
                ..decider.clone()
            },
            ..decision(guessed)
        };
        let forged = [
            ("sealed with a guessed key", &tried, decision(guessed), Refusal::NotProven),
            ("sealed for another", &tried, decision(of_other.seal), Refusal::NotProven),
            ("sealed to abort", &aborted, decision(to_abort.seal), Refusal::NotProven),
            ("of a site before it was restored", &tried, former, Refusal::PartyRestored),
            (
                "in the name of the site that is told",
                &tried,
                Decision { decider: other_party, ..decision(guessed) },
                Refusal::NotDecider,
            ),
        ];
        for (what, about, decision, why) in forged {
            let before = scene.kept(about).await?;
            let answer = scene.post(login, TO, about, Request::Finish { decision }).await?;
            let after = scene.kept(about).await?;
            let name = format!("{}: {login} carries a decision {what}", scene.kind);
            findings.check(&name, answer == Said::Refused(why), || {
                format!("{answer:?} in place of {why:?}")
            });
            findings.check(&format!("{name}: nothing changes"), before == after, || {
                format!("{before:?}, then {after:?}")
            });
            refused += 1;
        }
    }
    findings.figure(format!("{}_forged", scene.kind), refused);
    Ok(())
}
