//! What an id stands for: nothing < refused or accepted request < fact < withdrawn.

use lienthu_domain::event::{Claim, Event};
use lienthu_domain::ids::EventId;
use lienthu_domain::refusal::Refusal;
use lienthu_port::error::Obstacle;
use lienthu_port::submit::{AHEAD_OF_SITE_MS_MAX, BATCH_EVENTS_MAX, Outcome, Sending, SetAside};
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    COPIES, Desk, ELSEWHERE, PATRONS, World, assert_obstructed, at, day, fact, key, opening, put,
    request, withdrawal,
};
use crate::suite::{Bench, Case};

/// What has become of the id before the claim arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    Refused,
    Requested,
    Fact,
    Withdrawn,
}

/// What the claim is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Refused,
    Done,
    Withdrawn,
}

/// The whole table. The copy is on loan to somebody else when a request is to be refused.
const TABLE: [(Before, Claim, Told); 15] = [
    (Before::Nothing, Claim::Request, Told::Done),
    (Before::Nothing, Claim::Fact, Told::Done),
    (Before::Nothing, Claim::Withdrawal, Told::Withdrawn),
    (Before::Refused, Claim::Request, Told::Refused),
    (Before::Refused, Claim::Fact, Told::Done),
    (Before::Refused, Claim::Withdrawal, Told::Withdrawn),
    (Before::Requested, Claim::Request, Told::Done),
    (Before::Requested, Claim::Fact, Told::Done),
    (Before::Requested, Claim::Withdrawal, Told::Withdrawn),
    (Before::Fact, Claim::Request, Told::Done),
    (Before::Fact, Claim::Fact, Told::Done),
    (Before::Fact, Claim::Withdrawal, Told::Withdrawn),
    (Before::Withdrawn, Claim::Request, Told::Withdrawn),
    (Before::Withdrawn, Claim::Fact, Told::Withdrawn),
    (Before::Withdrawn, Claim::Withdrawal, Told::Withdrawn),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = cases![
        "the claims of one id end the same in whatever order they arrive" => any_order,
        "an id's content never changes, whatever is claimed" => other_content,
        "other content under an id of the same batch is set aside too" => other_content_in_batch,
        "a refused request stays refused when the reason is gone" => judged_once,
        "an event for another branch is set aside, and leaves nothing behind" => other_branch,
        "an event further ahead than any honest desk is set aside" => in_the_future,
        "a known event is known also when the site's clock was put back" => clock_put_back,
        "sending again changes nothing, not even the site's state" => sent_again,
        "an id that comes several times in a batch has its effect once" => repeated_in_batch,
        "a withdrawal in the same batch takes the request back" => withdrawn_in_batch,
        "a full batch is taken, and a fuller one is not" => batch_limit,
        "one poisoned event is set aside and the rest of its batch goes in" => poisoned,
    ];
    for (before, claim, told) in TABLE {
        let name = format!("a {claim:?} of an id that is {before:?} before is told {told:?}");
        cases.push(Case::new(name.to_lowercase(), move |bench| pair(bench, before, claim, told)));
    }
    cases
}

fn told(outcome: &Outcome) -> Told {
    match outcome {
        Outcome::Refused { .. } => Told::Refused,
        Outcome::Done { .. } => Told::Done,
        Outcome::Withdrawn => Told::Withdrawn,
        Outcome::SetAside { why } => panic!("set aside: {why:?}"),
    }
}

async fn pair(
    bench: Bench,
    before: Before,
    claim: Claim,
    expected: Told,
) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let other = desk.borrow(COPIES[0], PATRONS[1], at(1));
    let event = desk.borrow(COPIES[0], PATRONS[0], at(10));
    let way: &[Claim] = match before {
        Before::Nothing => &[],
        Before::Refused | Before::Requested => &[Claim::Request],
        Before::Fact => &[Claim::Fact],
        Before::Withdrawn => &[Claim::Withdrawal],
    };
    if before == Before::Refused {
        world.done(&[fact(&other)]).await;
    }
    for claim in way {
        world.send_one(&put(&event, *claim)).await;
    }
    assert_eq!(told(&world.send_one(&put(&event, claim)).await), expected);
    assert_eq!(told(&world.send_one(&put(&event, claim)).await), expected, "and again");
    let holds = world.open_loans(PATRONS[0]).await.contains(&event.id);
    assert_eq!(holds, expected == Told::Done, "its effect");
    let shown = world.copy(COPIES[0]).await.loans.iter().any(|loan| loan.borrow == event.id);
    assert_eq!(shown, expected == Told::Done, "a withdrawn loan is shown to nobody");
    Ok(())
}

