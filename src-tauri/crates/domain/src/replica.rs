//! Digests of the rows that every site holds whole, so that sites are compared without moving the rows. Every
//! kind of site computes them to the byte as they are defined here; the T-SQL ones in `sql/site`, by the
//! functions ReplicaRows and ReplicaPieces.
//!
//! A row is written as one text ([`canonical`]), the text is hashed, and the first sixteen bytes of the hash are
//! four numbers. The digest of many rows is how many they are and the sums of these numbers: whatever the order
//! in which a site reads its rows, and however they are cut into buckets, what belongs together adds up. It is
//! made to find what went wrong, not what someone forged.

use std::fmt;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use specta::Type;
use thiserror::Error;

use crate::action::Resource;
use crate::coded::coded;
use crate::replicated::ReplicatedRow;

/// A table that every site holds whole.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaTable {
    /// CHINHANH.
    Branch,
    /// SACH, without the titles that are marked removed.
    Title,
    /// Loan policy.
    Policy,
    /// Closed days.
    ClosedDay,
}

coded!(ReplicaTable {
    Branch = "branch",
    Title = "title",
    Policy = "policy",
    ClosedDay = "closed_day",
});

impl ReplicaTable {
    /// The table of such a row; nothing where it is in none of them.
    #[must_use]
    pub const fn of(resource: &Resource) -> Option<Self> {
        match resource {
            Resource::Branch(_) => Some(Self::Branch),
            Resource::Title(_) => Some(Self::Title),
            Resource::Policy(..) => Some(Self::Policy),
            Resource::ClosedDay(..) => Some(Self::ClosedDay),
            Resource::Membership | Resource::Copy(_) => None,
        }
    }
}

/// A row as one text: its columns in their order with a `|` between, nothing for what is empty or unknown. In a
/// column `|` is written `~1` and `~` is written `~0`.
#[must_use]
pub fn canonical(row: &ReplicatedRow) -> String {
    fn joined<const N: usize>(columns: [&str; N]) -> String {
        columns.map(|column| column.replace('~', "~0").replace('|', "~1")).join("|")
    }
    fn or_empty<K: AsRef<str>>(key: Option<&K>) -> &str {
        key.map_or("", AsRef::as_ref)
    }
    match row {
        ReplicatedRow::Branch(row) => {
            joined([row.code.as_str(), &row.name, &row.address, row.standing.code()])
        }
        ReplicatedRow::Title(row) => joined([
            row.key.as_str(),
            &row.name,
            &row.author,
            &row.publisher,
            &row.year.map(|year| year.to_string()).unwrap_or_default(),
            &row.ddc,
            &row.language,
        ]),
        ReplicatedRow::Policy(row) => joined([
            or_empty(row.branch.as_ref()),
            or_empty(row.category.as_ref()),
            &row.loan_days.to_string(),
            &row.loans_max.to_string(),
            &row.renewals_max.to_string(),
            &row.renewal_days.to_string(),
            if row.may_override { "1" } else { "0" },
        ]),
        ReplicatedRow::ClosedDay(row) => {
            joined([or_empty(row.branch.as_ref()), &row.date.to_string(), &row.note])
        }
    }
}

/// The digest of one row: the first four numbers of SHA-256 over the UTF-16 units of its [`canonical`] text, the
/// lower byte of each first. A number is four bytes, the highest first, with a sign.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(try_from = "String", into = "String")]
pub struct RowDigest(pub [i32; 4]);

impl RowDigest {
    /// Of this row.
    #[must_use]
    pub fn of(row: &ReplicatedRow) -> Self {
        let units: Vec<u8> = canonical(row).encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hash = Sha256::digest(units);
        let (numbers, _) = hash.as_chunks::<4>();
        Self([0, 1, 2, 3].map(|place| i32::from_be_bytes(numbers[place])))
    }
}

impl fmt::Display for RowDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([a, b, c, d]) = self;
        write!(f, "{a},{b},{c},{d}")
    }
}

/// A text is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a digest")]
pub struct NotDigest;

impl FromStr for RowDigest {
    type Err = NotDigest;
    fn from_str(text: &str) -> Result<Self, NotDigest> {
        let numbers: Result<Vec<i32>, _> = text.split(',').map(str::parse).collect();
        let numbers = numbers.map_err(|_| NotDigest)?;
        numbers.try_into().map(Self).map_err(|_| NotDigest)
    }
}

impl TryFrom<String> for RowDigest {
    type Error = NotDigest;
    fn try_from(text: String) -> Result<Self, NotDigest> {
        text.parse()
    }
}

impl From<RowDigest> for String {
    fn from(digest: RowDigest) -> Self {
        digest.to_string()
    }
}

