//! Whatever happens to the bytes of a file: no panic, and no record suffers for its neighbour.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::{ErrorKind, Read};

use common::{Content, Mutation, Records, any_file, any_mutation, any_record, read_all, to_xml};
use lienthu_marc::{NotMarc, Reader, TitleDraft, write::RecordBuilder};
use proptest::prelude::*;

/// A source that gives a few bytes at a time and is interrupted in between.
struct Dribble<'a> {
    bytes: &'a [u8],
    step: usize,
    calls: usize,
}

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) {
            return Err(ErrorKind::Interrupted.into());
        }
        let room = buffer.len().min(self.step);
        self.bytes.read(&mut buffer[..room])
    }
}

fn contents(records: &[Vec<u8>]) -> Vec<Content> {
    let outcome = read_all(records.concat().as_slice());
    assert_eq!(outcome.reasons(), []);
    outcome.contents()
}

/// All records but the changed one must come out as before.
fn others_survive(before: &[Content], changed: usize, file: &[u8]) -> Result<(), TestCaseError> {
    let after = read_all(file).contents();
    prop_assert!(after.starts_with(&before[..changed]), "records before it: {:#?}", after);
    prop_assert!(after.ends_with(&before[changed + 1..]), "records behind it: {:#?}", after);
    Ok(())
}

/// A thousand cases, or more if PROPTEST_CASES says so. A failure prints its smallest input whole,
/// so nothing is kept in files.
fn config() -> ProptestConfig {
    let standard = ProptestConfig::default();
    ProptestConfig { cases: standard.cases.max(1000), failure_persistence: None, ..standard }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_written_is_read_back(record in any_record()) {
        let bytes = record.to_iso2709().unwrap();
        let outcome = read_all(bytes.as_slice());
        prop_assert_eq!(outcome.reasons(), []);
        let again = RecordBuilder::from(&outcome.records[0]).to_iso2709().unwrap();
        prop_assert_eq!(again, bytes);
    }

    #[test]
    fn marcxml_says_the_same_as_iso2709(Records(file) in any_file(), prefix in prop::sample::select(vec!["", "marc:"])) {
        let outcome = read_all(file.concat().as_slice());
        let records: String = outcome.records.iter().map(|record| to_xml(record, prefix)).collect();
        let colon = prefix.trim_end_matches(':');
        let attribute = if colon.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{colon}") };
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- exported -->\n\
             <{prefix}collection {attribute}=\"http://www.loc.gov/MARC21/slim\">{records}</{prefix}collection>"
        );
        let from_xml = read_all(xml.as_bytes());
        prop_assert_eq!(from_xml.reasons(), []);
        prop_assert_eq!(from_xml.contents(), outcome.contents());
    }

    #[test]
    fn one_damaged_record_costs_no_other(Records(file) in any_file(), which in any::<prop::sample::Index>(), mutation in any_mutation()) {
        let before = contents(&file);
        let changed = which.index(file.len());
        let mut file = file;
        mutation.apply(&mut file[changed]);
        // A file must begin like one; see `any_bytes_at_all` for the rest.
        prop_assume!(Reader::new(file.concat().as_slice()).is_ok());
        others_survive(&before, changed, &file.concat())?;
    }

    #[test]
    fn one_damaged_record_costs_no_other_in_marcxml(Records(file) in any_file(), which in any::<prop::sample::Index>(), mutation in any_mutation()) {
        let outcome = read_all(file.concat().as_slice());
        let changed = which.index(file.len());
        let mut records: Vec<Vec<u8>> =
            outcome.records.iter().map(|record| to_xml(record, "").into_bytes()).collect();
        let before = outcome.contents();
        mutation.apply(&mut records[changed]);
        let xml = [b"<collection>".to_vec(), records.concat(), b"</collection>".to_vec()].concat();
        others_survive(&before, changed, &xml)?;
    }

    #[test]
    fn many_changes_never_panic(Records(file) in any_file(), as_xml in any::<bool>(), mutations in prop::collection::vec(any_mutation(), 1..20)) {
        let mut bytes = file.concat();
        if as_xml {
            let records = read_all(bytes.as_slice()).records;
            bytes = records.iter().map(|record| to_xml(record, "m:")).collect::<String>().into_bytes();
            bytes.splice(0..0, *b"<m:collection>");
        }
        mutations.iter().for_each(|mutation: &Mutation| mutation.apply(&mut bytes));
        if let Ok(reader) = Reader::new(bytes.as_slice()) {
            reader.flatten().for_each(|record| drop(TitleDraft::from(&record)));
        }
    }

    #[test]
    fn any_bytes_at_all_end_in_records_or_named_errors(
        start in prop::sample::select(vec![&b""[..], b"<", b"<collection>", b"<record>", b"00026nam a2200025   4500"]),
        rest in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let bytes = [start, &rest].concat();
        match Reader::new(bytes.as_slice()) {
            Ok(reader) => prop_assert!(reader.count() > 0, "a reader without a single item"),
            Err(NotMarc::Io(error)) => prop_assert!(false, "no I/O error was made: {error}"),
            Err(_) => {}
        }
    }

    #[test]
    fn the_pieces_in_which_a_file_arrives_do_not_matter(Records(file) in any_file(), mutation in any_mutation(), step in 1_usize..50) {
        let mut bytes = file.concat();
        mutation.apply(&mut bytes);
        prop_assume!(Reader::new(bytes.as_slice()).is_ok());
        let whole = read_all(bytes.as_slice());
        let pieces = read_all(Dribble { bytes: &bytes, step, calls: 0 });
        prop_assert_eq!(whole.records, pieces.records);
        prop_assert_eq!(whole.damaged, pieces.damaged);
    }
}
