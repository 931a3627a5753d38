//! `demo`: the headless story with a real catalogue of which one record is damaged; with `--network FILE` on
//! the T-SQL servers of that file.

mod servers;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use lienthu_demo::Ground;
use lienthu_demo::story::{StoryOptions, play};
use lienthu_marc::write::RecordBuilder;
use lienthu_marc::{ReadError, Reader};
use rand::Rng as _;

use self::servers::Servers;
use crate::kit::findings::Findings;
use crate::kit::rng::{self, Rng};
use crate::registry::Terms;

/// Where test data lies that is not part of this repository.
const DATA_VARIABLE: &str = "LIENTHU_TEST_DATA";
/// Where it lies by default, from the repository's root.
const DATA_FOLDER: &str = "../shared/data";
/// A thousand records about jazz, in MARC-8.
const CATALOGUE: &str = "jazz_1k.mrc";
/// Records of the catalogue that is made where there is none.
const RECORDS_MADE: usize = 300;
/// What ends a record of ISO 2709.
const RECORD_TERMINATOR: u8 = 0x1d;
/// The bytes of a leader; the directory follows.
const LEADER_BYTES: usize = 24;
/// The bytes of one entry of the directory.
const ENTRY_BYTES: usize = 12;

/// Carries the proof through.
///
/// # Errors
/// When there is no catalogue, or the story cannot be told.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let mut rng = rng::of_case(terms.seed, 0);
    let folder = tempfile::tempdir()?;
    let (name, mut bytes) = catalogue()?;
    let (records, damaged_before) = read(&bytes)?;
    damage_one(&mut rng, &mut bytes)?;
    let (good, damaged) = read(&bytes)?;
    findings.check("one more record is damaged", damaged == damaged_before + 1, || {
        format!("{damaged_before} before, {damaged} after; {records} and {good} good ones")
    });
    let file = folder.path().join("catalogue.mrc");
    std::fs::write(&file, bytes)?;

    let ground = match terms.network {
        Some(file) => Some(Arc::new(Servers::of(file)?) as Arc<dyn Ground>),
        None => None,
    };
    let options = StoryOptions {
        folder: folder.path().join("network"),
        catalogue: Some(file),
        ground,
        seed: terms.seed,
    };
    let mut told = Vec::new();
    let figures = play(&options, &mut told).await?;
    eprintln!("{}", String::from_utf8_lossy(&told).trim_end());
    findings.figure("site", if terms.network.is_some() { "sqlserver" } else { "embedded" });
    findings.figure("catalogue", name);
    findings.figure("records", good);
    findings.figure("titles", figures.titles);
    findings.figure("loans_online", figures.loans_online);
    findings.figure("loans_offline", figures.loans_offline);
    findings.figure("drained", figures.drained);
    findings.figure("lost", figures.lost);
    findings.figure("doubled", figures.doubled);
    findings.figure("damaged_reported", figures.damaged);
    findings.figure("review_settled", figures.review_settled);
    findings.figure("seconds", format!("{:.1}", figures.took.as_secs_f64()));
    for _ in 0..figures.tally.passed {
        findings.pass();
    }
    let steps = figures.tally;
    findings.check("every step of the story is right", steps.failed == 0, || format!("{steps:?}"));
    let says = || format!("{figures:?}");
    findings.check("the damaged record is reported", figures.damaged == damaged, says);
    findings.check("the rest of the catalogue is in", figures.titles >= good, says);
    let lent = figures.loans_online > 0 && figures.loans_offline > 0 && figures.drained > 0;
    findings.check("books were lent with and without the line", lent, says);
    findings.check("nothing is lost or doubled", figures.lost + figures.doubled == 0, says);
    Ok(())
}

/// The catalogue's name and bytes.
fn catalogue() -> anyhow::Result<(&'static str, Vec<u8>)> {
    let folder = std::env::var_os(DATA_VARIABLE).map(PathBuf::from);
    let is_asked_for = folder.is_some();
    let file = folder.as_deref().unwrap_or(Path::new(DATA_FOLDER)).join(CATALOGUE);
    if file.is_file() || is_asked_for {
        let bytes = std::fs::read(&file).with_context(|| format!("no {}", file.display()))?;
        return Ok((CATALOGUE, bytes));
    }
    let mut bytes = Vec::new();
    for n in 0..RECORDS_MADE {
        let record = RecordBuilder::new()
            .control("001", &format!("vn-{n:04}"))
            .data("245", ['1', '0'], &[('a', &format!("Đất rừng phương Nam, quyển {n} /"))])
            .to_iso2709()?;
        bytes.extend(record);
    }
    Ok(("made", bytes))
}

/// How many records can be read, and how many cannot.
fn read(bytes: &[u8]) -> anyhow::Result<(usize, usize)> {
    let (mut good, mut damaged) = (0, 0);
    for record in Reader::new(bytes)? {
        match record {
            Ok(_) => good += 1,
            Err(ReadError::Damaged(_)) => damaged += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok((good, damaged))
}

/// Makes the first entry of a record's directory unreadable; record lengths stay right.
fn damage_one(rng: &mut Rng, bytes: &mut [u8]) -> anyhow::Result<()> {
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == RECORD_TERMINATOR);
    let begins: Vec<usize> = ends.map(|(place, _)| place + 1).collect();
    ensure!(begins.len() > 2, "the catalogue is too small");
    let begin = begins[rng.random_range(0..begins.len() - 2)] + LEADER_BYTES;
    let entry = bytes.get_mut(begin..begin + ENTRY_BYTES).context("a record without directory")?;
    entry.fill(b'?');
    Ok(())
}
