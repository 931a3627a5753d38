//! `nothing-lost`: the real program takes scans and is killed at random moments, while the line to its
//! site comes and goes. Every scan that it acknowledged is at the site in the end, once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::ids::{Barcode, EventId};
use lienthu_port::outbox::{QueueFilter, QueueState};
use lienthu_store::{KeyPolicy, Store};
use rand::Rng as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::kit::branch::{Branch, LOGIN, PASSWORD, barcode, patron};
use crate::kit::findings::Findings;
use crate::kit::loans::{at_site, difference, of_events};
use crate::kit::program;
use crate::kit::rng::{self, Rng, chance};
use crate::kit::wall::WallClock;
use crate::registry::Terms;

const SHORT: Size = Size { rounds: 5, scans: 100 };
const LONG: Size = Size { rounds: 100, scans: 1_000 };
const COPIES: usize = 400;
const PATRONS: usize = 200;
/// A round that says nothing for so long has failed.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Runs of the drain at the end at most.
const DRAINS_MAX: u32 = 5;

#[derive(Clone, Copy)]
struct Size {
    rounds: u32,
    scans: usize,
}

/// What was put in and what came out, over all rounds.
#[derive(Default)]
struct Book {
    /// Events that were acknowledged as done or queued.
    acked: Vec<EventId>,
    /// How often each book was scanned to be lent and to be taken back.
    lent: BTreeMap<Barcode, usize>,
    taken_back: BTreeMap<Barcode, usize>,
    killed: u64,
}

struct Place {
    folder: PathBuf,
    network: PathBuf,
    branch: Branch,
}

/// Carries the proof through.
///
/// # Errors
/// When the program is not built, or does not do what it is asked at all.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let size = if terms.long { LONG } else { SHORT };
    let temp = tempfile::tempdir()?;
    let place = found(temp.path()).await?;
    let mut book = Book::default();
    for n in 0..size.rounds {
        let mut rng = rng::of_case(terms.seed, u64::from(n));
        round(&mut rng, &place, size.scans, &mut book)
            .await
            .with_context(|| format!("round {n}"))?;
        if (n + 1) % size.rounds.div_ceil(10) == 0 {
            eprintln!("round {} of {}: {} acknowledged", n + 1, size.rounds, book.acked.len());
        }
    }
    place.branch.site.line().restore()?;
    drain(&place).await?;
    let found = look(&place, &book, findings).await?;
    findings.figure("rounds", size.rounds);
    findings.figure("killed", book.killed);
    findings.figure("acked", book.acked.len());
    findings.figure("found", found);
    findings.check("scans were acknowledged before the kill", !book.acked.is_empty(), || 0);
    Ok(())
}

/// A branch, its network file, and a desk that is enrolled.
async fn found(folder: &Path) -> anyhow::Result<Place> {
    let site = folder.join("q1.db");
    let branch = Branch::found(&site, WallClock::site(), COPIES, PATRONS).await?;
    let network = folder.join("network.toml");
    let text =
        "[[site]]\ncode = \"Q1\"\nname = \"Quận 1\"\nkind = \"embedded\"\npath = \"q1.db\"\n";
    std::fs::write(&network, text)?;
    let place = Place { folder: folder.join("desk"), network, branch };
    let enrolled = place.cli(&["desk", "enrol", "--branch", "Q1", "--name", "Quầy 1"])?;
    done(enrolled).await?;
    // The first sign-in fills the cache, and lets Lan sign in without the site from then on.
    done(place.signed_in(&["queue", "send"])?).await?;
    Ok(place)
}

impl Place {
    fn cli(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(program::beside("lienthu-cli")?);
        command.arg("--data").arg(&self.folder).arg("--network").arg(&self.network);
        command.args(["--key-file", "--json", "--lang", "en"]).args(arguments);
        command.kill_on_drop(true);
        Ok(command)
    }

    fn signed_in(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = self.cli(arguments)?;
        command.args(["--login", LOGIN]).env("LIENTHU_PASSWORD", PASSWORD);
        Ok(command)
    }
}

async fn done(mut command: Command) -> anyhow::Result<()> {
    let output = tokio::time::timeout(SILENCE_MAX, command.output()).await??;
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?}: {} {said} {complained}", command, output.status);
    Ok(())
}

/// One life of the program: it gets all scans at once, acknowledges as fast as it can, and dies.
async fn round(rng: &mut Rng, place: &Place, scans: usize, book: &mut Book) -> anyhow::Result<()> {
    let line = place.branch.site.line();
    if chance(rng, 50) { line.cut() } else { line.restore() }?;
    let mut program = place
        .signed_in(&["desk", "scan", "--stdin", "--go-on"])?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut input = program.stdin.take().context("no input")?;
    let said = program.stdout.take().context("no output")?;
    let text = lines(rng, scans, book);
    let acknowledgements = text.lines().count();
    // On a task of its own: neither side waits for the other, whatever fits into the pipes.
    let writing = tokio::spawn(async move { input.write_all(text.as_bytes()).await });

    let dies_after = rng.random_range(0..=acknowledgements);
    let switched_after = rng.random_range(0..=acknowledgements);
    let mut acknowledged = 0;
    let mut said = BufReader::new(said).lines();
    while acknowledged < dies_after {
        let Some(line_said) = tokio::time::timeout(SILENCE_MAX, said.next_line()).await?? else {
            break;
        };
        acknowledged += 1;
        note(book, &line_said)?;
        if acknowledged == switched_after {
            if line.is_cut() { line.restore() } else { line.cut() }?;
        }
    }
    // tidy: sleep — the moment of death is to fall anywhere between two acknowledgements
    tokio::time::sleep(Duration::from_micros(rng.random_range(0..3_000))).await;
    book.killed += u64::from(program.try_wait()?.is_none());
    program.start_kill().ok();
    program.wait().await?;
    // What it said before it died was said, also where nobody had read it yet.
    while let Some(line_said) = said.next_line().await? {
        // The last line may be half a line; then it was not said.
        note(book, &line_said).ok();
    }
    writing.await?.ok();
    Ok(())
}

