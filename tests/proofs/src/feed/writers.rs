//! Those who write at the site, and what they know to have written.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::bail;
use futures::future::try_join;
use lienthu_conformance::kit::{
    COLLEAGUE, Desk, LIBRARIAN, at, copy, credentials, fact, patron, request,
};
use lienthu_conformance::{TestSite, Triggers};
use lienthu_domain::event::Event;
use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_port::error::SiteError;
use lienthu_port::lookup::{CopyChange, PatronChange, details_of};
use lienthu_port::site::Site;
use lienthu_port::submit::Outcome;
use rand::Rng as _;
use tokio::sync::watch;

use super::cannot;
use super::shown::Read;
use crate::kit::keys::key;
use crate::kit::rng::{Rng, chance};

/// Two readers who are only ever renamed together.
pub const PAIR: [&str; 2] = ["DOI1", "DOI2"];
/// Books that go out and come back.
const BOOKS: usize = 24;
/// Readers who take them.
const READERS: usize = 6;
/// Events in one batch at most.
const BATCH_MAX: usize = 6;
/// Tries of one call at most, where the site is busy.
const TRIES_MAX: u32 = 40;

/// What is at the site, apart from what it says.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Readers, but for those that came by one statement.
    pub patrons: BTreeSet<PatronCode>,
    /// Books.
    pub copies: BTreeSet<Barcode>,
    /// Readers that came by one statement.
    pub loaded: BTreeSet<PatronCode>,
    /// The borrow of each book that is out, by the book's place.
    out: Vec<Option<Event>>,
}

/// See the module.
pub struct Writers {
    hands: Arc<dyn TestSite>,
    desk: Desk,
    circulation: Arc<dyn Site>,
    records: Arc<dyn Site>,
    known: Known,
    /// Minutes since the beginning: events come in order.
    minute: i64,
    /// For keys and names that were never there before.
    count: u32,
    /// Calls and statements so far, and who wants to know.
    written: watch::Sender<u32>,
}

impl Writers {
    /// Enters the books and readers, and signs everyone in.
    ///
    /// # Errors
    /// What the site says.
    pub async fn new(hands: Arc<dyn TestSite>) -> anyhow::Result<Self> {
        let connector = hands.connector();
        let circulation = connector.connect(&credentials(LIBRARIAN)).await?;
        let records = connector.connect(&credentials(COLLEAGUE)).await?;
        let mut known = Known { out: vec![None; BOOKS], ..Known::default() };
        known.copies.extend((0..BOOKS).map(book));
        known.patrons.extend((0..READERS).map(reader).chain(PAIR.map(key)));
        for code in &known.patrons {
            let mut patron = patron(code.as_str(), "STUDENT");
            patron.card.name = "Tên đầu".to_owned();
            records.put_patron(&PatronChange { patron, seen: None }).await?;
        }
        let books: Vec<_> = known.copies.iter().map(|barcode| copy(barcode.as_str())).collect();
        records.add_copies(&books).await?;
        let desk = Desk::new(1);
        let written = watch::Sender::new(0);
        Ok(Self { hands, desk, circulation, records, known, minute: 0, count: 0, written })
    }

    /// Calls and statements so far.
    pub fn calls(&self) -> u32 {
        *self.written.borrow()
    }

    /// Tells whenever something was written.
    pub fn written(&self) -> watch::Receiver<u32> {
        self.written.subscribe()
    }

    /// What is known now.
    pub fn known(&self) -> Known {
        self.known.clone()
    }

    /// The site was put back to when this was known.
    ///
    /// # Errors
    /// What the site says.
    pub async fn go_back_to(&mut self, then: Known) -> anyhow::Result<()> {
        self.known = then;
        let connector = self.hands.connector();
        self.circulation = connector.connect(&credentials(LIBRARIAN)).await?;
        self.records = connector.connect(&credentials(COLLEAGUE)).await?;
        Ok(())
    }

    /// Looks up what is known.
    ///
    /// # Errors
    /// What the site says.
    pub async fn read(&self, site: &dyn Site) -> anyhow::Result<Read> {
        Read::of(&self.known, site).await
    }

    /// Enters readers in the table itself, by one statement.
    ///
    /// # Errors
    /// The site has no such way in.
    pub async fn load(&mut self, codes: Vec<PatronCode>, name: &str) -> anyhow::Result<()> {
        let loading = self.hands.load_by_hand(codes.clone(), name.to_owned(), Triggers::Fire);
        loading.await.map_err(cannot)?;
        self.written.send_modify(|calls| *calls += 1);
        self.known.loaded.extend(codes);
        Ok(())
    }

