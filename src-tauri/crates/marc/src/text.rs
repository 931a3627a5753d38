//! Small text work that the forms and the title mapping share.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in normalisation form C; copies once where it is already.
pub(crate) fn nfc(text: &str) -> String {
    // Most of most catalogues; the general test costs ten times as much.
    if text.is_ascii() {
        return text.to_owned();
    }
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect(),
    }
}

/// Without control characters and byte order marks; runs of white space become one space; trimmed.
pub(crate) fn tidy(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|character| {
            character.is_whitespace() || !(character.is_control() || *character == '\u{FEFF}')
        })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
