//! `dead-site`, DESIGN §7 and §10: many sites are asked at once and one of them is dead. It never delays the
//! others, it never goes unmentioned, and once it is known to be dead the answer is whole when the slowest live
//! site has answered.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::FutureExt as _;
use lienthu_across::breakers::{BreakerView, Breakers};
use lienthu_across::federation::answers::{Answers, Missing};
use lienthu_across::federation::asking::{LOOK_UP_MS_MAX, ask_all, gather};
use lienthu_across::federation::titles::total;
use lienthu_across::sites::Sites;
use lienthu_conformance::embedded::Embedded;
use lienthu_conformance::kit::{LIBRARIAN, MANAGER, TITLES, copy, credentials, key, small_seed};
use lienthu_conformance::{Fixture, TestSite};
use lienthu_domain::ids::{BranchCode, TitleKey};
use lienthu_domain::replicated::{Branch, BranchStanding};
use lienthu_port::error::SiteError;
use lienthu_port::seed::SiteSeed;
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_port::whereabouts::Holding;
use lienthu_sqlserver::{ServerAddress, SignIn, SqlServerConfig, SqlServerConnector, Tls};
use rand::Rng;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::kit::findings::{Findings, Timings};
use crate::kit::rng;
use crate::kit::sites;
use crate::registry::Terms;

/// Sites in an ordinary run, and in a long one.
const SITES: [usize; 2] = [20, 200];
/// Questions once the breaker is open.
const QUESTIONS: usize = 30;
/// What a dead site may cost beyond the slowest live one.
const OVERHEAD_MS_MAX: u128 = 15;
/// What a line to a live site takes, at least and at most.
const DELAY_MS: std::ops::Range<u64> = 5..40;
/// How long whoever comes back may be unheard of, once its rest is over: a probe that was out takes its time, and the
/// next question's own one is heard.
const BACK_MS_MAX: u64 = 2 * LOOK_UP_MS_MAX;

/// How a site is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// Whoever connects is refused.
    Refuses,
    /// Whoever connects waits for ever.
    Silent,
}

/// Carries the proof through.
///
/// # Errors
/// When no site can be had.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let mut dice = rng::of_case(terms.seed, 0);
    for sites in SITES.into_iter().take(if terms.long { 2 } else { 1 }) {
        let network = network(&[Arc::new(Embedded)], sites).await?;
        for death in [Death::Refuses, Death::Silent] {
            let delays = (0..sites).map(|_| Duration::from_millis(dice.random_range(DELAY_MS)));
            let name = format!("embedded_{sites}_{}", word(death));
            let (alive, heard) = watch::channel(false);
            let dead = |way| Arc::new(Mortal { way, death, alive: heard.clone() }) as _;
            let scene = Scene::of(&network, dead, delays.collect());
            scene.play(&name, &alive, findings).await?;
        }
    }
    let servers: Vec<Arc<dyn Fixture>> =
        sites::t_sql_servers(findings).into_iter().map(|kind| Arc::new(kind) as _).collect();
    if servers.is_empty() {
        return Ok(());
    }
    let network = network(&servers, servers.len() + 1).await?;
    for death in [Death::Refuses, Death::Silent] {
        // A port where nobody listens, or where somebody does and never says a word.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let listener = (death == Death::Silent).then_some(listener);
        let (alive, heard) = watch::channel(false);
        let dead = |way: Arc<dyn SiteConnector>| {
            let config = SqlServerConfig {
                address: ServerAddress::Port { host: Ipv4Addr::LOCALHOST.to_string(), port },
                database: "Site_TV".to_owned(),
                tls: Tls::Off,
                sign_in: SignIn::Login,
            };
            let other = SqlServerConnector::new(config, way.branch().clone());
            Arc::new(Moved { way, other, alive: heard.clone() }) as _
        };
        let scene = Scene::of(&network, dead, vec![Duration::ZERO; network.len()]);
        scene.play(&format!("t_sql_{}_{}", network.len(), word(death)), &alive, findings).await?;
        drop(listener);
    }
    Ok(())
}

const fn word(death: Death) -> &'static str {
    match death {
        Death::Refuses => "refuses",
        Death::Silent => "silent",
    }
}

