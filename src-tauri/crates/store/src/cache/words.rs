//! Words as they are indexed and as they are looked up.
//!
//! A text is indexed by its words without case and tones, and by those of its words that carry tones
//! as they are written. So `duong` finds `Đường`, and `đường` can ask for what is written that way
//! before it asks for the rest.

use lienthu_domain::text::{fold_case, fold_vi};

/// Characters of a query that are read; more than anyone types.
const QUERY_CHARS_MAX: usize = 200;
/// Words of a query that are looked up; those beyond are left out.
const QUERY_WORDS_MAX: usize = 12;

/// The words of a text as they are written, in small letters, with one space between.
pub(super) fn toned(text: &str) -> String {
    fold_case(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is put into the index for a text.
pub(super) fn indexed(text: &str) -> String {
    let mut words = fold_vi(text);
    for word in toned(text).split(' ') {
        if fold_vi(word) != word {
            words.push(' ');
            words.push_str(word);
        }
    }
    words
}

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    /// Without case and tones.
    pub(super) folded: String,
    /// As it was typed, in small letters; nothing when there are no tones in it.
    pub(super) toned: Option<String>,
}

impl Query {
    /// Nothing when there is no word in the text.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().take(QUERY_CHARS_MAX).collect();
        let folded = fold_vi(&text);
        let toned = toned(&text);
        let toned = (toned != folded).then_some(toned);
        (!folded.is_empty()).then_some(Self { folded, toned })
    }

    /// For FTS5: all words as beginnings of words, without case and tones.
    pub(super) fn match_folded(&self) -> String {
        match_all(&self.folded)
    }

    /// For FTS5: all words as beginnings of words, as they were typed.
    pub(super) fn match_toned(&self) -> Option<String> {
        self.toned.as_deref().map(match_all)
    }

    /// Whether every word, as it was typed, begins a word of the text.
    pub(super) fn is_held_as_typed_by(&self, toned_text: &str) -> bool {
        self.toned.as_ref().is_some_and(|query| {
            query.split(' ').all(|typed| toned_text.split(' ').any(|word| word.starts_with(typed)))
        })
    }
}

/// Each word is a string of letters and digits in quotes, so nothing in it can be taken for syntax.
fn match_all(words: &str) -> String {
    words
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(QUERY_WORDS_MAX)
        .map(|word| format!("\"{word}\"*"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The end of the range of texts that begin with `prefix`.
pub(super) fn after(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_tones_are_indexed_both_ways() {
        assert_eq!(indexed("Đường về, Lan!"), "duong ve lan đường về");
        assert_eq!(indexed("…"), "");
    }

    #[test]
    fn only_a_query_with_tones_asks_for_them() {
        assert_eq!(Query::read("duong ve").unwrap().toned, None);
        let query = Query::read("  Đường \"ve OR *").unwrap();
        assert_eq!(query.match_toned().unwrap(), r#""đường"* "ve"* "or"*"#);
        assert_eq!(query.match_folded(), r#""duong"* "ve"* "or"*"#);
        assert_eq!(Query::read(" \0-\" "), None);
    }
}
