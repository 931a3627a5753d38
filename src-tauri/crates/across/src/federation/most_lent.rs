//! The titles that were lent most often in the whole network, exactly, without moving every site's list.
//!
//! The lists that sites could send are long, and a title can be first in the network without being among the
//! first of any branch: merging the heads of the lists would be wrong. So, as in "three-phase uniform
//! threshold" (Cao and Wang, 2004):
//!
//! 1. every site sends the head of its list. The sums of what is known so far are never too high; let `least`
//!    be the sum of the last of the best titles by them;
//! 2. a title that was lent more often than `least` in the network was lent more often than `least / sites` at
//!    some site. Every site sends all such titles of its own. What no site has sent now can be left out;
//! 3. of the titles that may still be among the best, each site is asked for the counts that are not known.
//!
//! [`Merge`] says what is to be asked next and takes the answers; a site that is lost on the way is taken out
//! whole, because sums over different sites cannot be compared.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use lienthu_domain::ids::{BranchCode, TitleKey};
use lienthu_domain::period::Period;
use lienthu_port::figures::{LENT_TITLES_MAX, MostLent, TitleLoans};

use crate::federation::answers::{Answers, Heard};
use crate::federation::asking::{ADD_UP_MS_MAX, ask};
use crate::sites::Sites;

/// Titles that can be asked for at most.
pub const BEST_MAX: usize = 100;

/// What a site is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// More of its list.
    List(MostLent),
    /// Counts of these titles; at most [`LENT_TITLES_MAX`].
    Counts(Vec<TitleKey>),
}

/// What is known of a site's list.
#[derive(Debug)]
struct Known {
    counts: HashMap<TitleKey, u32>,
    /// The last line that was sent.
    cursor: Option<TitleLoans>,
    /// How often at most a title was lent that was not sent.
    unsent_at_most: u32,
}

impl Known {
    fn nothing() -> Self {
        Self { counts: HashMap::new(), cursor: None, unsent_at_most: u32::MAX }
    }

    /// How often at most a title was lent there.
    fn at_most(&self, title: &TitleKey) -> u32 {
        self.counts.get(title).copied().unwrap_or(self.unsent_at_most)
    }

