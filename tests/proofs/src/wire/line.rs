//! What happens to the line itself.

use std::time::{Duration, Instant};

use lienthu_conformance::line::Fault;
use lienthu_desk::answer::Answer;

use super::{OWN_MS_MAX, SCAN_MS_MAX, name, note};
use crate::kit::findings::Findings;
use crate::kit::over_line::OverLine;

/// What goes wrong, and whether the desk is to come through to the site all the same.
struct Case {
    name: &'static str,
    strike: fn(&OverLine),
    comes_through: Option<bool>,
}

const CASES: [Case; 6] = [
    Case {
        name: "connection_refused",
        strike: |scene| scene.line.set(Fault::Refused),
        comes_through: Some(false),
    },
    Case {
        name: "black_hole",
        strike: |scene| scene.line.set(Fault::BlackHole),
        comes_through: Some(false),
    },
    Case {
        // Sent once more by itself; where connecting takes too long for that, the scan waits.
        name: "reset_in_mid_reply",
        strike: |scene| scene.line.set(Fault::ResetInReply),
        comes_through: None,
    },
    Case {
        name: "latency_200_ms",
        strike: |scene| scene.line.set(Fault::Latency(Duration::from_millis(200))),
        comes_through: Some(true),
    },
    Case {
        name: "latency_2_s",
        strike: |scene| scene.line.set(Fault::Latency(Duration::from_secs(2))),
        comes_through: Some(true),
    },
    Case {
        name: "half_open_after_sleep",
        strike: |scene| scene.line.forget(),
        comes_through: Some(false),
    },
];

pub(super) async fn prove(scene: &mut OverLine, findings: &mut Findings) -> anyhow::Result<()> {
    for case in CASES {
        // Someone has just lent a book: the connection is in use, and the site is known to answer.
        scene.station.settle().await?;
        let before = scene.lend().await?;
        let is_online = matches!(before, Answer::Done { queued: false, .. });
        findings.check(&format!("before {}: the site answers", case.name), is_online, || {
            format!("{before:?}")
        });

        (case.strike)(scene);
        let begun = Instant::now();
        let answer = scene.lend().await?;
        note(findings, case.name, scene.state(), begun.elapsed(), SCAN_MS_MAX);
        let Answer::Done { queued, .. } = answer else {
            findings.fail(case.name, format!("{answer:?}"));
            continue;
        };
        findings.check(
            &format!("{}: what was said is what is", case.name),
            case.comes_through.is_none_or(|comes_through| comes_through != queued)
                && queued != (name(scene.state()) == "reachable"),
            || format!("queued={queued} state={:?}", scene.state()),
        );
        if case.comes_through == Some(false) {
            lends_on(scene, case.name, findings).await?;
        }

        scene.line.set(Fault::None);
        scene.station.settle().await?;
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
