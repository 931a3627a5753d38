//! All that a site tells those who follow it, read once from beginning to end.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lienthu_domain::copy::Copy;
use lienthu_domain::ids::{Barcode, PatronCode, TitleKey};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::{ClosedDay, LoanPolicy, Title};
use lienthu_port::error::SiteError;
use lienthu_port::feed::{FeedRow, PullFrom, Pulled, RowKind};
use lienthu_port::site::Site;

/// Pages of one survey at most: two hundred million rows.
const PAGES_MAX: u32 = 100_000;

#[derive(Default)]
pub(crate) struct Survey {
    pub(crate) titles: HashMap<TitleKey, Title>,
    pub(crate) copies: BTreeMap<Barcode, Copy>,
    pub(crate) patrons: BTreeMap<PatronCode, PatronCard>,
    pub(crate) open_loans: Vec<Loan>,
    pub(crate) policies: Vec<LoanPolicy>,
    pub(crate) closed_days: Vec<ClosedDay>,
}

impl Survey {
    /// Reads everything, from a login that may follow the site.
    pub(crate) async fn of(site: &Arc<dyn Site>) -> Result<Self, SiteError> {
        let mut survey = Self::default();
        let mut from = PullFrom::default();
        for _ in 0..PAGES_MAX {
            let Pulled::Page(page) = site.pull(&from).await? else {
                return Err(unexpected("a survey from nothing was told to begin anew"));
            };
            for row in page.rows {
                survey.take(row);
            }
            match page.next {
                Some(position) => from.position = Some(position),
                None => return Ok(survey),
            }
        }
        Err(unexpected("the survey does not end"))
    }

    /// A row that changed while the pages were read comes again with its new value.
    fn take(&mut self, row: FeedRow) {
        match row {
            FeedRow::Title(title) => {
                self.titles.insert(title.key.clone(), title);
            }
            FeedRow::Copy(copy) => {
                self.copies.insert(copy.barcode.clone(), copy);
            }
            FeedRow::Patron(card) => {
                self.patrons.insert(card.code.clone(), card);
            }
            FeedRow::OpenLoan(loan) => {
                self.open_loans.retain(|known| known.borrow != loan.borrow);
                self.open_loans.push(loan);
            }
            FeedRow::Policy(policy) => self.policies.push(policy),
            FeedRow::Removed { kind, key } => self.remove(kind, &key),
            FeedRow::ClosedDay(closed) => self.closed_days.push(closed),
            FeedRow::Branch(_) => {}
        }
    }

    fn remove(&mut self, kind: RowKind, key: &str) {
        match kind {
            RowKind::Title => self.titles.retain(|known, _| known.as_str() != key),
            RowKind::Copy => self.copies.retain(|known, _| known.as_str() != key),
            RowKind::Patron => self.patrons.retain(|known, _| known.as_str() != key),
            RowKind::OpenLoan => self.open_loans.retain(|loan| loan.borrow.to_string() != key),
            RowKind::Branch | RowKind::Policy | RowKind::ClosedDay => {}
        }
    }
}

fn unexpected(detail: &str) -> SiteError {
    SiteError::Unexpected { detail: detail.to_owned() }
}