    /// Takes more of the list.
    fn go_on(&mut self, asked: &MostLent, answer: &[TitleLoans]) {
        let is_full = answer.len() >= usize::try_from(asked.limit).unwrap_or(usize::MAX);
        self.unsent_at_most = match answer.last() {
            Some(last) if is_full => last.loans,
            _ => asked.at_least.saturating_sub(1),
        };
        if let Some(last) = answer.last() {
            self.cursor = Some(last.clone());
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Merge {
    best: usize,
    sites: BTreeMap<BranchCode, Known>,
}

impl Merge {
    /// Of the `best` titles, at most [`BEST_MAX`], over these sites.
    #[must_use]
    pub fn new(best: usize, sites: impl IntoIterator<Item = BranchCode>) -> Self {
        let sites = sites.into_iter().map(|branch| (branch, Known::nothing())).collect();
        Self { best: best.clamp(1, BEST_MAX), sites }
    }

    /// What is to be asked next; nothing when [`Self::result`] is exact.
    #[must_use]
    pub fn needs(&self) -> BTreeMap<BranchCode, Need> {
        let heads = self.lists(1, u32::MAX, self.best);
        if !heads.is_empty() {
            return heads;
        }
        let sums = self.sums();
        let best = best_of(&sums, self.best);
        let least = if best.len() < self.best { 0 } else { best.last().map_or(0, |last| last.1) };
        let sites = u64::try_from(self.sites.len()).unwrap_or(u64::MAX).max(1);
        let at_least = u32::try_from(least / sites + 1).unwrap_or(u32::MAX);
        let lists = self.lists(at_least, at_least, LENT_TITLES_MAX);
        if !lists.is_empty() {
            return lists;
        }
        let mut candidates: BTreeSet<&TitleKey> =
            best.into_iter().map(|(title, _)| title).collect();
        candidates.extend(sums.keys().filter(|title| self.at_most(title) > least));
        let counts = self.sites.iter().filter_map(|(branch, known)| {
            let is_unknown = |title: &&&TitleKey| {
                known.unsent_at_most > 0 && !known.counts.contains_key(**title)
            };
            let unknown = candidates.iter().filter(is_unknown).take(LENT_TITLES_MAX);
            let asked: Vec<TitleKey> = unknown.map(|title| (*title).clone()).collect();
            (!asked.is_empty()).then(|| (branch.clone(), Need::Counts(asked)))
        });
        counts.collect()
    }

    /// More of the lists of sites that did not send all that was lent so often.
    fn lists(&self, at_least: u32, unsent: u32, limit: usize) -> BTreeMap<BranchCode, Need> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let not_all = self.sites.iter().filter(|(_, known)| known.unsent_at_most >= unsent);
        let need =
            |known: &Known| Need::List(MostLent { at_least, after: known.cursor.clone(), limit });
        not_all.map(|(branch, known)| (branch.clone(), need(known))).collect()
    }

    /// Takes a site's answer to what it was asked.
    pub fn take(&mut self, branch: &BranchCode, need: &Need, answer: Vec<TitleLoans>) {
        let Some(known) = self.sites.get_mut(branch) else { return };
        if let Need::List(asked) = need {
            known.go_on(asked, &answer);
        }
        known.counts.extend(answer.into_iter().map(|counted| (counted.title, counted.loans)));
    }

    /// A site is lost.
    pub fn lose(&mut self, branch: &BranchCode) {
        self.sites.remove(branch);
    }

    /// The best titles, most often lent first, those lent alike often by key. No other was lent more often than
    /// any of them; of those that were lent as often as the last, some may be left out.
    #[must_use]
    pub fn result(&self) -> Vec<TitleLoans> {
        let sums = self.sums();
        let best = best_of(&sums, self.best).into_iter().map(|(title, loans)| TitleLoans {
            title: title.clone(),
            loans: u32::try_from(loans).unwrap_or(u32::MAX),
        });
        best.collect()
    }

    /// What is known of each title: never too high.
    fn sums(&self) -> HashMap<&TitleKey, u64> {
        let mut sums = HashMap::new();
        for (title, count) in self.sites.values().flat_map(|known| &known.counts) {
            *sums.entry(title).or_insert(0) += u64::from(*count);
        }
        sums
    }

    fn at_most(&self, title: &TitleKey) -> u64 {
        self.sites.values().map(|known| u64::from(known.at_most(title))).sum()
    }
}

/// The titles with the highest sums above nought, by them and by key.
fn best_of<'a>(sums: &HashMap<&'a TitleKey, u64>, best: usize) -> Vec<(&'a TitleKey, u64)> {
    let mut lent: Vec<(&TitleKey, u64)> =
        sums.iter().map(|(title, sum)| (*title, *sum)).filter(|(_, sum)| *sum > 0).collect();
    lent.sort_unstable_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
    lent.truncate(best);
    lent
}

/// Asks the sites until the best titles of a period are known exactly. The answers name whose lists they are made
/// of, and which are missing.
pub async fn most_lent(
    sites: &Sites,
    period: Period,
    best: usize,
) -> (Vec<TitleLoans>, Answers<()>) {
    let limit = Duration::from_millis(ADD_UP_MS_MAX);
    let mut merge = Merge::new(best, sites.branches().cloned());
    let mut answers = Answers::default();
    loop {
        let needs = Arc::new(merge.needs());
        if needs.is_empty() {
            break;
        }
        let branches: Vec<BranchCode> = needs.keys().cloned().collect();
        let asked = Arc::clone(&needs);
        let mut heard = ask(sites, branches, limit, move |branch, site| {
            let need = asked.get(branch).cloned();
            async move {
                match need {
                    Some(Need::List(wanted)) => site.most_lent(&period, &wanted).await,
                    Some(Need::Counts(titles)) => site.times_lent(&period, &titles).await,
                    None => Ok(vec![]),
                }
            }
            .boxed()
        });
        while let Some(Heard { branch, after_ms, said }) = heard.next().await {
            match said {
                Ok(answer) => {
                    if let Some(need) = needs.get(&branch) {
                        merge.take(&branch, need, answer);
                    }
                    answers.take(Heard { branch, after_ms, said: Ok(()) });
                }
                Err(missing) => {
                    merge.lose(&branch);
                    answers.said.remove(&branch);
                    answers.take(Heard { branch, after_ms, said: Err(missing) });
                }
            }
        }
    }
    (merge.result(), answers)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    type Lists = BTreeMap<BranchCode, BTreeMap<TitleKey, u32>>;

    fn branch(number: usize) -> BranchCode {
        BranchCode::parse(&format!("B{number}")).unwrap()
    }

    fn title(number: usize) -> TitleKey {
        TitleKey::parse(&format!("T{number:03}")).unwrap()
    }

    /// What a site answers, as the port says.
    fn answer(list: &BTreeMap<TitleKey, u32>, need: &Need) -> Vec<TitleLoans> {
        let line = |title: &TitleKey, loans: u32| TitleLoans { title: title.clone(), loans };
        match need {
            Need::Counts(titles) => {
                titles.iter().map(|title| line(title, *list.get(title).unwrap_or(&0))).collect()
            }
            Need::List(asked) => {
                let place = |line: &TitleLoans| (std::cmp::Reverse(line.loans), line.title.clone());
                let mut lines: Vec<TitleLoans> =
                    list.iter().map(|(title, loans)| line(title, *loans)).collect();
                lines.retain(|line| line.loans >= asked.at_least);
                lines.retain(|line| {
                    asked.after.as_ref().is_none_or(|after| place(line) > place(after))
                });
                lines.sort_by_key(place);
                // Small pages, so that lists are asked for again and again.
                lines.truncate(usize::try_from(asked.limit).unwrap());
                lines
            }
        }
    }

    /// The best titles by the whole lists.
    fn by_the_whole(lists: &Lists, best: usize) -> Vec<TitleLoans> {
        let mut sums: BTreeMap<TitleKey, u32> = BTreeMap::new();
        for (title, loans) in lists.values().flatten() {
            *sums.entry(title.clone()).or_default() += loans;
        }
        let mut lines: Vec<TitleLoans> =
            sums.into_iter().map(|(title, loans)| TitleLoans { title, loans }).collect();
        lines.retain(|line| line.loans > 0);
        lines.sort_by_key(|line| (std::cmp::Reverse(line.loans), line.title.clone()));
        lines.truncate(best);
        lines
    }

    /// Merges, losing these sites in these rounds; how many lines travelled.
    fn merged(
        lists: &mut Lists,
        best: usize,
        lost: &BTreeMap<usize, usize>,
    ) -> (Vec<TitleLoans>, usize) {
        let mut merge = Merge::new(best, lists.keys().cloned());
        let mut travelled = 0;
        for round in 0.. {
            assert!(round < 10_000, "it ends");
            if let Some(number) = lost.get(&round) {
                merge.lose(&branch(*number));
                lists.remove(&branch(*number));
            }
            let needs = merge.needs();
            if needs.is_empty() && lost.range(round..).next().is_none() {
                break;
            }
            for (branch, need) in needs {
                let answer = answer(&lists[&branch], &need);
                travelled += answer.len();
                merge.take(&branch, &need, answer);
            }
        }
        (merge.result(), travelled)
    }

    fn lists() -> impl Strategy<Value = Lists> {
        // Few counts and few titles: ties and titles that many sites have.
        let list = prop::collection::btree_map((0usize..60).prop_map(title), 1u32..8, 0..40);
        prop::collection::vec(list, 1..8).prop_map(|lists| {
            lists.into_iter().enumerate().map(|(number, list)| (branch(number), list)).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_best_are_those_of_the_whole_lists(
            lists in lists(),
            best in 1usize..20,
            lost in prop::collection::btree_map(0usize..5, 0usize..8, 0..3),
        ) {
            let mut lists = lists;
            let (merged, _) = merged(&mut lists, best, &lost);
            let whole = by_the_whole(&lists, best);
            let loans = |lines: &[TitleLoans]| lines.iter().map(|line| line.loans).collect::<Vec<_>>();
            // Of titles that tie for the last place, any may be there.
            prop_assert_eq!(loans(&merged), loans(&whole));
            for line in &merged {
                let sum: u32 = lists.values().filter_map(|list| list.get(&line.title)).sum();
                prop_assert_eq!(line.loans, sum);
            }
        }
    }

    #[test]
    fn a_title_that_leads_nowhere_can_lead_in_the_network() {
        let mut lists: Lists = (0..3)
            .map(|number| {
                let own = (0..10).map(|place| (title(100 * (number + 1) + place), 10));
                (branch(number), own.chain([(title(0), 9)]).collect())
            })
            .collect();
        let (best, _) = merged(&mut lists, 1, &BTreeMap::new());
        assert_eq!(best, [TitleLoans { title: title(0), loans: 27 }]);
    }

    #[test]
    fn long_lists_do_not_travel() {
        // Twenty sites with two thousand titles each, lent as titles are: few often, most once or twice.
        let list = |number: usize| -> BTreeMap<TitleKey, u32> {
            let lent = |place: usize| u32::try_from(2_000 / (place + 1)).unwrap() + 1;
            (0..2_000).map(|place| (title((place * 7 + number) % 2_000), lent(place))).collect()
        };
        let mut lists: Lists = (0..20).map(|number| (branch(number), list(number))).collect();
        let (best, travelled) = merged(&mut lists, 20, &BTreeMap::new());
        assert_eq!(best, by_the_whole(&lists, 20));
        assert!(travelled < 20 * 2_000 / 4, "{travelled} lines");
    }
}
