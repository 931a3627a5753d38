//! `chaos`, invariants I1 to I4: three sites, and desks as processes of their own that lend, take back, send
//! books to each other, rename and remove titles, while lines are cut, processes are killed and a site is put
//! back to a copy of itself. Then all can be reached, and everything has to be true.

mod ground;
mod judge;
mod people;
mod weather;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::bail;
use futures::future::try_join_all;
use lienthu_across::recovery::open_at;
use lienthu_conformance::kit::{AGENT, LIBRARIAN, MANAGER};
use lienthu_port::elsewhere::DeliveryState;
use lienthu_port::transaction::KeptTransaction;
use lienthu_protocol::site::LEFT_ALONE_MS;
use tokio::time::Instant;

use self::ground::{Ground, patrons};
use self::people::{Deeds, Person};
use self::weather::Weather;
use crate::kit::findings::Findings;
use crate::kit::network::BRANCHES;
use crate::kit::rng::{self, Rng};
use crate::kit::scanning::{Book, DeskProgram, Scans};
use crate::registry::Terms;

/// How long it goes on without a word about it.
const SECONDS: u64 = 40;
/// And with `--long`.
const MINUTES_LONG: u64 = 20;
/// Books scanned in one life of a desk's program.
const SCANS: usize = 25;
/// Managers at work at once.
const MANAGERS: usize = 2;
/// One site is put back in so many seconds.
const PUT_BACK_EVERY_S: u64 = 40;
/// How long what was left behind may be left alone once all can be reached, and then take to end.
const HEALING_MS_MAX: u64 = LEFT_ALONE_MS + 120_000;

/// Carries the proof through.
///
/// # Errors
/// When the programs are not built, or do not do what they are asked at all.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let long = terms.long.then_some(MINUTES_LONG);
    let seconds = terms.minutes.or(long).map_or(SECONDS, |minutes| minutes * 60);
    let folder = tempfile::tempdir()?;
    let ground = Ground::found(folder.path()).await?;
    let mut desks = vec![];
    let mut receivers = vec![];
    for branch in BRANCHES {
        desks.push((branch, ground.desk(&format!("desk-{branch}"), branch, LIBRARIAN).await?));
        let name = format!("back-room-{branch}");
        receivers.push(ground.desk(&name, branch, LIBRARIAN).await?);
    }
    let mut managers = vec![];
    for n in 0..=MANAGERS {
        let branch = BRANCHES[n % BRANCHES.len()];
        managers.push(ground.desk(&format!("laptop-{n}"), branch, MANAGER).await?);
    }

    let begun = Instant::now();
    let until = begun + Duration::from_secs(seconds);
    let weather = Weather::new();
    let mut streams = (0..).map(|n| rng::of_case(terms.seed, n));
    let mut stream = || streams.next().unwrap_or_else(|| rng::of_case(terms.seed, 0));

    let mut lending = desks
        .iter()
        .map(|(branch, desk)| (stream(), *branch, desk, Book::of_strange_books()))
        .collect::<Vec<_>>();
    let lives = try_join_all(
        lending
            .iter_mut()
            .map(|(rng, branch, desk, book)| lend(rng, &ground, branch, desk, book, until)),
    );
    let (restorer, at_work) = managers.split_last().ok_or_else(|| anyhow::anyhow!("no manager"))?;
    let managing = at_work.iter().map(|desk| (stream(), Person::new(desk))).collect::<Vec<_>>();
    let managing = try_join_all(managing.into_iter().map(|(mut rng, person)| {
        let ground = &ground;
        async move { person.manages(&mut rng, ground, until).await }
    }));
    let receiving = receivers.iter().map(|desk| (stream(), Person::new(desk))).collect::<Vec<_>>();
    let receiving = try_join_all(
        receiving
            .into_iter()
            .map(|(mut rng, person)| async move { person.receives(&mut rng, until).await }),
    );
    let (mut sky, mut fate) = (stream(), stream());
    let restorer = Person::new(restorer);
    let putting_back = async {
        let mut times = 0;
        for n in 0..(seconds / PUT_BACK_EVERY_S).max(1) {
            let from = begun + Duration::from_secs(n * PUT_BACK_EVERY_S);
            let part = Duration::from_secs(PUT_BACK_EVERY_S / 4);
            let at = (from + part, from + part * 2);
            weather.put_back(&mut fate, &ground, &restorer, at).await?;
            times += 1;
        }
        anyhow::Ok(times)
    };
    let (_, deeds, received, cuts, put_back) = tokio::try_join!(
        lives,
        managing,
        receiving,
        weather.blow(&mut sky, &ground, until),
        putting_back,
    )?;
    let deeds = deeds.into_iter().chain(received).fold(Deeds::default(), |all, some| all + some);
    findings.figure("seconds", begun.elapsed().as_secs());
    findings.figure("cuts", cuts);
    findings.figure("put_back", put_back);
    deeds.tell(findings);

    for branch in BRANCHES {
        ground.site(branch)?.line().restore()?;
    }
    let left_open = open(&ground).await?.len();
    findings.figure("left_open", left_open);
    let healing = Instant::now();
    heal(&ground, &managers, &receivers, &desks).await?;
    findings.figure("healed_ms", healing.elapsed().as_millis());

    let (mut events, mut elsewhere) = (BTreeMap::new(), BTreeMap::new());
    for desk in desks.iter().map(|(_, desk)| desk).chain(&receivers) {
        events.extend(desk.acknowledged().await?);
        let returns = desk.returns_elsewhere().await?.into_iter();
        elsewhere.extend(returns.map(|returned| (returned.event.id, returned)));
    }
    for returned in elsewhere.values() {
        let is_delivered = returned.state == DeliveryState::Delivered;
        findings.check("a return received elsewhere is delivered", is_delivered, || {
            format!("{returned:?}")
        });
    }
    let returned = elsewhere.values().map(|returned| (returned.event.id, returned.event.clone()));
    events.extend(returned);
    findings.figure("returned_elsewhere", elsewhere.len());
    let (mut acked, mut killed) = (0, deeds.killed);
    for (_, _, desk, book) in &lending {
        let at_desk = desk.acknowledged().await?;
        for id in &book.acked {
            let is_there = at_desk.contains_key(id) || elsewhere.contains_key(id);
            findings.check("an acknowledged scan is an event", is_there, || id);
        }
        let doubled = book.doubled(at_desk.values());
        findings.check("no scan became two events", doubled == 0, || doubled);
        acked += book.acked.len();
        killed += book.killed;
    }
    findings.figure("scans", acked);
    findings.figure("killed", killed);
    judge::judge(&ground, &events, left_open, findings).await
}

