//! Facts are accepted whatever the rules say; what is odd about them waits for someone to look at it.

use lienthu_domain::copy::CopyCondition;
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::ids::EventId;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::{Flag, FlagKind, Settlement};
use lienthu_port::lookup::REVIEW_ITEMS_MAX;
use lienthu_port::submit::Outcome;
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    CHILD, COLLEAGUE, COPIES, Desk, PATRONS, World, at, day, fact, key, request, withdrawal,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = cases![
        "a fact that breaks a rule says which" => which_rule,
        "a fact that was overridden as the policy lets is not odd" => overridden_fact,
        "a late fact is not held against the loans that came after it" => late_fact,
        "what the timeline shows is flagged once, by the timeline" => not_twice,
        "review items come oldest first, with the event and who sent it" => listed,
        "review items are bounded" => bounded,
        "a settlement that is withdrawn brings the item back" => settlement_withdrawn,
        "a settlement that arrives before what it settles holds" => settlement_first,
        "an item goes when its event is undone or withdrawn" => gone_with_event,
        "settling twice is refused, as a request" => settled_twice,
        "an accepted request is odd too when its scanner is no librarian any more" => scanner_gone,
    ];
    for kind in FlagKind::ALL {
        cases.push(Case::new(
            format!("a fact is flagged {}, and the item goes when it is settled", kind.code()),
            move |bench| flagged_and_settled(bench, kind),
        ));
    }
    cases
}

/// Sends facts so that one event has this flag and no other; returns it.
async fn provoke(world: &World, kind: FlagKind) -> Result<Event, CannotHere> {
    let mut desk = Desk::new(1);
    let stranger = EventId::new(Uuid::from_u128(5));
    Ok(match kind {
        FlagKind::ReturnMissed => {
            let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
            let again = desk.borrow(COPIES[0], PATRONS[1], at(2));
            world.done(&[fact(&lent), fact(&again)]).await;
            lent
        }
        FlagKind::ReturnWithoutLoan => {
            let back = desk.take_back(COPIES[0], at(1));
            world.done(&[fact(&back)]).await;
            back
        }
        FlagKind::RenewalMismatch => {
            let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
            let back = desk.take_back(COPIES[0], at(2));
            let renewed = desk.renew(&lent, at(3));
            world.done(&[fact(&lent), fact(&back), fact(&renewed)]).await;
            renewed
        }
        FlagKind::UndoWithoutTarget => {
            let undone = desk.event(COPIES[0], Deed::Undo { target: stranger }, at(1));
            world.done(&[fact(&undone)]).await;
            undone
        }
        FlagKind::OrderUncertain => {
            let mut other = Desk::new(2).uncertain_by(90_000);
            let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
            let back = other.take_back(COPIES[0], at(2));
            world.done(&[fact(&lent), fact(&back)]).await;
            back
        }
        FlagKind::CopyUnknown => {
            let lent = desk.borrow("Q999", PATRONS[0], at(1));
            world.done(&[fact(&lent)]).await;
            lent
        }
        FlagKind::PatronUnknown => {
            let lent = desk.borrow(COPIES[0], "DG404", at(1));
            world.done(&[fact(&lent)]).await;
            lent
        }
        FlagKind::CopyNotInCollection => {
            world.hands.set_condition(key(COPIES[0]), CopyCondition::Lost, None).await?;
            let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
            world.done(&[fact(&lent)]).await;
            lent
        }
        FlagKind::RuleBroken => {
            world.change_patron(PATRONS[0], |p| p.card.block = Some("Mất thẻ".to_owned())).await;
            let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
            world.done(&[fact(&lent)]).await;
            lent
        }
        FlagKind::ScannerLostRole => {
            desk.is_worked_by(COLLEAGUE);
            world.hands.set_roles(key(COLLEAGUE), Vec::new()).await?;
            let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
            world.done(&[fact(&lent)]).await;
            lent
        }
    })
}

async fn flagged_and_settled(bench: Bench, kind: FlagKind) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let odd = provoke(&world, kind).await?;
    assert_eq!(world.kinds_about(&odd).await, [kind]);
    let Outcome::Done { flags, .. } = world.send_one(&fact(&odd)).await else { panic!("not done") };
    let told: Vec<FlagKind> = flags.iter().map(|flag| flag.kind).collect();
    assert_eq!(told, [kind], "the receipt says the same as the list");

    let settled = Desk::new(9).settle(&odd, kind, Settlement::Confirmed, at(60));
    world.done(&[request(&settled)]).await;
    assert!(world.items().await.is_empty(), "{:?}", world.items().await);
    let Outcome::Done { flags, .. } = world.send_one(&fact(&odd)).await else { panic!("not done") };
    assert_eq!(flags, []);
    Ok(())
}

