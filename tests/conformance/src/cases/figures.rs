//! Figures: what a site adds up is what one counts in its files.

use std::collections::BTreeMap;

use lienthu_domain::copy::{CopyCondition, CopyDetails, CopyState};
use lienthu_domain::ids::TitleKey;
use lienthu_domain::loan::{Loan, LoanEnding};
use lienthu_domain::period::{Period, Step};
use lienthu_domain::times::{LocalDate, ZoneOffset};
use lienthu_port::error::Obstacle;
use lienthu_port::figures::{
    ClassFigures, LENT_TITLES_MAX, MostLent, SiteFigures, StepFigures, TitleLoans,
};
use lienthu_port::lookup::CopyFile;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    Desk, ELSEWHERE, HERE, PATRONS, World, assert_obstructed, at, copy, day, fact, key, patron,
    small_seed, title, withdrawal,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "figures are what one counts in the files of all copies" => as_counted,
        "a day begins at midnight of the branch, and the period holds its last day" => local_days,
        "patrons are new on the day on which their card is made, and visitors are not" => new_patrons,
        "the titles lent most often come in order, page by page, down to how often is asked for" => most_lent,
        "titles are counted in the order in which they are asked, and are bounded" => times_lent,
    ]
}

const CLASSES: [(&str, &str); 6] =
    [("T0", "005.133"), ("T1", "895.922"), ("T2", "8"), ("T3", ""), ("T4", "VN 12"), ("T5", "٣12")];

fn titles() -> Vec<TitleKey> {
    CLASSES.iter().map(|(isbn, _)| key(isbn)).collect()
}

fn barcodes() -> Vec<String> {
    (0..24).map(|number| format!("C{number:02}")).collect()
}

/// A library in which these titles have been lent by these dice for two months.
async fn library(bench: &Bench) -> Result<World, CannotHere> {
    let mut dice = ChaCha8Rng::seed_from_u64(bench.seed);
    let mut seed = small_seed();
    seed.titles = CLASSES
        .iter()
        .map(|(isbn, ddc)| {
            let mut title = title(isbn, "Sách");
            title.ddc = (*ddc).to_owned();
            title
        })
        .collect();
    let world = World::empty(bench, seed).await;
    for code in PATRONS {
        world.add_patron(patron(code, "STUDENT")).await;
    }
    let copies: Vec<CopyDetails> = barcodes()
        .iter()
        .map(|barcode| CopyDetails {
            title: titles().choose(&mut dice).unwrap().clone(),
            ..copy(barcode)
        })
        .collect();
    world.site.add_copies(&copies).await.unwrap();
    let mut desk = Desk::new(1);
    let mut batch = vec![];
    for barcode in barcodes() {
        let mut minute = -60 * 24 * 60;
        loop {
            minute += dice.random_range(1..20 * 24 * 60);
            if minute > 0 {
                break;
            }
            let lent = desk.borrow(&barcode, PATRONS.choose(&mut dice).unwrap(), at(minute));
            batch.push(fact(&lent));
            match dice.random_range(0..10) {
                0 => batch.push(fact(&desk.undo(&lent, at(minute + 1)))),
                1 => batch.push(withdrawal(&lent)),
                // Its return is missed.
                2 => {}
                3 => {
                    let returned_on = Some(at(minute).date_at(ZoneOffset::VIET_NAM));
                    let deed = lienthu_domain::event::Deed::Return { returned_on };
                    minute += dice.random_range(1..10 * 24 * 60);
                    batch.push(fact(&desk.event(&barcode, deed, at(minute))));
                }
                _ => {
                    minute += dice.random_range(1..30 * 24 * 60);
                    batch.push(fact(&desk.take_back(&barcode, at(minute))));
                }
            }
        }
    }
    for part in batch.chunks(400) {
        world.send(part).await;
    }
    let gone = CopyCondition::Forwarded;
    world.hands.set_condition(key("C00"), gone, Some(key(ELSEWHERE))).await?;
    world.hands.set_condition(key("C01"), CopyCondition::InTransit, None).await?;
    Ok(world)
}

async fn files(world: &World) -> Vec<CopyFile> {
    let mut files = vec![];
    for barcode in barcodes() {
        files.push(world.copy(&barcode).await);
    }
    files
}

fn lent_on(loan: &Loan) -> LocalDate {
    loan.borrowed_at.date_at(ZoneOffset::VIET_NAM)
}

