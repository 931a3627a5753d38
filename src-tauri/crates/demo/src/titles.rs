//! The demo's own titles, and keys for titles without an ISBN.

use lienthu_domain::ids::TitleKey;
use lienthu_domain::replicated::Title;
use sha2::{Digest, Sha256};

use crate::data;
use crate::error::DemoError;

/// Hexadecimal digits of a local key: with [`PREFIX`] they fill 19 of the column's 20 characters.
const DIGITS: usize = 16;
const PREFIX: &str = "LT-";

/// A local key for whatever names a title: the same words give the same key on every machine, so that
/// reading a catalogue twice finds its titles again.
pub(crate) fn local_key(words: &[&str]) -> Result<TitleKey, DemoError> {
    let digest = hex::encode_upper(Sha256::digest(words.join("|")));
    TitleKey::parse(&format!("{PREFIX}{}", &digest[..DIGITS])).map_err(DemoError::own_key)
}

/// The titles of `data/titles.csv`.
pub(crate) fn own_titles() -> Result<Vec<Title>, DemoError> {
    data::titles()?
        .into_iter()
        .map(|row| {
            Ok(Title {
                key: local_key(&[&row.title, &row.author])?,
                name: row.title,
                author: row.author,
                publisher: row.publisher,
                year: row.year,
                ddc: row.ddc,
                language: row.language,
            })
        })
        .collect()
}
