//! Where things are: what a branch says of its own when all sites are asked.

use lienthu_domain::copy::{CopyCondition, CopyDetails, CopyState};
use lienthu_domain::event::Event;
use lienthu_domain::ids::{Barcode, EventId, TitleKey};
use lienthu_domain::patron::Patron;
use lienthu_port::error::Obstacle;
use lienthu_port::whereabouts::{
    HISTORY_PAGE_MAX, HOLDINGS_MAX, Holding, LoanPlace, PatronLoans, PatronOf,
};

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    COPIES, Desk, ELSEWHERE, HERE, MANAGER, PATRONS, TITLES, World, assert_obstructed, at, copy,
    fact, key, patron, withdrawal,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "the copies of a title are counted once each, by their state, and what went away is not" => counted,
        "titles are answered in the order in which they are asked, and are bounded" => in_order,
        "a copy says who has it, and where it went" => place,
        "a patron's loans are those on their own card at home, and on visitor cards elsewhere" => whose,
        "a patron's loans come page by page, latest first, each once" => paged,
    ]
}

fn holding(title: &str, [copies, free, on_loan, in_transit, unusable]: [u32; 5]) -> Holding {
    Holding { title: key(title), copies, free, on_loan, in_transit, unusable }
}

async fn holdings(world: &World, titles: &[&str]) -> Vec<Holding> {
    let titles: Vec<TitleKey> = titles.iter().map(|title| key(title)).collect();
    world.site.holdings(&titles).await.unwrap()
}

