//! What happens to the server in the middle of a batch: it chooses the batch as a deadlock's victim, or it
//! crashes. The batch is held up inside its transaction by an event that somebody else has half written.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use lienthu_desk::contact::STEP_MS_MAX;
use lienthu_domain::ids::EventId;
use lienthu_port::outbox::QueueFilter;
use lienthu_sqlserver::SqlServerAdmin;
use tokio::process::Command;

use super::line::lends_on;
use super::{OWN_MS_MAX, note};
use crate::kit::findings::Findings;
use crate::kit::over_line::OverLine;

/// Books that are lent while the line is cut, and then sent as one batch.
const BATCH: usize = 10;
/// How often a deadlock is made: a server may choose the other side.
const DEADLOCKS_MAX: u32 = 4;
/// How often it is looked whether the batch is inside its transaction.
const LOOKS_MAX: u32 = 1_000;
/// The pause between two looks, in milliseconds.
const LOOK_PAUSE_MS: u64 = 25;

pub(super) async fn prove(scene: &mut OverLine, findings: &mut Findings) -> anyhow::Result<()> {
    deadlock(scene, findings).await?;
    restart(scene, findings).await
}

/// Someone else's transaction, which has written an event under an id of the batch's.
struct InTheWay {
    admin: SqlServerAdmin,
}

impl InTheWay {
    async fn of(scene: &OverLine, id: EventId) -> anyhow::Result<Self> {
        let mut admin = scene.site.administrator().await?;
        // Where a server knows this, the batch is the victim and not we.
        drop(admin.by_hand("SET DEADLOCK_PRIORITY HIGH").await);
        admin.by_hand("BEGIN TRANSACTION").await?;
        admin
            .by_hand(&format!(
                "INSERT INTO lienthu.Event (id, desk, seq, scanned_by, happened_at, uncertainty_ms,
                     overridden, copy, deed, standing, sent_by, correlation, received_at)
                 VALUES ('{id}', '{id}', 1, 'lan', '2026-01-01', 0, 0, 'B00000', 'return', 'fact', 'lan',
                     '{id}', '2026-01-01')"
            ))
            .await?;
        Ok(Self { admin })
    }

    /// Waits for the counter, which the batch holds; whether we got it.
    async fn takes_the_counter(&mut self) -> bool {
        self.admin.by_hand("UPDATE lienthu.Counter SET number = number").await.is_ok()
    }

    async fn gives_way(mut self) {
        // Rolled back already where we were the victim.
        drop(self.admin.by_hand("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await);
    }
}

/// Waits until someone is inside a transaction that writes.
async fn until_inside(scene: &OverLine) -> anyhow::Result<()> {
    let mut looking = scene.site.administrator().await?;
    looking.by_hand("SET LOCK_TIMEOUT 20").await?;
    for _ in 0..LOOKS_MAX {
        if looking.by_hand("UPDATE lienthu.Counter SET number = number").await.is_err() {
            return Ok(());
        }
        // A server does not tell when somebody enters a transaction; each pause is followed by a look.
        tokio::time::sleep(Duration::from_millis(LOOK_PAUSE_MS)).await;
    }
    anyhow::bail!("the batch never got to the site")
}

async fn first_waiting(scene: &OverLine) -> anyhow::Result<EventId> {
    let first = scene.station.outbox.list(QueueFilter::Waiting, 0, 1).await?.pop();
    Ok(first.context("nothing waits")?.event.id)
}

async fn deadlock(scene: &mut OverLine, findings: &mut Findings) -> anyhow::Result<()> {
    const FAULT: &str = "deadlock_victim";
    for tried in 1..=DEADLOCKS_MAX {
        scene.lend_offline(BATCH).await?;
        let mut other = InTheWay::of(scene, first_waiting(scene).await?).await?;
        let desk = scene.station.desk.clone();
        let begun = Instant::now();
        let contact = tokio::spawn(async move { desk.contact().await });
        until_inside(scene).await?;
        let we_won = other.takes_the_counter().await;
        other.gives_way().await;
        let contact = contact.await?;
        if !we_won && tried < DEADLOCKS_MAX {
            contact?;
            continue;
        }
        findings.check(
            "the batch was a deadlock's victim",
            we_won,
            || "the other side was, always",
        );
        findings
            .check("a deadlock's victim is sent again", contact.is_ok(), || format!("{contact:?}"));
        note(findings, FAULT, scene.state(), begun.elapsed(), STEP_MS_MAX + OWN_MS_MAX);
        break;
    }
    scene.settle().await?;
    scene.check_loans(FAULT, findings).await
}

async fn restart(scene: &mut OverLine, findings: &mut Findings) -> anyhow::Result<()> {
    const FAULT: &str = "server_restarted_in_mid_batch";
    let Some(mut restart) = restart_command() else {
        findings.skip(FAULT, "the sites were not started by cargo xtask site-server");
        return Ok(());
    };
    scene.lend_offline(BATCH).await?;
    let other = InTheWay::of(scene, first_waiting(scene).await?).await?;
    let desk = scene.station.desk.clone();
    let contact = tokio::spawn(async move { desk.contact().await });
    until_inside(scene).await?;
    let begun = Instant::now();
    let mut restarting = restart.spawn().context("site-server restart")?;
    let contact = contact.await?;
    findings
        .check("a server that crashes is no answer", contact.is_err(), || format!("{contact:?}"));
    note(findings, FAULT, scene.state(), begun.elapsed(), STEP_MS_MAX + OWN_MS_MAX);
    lends_on(scene, FAULT, findings).await?;
    ensure!(restarting.wait().await?.success(), "the server does not start again");
    drop(other);
    scene.reconnect().await?;
    scene.settle().await?;
    scene.check_loans(FAULT, findings).await
}

/// Crashes the server of the first site and starts it again; none where `site-server` did not start it.
fn restart_command() -> Option<Command> {
    let folder = PathBuf::from(std::env::var_os("LIENTHU_TEST_SITES")?).parent()?.to_owned();
    let xtask = std::env::current_exe()
        .ok()?
        .with_file_name(format!("xtask{}", std::env::consts::EXE_SUFFIX));
    if !folder.join("server.json").is_file() || !xtask.is_file() {
        return None;
    }
    let mut command = Command::new(xtask);
    command.args(["site-server", "restart", "--site", "Q1", "--folder"]).arg(folder);
    command.stdout(std::process::Stdio::null());
    Some(command)
}
