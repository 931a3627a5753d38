//! A MARC21 record in memory: what all three forms have in common.

use crate::error::Reason;

/// Characters in a leader.
pub(crate) const LEADER_LENGTH: usize = 24;

/// One bibliographic record. All text is Unicode in normalisation form C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stood in its file.
    pub position: Position,
    /// What its bytes were encoded in, which is not always what the leader says.
    pub encoding: Encoding,
    /// The leader.
    pub leader: Leader,
    /// Fields 001 to 009, in the order of the record.
    pub control_fields: Vec<ControlField>,
    /// Fields 010 to 999, in the order of the record.
    pub data_fields: Vec<DataField>,
}

/// Where a record stood in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Which record of the file, damaged ones included; the first is 1.
    pub ordinal: u64,
    /// Where it begins, in bytes from the start of the file.
    pub byte_offset: u64,
}

/// What the bytes of a record were encoded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 (leader/09 `a`).
    Utf8,
    /// MARC-8 (leader/09 blank).
    Marc8,
}

/// The 24 characters at the head of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader(String);

/// A field without indicators and subfields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlField {
    /// Three characters, `001` to `009`.
    pub tag: String,
    /// Its content.
    pub value: String,
}

/// A field with indicators and subfields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataField {
    /// Three characters, `010` to `999`.
    pub tag: String,
    /// First and second indicator; a blank is a space.
    pub indicators: [char; 2],
    /// In the order of the field.
    pub subfields: Vec<Subfield>,
}

/// A part of a data field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subfield {
    /// One ASCII character.
    pub code: char,
    /// Its content, white space and punctuation as found.
    pub value: String,
}

impl Record {
    /// The first control field of this tag.
    pub fn control(&self, tag: &str) -> Option<&str> {
        self.control_fields.iter().find(|field| field.tag == tag).map(|field| field.value.as_str())
    }

    /// All data fields of this tag.
    pub fn fields<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a DataField> {
        self.data_fields.iter().filter(move |field| field.tag == tag)
    }

    /// All subfields of this code in all fields of this tag.
    pub fn values<'a>(&'a self, tag: &'a str, code: char) -> impl Iterator<Item = &'a str> {
        self.fields(tag).flat_map(move |field| field.values(code))
    }
}

impl DataField {
    /// All subfields of this code.
    pub fn values(&self, code: char) -> impl Iterator<Item = &str> {
        self.subfields
            .iter()
            .filter(move |subfield| subfield.code == code)
            .map(|subfield| subfield.value.as_str())
    }
}

impl Leader {
    /// Accepts printable ASCII of up to 24 characters; what is missing at its end is blank.
    pub(crate) fn parse(text: &str) -> Result<Self, Reason> {
        if text.len() > LEADER_LENGTH {
            return Err(Reason::BadLeader { what: "it is longer than 24 characters" });
        }
        if !text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
            return Err(Reason::BadLeader {
                what: "it has characters that are not printable ASCII",
            });
        }
        Ok(Self(format!("{text:<LEADER_LENGTH$}")))
    }

    /// All 24 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Leader/06: `a` language material, `j` musical sound recording, and so on.
    pub fn record_type(&self) -> char {
        char::from(self.0.as_bytes()[6])
    }

    /// What leader/09 claims the record to be encoded in.
    pub fn declared_encoding(&self) -> Encoding {
        if self.0.as_bytes()[9] == b'a' { Encoding::Utf8 } else { Encoding::Marc8 }
    }
}

/// Whether a tag is three ASCII letters or digits.
pub(crate) fn is_tag(tag: &[u8]) -> bool {
    tag.len() == 3 && tag.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether fields of this tag have no indicators and subfields.
pub(crate) fn is_control_tag(tag: &str) -> bool {
    tag.starts_with("00")
}