/// Loans of a copy that count in a period.
fn loans_in<'a>(file: &'a CopyFile, period: &'a Period) -> impl Iterator<Item = &'a Loan> {
    let is_in = |date: LocalDate| period.from() <= date && date <= period.to();
    file.loans.iter().filter(move |loan| !loan.undone && is_in(lent_on(loan)))
}

/// What one counts in the files.
fn count(files: &[CopyFile], period: &Period, today: LocalDate) -> SiteFigures {
    let is_in = |date: LocalDate| period.from() <= date && date <= period.to();
    let loans = || files.iter().flat_map(|file| &file.loans).filter(|loan| !loan.undone);
    let mut steps: BTreeMap<LocalDate, StepFigures> = BTreeMap::new();
    let mut step = |date: LocalDate, loans: u32, returns: u32| {
        let from = period.step().start_of(date);
        let step =
            steps.entry(from).or_insert(StepFigures { from, loans: 0, returns: 0, new_patrons: 0 });
        step.loans += loans;
        step.returns += returns;
    };
    for loan in loans() {
        if is_in(lent_on(loan)) {
            step(lent_on(loan), 1, 0);
        }
        if let (Some(date), Some(LoanEnding::Returned)) = (loan.returned_on, loan.ending)
            && is_in(date)
        {
            step(date, 0, 1);
        }
    }
    let mut classes: BTreeMap<u8, ClassFigures> = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for file in files {
        let digit = file.title.ddc.chars().next().filter(char::is_ascii_digit);
        let class = digit.and_then(|digit| u8::try_from(digit.to_digit(10)?).ok());
        let none = ClassFigures { class, titles: 0, copies: 0, free: 0, on_loan: 0, loans: 0 };
        let lent = u32::try_from(loans_in(file, period).count()).unwrap();
        let is_live = file.copy.condition != CopyCondition::Forwarded;
        if !is_live && lent == 0 {
            continue;
        }
        let figures = classes.entry(class.unwrap_or(u8::MAX)).or_insert(none);
        figures.loans += lent;
        if is_live {
            figures.titles += u32::from(seen.insert(file.title.key.clone()));
            figures.copies += 1;
            figures.free += u32::from(file.copy.state == CopyState::Free);
            figures.on_loan += u32::from(file.copy.state == CopyState::OnLoan);
        }
    }
    let open: Vec<&Loan> = loans().filter(|loan| loan.is_open()).collect();
    SiteFigures {
        today,
        on_loan: u32::try_from(open.len()).unwrap(),
        overdue: u32::try_from(open.iter().filter(|loan| loan.is_overdue(today)).count()).unwrap(),
        patrons: u32::try_from(PATRONS.len()).unwrap(),
        visitors: 0,
        steps: steps.into_values().collect(),
        classes: classes.into_values().collect(),
    }
}

async fn as_counted(bench: Bench) -> Result<(), CannotHere> {
    let world = library(&bench).await?;
    let files = files(&world).await;
    // The cards were made today, which none of these periods holds.
    for (from, to, step) in [
        (-70, 1, Step::Day),
        (-70, 1, Step::Week),
        (-70, 1, Step::Month),
        (-31, -10, Step::Week),
        (-12, -12, Step::Month),
        (-700, -400, Step::Day),
    ] {
        let period = Period::new(day(from), day(to), step).unwrap();
        let figures = world.site.figures(&period).await.unwrap();
        let seed = bench.seed;
        assert_eq!(figures, count(&files, &period, day(2)), "{period:?} (seed {seed})");
    }
    Ok(())
}

async fn local_days(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    // Eight in the morning is the minute nought: the day is from minute −480 to minute 959.
    let mut batch = vec![];
    for (copy, minute) in [("Q001", -481), ("Q002", -480), ("Q003", 959), ("Q004", 960)] {
        batch.push(fact(&desk.borrow(copy, PATRONS[0], at(minute))));
    }
    world.done(&batch).await;
    let loans = async |from: i32, to: i32| {
        let period = Period::new(day(from), day(to), Step::Day).unwrap();
        let steps = world.site.figures(&period).await.unwrap().steps;
        steps
            .iter()
            .map(|step| (step.from, step.loans))
            .filter(|step| step.1 > 0)
            .collect::<Vec<_>>()
    };
    assert_eq!(loans(0, 0).await, [(day(0), 2)]);
    assert_eq!(loans(-1, 1).await, [(day(-1), 1), (day(0), 2), (day(1), 1)]);
    let none = MostLent { at_least: 1, after: None, limit: 10 };
    let period = Period::new(day(0), day(0), Step::Month).unwrap();
    assert_eq!(world.site.most_lent(&period, &none).await.unwrap()[0].loans, 2);
    Ok(())
}