/// So many sites, each with one copy, in turns of these kinds.
async fn network(
    kinds: &[Arc<dyn Fixture>],
    sites: usize,
) -> anyhow::Result<Vec<Arc<dyn TestSite>>> {
    let codes: Vec<BranchCode> = (0..sites).map(|number| key(&format!("B{number:03}"))).collect();
    let mut network = vec![];
    for (code, kind) in codes.iter().zip(kinds.iter().cycle()) {
        let branch = |code: &BranchCode| Branch {
            code: code.clone(),
            name: format!("Thư viện {code}"),
            address: String::new(),
            standing: BranchStanding::Active,
        };
        let seed = SiteSeed {
            branch: code.clone(),
            branches: codes.iter().map(branch).collect(),
            ..small_seed()
        };
        let site = kind.fresh(seed).await;
        let librarian = site.connector().connect(&credentials(LIBRARIAN)).await?;
        librarian.add_copies(&[copy(&format!("C{code}"))]).await?;
        network.push(site);
    }
    Ok(network)
}

/// A way to a site that is dead until it is said to be alive.
struct Mortal {
    way: Arc<dyn SiteConnector>,
    death: Death,
    alive: watch::Receiver<bool>,
}

#[async_trait]
impl SiteConnector for Mortal {
    fn branch(&self) -> &BranchCode {
        self.way.branch()
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        let is_alive = *self.alive.borrow();
        match self.death {
            _ if is_alive => self.way.connect(who).await,
            Death::Refuses => Err(SiteError::Unreachable { detail: "refused".to_owned() }),
            Death::Silent => std::future::pending().await,
        }
    }
}

/// A way to a site that leads elsewhere until it is said to be alive.
struct Moved {
    way: Arc<dyn SiteConnector>,
    other: SqlServerConnector,
    alive: watch::Receiver<bool>,
}

#[async_trait]
impl SiteConnector for Moved {
    fn branch(&self) -> &BranchCode {
        self.way.branch()
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        let is_alive = *self.alive.borrow();
        if is_alive { self.way.connect(who).await } else { self.other.connect(who).await }
    }
}

/// A network whose last site is dead.
struct Scene {
    sites: Sites,
    dead: BranchCode,
    delays: Arc<BTreeMap<BranchCode, Duration>>,
    clock: Arc<AtomicU64>,
}

/// One question and its answer.
struct Asked {
    answers: Answers<Vec<Holding>>,
    slowest_live: Duration,
    took: Duration,
}

impl Asked {
    fn overhead(&self) -> Duration {
        self.took.saturating_sub(self.slowest_live)
    }
}

impl Scene {
    fn of(
        network: &[Arc<dyn TestSite>],
        dead: impl FnMut(Arc<dyn SiteConnector>) -> Arc<dyn SiteConnector>,
        delays: Vec<Duration>,
    ) -> Self {
        let mut ways: Vec<Arc<dyn SiteConnector>> =
            network.iter().map(|site| site.connector()).collect();
        let delays = ways.iter().map(|way| way.branch().clone()).zip(delays).collect();
        let last = ways.split_off(ways.len() - 1);
        let branch = last[0].branch().clone();
        ways.extend(last.into_iter().map(dead));
        let clock = Arc::new(AtomicU64::new(0));
        let read = Arc::clone(&clock);
        let breakers = Arc::new(Breakers::by(move || read.load(Ordering::SeqCst)));
        let sites = Sites::new(ways, &credentials(MANAGER)).sharing(breakers);
        Self { sites, dead: branch, delays: Arc::new(delays), clock }
    }

