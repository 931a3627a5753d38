//! A desk with events that wait, closed, so that its files can be spoiled and put right again.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use lienthu_desk::answer::Answer;
use lienthu_desk::circulation::Wanted;
use lienthu_domain::ids::{Barcode, EventId};
use lienthu_port::error::StoreError;
use lienthu_store::{KeyPolicy, Store};
use rand::Rng as _;
use tempfile::TempDir;
use thiserror::Error;

use crate::kit::branch::{Branch, barcode, patron};
use crate::kit::clock::VirtualTime;
use crate::kit::loans::{at_site, difference, of_events};
use crate::kit::rng::{self, Rng};
use crate::kit::station::Station;
use crate::kit::wall::wall;

/// Books of the branch.
pub const COPIES: usize = 40;
const PATRONS: usize = 20;
/// SQLite's page.
const PAGE_BYTES: usize = 4_096;
/// Events that wait in the outbox.
const WAITING: usize = 25;

/// See the module.
pub struct Scene {
    /// The site.
    pub branch: Branch,
    /// The desk's folder.
    pub desk: PathBuf,
    /// The site's file.
    pub site: PathBuf,
    /// What waits.
    pub waiting: Vec<EventId>,
    time: VirtualTime,
    _folder: TempDir,
}

impl Scene {
    /// Sets it in a folder of its own.
    ///
    /// # Errors
    /// What the desk or the site says.
    pub async fn set(rng: &mut Rng) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (desk, site) = (folder.path().join("desk"), folder.path().join("q1.db"));
        Self::set_in(rng, folder, desk, site).await
    }

    /// Sets it with desk and site where they are to be.
    ///
    /// # Errors
    /// What the desk or the site says.
    pub async fn set_in(
        rng: &mut Rng,
        folder: TempDir,
        desk: PathBuf,
        site: PathBuf,
    ) -> anyhow::Result<Self> {
        // A day ago: the real program works here too, and drops what is older than it keeps.
        let time = VirtualTime::from(wall().plus_ms(-86_400_000));
        let branch = Branch::found(&site, time.site_clock(), COPIES, PATRONS).await?;
        let mut scene = Self { branch, desk, site, waiting: Vec::new(), time, _folder: folder };
        let station = scene.open(rng).await?;
        station.settle().await?;
        station.faults.set_down(true);
        for n in 0..WAITING {
            let event = scene.lend(rng, &station, n).await?;
            scene.waiting.push(event);
        }
        Ok(scene)
    }

    /// Opens the desk and signs in.
    ///
    /// # Errors
    /// What the desk says.
    pub async fn open(&self, rng: &mut Rng) -> anyhow::Result<Station> {
        let clock = self.time.desk_clock(0, rng::uuid(rng));
        Station::open(&self.desk, self.branch.connector(), clock, rng.random()).await
    }

    /// Lends a book at the desk, whatever stands against it.
    ///
    /// # Errors
    /// What the desk says, or when the book was not lent.
    pub async fn lend(
        &self,
        rng: &mut Rng,
        station: &Station,
        copy: usize,
    ) -> anyhow::Result<EventId> {
        self.time.pass_ms(60_000);
        let wanted = Wanted::Borrow { patron: patron(rng.random_range(0..PATRONS)) };
        let answer = station.perform(&barcode(copy % COPIES), wanted, true).await?;
        let Answer::Done { event, .. } = answer else {
            anyhow::bail!("the desk did not lend: {answer:?}")
        };
        Ok(event)
    }

    /// Opens the desk's files as a program does at its start.
    ///
    /// # Errors
    /// What the store says.
    pub fn open_files(&self) -> Result<Store, StoreError> {
        Store::open(&self.desk, KeyPolicy::KeyFile)
    }

    /// Reads everything that the outbox holds.
    ///
    /// # Errors
    /// What the store says, or how many of the events that wait are not there.
    pub async fn all_there(&self) -> Result<(), NotThere> {
        let store = self.open_files()?;
        let mut missing = 0;
        for id in &self.waiting {
            missing += usize::from(store.outbox.get(*id).await?.is_none());
        }
        if missing == 0 { Ok(()) } else { Err(NotThere::Lost(missing)) }
    }

    /// Lets everything be sent, and looks whether the site has exactly what the desk has.
    ///
    /// # Errors
    /// When it has not.
    pub async fn drains(&self, rng: &mut Rng) -> anyhow::Result<()> {
        let station = self.open(rng).await?;
        self.time.pass_ms(60_000);
        station.settle().await?;
        let events = station.acknowledged().await?;
        for id in &self.waiting {
            ensure!(events.iter().any(|e| e.id == *id), "{id} is lost");
        }
        let copies: Vec<Barcode> = (0..COPIES).map(barcode).collect();
        let (expected, _) = of_events(&Branch::code(), &events.iter().collect::<Vec<_>>(), &copies);
        let found = at_site(&*self.branch.librarian().await?, &copies).await?;
        match difference("the site beside the desk", &found, &expected) {
            None => Ok(()),
            Some(wrong) => anyhow::bail!(wrong),
        }
    }

    /// A file of the desk's folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.desk.join(name)
    }
}

/// Why what waited cannot be read.
#[derive(Debug, Error)]
pub enum NotThere {
    /// With a name.
    #[error(transparent)]
    Named(#[from] StoreError),
    /// Without a word.
    #[error("{0} events are lost without a word")]
    Lost(usize),
}

/// A way to spoil a file.
pub struct Spoil {
    /// For people.
    pub name: &'static str,
    /// What becomes of the bytes.
    pub spoiled: Vec<u8>,
}

/// Ways to spoil these bytes.
pub fn ways_to_spoil(rng: &mut Rng, good: &[u8]) -> Vec<Spoil> {
    let mut garbage = vec![0; good.len()];
    rng.fill(garbage.as_mut_slice());
    let mut first_page = good.to_vec();
    for byte in first_page.iter_mut().take(4_096) {
        *byte = rng.random();
    }
    let mut flipped = good.to_vec();
    for _ in 0..20 {
        let place = rng.random_range(0..flipped.len().max(1));
        if let Some(byte) = flipped.get_mut(place) {
            *byte ^= 1 << rng.random_range(0..8_u32);
        }
    }
    let mut zeroed = good.to_vec();
    let from = zeroed.len() / 2;
    zeroed[from..].fill(0);
    // Not in the last one: that may hold what nobody reads.
    let in_a_page = from / PAGE_BYTES * PAGE_BYTES + PAGE_BYTES / 4;
    vec![
        Spoil { name: "garbage", spoiled: garbage },
        Spoil { name: "emptied", spoiled: Vec::new() },
        Spoil { name: "cut in half", spoiled: good[..good.len() / 2].to_vec() },
        Spoil { name: "cut in a page", spoiled: good[..in_a_page.min(good.len())].to_vec() },
        Spoil { name: "first page lost", spoiled: first_page },
        Spoil { name: "bits flipped", spoiled: flipped },
        Spoil { name: "second half zeroed", spoiled: zeroed },
        Spoil {
            name: "a text", spoiled: "Đây không phải là cơ sở dữ liệu\n".repeat(200).into()
        },
    ]
}

/// Writes a file in place of another, with nothing of SQLite's beside it.
///
/// # Errors
/// What the file system says.
pub fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(suffix);
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    std::fs::write(file, bytes)
}