/// The digest of a set of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetDigest {
    /// How many.
    pub rows: u32,
    /// The sums of their digests' numbers.
    pub sums: [i64; 4],
}

impl Add for SetDigest {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let sums = [0, 1, 2, 3].map(|place| self.sums[place].wrapping_add(other.sums[place]));
        Self { rows: self.rows.saturating_add(other.rows), sums }
    }
}

impl AddAssign for SetDigest {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl From<RowDigest> for SetDigest {
    fn from(row: RowDigest) -> Self {
        Self { rows: 1, sums: row.0.map(i64::from) }
    }
}

impl FromIterator<RowDigest> for SetDigest {
    fn from_iter<I: IntoIterator<Item = RowDigest>>(rows: I) -> Self {
        rows.into_iter().fold(Self::default(), |all, row| all + row.into())
    }
}

/// Buckets of rows are told by so many bits of their keys' hash at most.
pub const DEPTH_MAX: u8 = 24;

/// A stored key's bucket among 2 to the power of `depth`: the first bits of SHA-256 over its bytes.
#[must_use]
pub fn bucket(key: &str, depth: u8) -> u32 {
    let hash = Sha256::digest(key.as_bytes());
    let place = u32::from_be_bytes([0, hash[0], hash[1], hash[2]]);
    place >> (DEPTH_MAX - depth.min(DEPTH_MAX))
}

/// Some of the buckets of a depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buckets {
    /// How many bits tell them; at most [`DEPTH_MAX`].
    pub depth: u8,
    /// Which, in their order.
    pub numbers: Vec<u32>,
}

impl Buckets {
    /// The one bucket that holds everything.
    #[must_use]
    pub fn everything() -> Self {
        Self { depth: 0, numbers: vec![0] }
    }

    /// Whether a stored key belongs to them.
    #[must_use]
    pub fn hold(&self, key: &str) -> bool {
        self.depth == 0 || self.numbers.binary_search(&bucket(key, self.depth)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::replicated::Title;

    fn title(key: &str, name: &str, author: &str) -> ReplicatedRow {
        ReplicatedRow::Title(Title {
            key: key.parse().unwrap(),
            name: name.to_owned(),
            author: author.to_owned(),
            publisher: String::new(),
            year: Some(1941),
            ddc: String::new(),
            language: "vie".to_owned(),
        })
    }

    #[test]
    fn a_digest_is_what_it_was_when_sites_began_to_compare() {
        let row = title("978-604-1", "Dế Mèn | phiêu ~ lưu ký", "");
        assert_eq!(canonical(&row), "978-604-1|Dế Mèn ~1 phiêu ~0 lưu ký|||1941||vie");
        // By another program: printf … | iconv -t UTF-16LE | sha256sum.
        assert_eq!(RowDigest::of(&row).to_string(), "-1621104300,-901088637,-650744089,1347714085");
        assert_eq!(bucket("978-604-1", 24), 8_999_271);
    }

    proptest! {
        #[test]
        fn what_differs_has_another_text(a in ".{0,4}", b in ".{0,4}", c in ".{0,4}", d in ".{0,4}") {
            let same = (&a, &b) == (&c, &d);
            let texts = [title("k", &a, &b), title("k", &c, &d)].map(|row| canonical(&row));
            prop_assert_eq!(texts[0] == texts[1], same);
        }

        #[test]
        fn a_digest_adds_up_from_any_buckets(keys in proptest::collection::btree_set("[A-Z0-9-]{1,8}", 0..40), depth in 0_u8..=8) {
            let rows: Vec<_> = keys.iter().map(|key| (key, RowDigest::of(&title(key, key, "")))).collect();
            let whole: SetDigest = rows.iter().map(|(_, digest)| *digest).collect();
            let mut parts = SetDigest::default();
            for number in 0..1 << depth {
                let within = Buckets { depth, numbers: vec![number] };
                parts += rows.iter().filter(|(key, _)| within.hold(key)).map(|(_, digest)| *digest).collect();
            }
            prop_assert_eq!(parts, whole);
            prop_assert_eq!(whole.rows as usize, keys.len());
        }

        #[test]
        fn a_deeper_bucket_lies_in_the_one_above(key in "[ -~]{1,20}", depth in 0_u8..DEPTH_MAX) {
            prop_assert_eq!(bucket(&key, depth + 1) >> 1, bucket(&key, depth));
        }

        #[test]
        fn a_digest_is_read_as_it_is_written(numbers: [i32; 4]) {
            prop_assert_eq!(RowDigest(numbers).to_string().parse(), Ok(RowDigest(numbers)));
        }
    }
}