    async fn play(
        &self,
        name: &str,
        alive: &watch::Sender<bool>,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        // Everyone signs in once, which a desk has done long before.
        let live = self.sites.branches().filter(|branch| **branch != self.dead);
        let signed_in =
            live.map(|branch| self.sites.ask(branch, |site| async move { site.network().await }));
        futures::future::try_join_all(signed_in).await?;

        let mut before = Duration::ZERO;
        let mut questions = 0;
        while !matches!(self.sites.breakers().view(&self.dead), BreakerView::Open { .. }) {
            let asked = self.ask(name, findings).await;
            before = before.max(asked.took);
            questions += 1;
            let limit = Duration::from_millis(LOOK_UP_MS_MAX);
            findings.check(
                &format!("{name}: the live sites are heard while the dead one is waited for"),
                asked.slowest_live < limit,
                || format!("{:?}", asked.slowest_live),
            );
            anyhow::ensure!(questions < 10, "{name}: the breaker does not open");
        }
        let (mut slowest, mut took, mut overhead) =
            (Timings::default(), Timings::default(), Timings::default());
        for _ in 0..QUESTIONS {
            let asked = self.ask(name, findings).await;
            let missing = asked.answers.missing.get(&self.dead);
            findings.check(
                &format!("{name}: an open breaker says when"),
                matches!(missing, Some(Missing::Resting { .. })),
                || format!("{missing:?}"),
            );
            slowest.add(asked.slowest_live);
            took.add(asked.took);
            overhead.add(asked.overhead());
        }
        // It is due: whoever asks now has it tried, and does not wait for it.
        self.clock.fetch_add(120_000, Ordering::SeqCst);
        let probing = self.ask(name, findings).await;
        overhead.add(probing.overhead());
        let worst = overhead.percentile_us(100) / 1_000;
        findings.check(
            &format!("{name}: no more than {OVERHEAD_MS_MAX} ms beyond the slowest live site"),
            worst <= OVERHEAD_MS_MAX,
            || format!("{worst} ms"),
        );

        alive.send_replace(true);
        let came_back = Instant::now();
        let mut back = None;
        while back.is_none() && came_back.elapsed() < Duration::from_millis(BACK_MS_MAX) {
            if matches!(self.sites.breakers().view(&self.dead), BreakerView::Open { .. }) {
                self.clock.fetch_add(120_000, Ordering::SeqCst);
            }
            let is_heard = self.asked_once().await.answers.missing.is_empty();
            back = is_heard.then(|| came_back.elapsed());
        }
        findings.check(&format!("{name}: who is back is heard again"), back.is_some(), || "never");
        findings.figure(format!("{name}_back_after_ms"), back.unwrap_or_default().as_millis());
        alive.send_replace(false);

        let ms = |timings: &Timings, percent| timings.percentile_us(percent) / 1_000;
        findings.figure(format!("{name}_answer_ms_before"), before.as_millis());
        findings.figure(format!("{name}_questions_before"), questions);
        findings.figure(format!("{name}_slowest_live_ms"), ms(&slowest, 50));
        findings.figure(format!("{name}_answer_ms_after"), ms(&took, 50));
        findings.figure(format!("{name}_overhead_us_p50"), overhead.percentile_us(50));
        findings.figure(format!("{name}_overhead_us_max"), overhead.percentile_us(100));
        Ok(())
    }

    /// Asks, and looks whether the answer is whole but for the dead site, which it names.
    async fn ask(&self, name: &str, findings: &mut Findings) -> Asked {
        let asked = self.asked_once().await;
        let coverage = asked.answers.coverage();
        let named: Vec<&BranchCode> = coverage.absent.iter().map(|absent| &absent.branch).collect();
        findings.check(
            &format!("{name}: the dead site is named, and no other"),
            named == [&self.dead],
            || format!("{named:?}"),
        );
        let held = total(&key(TITLES[0]), &asked.answers);
        let live = self.delays.len() - 1;
        findings.check(
            &format!("{name}: every live site is in the whole"),
            coverage.present.len() == live && usize::try_from(held.copies) == Ok(live),
            || format!("{} of {live}", coverage.present.len()),
        );
        asked
    }

    async fn asked_once(&self) -> Asked {
        let delays = Arc::clone(&self.delays);
        let limit = Duration::from_millis(LOOK_UP_MS_MAX);
        let begun = Instant::now();
        let heard = ask_all(&self.sites, limit, move |branch, site| {
            let delay = delays.get(branch).copied().unwrap_or_default();
            let titles: Vec<TitleKey> = vec![key(TITLES[0])];
            async move {
                // The line there and back.
                tokio::time::sleep(delay).await;
                site.holdings(&titles).await
            }
            .boxed()
        });
        let mut slowest_live = Duration::ZERO;
        let answers = gather(heard, |heard| {
            if heard.said.is_ok() {
                slowest_live = begun.elapsed();
            }
        })
        .await;
        Asked { answers, slowest_live, took: begun.elapsed() }
    }
}
