//! `nothing-lost`: the real program takes scans and is killed at random moments, while the line to its
//! site comes and goes. Every scan that it acknowledged is at the site in the end, once.

use std::path::Path;

use anyhow::Context as _;
use lienthu_domain::event::Deed;
use lienthu_domain::ids::{Barcode, PatronCode};
use rand::Rng as _;

use crate::kit::branch::{Branch, LOGIN, PASSWORD, barcode, patron};
use crate::kit::findings::Findings;
use crate::kit::loans::{at_site, difference, of_events};
use crate::kit::rng::{self, Rng, chance};
use crate::kit::scanning::{Book, DeskProgram, Scans};
use crate::kit::wall::WallClock;
use crate::registry::Terms;

const SHORT: Size = Size { rounds: 5, scans: 100 };
const LONG: Size = Size { rounds: 100, scans: 1_000 };
const COPIES: usize = 400;
const PATRONS: usize = 200;

#[derive(Clone, Copy)]
struct Size {
    rounds: u32,
    scans: usize,
}

struct Place {
    desk: DeskProgram,
    branch: Branch,
    copies: Vec<Barcode>,
    patrons: Vec<PatronCode>,
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
    place.desk.drain().await?;
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
    let desk = DeskProgram {
        folder: folder.join("desk"),
        network,
        login: LOGIN.to_owned(),
        password: PASSWORD.to_owned(),
    };
    desk.enrol("Q1").await?;
    let (copies, patrons) = (0..COPIES, 0..PATRONS);
    Ok(Place {
        desk,
        branch,
        copies: copies.map(barcode).collect(),
        patrons: patrons.map(patron).collect(),
    })
}

/// One life of the program, with the line cut or restored somewhere in it.
async fn round(rng: &mut Rng, place: &Place, count: usize, book: &mut Book) -> anyhow::Result<()> {
    let line = place.branch.site.line();
    if chance(rng, 50) { line.cut() } else { line.restore() }?;
    let switched_after: f64 = rng.random();
    let mut is_switched = false;
    let scans = Scans { count, copies: &place.copies, patrons: &place.patrons };
    book.life(rng, &place.desk, &scans, |said, all| {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let is_due = said as f64 >= switched_after * all as f64;
        if is_due && !is_switched {
            is_switched = true;
            if line.is_cut() { line.restore() } else { line.cut() }?;
        }
        Ok(())
    })
    .await
}

/// Every acknowledged event is in the outbox and at the site, and nothing is there twice.
async fn look(place: &Place, book: &Book, findings: &mut Findings) -> anyhow::Result<u64> {
    let at_desk = place.desk.acknowledged().await?;
    let site = place.branch.librarian().await?;
    let loans = at_site(&*site, &place.copies).await?;
    let events: Vec<_> = at_desk.values().collect();
    let (expected, _) = of_events(&Branch::code(), &events, &place.copies);

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
    let doubled = book.doubled(at_desk.values());
    findings.figure("events", at_desk.len());
    findings.figure("loans", loans.len());
    findings.figure("doubled", doubled);
    findings.check("no scan became two events", doubled == 0, || "");
    Ok(found)
}
