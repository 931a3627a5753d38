//! How fast a year of loans goes in: `cargo run -p lienthu-embedded --example batch_speed [EVENTS]`.
//! Prints one line of figures.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Instant;

use lienthu_conformance::kit::{Desk, LIBRARIAN, at, copy, fact, key, opening, patron, small_seed};
use lienthu_domain::copy::CopyDetails;
use lienthu_embedded::{EmbeddedSite, Founding, PasswordCost};
use lienthu_port::submit::{BATCH_EVENTS_MAX, Sending};

const COPIES: usize = 3_000;
const PATRONS: usize = 800;

#[tokio::main]
async fn main() {
    let events: usize = std::env::args().nth(1).map_or(40_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let founding = Founding { password_cost: PasswordCost::TEST };
    let path = folder.path().join("site.db");
    let site =
        EmbeddedSite::create(&path, &small_seed(), Arc::new(opening), founding).await.unwrap();

    let began = Instant::now();
    let copies: Vec<CopyDetails> = (0..COPIES).map(|n| copy(&format!("Q{n}"))).collect();
    site.add_copies(copies).await.unwrap();
    let patrons = (0..PATRONS).map(|n| patron(&format!("P{n}"), "STUDENT")).collect();
    site.add_patrons(patrons).await.unwrap();
    let kept_ms = began.elapsed().as_millis();

    // Each copy goes out and comes back, again and again; a patron has few books at a time.
    let mut desk = Desk::new(1);
    let story: Vec<Sending> = (0..events / 2)
        .flat_map(|n| {
            let (copy, patron) = (format!("Q{}", n * 7 % COPIES), format!("P{}", n % PATRONS));
            let minute = i64::try_from(n).unwrap() - 500_000;
            let lent = desk.borrow(&copy, &patron, at(minute));
            let back = desk.take_back(&copy, at(minute).plus_ms(30_000));
            [fact(&lent), fact(&back)]
        })
        .collect();
    let began = Instant::now();
    for batch in story.chunks(BATCH_EVENTS_MAX) {
        site.submit(key(LIBRARIAN), batch.to_vec()).await.unwrap();
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "copies={COPIES} patrons={PATRONS} kept_ms={kept_ms} events={} batch={BATCH_EVENTS_MAX} \
         seconds={seconds:.2} events_per_second={:.0}",
        story.len(),
        f64::from(u32::try_from(story.len()).unwrap()) / seconds,
    );
}
