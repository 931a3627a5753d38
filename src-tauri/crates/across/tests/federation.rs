//! Questions to several sites: whoever is missing is named, and nobody waits for them.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use common::{BRANCHES, Network, branch};
use futures::FutureExt as _;
use lienthu_across::breakers::{BreakerView, Breakers};
use lienthu_across::federation::answers::{Answers, Missing};
use lienthu_across::federation::asking::{ask_all, gather};
use lienthu_across::federation::copies::{Whereabouts, places, whereabouts};
use lienthu_across::federation::titles::{holdings, total};
use lienthu_across::sites::Sites;
use lienthu_domain::ids::{BranchCode, TitleKey};
use lienthu_port::error::SiteError;
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_port::whereabouts::Holding;
use tokio::sync::watch;

const LIMIT: Duration = Duration::from_secs(1);

/// What becomes of whoever wants to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Whole,
    /// Refused at once.
    Down,
    /// Taken, and never answered.
    Silent,
}

/// A way to a site, on a line that the test breaks.
struct Broken {
    way: Arc<dyn SiteConnector>,
    line: watch::Receiver<Line>,
}

#[async_trait]
impl SiteConnector for Broken {
    fn branch(&self) -> &BranchCode {
        self.way.branch()
    }

    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError> {
        let line = *self.line.borrow();
        match line {
            Line::Whole => self.way.connect(who).await,
            Line::Down => Err(SiteError::Unreachable { detail: "refused".to_owned() }),
            Line::Silent => std::future::pending().await,
        }
    }
}

/// The breakers' clock, which the test moves on.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn pass(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    fn breakers(&self) -> Arc<Breakers> {
        let clock = Arc::clone(&self.0);
        Arc::new(Breakers::by(move || clock.load(Ordering::SeqCst)))
    }
}

/// The sites of a network, the line to the last of which can be broken.
fn with_a_line(network: &Network) -> (Sites, watch::Sender<Line>) {
    let (line, heard) = watch::channel(Line::Whole);
    let mut ways: Vec<Arc<dyn SiteConnector>> = network.ways();
    let last = ways.pop().unwrap();
    ways.push(Arc::new(Broken { way: last, line: heard }));
    (Sites::new(ways, &common::credentials("manager")), line)
}

async fn ask(sites: &Sites) -> (Answers<u32>, Duration) {
    let begun = Instant::now();
    let title = TitleKey::parse("978-604-1").unwrap();
    let heard = ask_all(sites, LIMIT, move |_, site| {
        let title = title.clone();
        async move { site.free_copies(&title).await }.boxed()
    });
    let answers = gather(heard, |_| {}).await;
    assert_eq!(answers.said.len() + answers.missing.len(), BRANCHES.len(), "each is named once");
    (answers, begun.elapsed())
}

fn last() -> BranchCode {
    branch(BRANCHES[2])
}

#[tokio::test]
async fn a_whole_says_which_sites_it_is_made_of() {
    let network = Network::new().await;
    let (sites, line) = with_a_line(&network);
    let title = TitleKey::parse("978-604-1").unwrap();
    let mut order = vec![];
    let asked = holdings(&sites, vec![title.clone()]);
    let answers = gather(asked, |heard| order.push(heard.branch.clone())).await;
    order.sort();
    assert_eq!(order, BRANCHES.map(branch));
    let five = Holding {
        title: title.clone(),
        copies: 5,
        free: 5,
        on_loan: 0,
        in_transit: 0,
        unusable: 0,
    };
    assert_eq!(total(&title, &answers), five);
    assert!(answers.coverage().is_whole());

    drop(line);
    let sites = with_broken(&network, Line::Down);
    let answers = gather(holdings(&sites, vec![title.clone()]), |_| {}).await;
    let coverage = answers.coverage();
    assert_eq!(coverage.present, BRANCHES[..2].iter().map(|code| branch(code)).collect::<Vec<_>>());
    assert_eq!(coverage.absent.len(), 1);
    assert_eq!(coverage.absent[0].branch, last());
    assert_eq!(coverage.absent[0].why.code, "site_away");
    assert_eq!(total(&title, &answers), five);
}

fn with_broken(network: &Network, state: Line) -> Sites {
    let (sites, line) = with_a_line(network);
    line.send_replace(state);
    // The state is kept by whoever listens.
    drop(line);
    sites
}