async fn counted(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    assert_eq!(holdings(&world, &[TITLES[0]]).await, [holding(TITLES[0], [8, 8, 0, 0, 0])]);
    let mut desk = Desk::new(1);
    world.done(&[fact(&desk.borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    for (barcode, condition) in [
        (COPIES[1], CopyCondition::Damaged),
        (COPIES[2], CopyCondition::Lost),
        (COPIES[3], CopyCondition::Withdrawn),
    ] {
        let seen = copy(barcode);
        let details = CopyDetails { condition, ..seen.clone() };
        let change = lienthu_port::lookup::CopyChange { details, seen };
        world.site.put_copy(&change).await.unwrap();
    }
    world.site.remove_copy(&key(COPIES[4])).await.unwrap();
    let (there, transit, forwarded) =
        (key(ELSEWHERE), CopyCondition::InTransit, CopyCondition::Forwarded);
    world.hands.set_condition(key(COPIES[5]), transit, None).await?;
    world.hands.set_condition(key(COPIES[6]), forwarded, Some(there)).await?;
    let expected = holding(TITLES[0], [6, 1, 1, 1, 3]);
    assert_eq!(holdings(&world, &[TITLES[0]]).await, std::slice::from_ref(&expected));
    // A fact of a desk that did not know: the book is the other branch's all the same.
    world.done(&[fact(&desk.borrow(COPIES[6], PATRONS[1], at(2)))]).await;
    assert_eq!(holdings(&world, &[TITLES[0]]).await, [expected]);
    Ok(())
}

async fn in_order(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let details = CopyDetails { title: key(TITLES[1]), ..copy("Q100") };
    world.site.add_copies(&[details]).await.unwrap();
    let none = |title| holding(title, [0; 5]);
    assert_eq!(
        holdings(&world, &[TITLES[2], TITLES[1], "khong co", TITLES[0], TITLES[1], "lt-0003"])
            .await,
        [
            none(TITLES[2]),
            holding(TITLES[1], [1, 1, 0, 0, 0]),
            none("khong co"),
            holding(TITLES[0], [8, 8, 0, 0, 0]),
            holding(TITLES[1], [1, 1, 0, 0, 0]),
            // Keys are opaque: no case is folded.
            none("lt-0003"),
        ]
    );
    assert_eq!(holdings(&world, &[]).await, []);
    let too_many = vec![key::<TitleKey>(TITLES[0]); HOLDINGS_MAX + 1];
    assert_obstructed(world.site.holdings(&too_many).await, Obstacle::TooMany);
    assert_eq!(world.site.holdings(&too_many[1..]).await.unwrap().len(), HOLDINGS_MAX);
    Ok(())
}

async fn place(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let before = desk.borrow(COPIES[0], PATRONS[1], at(1));
    let back = desk.take_back(COPIES[0], at(2));
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(3));
    world.done(&[fact(&before), fact(&back), fact(&lent)]).await;
    let found = |barcode: &str| {
        let (site, barcode) = (world.site.clone(), key::<Barcode>(barcode));
        async move { site.copy_place(&barcode).await.unwrap() }
    };
    let place = found(COPIES[0]).await.unwrap();
    assert_eq!(place.copy, world.copy(COPIES[0]).await.copy);
    assert_eq!(place.copy.state, CopyState::OnLoan);
    assert_eq!(place.title.key, key(TITLES[0]));
    assert_eq!(place.loan.as_ref().map(|loan| loan.borrow), Some(lent.id));
    assert_eq!(place.holder.as_ref().map(|card| &card.code), Some(&key(PATRONS[0])));
    assert_eq!((place.hops, place.held_by, place.coming_from.clone()), (0, None, None));
    assert!(place.is_live());

    let place = found(COPIES[1]).await.unwrap();
    assert_eq!((place.loan, place.holder), (None, None));

    let gone = CopyCondition::Forwarded;
    world.hands.set_condition(key(COPIES[2]), gone, Some(key(ELSEWHERE))).await?;
    let place = found(COPIES[2]).await.unwrap();
    assert!(!place.is_live());
    assert_eq!(place.copy.forwarded_to, Some(key(ELSEWHERE)));

    world.site.remove_copy(&key(COPIES[3])).await.unwrap();
    assert_eq!(found(COPIES[3]).await, None);
    assert_eq!(found("q001").await, None, "keys are opaque: no case is folded");
    Ok(())
}

async fn loans(world: &World, branch: &str, code: &str, behind: Option<LoanPlace>) -> PatronLoans {
    let manager = world.sign_in(MANAGER).await;
    let patron = PatronOf { branch: key(branch), code: key(code) };
    manager.patron_loans(&patron, behind).await.unwrap()
}

fn ids(loans: &PatronLoans) -> Vec<EventId> {
    loans.loans.iter().map(|line| line.loan.borrow).collect()
}

fn visitor(code: &str, home_branch: &str, home_code: &str) -> Patron {
    let mut visitor = patron(code, "STUDENT");
    visitor.card.home_branch = Some(key(home_branch));
    visitor.card.home_code = Some(key(home_code));
    visitor
}

async fn whose(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    // The same code is another person's at another branch.
    for (code, home_code) in
        [("V1", PATRONS[0]), ("V2", PATRONS[0]), ("V3", "dg001"), ("V4", "DG0")]
    {
        world.add_patron(visitor(code, ELSEWHERE, home_code)).await;
    }
    world.add_patron(visitor("V5", "TD", PATRONS[0])).await;
    let mut desk = Desk::new(1);
    let mut lend = |number: usize, patron: &str, minute| {
        let lent = desk.borrow(COPIES[number], patron, at(minute));
        (lent.id, fact(&lent))
    };
    let (own, of_own) = lend(0, PATRONS[0], 1);
    let (first, of_first) = lend(1, "V1", 2);
    let (second, of_second) = lend(2, "V2", 3);
    let (_, of_third) = lend(3, "V3", 4);
    let (fifth, of_fifth) = lend(4, "V5", 5);
    world.done(&[of_own, of_first, of_second, of_third, of_fifth]).await;

    let at_home = loans(&world, HERE, PATRONS[0], None).await;
    assert_eq!(ids(&at_home), [own]);
    assert_eq!(at_home.cards, [patron(PATRONS[0], "STUDENT").card]);
    assert_eq!(at_home.loans[0].title, "Truyện Kiều");
    assert!(!at_home.more);
    let as_visitor = loans(&world, ELSEWHERE, PATRONS[0], None).await;
    assert_eq!(ids(&as_visitor), [second, first]);
    let codes: Vec<&str> = as_visitor.cards.iter().map(|card| card.code.as_str()).collect();
    assert_eq!(codes, ["V1", "V2"]);
    assert_eq!(ids(&loans(&world, "TD", PATRONS[0], None).await), [fifth]);
    // A visitor card is nobody's own.
    assert_eq!(loans(&world, HERE, "V1", None).await, PatronLoans::default());
    assert_eq!(loans(&world, HERE, "DG404", None).await, PatronLoans::default());
    assert_eq!(loans(&world, HERE, "' OR 1=1", None).await, PatronLoans::default());
    Ok(())
}

async fn paged(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let mut lent: Vec<Event> = vec![];
    let mut batch = vec![];
    let count = i64::try_from(2 * HISTORY_PAGE_MAX).unwrap() + 7;
    for n in 0..count {
        // Pairs at one moment: their order is that of their ids.
        let copy = COPIES[usize::try_from(n % 2).unwrap()];
        let minute = 4 * (n / 2) - 3_000;
        let event = desk.borrow(copy, PATRONS[0], at(minute));
        batch.push(fact(&event));
        batch.push(fact(&desk.take_back(copy, at(minute + 1))));
        lent.push(event);
    }
    for part in batch.chunks(400) {
        world.done(part).await;
    }
    // What was undone is told, what was withdrawn is nobody's business.
    world.done(&[fact(&desk.undo(&lent[3], at(1)))]).await;
    let gone = lent.remove(4);
    world.send_one(&withdrawal(&gone)).await;
    lent.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));

    let (mut all, mut behind, mut pages) = (vec![], None, 0);
    loop {
        let page = loans(&world, HERE, PATRONS[0], behind).await;
        pages += 1;
        assert!(page.loans.len() <= HISTORY_PAGE_MAX);
        behind = page.loans.last().map(|line| LoanPlace::of(&line.loan));
        all.extend(page.loans.iter().map(|line| line.loan.clone()));
        if !page.more {
            break;
        }
    }
    assert_eq!(pages, 3);
    let found: Vec<EventId> = all.iter().map(|loan| loan.borrow).collect();
    let expected: Vec<EventId> = lent.iter().map(|event| event.id).collect();
    assert_eq!(found, expected);
    assert_eq!(all.iter().filter(|loan| loan.undone).count(), 1);
    Ok(())
}