async fn new_patrons(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let clock = world.hands.clock()?;
    // Half past eleven in the evening of the third day at the branch: in UTC it is the afternoon.
    clock.set(at(2 * 24 * 60 + 930));
    world.add_patron(patron("N1", "STUDENT")).await;
    clock.set(at(2 * 24 * 60 + 961));
    world.add_patron(patron("N2", "STUDENT")).await;
    let mut visitor = patron("N3", "STUDENT");
    visitor.card.home_branch = Some(key(ELSEWHERE));
    visitor.card.home_code = Some(key("DG001"));
    world.add_patron(visitor).await;
    // Whoever is changed later, or goes, got a card all the same, and once.
    world.change_patron("N1", |patron| patron.note = "Đã đổi".to_owned()).await;
    world.site.remove_patron(&key("N2")).await.unwrap();
    let period = Period::new(day(0), day(30), Step::Day).unwrap();
    let figures = world.site.figures(&period).await.unwrap();
    let of_kit = u32::try_from(PATRONS.len()).unwrap() + 1;
    let new: Vec<_> = figures.steps.iter().map(|step| (step.from, step.new_patrons)).collect();
    assert_eq!(new, [(day(2), of_kit + 1), (day(3), 1)]);
    assert_eq!((figures.patrons, figures.visitors), (of_kit + 1, 1));
    assert_eq!(figures.today, day(3));
    assert_eq!(patron("N1", "STUDENT").card.branch, key(HERE));
    Ok(())
}

/// How often each title was lent in a period, in the order of the port.
async fn list(world: &World, period: &Period) -> Vec<TitleLoans> {
    let mut counts: BTreeMap<TitleKey, u32> = BTreeMap::new();
    for file in &files(world).await {
        let lent = u32::try_from(loans_in(file, period).count()).unwrap();
        *counts.entry(file.title.key.clone()).or_default() += lent;
    }
    let mut list: Vec<TitleLoans> =
        counts.into_iter().map(|(title, loans)| TitleLoans { title, loans }).collect();
    list.retain(|line| line.loans > 0);
    list.sort_by_key(|line| (std::cmp::Reverse(line.loans), line.title.clone()));
    list
}

async fn most_lent(bench: Bench) -> Result<(), CannotHere> {
    let world = library(&bench).await?;
    for (from, to) in [(-70, 1), (-20, -10)] {
        let period = Period::new(day(from), day(to), Step::Day).unwrap();
        let list = list(&world, &period).await;
        let seed = bench.seed;
        for at_least in 1..8 {
            let due: Vec<_> = list.iter().filter(|line| line.loans >= at_least).cloned().collect();
            for limit in [1, 2, 100] {
                let mut found: Vec<TitleLoans> = vec![];
                loop {
                    let asked = MostLent { at_least, after: found.last().cloned(), limit };
                    let page = world.site.most_lent(&period, &asked).await.unwrap();
                    assert!(page.len() <= usize::try_from(limit).unwrap());
                    if page.is_empty() {
                        break;
                    }
                    found.extend(page);
                }
                assert_eq!(found, due, "at least {at_least} by {limit} (seed {seed})");
            }
        }
    }
    Ok(())
}

async fn times_lent(bench: Bench) -> Result<(), CannotHere> {
    let world = library(&bench).await?;
    let period = Period::new(day(-70), day(1), Step::Day).unwrap();
    let list = list(&world, &period).await;
    let asked: Vec<TitleKey> = ["T3", "khong co", "T1", "t1", "T3"].map(key).to_vec();
    let counted = world.site.times_lent(&period, &asked).await.unwrap();
    for (title, line) in asked.iter().zip(&counted) {
        let due = list.iter().find(|known| known.title == *title).map_or(0, |known| known.loans);
        assert_eq!((&line.title, line.loans), (title, due), "(seed {})", bench.seed);
    }
    assert_eq!(counted.len(), asked.len());
    let too_many = vec![key::<TitleKey>("T1"); LENT_TITLES_MAX + 1];
    assert_obstructed(world.site.times_lent(&period, &too_many).await, Obstacle::TooMany);
    Ok(())
}
