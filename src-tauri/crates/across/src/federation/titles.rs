//! How many copies of titles each branch has.

use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::BoxStream;
use lienthu_domain::ids::{BranchCode, TitleKey};
use lienthu_port::whereabouts::Holding;

use crate::federation::answers::{Answers, Heard};
use crate::federation::asking::{LOOK_UP_MS_MAX, ask_all};
use crate::sites::Sites;

/// Asks every site what it has of these titles, in their order; at most
/// [`lienthu_port::whereabouts::HOLDINGS_MAX`].
pub fn holdings(sites: &Sites, titles: Vec<TitleKey>) -> BoxStream<'static, Heard<Vec<Holding>>> {
    ask_all(sites, Duration::from_millis(LOOK_UP_MS_MAX), move |_, site| {
        let titles = titles.clone();
        async move { site.holdings(&titles).await }.boxed()
    })
}

/// What the sites that answered have of a title together.
#[must_use]
pub fn total(title: &TitleKey, answers: &Answers<Vec<Holding>>) -> Holding {
    let none = Holding {
        title: title.clone(),
        copies: 0,
        free: 0,
        on_loan: 0,
        in_transit: 0,
        unusable: 0,
    };
    let held = answers.said.values().flatten().filter(|holding| holding.title == *title);
    held.fold(none, |sum, holding| Holding {
        title: sum.title,
        copies: sum.copies.saturating_add(holding.copies),
        free: sum.free.saturating_add(holding.free),
        on_loan: sum.on_loan.saturating_add(holding.on_loan),
        in_transit: sum.in_transit.saturating_add(holding.in_transit),
        unusable: sum.unusable.saturating_add(holding.unusable),
    })
}

/// What a branch has of a title, where it said so.
#[must_use]
pub fn at<'a>(
    answers: &'a Answers<Vec<Holding>>,
    branch: &BranchCode,
    title: &TitleKey,
) -> Option<&'a Holding> {
    answers.said.get(branch)?.iter().find(|holding| holding.title == *title)
}
