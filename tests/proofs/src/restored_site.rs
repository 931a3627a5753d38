//! `restored-site`: a site is put back to an older copy of its file and nobody says so. The desks notice
//! (by their watermarks, or, where these are older than the backup, by what receipts have proved), fill
//! their caches anew and send their events again, and the loans are what they were.

use std::path::Path;

use anyhow::{Context as _, ensure};
use lienthu_desk::circulation::Wanted;
use lienthu_domain::ids::Barcode;
use lienthu_port::site::Site;
use rand::Rng as _;

use crate::kit::branch::{Branch, barcode, patron};
use crate::kit::clock::VirtualTime;
use crate::kit::findings::Findings;
use crate::kit::folder;
use crate::kit::loans::{Loans, at_site, difference, of_events};
use crate::kit::rng::{self, Rng, chance};
use crate::kit::station::Station;
use crate::registry::Terms;

const CASES_SHORT: u64 = 12;
const CASES_LONG: u64 = 300;
/// Times that the site of one case is put back.
const ROUNDS: u32 = 3;
const COPIES: usize = 12;
const PATRONS: usize = 8;
/// Scans before a backup, and between it and its being put back, at most.
const SCANS_MAX: u32 = 40;

/// What the cases showed together.
#[derive(Default)]
struct Shown {
    rounds: u64,
    noticed: u64,
    by_receipts_alone: u64,
    sent_again: u64,
    loans: u64,
}

/// Carries the proof through.
///
/// # Errors
/// When the branch or the desks cannot be made.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let cases = if terms.long { CASES_LONG } else { CASES_SHORT };
    let mut shown = Shown::default();
    for n in 0..cases {
        let mut rng = rng::of_case(terms.seed, n);
        match play(&mut rng, &mut shown).await {
            Ok(()) => findings.pass(),
            Err(error) => findings.fail(&format!("case {n}"), format!("{error:#}")),
        }
        eprintln!("{} of {cases}", n + 1);
    }
    findings.figure("rounds", shown.rounds);
    findings.figure("noticed", shown.noticed);
    findings.figure("by_receipts_alone", shown.by_receipts_alone);
    findings.figure("sent_again", shown.sent_again);
    findings.figure("loans", shown.loans);
    findings.figure("different", findings.tally().failed);
    findings.check(
        "some desks could notice by their receipts alone",
        shown.by_receipts_alone > 0,
        || shown.rounds,
    );
    Ok(())
}

async fn play(rng: &mut Rng, shown: &mut Shown) -> anyhow::Result<()> {
    let folder = folder::fast()?;
    let time = VirtualTime::new();
    let path = folder.path().join("q1.db");
    let branch = Branch::found(&path, time.site_clock(), COPIES, PATRONS).await?;
    let mut stations = Vec::new();
    for n in 0..rng.random_range(2..=4_u32) {
        let clock = time.desk_clock(rng.random_range(-600_000..600_000), rng::uuid(rng));
        let desk_folder = folder.path().join(format!("desk-{n}"));
        stations.push(Station::open(&desk_folder, branch.connector(), clock, rng.random()).await?);
    }
    for round in 0..ROUNDS {
        work(rng, &time, &stations).await?;
        let backup = folder.path().join(format!("backup-{round}.db"));
        branch.site.back_up(&backup).await?;
        work(rng, &time, &stations).await?;
        go_on_without_pulling(rng, &time, &stations).await?;
        put_back(rng, &time, &branch, &stations, &backup, shown)
            .await
            .with_context(|| format!("round {round}"))?;
    }
    Ok(())
}

/// Random scans, some over the line and some without it, and random contacts.
async fn work(rng: &mut Rng, time: &VirtualTime, stations: &[Station]) -> anyhow::Result<()> {
    for _ in 0..rng.random_range(5..=SCANS_MAX) {
        time.pass_ms(rng.random_range(60_000..3_600_000));
        let station = &stations[rng.random_range(0..stations.len())];
        if chance(rng, 15) {
            station.faults.set_down(chance(rng, 50));
        }
        if chance(rng, 40) {
            station.desk.contact().await.ok();
        }
        scan(rng, station).await?;
    }
    Ok(())
}

