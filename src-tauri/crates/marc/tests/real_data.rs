//! Records that others have made. They are not part of the repository: LIENTHU_TEST_DATA names
//! their folder, by default `../shared/data` beside the repository.
#![allow(clippy::unwrap_used)]

mod common;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use common::{Content, any_mutation, read_all};
use lienthu_marc::TitleDraft;
use proptest::{
    prelude::*,
    test_runner::{TestError, TestRunner},
};

/// The bytes of a file of real records; says so loudly if it is not there.
fn real(name: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("LIENTHU_TEST_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            eprintln!("SKIPPED: {} ({error}); set LIENTHU_TEST_DATA", path.display());
            None
        }
    }
}

#[test]
fn a_thousand_records_of_a_public_library_in_marc8() {
    let Some(file) = real("jazz_1k.mrc") else {
        return;
    };
    let start = Instant::now();
    let outcome = read_all(file.as_slice());
    let elapsed = start.elapsed();
    assert_eq!(outcome.reasons(), []);
    assert_eq!(outcome.records.len(), 1000);
    eprintln!("records_per_second={:.0}", 1000.0 / elapsed.as_secs_f64());

    let drafts: Vec<TitleDraft> = outcome.records.iter().map(TitleDraft::from).collect();
    assert!(drafts.iter().all(|draft| draft.usable().is_ok()));
    assert!(drafts.iter().any(|draft| draft.title == "Introduction à la musique de jazz"));
    assert!(drafts.iter().any(|draft| draft.author.as_deref() == Some("Tormé, Mel")));
    assert_eq!(drafts.iter().filter(|draft| draft.isbn.is_some()).count(), 65);
}

#[test]
fn twenty_books_about_python() {
    let Some(file) = real("marc.dat") else { return };
    let outcome = read_all(file.as_slice());
    assert_eq!((outcome.records.len(), outcome.reasons()), (20, vec![]));
    let draft = TitleDraft::from(&outcome.records[0]);
    assert_eq!(draft.title, "The pragmatic programmer : from journeyman to master");
    assert_eq!((draft.isbn.as_deref(), draft.year), (Some("020161622X"), Some(2000)));
    assert_eq!((draft.ddc.as_deref(), draft.language.as_deref()), (Some("005.1"), Some("eng")));
}

#[test]
fn one_damaged_real_record_costs_no_other() {
    let Some(file) = real("jazz_1k.mrc") else {
        return;
    };
    let records: Vec<&[u8]> = file.split_inclusive(|byte| *byte == 0x1D).collect();
    let place = (1..records.len() - 1, any_mutation());
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() });
    let result = runner.run(&place, |(changed, mutation)| {
        let mut middle = records[changed].to_vec();
        mutation.apply(&mut middle);
        let neighbours = [records[changed - 1], records[changed + 1]];
        let expected: Vec<Content> = read_all(neighbours.concat().as_slice()).contents();
        let file = [neighbours[0], &middle, neighbours[1]].concat();
        let after = read_all(file.as_slice()).contents();
        prop_assert_eq!(after.first(), expected.first());
        prop_assert_eq!(after.last(), expected.last());
        Ok(())
    });
    if let Err(TestError::Fail(reason, (changed, mutation))) = result {
        panic!("record {changed} changed by {mutation:?}: {reason}");
    }
}
