//! Each kind of damage is named, with its place, and the records around it are read.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Read as _;

use common::{read_all, record_titled, titles};
use lienthu_marc::{Damaged, MAX_ISO2709_BYTES, MAX_XML_BYTES, Reason};

/// Where the directory of [`record_titled`] begins and ends: two entries.
const DIRECTORY: std::ops::Range<usize> = 24..48;

/// Reads a good record, the damaged one, a good record; gives the reason for the middle one.
fn reason_between_neighbours(damaged: &[u8]) -> Reason {
    let (first, last) = (record_titled("một"), record_titled("ba"));
    let outcome = read_all([&first, damaged, &last].concat().as_slice());
    assert_eq!(titles(&outcome), ["một", "ba"], "neighbours of {}", damaged.escape_ascii());
    let [Damaged { ordinal, byte_offset, reason }] = &outcome.damaged[..] else {
        panic!("not one item for one damaged record: {:?}", outcome.damaged)
    };
    assert_eq!((*ordinal, *byte_offset), (2, first.len() as u64));
    reason.clone()
}

/// The reason for a record with these bytes put at this place.
fn reason_with(at: usize, bytes: &[u8]) -> Reason {
    let mut record = record_titled("Số đỏ");
    record[at..at + bytes.len()].copy_from_slice(bytes);
    reason_between_neighbours(&record)
}

#[test]
fn leaders() {
    assert_eq!(
        reason_with(0, b"x"),
        Reason::BadLeader { what: "the record length is not a number" }
    );
    assert_eq!(
        reason_with(0, b"     "),
        Reason::BadLeader { what: "the record length is not a number" }
    );
    assert_eq!(
        reason_with(13, b"x"),
        Reason::BadLeader { what: "the base address is not a number" }
    );
    assert!(matches!(reason_with(5, b"\xFF"), Reason::BadLeader { .. }));
    assert!(matches!(reason_between_neighbours(b"00005\x1D"), Reason::BadLeader { .. }));
    let length = record_titled("Số đỏ").len();
    assert_eq!(reason_with(0, b"00099"), Reason::WrongLength { declared: 99, found: length });
    assert_eq!(reason_with(0, b"00030"), Reason::WrongLength { declared: 30, found: length });
    assert_eq!(reason_with(12, b"00030"), Reason::BaseAddress { base_address: 30 });
    assert_eq!(reason_with(12, b"99999"), Reason::BaseAddress { base_address: 99_999 });
}

#[test]
fn directories() {
    let Reason::DirectoryLength { bytes } = reason_with(12, b"00057") else { panic!() };
    assert_eq!(bytes, 32);
    assert_eq!(reason_with(DIRECTORY.start, b"\xC3"), Reason::DirectoryEntry { entry: 1 });
    assert_eq!(reason_with(DIRECTORY.start + 15, b"x"), Reason::DirectoryEntry { entry: 2 });
    let tag = || "245".to_owned();
    assert_eq!(reason_with(DIRECTORY.start + 15, b"9999"), Reason::FieldOutside { tag: tag() });
    assert_eq!(reason_with(DIRECTORY.start + 19, b"99999"), Reason::FieldOutside { tag: tag() });
    assert_eq!(reason_with(DIRECTORY.start + 15, b"0005"), Reason::FieldTerminator { tag: tag() });
    let record = record_titled("Số đỏ");
    let same = record[DIRECTORY.start + 3..DIRECTORY.start + 12].to_vec();
    let mut claims_twice = record_titled("ab");
    claims_twice[DIRECTORY.start + 15..DIRECTORY.end].copy_from_slice(&same);
    // Both entries name the eight bytes of 001; there are fifteen in all.
    assert_eq!(reason_between_neighbours(&claims_twice), Reason::FieldsOverlap);
}

#[test]
fn terminators() {
    let whole = record_titled("Số đỏ");
    let last = whole.len() - 1;
    let tag = "245".to_owned();
    assert_eq!(reason_with(last, b"x"), Reason::NotTerminated);
    assert_eq!(reason_between_neighbours(&whole[..last]), Reason::NotTerminated);
    assert_eq!(reason_with(last - 1, b"x"), Reason::FieldTerminator { tag });
    assert_eq!(reason_with(DIRECTORY.end, b"x"), Reason::BaseAddress { base_address: 49 });
    let cut = Reason::WrongLength { declared: whole.len(), found: 55 };
    assert_eq!(reason_between_neighbours(&whole[..55]), cut);
    assert_eq!(reason_with(53, b"\x1D"), Reason::StrayTerminator { at: 53 });
}