async fn any_order(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let claims = [Claim::Request, Claim::Fact, Claim::Withdrawal];
    for (copy, end) in [(COPIES[0], 2), (COPIES[1], 3)] {
        for (place, order) in
            [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].iter().enumerate()
        {
            let minute = i64::try_from(place).unwrap() * 10;
            let event = desk.borrow(copy, PATRONS[0], at(minute));
            for claim in order.iter().filter(|claim| **claim < end) {
                world.send_one(&put(&event, claims[*claim])).await;
            }
            let outcome = world.send_one(&request(&event)).await;
            let expected = if end == 3 { Told::Withdrawn } else { Told::Done };
            assert_eq!(told(&outcome), expected, "{order:?}");
        }
    }
    Ok(())
}

/// The event with one thing changed, for each thing that is its content.
fn changed(event: &Event) -> Vec<Event> {
    let change = |change: &dyn Fn(&mut Event)| {
        let mut other = event.clone();
        change(&mut other);
        other
    };
    vec![
        change(&|e| e.desk = Desk::new(99).id()),
        change(&|e| e.seq += 1),
        change(&|e| e.scanned_by = key("nguoi.khac")),
        change(&|e| e.at = e.at.plus_ms(1)),
        change(&|e| e.uncertainty_ms += 1),
        change(&|e| e.overridden = !e.overridden),
        change(&|e| e.copy = key(COPIES[7])),
        change(&|e| e.deed = Desk::new(9).borrow(COPIES[0], PATRONS[1], at(1)).deed),
        change(&|e| e.deed = Desk::new(9).take_back(COPIES[0], at(1)).deed),
    ]
}

fn is_other_content(outcome: &Outcome) -> bool {
    *outcome == Outcome::SetAside { why: SetAside::OtherContent }
}

async fn other_content(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    for first in [Claim::Request, Claim::Fact, Claim::Withdrawal] {
        let event = desk.borrow(COPIES[0], PATRONS[0], at(1));
        world.send_one(&put(&event, first)).await;
        let state = world.site.submit(None, &[]).await.unwrap().state;
        for other in changed(&event) {
            for claim in [Claim::Request, Claim::Fact, Claim::Withdrawal] {
                let outcome = world.send_one(&put(&other, claim)).await;
                assert!(is_other_content(&outcome), "{first:?} {claim:?}: {outcome:?}");
            }
        }
        assert_eq!(world.site.submit(None, &[]).await.unwrap().state, state, "nothing was written");
        world.send_one(&withdrawal(&event)).await;
    }
    Ok(())
}

async fn other_content_in_batch(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let event = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1));
    let other = changed(&event).remove(3);
    let outcomes = world.send(&[fact(&event), fact(&other), fact(&event)]).await;
    assert_eq!(told(&outcomes[0]), Told::Done);
    assert!(is_other_content(&outcomes[1]));
    assert_eq!(outcomes[2], outcomes[0]);
    Ok(())
}

async fn judged_once(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.change_patron(PATRONS[0], |p| p.card.block = Some("Nợ tiền phạt".to_owned())).await;
    let event = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let refused = Outcome::Refused { reasons: vec![Refusal::PatronBlocked] };
    assert_eq!(world.send_one(&request(&event)).await, refused);
    world.change_patron(PATRONS[0], |p| p.card.block = None).await;
    assert_eq!(world.send_one(&request(&event)).await, refused);
    assert!(world.open_loans(PATRONS[0]).await.is_empty());
    Ok(())
}

async fn other_branch(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut elsewhere = Desk::at_branch(1, &key(ELSEWHERE), &key("thuthu"));
    let event = elsewhere.borrow(COPIES[0], PATRONS[0], at(1));
    for claim in [Claim::Request, Claim::Fact, Claim::Withdrawal] {
        let outcome = world.send_one(&put(&event, claim)).await;
        assert_eq!(outcome, Outcome::SetAside { why: SetAside::OtherBranch });
    }
    let here = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1));
    assert_eq!(here.id, event.id, "the same id");
    world.done(&[request(&here)]).await;
    Ok(())
}

