//! Every request, in every role.

use std::sync::Arc;

use lienthu_conformance::kit::key;
use lienthu_domain::rights::Role;
use lienthu_port::transaction::Sought;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::message::{Refusal, Request};

use super::scene::{FROM, PEOPLE, Said, Scene, TO, Tried, said};
use crate::kit::findings::Findings;

/// What is asked, of a transfer that came so far.
#[derive(Debug, Clone, Copy)]
enum Asked {
    /// Of one that nobody began.
    Prepare,
    /// At the site that decides, of one that all have promised.
    Commit,
    /// The same, while whoever drives it may still be at work.
    AbortEarly,
    /// The same, of one that was left behind.
    AbortLate,
    /// At the site that decides, of one that nobody began: its late promises are refused.
    AbortUnseen,
    /// At a site that does not decide.
    CommitElsewhere,
    /// What the deciding site decided is told to the other.
    Finish,
    /// Of what is prepared.
    Ask,
    /// The site of another branch is said to be another.
    Announce,
    /// A site that was not restored is told what became of it.
    Replay,
    /// At a site that does not decide.
    ForceCommit,
    /// The same.
    ForceAbort,
    /// Of what is not contradicted.
    Forget,
}

const ALL: [Asked; 13] = [
    Asked::Prepare,
    Asked::Commit,
    Asked::AbortEarly,
    Asked::AbortLate,
    Asked::AbortUnseen,
    Asked::CommitElsewhere,
    Asked::Finish,
    Asked::Ask,
    Asked::Announce,
    Asked::Replay,
    Asked::ForceCommit,
    Asked::ForceAbort,
    Asked::Forget,
];

/// What the site has to say to it.
fn expected(asked: Asked, role: Option<Role>) -> Said {
    let is_manager = match role {
        Some(Role::Manager) => true,
        Some(Role::Agent) => false,
        Some(Role::Librarian) | None => return Said::Forbidden,
    };
    match asked {
        Asked::AbortLate | Asked::AbortUnseen | Asked::Finish | Asked::Ask => Said::Done,
        Asked::CommitElsewhere => Said::Refused(Refusal::NotDecider),
        Asked::Commit if !is_manager => Said::Refused(Refusal::NotAllowed),
        Asked::AbortEarly if !is_manager => Said::Refused(Refusal::TooEarly),
        Asked::Commit | Asked::AbortEarly => Said::Done,
        _ if !is_manager => Said::Forbidden,
        Asked::Replay => Said::Refused(Refusal::NotRestored),
        Asked::Forget => Said::Refused(Refusal::Undecided),
        Asked::Prepare | Asked::Announce | Asked::ForceCommit | Asked::ForceAbort => Said::Done,
    }
}

pub(super) async fn run(scene: &mut Scene, findings: &mut Findings) -> anyhow::Result<()> {
    let (mut cells, mut refused) = (0_u32, 0_u32);
    for (login, role) in PEOPLE {
        for asked in ALL {
            let (tried, branch, request) = set_up(scene, asked).await?;
            let before = scene.kept(&tried).await?;
            let answer = scene.post(login, branch, &tried, request).await?;
            let after = scene.kept(&tried).await?;
            let name = format!("{}: {login} asks to {asked:?}", scene.kind);
            let due = expected(asked, role);
            findings.check(&name, answer == due, || format!("{answer:?} in place of {due:?}"));
            cells += 1;
            if answer != Said::Done {
                refused += 1;
                let check = format!("{name}: what is refused changes nothing");
                findings.check(&check, before == after, || format!("{before:?}, then {after:?}"));
            }
        }
        cells += beside(scene, login, role, findings).await?;
    }
    findings.figure(format!("{}_cells", scene.kind), cells);
    findings.figure(format!("{}_refused", scene.kind), refused);
    Ok(())
}

/// The calls beside the messages: receiving is the librarian's alone.
async fn beside(
    scene: &Scene,
    login: &str,
    role: Option<Role>,
    findings: &mut Findings,
) -> anyhow::Result<u32> {
    let site = scene.network.session(&key(TO), login).await?;
    let answers = [
        ("receive", site.receive(&[key("W999")]).await.map(drop), role == Some(Role::Librarian)),
        ("readmit", site.readmit().await, role == Some(Role::Manager)),
        (
            "list transactions",
            site.transactions(&Sought::Open, None).await.map(drop),
            matches!(role, Some(Role::Manager | Role::Agent)),
        ),
    ];
    let mut cells = 0;
    for (call, answer, may) in answers {
        let answer = said(answer)?;
        let due = if may { Said::Done } else { Said::Forbidden };
        let name = format!("{}: {login} asks to {call}", scene.kind);
        findings.check(&name, answer == due, || format!("{answer:?} in place of {due:?}"));
        cells += 1;
    }
    Ok(cells)
}

/// A transfer that came so far, the branch that is asked, and what.
async fn set_up(scene: &mut Scene, asked: Asked) -> anyhow::Result<(Tried, &'static str, Request)> {
    let tried = match asked {
        Asked::Prepare | Asked::AbortUnseen => scene.transfer().await?,
        _ => scene.promised().await?,
    };
    let (commit, abort) = (Outcome::Commit, Outcome::Abort);
    let (branch, request) = match asked {
        Asked::Prepare => (FROM, Request::Prepare { terms: Arc::clone(&tried.terms) }),
        Asked::Commit => (FROM, Request::Decide { outcome: commit }),
        Asked::AbortEarly | Asked::AbortUnseen => (FROM, Request::Decide { outcome: abort }),
        Asked::AbortLate => {
            scene.network.wait()?;
            (FROM, Request::Decide { outcome: abort })
        }
        Asked::CommitElsewhere => (TO, Request::Decide { outcome: commit }),
        Asked::Finish => {
            let decision = scene.decide(&tried, commit).await?;
            (TO, Request::Finish { decision })
        }
        Asked::Ask => (TO, Request::Ask),
        Asked::Announce => (FROM, Request::Announce { restored: scene.party(TO).await? }),
        Asked::Replay => {
            let terms = Arc::clone(&tried.terms);
            (FROM, Request::Replay { terms, outcome: commit, decision: None })
        }
        Asked::ForceCommit => (TO, Request::Force { outcome: commit }),
        Asked::ForceAbort => (TO, Request::Force { outcome: abort }),
        Asked::Forget => (TO, Request::Forget),
    };
    Ok((tried, branch, request))
}