#[test]
fn text() {
    let title = record_titled("Số đỏ").len() - 2 - "Số đỏ".len();
    assert_eq!(reason_with(title + 1, b"\xE1\x40"), Reason::InvalidUtf8 { at: title + 1 });
    let mut marc8 = common::declared(record_titled("jazz"), lienthu_marc::Encoding::Marc8);
    marc8[title] = 0x85;
    let unknown = Reason::UnknownMarc8 { tag: "245".to_owned(), bytes: "85".to_owned() };
    assert_eq!(reason_between_neighbours(&marc8), unknown);
    let codes = || Reason::FieldCodes { tag: "245".to_owned() };
    assert_eq!(reason_with(title - 1, b"\x07"), codes());
    let at = title - 4;
    let mut indicator = common::declared(record_titled("jazz"), lienthu_marc::Encoding::Marc8);
    indicator[at] = 0xE2;
    assert_eq!(reason_between_neighbours(&indicator), codes());
}

#[test]
fn a_file_that_was_cut_off() {
    let (first, second) = (record_titled("một"), record_titled("hai"));
    let file = [&first[..], &second[..]].concat();
    for found in 1..second.len() {
        let outcome = read_all(&file[..first.len() + found]);
        assert_eq!(titles(&outcome), ["một"]);
        assert_eq!(outcome.reasons(), [Reason::Truncated { found }]);
    }
}

#[test]
fn records_larger_than_the_bound_are_passed_over_in_little_memory() {
    let good = record_titled("một");
    let junk = std::io::repeat(b'x').take(30_000_000);
    let file = good.as_slice().chain(junk).chain(b"\x1D".as_slice()).chain(good.as_slice());
    let outcome = read_all(file);
    assert_eq!(titles(&outcome), ["một", "một"]);
    assert_eq!(outcome.reasons(), [Reason::TooLarge { bound: MAX_ISO2709_BYTES }]);

    let record = "<record><leader/><datafield tag='245'><subfield code='a'>một</subfield></datafield></record>";
    let start = format!("<collection>{record}<record><leader>");
    let end = format!("</leader></record>{record}</collection>");
    let junk = std::io::repeat(b'x').take(30_000_000);
    let outcome = read_all(start.as_bytes().chain(junk).chain(end.as_bytes()));
    assert_eq!(titles(&outcome), ["một", "một"]);
    assert_eq!(outcome.reasons(), [Reason::TooLarge { bound: MAX_XML_BYTES }]);
}

/// The reason for this XML between two good records of a collection.
fn xml_reason_between_neighbours(damaged: &str) -> Reason {
    let good = "<record><datafield tag='245' ind1='1' ind2='0'><subfield code='a'>một</subfield></datafield></record>";
    let start = format!("<collection>{good}\n");
    let outcome = read_all(format!("{start}{damaged}\n{good}</collection>").as_bytes());
    assert_eq!(titles(&outcome), ["một", "một"], "neighbours of {damaged}");
    let [Damaged { ordinal: 2, byte_offset, reason }] = &outcome.damaged[..] else {
        panic!("not one item for one damaged record: {:?}", outcome.damaged)
    };
    assert_eq!(*byte_offset, start.len() as u64);
    reason.clone()
}

#[test]
fn marcxml() {
    let syntax = |xml: &str| {
        let reason = xml_reason_between_neighbours(xml);
        assert!(matches!(reason, Reason::XmlSyntax { .. }), "{reason:?} for {xml}");
    };
    let element = |xml: &str, element: &str| {
        let expected = Reason::XmlElement { element: element.to_owned() };
        assert_eq!(xml_reason_between_neighbours(xml), expected);
    };
    syntax("<record><leader></record>");
    syntax("<record><controlfield tag='001'>x</controlfield>");
    syntax("<record><controlfield tag='001>x</controlfield></record>");
    syntax("<record><controlfield tag='001'>&nbsp;</controlfield></record>");
    syntax("<record>text<controlfield tag='001'>x</controlfield></record>");
    element("<record><datafield tag='24'/></record>", "datafield");
    element("<record><controlfield tag='245'>x</controlfield></record>", "controlfield");
    element("<record><datafield tag='245'><subfield>x</subfield></datafield></record>", "subfield");
    element("<record><field/></record>", "field");
    assert_eq!(xml_reason_between_neighbours("<record/>"), Reason::NoFields);
    assert_eq!(xml_reason_between_neighbours("<recrd></record>"), Reason::XmlBetweenRecords);
    let long = format!("<record><leader>{}</leader></record>", "x".repeat(25));
    assert!(matches!(xml_reason_between_neighbours(&long), Reason::BadLeader { .. }));

    let good = "<collection><record><controlfield tag='001'>x</controlfield></record>";
    let cut = read_all(good.as_bytes());
    assert_eq!((cut.records.len(), cut.reasons()), (1, vec![Reason::XmlCollectionNotClosed]));
    let cut = read_all(format!("{good}<record><contr").as_bytes());
    assert_eq!((cut.records.len(), cut.reasons()), (1, vec![Reason::Truncated { found: 14 }]));
}