/// Lives of a desk's program, one after the other.
async fn lend(
    rng: &mut Rng,
    ground: &Ground,
    branch: &str,
    desk: &DeskProgram,
    book: &mut Book,
    until: Instant,
) -> anyhow::Result<()> {
    let patrons = patrons(branch);
    while Instant::now() < until {
        let scans = Scans { count: SCANS, copies: &ground.copies, patrons: &patrons };
        book.life(rng, desk, &scans, |_, _| Ok(())).await?;
    }
    Ok(())
}

/// All sites can be reached again: queues drain, and an agent finishes what others left behind.
async fn heal(
    ground: &Ground,
    managers: &[DeskProgram],
    receivers: &[DeskProgram],
    desks: &[(&str, DeskProgram)],
) -> anyhow::Result<()> {
    let give_up = Instant::now() + Duration::from_millis(HEALING_MS_MAX);
    let mut left = String::new();
    while Instant::now() < give_up {
        let mut undelivered = vec![];
        for desk in desks.iter().map(|(_, desk)| desk).chain(receivers) {
            desk.drain().await?;
            let returns = desk.returns_elsewhere().await?.into_iter();
            undelivered.extend(returns.filter(|one| one.state == DeliveryState::Waiting));
        }
        for desk in managers {
            Person::new(desk).finishes().await?;
        }
        let open = open(ground).await?;
        // A book that is on its way has no branch to which its return can be delivered.
        if open.is_empty() && undelivered.is_empty() {
            return Ok(());
        }
        left = format!("still open: {open:?}; undelivered: {undelivered:?}");
    }
    bail!("{left}")
}

/// What is open at any site.
async fn open(ground: &Ground) -> anyhow::Result<Vec<KeptTransaction>> {
    let sites = ground.all_sites(AGENT).await?;
    let mut open = vec![];
    for branch in BRANCHES {
        open.extend(open_at(&sites, &ground::code(branch)).await?);
    }
    Ok(open)
}
