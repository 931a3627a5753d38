//! What happens to the line itself.

use std::time::{Duration, Instant};

use lienthu_conformance::line::Fault;
use lienthu_desk::answer::Answer;
use lienthu_desk::circulation::ANSWER_MS_MAX;

use super::{OWN_MS_MAX, SCAN_MS_MAX, name, note};
use crate::kit::findings::Findings;
use crate::kit::over_line::OverLine;

/// What goes wrong, and whether the site can be reached all the same.
struct Case {
    name: &'static str,
    strike: fn(&OverLine),
    comes_through: bool,
}

const CASES: [Case; 6] = [
    Case {
        name: "connection_refused",
        strike: |scene| scene.line.set(Fault::Refused),
        comes_through: false,
    },
    Case {
        name: "black_hole",
        strike: |scene| scene.line.set(Fault::BlackHole),
        comes_through: false,
    },
    Case {
        // Sent once more by itself, on another connection.
        name: "reset_in_mid_reply",
        strike: |scene| scene.line.set(Fault::ResetInReply),
        comes_through: true,
    },
    Case {
        name: "latency_200_ms",
        strike: |scene| scene.line.set(Fault::Latency(Duration::from_millis(200))),
        comes_through: true,
    },
    Case {
        name: "latency_2_s",
        strike: |scene| scene.line.set(Fault::Latency(Duration::from_secs(2))),
        comes_through: true,
    },
    Case {
        name: "half_open_after_sleep",
        strike: |scene| scene.line.forget(),
        comes_through: false,
    },
];

pub(super) async fn prove(scene: &mut OverLine, findings: &mut Findings) -> anyhow::Result<()> {
    for case in CASES {
        // Someone has just lent a book: the connection is in use, and the site is known to answer.
        // The site is known to answer, and the connection is in use.
        scene.settle().await?;

        (case.strike)(scene);
        let begun = Instant::now();
        let answer = scene.lend().await?;
        let took = begun.elapsed();
        note(findings, case.name, scene.state(), took, SCAN_MS_MAX);
        let Answer::Done { queued, .. } = answer else {
            findings.fail(case.name, format!("{answer:?}"));
            continue;
        };
        // An answer is taken where there can be one, unless the server itself takes too long over it.
        let is_late = took >= Duration::from_millis(ANSWER_MS_MAX);
        findings.check(
            &format!("{}: the answer is the site's where it comes in time", case.name),
            if case.comes_through { !queued || is_late } else { queued },
            || format!("queued={queued} after {took:?}"),
        );
        findings.check(
            &format!("{}: the state is what was found", case.name),
            queued != (name(scene.state()) == "reachable"),
            || format!("queued={queued} state={:?}", scene.state()),
        );
        if queued {
            lends_on(scene, case.name, findings).await?;
        }

        scene.line.mend().await;
        scene.settle().await?;
        scene.check_loans(case.name, findings).await?;
    }
    Ok(())
}

/// A desk that knows that it is alone waits for nobody.
pub(super) async fn lends_on(
    scene: &mut OverLine,
    during: &str,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    let answer = scene.lend().await?;
    let ms = begun.elapsed().as_millis();
    findings.check(
        &format!("during {during}, the desk lends on at once"),
        matches!(answer, Answer::Done { queued: true, .. }) && ms <= u128::from(OWN_MS_MAX),
        || format!("{ms} ms: {answer:?}"),
    );
    Ok(())
}
