//! The story as `cargo xtask demo --headless` plays it, with a catalogue that has a damaged record.
#![allow(clippy::unwrap_used)]

use std::fs;

use lienthu_demo::story::{StoryOptions, play};
use lienthu_marc::write::RecordBuilder;

const SEED: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_day_at_two_desks_comes_out_right() {
    let folder = tempfile::tempdir().unwrap();
    let record =
        RecordBuilder::new().control("001", "a1").data("245", ['1', '0'], &[('a', "Sông Đáy")]);
    let mut catalogue = record.to_iso2709().unwrap();
    catalogue.extend_from_slice(b"00099 not a record\x1d");
    let file = folder.path().join("catalogue.mrc");
    fs::write(&file, catalogue).unwrap();

    let mut told = Vec::new();
    let options = StoryOptions {
        folder: folder.path().to_owned(),
        catalogue: Some(file),
        ground: None,
        seed: SEED,
    };
    let figures = play(&options, &mut told).await.unwrap();
    let told = String::from_utf8(told).unwrap();
    eprintln!("seed {SEED}\n{told}\n{figures}");

    assert_eq!((figures.tally.failed, figures.tally.skipped), (0, 0));
    let last = format!("[{0}/{0}] ", figures.tally.passed);
    assert!(told.contains(&last), "the last step is {last}");
    assert_eq!((figures.titles, figures.damaged), (981, 1));
    assert!(told.contains("record 2, at byte "));
    assert_eq!((figures.lost, figures.doubled, figures.review_settled), (0, 0, 1));
    // One book came back while the line was cut; everything else that drained was lent.
    assert_eq!(figures.drained, figures.loans_offline + 1);
}
