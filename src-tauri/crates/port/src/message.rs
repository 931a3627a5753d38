//! What is said to a person: a code that programs act on, and a sentence in both languages.

use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::FlagKind;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A code with its sentence. The sentence says what to do, not only what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Message {
    /// Stable, in lower case with underscores.
    pub code: String,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Message {
    /// From a code and its two sentences.
    #[must_use]
    pub fn new(code: &str, (vi, en): (&str, &str)) -> Self {
        Self { code: code.to_owned(), vi: vi.to_owned(), en: en.to_owned() }
    }
}

impl From<Refusal> for Message {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code(), refusal.sentence())
    }
}

impl From<FlagKind> for Message {
    fn from(kind: FlagKind) -> Self {
        Self::new(kind.code(), kind.sentence())
    }
}

impl From<Hindrance> for Message {
    fn from(why: Hindrance) -> Self {
        Self::new(why.code(), why.sentence())
    }
}
