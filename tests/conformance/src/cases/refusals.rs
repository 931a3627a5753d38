//! Every reason for which a request is refused, and what a librarian may override.

use lienthu_domain::copy::CopyCondition;
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::ids::EventId;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_port::submit::Outcome;
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    CHILD, COPIES, Desk, ELSEWHERE, PATRONS, World, at, day, fact, key, policy, request, withdrawal,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = cases![
        "a request that nothing stands against is done" => nothing_against,
        "every reason against a request is named, the one to say first" => all_reasons,
        "a librarian may override what the policy lets them, and nothing else" => overriding,
        "an override without the policy's leave is refused" => no_leave,
        "a request sees what came before it in its own batch" => within_the_batch,
        "a patron's books are counted once, also when the batch touches them" => counted_once,
        "the rules ask for the day at the branch, not in UTC" => local_day,
        "the particular policy holds before the general one" => particular_policy,
        "a request to withdraw something never asks the rules" => withdrawing_is_free,
    ];
    for reason in Refusal::ALL {
        let name = format!("a request is refused with {}, and nothing happens", reason.code());
        cases.push(Case::new(name, |bench| refused(bench, *reason)));
    }
    cases
}

/// Makes the world such that the event is refused for this reason and no other.
async fn provoke(world: &World, reason: Refusal) -> Result<Event, CannotHere> {
    let hands = &world.hands;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let stranger = EventId::new(Uuid::from_u128(5));
    let in_condition = async |condition, to: Option<&str>| {
        hands.set_condition(key(COPIES[1]), condition, to.map(key)).await
    };
    let plain = |desk: &mut Desk| desk.borrow(COPIES[1], PATRONS[0], at(20));
    Ok(match reason {
        Refusal::CopyUnknown => desk.borrow("Q999", PATRONS[0], at(20)),
        Refusal::CopyOnLoan => {
            world.done(&[request(&lent)]).await;
            desk.borrow(COPIES[0], PATRONS[1], at(20))
        }
        Refusal::CopyWithThisPatron => {
            world.done(&[request(&lent)]).await;
            desk.borrow(COPIES[0], PATRONS[0], at(20))
        }
        Refusal::CopyInTransit => {
            in_condition(CopyCondition::InTransit, None).await?;
            plain(&mut desk)
        }
        Refusal::CopyForwarded => {
            in_condition(CopyCondition::Forwarded, Some(ELSEWHERE)).await?;
            plain(&mut desk)
        }
        Refusal::CopyDamaged => {
            in_condition(CopyCondition::Damaged, None).await?;
            plain(&mut desk)
        }
        Refusal::CopyLost => {
            in_condition(CopyCondition::Lost, None).await?;
            plain(&mut desk)
        }
        Refusal::CopyWithdrawn => {
            in_condition(CopyCondition::Withdrawn, None).await?;
            plain(&mut desk)
        }
        Refusal::PatronUnknown => desk.borrow(COPIES[1], "DG404", at(20)),
        Refusal::PatronBlocked => {
            world.change_patron(PATRONS[0], |p| p.card.block = Some("Mất thẻ".to_owned())).await;
            plain(&mut desk)
        }
        Refusal::CardExpired => {
            world.change_patron(PATRONS[0], |p| p.card.card_expires = Some(day(-1))).await;
            plain(&mut desk)
        }
        Refusal::LimitReached => {
            for copy in [COPIES[2], COPIES[3], COPIES[4]] {
                world.done(&[request(&desk.borrow(copy, PATRONS[0], at(2)))]).await;
            }
            plain(&mut desk)
        }
        Refusal::HasOverdue => {
            let deed = Deed::Borrow { patron: key(PATRONS[0]), due: day(-1) };
            world.done(&[fact(&desk.event(COPIES[2], deed, at(-40 * 24 * 60)))]).await;
            plain(&mut desk)
        }
        Refusal::NoPolicy => {
            hands.remove_policy(None).await?;
            plain(&mut desk)
        }
        Refusal::NotOnLoan => desk.take_back(COPIES[1], at(20)),
        Refusal::LoanNotOpen => {
            let back = desk.take_back(COPIES[0], at(2));
            let again = desk.borrow(COPIES[0], PATRONS[1], at(3));
            world.done(&[request(&lent), request(&back), request(&again)]).await;
            desk.renew(&lent, at(20))
        }
        Refusal::RenewalLimitReached => {
            world.done(&[request(&lent)]).await;
            for minute in [2, 3] {
                world.done(&[request(&desk.renew(&lent, at(minute)))]).await;
            }
            desk.renew(&lent, at(20))
        }
        Refusal::NothingToUndo => desk.event(COPIES[0], Deed::Undo { target: stranger }, at(20)),
        Refusal::NothingToSettle => {
            world.done(&[request(&lent)]).await;
            desk.settle(&lent, FlagKind::ReturnMissed, Settlement::Confirmed, at(20))
        }
        Refusal::DueDateWrong => {
            let deed = Deed::Borrow { patron: key(PATRONS[0]), due: day(365) };
            desk.event(COPIES[1], deed, at(20))
        }
        Refusal::Withdrawn => {
            let event = plain(&mut desk);
            world.send_one(&withdrawal(&event)).await;
            event
        }
    })
}

