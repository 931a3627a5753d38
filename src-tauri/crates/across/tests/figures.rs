//! What becomes of many sites' answers: sums, pages and lists, by property against the whole.
#![allow(clippy::unwrap_used, missing_docs)]

use lienthu_across::federation::answers::{Answers, Heard};
use lienthu_across::federation::figures::merge;
use lienthu_across::federation::patrons::{merge_found, merge_history};
use lienthu_domain::ids::{BranchCode, EventId, PatronCategory, PatronCode};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::period::{Period, Step};
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_port::figures::{ClassFigures, SiteFigures, StepFigures};
use lienthu_port::whereabouts::{LoanPlace, PatronLoan, PatronLoans};
use proptest::prelude::*;
use uuid::Uuid;

fn branch(number: usize) -> BranchCode {
    BranchCode::parse(&format!("B{number:02}")).unwrap()
}

fn day(days: i32) -> LocalDate {
    "2026-11-02".parse::<LocalDate>().unwrap().plus_days(days)
}

fn answers<T>(said: impl IntoIterator<Item = T>) -> Answers<T> {
    let mut answers = Answers::default();
    answers.extend(said.into_iter().enumerate().map(|(number, said)| Heard {
        branch: branch(number),
        after_ms: 0,
        said: Ok(said),
    }));
    answers
}

fn loan(minute: i64, id: u128) -> PatronLoan {
    PatronLoan {
        loan: Loan {
            no: 1,
            borrow: EventId::new(Uuid::from_u128(id)),
            copy: "C1".parse().unwrap(),
            patron: "DG1".parse().unwrap(),
            branch: branch(0),
            borrowed_at: UtcMs::from_ms(minute * 60_000),
            due: day(14),
            renewals: 0,
            ended_at: None,
            ending: None,
            returned_on: None,
            undone: false,
        },
        title: "Truyện Kiều".to_owned(),
    }
}

/// A site's page of its loans behind a place, as the port says.
fn page(loans: &[PatronLoan], behind: Option<LoanPlace>, size: usize) -> PatronLoans {
    let place = |line: &PatronLoan| LoanPlace::of(&line.loan);
    let mut loans: Vec<PatronLoan> = loans
        .iter()
        .filter(|line| behind.is_none_or(|behind| place(line) < behind))
        .cloned()
        .collect();
    loans.sort_by_key(|line| std::cmp::Reverse(place(line)));
    let more = loans.len() > size;
    loans.truncate(size);
    PatronLoans { cards: vec![], loans, more }
}

proptest! {
    #[test]
    fn a_history_is_read_page_by_page_in_order_each_loan_once(
        sites in prop::collection::vec(prop::collection::vec(0i64..50, 0..25), 1..6),
        size in 1usize..8,
    ) {
        let mut id = 0;
        let sites: Vec<Vec<PatronLoan>> = sites
            .iter()
            .map(|minutes| {
                let mut line = |minute: &i64| {
                    id += 1;
                    loan(*minute, id)
                };
                minutes.iter().map(&mut line).collect()
            })
            .collect();
        let (mut found, mut behind) = (vec![], None);
        loop {
            let merged = merge_history(&answers(sites.iter().map(|loans| page(loans, behind, size))));
            found.extend(merged.loans);
            behind = merged.behind;
            if behind.is_none() {
                break;
            }
        }
        let mut whole: Vec<PatronLoan> = sites.concat();
        whole.sort_by_key(|line| std::cmp::Reverse(LoanPlace::of(&line.loan)));
        prop_assert_eq!(found, whole);
    }

    #[test]
    fn figures_of_the_whole_are_the_sums_of_the_branches(
        sites in prop::collection::vec(
            (prop::collection::vec((0i32..20, 0u32..9, 0u32..9), 0..10), prop::collection::vec((0u8..11, 1u32..50), 0..8)),
            0..6,
        ),
    ) {
        let period = Period::new(day(0), day(19), Step::Day).unwrap();
        let said: Vec<SiteFigures> = sites
            .iter()
            .map(|(steps, classes)| SiteFigures {
                today: day(20),
                on_loan: 3,
                overdue: 1,
                patrons: 5,
                visitors: 2,
                steps: steps
                    .iter()
                    .map(|(days, loans, returns)| StepFigures {
                        from: day(*days),
                        loans: *loans,
                        returns: *returns,
                        new_patrons: 1,
                    })
                    .collect(),
                classes: classes
                    .iter()
                    .map(|(class, copies)| ClassFigures {
                        class: Some(*class).filter(|class| *class < 10),
                        titles: 1,
                        copies: *copies,
                        free: 0,
                        on_loan: *copies,
                        loans: 2,
                    })
                    .collect(),
            })
            .collect();
        let merged = merge(&period, &answers(said));
        prop_assert_eq!(merged.steps.len(), 20, "also the days on which nothing happened");
        prop_assert!(merged.steps.is_sorted_by_key(|step| step.from));
        let sum = |part: fn(&StepFigures) -> u32| merged.steps.iter().map(part).sum::<u32>();
        let lent: u32 = sites.iter().flat_map(|(steps, _)| steps).map(|step| step.1).sum();
        let back: u32 = sites.iter().flat_map(|(steps, _)| steps).map(|step| step.2).sum();
        prop_assert_eq!((sum(|step| step.loans), sum(|step| step.returns)), (lent, back));
        prop_assert_eq!(merged.branches.iter().map(|branch| branch.loans).sum::<u32>(), lent);
        let copies: u32 = sites.iter().flat_map(|(_, classes)| classes).map(|class| class.1).sum();
        prop_assert_eq!(merged.classes.iter().map(|class| class.copies).sum::<u32>(), copies);
        prop_assert!(merged.classes.is_sorted_by_key(|class| class.class.unwrap_or(u8::MAX)));
        let classes: std::collections::BTreeSet<_> =
            merged.classes.iter().map(|class| class.class).collect();
        prop_assert_eq!(classes.len(), merged.classes.len(), "each class once");
    }
}

#[test]
fn patrons_of_all_branches_come_by_name_whatever_the_tones() {
    let patron = |branch: BranchCode, code: &str, name: &str| Patron {
        card: PatronCard {
            code: PatronCode::parse(code).unwrap(),
            name: name.to_owned(),
            branch,
            category: PatronCategory::parse("STUDENT").unwrap(),
            card_expires: None,
            block: None,
            home_branch: None,
            home_code: None,
        },
        birth_date: None,
        phone: String::new(),
        email: String::new(),
        deposit_vnd: 0,
        note: String::new(),
    };
    let first = vec![patron(branch(0), "2", "Đặng Văn An"), patron(branch(0), "1", "Trần Ân")];
    let second = vec![patron(branch(1), "9", "Dang Van Am")];
    let merged = merge_found(&answers([first, second]));
    let names: Vec<&str> = merged.cards.iter().map(|card| card.name.as_str()).collect();
    assert_eq!(names, ["Dang Van Am", "Đặng Văn An", "Trần Ân"]);
    assert!(merged.cut.is_empty());
}
