//! Managers and receiving librarians, each at a desk of their own, with the real program: every deed is a
//! process, and any of them may be killed in the middle.

use std::collections::BTreeSet;
use std::ops::Add;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use lienthu_domain::ids::Barcode;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, sleep, timeout};

use super::ground::Ground;
use crate::kit::findings::Findings;
use crate::kit::network::BRANCHES;
use crate::kit::rng::{Rng, chance};
use crate::kit::scanning::{DeskProgram, SILENCE_MAX};

/// Copies that are moved at once at most.
const MOVED_MAX: usize = 6;
/// In per cent: how often a process is killed.
const KILLED: u32 = 35;
/// Pauses between two vans, in milliseconds.
const VAN_MS_MAX: u64 = 1_500;

/// How often what was done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deeds {
    transfers: u64,
    changes: u64,
    removals: u64,
    received: u64,
    /// Processes that were killed.
    pub killed: u64,
}

impl Add for Deeds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            transfers: self.transfers + other.transfers,
            changes: self.changes + other.changes,
            removals: self.removals + other.removals,
            received: self.received + other.received,
            killed: self.killed + other.killed,
        }
    }
}

impl Deeds {
    /// As figures.
    pub fn tell(&self, findings: &mut Findings) {
        findings.figure("transfers", self.transfers);
        findings.figure("changes", self.changes);
        findings.figure("removals", self.removals);
        findings.figure("received", self.received);
    }
}

/// How a process ended.
enum Ended {
    /// By itself, with what it said last.
    Said(Option<i32>, Value),
    /// It was killed.
    Killed,
}

/// See the module.
pub struct Person<'a> {
    desk: &'a DeskProgram,
    /// How long the last deed took that nobody cut short, in milliseconds. The others die in its last third: in the
    /// first two a program starts and signs in.
    took_ms: AtomicU64,
}

impl<'a> Person<'a> {
    /// Whoever works at this desk.
    pub const fn new(desk: &'a DeskProgram) -> Self {
        Self { desk, took_ms: AtomicU64::new(0) }
    }

    /// Their login.
    pub fn login(&self) -> &str {
        &self.desk.login
    }

    /// Runs the program, which is killed after so long if it is given.
    async fn runs(&self, arguments: &[&str], life: Option<Duration>) -> anyhow::Result<Ended> {
        let mut command = self.desk.signed_in(arguments)?;
        let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut out = program.stdout.take().context("no output")?;
        let mut complaints = program.stderr.take().context("no output")?;
        let (mut said, mut complained) = (String::new(), String::new());
        let ends = async {
            tokio::try_join!(
                out.read_to_string(&mut said),
                complaints.read_to_string(&mut complained)
            )?;
            program.wait().await
        };
        let status = match timeout(life.unwrap_or(SILENCE_MAX), ends).await {
            Ok(status) => status?,
            Err(_) if life.is_some() => {
                program.start_kill().ok();
                program.wait().await?;
                return Ok(Ended::Killed);
            }
            Err(_) => bail!("{arguments:?} says nothing for {SILENCE_MAX:?}"),
        };
        let code = status.code();
        // A panic is never the answer, whatever the weather.
        if code.is_none_or(|code| code == PANICKED) || complained.contains("panicked") {
            bail!("{arguments:?}: {status}: {said} {complained}");
        }
        let last = said.lines().last().unwrap_or("null");
        let last = serde_json::from_str(last)
            .with_context(|| format!("{arguments:?}: not an answer: {said} {complained}"))?;
        Ok(Ended::Said(code, last))
    }

    /// The same, killed as chance has it.
    async fn tries(&self, rng: &mut Rng, arguments: &[&str]) -> anyhow::Result<Ended> {
        let took = self.took_ms.load(Ordering::Relaxed);
        let dies = took > 0 && chance(rng, KILLED);
        let life = dies.then(|| Duration::from_millis(rng.random_range(took * 2 / 3..=took)));
        let begun = Instant::now();
        let ended = self.runs(arguments, life).await?;
        if life.is_none() {
            let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.took_ms.store(took, Ordering::Relaxed);
        }
        Ok(ended)
    }

