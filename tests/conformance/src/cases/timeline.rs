//! The loans of a copy are the fold of its accepted events.

use lienthu_domain::copy::CopyState;
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::loan::{Loan, LoanEnding};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_port::submit::Outcome;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    COPIES, Desk, HERE, PATRONS, TITLES, World, at, day, fact, key, request, withdrawal,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a loan is shown as its events tell it, from lending to return" => whole_story,
        "the receipt holds the loan as the lookup shows it" => receipt_and_lookup,
        "old reports stay right: local times, TinhTrang with two values" => old_reports,
        "an undone loan is marked, and no old report counts it as open" => undone_for_reports,
        "a back-dated return shows its date and keeps its place in the order" => back_dated,
        "a missed return ends the loan when the copy is lent again" => missed_return,
        "the real date of a missed return can be settled" => returned_on_settled,
        "a renewal moves the due date and counts" => renewal,
        "a late event is put where it belongs, and the loan keeps its number" => late_event,
        "a late borrow before a return is the loan that the return ended" => late_borrow,
        "an undone borrow frees the copy and stays visible" => undo_borrow,
        "an undone return opens the loan again" => undo_return,
        "an undone renewal puts the due date back" => undo_renewal,
        "an undo that arrives before its target holds" => undo_first,
        "undoing twice is refused, as a request" => undo_twice,
        "events of one moment are ordered by desk and sequence" => tie,
        "a withdrawn return opens the loan again" => withdrawn_return,
        "free copies are counted as timelines and conditions say" => counted_free,
    ]
}

async fn only_loan(world: &World) -> Loan {
    let mut loans = world.copy(COPIES[0]).await.loans;
    assert_eq!(loans.len(), 1, "{loans:?}");
    loans.remove(0)
}

async fn whole_story(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[request(&lent)]).await;
    let file = world.copy(COPIES[0]).await;
    assert_eq!(file.copy.state, CopyState::OnLoan);
    assert_eq!(file.holder.unwrap().code, key(PATRONS[0]));
    assert_eq!(file.title.key, key(TITLES[0]));
    let no = file.loans[0].no;
    let open = Loan {
        no,
        borrow: lent.id,
        copy: key(COPIES[0]),
        patron: key(PATRONS[0]),
        branch: key(HERE),
        borrowed_at: at(1),
        due: day(14),
        renewals: 0,
        ended_at: None,
        ending: None,
        returned_on: None,
        undone: false,
    };
    assert_eq!(file.loans, std::slice::from_ref(&open));
    assert_eq!(world.site.patron(&key(PATRONS[0])).await.unwrap().unwrap().loans, file.loans);

    world.done(&[request(&desk.take_back(COPIES[0], at(24 * 60)))]).await;
    let file = world.copy(COPIES[0]).await;
    assert_eq!(file.copy.state, CopyState::Free);
    assert_eq!(file.holder, None);
    let ended = Loan {
        ended_at: Some(at(24 * 60)),
        ending: Some(LoanEnding::Returned),
        returned_on: Some(day(1)),
        ..open
    };
    assert_eq!(file.loans, [ended]);
    Ok(())
}

async fn receipt_and_lookup(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let renewed = desk.renew(&lent, at(2));
    let back = desk.take_back(COPIES[0], at(3));
    let undone = desk.undo(&renewed, at(4));
    for event in [&lent, &renewed, &back, &undone] {
        let Outcome::Done { loan, .. } = world.send_one(&request(event)).await else {
            panic!("not done");
        };
        assert_eq!(loan, Some(only_loan(&world).await), "{:?}", event.deed);
    }
    Ok(())
}

async fn old_reports(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let copy = || key(COPIES[0]);
    assert_eq!(world.hands.tinh_trang(copy()).await?, "Có sẵn");
    world.done(&[fact(&desk.borrow(COPIES[0], PATRONS[0], at(16 * 60)))]).await;
    assert_eq!(world.hands.tinh_trang(copy()).await?, "Đang được mượn");
    let report = world.hands.old_report(copy()).await?;
    assert!(report[0].0.starts_with("2026-11-03 00:00:00"), "midnight at the branch: {report:?}");
    assert_eq!(report[0].1, None);
    world.done(&[fact(&desk.take_back(COPIES[0], at(17 * 60)))]).await;
    assert_eq!(world.hands.tinh_trang(copy()).await?, "Có sẵn");
    let report = world.hands.old_report(copy()).await?;
    assert!(report[0].1.as_ref().unwrap().starts_with("2026-11-03 01:00:00"), "{report:?}");
    Ok(())
}

