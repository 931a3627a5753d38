//! Text as people type, scan and search it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds text for searching: lower case, no tones and no diacritics, `đ` as `d`, anything that is no
/// letter or digit as one space. `nguyen` then finds `Nguyễn` and `duong` finds `Đường`.
#[must_use]
pub fn fold_vi(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'đ' => folded.push('d'),
            c if is_combining_mark(c) => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// The text as it was meant, for comparing what was typed with tones: lower case, composed, single
/// spaces.
#[must_use]
pub fn fold_case(text: &str) -> String {
    let lower: String = text.nfc().flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Free text from outside, fit to be stored: composed, without control characters, single spaces, cut
/// at `chars_max` characters.
#[must_use]
pub fn clean(text: &str, chars_max: usize) -> String {
    let spaced: String = text.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = joined.chars().take(chars_max).collect();
    cut.trim_end().to_owned()
}

/// The digits of an ISBN for looking it up; keys themselves stay as they are.
#[must_use]
pub fn isbn_digits(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, 'x' | 'X'))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// The longest thing that a scanner or a person may put into the scan box, in characters.
pub const SCAN_CHARS_MAX: usize = 64;

/// What came out of the scan box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scan {
    /// What may be a card or a barcode.
    Code(String),
    /// Nothing but white space and control characters.
    Empty,
    /// Longer than [`SCAN_CHARS_MAX`]: two scans run together, or a paste.
    TooLong,
    /// Letters that no label carries.
    NotACode,
}

/// Reads the scan box. A Vietnamese input method turns scanned `DD` into `Đ` and `AA` into `Â`; labels
/// carry ASCII, so that is undone.
#[must_use]
pub fn read_scan(text: &str) -> Scan {
    // Count before anything else: nothing is worth doing with ten thousand characters.
    if text.chars().take(SCAN_CHARS_MAX * 4 + 1).count() > SCAN_CHARS_MAX * 4 {
        return Scan::TooLong;
    }
    let plain: String = undo_telex(&text.nfc().filter(|c| !c.is_control()).collect::<String>());
    let plain = plain.trim();
    if plain.is_empty() {
        Scan::Empty
    } else if plain.chars().count() > SCAN_CHARS_MAX {
        Scan::TooLong
    } else if plain.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        Scan::Code(plain.to_owned())
    } else {
        Scan::NotACode
    }
}

/// Telex letters back to the keys that made them.
fn undo_telex(text: &str) -> String {
    let mut keys = String::with_capacity(text.len());
    for c in text.chars() {
        keys.push_str(match c {
            'đ' => "dd",
            'Đ' => "DD",
            'â' => "aa",
            'Â' => "AA",
            'ê' => "ee",
            'Ê' => "EE",
            'ô' => "oo",
            'Ô' => "OO",
            'ă' => "aw",
            'Ă' => "AW",
            'ơ' => "ow",
            'Ơ' => "OW",
            'ư' => "uw",
            'Ư' => "UW",
            c => {
                keys.push(c);
                continue;
            }
        });
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folding_finds_vietnamese_by_plain_letters() {
        for (text, folded) in [
            ("Nguyễn Du", "nguyen du"),
            ("Đường  về, «Đắk Lắk»", "duong ve dak lak"),
            ("TƯỚNG VỀ HƯU", "tuong ve huu"),
            ("D\u{1b0}\u{301}i  ", "dui"),
            ("  …  ", ""),
        ] {
            assert_eq!(fold_vi(text), folded, "{text}");
        }
    }

    #[test]
    fn a_scan_through_a_vietnamese_input_method_is_what_the_label_says() {
        assert_eq!(read_scan("Đ1000-Â2\r\n"), Scan::Code("DD1000-AA2".into()));
        assert_eq!(read_scan("\u{2}Q001\t"), Scan::Code("Q001".into()));
        assert_eq!(read_scan("\u{0}\n "), Scan::Empty);
        assert_eq!(read_scan("漢字"), Scan::NotACode);
        assert_eq!(read_scan(&"1".repeat(10_000)), Scan::TooLong);
        assert_eq!(read_scan(&"1".repeat(SCAN_CHARS_MAX + 1)), Scan::TooLong);
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in ".{0,60}") {
            let once = fold_vi(&text);
            prop_assert_eq!(fold_vi(&once), once);
        }

        #[test]
        fn a_cleaned_text_has_no_control_characters_and_fits(text in any::<String>(), max in 0usize..50) {
            let cleaned = clean(&text, max);
            prop_assert!(cleaned.chars().count() <= max);
            prop_assert!(!cleaned.chars().any(char::is_control));
        }
    }
}