async fn flags_of(world: &World, event: &Event) -> Vec<Flag> {
    match world.send_one(&fact(event)).await {
        Outcome::Done { flags, .. } => flags,
        other => panic!("{other:?}"),
    }
}

async fn which_rule(bench: Bench) -> Result<(), CannotHere> {
    let broken = async |world: &World, event: &Event, rule: Refusal| {
        let flag = Flag { refusal: Some(rule), ..Flag::new(event.id, FlagKind::RuleBroken) };
        assert_eq!(flags_of(world, event).await, [flag], "{rule:?}");
    };
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let first = desk.borrow(COPIES[0], CHILD, at(1));
    world.done(&[fact(&first)]).await;
    broken(&world, &desk.borrow(COPIES[1], CHILD, at(2)), Refusal::LimitReached).await;
    let renewed = desk.renew(&first, at(3));
    broken(&world, &renewed, Refusal::RenewalLimitReached).await;
    world.change_patron(PATRONS[0], |p| p.card.card_expires = Some(day(-1))).await;
    broken(&world, &desk.borrow(COPIES[2], PATRONS[0], at(4)), Refusal::CardExpired).await;
    let late =
        desk.event(COPIES[3], Deed::Borrow { patron: key(PATRONS[1]), due: day(900) }, at(5));
    broken(&world, &late, Refusal::DueDateWrong).await;
    let overdue = desk.borrow(COPIES[4], PATRONS[2], at(6));
    world.done(&[fact(&overdue)]).await;
    world.hands.clock()?.set(at(30 * 24 * 60));
    let more = desk.borrow(COPIES[5], PATRONS[2], at(29 * 24 * 60));
    broken(&world, &more, Refusal::HasOverdue).await;
    world.hands.remove_policy(None).await?;
    broken(&world, &desk.borrow(COPIES[6], PATRONS[1], at(7)), Refusal::NoPolicy).await;
    Ok(())
}

async fn overridden_fact(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.change_patron(PATRONS[0], |p| p.card.card_expires = Some(day(-1))).await;
    let mut lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    lent.overridden = true;
    assert_eq!(flags_of(&world, &lent).await, []);
    let lent = desk.borrow(COPIES[1], PATRONS[0], at(2));
    assert_eq!(flags_of(&world, &lent).await.len(), 1);
    Ok(())
}

async fn late_fact(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    for copy in &COPIES[..3] {
        assert_eq!(flags_of(&world, &desk.borrow(copy, PATRONS[0], at(60))).await, []);
    }
    let mut offline = Desk::new(2);
    assert_eq!(flags_of(&world, &offline.borrow(COPIES[3], PATRONS[0], at(1))).await, []);
    let after = flags_of(&world, &offline.borrow(COPIES[4], PATRONS[0], at(90))).await;
    assert_eq!(after.len(), 1, "that one is the fifth book");
    Ok(())
}

async fn not_twice(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let again = desk.borrow(COPIES[0], PATRONS[0], at(2));
    let back = desk.take_back(COPIES[0], at(3));
    let odd = desk.take_back(COPIES[0], at(4));
    let renewed = desk.renew(&lent, at(5));
    world.done(&[fact(&lent), fact(&again), fact(&back), fact(&odd), fact(&renewed)]).await;
    let kinds: Vec<FlagKind> = world.items().await.iter().map(|item| item.flag.kind).collect();
    let expected = [FlagKind::ReturnMissed, FlagKind::ReturnWithoutLoan, FlagKind::RenewalMismatch];
    assert_eq!(kinds, expected);
    Ok(())
}