async fn undone_for_reports(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let other = desk.borrow(COPIES[1], PATRONS[0], at(1));
    world.done(&[fact(&lent), fact(&desk.undo(&lent, at(2))), request(&other)]).await;
    world.send_one(&withdrawal(&other)).await;
    for copy in &COPIES[..2] {
        let report = world.hands.old_report(key(copy)).await?;
        assert_eq!(report.len(), 1, "nothing is deleted");
        assert_eq!(report[0].1.as_ref(), Some(&report[0].0));
        assert_eq!(world.hands.tinh_trang(key(copy)).await?, "Có sẵn");
    }
    Ok(())
}

async fn back_dated(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let from_the_book_drop =
        desk.event(COPIES[0], Deed::Return { returned_on: Some(day(0)) }, at(24 * 60));
    world.done(&[fact(&lent), fact(&from_the_book_drop)]).await;
    let loan = only_loan(&world).await;
    assert_eq!(loan.returned_on, Some(day(0)));
    assert_eq!(loan.ended_at, Some(at(24 * 60)));
    Ok(())
}

async fn missed_return(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let first = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let second = desk.borrow(COPIES[0], PATRONS[1], at(24 * 60));
    world.done(&[fact(&first), fact(&second)]).await;
    let file = world.copy(COPIES[0]).await;
    assert_eq!(file.loans[0].borrow, second.id, "latest first");
    assert_eq!(file.loans[1].ending, Some(LoanEnding::LentAgain));
    assert_eq!(file.loans[1].ended_at, Some(at(24 * 60)));
    assert_eq!(file.holder.unwrap().code, key(PATRONS[1]));
    assert_eq!(world.open_loans(PATRONS[0]).await, []);
    Ok(())
}

async fn returned_on_settled(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let first = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let second = desk.borrow(COPIES[0], PATRONS[1], at(24 * 60));
    world.done(&[fact(&first), fact(&second)]).await;
    let said = Settlement::ReturnedOn { date: day(0) };
    let settled = desk.settle(&first, FlagKind::ReturnMissed, said, at(24 * 60 + 1));
    world.done(&[request(&settled)]).await;
    let loans = world.copy(COPIES[0]).await.loans;
    assert_eq!(loans[1].returned_on, Some(day(0)));
    assert_eq!(loans[1].ended_at, Some(at(24 * 60)));
    assert!(world.items().await.is_empty());
    Ok(())
}

async fn renewal(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let renewed = desk.renew(&lent, at(10 * 24 * 60));
    world.hands.clock()?.set(at(10 * 24 * 60));
    world.done(&[request(&lent), request(&renewed)]).await;
    let loan = only_loan(&world).await;
    assert_eq!((loan.due, loan.renewals), (day(17), 1));
    Ok(())
}

async fn late_event(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let (mut online, mut offline) = (Desk::new(1), Desk::new(2));
    let first = online.borrow(COPIES[0], PATRONS[0], at(1));
    let third = online.borrow(COPIES[0], PATRONS[1], at(100));
    world.done(&[fact(&first), fact(&third)]).await;
    let before = world.copy(COPIES[0]).await.loans;
    assert_eq!(world.kinds_about(&first).await, [FlagKind::ReturnMissed]);
    world.done(&[fact(&offline.take_back(COPIES[0], at(50)))]).await;
    let after = world.copy(COPIES[0]).await.loans;
    assert_eq!(after[1].ended_at, Some(at(50)));
    assert_eq!(after[1].ending, Some(LoanEnding::Returned));
    assert_eq!([after[0].no, after[1].no], [before[0].no, before[1].no]);
    assert!(world.items().await.is_empty(), "the return was not missed after all");
    Ok(())
}

