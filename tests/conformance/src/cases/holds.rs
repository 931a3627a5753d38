//! What a transaction over several sites holds, nobody else touches until it is decided.

use lienthu_domain::action::{Action, CatalogueChange, Resource};
use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::FlagKind;
use lienthu_port::error::Obstacle;
use lienthu_port::lookup::{CopyChange, details_of};
use lienthu_port::submit::Outcome as Receipt;
use lienthu_port::transaction::Hindered;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::message::{Refusal as NotTaken, Reply, Request};

use super::cases;
use crate::counterpart::{Counterpart, txn};
use crate::fixture::CannotHere;
use crate::kit::{
    COPIES, Desk, MANAGER, PATRONS, TITLES, World, arriving, assert_obstructed, at, copy, fact,
    key, leaving, request, title,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a copy that a transaction holds is not lent while the site can be asked" => not_lent,
        "a loan of a held copy that happened is taken, flagged, and outlives the transaction" => fact_taken,
        "a held copy is neither changed nor removed, and no other copy gets its barcode" => copy_untouched,
        "a title that may be going gets no copies, one to which copies come does not go" => title_held,
        "two transactions do not hold one thing, unless both only rely on it" => two_transactions,
        "a copy that was sent here is not lent and not removed before it is received" => not_received,
        "a copy is received once, and only where it was sent" => received_once,
        "a copy goes away, comes home and is lent again, and its loans are still there" => comes_home,
        "a restored site takes no copies and gives no promise before it is readmitted" => quarantined,
    ]
}

fn transfer(copies: &[&str]) -> Action {
    leaving(&copies.iter().map(|barcode| copy(barcode)).collect::<Vec<_>>(), 1)
}

async fn not_lent(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let mut desk = Desk::new(80);
    let action = transfer(&[COPIES[0]]);
    other.promise(txn(1), &action).await;
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::InTransit);
    assert_eq!(world.free(TITLES[0]).await, 7);
    let refused = desk.borrow(COPIES[0], PATRONS[0], at(3));
    assert_eq!(
        world.send_one(&request(&refused)).await,
        Receipt::Refused { reasons: vec![Refusal::CopyInTransit] }
    );
    other.end(txn(1), &action, Outcome::Abort).await;
    assert_eq!(world.free(TITLES[0]).await, 8);
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[0], at(4)))]).await;
    Ok(())
}

async fn fact_taken(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let mut desk = Desk::new(80);
    for (number, outcome, condition, after) in [
        (0, Outcome::Commit, CopyCondition::Forwarded, CopyState::Forwarded),
        (1, Outcome::Abort, CopyCondition::Good, CopyState::Free),
    ] {
        let barcode = COPIES[number];
        let action = transfer(&[barcode]);
        let id = txn(number as u128 + 1);
        other.promise(id, &action).await;
        let lent = desk.borrow(barcode, PATRONS[0], at(3));
        world.done(&[fact(&lent)]).await;
        assert_eq!(world.kinds_about(&lent).await, [FlagKind::CopyNotInCollection]);
        other.end(id, &action, outcome).await;
        let found = world.copy(barcode).await;
        assert_eq!((found.copy.condition, found.copy.state), (condition, CopyState::OnLoan));
        assert_eq!(found.loans.iter().map(|loan| loan.borrow).collect::<Vec<_>>(), [lent.id]);
        world.done(&[fact(&desk.take_back(barcode, at(5)))]).await;
        assert_eq!(world.copy(barcode).await.copy.state, after);
    }
    Ok(())
}

async fn copy_untouched(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let seen = details_of(&world.copy(COPIES[0]).await.copy);
    let action = transfer(&[COPIES[0]]);
    other.promise(txn(1), &action).await;
    let held = details_of(&world.copy(COPIES[0]).await.copy);
    let mut details = held.clone();
    details.shelf_mark = "KHO 9".to_owned();
    let change = CopyChange { details, seen: held };
    assert_obstructed(world.site.put_copy(&change).await, Obstacle::Held);
    assert_obstructed(world.site.remove_copy(&key(COPIES[0])).await, Obstacle::Held);
    other.end(txn(1), &action, Outcome::Abort).await;
    assert_eq!(details_of(&world.copy(COPIES[0]).await.copy), seen, "as it was");
    world.site.remove_copy(&key(COPIES[0])).await.unwrap();

    let action = arriving(&[copy("Q900")], 1);
    other.promise(txn(2), &action).await;
    assert_obstructed(world.site.add_copies(&[copy("Q900")]).await, Obstacle::Held);
    other.end(txn(2), &action, Outcome::Abort).await;
    world.site.add_copies(&[copy("Q900")]).await.unwrap();
    Ok(())
}

