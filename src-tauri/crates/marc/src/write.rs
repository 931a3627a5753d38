//! Writing ISO 2709 records in UTF-8.

use thiserror::Error;

use crate::{
    iso2709::{
        ENTRY_LENGTH, FIELD_TERMINATOR, MAX_ISO2709_BYTES, RECORD_TERMINATOR, SUBFIELD_DELIMITER,
    },
    record::{LEADER_LENGTH, Record, is_control_tag, is_tag},
};

/// Bytes in the longest field: its length has four digits.
const MAX_FIELD_BYTES: usize = 9_999;

/// Leader/05-08 of a new record of a printed book.
const NEW_BOOK: &str = "nam ";
/// Leader/17-19: full level, ISBD, no linked records.
const FULL_ISBD: &str = " i ";

/// Why a record cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WriteError {
    /// Not a control field's or a data field's tag, as the call needs.
    #[error("{tag:?} is no tag for such a field; control fields are 001–009, data fields 010–999")]
    Tag {
        /// The tag.
        tag: String,
    },
    /// An indicator or a subfield code that is not one printable ASCII character.
    #[error("field {tag} has an indicator or subfield code that is not printable ASCII")]
    Codes {
        /// The field's tag.
        tag: String,
    },
    /// Text with one of the characters that end fields and records.
    #[error("field {tag} has a control character (1D, 1E or 1F) in its text; remove it")]
    Delimiter {
        /// The field's tag.
        tag: String,
    },
    /// More than ISO 2709 has room for.
    #[error("field {tag} has {bytes} bytes; {MAX_FIELD_BYTES} are possible")]
    FieldTooLong {
        /// The field's tag.
        tag: String,
        /// Its length.
        bytes: usize,
    },
    /// More than ISO 2709 has room for.
    #[error("the record has {bytes} bytes; {MAX_ISO2709_BYTES} are possible")]
    RecordTooLong {
        /// Its length.
        bytes: usize,
    },
    /// A record without fields could not be read back.
    #[error("the record has no fields; add at least one")]
    NoFields,
}

/// Collects the fields of a new record; mistakes are reported at the end.
#[derive(Clone, Debug)]
pub struct RecordBuilder {
    /// Leader/05-08 and leader/17-19.
    codes: (String, String),
    directory: Vec<u8>,
    data: Vec<u8>,
    mistake: Option<WriteError>,
}

impl Default for RecordBuilder {
    fn default() -> Self {
        Self {
            codes: (NEW_BOOK.to_owned(), FULL_ISBD.to_owned()),
            directory: Vec::new(),
            data: Vec::new(),
            mistake: None,
        }
    }
}

impl RecordBuilder {
    /// A record of a printed book without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a control field (001–009).
    #[must_use]
    pub fn control(mut self, tag: &str, value: &str) -> Self {
        self.push(tag, true, &[], value.as_bytes().to_vec());
        self
    }

    /// Adds a data field (010–999) of subfields: code and text.
    #[must_use]
    pub fn data(mut self, tag: &str, indicators: [char; 2], subfields: &[(char, &str)]) -> Self {
        let mut content = Vec::new();
        for (code, text) in subfields {
            // A code outside ASCII is refused by `push`; here it only must not be cut.
            content.push(SUBFIELD_DELIMITER);
            content.extend_from_slice(code.encode_utf8(&mut [0; 4]).as_bytes());
            content.extend_from_slice(text.as_bytes());
        }
        let codes: Vec<char> = subfields.iter().map(|(code, _)| *code).collect();
        let texts_are_clean = subfields.iter().all(|(_, text)| !text.bytes().any(is_delimiter));
        if indicators.iter().any(|indicator| !(' '..='~').contains(indicator))
            || codes.iter().any(|code| !code.is_ascii_graphic())
        {
            self.mistake.get_or_insert(WriteError::Codes { tag: tag.to_owned() });
        } else if !texts_are_clean {
            self.mistake.get_or_insert(WriteError::Delimiter { tag: tag.to_owned() });
        } else {
            let indicators = indicators.map(|indicator| indicator as u8);
            self.push(tag, false, &indicators, content);
        }
        self
    }

    fn push(&mut self, tag: &str, is_control: bool, indicators: &[u8], content: Vec<u8>) {
        let bytes = indicators.len() + content.len() + 1;
        let own_tag = tag.to_owned();
        let mistake = if !is_tag(tag.as_bytes()) || is_control_tag(tag) != is_control {
            WriteError::Tag { tag: own_tag }
        } else if is_control && content.iter().copied().any(is_delimiter) {
            WriteError::Delimiter { tag: own_tag }
        } else if bytes > MAX_FIELD_BYTES {
            WriteError::FieldTooLong { tag: own_tag, bytes }
        } else {
            let entry = format!("{tag}{bytes:04}{:05}", self.data.len());
            self.directory.extend_from_slice(entry.as_bytes());
            self.data.extend_from_slice(indicators);
            self.data.extend_from_slice(&content);
            self.data.push(FIELD_TERMINATOR);
            return;
        };
        self.mistake.get_or_insert(mistake);
    }

    /// The record as ISO 2709 in UTF-8.
    ///
    /// # Errors
    /// The first mistake that was made in building it, or that it is too long.
    pub fn to_iso2709(&self) -> Result<Vec<u8>, WriteError> {
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone());
        }
        if self.directory.is_empty() {
            return Err(WriteError::NoFields);
        }
        debug_assert!(self.directory.len().is_multiple_of(ENTRY_LENGTH));
        let base = LEADER_LENGTH + self.directory.len() + 1;
        let bytes = base + self.data.len() + 1;
        if bytes > MAX_ISO2709_BYTES {
            return Err(WriteError::RecordTooLong { bytes });
        }
        let (status, level) = &self.codes;
        let mut record = format!("{bytes:05}{status}a22{base:05}{level}4500").into_bytes();
        record.extend_from_slice(&self.directory);
        record.push(FIELD_TERMINATOR);
        record.extend_from_slice(&self.data);
        record.push(RECORD_TERMINATOR);
        Ok(record)
    }
}

/// Takes over the fields and the kind of material; control fields come first.
impl From<&Record> for RecordBuilder {
    fn from(record: &Record) -> Self {
        let leader = record.leader.as_str();
        let codes = (leader[5..9].to_owned(), leader[17..20].to_owned());
        let mut builder = Self { codes, ..Self::default() };
        for field in &record.control_fields {
            builder = builder.control(&field.tag, &field.value);
        }
        for field in &record.data_fields {
            let subfields: Vec<(char, &str)> = field
                .subfields
                .iter()
                .map(|subfield| (subfield.code, subfield.value.as_str()))
                .collect();
            builder = builder.data(&field.tag, field.indicators, &subfields);
        }
        builder
    }
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, RECORD_TERMINATOR | FIELD_TERMINATOR | SUBFIELD_DELIMITER)
}
