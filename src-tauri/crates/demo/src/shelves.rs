//! What stands on a branch's shelves: which titles, how many copies of each, and where.

use lienthu_domain::copy::{CopyCondition, CopyDetails};
use lienthu_domain::ids::{Barcode, BranchCode};
use lienthu_domain::replicated::Title;
use lienthu_domain::text::fold_vi;

use crate::dice::Dice;
use crate::error::DemoError;

/// Copies of the titles that everyone asks for, down to a rank of popularity; a branch may lack any
/// other title.
const COPIES_BY_RANK: [(usize, usize); 3] = [(15, 4), (60, 3), (180, 2)];
/// How often a branch has one of the other titles, of 1.
const SHARE_OF_THE_REST: f64 = 0.62;
/// Prices in thousands of đồng.
const PRICES_K: (i32, i32) = (42, 260);
/// Of a hundred copies, how many are damaged, and how many are lost, by today.
const DAMAGED_PERCENT: f64 = 0.8;
const LOST_PERCENT: f64 = 0.5;

/// A copy as it is added, with what has become of it since and how much it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Shelved {
    pub(crate) details: CopyDetails,
    pub(crate) today: CopyCondition,
    pub(crate) rank: usize,
}

/// The titles' places in the order of popularity, which all branches share.
pub(crate) fn ranks(seed: u64, titles: usize) -> Vec<usize> {
    let mut ranks: Vec<usize> = (0..titles).collect();
    Dice::of(seed, "popularity").shuffle(&mut ranks);
    ranks
}

pub(crate) fn shelve(
    seed: u64,
    branch: &BranchCode,
    titles: &[Title],
    ranks: &[usize],
) -> Result<Vec<Shelved>, DemoError> {
    let mut dice = Dice::of(seed, &format!("copies of {branch}"));
    let mut shelves = Vec::new();
    for (title, &rank) in titles.iter().zip(ranks) {
        let by_rank = COPIES_BY_RANK.iter().find(|(below, _)| rank < *below);
        let copies = match by_rank {
            Some((_, copies)) => *copies,
            None => usize::from(dice.chance(SHARE_OF_THE_REST)),
        };
        // All copies of a title cost the same.
        let price_k = dice.between(PRICES_K.0, PRICES_K.1).unsigned_abs();
        for _ in 0..copies {
            let no = shelves.len() + 1;
            let barcode =
                Barcode::parse(&format!("{branch}-{no:06}")).map_err(DemoError::own_key)?;
            let today = if dice.chance(DAMAGED_PERCENT / 100.0) {
                CopyCondition::Damaged
            } else if dice.chance(LOST_PERCENT / 100.0) {
                CopyCondition::Lost
            } else {
                CopyCondition::Good
            };
            let details = details_of(barcode, title, Some(price_k * 1_000));
            shelves.push(Shelved { details, today, rank });
        }
    }
    Ok(shelves)
}

/// A good copy of a title.
pub(crate) fn details_of(barcode: Barcode, title: &Title, price_vnd: Option<u32>) -> CopyDetails {
    CopyDetails {
        barcode,
        title: title.key.clone(),
        condition: CopyCondition::Good,
        shelf_mark: shelf_mark(title),
        price_vnd,
    }
}

/// The Dewey class and the first three letters of whoever wrote it, such as `895.9221 NGU`; of a title
/// without a class only the letters.
fn shelf_mark(title: &Title) -> String {
    let heading = if title.author.is_empty() { &title.name } else { &title.author };
    let letters: String =
        fold_vi(heading).chars().filter(char::is_ascii_alphanumeric).take(3).collect();
    format!("{} {}", title.ddc, letters.to_uppercase()).trim().to_owned()
}