async fn in_the_future(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1).uncertain_by(3_000);
    let latest = opening().plus_ms(AHEAD_OF_SITE_MS_MAX + 3_000);
    let too_late = desk.take_back(COPIES[0], latest.plus_ms(1));
    for claim in [Claim::Request, Claim::Fact] {
        let outcome = world.send_one(&put(&too_late, claim)).await;
        assert_eq!(outcome, Outcome::SetAside { why: SetAside::InTheFuture });
    }
    world.done(&[fact(&desk.take_back(COPIES[0], latest))]).await;
    // What is not to have happened is taken at any time.
    assert_eq!(world.send_one(&withdrawal(&too_late)).await, Outcome::Withdrawn);
    Ok(())
}

async fn clock_put_back(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let event = Desk::new(1).borrow(COPIES[0], PATRONS[0], opening());
    let outcome = world.send_one(&request(&event)).await;
    world.hands.clock()?.set(opening().plus_ms(-30 * AHEAD_OF_SITE_MS_MAX));
    assert_eq!(world.send_one(&request(&event)).await, outcome);
    assert_eq!(told(&world.send_one(&fact(&event)).await), Told::Done);
    Ok(())
}

async fn sent_again(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let batch: Vec<Sending> = vec![
        fact(&desk.borrow(COPIES[0], PATRONS[0], at(1))),
        request(&desk.borrow(COPIES[0], PATRONS[1], at(2))),
        fact(&desk.take_back(COPIES[1], at(3))),
        withdrawal(&desk.borrow(COPIES[2], PATRONS[1], at(4))),
        request(&desk.borrow(COPIES[3], PATRONS[1], at(5))),
    ];
    let first = world.site.submit(None, &batch).await.unwrap();
    assert_eq!(first.now, world.hands.clock()?.now(), "the site's clock");
    for _ in 0..3 {
        assert_eq!(world.site.submit(None, &batch).await.unwrap(), first);
    }
    Ok(())
}

async fn repeated_in_batch(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    let back = desk.take_back(COPIES[0], at(2));
    let batch =
        [request(&lent), fact(&lent), request(&back), request(&lent), fact(&back), request(&back)];
    let outcomes = world.send(&batch).await;
    assert!(outcomes.iter().all(|outcome| told(outcome) == Told::Done), "{outcomes:?}");
    assert_eq!(world.copy(COPIES[0]).await.loans.len(), 1);
    assert!(world.items().await.is_empty());
    Ok(())
}

async fn withdrawn_in_batch(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let lent = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1));
    let outcomes = world.send(&[request(&lent), withdrawal(&lent), request(&lent)]).await;
    assert_eq!(outcomes, [Outcome::Withdrawn, Outcome::Withdrawn, Outcome::Withdrawn]);
    assert!(world.open_loans(PATRONS[0]).await.is_empty());
    Ok(())
}

async fn batch_limit(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let mut batch: Vec<Sending> = (0..BATCH_EVENTS_MAX)
        .map(|n| fact(&desk.take_back(COPIES[n % COPIES.len()], at(i64::try_from(n).unwrap()))))
        .collect();
    world.done(&batch).await;
    batch.push(fact(&desk.take_back(COPIES[0], at(1))));
    let last: EventId = batch[BATCH_EVENTS_MAX].event.id;
    assert_obstructed(world.site.submit(None, &batch).await, Obstacle::TooMany);
    assert!(world.items().await.iter().all(|item| item.flag.event != last));
    Ok(())
}

async fn poisoned(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let events: Vec<Event> =
        COPIES.iter().map(|copy| desk.borrow(copy, PATRONS[0], at(1))).collect();
    world.hands.poison(events[3].id).await?;
    let batch: Vec<Sending> = events.iter().map(fact).collect();
    let outcomes = world.send(&batch).await;
    for (place, outcome) in outcomes.iter().enumerate() {
        if place == 3 {
            assert_eq!(*outcome, Outcome::SetAside { why: SetAside::Failed });
        } else {
            assert_eq!(told(outcome), Told::Done, "{place}");
        }
    }
    assert_eq!(world.open_loans(PATRONS[0]).await.len(), COPIES.len() - 1);
    // An id that no one has seen is not lost with it.
    let mut fresh = events[3].clone();
    fresh.id = EventId::new(Uuid::from_u128(1));
    fresh.at = at(2);
    assert_eq!(fresh.at.date_at(lienthu_domain::times::ZoneOffset::VIET_NAM), day(0));
    world.done(&[fact(&fresh)]).await;
    Ok(())
}
