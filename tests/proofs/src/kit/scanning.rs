//! The real program taking scans, and dying.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::ids::{Barcode, EventId, PatronCode};
use lienthu_port::elsewhere::ReturnElsewhere;
use lienthu_port::outbox::{Outbox, QueueFilter, QueueState};
use lienthu_store::{KeyPolicy, Store};
use rand::Rng as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use super::program;
use super::rng::{Rng, chance};

/// A program that says nothing for so long has failed.
pub const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Runs of the drain at the end at most.
const DRAINS_MAX: u32 = 5;
/// Scans of one kind in a row at most.
const BURST_MAX: usize = 6;

/// One desk: its folder, the network that it belongs to, and who works there.
#[derive(Debug, Clone)]
pub struct DeskProgram {
    /// The desk's folder.
    pub folder: PathBuf,
    /// The network file.
    pub network: PathBuf,
    /// The login.
    pub login: String,
    /// Their password.
    pub password: String,
}

impl DeskProgram {
    /// The program with these arguments, for nobody in particular.
    ///
    /// # Errors
    /// When it is not built.
    pub fn cli(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(program::beside("lienthu-cli")?);
        command.arg("--data").arg(&self.folder).arg("--network").arg(&self.network);
        command.args(["--key-file", "--json", "--lang", "en"]).args(arguments);
        command.stdin(Stdio::null()).kill_on_drop(true);
        Ok(command)
    }

    /// The program with these arguments, for whoever works at the desk.
    ///
    /// # Errors
    /// When it is not built.
    pub fn signed_in(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = self.cli(arguments)?;
        command.args(["--login", &self.login]).env("LIENTHU_PASSWORD", &self.password);
        Ok(command)
    }

    /// Enrols it at a branch, fills its cache, and lets whoever works there sign in without the site from then
    /// on.
    ///
    /// # Errors
    /// What the program says.
    pub async fn enrol(&self, branch: &str) -> anyhow::Result<()> {
        done(self.cli(&["desk", "enrol", "--branch", branch, "--name", "Quầy"])?).await?;
        done(self.signed_in(&["queue", "send"])?).await
    }

    /// Signs in and lets everything that waits be sent.
    ///
    /// # Errors
    /// When that does not happen within a few runs.
    pub async fn drain(&self) -> anyhow::Result<()> {
        for _ in 0..DRAINS_MAX {
            done(self.signed_in(&["queue", "send"])?).await?;
            let store = Store::open(&self.folder, KeyPolicy::KeyFile)?;
            if store.outbox.counts().await?.waiting == 0 {
                return Ok(());
            }
        }
        bail!("the queue of {} does not drain", self.folder.display())
    }

    /// All events that a site has from this desk, as far as the desk knows.
    ///
    /// # Errors
    /// What the outbox says.
    pub async fn acknowledged(&self) -> anyhow::Result<BTreeMap<EventId, Event>> {
        acknowledged(&*Store::open(&self.folder, KeyPolicy::KeyFile)?.outbox).await
    }

    /// Books of other branches that came back here.
    ///
    /// # Errors
    /// What the outbox says.
    pub async fn returns_elsewhere(&self) -> anyhow::Result<Vec<ReturnElsewhere>> {
        let returns = Store::open(&self.folder, KeyPolicy::KeyFile)?.returns;
        let mut found = vec![];
        loop {
            let page = returns.returns(u32::try_from(found.len())?).await?;
            if page.is_empty() {
                return Ok(found);
            }
            found.extend(page);
        }
    }
}

/// All events of an outbox that its site has, as far as the desk knows.
///
/// # Errors
/// What the outbox says.
pub async fn acknowledged(outbox: &dyn Outbox) -> anyhow::Result<BTreeMap<EventId, Event>> {
    const PAGE: usize = 1_000;
    let mut found = BTreeMap::new();
    for page in 0.. {
        let skip = page * u32::try_from(PAGE)?;
        let some = outbox.list(QueueFilter::All, skip, PAGE).await?;
        if some.is_empty() {
            break;
        }
        let known = some.into_iter().filter(|q| q.state == QueueState::Acknowledged);
        found.extend(known.map(|q| (q.event.id, q.event)));
    }
    Ok(found)
}

/// Runs a program to its end.
///
/// # Errors
/// When it fails, or says nothing for [`SILENCE_MAX`].
pub async fn done(mut command: Command) -> anyhow::Result<()> {
    let output = tokio::time::timeout(SILENCE_MAX, command.output()).await??;
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?}: {} {said} {complained}", command, output.status);
    Ok(())
}

/// What was put in and what came out, over all lives of a desk's program.
#[derive(Default)]
pub struct Book {
    has_strange_books: bool,
    /// Events that were acknowledged as done or queued.
    pub acked: Vec<EventId>,
    /// How often each book was scanned to be lent and to be taken back.
    lent: BTreeMap<Barcode, usize>,
    taken_back: BTreeMap<Barcode, usize>,
    /// How often the program was killed in the middle.
    pub killed: u64,
}