async fn listed(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let events: Vec<Event> =
        [40, 10, 30, 20].map(|minute| desk.take_back(COPIES[0], at(minute))).to_vec();
    let colleague = world.sign_in(COLLEAGUE).await;
    colleague.submit(None, &events.iter().map(fact).collect::<Vec<_>>()).await.unwrap();
    let items = world.items().await;
    let order: Vec<EventId> = items.iter().map(|item| item.about.id).collect();
    assert_eq!(order, [events[1].id, events[3].id, events[2].id, events[0].id]);
    assert_eq!(items[0].about, events[1]);
    assert_eq!(items[0].copy, key(COPIES[0]));
    assert_eq!(items[0].sent_by, Some(key(COLLEAGUE)), "not who scanned");
    Ok(())
}

async fn bounded(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let batch: Vec<_> = (0..300).map(|n| fact(&desk.take_back(COPIES[0], at(n)))).collect();
    world.done(&batch).await;
    let items = world.items().await;
    assert_eq!(items.len(), REVIEW_ITEMS_MAX);
    assert_eq!(items[0].about, batch[0].event);
    Ok(())
}

async fn settlement_withdrawn(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    for kind in [FlagKind::ReturnWithoutLoan, FlagKind::RuleBroken] {
        let world =
            if kind == FlagKind::RuleBroken { World::of(&bench).await } else { world.clone() };
        let odd = provoke(&world, kind).await?;
        let settled = Desk::new(9).settle(&odd, kind, Settlement::Confirmed, at(60));
        world.done(&[request(&settled)]).await;
        assert!(world.items().await.is_empty());
        world.send_one(&withdrawal(&settled)).await;
        assert_eq!(world.kinds_about(&odd).await, [kind]);
    }
    Ok(())
}

async fn settlement_first(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let odd = desk.take_back(COPIES[0], at(1));
    let settled = desk.settle(&odd, FlagKind::ReturnWithoutLoan, Settlement::Confirmed, at(2));
    world.done(&[fact(&settled)]).await;
    world.done(&[fact(&odd)]).await;
    assert!(world.items().await.is_empty());
    Ok(())
}

async fn gone_with_event(bench: Bench) -> Result<(), CannotHere> {
    for kind in [FlagKind::ReturnWithoutLoan, FlagKind::RuleBroken, FlagKind::CopyUnknown] {
        let world = World::of(&bench).await;
        let odd = provoke(&world, kind).await?;
        let undone = Desk::new(9).undo(&odd, at(60));
        world.done(&[request(&undone)]).await;
        assert!(world.items().await.is_empty(), "{kind:?} undone");
        world.send_one(&withdrawal(&undone)).await;
        assert_eq!(world.kinds_about(&odd).await, [kind]);
        world.send_one(&withdrawal(&odd)).await;
        assert!(world.items().await.is_empty(), "{kind:?} withdrawn");
        // Nor does it come back when the copy's timeline is folded again.
        let later = Desk::new(8).borrow(odd.copy.as_str(), PATRONS[1], at(90));
        world.done(&[fact(&later)]).await;
        assert!(world.kinds_about(&odd).await.is_empty(), "{kind:?} folded again");
    }
    Ok(())
}

async fn settled_twice(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let odd = provoke(&world, FlagKind::ReturnWithoutLoan).await?;
    let mut desk = Desk::new(9);
    let kind = FlagKind::ReturnWithoutLoan;
    let first = desk.settle(&odd, kind, Settlement::Confirmed, at(60));
    let second = desk.settle(&odd, kind, Settlement::Confirmed, at(61));
    let outcomes = world.send(&[request(&first), request(&second)]).await;
    assert!(matches!(outcomes[0], Outcome::Done { .. }));
    assert_eq!(outcomes[1], Outcome::Refused { reasons: vec![Refusal::NothingToSettle] });
    world.done(&[fact(&second)]).await;
    Ok(())
}

async fn scanner_gone(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    desk.is_worked_by(COLLEAGUE);
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    assert!(world.items().await.is_empty());
    // Switched off, with the role still there.
    world.hands.set_active(key(COLLEAGUE), false).await?;
    let lent = desk.borrow(COPIES[1], PATRONS[0], at(2));
    world.done(&[request(&lent)]).await;
    assert_eq!(world.kinds_about(&lent).await, [FlagKind::ScannerLostRole]);
    desk.is_worked_by("nguoi.la");
    let undone = desk.undo(&lent, at(3));
    world.done(&[request(&undone)]).await;
    assert_eq!(world.kinds_about(&undone).await, [FlagKind::ScannerLostRole]);
    assert!(world.kinds_about(&lent).await.is_empty(), "it is undone");
    Ok(())
}
