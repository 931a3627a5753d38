//! A site in memory that feeds a cache, and rows to feed it with.
#![allow(clippy::unwrap_used, dead_code, missing_docs)]

use std::collections::BTreeMap;

use lienthu_domain::copy::{Copy, CopyCondition, CopyState};
use lienthu_domain::ids::{EventId, FeedToken};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::{Branch, BranchStanding, ClosedDay, LoanPolicy, Title};
use lienthu_domain::times::UtcMs;
use lienthu_port::feed::{FeedPage, FeedPosition, FeedRow, PullFrom, RowKind, Watermark};
use lienthu_sqlite::{KEY_BYTES, Key};
use lienthu_store::SqliteCache;
use tempfile::TempDir;
use uuid::Uuid;

pub fn key(byte: u8) -> Key {
    Key::new([byte; KEY_BYTES])
}

pub fn open_cache(dir: &TempDir) -> SqliteCache {
    SqliteCache::open(dir.path(), &key(1)).unwrap()
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

pub fn mark(number: i64) -> Watermark {
    Watermark { number, token: FeedToken::new(Uuid::from_u128(number.unsigned_abs().into())) }
}

/// A page that completes at a number, or one that goes on.
pub fn page(rows: Vec<FeedRow>, complete: Option<i64>) -> FeedPage {
    let position =
        FeedPosition { number: 1, kind: RowKind::Title, key: "k".into(), read_in: mark(1) };
    FeedPage {
        rows,
        next: complete.is_none().then_some(position),
        complete: complete.map(mark),
        read_at: UtcMs::from_ms(complete.unwrap_or(0)),
    }
}

pub fn title(key: &str, name: &str) -> Title {
    Title {
        key: key.parse().unwrap(),
        name: name.into(),
        author: String::new(),
        publisher: String::new(),
        year: Some(1990),
        ddc: String::new(),
        language: "vie".into(),
    }
}

pub fn copy(barcode: &str, title: &str, free: bool) -> Copy {
    Copy {
        barcode: barcode.parse().unwrap(),
        title: title.parse().unwrap(),
        branch: "Q1".parse().unwrap(),
        condition: CopyCondition::Good,
        state: if free { CopyState::Free } else { CopyState::OnLoan },
        forwarded_to: None,
        shelf_mark: String::new(),
        price_vnd: Some(90_000),
    }
}

pub fn patron(code: &str, name: &str) -> PatronCard {
    PatronCard {
        code: code.parse().unwrap(),
        name: name.into(),
        branch: "Q1".parse().unwrap(),
        category: "STUDENT".parse().unwrap(),
        card_expires: None,
        block: None,
        home_branch: None,
        home_code: None,
    }
}

pub fn loan(borrow: u8, value: u8) -> Loan {
    Loan {
        no: i32::from(value),
        borrow: EventId::new(Uuid::from_u128(borrow.into())),
        copy: format!("B{borrow}").parse().unwrap(),
        patron: format!("DG{}", value % 12).parse().unwrap(),
        branch: "Q1".parse().unwrap(),
        borrowed_at: UtcMs::from_ms(i64::from(value)),
        due: "2026-12-01"
            .parse::<lienthu_domain::times::LocalDate>()
            .unwrap()
            .plus_days((value % 5).into()),
        renewals: 0,
        ended_at: None,
        ending: None,
        returned_on: None,
        undone: false,
    }
}

pub fn rules() -> Vec<FeedRow> {
    let policy = |branch: Option<&str>| LoanPolicy {
        branch: branch.map(|b| b.parse().unwrap()),
        category: None,
        loan_days: 14,
        loans_max: 5,
        renewals_max: 2,
        renewal_days: 7,
        may_override: true,
    };
    let closed = |date: &str| ClosedDay {
        branch: None,
        date: date.parse().unwrap(),
        note: "Quốc khánh".into(),
    };
    vec![
        FeedRow::Branch(Branch {
            code: "Q1".parse().unwrap(),
            name: "Quận 1".into(),
            address: String::new(),
            standing: BranchStanding::Active,
        }),
        FeedRow::Policy(policy(None)),
        FeedRow::Policy(policy(Some("Q1"))),
        FeedRow::ClosedDay(closed("2026-09-02")),
        FeedRow::ClosedDay(closed("2027-01-01")),
    ]
}

/// The rows of a kind and key with a value.
fn row(kind: u8, key: u8, value: u8) -> FeedRow {
    match kind {
        0 => FeedRow::Title(title(&format!("K{key}"), &format!("Đường về số{value}"))),
        1 => FeedRow::Copy(copy(
            &format!("B{key}"),
            &format!("K{}", value % 12),
            value.is_multiple_of(2),
        )),
        2 => FeedRow::Patron(patron(&format!("DG{key}"), &format!("Nguyễn Văn {value}"))),
        _ => FeedRow::OpenLoan(loan(key, value)),
    }
}

/// A site in memory: rows with the number of their last change.
#[derive(Debug, Default)]
pub struct Site {
    pub number: i64,
    rows: BTreeMap<(RowKind, String), (i64, FeedRow)>,
}

impl Site {
    /// Makes changes, each kind and key with a value or a removal.
    pub fn change(&mut self, changes: &[(u8, u8, Option<u8>)]) {
        for (kind, key, value) in changes {
            self.number += 1;
            let changed = row(*kind, *key, value.unwrap_or(0));
            let (kind, key) = changed.key();
            let changed = match value {
                Some(_) => changed,
                None if self.rows.contains_key(&(kind, key.clone())) => {
                    FeedRow::Removed { kind, key: key.clone() }
                }
                None => continue,
            };
            self.rows.insert((kind, key), (self.number, changed));
        }
    }

    /// The next page, and the state that the site is in.
    pub fn page(
        &self,
        from: &PullFrom,
        rows_max: usize,
    ) -> (FeedPage, BTreeMap<(RowKind, String), FeedRow>) {
        let after = from.position.as_ref().map(|p| (p.number, p.kind, p.key.clone()));
        let floor = from.watermark.map_or(-1, |w| w.number);
        let mut changed: Vec<_> = self
            .rows
            .iter()
            .map(|((kind, key), (number, row))| ((*number, *kind, key.clone()), row.clone()))
            .filter(|(place, _)| place.0 > floor && after.as_ref().is_none_or(|a| place > a))
            .collect();
        changed.sort_by(|a, b| a.0.cmp(&b.0));
        let more = changed.len() > rows_max;
        changed.truncate(rows_max);
        let next = changed.last().filter(|_| more).map(|((number, kind, key), _)| FeedPosition {
            number: *number,
            kind: *kind,
            key: key.clone(),
            read_in: mark(self.number),
        });
        let state = self
            .rows
            .iter()
            .filter(|(_, (_, row))| !matches!(row, FeedRow::Removed { .. }))
            .map(|(place, (_, row))| (place.clone(), row.clone()))
            .collect();
        let page = FeedPage {
            rows: changed.into_iter().map(|(_, row)| row).collect(),
            next,
            complete: (!more).then(|| mark(self.number)),
            read_at: UtcMs::from_ms(self.number),
        };
        (page, state)
    }
}