async fn late_borrow(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let (mut online, mut offline) = (Desk::new(1), Desk::new(2));
    let back = online.take_back(COPIES[0], at(50));
    world.done(&[fact(&back)]).await;
    assert_eq!(world.kinds_about(&back).await, [FlagKind::ReturnWithoutLoan]);
    world.done(&[fact(&offline.borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    assert_eq!(only_loan(&world).await.ended_at, Some(at(50)));
    assert!(world.items().await.is_empty());
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::Free);
    Ok(())
}

async fn undo_borrow(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[request(&lent)]).await;
    let before = only_loan(&world).await;
    world.done(&[request(&desk.undo(&lent, at(2)))]).await;
    assert_eq!(only_loan(&world).await, Loan { undone: true, ..before });
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::Free);
    assert_eq!(world.open_loans(PATRONS[0]).await, []);
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[1], at(3)))]).await;
    Ok(())
}

async fn undo_return(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[request(&lent)]).await;
    let before = only_loan(&world).await;
    let back = desk.take_back(COPIES[0], at(2));
    world.done(&[request(&back), request(&desk.undo(&back, at(3)))]).await;
    assert_eq!(only_loan(&world).await, before);
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::OnLoan);
    Ok(())
}

async fn undo_renewal(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[request(&lent)]).await;
    let before = only_loan(&world).await;
    let renewed = desk.renew(&lent, at(2));
    world.done(&[request(&renewed), request(&desk.undo(&renewed, at(3)))]).await;
    assert_eq!(only_loan(&world).await, before);
    Ok(())
}

async fn undo_first(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let undone = desk.undo(&lent, at(2));
    world.done(&[fact(&undone)]).await;
    assert_eq!(world.kinds_about(&undone).await, [FlagKind::UndoWithoutTarget]);
    world.done(&[fact(&lent)]).await;
    assert!(only_loan(&world).await.undone);
    assert!(world.items().await.is_empty());
    Ok(())
}

async fn undo_twice(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let undone = desk.undo(&lent, at(2));
    world.done(&[request(&lent), request(&undone)]).await;
    let nothing = Outcome::Refused { reasons: vec![Refusal::NothingToUndo] };
    assert_eq!(world.send_one(&request(&desk.undo(&lent, at(3)))).await, nothing);
    assert_eq!(world.send_one(&request(&desk.undo(&undone, at(4)))).await, nothing);
    // Of another copy it is no target either.
    let other = desk.borrow(COPIES[1], PATRONS[0], at(5));
    world.done(&[request(&other)]).await;
    let elsewhere = desk.event(COPIES[0], Deed::Undo { target: other.id }, at(6));
    assert_eq!(world.send_one(&request(&elsewhere)).await, nothing);
    Ok(())
}

async fn tie(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let (mut one, mut two) = (Desk::new(1), Desk::new(2));
    let events: Vec<Event> = vec![
        one.borrow(COPIES[0], PATRONS[0], at(1)),
        one.take_back(COPIES[0], at(1)),
        two.borrow(COPIES[0], PATRONS[1], at(1)),
    ];
    let backwards: Vec<_> = events.iter().rev().map(fact).collect();
    world.done(&backwards).await;
    let loans = world.copy(COPIES[0]).await.loans;
    assert_eq!(loans.iter().filter(|loan| loan.is_open()).count(), 1);
    assert_eq!(world.open_loans(PATRONS[1]).await, [events[2].id]);
    Ok(())
}

async fn withdrawn_return(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let back = desk.take_back(COPIES[0], at(2));
    world.done(&[request(&lent), request(&back)]).await;
    world.send_one(&withdrawal(&back)).await;
    assert_eq!(world.open_loans(PATRONS[0]).await, [lent.id]);
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::OnLoan);
    Ok(())
}

async fn counted_free(bench: Bench) -> Result<(), CannotHere> {
    use lienthu_domain::copy::CopyCondition;
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let all = u32::try_from(COPIES.len()).unwrap();
    assert_eq!(world.free(TITLES[0]).await, all);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[request(&lent)]).await;
    world.hands.set_condition(key(COPIES[1]), CopyCondition::Lost, None).await?;
    world.hands.set_condition(key(COPIES[0]), CopyCondition::Damaged, None).await?;
    world.site.remove_copy(&key(COPIES[2])).await.unwrap();
    assert_eq!(world.free(TITLES[0]).await, all - 3);
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::OnLoan, "the loan wins");
    world.done(&[request(&desk.take_back(COPIES[0], at(2)))]).await;
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::Damaged);
    assert_eq!(world.hands.tinh_trang(key(COPIES[0])).await?, "Đang được mượn");
    assert_eq!((world.free(TITLES[0]).await, world.free("khong co").await), (all - 3, 0));
    Ok(())
}
