//! Damaged catalogue files.

use std::ops::Range;
use std::panic::catch_unwind;

use lienthu_marc::write::RecordBuilder;
use lienthu_marc::{ReadError, Reader};
use rand::Rng as _;

use crate::kit::findings::Findings;
use crate::kit::rng::Rng;

/// Records of the catalogue that is damaged.
const RECORDS: usize = 30;
/// Damages tried.
const DAMAGES: usize = 300;
/// Records that one damaged record may take along at most: itself and the one behind it.
const TAKEN_ALONG_MAX: usize = 2;

/// What a damaged file comes to.
#[derive(Debug)]
struct Came {
    good: usize,
    damaged: Vec<usize>,
}

/// Damage is reported with the record's place, the rest is read, and files that are none are refused.
///
/// # Errors
/// When the catalogue cannot be written.
pub fn damage(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let (good, places) = catalogue()?;
    for _ in 0..DAMAGES {
        let which = rng.random_range(0..RECORDS);
        let mut spoiled = good.clone();
        let place = places[which].clone();
        for _ in 0..rng.random_range(1..=8) {
            spoiled[rng.random_range(place.clone())] = rng.random();
        }
        let came = read(spoiled);
        let holds = came.as_ref().is_ok_and(|came| came.good + TAKEN_ALONG_MAX >= RECORDS);
        findings.check("the rest of a damaged catalogue goes in", holds, || {
            format!("record {which}: {came:?}")
        });
        let at = came.map(|came| came.damaged).unwrap_or_default();
        let near =
            at.iter().all(|ordinal| (which..=which + TAKEN_ALONG_MAX).contains(&(ordinal - 1)));
        findings.check("damage is reported where it is", near, || format!("{which}: {at:?}"));
    }
    for _ in 0..DAMAGES {
        let cut = rng.random_range(1..good.len());
        let came = read(good[..cut].to_vec());
        let whole = places.iter().filter(|place| place.end <= cut).count();
        let holds = match &came {
            Ok(came) => came.good >= whole,
            // Less than a leader may look like anything.
            Err(_) => whole == 0 && !is_panic(&came),
        };
        findings.check("a cut catalogue keeps its whole records", holds, || {
            format!("cut at {cut}, {whole} whole: {came:?}")
        });
    }
    for (name, bytes) in [
        ("a picture", b"\x89PNG\r\n\x1a\n".repeat(100)),
        ("a table", b"isbn,title\n978,Kieu\n".repeat(100)),
        ("garbage", (0..5_000).map(|_| rng.random()).collect()),
        ("nothing", Vec::new()),
    ] {
        let came = read(bytes);
        let holds = !matches!(&came, Ok(came) if came.good > 0) && !is_panic(&came);
        findings.check(&format!("{name} is no catalogue"), holds, || format!("{came:?}"));
    }
    Ok(())
}

fn catalogue() -> anyhow::Result<(Vec<u8>, Vec<Range<usize>>)> {
    let (mut bytes, mut places) = (Vec::new(), Vec::new());
    for n in 0..RECORDS {
        let record = RecordBuilder::new()
            .control("001", &format!("vn-{n:04}"))
            .data("245", ['1', '0'], &[('a', "Đất rừng phương Nam /"), ('c', "Đoàn Giỏi.")])
            .to_iso2709()?;
        places.push(bytes.len()..bytes.len() + record.len());
        bytes.extend(record);
    }
    Ok((bytes, places))
}

const PANICKED: &str = "panicked";

fn is_panic(came: &Result<Came, String>) -> bool {
    matches!(came, Err(words) if words == PANICKED)
}

fn read(bytes: Vec<u8>) -> Result<Came, String> {
    catch_unwind(move || {
        let reader = Reader::new(bytes.as_slice()).map_err(|error| error.to_string())?;
        let mut came = Came { good: 0, damaged: Vec::new() };
        for record in reader {
            match record {
                Ok(_) => came.good += 1,
                Err(ReadError::Damaged(damaged)) => {
                    came.damaged.push(usize::try_from(damaged.ordinal).unwrap_or(usize::MAX));
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(came)
    })
    .unwrap_or_else(|_| Err(PANICKED.to_owned()))
}
