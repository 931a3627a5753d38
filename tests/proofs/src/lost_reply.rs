//! `lost-reply`: whatever becomes of a request and of its reply, a scan ends as exactly one of done,
//! refused and queued, and when the line is whole again the site agrees with what was said.

use std::collections::BTreeMap;

use anyhow::Context as _;
use lienthu_desk::answer::Answer;
use lienthu_desk::circulation::Wanted;
use lienthu_domain::event::Claim;
use lienthu_domain::ids::{Barcode, CorrelationId, EventId};
use lienthu_port::outbox::QueueState;
use lienthu_port::site::Site;
use lienthu_port::submit::{Outcome, Sending};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;

use crate::kit::branch::{Branch, barcode, patron};
use crate::kit::clock::VirtualTime;
use crate::kit::faulty::Fault;
use crate::kit::findings::Findings;
use crate::kit::folder;
use crate::kit::loans::{at_site, difference, of_events};
use crate::kit::rng::{self, Rng, chance};
use crate::kit::station::Station;
use crate::registry::Terms;

const SCRIPTS_SHORT: u64 = 40;
const SCRIPTS_LONG: u64 = 1_000;
const SCANS_PER_SCRIPT: u32 = 50;
const COPIES: usize = 6;
const PATRONS: usize = 4;

/// What was said of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Done,
    Queued,
    Refused,
}

/// What was said so far, and how often what.
#[derive(Default)]
struct Book {
    /// Of each event that a scan wrote down.
    of_events: BTreeMap<EventId, (usize, Said)>,
    done: u64,
    queued: u64,
    refused: u64,
    faults: BTreeMap<Fault, u64>,
}

/// Carries the proof through.
///
/// # Errors
/// When the branch or the desks cannot be made.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let scripts = if terms.long { SCRIPTS_LONG } else { SCRIPTS_SHORT };
    let (mut done, mut refused, mut queued, mut contradicted) = (0, 0, 0, 0);
    let mut faults: BTreeMap<Fault, u64> = BTreeMap::new();
    for n in 0..scripts {
        let mut rng = rng::of_case(terms.seed, n);
        let mut book = Book::default();
        match play(&mut rng, &mut book).await {
            Ok(()) => findings.pass(),
            Err(error) => {
                contradicted += 1;
                findings.fail(&format!("script {n}"), format!("{error:#}"));
            }
        }
        done += book.done;
        refused += book.refused;
        queued += book.queued;
        for (fault, times) in book.faults {
            *faults.entry(fault).or_default() += times;
        }
        if (n + 1) % (scripts / 4) == 0 {
            eprintln!("{} of {scripts} scripts", n + 1);
        }
    }
    findings.figure("scripts", scripts);
    findings.figure("scans", done + refused + queued);
    findings.figure("done", done);
    findings.figure("refused", refused);
    findings.figure("queued", queued);
    findings.figure("contradicted", contradicted);
    for fault in Fault::ALL {
        let is_met = faults.contains_key(&fault);
        findings.check("every fault was met", is_met, || format!("{fault:?}"));
    }
    findings.figure("faults", faults.values().sum::<u64>());
    Ok(())
}

async fn play(rng: &mut Rng, book: &mut Book) -> anyhow::Result<()> {
    let folder = folder::fast()?;
    let time = VirtualTime::new();
    let path = folder.path().join("q1.db");
    let branch = Branch::found(&path, time.site_clock(), COPIES, PATRONS).await?;
    let mut stations = Vec::new();
    for n in 0..rng.random_range(1..=2_u32) {
        let clock = time.desk_clock(rng.random_range(-600_000..600_000), rng::uuid(rng));
        let desk_folder = folder.path().join(format!("desk-{n}"));
        let station = Station::open(&desk_folder, branch.connector(), clock, rng.random()).await?;
        station.settle().await?;
        stations.push(station);
    }
    for n in 0..SCANS_PER_SCRIPT {
        time.pass_ms(rng.random_range(60_000..7_200_000));
        scan(rng, book, &stations).await.with_context(|| format!("scan {n}"))?;
        for station in &stations {
            if chance(rng, 12) {
                station.faults.set_down(chance(rng, 40));
            }
            if chance(rng, 25) {
                station.faults.deliver_late().await?;
            }
            if chance(rng, 50) {
                time.pass_ms(1_000);
                // It fails where the line does; what follows shows that nothing was lost by it.
                station.desk.contact().await.ok();
            }
        }
    }
    for (fault, times) in stations.iter().flat_map(|station| station.faults.met()) {
        *book.faults.entry(fault).or_default() += times;
    }
    heal(rng, &time, &stations).await?;
    agree(book, &*branch.librarian().await?, &stations).await
}

