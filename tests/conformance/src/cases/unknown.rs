//! Facts about copies and patrons that the site does not know yet, or not any more.

use lienthu_domain::copy::CopyState;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::FlagKind;
use lienthu_port::submit::Outcome;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{COPIES, Desk, PATRONS, World, at, copy, fact, key, patron, request};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "facts about an unknown copy take effect when it is added" => copy_added,
        "facts about an unknown patron take effect when they are added" => patron_added,
        "facts about an unknown copy and patron wait for both, in either order" => both_added,
        "a loan of an unknown copy counts towards nobody's limit, in whatever batch it comes" => no_limit,
        "what follows a loan of an unknown patron finds it all the same" => after_unknown_patron,
        "facts about a removed copy count, and are odd" => removed_copy,
        "facts about a removed patron count, and are odd" => removed_patron,
        "a removed copy that was found comes back with its loans" => found_again,
    ]
}

fn loan_of(outcome: &Outcome) -> Option<&lienthu_domain::loan::Loan> {
    match outcome {
        Outcome::Done { loan, .. } => loan.as_ref(),
        other => panic!("{other:?}"),
    }
}

async fn copy_added(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow("Q900", PATRONS[0], at(1));
    let back = desk.take_back("Q900", at(2));
    let again = desk.borrow("Q900", PATRONS[1], at(3));
    let outcomes = world.send(&[fact(&lent), fact(&back), fact(&again)]).await;
    assert!(outcomes.iter().all(|outcome| loan_of(outcome).is_none()));
    for event in [&lent, &back, &again] {
        assert_eq!(world.kinds_about(event).await, [FlagKind::CopyUnknown]);
    }
    assert!(world.site.copy(&key("Q900")).await.unwrap().is_none());
    assert_eq!(world.open_loans(PATRONS[1]).await, []);

    world.site.add_copies(&[copy("Q900"), copy("Q901")]).await.unwrap();
    let file = world.copy("Q900").await;
    assert_eq!(file.copy.state, CopyState::OnLoan);
    assert_eq!(file.loans.len(), 2);
    assert_eq!(world.open_loans(PATRONS[1]).await, [again.id]);
    assert!(world.items().await.is_empty());
    assert_eq!(loan_of(&world.send_one(&fact(&again)).await), Some(&file.loans[0]));
    Ok(())
}

async fn patron_added(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], "DG404", at(1));
    assert_eq!(loan_of(&world.send_one(&fact(&lent)).await), None);
    let file = world.copy(COPIES[0]).await;
    assert_eq!(file.copy.state, CopyState::OnLoan, "the book is out, whoever has it");
    assert_eq!((file.holder, file.loans.len()), (None, 0));
    assert_eq!(world.kinds_about(&lent).await, [FlagKind::PatronUnknown]);

    world.add_patron(patron("DG404", "STUDENT")).await;
    assert_eq!(world.open_loans("DG404").await, [lent.id]);
    let file = world.copy(COPIES[0]).await;
    assert_eq!(file.holder.unwrap().code, key("DG404"));
    assert_eq!(loan_of(&world.send_one(&fact(&lent)).await), Some(&file.loans[0]));
    Ok(())
}

async fn no_limit(bench: Bench) -> Result<(), CannotHere> {
    for together in [true, false] {
        let world = World::of(&bench).await;
        world.add_patron(patron("DG010", "CHILD")).await;
        let mut desk = Desk::new(1);
        // Children may have one book.
        let unknown = fact(&desk.borrow("Q900", "DG010", at(1)));
        let known = request(&desk.borrow(COPIES[0], "DG010", at(2)));
        let batch = [unknown, known];
        let outcomes = if together {
            world.send(&batch).await
        } else {
            let mut outcomes = world.send(&batch[..1]).await;
            outcomes.extend(world.send(&batch[1..]).await);
            outcomes
        };
        let all_done = outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done { .. }));
        assert!(all_done, "together: {together}, {outcomes:?}");
    }
    Ok(())
}

async fn both_added(bench: Bench) -> Result<(), CannotHere> {
    for copy_first in [true, false] {
        let world = World::of(&bench).await;
        let lent = Desk::new(1).borrow("Q900", "DG404", at(1));
        world.done(&[fact(&lent)]).await;
        let kinds = world.kinds_about(&lent).await;
        assert_eq!(kinds, [FlagKind::CopyUnknown, FlagKind::PatronUnknown]);
        if copy_first {
            world.site.add_copies(&[copy("Q900")]).await.unwrap();
            assert!(world.copy("Q900").await.loans.is_empty());
        }
        world.add_patron(patron("DG404", "STUDENT")).await;
        if !copy_first {
            world.site.add_copies(&[copy("Q900")]).await.unwrap();
        }
        assert_eq!(world.open_loans("DG404").await, [lent.id]);
        assert_eq!(world.copy("Q900").await.copy.state, CopyState::OnLoan);
    }
    Ok(())
}

async fn after_unknown_patron(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.done(&[fact(&desk.borrow(COPIES[0], "DG404", at(1)))]).await;
    let other = desk.borrow(COPIES[0], PATRONS[0], at(2));
    let refused = Outcome::Refused { reasons: vec![Refusal::CopyOnLoan] };
    assert_eq!(world.send_one(&request(&other)).await, refused);
    world.done(&[request(&desk.take_back(COPIES[0], at(3)))]).await;
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::Free);
    world.add_patron(patron("DG404", "STUDENT")).await;
    let loans = world.copy(COPIES[0]).await.loans;
    assert_eq!(loans.len(), 1);
    assert_eq!(loans[0].ended_at, Some(at(3)));
    Ok(())
}

async fn removed_copy(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.site.remove_copy(&key(COPIES[0])).await.unwrap();
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[fact(&lent)]).await;
    assert_eq!(world.kinds_about(&lent).await, [FlagKind::CopyNotInCollection]);
    assert_eq!(world.open_loans(PATRONS[0]).await, [lent.id]);
    let unknown = Outcome::Refused { reasons: vec![Refusal::CopyUnknown] };
    let again = desk.borrow(COPIES[0], PATRONS[1], at(2));
    assert_eq!(world.send_one(&request(&again)).await, unknown);
    world.done(&[request(&desk.take_back(COPIES[0], at(3)))]).await;
    assert_eq!(world.open_loans(PATRONS[0]).await, []);
    assert_eq!(world.send_one(&request(&desk.take_back(COPIES[0], at(4)))).await, unknown);
    Ok(())
}

async fn removed_patron(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.site.remove_patron(&key(PATRONS[0])).await.unwrap();
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[fact(&lent)]).await;
    assert_eq!(world.kinds_about(&lent).await, [FlagKind::PatronUnknown]);
    let loans = world.copy(COPIES[0]).await.loans;
    assert_eq!((loans.len(), loans[0].patron.as_str()), (1, PATRONS[0]));
    let refused = Outcome::Refused { reasons: vec![Refusal::PatronUnknown] };
    let more = desk.borrow(COPIES[1], PATRONS[0], at(2));
    assert_eq!(world.send_one(&request(&more)).await, refused);
    Ok(())
}

async fn found_again(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let back = desk.take_back(COPIES[0], at(2));
    world.done(&[fact(&lent), fact(&back)]).await;
    world.site.remove_copy(&key(COPIES[0])).await.unwrap();
    assert!(world.site.copy(&key(COPIES[0])).await.unwrap().is_none());
    world.site.add_copies(&[copy(COPIES[0])]).await.unwrap();
    let file = world.copy(COPIES[0]).await;
    assert_eq!((file.copy.state, file.loans.len()), (CopyState::Free, 1));
    Ok(())
}
