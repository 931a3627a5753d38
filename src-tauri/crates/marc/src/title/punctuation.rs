//! ISBD punctuation, which MARC records carry inside their fields.

/// Words whose full stop belongs to them, besides those without a vowel (Jr., Dr., TP.).
const ABBREVIATIONS: [&str; 14] = [
    "assn", "co", "corp", "ed", "eds", "esq", "etc", "inc", "intl", "op", "pub", "publ", "rev",
    "univ",
];

/// Without what ISBD puts between elements and at the end: `/ : ; = ,` and the full stop, unless
/// it belongs to an abbreviation, an initial or an ellipsis; and without the brackets around a
/// whole text that the cataloguer supplied.
pub(super) fn trim_end(text: &str) -> String {
    let mut text = text.trim();
    loop {
        let before = text;
        text = text.trim_end_matches([' ', '/', ':', ';', '=', ',']);
        if ends_with_full_stop(text) {
            text = &text[..text.len() - 1];
        }
        if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'))
            && !inner.contains(['[', ']'])
        {
            text = inner.trim();
        }
        if text == before {
            return text.to_owned();
        }
    }
}

/// Whether a name stands for "publisher unknown".
pub(super) fn is_placeholder(name: &str) -> bool {
    let letters: String = name.chars().filter(|letter| letter.is_alphabetic()).collect();
    ["sn", "publishernotidentified", "publishernotnamed"].contains(&letters.to_lowercase().as_str())
}

fn ends_with_full_stop(text: &str) -> bool {
    let Some(rest) = text.strip_suffix('.') else {
        return false;
    };
    let word = rest.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    if word.is_empty() {
        // "Jazz)." ends a sentence, "Jazz..." trails off.
        return rest.ends_with([')', ']', '"', '”', '!', '?']);
    }
    // Word length tells nothing: whole Vietnamese names have two letters.
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let is_consonants =
        word.chars().all(|letter| letter.is_ascii_alphabetic() && !"aeiouyAEIOUY".contains(letter));
    !is_initial && !is_consonants && !ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}