async fn refused(bench: Bench, reason: Refusal) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let event = provoke(&world, reason).await?;
    let loans = world.open_loans(PATRONS[0]).await;
    let outcome = world.send_one(&request(&event)).await;
    if reason == Refusal::Withdrawn {
        // At the site this is an answer of its own.
        assert_eq!(outcome, Outcome::Withdrawn);
    } else {
        assert_eq!(outcome, Outcome::Refused { reasons: vec![reason] });
    }
    assert_eq!(world.open_loans(PATRONS[0]).await, loans);
    assert!(world.kinds_about(&event).await.is_empty(), "a refused request is not odd");
    Ok(())
}

async fn nothing_against(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let renewed = desk.renew(&lent, at(2));
    let back = desk.take_back(COPIES[0], at(3));
    let undone = desk.undo(&back, at(4));
    for event in [&lent, &renewed, &back, &undone] {
        match world.send_one(&request(event)).await {
            Outcome::Done { loan: Some(loan), flags } => {
                assert_eq!((loan.borrow, flags), (lent.id, vec![]));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(world.items().await.is_empty());
    Ok(())
}

async fn all_reasons(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.done(&[request(&desk.borrow(COPIES[0], CHILD, at(1)))]).await;
    world
        .change_patron(CHILD, |p| {
            p.card.block = Some("Nợ sách".to_owned());
            p.card.card_expires = Some(day(-1));
        })
        .await;
    let deed = Deed::Borrow { patron: key(CHILD), due: day(-10) };
    let outcome = world.send_one(&request(&desk.event(COPIES[0], deed, at(2)))).await;
    let reasons = vec![
        Refusal::CopyWithThisPatron,
        Refusal::PatronBlocked,
        Refusal::CardExpired,
        Refusal::LimitReached,
        Refusal::DueDateWrong,
    ];
    assert_eq!(outcome, Outcome::Refused { reasons });
    Ok(())
}

fn overridden(mut event: Event) -> Event {
    event.overridden = true;
    event
}

async fn overriding(bench: Bench) -> Result<(), CannotHere> {
    for reason in Refusal::ALL {
        if *reason == Refusal::Withdrawn {
            continue;
        }
        let world = World::of(&bench).await;
        let event = overridden(provoke(&world, *reason).await?);
        let outcome = world.send_one(&request(&event)).await;
        if reason.can_be_overridden() {
            assert!(
                matches!(outcome, Outcome::Done { ref flags, .. } if flags.is_empty()),
                "{outcome:?}"
            );
        } else {
            assert_eq!(outcome, Outcome::Refused { reasons: vec![*reason] });
        }
    }
    Ok(())
}

async fn no_leave(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let due = day(7);
    let deed = |code: &str| Deed::Borrow { patron: key(code), due };
    world.done(&[request(&desk.event(COPIES[0], deed(CHILD), at(1)))]).await;
    let more = overridden(desk.event(COPIES[1], deed(CHILD), at(2)));
    let outcome = world.send_one(&request(&more)).await;
    assert_eq!(outcome, Outcome::Refused { reasons: vec![Refusal::LimitReached] });
    Ok(())
}

async fn within_the_batch(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let mut events: Vec<Event> =
        COPIES[..5].iter().map(|copy| desk.borrow(copy, PATRONS[0], at(1))).collect();
    events.push(desk.borrow(COPIES[0], PATRONS[1], at(2)));
    events.push(desk.take_back(COPIES[0], at(3)));
    events.push(desk.borrow(COPIES[0], PATRONS[1], at(4)));
    events.push(desk.borrow(COPIES[5], PATRONS[0], at(5)));
    let batch: Vec<_> = events.iter().map(request).collect();
    let told: Vec<Option<Vec<Refusal>>> = world
        .send(&batch)
        .await
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::Refused { reasons } => Some(reasons),
            _ => None,
        })
        .collect();
    let limit = Some(vec![Refusal::LimitReached]);
    let expected =
        [None, None, None, limit.clone(), limit, Some(vec![Refusal::CopyOnLoan]), None, None, None];
    assert_eq!(told, expected, "three books at one time, and one came back");
    Ok(())
}

async fn counted_once(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent: Vec<Event> =
        COPIES[..3].iter().map(|copy| desk.borrow(copy, PATRONS[0], at(1))).collect();
    world.done(&[request(&lent[0]), request(&lent[1])]).await;
    let renewed = desk.renew(&lent[0], at(2));
    world.done(&[request(&renewed), request(&lent[2])]).await;
    let back = desk.take_back(COPIES[0], at(3));
    let another = desk.borrow(COPIES[3], PATRONS[0], at(4));
    world.done(&[request(&back), request(&another)]).await;
    assert_eq!(world.open_loans(PATRONS[0]).await.len(), 3);
    Ok(())
}

async fn local_day(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.change_patron(PATRONS[0], |p| p.card.card_expires = Some(day(0))).await;
    // 23:59 on the last day at the branch, then 0:01 on the next; in UTC both are the afternoon before.
    let last_minute = desk.borrow(COPIES[0], PATRONS[0], at(16 * 60 - 1));
    let too_late = desk.borrow(COPIES[1], PATRONS[0], at(16 * 60 + 1));
    world.done(&[request(&last_minute)]).await;
    let outcome = world.send_one(&request(&too_late)).await;
    assert_eq!(outcome, Outcome::Refused { reasons: vec![Refusal::CardExpired] });
    Ok(())
}

async fn particular_policy(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let mut here = policy(None, 14, 0, 2, true);
    here.branch = Some(key(crate::kit::HERE));
    world.hands.put_policy(here).await?;
    let outcome = world.send_one(&request(&desk.borrow(COPIES[0], PATRONS[0], at(1)))).await;
    assert_eq!(outcome, Outcome::Refused { reasons: vec![Refusal::LimitReached] });
    let mut elsewhere = policy(None, 14, 0, 2, true);
    elsewhere.branch = Some(key(ELSEWHERE));
    let mut ours = policy(Some("STUDENT"), 14, 9, 2, true);
    ours.branch = Some(key(crate::kit::HERE));
    world.hands.put_policy(elsewhere).await?;
    world.hands.put_policy(ours).await?;
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[0], at(2)))]).await;
    Ok(())
}

async fn withdrawing_is_free(bench: Bench) -> Result<(), CannotHere> {
    for reason in [Refusal::CopyUnknown, Refusal::PatronUnknown, Refusal::NothingToUndo] {
        let world = World::of(&bench).await;
        let event = provoke(&world, reason).await?;
        assert_eq!(world.send_one(&withdrawal(&event)).await, Outcome::Withdrawn);
    }
    Ok(())
}
