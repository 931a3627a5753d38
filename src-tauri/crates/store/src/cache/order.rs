//! Vietnamese order: a, ă, â, b, c, d, đ, e, ê, …, tones after letters.

use std::sync::Arc;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale::locale;
use lienthu_port::error::StoreError;

/// A text in which every part of a sort key has a say.
const SAMPLE: &str = "Đường về – «ăn Ơn» ưu 123";

/// Makes sort keys: bytes that compare as the texts do.
#[derive(Clone)]
pub(super) struct Order(Arc<CollatorBorrowed<'static>>);

impl Order {
    pub(super) fn vietnamese() -> Result<Self, StoreError> {
        Collator::try_new(locale!("vi").into(), CollatorOptions::default())
            .map(|collator| Self(Arc::new(collator)))
            .map_err(|error| StoreError::Unexpected { detail: format!("collation: {error}") })
    }

    pub(super) fn key(&self, text: &str) -> Vec<u8> {
        let mut key = Vec::with_capacity(text.len() * 3);
        let Ok(()) = self.0.write_sort_key_to(text, &mut key);
        key
    }

    /// Differs between versions of the collation whose keys cannot be mixed.
    pub(super) fn sample(&self) -> Vec<u8> {
        self.key(SAMPLE)
    }
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Order(vi)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_in_a_vietnamese_dictionary() {
        let order = Order::vietnamese().unwrap();
        let sorted = [
            "an", "ăn", "ân", "Da", "dạ", "Dương", "Đa", "Đào", "Đặng", "em", "ếch", "ô", "ơ", "u",
            "ư",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by_key(|text| order.key(text));
        assert_eq!(shuffled, sorted);
    }
}