/// Cards and books, so that every book scanned is lent or taken back.
fn lines(rng: &mut Rng, scans: usize, book: &mut Book) -> String {
    let mut text = String::new();
    let mut written = 0;
    while written < scans {
        let burst = rng.random_range(1..=6).min(scans - written);
        let lends = chance(rng, 60);
        if lends {
            text.push_str("mode:lend\n");
            text.push_str(patron(rng.random_range(0..PATRONS)).as_str());
            text.push('\n');
        } else {
            text.push_str("mode:return\n");
        }
        let counted = if lends { &mut book.lent } else { &mut book.taken_back };
        for _ in 0..burst {
            let copy = barcode(rng.random_range(0..COPIES));
            text.push_str(copy.as_str());
            text.push('\n');
            *counted.entry(copy).or_default() += 1;
        }
        written += burst;
    }
    text
}

fn note(book: &mut Book, line: &str) -> anyhow::Result<()> {
    let said: serde_json::Value =
        serde_json::from_str(line).with_context(|| format!("not an acknowledgement: {line}"))?;
    match said["outcome"].as_str() {
        Some("done" | "queued") => {
            let event = said["event"].as_str().context("done without an event")?;
            book.acked.push(event.parse().map_err(|_| anyhow::anyhow!("no id: {event}"))?);
        }
        Some("card" | "mode" | "refused") => {}
        _ => bail!("a good scan came to {line}"),
    }
    Ok(())
}

/// Signs in once more and lets everything that waits be sent.
async fn drain(place: &Place) -> anyhow::Result<()> {
    for _ in 0..DRAINS_MAX {
        done(place.signed_in(&["queue", "send"])?).await?;
        let store = Store::open(&place.folder, KeyPolicy::KeyFile)?;
        if store.outbox.counts().await?.waiting == 0 {
            return Ok(());
        }
    }
    bail!("the queue does not drain")
}

/// Every acknowledged event is in the outbox and at the site, and nothing is there twice.
async fn look(place: &Place, book: &Book, findings: &mut Findings) -> anyhow::Result<u64> {
    let store = Store::open(&place.folder, KeyPolicy::KeyFile)?;
    let mut at_desk: BTreeMap<EventId, Event> = BTreeMap::new();
    for page in 0.. {
        const PAGE: usize = 1_000;
        let skip = page * u32::try_from(PAGE)?;
        let some = store.outbox.list(QueueFilter::All, skip, PAGE).await?;
        if some.is_empty() {
            break;
        }
        let known = some.into_iter().filter(|q| q.state == QueueState::Acknowledged);
        at_desk.extend(known.map(|q| (q.event.id, q.event)));
    }
    let copies: Vec<Barcode> = (0..COPIES).map(barcode).collect();
    let site = place.branch.librarian().await?;
    let loans = at_site(&*site, &copies).await?;
    let (expected, _) = of_events(&at_desk.values().collect::<Vec<_>>(), &copies);

    let mut found = 0;
    for id in &book.acked {
        let is_there = at_desk.get(id).is_some_and(|event| match event.deed {
            Deed::Borrow { .. } => loans.contains_key(id),
            _ => true,
        });
        found += u64::from(is_there);
        findings.check("an acknowledged scan is found", is_there, || id);
    }
    let wrong = difference("the site beside the desk's events", &loans, &expected);
    findings.check("the site has the loans of these events", wrong.is_none(), || {
        wrong.clone().unwrap_or_default()
    });
    findings.figure("events", at_desk.len());
    findings.figure("loans", loans.len());
    findings.figure("doubled", doubled(at_desk.values(), book));
    findings.check("no scan became two events", doubled(at_desk.values(), book) == 0, || "");
    Ok(found)
}

/// How many events there are beyond one for each scan of a book.
fn doubled<'a>(events: impl Iterator<Item = &'a Event>, book: &Book) -> usize {
    let (mut lent, mut taken_back) = (BTreeMap::new(), BTreeMap::new());
    for event in events {
        let counted =
            if matches!(event.deed, Deed::Borrow { .. }) { &mut lent } else { &mut taken_back };
        *counted.entry(&event.copy).or_insert(0_usize) += 1;
    }
    let beyond = |events: BTreeMap<&Barcode, usize>, scans: &BTreeMap<Barcode, usize>| -> usize {
        let scanned = |copy| scans.get(copy).copied().unwrap_or(0);
        events.into_iter().map(|(copy, n)| n.saturating_sub(scanned(copy))).sum()
    };
    beyond(lent, &book.lent) + beyond(taken_back, &book.taken_back)
}
