//! The language of what is printed for people.

use clap::ValueEnum;
use lienthu_port::message::Message;

/// A sentence in Vietnamese and English.
pub type Sentence = (&'static str, &'static str);

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Language {
    /// The language of this account: English where it says so, else Vietnamese.
    #[must_use]
    pub fn of_account() -> Self {
        Self::of_locale(sys_locale::get_locale().as_deref())
    }

    fn of_locale(locale: Option<&str>) -> Self {
        match locale {
            Some(locale) if locale.to_ascii_lowercase().starts_with("en") => Self::En,
            _ => Self::Vi,
        }
    }

    /// The sentence in this language.
    #[must_use]
    pub const fn pick(self, (vi, en): Sentence) -> &'static str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }

    /// The message in this language.
    #[must_use]
    pub fn say(self, message: &Message) -> &str {
        match self {
            Self::Vi => &message.vi,
            Self::En => &message.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_english_account_reads_english() {
        for (locale, expected) in [
            (Some("en-US"), Language::En),
            (Some("EN"), Language::En),
            (Some("vi-VN"), Language::Vi),
            (Some("C"), Language::Vi),
            (None, Language::Vi),
        ] {
            assert_eq!(Language::of_locale(locale), expected, "{locale:?}");
        }
    }
}