    /// So many turns: in each, a desk sends a batch while names change by hand, and then a record changes.
    ///
    /// # Errors
    /// What the site says.
    pub async fn work(&mut self, rng: &mut Rng, turns: u32) -> anyhow::Result<()> {
        for _ in 0..turns {
            self.count += 1;
            let batch = self.batch(rng);
            let name = format!("Tên thứ {}", self.count);
            let renaming = self.hands.rename_together_by_hand(PAIR.map(key).to_vec(), name);
            let sending = send(&*self.circulation, &batch);
            try_join(async { renaming.await.map_err(cannot) }, sending).await?;
            self.written.send_modify(|calls| *calls += 2);
            self.change_a_record(rng).await?;
            self.written.send_modify(|calls| *calls += 1);
        }
        Ok(())
    }

    fn batch(&mut self, rng: &mut Rng) -> Vec<lienthu_port::submit::Sending> {
        let mut batch = Vec::new();
        for _ in 0..rng.random_range(1..=BATCH_MAX) {
            let place = rng.random_range(0..BOOKS);
            self.minute += 1;
            let when = at(self.minute);
            let copy = book(place);
            match self.known.out[place].take() {
                None => {
                    let reader = reader(rng.random_range(0..READERS));
                    let borrow = self.desk.borrow(copy.as_str(), reader.as_str(), when);
                    batch.push(fact(&borrow));
                    self.known.out[place] = Some(borrow);
                }
                Some(borrow) if chance(rng, 30) => {
                    batch.push(fact(&self.desk.renew(&borrow, when)));
                    self.known.out[place] = Some(borrow);
                }
                Some(_) => batch.push(request(&self.desk.take_back(copy.as_str(), when))),
            }
        }
        batch
    }

    async fn change_a_record(&mut self, rng: &mut Rng) -> anyhow::Result<()> {
        let site = self.records.clone();
        let n = self.count;
        match rng.random_range(0..5) {
            0 => {
                let new = patron(&format!("N{n}"), "STUDENT");
                let code = new.card.code.clone();
                let change = PatronChange { patron: new, seen: None };
                patiently(|| site.put_patron(&change)).await?;
                self.known.patrons.insert(code);
            }
            1 => {
                let new: Vec<_> = (0..3).map(|i| copy(&format!("N{n}x{i}"))).collect();
                patiently(|| site.add_copies(&new)).await?;
                self.known.copies.extend(new.into_iter().map(|details| details.barcode));
            }
            2 => {
                let code = reader(rng.random_range(0..READERS));
                let Some(file) = site.patron(&code).await? else { bail!("{code} is gone") };
                let mut patron = file.patron.clone();
                patron.card.name = format!("Tên mới {n}");
                let change = PatronChange { patron, seen: Some(file.patron) };
                patiently(|| site.put_patron(&change)).await?;
            }
            3 => {
                let barcode = book(rng.random_range(0..BOOKS));
                let Some(file) = site.copy(&barcode).await? else { bail!("{barcode} is gone") };
                let seen = details_of(&file.copy);
                let mut details = seen.clone();
                details.shelf_mark = format!("895.{n}");
                let change = CopyChange { details, seen };
                patiently(|| site.put_copy(&change)).await?;
            }
            _ => {
                let gone = self.known.copies.iter().find(|b| b.as_str().starts_with('N')).cloned();
                if let Some(barcode) = gone {
                    patiently(|| site.remove_copy(&barcode)).await?;
                    self.known.copies.remove(&barcode);
                }
            }
        }
        Ok(())
    }
}

fn book(place: usize) -> Barcode {
    key(format!("S{place:03}"))
}

fn reader(place: usize) -> PatronCode {
    key(format!("DG{place:03}"))
}

async fn send(site: &dyn Site, batch: &[lienthu_port::submit::Sending]) -> anyhow::Result<()> {
    for receipt in patiently(|| site.submit(None, batch)).await?.receipts {
        if !matches!(receipt.outcome, Outcome::Done { .. }) {
            bail!("{} came to {:?}", receipt.id, receipt.outcome);
        }
    }
    Ok(())
}

/// Makes a call again while the site is busy.
async fn patiently<T, F>(mut call: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<T, SiteError>>,
{
    for _ in 0..TRIES_MAX {
        match call().await {
            Err(SiteError::Busy) => {}
            answer => return Ok(answer?),
        }
    }
    bail!("the site is busy for ever: {TRIES_MAX} times for one call");
}
