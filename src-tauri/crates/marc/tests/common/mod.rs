//! What the tests of this crate share: records of random content, files of them, and reading all.
#![allow(dead_code, clippy::unwrap_used)]

use std::fmt::Write as _;

use lienthu_marc::{
    ControlField, Damaged, DataField, Encoding, ReadError, Reader, Reason, Record,
    write::RecordBuilder,
};
use proptest::prelude::*;
use quick_xml::escape::escape;
use unicode_normalization::UnicodeNormalization;

/// A record's content without its place in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    pub control_fields: Vec<ControlField>,
    pub data_fields: Vec<DataField>,
}

impl From<Record> for Content {
    fn from(record: Record) -> Self {
        Self { control_fields: record.control_fields, data_fields: record.data_fields }
    }
}

/// What a file gave.
#[derive(Debug)]
pub struct Outcome {
    pub records: Vec<Record>,
    pub damaged: Vec<Damaged>,
}

impl Outcome {
    pub fn contents(self) -> Vec<Content> {
        self.records.into_iter().map(Content::from).collect()
    }

    pub fn reasons(&self) -> Vec<Reason> {
        self.damaged.iter().map(|damaged| damaged.reason.clone()).collect()
    }
}

/// Reads everything; checks what holds of every file: items are numbered without gaps, and each
/// begins behind the one before.
pub fn read_all(file: impl std::io::Read) -> Outcome {
    let mut outcome = Outcome { records: Vec::new(), damaged: Vec::new() };
    let mut last_offset = None;
    for (index, item) in Reader::new(file).unwrap().enumerate() {
        let (ordinal, offset) = match item {
            Ok(record) => {
                let position = record.position;
                outcome.records.push(record);
                (position.ordinal, position.byte_offset)
            }
            Err(ReadError::Damaged(damaged)) => {
                let position = (damaged.ordinal, damaged.byte_offset);
                outcome.damaged.push(damaged);
                position
            }
            Err(ReadError::Io(error)) => panic!("no I/O error was made: {error}"),
        };
        assert_eq!(ordinal, index as u64 + 1);
        assert!(last_offset < Some(offset), "item {ordinal} begins at {offset}");
        last_offset = Some(offset);
    }
    outcome
}

/// A small record of this title in UTF-8.
pub fn record_titled(title: &str) -> Vec<u8> {
    RecordBuilder::new()
        .control("001", "local-1")
        .data("245", ['1', '0'], &[('a', title)])
        .to_iso2709()
        .unwrap()
}

/// The same bytes declared as another encoding by leader/09.
pub fn declared(mut record: Vec<u8>, encoding: Encoding) -> Vec<u8> {
    record[9] = if encoding == Encoding::Utf8 { b'a' } else { b' ' };
    record
}

/// The titles that a file gave.
pub fn titles(outcome: &Outcome) -> Vec<&str> {
    outcome.records.iter().flat_map(|record| record.values("245", 'a')).collect()
}

/// A record as MARCXML, its element names behind `prefix`.
pub fn to_xml(record: &Record, prefix: &str) -> String {
    let mut xml =
        format!("<{prefix}record>\n<{prefix}leader>{}</{prefix}leader>\n", record.leader.as_str());
    for field in &record.control_fields {
        let value = escape(&field.value);
        let tag = &field.tag;
        writeln!(xml, "<{prefix}controlfield tag=\"{tag}\">{value}</{prefix}controlfield>")
            .unwrap();
    }
    for field in &record.data_fields {
        let [first, second] = field.indicators.map(|indicator| indicator.to_string());
        writeln!(
            xml,
            "<{prefix}datafield tag=\"{}\" ind1=\"{}\" ind2=\"{}\">",
            field.tag,
            escape(&first),
            escape(&second)
        )
        .unwrap();
        for subfield in &field.subfields {
            let code = subfield.code.to_string();
            let (code, value) = (escape(&code), escape(&subfield.value));
            writeln!(xml, "<{prefix}subfield code=\"{code}\">{value}</{prefix}subfield>").unwrap();
        }
        writeln!(xml, "</{prefix}datafield>").unwrap();
    }
    writeln!(xml, "</{prefix}record>").unwrap();
    xml
}

/// The bytes of a file, record by record; failing tests print them readably.
#[derive(Clone)]
pub struct Records(pub Vec<Vec<u8>>);

impl std::fmt::Debug for Records {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_list()
            .entries(self.0.iter().map(|record| record.escape_ascii().to_string()))
            .finish()
    }
}

/// Some records in ISO 2709.
pub fn any_file() -> impl Strategy<Value = Records> {
    prop::collection::vec(any_record(), 3..8).prop_map(|records| {
        Records(records.iter().map(|record| record.to_iso2709().unwrap()).collect())
    })
}

/// Text that is Unicode NFC and full of what breaks readers.
fn any_text() -> impl Strategy<Value = String> {
    let characters = "azAZ09 ./:;&<>\"'{}đĐàáâăạấầẫậắằơưừựỹÂƯ東京Жא–";
    let characters: Vec<char> = characters.chars().collect();
    prop::collection::vec(prop::sample::select(characters), 1..24)
        .prop_map(|text| text.into_iter().nfc().collect())
}

fn any_subfields() -> impl Strategy<Value = Vec<(char, String)>> {
    prop::collection::vec((prop::char::range('a', 'z'), any_text()), 1..4)
}

/// A builder of a record with random fields.
pub fn any_record() -> impl Strategy<Value = RecordBuilder> {
    let indicator = prop::sample::select(vec![' ', '0', '1', '9']);
    let data = prop::collection::vec(
        (10_u16..1000, [indicator.clone(), indicator], any_subfields()),
        1..6,
    );
    (any_text(), data).prop_map(|(number, fields)| {
        let mut record = RecordBuilder::new().control("001", &number);
        for (tag, indicators, subfields) in fields {
            let subfields: Vec<(char, &str)> =
                subfields.iter().map(|(code, text)| (*code, text.as_str())).collect();
            record = record.data(&format!("{tag:03}"), indicators, &subfields);
        }
        record
    })
}

/// One change to the bytes of a record; the place is taken modulo its length.
#[derive(Clone, Debug)]
pub enum Mutation {
    Replace(usize, u8),
    Insert(usize, u8),
    Remove(usize, usize),
}

pub fn any_mutation() -> impl Strategy<Value = Mutation> {
    // Half of the bytes are those with a meaning in one of the forms.
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b"\x1D\x1E\x1F\x1B 0192<>/&\"!-\xE2\xC3\x85".to_vec())
    ];
    prop_oneof![
        (any::<usize>(), byte.clone()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (any::<usize>(), byte).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        (any::<usize>(), 1_usize..200).prop_map(|(at, count)| Mutation::Remove(at, count)),
    ]
}

impl Mutation {
    pub fn apply(&self, record: &mut Vec<u8>) {
        if record.is_empty() {
            return;
        }
        match *self {
            Self::Replace(at, byte) => {
                let at = at % record.len();
                record[at] = byte;
            }
            Self::Insert(at, byte) => record.insert(at % record.len(), byte),
            Self::Remove(at, count) => {
                let at = at % record.len();
                record.drain(at..(at + count).min(record.len()));
            }
        }
    }
}
