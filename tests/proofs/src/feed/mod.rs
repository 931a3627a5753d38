//! `feed`: whatever is written at a site, by whom and how, and whatever becomes of the site: each cache that
//! follows it ends with all that the site has, and shows no state on the way that the site was not in.
//!
//! Three kinds of writers work while desks pull: desks that lend and take back, someone who keeps the
//! records, and someone with a prompt and the tables themselves. What they have done is known here apart from
//! the feed, and so is what belongs together: see [`shown`].

mod puller;
mod shown;
mod writers;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use futures::future::{join, try_join_all};
use lienthu_conformance::follower::Follower;
use lienthu_conformance::kit::{LIBRARIAN, credentials, opening, small_seed, title};
use lienthu_conformance::{Fixture, TestSite, Triggers};
use lienthu_domain::ids::PatronCode;
use lienthu_port::feed::FEED_PAGE_ROWS_MAX;
use tokio::sync::watch;

use self::puller::{Puller, Pulling};
use self::writers::Writers;
use crate::kit::findings::Findings;
use crate::kit::keys::key;
use crate::kit::rng::{self, Rng};
use crate::kit::sites;
use crate::registry::Terms;

/// How much is done, short and long.
#[derive(Clone, Copy)]
struct Amount {
    /// Times that everything happens at a site, each with a restore and a prune.
    rounds: u32,
    /// Turns of each writer between two of these.
    turns: u32,
}

const SHORT: Amount = Amount { rounds: 1, turns: 6 };
const LONG: Amount = Amount { rounds: 12, turns: 60 };

/// Desks that go on from what they have, and desks that are always new.
const FOLLOWING: u64 = 2;
const FILLING: u64 = 1;
/// Titles that nobody changes.
const TITLES: usize = 50;
/// Rows that are loaded by one statement: more than a page.
const LOADED: usize = FEED_PAGE_ROWS_MAX + 300;
/// Rows that are loaded around the triggers.
const AROUND: usize = 40;
/// After how many days the feed forgets, and some.
const FORGOTTEN_DAYS: i64 = 61;
const DAY_MS: i64 = 86_400_000;

/// Carries the proof through.
///
/// # Errors
/// When no site can be had, or one does not answer any more.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    for kind in sites::available(findings) {
        let amount = if terms.long { LONG } else { SHORT };
        let begun = Instant::now();
        let mut scene = Scene::of(&*kind, terms.seed).await?;
        let mut restores = 0_u32;
        for round in 0..amount.rounds {
            scene.round(round, amount.turns).await?;
            restores += 1;
        }
        let name = kind.kind();
        let around = scene.load_around().await;
        scene.compare(name, findings).await?;
        for (figure, value) in scene.pulling().figures() {
            findings.figure(format!("{name}_{figure}"), value);
        }
        for (figure, value) in [
            ("written", u64::from(scene.writers.calls())),
            ("restores", u64::from(restores)),
            ("loaded_around_triggers", around as u64),
            ("missed", scene.missed),
            ("seconds", begun.elapsed().as_secs()),
        ] {
            findings.figure(format!("{name}_{figure}"), value);
        }
        scene.judge(name, restores, findings);
    }
    Ok(())
}

/// A site, those who write there, and those who follow.
struct Scene {
    hands: Arc<dyn TestSite>,
    writers: Writers,
    pullers: Vec<Puller>,
    rng: Rng,
    /// Rows that a cache lacks at the end, has too many, or has otherwise than the site.
    missed: u64,
}

impl Scene {
    async fn of(kind: &dyn Fixture, seed: u64) -> anyhow::Result<Self> {
        let mut library = small_seed();
        library
            .titles
            .extend((0..TITLES).map(|n| title(&format!("LT-{n:06}"), &format!("Sách số {n}"))));
        let hands = kind.fresh(library).await;
        let mut pullers = Vec::new();
        for n in 0..FOLLOWING + FILLING {
            let rng = rng::of_case(seed, n + 1);
            pullers.push(Puller::new(hands.connector(), rng, n >= FOLLOWING).await?);
        }
        let writers = Writers::new(hands.clone()).await?;
        Ok(Self { hands, writers, pullers, rng: rng::of_case(seed, 0), missed: 0 })
    }

