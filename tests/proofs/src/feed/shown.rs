//! What belongs together at a site, and so has to be shown together; and what the site has apart from its
//! feed.

use std::collections::{BTreeMap, BTreeSet};

use lienthu_domain::copy::CopyState;
use lienthu_domain::loan::Loan;
use lienthu_port::feed::{FeedRow, RowKind};
use lienthu_port::site::Site;

use super::writers::{Known, PAIR};

/// What a cache shows.
pub type Shown = BTreeMap<(RowKind, String), FeedRow>;

/// What in it can never have been so: a book on loan without a loan or a loan without its book, which one
/// event writes in one transaction; two readers who get every name together; and a part of the rows that came
/// by one statement.
pub fn torn(shown: &Shown) -> Vec<String> {
    let mut found = Vec::new();
    let lent: BTreeSet<&str> = shown
        .values()
        .filter_map(|row| match row {
            FeedRow::OpenLoan(loan) => Some(loan.copy.as_str()),
            _ => None,
        })
        .collect();
    for row in shown.values() {
        if let FeedRow::Copy(copy) = row
            && (copy.state == CopyState::OnLoan) != lent.contains(copy.barcode.as_str())
        {
            found.push(format!("{} is {:?}", copy.barcode, copy.state));
        }
    }
    let name = |code: &str| match shown.get(&(RowKind::Patron, code.to_owned())) {
        Some(FeedRow::Patron(card)) => Some(card.name.as_str()),
        _ => None,
    };
    if name(PAIR[0]) != name(PAIR[1]) {
        found.push(format!("the pair is {:?} and {:?}", name(PAIR[0]), name(PAIR[1])));
    }
    let mut loads: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, key) in shown.keys() {
        if let (RowKind::Patron, Some((load, _))) = (kind, key.split_once('-'))
            && load.starts_with('L')
        {
            *loads.entry(load).or_default() += 1;
        }
    }
    for (load, rows) in loads.into_iter().filter(|(_, rows)| *rows != super::LOADED) {
        found.push(format!("{rows} rows of load {load}"));
    }
    found
}

/// What the site says to look-ups, of all that the writers know.
pub struct Read {
    rows: Shown,
    /// Readers that came by one statement, of whom not each is looked up.
    loaded: BTreeSet<String>,
}

impl Read {
    /// Looks up what the writers know to be there.
    ///
    /// # Errors
    /// What the site says.
    pub async fn of(known: &Known, site: &dyn Site) -> anyhow::Result<Self> {
        let mut rows = Shown::new();
        let mut add = |row: FeedRow| rows.insert(row.key(), row);
        for code in &known.patrons {
            if let Some(file) = site.patron(code).await? {
                add(FeedRow::Patron(file.patron.card));
            }
        }
        for barcode in &known.copies {
            if let Some(file) = site.copy(barcode).await? {
                add(FeedRow::Copy(file.copy));
                for loan in file.loans.into_iter().filter(Loan::is_open) {
                    add(FeedRow::OpenLoan(loan));
                }
            }
        }
        Ok(Self { rows, loaded: known.loaded.iter().map(ToString::to_string).collect() })
    }

    /// Rows that a cache lacks, has too many, or has otherwise.
    pub fn differences(&self, shown: &Shown) -> BTreeSet<(RowKind, String)> {
        let followed =
            |kind: RowKind| matches!(kind, RowKind::Patron | RowKind::Copy | RowKind::OpenLoan);
        let mut wrong = BTreeSet::new();
        for (at, row) in shown {
            let is_loaded = at.0 == RowKind::Patron && self.loaded.contains(&at.1);
            if followed(at.0) && !is_loaded && self.rows.get(at) != Some(row) {
                wrong.insert(at.clone());
            }
        }
        let loaded = self.loaded.iter().map(|code| (RowKind::Patron, code.clone()));
        let there = self.rows.keys().cloned().chain(loaded);
        wrong.extend(there.filter(|at| !shown.contains_key(at)));
        wrong
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use lienthu_conformance::kit::patron;

    fn shown(patrons: &[(&str, &str)]) -> Shown {
        let row = |(code, name): &(&str, &str)| {
            let mut card = patron(code, "STUDENT").card;
            card.name = (*name).to_owned();
            FeedRow::Patron(card)
        };
        patrons.iter().map(row).map(|row| (row.key(), row)).collect()
    }

    #[test]
    fn half_of_what_is_written_together_is_found_out() {
        assert_eq!(torn(&shown(&[(PAIR[0], "An"), (PAIR[1], "An")])), Vec::<String>::new());
        assert_eq!(torn(&shown(&[(PAIR[0], "An"), (PAIR[1], "Bình")])).len(), 1);
        assert_eq!(torn(&shown(&[(PAIR[0], "An")])).len(), 1);
        assert_eq!(torn(&shown(&[("L0-1", "An")])).len(), 1);
    }

    #[test]
    fn a_row_too_few_too_many_or_different_is_found_out() {
        let read = Read { rows: shown(&[("D1", "An"), ("D2", "Bình")]), loaded: BTreeSet::new() };
        let wrong = |patrons| read.differences(&shown(patrons)).len();
        assert_eq!(wrong(&[("D1", "An"), ("D2", "Bình")]), 0);
        assert_eq!(wrong(&[("D1", "An")]), 1);
        assert_eq!(wrong(&[("D1", "An"), ("D2", "Cúc")]), 1);
        assert_eq!(wrong(&[("D1", "An"), ("D2", "Bình"), ("D3", "Dũng")]), 1);
    }
}