async fn scan(rng: &mut Rng, station: &Station) -> anyhow::Result<()> {
    let wanted = match rng.random_range(0..10) {
        0..5 => Wanted::Borrow { patron: patron(rng.random_range(0..PATRONS)) },
        5..8 => Wanted::Return { returned_on: None },
        _ => Wanted::Renew,
    };
    let copy = barcode(rng.random_range(0..COPIES));
    station.perform(&copy, wanted, chance(rng, 30)).await?;
    Ok(())
}

/// Everything is sent, so that what the site holds is what it must hold again; some desks have their
/// receipts and do not come to look what changed.
async fn go_on_without_pulling(
    rng: &mut Rng,
    time: &VirtualTime,
    stations: &[Station],
) -> anyhow::Result<()> {
    for station in stations {
        time.pass_ms(5_000);
        station.faults.set_down(false);
        if chance(rng, 50) {
            station.settle().await?;
        } else {
            station.faults.set_pulls_down(true);
            // The pull fails; what waited has been sent before it.
            station.desk.contact().await.ok();
            station.faults.set_pulls_down(false);
            ensure!(station.outbox.counts().await?.waiting == 0, "the queue did not drain");
        }
    }
    Ok(())
}

async fn put_back(
    rng: &mut Rng,
    time: &VirtualTime,
    branch: &Branch,
    stations: &[Station],
    backup: &Path,
    shown: &mut Shown,
) -> anyhow::Result<()> {
    let copies: Vec<Barcode> = (0..COPIES).map(barcode).collect();
    let site = branch.librarian().await?;
    let before = at_site(&*site, &copies).await?;
    branch.site.put_back(backup).await?;
    let put_back_to = number_of(&*site).await?;
    shown.rounds += 1;
    shown.loans += before.len() as u64;

    // In some rounds work goes on before anyone has looked: those desks believe to be in touch.
    let goes_on = chance(rng, 40);
    for station in stations {
        time.pass_ms(60_000);
        let watermark = station.cache.watermark().await?.map_or(0, |w| w.number);
        let proven = station.outbox.proven().await?.map_or(0, |w| w.number);
        if goes_on && chance(rng, 50) {
            scan(rng, station).await?;
        }
        let contact = station.desk.contact().await?;
        if watermark.max(proven) > put_back_to {
            ensure!(contact.restored, "a desk that had seen {watermark}, {proven} did not notice");
            shown.noticed += 1;
            shown.by_receipts_alone += u64::from(watermark <= put_back_to);
            shown.sent_again += u64::from(contact.sent);
        }
    }
    for station in stations {
        station.settle().await?;
    }
    let after = at_site(&*site, &copies).await?;
    if !goes_on && let Some(wrong) = difference("after beside before", &after, &before) {
        anyhow::bail!(wrong);
    }
    let mut happened = Vec::new();
    for station in stations {
        happened.extend(station.acknowledged().await?);
    }
    let (expected, _) = of_events(&Branch::code(), &happened.iter().collect::<Vec<_>>(), &copies);
    if let Some(wrong) = difference("after beside what desks have", &after, &expected) {
        anyhow::bail!(wrong);
    }
    for station in stations {
        caches_agree(station, &after, &copies).await?;
    }
    Ok(())
}

/// The number of the site's state.
async fn number_of(site: &dyn Site) -> anyhow::Result<i64> {
    // An empty batch asks for nothing but the state.
    Ok(site.submit(None, &[]).await?.state.number)
}

/// The cache shows the open loans that the site has.
async fn caches_agree(station: &Station, loans: &Loans, copies: &[Barcode]) -> anyhow::Result<()> {
    for copy in copies {
        let known = station.cache.copy(copy).await?.with_context(|| format!("no {copy} cached"))?;
        let open = loans.values().find(|l| l.copy == *copy && l.is_open());
        let (cached, open) = (known.open_loan.map(|l| l.borrow), open.map(|l| l.borrow));
        ensure!(cached == open, "{copy}: the cache has {cached:?} open, the site {open:?}");
    }
    Ok(())
}