    /// Writers write, rows are loaded, the site is copied aside and put back, and forgets what is old; desks
    /// pull all the time.
    async fn round(&mut self, round: u32, turns: u32) -> anyhow::Result<()> {
        let Self { hands, writers, pullers, rng, .. } = self;
        let written = writers.written();
        while_pulling(pullers, &written, async {
            writers.work(rng, turns).await?;
            let codes = (0..LOADED).map(|n| key(format!("L{round}-{n}"))).collect();
            writers.load(codes, &format!("Nạp {round}")).await?;
            writers.work(rng, turns).await
        })
        .await?;
        let backup = hands.back_up().await.map_err(cannot)?;
        let then = writers.known();
        let asleep = pullers[0].follower.clone();
        while_pulling(pullers, &written, async {
            writers.work(rng, turns).await?;
            // Unannounced, and in the middle of everybody's pull.
            hands.put_back(backup).await.map_err(cannot)?;
            writers.go_back_to(then).await?;
            writers.work(rng, turns).await
        })
        .await?;
        let clock = hands.clock().map_err(cannot)?;
        clock.set(opening().plus_ms(FORGOTTEN_DAYS * DAY_MS * (i64::from(round) + 1)));
        while_pulling(pullers, &written, async {
            writers.work(rng, turns).await?;
            hands.prune().await.map_err(cannot)?;
            writers.work(rng, turns).await
        })
        .await?;
        // One desk was switched off all the while.
        pullers[0].follower = asleep;
        pullers[0].pull().await
    }

    /// Loads rows around the triggers where that is possible; how many. The feed does not have them, at no
    /// desk, and goes on: to find them is up to `site check`.
    async fn load_around(&self) -> usize {
        let codes: Vec<PatronCode> = (0..AROUND).map(|n| key(format!("A{n}"))).collect();
        match self.hands.load_by_hand(codes, "Nạp vòng".to_owned(), Triggers::Skipped).await {
            Ok(()) => AROUND,
            Err(_) => 0,
        }
    }

    /// Holds every cache, when it has pulled for the last time, to what the site says apart from the feed.
    async fn compare(&mut self, name: &str, findings: &mut Findings) -> anyhow::Result<()> {
        let site = self.hands.connector().connect(&credentials(LIBRARIAN)).await?;
        let (fresh, read) = (Follower::filled(&site).await, self.writers.read(&*site).await?);
        for (desk, puller) in self.pullers.iter_mut().enumerate() {
            puller.pull().await?;
            let shown = &puller.follower.shown;
            let mut wrong: BTreeSet<_> = read.differences(shown);
            let both = shown.keys().chain(fresh.shown.keys());
            wrong.extend(both.filter(|key| shown.get(key) != fresh.shown.get(key)).cloned());
            self.missed += wrong.len() as u64;
            findings.check(
                &format!("{name}: the cache of desk {desk} is what the site has"),
                wrong.is_empty(),
                || format!("{} rows, such as {:?}", wrong.len(), wrong.iter().take(3)),
            );
        }
        Ok(())
    }

    fn pulling(&self) -> Pulling {
        self.pullers.iter().map(|puller| puller.done.clone()).sum()
    }

    fn judge(&self, name: &str, restores: u32, findings: &mut Findings) {
        let done = self.pulling();
        findings.check(
            &format!("{name}: no desk shows a state that the site was not in"),
            done.torn.is_empty(),
            || done.torn.join("; "),
        );
        let has_happened = done.pages > done.pulls && done.interrupted > 0;
        findings.check(
            &format!("{name}: pulls took pages and were interrupted"),
            has_happened,
            || format!("{done:?}"),
        );
        let refills = done.restored >= u64::from(restores) && done.below_floor > 0;
        findings.check(&format!("{name}: desks noticed restores and filled anew"), refills, || {
            format!("{done:?}")
        });
    }
}

fn cannot(why: lienthu_conformance::CannotHere) -> anyhow::Error {
    anyhow::anyhow!("{}", why.0)
}

/// Has desks pull whenever something was written, until the work is done.
async fn while_pulling(
    pullers: &mut [Puller],
    written: &watch::Receiver<u32>,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let (ends, ended) = watch::channel(());
    let working = async {
        let done = work.await;
        drop(ends);
        done
    };
    let pulling = pullers.iter_mut().map(|puller| puller.until(written.clone(), ended.clone()));
    let pulling = try_join_all(pulling);
    let (worked, pulled) = join(working, pulling).await;
    worked?;
    pulled.map(drop)
}