async fn scan(rng: &mut Rng, book: &mut Book, stations: &[Station]) -> anyhow::Result<()> {
    let place = rng.random_range(0..stations.len());
    let station = &stations[place];
    let mut script = Vec::new();
    while chance(rng, 50) {
        script.push(if chance(rng, 80) { Fault::ALL.choose(rng).copied() } else { None });
    }
    station.faults.of_next_batches(script);
    let wanted = match rng.random_range(0..10) {
        0..5 => Wanted::Borrow { patron: patron(rng.random_range(0..PATRONS)) },
        5..8 => Wanted::Return { returned_on: None },
        _ => Wanted::Renew,
    };
    let before = station.latest().await?.map(|q| q.event.id);
    let copy = barcode(rng.random_range(0..COPIES));
    let go_on = chance(rng, 25);
    let answer = if chance(rng, 30) {
        // Whoever tends the line takes its turn at sending as soon as the scan lets go of it.
        tokio::join!(station.perform(&copy, wanted.clone(), go_on), station.desk.contact()).0
    } else {
        station.perform(&copy, wanted.clone(), go_on).await
    };
    station.faults.of_next_batches([]);
    let written = station.latest().await?.filter(|q| Some(q.event.id) != before);

    let said = match &answer {
        Ok(Answer::Done { queued: false, .. }) => Said::Done,
        Ok(Answer::Done { queued: true, .. }) => Said::Queued,
        Ok(Answer::Refused { .. }) => Said::Refused,
        Err(error) => anyhow::bail!("{wanted:?} of {copy} ended in the error '{error}'"),
    };
    let matches_the_outbox = match (said, &written) {
        (Said::Done, Some(q)) => q.state == QueueState::Acknowledged,
        (Said::Queued, Some(q)) => {
            q.claim == Claim::Fact
                && matches!(q.state, QueueState::Waiting | QueueState::Acknowledged)
        }
        (Said::Refused, Some(q)) => {
            q.claim == Claim::Withdrawal || matches!(q.state, QueueState::Refused { .. })
        }
        (Said::Refused, None) => true,
        (Said::Done | Said::Queued, None) => false,
    };
    anyhow::ensure!(matches_the_outbox, "{said:?} was said, the outbox has {written:?}");
    match said {
        Said::Done => book.done += 1,
        Said::Queued => book.queued += 1,
        Said::Refused => book.refused += 1,
    }
    if let Some(queued) = written {
        book.of_events.insert(queued.event.id, (place, said));
    }
    Ok(())
}

/// The lines are whole again; what was given up arrives before or after what the desks still send.
async fn heal(rng: &mut Rng, time: &VirtualTime, stations: &[Station]) -> anyhow::Result<()> {
    for station in stations {
        station.faults.set_down(false);
        if chance(rng, 50) {
            station.faults.deliver_late().await?;
        }
        time.pass_ms(5_000);
        station.settle().await?;
        station.faults.deliver_late().await?;
    }
    Ok(())
}

/// The site has every event that was said done or queued, none that was said refused, and the loans
/// that follow from exactly these.
async fn agree(book: &Book, site: &dyn Site, stations: &[Station]) -> anyhow::Result<()> {
    let mut happened = Vec::new();
    let mut asked_again = Vec::new();
    for (id, (place, said)) in &book.of_events {
        let queued = stations[*place].outbox.get(*id).await?.context("the outbox lost an event")?;
        let event = queued.event;
        if *said != Said::Refused {
            anyhow::ensure!(
                queued.state == QueueState::Acknowledged,
                "{id}: {said:?} was said, and it came to {:?}",
                queued.state
            );
            happened.push(event.clone());
        }
        let correlation = CorrelationId::new(id.uuid());
        asked_again.push((
            Sending { event, claim: Claim::Request, correlation, received_at: None },
            *said,
        ));
    }
    let copies: Vec<Barcode> = (0..COPIES).map(barcode).collect();
    let (expected, _) = of_events(&Branch::code(), &happened.iter().collect::<Vec<_>>(), &copies);
    let found = at_site(site, &copies).await?;
    if let Some(wrong) = difference("the site beside what was said", &found, &expected) {
        anyhow::bail!(wrong);
    }
    for (sending, said) in asked_again {
        let id = sending.event.id;
        let receipts = site.submit(None, &[sending]).await?.receipts;
        let outcome = receipts.first().map(|r| &r.outcome);
        let has = matches!(outcome, Some(Outcome::Done { .. }));
        anyhow::ensure!(has == (said != Said::Refused), "{id}: {said:?} was said, now {outcome:?}");
    }
    Ok(())
}