async fn title_held(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let mut of_third = copy("Q900");
    of_third.title = key(TITLES[2]);
    let seen = title(TITLES[2], "Đất rừng phương Nam");
    let removal = Action::Catalogue { changes: vec![CatalogueChange::RemoveTitle { seen }] };

    other.promise(txn(1), &removal).await;
    let held = Hindered { resource: Resource::Title(key(TITLES[2])), why: Hindrance::Held };
    assert_obstructed(world.site.add_copies(&[of_third.clone()]).await, Obstacle::Held);
    let before = details_of(&world.copy(COPIES[0]).await.copy);
    let mut details = before.clone();
    details.title = key(TITLES[2]);
    let change = CopyChange { details, seen: before };
    assert_obstructed(world.site.put_copy(&change).await, Obstacle::Held);
    let arrival = arriving(std::slice::from_ref(&of_third), 1);
    assert_eq!(other.hindered(txn(2), &arrival).await, std::slice::from_ref(&held));
    other.end(txn(1), &removal, Outcome::Abort).await;

    other.promise(txn(3), &arrival).await;
    assert_eq!(other.hindered(txn(4), &removal).await, [held]);
    let mut fourth = of_third.clone();
    fourth.barcode = key("Q901");
    world.site.add_copies(&[fourth]).await.unwrap();
    other.end(txn(3), &arrival, Outcome::Abort).await;
    world.site.remove_copy(&key("Q901")).await.unwrap();
    other.commit(txn(5), &removal).await;
    assert_obstructed(world.site.add_copies(&[of_third]).await, Obstacle::TitleUnknown);
    Ok(())
}

async fn two_transactions(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let first = transfer(&[COPIES[0], COPIES[1]]);
    other.promise(txn(1), &first).await;
    let both = transfer(&[COPIES[1], COPIES[2]]);
    let held = Hindered { resource: Resource::Copy(key(COPIES[1])), why: Hindrance::Held };
    assert_eq!(other.hindered(txn(2), &both).await, [held]);
    assert_eq!(world.copy(COPIES[2]).await.copy.state, CopyState::Free, "nothing was held of it");
    // Both rely on the membership.
    other.promise(txn(3), &transfer(&[COPIES[2]])).await;
    other.end(txn(1), &first, Outcome::Abort).await;
    let again = transfer(&[COPIES[0], COPIES[1]]);
    other.promise(txn(4), &again).await;
    Ok(())
}

async fn not_received(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let mut desk = Desk::new(80);
    other.commit(txn(1), &arriving(&[copy("Q900")], 1)).await;
    let found = world.copy("Q900").await.copy;
    assert_eq!((found.condition, found.state), (CopyCondition::InTransit, CopyState::InTransit));
    assert_obstructed(world.site.remove_copy(&key("Q900")).await, Obstacle::Held);
    let early = desk.borrow("Q900", PATRONS[0], at(3));
    assert_eq!(
        world.send_one(&request(&early)).await,
        Receipt::Refused { reasons: vec![Refusal::CopyInTransit] }
    );
    assert_eq!(world.site.receive(&[key("Q900")]).await.unwrap(), []);
    assert_eq!(details_of(&world.copy("Q900").await.copy), copy("Q900"));
    world.done(&[request(&desk.borrow("Q900", PATRONS[0], at(4)))]).await;
    Ok(())
}

async fn received_once(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let mut damaged = copy("Q901");
    damaged.condition = CopyCondition::Damaged;
    other.commit(txn(1), &arriving(&[copy("Q900"), damaged], 1)).await;
    other.promise(txn(2), &transfer(&[COPIES[1]])).await;
    other.commit(txn(3), &transfer(&[COPIES[2]])).await;
    let scanned = ["Q900", "Q901", "Q900", "Q999", COPIES[0], COPIES[1], COPIES[2]];
    let not = |barcode: &str, why| Hindered { resource: Resource::Copy(key(barcode)), why };
    assert_eq!(
        world.site.receive(&scanned.map(key)).await.unwrap(),
        [
            not("Q900", Hindrance::AlreadyThere),
            not("Q999", Hindrance::Unknown),
            not(COPIES[0], Hindrance::AlreadyThere),
            not(COPIES[1], Hindrance::Held),
            not(COPIES[2], Hindrance::Forwarded),
        ]
    );
    assert_eq!(world.copy("Q900").await.copy.state, CopyState::Free);
    assert_eq!(world.copy("Q901").await.copy.state, CopyState::Damaged);
    assert_obstructed(world.site.remove_copy(&key(COPIES[2])).await, Obstacle::OtherBranch);
    Ok(())
}

async fn comes_home(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let mut desk = Desk::new(80);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(3));
    world.done(&[request(&lent), request(&desk.take_back(COPIES[0], at(4)))]).await;
    other.commit(txn(1), &transfer(&[COPIES[0]])).await;
    let gone = world.copy(COPIES[0]).await.copy;
    assert_eq!((gone.state, gone.forwarded_to), (CopyState::Forwarded, Some(key("Q3"))));
    other.commit(txn(2), &arriving(&[copy(COPIES[0])], 2)).await;
    assert_eq!(world.copy(COPIES[0]).await.copy.forwarded_to, None);
    assert_eq!(world.site.receive(&[key(COPIES[0])]).await.unwrap(), []);
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[1], at(5)))]).await;
    assert_eq!(world.copy(COPIES[0]).await.loans.len(), 2);
    Ok(())
}

async fn quarantined(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut other = Counterpart::of(&world).await?;
    other.here.incarnation = world.hands.start_incarnation().await?;
    let action = transfer(&[COPIES[0]]);
    let terms = other.terms(&action, 1);
    let answered = other.post(txn(1), &action, Request::Prepare { terms }).await;
    assert_eq!(answered.reply, Reply::Refused(NotTaken::Quarantined));
    assert_obstructed(world.site.add_copies(&[copy("Q900")]).await, Obstacle::Quarantined);
    // The desk goes on.
    let mut desk = Desk::new(80);
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[0], at(3)))]).await;
    world.sign_in(MANAGER).await.readmit().await.unwrap();
    world.site.add_copies(&[copy("Q900")]).await.unwrap();
    other.promise(txn(2), &transfer(&[COPIES[1]])).await;
    Ok(())
}
