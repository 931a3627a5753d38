//! Keys that a proof writes itself.

use std::fmt::Debug;
use std::str::FromStr;

/// A key, date or time from a text that the proof wrote itself.
///
/// # Panics
/// When the text is none: a mistake in the proof, found the first time it runs.
#[track_caller]
pub fn key<K>(text: impl AsRef<str>) -> K
where
    K: FromStr,
    K::Err: Debug,
{
    let text = text.as_ref();
    match text.parse() {
        Ok(key) => key,
        Err(error) => panic!("the proof wrote '{text}', which is no key: {error:?}"),
    }
}
