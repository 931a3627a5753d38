//! Patrons and their loans in the whole network. Who asks this is a manager.

use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::BoxStream;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::text::fold_vi;
use lienthu_port::lookup::PATRONS_FOUND_MAX;
use lienthu_port::whereabouts::{LoanPlace, PatronLoan, PatronLoans, PatronOf};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::federation::answers::{Answers, Heard};
use crate::federation::asking::{LOOK_UP_MS_MAX, ask_all};
use crate::sites::Sites;

/// Asks every site for patrons by name, code or phone.
pub fn find(sites: &Sites, text: String) -> BoxStream<'static, Heard<Vec<Patron>>> {
    ask_all(sites, Duration::from_millis(LOOK_UP_MS_MAX), move |_, site| {
        let text = text.clone();
        async move { site.find_patrons(&text).await }.boxed()
    })
}

/// Patrons of several branches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronsAnywhere {
    /// Their cards, by name, then by branch and code.
    pub cards: Vec<PatronCard>,
    /// Branches that may have more: they answer with the first
    /// [`lienthu_port::lookup::PATRONS_FOUND_MAX`] by name.
    pub cut: Vec<BranchCode>,
}

/// All that were found.
#[must_use]
pub fn merge_found(answers: &Answers<Vec<Patron>>) -> PatronsAnywhere {
    let mut cards: Vec<PatronCard> =
        answers.said.values().flatten().map(|patron| patron.card.clone()).collect();
    cards.sort_by_cached_key(|card| {
        (fold_vi(&card.name), card.name.clone(), card.branch.clone(), card.code.clone())
    });
    let is_cut = |found: &Vec<Patron>| found.len() >= PATRONS_FOUND_MAX;
    let cut = answers.said.iter().filter(|(_, found)| is_cut(found));
    PatronsAnywhere { cut: cut.map(|(branch, _)| branch.clone()).collect(), cards }
}

/// Asks every site for a patron's loans, those behind a place.
pub fn history(
    sites: &Sites,
    patron: PatronOf,
    behind: Option<LoanPlace>,
) -> BoxStream<'static, Heard<PatronLoans>> {
    ask_all(sites, Duration::from_millis(LOOK_UP_MS_MAX), move |_, site| {
        let patron = patron.clone();
        async move { site.patron_loans(&patron, behind).await }.boxed()
    })
}

/// A page of a patron's loans over all sites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct History {
    /// Their cards, by branch.
    pub cards: Vec<PatronCard>,
    /// Their loans, latest first. Of the sites that answered, none between the first and the last is left out.
    pub loans: Vec<PatronLoan>,
    /// Behind this place there may be more.
    pub behind: Option<LoanPlace>,
}

/// What the sites say together. Where a site has more than its page holds, the whole ends where its page does:
/// what comes behind could be out of order.
#[must_use]
pub fn merge_history(answers: &Answers<PatronLoans>) -> History {
    let place = |loan: &PatronLoan| LoanPlace::of(&loan.loan);
    let cut = answers.said.values().filter(|said| said.more);
    let end = cut.filter_map(|said| said.loans.last().map(place)).max();
    let mut loans: Vec<PatronLoan> =
        answers.said.values().flat_map(|said| said.loans.iter().cloned()).collect();
    loans.retain(|loan| end.is_none_or(|end| place(loan) >= end));
    loans.sort_by_key(|loan| std::cmp::Reverse(place(loan)));
    let mut cards: Vec<PatronCard> =
        answers.said.values().flat_map(|said| said.cards.iter().cloned()).collect();
    cards.sort_by(|a, b| (&a.branch, &a.code).cmp(&(&b.branch, &b.code)));
    History { cards, loans, behind: end }
}