    /// Works as a manager until that time.
    pub async fn manages(
        &self,
        rng: &mut Rng,
        ground: &Ground,
        until: Instant,
    ) -> anyhow::Result<Deeds> {
        let mut deeds = Deeds::default();
        while Instant::now() < until {
            let ended = match rng.random_range(0..10) {
                0..5 => {
                    deeds.transfers += 1;
                    self.moves(rng, ground).await?
                }
                5..8 => {
                    deeds.changes += 1;
                    let title = ground.titles.choose(rng).context("a title")?.to_string();
                    let name = format!("Tập {}", rng.random_range(0..1_000_000));
                    self.tries(rng, &["title", "change", &title, "--name", &name]).await?
                }
                8..9 => {
                    deeds.removals += 1;
                    let title = ground.titles.choose(rng).context("a title")?.to_string();
                    self.tries(rng, &["title", "remove", &title]).await?
                }
                _ => {
                    self.goes_on().await?;
                    continue;
                }
            };
            deeds.killed += u64::from(matches!(ended, Ended::Killed));
        }
        Ok(deeds)
    }

    async fn moves(&self, rng: &mut Rng, ground: &Ground) -> anyhow::Result<Ended> {
        let ways: Vec<&&str> = BRANCHES.choose_multiple(rng, 2).collect();
        let [from, to] = ways[..] else { bail!("two branches") };
        let count = rng.random_range(1..=MOVED_MAX);
        let copies: BTreeSet<&Barcode> = ground.copies.choose_multiple(rng, count * 2).collect();
        let mut arguments = vec!["transfer", "start", "--go-on", "--from", from, "--to", to];
        arguments.extend(copies.iter().map(|copy| copy.as_str()));
        self.tries(rng, &arguments).await
    }

    /// Takes up every transfer that was cut off, and every change that waits.
    async fn goes_on(&self) -> anyhow::Result<()> {
        if let Ended::Said(_, list) = self.runs(&["transfer", "list"], None).await? {
            for order in open_orders(&list) {
                self.runs(&["transfer", "resume", order], None).await?;
            }
        }
        self.runs(&["title", "send"], None).await?;
        Ok(())
    }

    /// Receives what arrives at the branch, until that time.
    pub async fn receives(&self, rng: &mut Rng, until: Instant) -> anyhow::Result<Deeds> {
        let mut deeds = Deeds::default();
        while Instant::now() < until {
            deeds = deeds + self.receives_what_is_there(rng).await?;
            // tidy: sleep — a van comes when it comes
            sleep(Duration::from_millis(rng.random_range(0..VAN_MS_MAX))).await;
        }
        Ok(deeds)
    }

    async fn receives_what_is_there(&self, rng: &mut Rng) -> anyhow::Result<Deeds> {
        let mut deeds = Deeds::default();
        let Ended::Said(Some(0), list) = self.runs(&["transfer", "arriving"], None).await? else {
            return Ok(deeds);
        };
        let copies = arriving(&list);
        if copies.is_empty() {
            return Ok(deeds);
        }
        let mut arguments = vec!["transfer", "receive"];
        arguments.extend(&copies);
        match self.tries(rng, &arguments).await? {
            Ended::Killed => deeds.killed += 1,
            Ended::Said(Some(0), _) => deeds.received += copies.len() as u64,
            Ended::Said(..) => {}
        }
        Ok(deeds)
    }

    /// Lets a restored site take part again; whether that is done.
    pub async fn readmits(&self, branch: &str) -> anyhow::Result<bool> {
        let ended = self.runs(&["txn", "readmit", branch], None).await?;
        Ok(matches!(ended, Ended::Said(Some(0), _)))
    }

    /// Takes up what this desk began, and does a round as the agent.
    pub async fn finishes(&self) -> anyhow::Result<()> {
        self.goes_on().await?;
        self.runs(&["agent", "--once"], None).await?;
        Ok(())
    }
}

/// What a Rust program ends with when it panicked.
const PANICKED: i32 = 101;

/// The transfers of a list in which something is left to do.
fn open_orders(list: &Value) -> Vec<&str> {
    let left = |order: &Value, what: &str| order["counts"][what].as_u64().is_some_and(|n| n > 0);
    let orders = list["data"].as_array().into_iter().flatten();
    let open = orders.filter(|order| left(order, "waiting") || left(order, "going"));
    open.filter_map(|order| order["head"]["id"].as_str()).collect()
}

/// The barcodes of a list of what arrives.
fn arriving(list: &Value) -> Vec<&str> {
    let lines = list["data"]["lines"].as_array().into_iter().flatten();
    lines.filter_map(|line| line["copy"].as_str()).collect()
}
