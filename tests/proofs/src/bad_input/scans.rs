//! Wild scans: control characters, ten thousand characters, anything that a keyboard, a scanner or a
//! pipe can bring.

use std::process::Stdio;
use std::time::Duration;

use lienthu_desk::scan::{ScanMode, ScanRequest};
use lienthu_domain::ids::CorrelationId;
use lienthu_domain::rights::Right;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use tokio::io::AsyncWriteExt as _;

use super::scene::Scene;
use super::unpanicked;
use crate::kit::branch::{LOGIN, PASSWORD};
use crate::kit::findings::Findings;
use crate::kit::program;
use crate::kit::rng::{self, Rng, chance};

/// Random texts tried at the desk.
const TEXTS: usize = 400;
/// Random lines given to the program.
const LINES: usize = 60;
/// How long the program may take over them.
const PROGRAM_MAX: Duration = Duration::from_secs(60);
/// What a Rust program that panicked ends with.
const PANICKED: i32 = 101;

fn wild(rng: &mut Rng) -> String {
    const SOME: [&str; 14] = [
        "B00001",
        "DG00001",
        "'",
        "\"; DROP TABLE event; --",
        "\u{0}",
        "\u{7f}",
        "\u{1b}[2J",
        "\u{202e}",
        "đ",
        "漢字",
        "🙂",
        "\\",
        "{\"a\":1}",
        "%s%n",
    ];
    match rng.random_range(0..6) {
        0 => "1".repeat(10_000),
        1 => "ế".repeat(10_000),
        2 => (0..rng.random_range(0..20)).map(|_| char::from(rng.random_range(0..32_u8))).collect(),
        3 => (0..rng.random_range(0..80)).map(|_| rng.random::<char>()).collect(),
        4 => (0..rng.random_range(1..6)).filter_map(|_| SOME.choose(rng)).copied().collect(),
        _ => (0..rng.random_range(1..70)).map(|_| rng.random_range('!'..='~')).collect(),
    }
}

/// The desk answers each, and every event that it makes of one can be sent.
pub async fn at_the_desk(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let scene = Scene::set(rng).await?;
    let station = scene.open(rng).await?;
    station.settle().await?;
    let permit = station.desk.permit(Right::Circulate)?;
    for _ in 0..TEXTS {
        let text = wild(rng);
        let request = ScanRequest {
            text: text.clone(),
            mode: *[ScanMode::Lend, ScanMode::Return, ScanMode::Renew]
                .choose(rng)
                .unwrap_or(&ScanMode::Lend),
            patron: chance(rng, 50).then(|| crate::kit::branch::patron(1)),
            go_on: chance(rng, 50),
            returned_on: None,
        };
        let correlation = CorrelationId::new(rng::uuid(rng));
        let answered = unpanicked(station.desk.scan(&permit, correlation, &request)).await;
        findings.check("a wild scan is answered", matches!(answered, Ok(Ok(_))), || {
            let begin: String = text.chars().take(40).collect();
            format!("{begin:?}: {answered:?}")
        });
    }
    let settled = station.settle().await;
    findings.check("what became of wild scans is sent", settled.is_ok(), || format!("{settled:?}"));
    let set_aside = station.outbox.counts().await?.set_aside;
    findings.check("the site takes what became of wild scans", set_aside == 0, || set_aside);
    Ok(())
}

/// The program acknowledges each line with one line, and ends by itself.
pub async fn at_the_program(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let scene = Scene::set(rng).await?;
    let network = scene.desk.join("network.toml");
    std::fs::write(
        &network,
        "[[site]]\ncode = \"Q1\"\nname = \"Quận 1\"\nkind = \"embedded\"\npath = \"../q1.db\"\n",
    )?;
    let mut input: Vec<u8> = Vec::new();
    let mut lines = 0;
    for _ in 0..LINES {
        let mut line: Vec<u8> = if chance(rng, 30) {
            (0..rng.random_range(0..200)).map(|_| rng.random()).collect()
        } else {
            wild(rng).into_bytes()
        };
        line.retain(|byte| !matches!(byte, b'\n' | b'\r'));
        input.extend(line);
        input.push(b'\n');
        lines += 1;
    }
    let mut program = tokio::process::Command::new(program::beside("lienthu-cli")?)
        .arg("--data")
        .arg(&scene.desk)
        .arg("--network")
        .arg(&network)
        .args(["--key-file", "--json", "--login", LOGIN, "desk", "scan", "--stdin"])
        .env("LIENTHU_PASSWORD", PASSWORD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut pipe = program.stdin.take();
    let writing = tokio::spawn(async move {
        if let Some(pipe) = pipe.as_mut() {
            pipe.write_all(&input).await.ok();
        }
    });
    let output = tokio::time::timeout(PROGRAM_MAX, program.wait_with_output()).await??;
    writing.await?;
    let acknowledged = output.stdout.split(|byte| *byte == b'\n').filter(|l| !l.is_empty());
    let said: Vec<_> = acknowledged.map(serde_json::from_slice::<serde_json::Value>).collect();
    let all_json = said.iter().all(Result::is_ok);
    // The last line counts them.
    let one_each = all_json && said.len() == lines + 1;
    findings.check("each line is acknowledged by one line", one_each, || {
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        format!("{} lines for {lines}, {complained}", said.len())
    });
    let ended = output.status.code();
    findings.check("the program ends by itself", ended.is_some_and(|c| c != PANICKED), || {
        format!("{:?}", output.status)
    });
    let there = unpanicked(scene.all_there()).await;
    findings
        .check("what waited is still there", matches!(there, Ok(Ok(()))), || format!("{there:?}"));
    Ok(())
}