#[tokio::test]
async fn who_does_not_answer_is_waited_for_twice_and_then_rests() {
    let network = Network::new().await;
    let (sites, line) = with_a_line(&network);
    let clock = Clock::default();
    let sites = sites.sharing(clock.breakers());
    line.send_replace(Line::Silent);
    for _ in 0..2 {
        let (answers, took) = ask(&sites).await;
        assert_eq!(answers.missing[&last()], Missing::Silent { after_ms: 1_000 });
        assert!(took >= LIMIT, "{took:?}");
    }
    let (answers, took) = ask(&sites).await;
    let missing = &answers.missing[&last()];
    assert_eq!(*missing, Missing::Resting { again_in_ms: 5_000 });
    assert!(took < LIMIT, "{took:?}");
    assert!(matches!(sites.breakers().view(&last()), BreakerView::Open { .. }));
    assert_eq!(answers.coverage().absent[0].why.code, "site_resting");

    // Due again, it is tried beside the others, and nobody waits for it.
    clock.pass(5_000);
    let (answers, took) = ask(&sites).await;
    assert_eq!(answers.missing[&last()], Missing::BeingTried);
    assert!(took < LIMIT, "{took:?}");
    assert_eq!(sites.breakers().view(&last()), BreakerView::HalfOpen);
    let (answers, _) = ask(&sites).await;
    assert_eq!(answers.missing[&last()], Missing::BeingTried, "one probe at a time");

    // The probe ends by itself, although nobody waits for it; the rest is longer then.
    let ended = async {
        while sites.breakers().view(&last()) == BreakerView::HalfOpen {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(3 * LIMIT, ended).await.unwrap();
    let (answers, _) = ask(&sites).await;
    assert_eq!(answers.missing[&last()], Missing::Resting { again_in_ms: 10_000 });
}

#[tokio::test]
async fn who_is_back_is_heard_again() {
    let network = Network::new().await;
    let (sites, line) = with_a_line(&network);
    line.send_replace(Line::Down);
    for _ in 0..2 {
        let (answers, _) = ask(&sites).await;
        assert!(matches!(answers.missing[&last()], Missing::Failed(_)));
    }
    assert!(matches!(ask(&sites).await.0.missing[&last()], Missing::Resting { .. }));
    line.send_replace(Line::Whole);
    // Whoever insists is let through, and everyone learns of it.
    let insisting = sites.insisting();
    insisting.ask(&last(), |site| async move { site.network().await }).await.unwrap();
    assert!(ask(&sites).await.0.coverage().is_whole());
}

#[tokio::test]
async fn where_nobody_else_is_asked_whoever_is_tried_is_waited_for() {
    let network = Network::new().await;
    let (sites, line) = with_a_line(&network);
    let clock = Clock::default();
    let sites = sites.sharing(clock.breakers());
    let alone = sites.only(&last());
    line.send_replace(Line::Down);
    let one = async |sites: &Sites| {
        let heard = ask_all(sites, LIMIT, |_, site| async move { site.network().await }.boxed());
        gather(heard, |_| {}).await.coverage().is_whole()
    };
    for _ in 0..3 {
        assert!(!one(&alone).await);
    }
    line.send_replace(Line::Whole);
    clock.pass(5_000);
    assert!(one(&alone).await);
    assert!(ask(&sites).await.0.coverage().is_whole(), "they share what they learn");
}

#[tokio::test]
async fn a_refusal_says_that_the_site_is_there() {
    let network = Network::new().await;
    let sites = network.sites("agent");
    let copy = common::barcode("C1");
    for _ in 0..5 {
        let answers = gather(places(&sites, copy.clone()), |_| {}).await;
        for code in BRANCHES {
            let missing = &answers.missing[&branch(code)];
            assert!(matches!(missing, Missing::Failed(SiteError::Forbidden { .. })), "{missing:?}");
            let closed = BreakerView::Closed { failures: 0 };
            assert_eq!(sites.breakers().view(&branch(code)), closed);
        }
    }
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_holds_no_probe_back() {
    let network = Network::new().await;
    let (sites, line) = with_a_line(&network);
    line.send_replace(Line::Down);
    for _ in 0..2 {
        ask(&sites).await;
    }
    line.send_replace(Line::Silent);
    let insisting = sites.insisting();
    let last = last();
    let question = insisting.ask(&last, |site| async move { site.network().await });
    assert!(tokio::time::timeout(Duration::from_millis(5), question).await.is_err());
    assert!(matches!(sites.breakers().view(&last), BreakerView::Open { .. }));
}

#[tokio::test]
async fn a_copy_is_where_it_lives_and_its_trace_says_where_it_went() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let find = async |sites: &Sites, code: &str| {
        let answers = gather(places(sites, common::barcode(code)), |_| {}).await;
        whereabouts(&answers)
    };
    assert_eq!(find(&sites, "C1").await, Whereabouts::At { branch: branch("Q1") });
    assert_eq!(find(&sites, "C404").await, Whereabouts::Unknown);
    for (number, from, to) in [(1, "Q1", "Q3"), (2, "Q3", "Q5")] {
        let moving = network.moving(from, to, &["C1"]).await;
        let moved =
            lienthu_across::transfers::transfer(&sites, network.txn(number), moving, |_, _| {});
        moved.await.unwrap();
        network.receive(to, &["C1"]).await;
    }
    assert_eq!(find(&sites, "C1").await, Whereabouts::At { branch: branch("Q5") });
    // While its own site is away, the latest trace says where it went.
    let without = with_broken(&network, Line::Down);
    assert_eq!(find(&without, "C1").await, Whereabouts::WentTo { branch: branch("Q5") });
}
