//! From a record to what a list of titles wants to know of it.

mod fields;
mod punctuation;

use thiserror::Error;

use crate::{record::Record, text::tidy};
use punctuation::trim_end;

/// Room for one text in the target columns, NVARCHAR(255): 255 UTF-16 code units, so at most as
/// many characters.
pub const MAX_TEXT_UNITS: usize = 255;

/// What replaces the end of a text that has no room.
const ELLIPSIS: char = '…';

/// A title as a catalogue record describes it: text is tidied (no control characters, single
/// spaces), ISBD punctuation at the ends is gone, lengths fit the columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TitleDraft {
    /// First usable 020 $a: digits, hyphens as found, final X; no qualifier such as "(pbk.)", at
    /// most 20 characters, check digit unchecked.
    pub isbn: Option<String>,
    /// 001 behind the agency of 003: `(OCoLC)12345`, or 001 alone.
    pub control_number: Option<String>,
    /// 245 $a $b $n $p with the punctuation between them; empty if the record has no title.
    pub title: String,
    /// 100, 110 or 111 $a, else the statement of responsibility 245 $c, else 700 $a.
    pub author: Option<String>,
    /// 264 $b of a publication (second indicator 1), else 260 $b, else any 264 $b.
    pub publisher: Option<String>,
    /// First date of 008, else the first year of 264 or 260 $c.
    pub year: Option<i32>,
    /// Dewey class of 082, else 092: the number alone, without prime marks.
    pub ddc: Option<String>,
    /// 008/35-37, else 041 $a: the MARC language code, three letters as in ISO 639-2.
    pub language: Option<String>,
    /// Which texts were cut to [`MAX_TEXT_UNITS`].
    pub truncated: Vec<DraftField>,
}

/// A text of a [`TitleDraft`] that can be too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftField {
    /// [`TitleDraft::control_number`].
    ControlNumber,
    /// [`TitleDraft::title`].
    Title,
    /// [`TitleDraft::author`].
    Author,
    /// [`TitleDraft::publisher`].
    Publisher,
}

/// Why a draft cannot become a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unusable {
    /// 245 is missing or says nothing.
    #[error("the record has no title; add field 245 to it")]
    NoTitle,
}

impl TitleDraft {
    /// Whether this can become a title.
    ///
    /// # Errors
    /// [`Unusable`] says what is missing.
    pub fn usable(&self) -> Result<(), Unusable> {
        if self.title.is_empty() { Err(Unusable::NoTitle) } else { Ok(()) }
    }
}

impl From<&Record> for TitleDraft {
    fn from(record: &Record) -> Self {
        let mut truncated = Vec::new();
        let mut fit = |text: String, field| {
            let (text, was_cut) = cut(text);
            if was_cut {
                truncated.push(field);
            }
            text
        };
        Self {
            isbn: record.values("020", 'a').find_map(fields::isbn),
            control_number: control_number(record)
                .map(|number| fit(number, DraftField::ControlNumber)),
            title: fit(title(record), DraftField::Title),
            author: author(record).map(|author| fit(author, DraftField::Author)),
            publisher: publisher(record).map(|name| fit(name, DraftField::Publisher)),
            year: fields::year(record),
            ddc: record.values("082", 'a').chain(record.values("092", 'a')).find_map(fields::ddc),
            language: fields::language(record),
            truncated,
        }
    }
}

fn control_number(record: &Record) -> Option<String> {
    let number = some_text(tidy(record.control("001")?))?;
    match record.control("003").map(tidy).and_then(some_text) {
        Some(agency) => Some(format!("({agency}){number}")),
        None => Some(number),
    }
}

/// The punctuation that a cataloguer put between the parts stays; where there is none (ISBD
/// punctuation may be left out of records), the usual one is put in.
fn title(record: &Record) -> String {
    let Some(field) = record.fields("245").next() else {
        return String::new();
    };
    let mut title = String::new();
    let mut last = ' ';
    for subfield in &field.subfields {
        let part = tidy(&subfield.value);
        if !matches!(subfield.code, 'a' | 'b' | 'n' | 'p') {
            // The medium ($h) and others are not part of the title, but may carry the
            // punctuation before the next part.
            if subfield.code == 'h' && part.ends_with([':', '=', ';']) {
                title = format!("{} {}", trim_end(&title), &part[part.len() - 1..]);
            }
            continue;
        }
        if trim_end(&part).is_empty() {
            continue;
        }
        if !title.is_empty() {
            title.push_str(match subfield.code {
                _ if title.ends_with([':', '=', ';', ',', '.', '/']) => " ",
                'b' => " : ",
                'p' if last == 'n' => ", ",
                'n' | 'p' => ". ",
                _ => " ",
            });
        }
        title.push_str(&part);
        last = subfield.code;
    }
    trim_end(&title)
}

fn author(record: &Record) -> Option<String> {
    let heading = ["100", "110", "111"].into_iter().flat_map(|tag| record.values(tag, 'a'));
    heading.chain(record.values("245", 'c')).chain(record.values("700", 'a')).find_map(text_of)
}

fn publisher(record: &Record) -> Option<String> {
    let publication = record.fields("264").filter(|field| field.indicators[1] == '1');
    publication
        .chain(record.fields("260"))
        .chain(record.fields("264"))
        .flat_map(|field| field.values('b'))
        .filter_map(text_of)
        .find(|name| !punctuation::is_placeholder(name))
}

fn text_of(value: &str) -> Option<String> {
    some_text(trim_end(&tidy(value)))
}

fn some_text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Cuts at the end of a word where there is one in the second half, else between two characters,
/// never between a letter and its mark. True if it was cut.
fn cut(text: String) -> (String, bool) {
    if text.encode_utf16().count() <= MAX_TEXT_UNITS {
        return (text, false);
    }
    let mut units = ELLIPSIS.len_utf16();
    let mut end = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > MAX_TEXT_UNITS {
            break;
        }
        end = at + character.len_utf8();
    }
    let is_mark = unicode_normalization::char::is_combining_mark;
    while text[end..].starts_with(is_mark) && end > 0 {
        end -= text[..end].chars().next_back().map_or(0, char::len_utf8);
    }
    let word_end = if text[end..].starts_with(' ') { Some(end) } else { text[..end].rfind(' ') };
    if let Some(word_end) = word_end.filter(|word_end| *word_end >= end / 2) {
        end = word_end;
    }
    let mut kept = text[..end].trim_end_matches([' ', ',', ';', ':', '/', '=']).to_owned();
    kept.push(ELLIPSIS);
    (kept, true)
}