impl Book {
    /// Of a desk at which books are scanned that it may not know, and nobody whom it can ask.
    pub fn of_strange_books() -> Self {
        Self { has_strange_books: true, ..Self::default() }
    }

    /// One life of the program: it gets so many scans at once, acknowledges as fast as it can, and dies.
    /// `between` is called after each acknowledgement with the number of it and of all that can come.
    ///
    /// # Errors
    /// When it says what it should not, or nothing.
    pub async fn life(
        &mut self,
        rng: &mut Rng,
        desk: &DeskProgram,
        scans: &Scans<'_>,
        mut between: impl FnMut(usize, usize) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut program = desk
            .signed_in(&["desk", "scan", "--stdin", "--go-on"])?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut input = program.stdin.take().context("no input")?;
        let said = program.stdout.take().context("no output")?;
        let text = self.lines(rng, scans);
        let acknowledgements = text.lines().count();
        // On a task of its own: neither side waits for the other, whatever fits into the pipes.
        let writing = tokio::spawn(async move { input.write_all(text.as_bytes()).await });

        let dies_after = rng.random_range(0..=acknowledgements);
        let mut acknowledged = 0;
        let mut said = BufReader::new(said).lines();
        while acknowledged < dies_after {
            let Some(line_said) = tokio::time::timeout(SILENCE_MAX, said.next_line()).await??
            else {
                break;
            };
            acknowledged += 1;
            self.note(&line_said)?;
            between(acknowledged, acknowledgements)?;
        }
        // tidy: sleep — the moment of death is to fall anywhere between two acknowledgements
        tokio::time::sleep(Duration::from_micros(rng.random_range(0..3_000))).await;
        self.killed += u64::from(program.try_wait()?.is_none());
        program.start_kill().ok();
        program.wait().await?;
        // What it said before it died was said, also where nobody had read it yet.
        while let Some(line_said) = said.next_line().await? {
            // The last line may be half a line; then it was not said.
            self.note(&line_said).ok();
        }
        writing.await?.ok();
        Ok(())
    }

    /// Cards and books, so that every book scanned is lent or taken back.
    fn lines(&mut self, rng: &mut Rng, scans: &Scans<'_>) -> String {
        let mut text = String::new();
        let mut written = 0;
        while written < scans.count {
            let burst = rng.random_range(1..=BURST_MAX).min(scans.count - written);
            let lends = chance(rng, 60);
            if lends {
                text.push_str("mode:lend\n");
                text.push_str(scans.patrons[rng.random_range(0..scans.patrons.len())].as_str());
                text.push('\n');
            } else {
                text.push_str("mode:return\n");
            }
            let counted = if lends { &mut self.lent } else { &mut self.taken_back };
            for _ in 0..burst {
                let copy = &scans.copies[rng.random_range(0..scans.copies.len())];
                text.push_str(copy.as_str());
                text.push('\n');
                *counted.entry(copy.clone()).or_default() += 1;
            }
            written += burst;
        }
        text
    }

    fn note(&mut self, line: &str) -> anyhow::Result<()> {
        let said: serde_json::Value = serde_json::from_str(line)
            .with_context(|| format!("not an acknowledgement: {line}"))?;
        match said["outcome"].as_str() {
            Some("done" | "queued") => {
                let event = said["event"].as_str().context("done without an event")?;
                self.acked.push(event.parse().map_err(|_| anyhow::anyhow!("no id: {event}"))?);
            }
            Some("card" | "mode" | "refused") => {}
            Some("not_understood") if self.has_strange_books => {}
            _ => bail!("a good scan came to {line}"),
        }
        Ok(())
    }

    /// How many events there are beyond one for each scan of a book.
    pub fn doubled<'a>(&self, events: impl Iterator<Item = &'a Event>) -> usize {
        let (mut lent, mut taken_back) = (BTreeMap::new(), BTreeMap::new());
        for event in events {
            let counted =
                if matches!(event.deed, Deed::Borrow { .. }) { &mut lent } else { &mut taken_back };
            *counted.entry(&event.copy).or_insert(0_usize) += 1;
        }
        let beyond =
            |events: BTreeMap<&Barcode, usize>, scans: &BTreeMap<Barcode, usize>| -> usize {
                let scanned = |copy| scans.get(copy).copied().unwrap_or(0);
                events.into_iter().map(|(copy, n)| n.saturating_sub(scanned(copy))).sum()
            };
        beyond(lent, &self.lent) + beyond(taken_back, &self.taken_back)
    }
}

/// What is scanned in one life.
pub struct Scans<'a> {
    /// How many books.
    pub count: usize,
    /// Of these.
    pub copies: &'a [Barcode],
    /// For these.
    pub patrons: &'a [PatronCode],
}
