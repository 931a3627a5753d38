#![allow(clippy::unwrap_used)]
use std::collections::{BTreeMap, HashMap, HashSet};

use lienthu_domain::event::{Deed, Event};
use lienthu_domain::fold::{Timeline, fold};
use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_domain::policy::policy_for;
use lienthu_domain::review::FlagKind;
use lienthu_domain::times::LocalDate;

use super::{DAYS, MISSED_RETURNS_MAX};
use crate::calendar::is_closed;
use crate::plan::{BranchPlan, Plan, ZONE, plan};

const SEEDS: [u64; 3] = [1, 2, 77];

fn today() -> LocalDate {
    "2026-11-22".parse().unwrap()
}

/// Looks at every branch of a few networks; a failure names the seed and the branch.
fn check(look: impl Fn(&Plan, &BranchPlan)) {
    for seed in SEEDS {
        let plan = plan(seed, today()).unwrap();
        for branch in &plan.branches {
            eprintln!("seed {seed}, {}", branch.branch.code);
            look(&plan, branch);
        }
    }
}

fn timelines(year: &[Event]) -> HashMap<Barcode, Timeline> {
    let mut by_copy: HashMap<Barcode, Vec<Event>> = HashMap::new();
    for event in year {
        by_copy.entry(event.copy.clone()).or_default().push(event.clone());
    }
    by_copy.into_iter().map(|(copy, events)| (copy, fold(&events))).collect()
}

fn date_of(event: &Event) -> LocalDate {
    event.at.date_at(ZONE)
}

#[test]
fn the_same_seed_and_day_give_the_same_network() {
    let once = plan(5, today()).unwrap();
    let again = plan(5, today()).unwrap();
    let other = plan(6, today()).unwrap();
    for ((a, b), c) in once.branches.iter().zip(&again.branches).zip(&other.branches) {
        assert_eq!(a.year, b.year);
        assert_eq!(a.branch, b.branch);
        assert_ne!(a.year, c.year);
    }
}

#[test]
fn a_year_has_the_size_of_a_small_branch() {
    check(|_, branch| {
        let timelines = timelines(&branch.year);
        let loans: usize = timelines.values().map(|t| t.loans.len()).sum();
        let open = timelines.values().filter(|t| t.open().is_some()).count();
        let overdue =
            timelines.values().filter_map(Timeline::open).filter(|loan| loan.due < today()).count();
        let renewals: u32 =
            timelines.values().flat_map(|t| &t.loans).map(|l| u32::from(l.renewals)).sum();
        eprintln!("{loans} loans, {open} open, {overdue} overdue, {renewals} renewals");
        assert!((1_500..9_000).contains(&loans));
        assert!((50..450).contains(&open));
        assert!((5..120).contains(&overdue));
        assert!(renewals > 100);
    });
}

#[test]
fn nobody_borrows_on_a_closed_day_or_outside_of_the_year() {
    check(|plan, branch| {
        for event in &branch.year {
            let date = date_of(event);
            assert!(!is_closed(&plan.closed_days, &branch.branch.code, date), "{date}");
            assert!((1..=i64::from(DAYS)).contains(&today().days_since(date)), "{date}");
        }
        let days: HashSet<LocalDate> = branch.year.iter().map(date_of).collect();
        assert!(days.len() > 250, "{} days with loans", days.len());
    });
}

#[test]
fn no_due_date_falls_on_a_closed_day() {
    check(|plan, branch| {
        for event in &branch.year {
            if let Deed::Borrow { due, .. } | Deed::Renew { due, .. } = event.deed {
                assert!(!is_closed(&plan.closed_days, &branch.branch.code, due), "{due}");
            }
        }
    });
}

#[test]
fn no_copy_is_lent_twice_at_once_but_where_a_return_was_missed() {
    check(|_, branch| {
        let flags: Vec<_> =
            timelines(&branch.year).into_values().flat_map(|timeline| timeline.flags).collect();
        assert!(flags.iter().all(|flag| flag.kind == FlagKind::ReturnMissed), "{flags:?}");
        assert!(flags.len() <= MISSED_RETURNS_MAX);
    });
}

#[test]
fn a_review_list_has_something_to_show() {
    let plan = plan(SEEDS[0], today()).unwrap();
    let missed = plan
        .branches
        .iter()
        .flat_map(|branch| timelines(&branch.year).into_values())
        .filter(|timeline| !timeline.flags.is_empty())
        .count();
    assert!(missed > 0);
}

#[test]
fn nobody_has_more_books_than_their_policy_allows() {
    check(|plan, branch| {
        let limit: HashMap<PatronCode, usize> = branch
            .readers
            .iter()
            .map(|reader| {
                let card = &reader.patron.card;
                let policy = policy_for(&plan.policies, &branch.branch.code, &card.category);
                (card.code.clone(), usize::from(policy.unwrap().loans_max))
            })
            .collect();
        let mut holder: HashMap<&Barcode, &PatronCode> = HashMap::new();
        let mut has: HashMap<&PatronCode, usize> = HashMap::new();
        for event in &branch.year {
            let before = match &event.deed {
                Deed::Borrow { patron, .. } => {
                    *has.entry(patron).or_default() += 1;
                    assert!(has[patron] <= limit[patron], "{patron} on {}", date_of(event));
                    holder.insert(&event.copy, patron)
                }
                Deed::Return { .. } => holder.remove(&event.copy),
                _ => None,
            };
            if let Some(before) = before {
                *has.entry(before).or_default() -= 1;
            }
        }
    });
}

#[test]
fn each_desk_counts_its_scans_and_time_never_runs_back() {
    check(|_, branch| {
        let mut seqs = BTreeMap::new();
        let mut ids = HashSet::new();
        for pair in branch.year.windows(2) {
            assert!(pair[0].at < pair[1].at);
        }
        for event in &branch.year {
            let seq = seqs.entry(event.desk).or_insert(0);
            *seq += 1;
            assert_eq!(event.seq, *seq);
            assert!(ids.insert(event.id));
        }
        assert_eq!(seqs.len(), super::DESKS);
    });
}

#[test]
fn weekends_are_busier_and_a_tenth_of_the_titles_makes_a_good_part_of_the_loans() {
    check(|_, branch| {
        let borrows: Vec<&Event> =
            branch.year.iter().filter(|e| matches!(e.deed, Deed::Borrow { .. })).collect();
        let on = |weekday: u8| {
            let is_day =
                |e: &&&Event| date_of(e).date().weekday().number_days_from_monday() == weekday;
            borrows.iter().filter(is_day).count()
        };
        assert!(on(5) > on(1), "Saturday {} Tuesday {}", on(5), on(1));

        let title: HashMap<&Barcode, &str> =
            branch.shelves.iter().map(|s| (&s.details.barcode, s.details.title.as_str())).collect();
        let mut loans: HashMap<&str, usize> = HashMap::new();
        for borrow in &borrows {
            *loans.entry(title[&borrow.copy]).or_default() += 1;
        }
        let mut counts: Vec<usize> = loans.into_values().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let top: usize = counts.iter().take(counts.len() / 10).sum();
        let share = top as f64 / borrows.len() as f64;
        assert!((0.25..0.75).contains(&share), "{share}");
    });
}
