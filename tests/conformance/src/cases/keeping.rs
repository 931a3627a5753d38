//! Keeping patrons and copies.

use lienthu_domain::copy::{CopyCondition, CopyDetails, CopyState};
use lienthu_domain::patron::Patron;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::lookup::{COPIES_ADDED_MAX, CopyChange, PatronChange, details_of};

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    COPIES, Desk, ELSEWHERE, HERE, PATRONS, TITLES, World, assert_obstructed, at, copy, day, fact,
    key, patron, request,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a patron is stored as given, every field" => patron_fields,
        "a patron whose code is taken is not added" => patron_exists,
        "a patron who is not there is not changed" => patron_not_there,
        "a patron who was changed meanwhile is not overwritten" => patron_changed,
        "a patron of another branch is not kept here" => patron_elsewhere,
        "a patron with an empty or too long field is not stored" => patron_fields_wrong,
        "a visitor card names the home branch and code, both or neither" => visitor,
        "a patron with open loans is not removed" => patron_with_loans,
        "copies are added all or none" => all_or_none,
        "a copy whose barcode is taken is not added" => copy_exists,
        "a copy of an unknown title is not added" => copy_title_unknown,
        "a condition that only transfers set is not set by hand" => condition_reserved,
        "too many copies at once are not added" => too_many,
        "a copy that is not there is not changed" => copy_not_there,
        "a copy that was changed meanwhile is not overwritten" => copy_changed,
        "the title of a copy is fixed once it has loans" => title_fixed,
        "a copy's condition decides its state when nobody has it" => condition_and_state,
        "a copy with a too long shelf mark is not stored" => copy_fields_wrong,
        "a copy with an open loan is not removed" => copy_with_loan,
    ]
}

async fn add(world: &World, patron: Patron) -> Result<(), SiteError> {
    world.site.put_patron(&PatronChange { patron, seen: None }).await
}

fn with(change: impl FnOnce(&mut Patron)) -> Patron {
    let mut patron = patron("DG100", "STUDENT");
    change(&mut patron);
    patron
}

async fn stored(world: &World, code: &str) -> Patron {
    world.site.patron(&key(code)).await.unwrap().unwrap().patron
}

async fn patron_fields(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut full = with(|p| {
        p.card.block = Some("Nợ tiền phạt".to_owned());
        p.card.home_branch = Some(key(ELSEWHERE));
        p.card.home_code = Some(key("Q3-77"));
        p.deposit_vnd = u32::MAX;
        p.note = "ă".repeat(1_000);
        p.card.name = "Đ".repeat(255);
    });
    add(&world, full.clone()).await.unwrap();
    assert_eq!(stored(&world, "DG100").await, full);
    full = with(|p| {
        p.card.card_expires = None;
        p.birth_date = None;
        p.phone = String::new();
        p.email = String::new();
        p.deposit_vnd = 0;
        p.card.category = key("CHILD");
    });
    let seen = stored(&world, "DG100").await;
    world.site.put_patron(&PatronChange { patron: full.clone(), seen: Some(seen) }).await.unwrap();
    assert_eq!(stored(&world, "DG100").await, full);
    Ok(())
}

async fn patron_exists(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    assert_obstructed(add(&world, patron(PATRONS[0], "CHILD")).await, Obstacle::AlreadyExists);
    assert_eq!(stored(&world, PATRONS[0]).await, patron(PATRONS[0], "STUDENT"));
    // A removed patron's code stays theirs.
    world.site.remove_patron(&key(PATRONS[0])).await.unwrap();
    assert_obstructed(add(&world, patron(PATRONS[0], "CHILD")).await, Obstacle::AlreadyExists);
    Ok(())
}

async fn patron_not_there(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let change = PatronChange { patron: with(|_| ()), seen: Some(with(|_| ())) };
    assert_obstructed(world.site.put_patron(&change).await, Obstacle::Unknown);
    assert_obstructed(world.site.remove_patron(&key("DG100")).await, Obstacle::Unknown);
    world.site.remove_patron(&key(PATRONS[0])).await.unwrap();
    assert_obstructed(world.site.remove_patron(&key(PATRONS[0])).await, Obstacle::Unknown);
    Ok(())
}

async fn patron_changed(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let seen = stored(&world, PATRONS[0]).await;
    world.change_patron(PATRONS[0], |p| p.phone = "0909".to_owned()).await;
    let mut mine = seen.clone();
    mine.note = "của tôi".to_owned();
    let change = PatronChange { patron: mine, seen: Some(seen) };
    assert_obstructed(world.site.put_patron(&change).await, Obstacle::ChangedMeanwhile);
    assert_eq!(stored(&world, PATRONS[0]).await.phone, "0909");
    Ok(())
}

async fn patron_elsewhere(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let elsewhere = with(|p| p.card.branch = key(ELSEWHERE));
    assert_obstructed(add(&world, elsewhere).await, Obstacle::OtherBranch);
    let seen = stored(&world, PATRONS[0]).await;
    let mut moved = seen.clone();
    moved.card.branch = key(ELSEWHERE);
    let change = PatronChange { patron: moved, seen: Some(seen) };
    assert_obstructed(world.site.put_patron(&change).await, Obstacle::OtherBranch);
    Ok(())
}

async fn patron_fields_wrong(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    for (field, wrong) in [
        ("no name", with(|p| p.card.name = " \t ".to_owned())),
        ("long name", with(|p| p.card.name = "đ".repeat(256))),
        ("long phone", with(|p| p.phone = "0".repeat(21))),
        ("long e-mail", with(|p| p.email = "a".repeat(256))),
        ("long block", with(|p| p.card.block = Some("a".repeat(256)))),
        ("a block without a reason", with(|p| p.card.block = Some("  ".to_owned()))),
        ("long note", with(|p| p.note = "ệ".repeat(1_001))),
    ] {
        let error = add(&world, wrong).await.unwrap_err();
        assert_eq!(error, SiteError::Obstructed { obstacle: Obstacle::FieldWrong }, "{field}");
    }
    assert!(world.site.patron(&key("DG100")).await.unwrap().is_none());
    Ok(())
}

async fn visitor(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    for (home, code) in [
        (Some(ELSEWHERE), None),
        (None, Some("X1")),
        (Some(HERE), Some("X1")),
        (Some("Q999"), Some("X1")),
    ] {
        let wrong = with(|p| {
            p.card.home_branch = home.map(key);
            p.card.home_code = code.map(key);
        });
        assert_obstructed(add(&world, wrong).await, Obstacle::FieldWrong);
    }
    Ok(())
}

async fn patron_with_loans(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    assert_obstructed(world.site.remove_patron(&key(PATRONS[0])).await, Obstacle::HasOpenLoans);
    world.done(&[request(&desk.take_back(COPIES[0], at(2)))]).await;
    world.site.remove_patron(&key(PATRONS[0])).await.unwrap();
    assert_eq!(world.copy(COPIES[0]).await.loans.len(), 1, "the loans stay");
    Ok(())
}

async fn all_or_none(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let batch = [copy("Q800"), copy("Q801"), copy(COPIES[0])];
    assert_obstructed(world.site.add_copies(&batch).await, Obstacle::AlreadyExists);
    assert!(world.site.copy(&key("Q800")).await.unwrap().is_none());
    world.site.add_copies(&batch[..2]).await.unwrap();
    assert_eq!(details_of(&world.copy("Q801").await.copy), copy("Q801"));
    world.site.add_copies(&[]).await.unwrap();
    Ok(())
}

async fn copy_exists(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    assert_obstructed(world.site.add_copies(&[copy(COPIES[0])]).await, Obstacle::AlreadyExists);
    let twice = [copy("Q800"), copy("Q800")];
    assert_obstructed(world.site.add_copies(&twice).await, Obstacle::AlreadyExists);
    // A barcode that was another book's stays that book's.
    world.site.remove_copy(&key(COPIES[1])).await.unwrap();
    let other = CopyDetails { title: key(TITLES[1]), ..copy(COPIES[1]) };
    assert_obstructed(world.site.add_copies(&[other]).await, Obstacle::AlreadyExists);
    Ok(())
}

async fn copy_title_unknown(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let unknown = CopyDetails { title: key("khong-co"), ..copy("Q800") };
    assert_obstructed(world.site.add_copies(&[unknown]).await, Obstacle::TitleUnknown);
    world.hands.remove_title(key(TITLES[1])).await?;
    let removed = CopyDetails { title: key(TITLES[1]), ..copy("Q800") };
    assert_obstructed(world.site.add_copies(&[removed]).await, Obstacle::TitleUnknown);
    let seen = copy(COPIES[0]);
    let details = CopyDetails { title: key("khong-co"), ..seen.clone() };
    let change = CopyChange { details, seen };
    assert_obstructed(world.site.put_copy(&change).await, Obstacle::TitleUnknown);
    // A copy whose title was removed can still be put right.
    world.hands.remove_title(key(TITLES[0])).await?;
    let seen = copy(COPIES[0]);
    let details = CopyDetails { shelf_mark: "KHO".to_owned(), ..seen.clone() };
    world.site.put_copy(&CopyChange { details, seen }).await.unwrap();
    Ok(())
}

async fn condition_reserved(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    for condition in [CopyCondition::InTransit, CopyCondition::Forwarded] {
        let details = CopyDetails { condition, ..copy("Q800") };
        assert_obstructed(world.site.add_copies(&[details]).await, Obstacle::ConditionReserved);
        let details = CopyDetails { condition, ..copy(COPIES[0]) };
        let change = CopyChange { details, seen: copy(COPIES[0]) };
        assert_obstructed(world.site.put_copy(&change).await, Obstacle::ConditionReserved);
    }
    // Nor does a hand end a transfer; but the other details can be put right.
    world.hands.set_condition(key(COPIES[1]), CopyCondition::InTransit, None).await?;
    let seen = CopyDetails { condition: CopyCondition::InTransit, ..copy(COPIES[1]) };
    let change = CopyChange { details: copy(COPIES[1]), seen: seen.clone() };
    assert_obstructed(world.site.put_copy(&change).await, Obstacle::ConditionReserved);
    let details = CopyDetails { price_vnd: None, ..seen.clone() };
    world.site.put_copy(&CopyChange { details, seen }).await.unwrap();
    Ok(())
}

async fn too_many(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut many: Vec<CopyDetails> =
        (0..=COPIES_ADDED_MAX).map(|n| copy(&format!("S{n:05}"))).collect();
    assert_obstructed(world.site.add_copies(&many).await, Obstacle::TooMany);
    many.pop();
    world.site.add_copies(&many).await.unwrap();
    assert_eq!(
        usize::try_from(world.free(TITLES[0]).await).unwrap(),
        COPIES_ADDED_MAX + COPIES.len()
    );
    Ok(())
}

async fn copy_not_there(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let change = CopyChange { details: copy("Q800"), seen: copy("Q800") };
    assert_obstructed(world.site.put_copy(&change).await, Obstacle::Unknown);
    assert_obstructed(world.site.remove_copy(&key("Q800")).await, Obstacle::Unknown);
    world.site.remove_copy(&key(COPIES[0])).await.unwrap();
    assert_obstructed(world.site.remove_copy(&key(COPIES[0])).await, Obstacle::Unknown);
    Ok(())
}

async fn copy_changed(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let seen = copy(COPIES[0]);
    let theirs = CopyDetails { shelf_mark: "KHO 1".to_owned(), ..seen.clone() };
    let change = CopyChange { details: theirs.clone(), seen: seen.clone() };
    world.site.put_copy(&change).await.unwrap();
    let mine = CopyDetails { shelf_mark: "KHO 2".to_owned(), ..seen.clone() };
    let change = CopyChange { details: mine, seen };
    assert_obstructed(world.site.put_copy(&change).await, Obstacle::ChangedMeanwhile);
    assert_eq!(details_of(&world.copy(COPIES[0]).await.copy), theirs);
    Ok(())
}

async fn title_fixed(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let seen = copy(COPIES[0]);
    let details = CopyDetails { title: key(TITLES[1]), ..seen.clone() };
    let change = CopyChange { details, seen };
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[fact(&lent), fact(&desk.undo(&lent, at(2)))]).await;
    assert_obstructed(world.site.put_copy(&change).await, Obstacle::TitleFixed);
    let seen = copy(COPIES[1]);
    let details = CopyDetails { title: key(TITLES[1]), ..seen.clone() };
    world.site.put_copy(&CopyChange { details, seen }).await.unwrap();
    assert_eq!(world.copy(COPIES[1]).await.title.key, key(TITLES[1]));
    Ok(())
}

async fn condition_and_state(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut seen = copy(COPIES[0]);
    for (condition, state) in [
        (CopyCondition::Damaged, CopyState::Damaged),
        (CopyCondition::Lost, CopyState::Lost),
        (CopyCondition::Withdrawn, CopyState::Withdrawn),
        (CopyCondition::Good, CopyState::Free),
    ] {
        let details = CopyDetails { condition, ..seen.clone() };
        let change = CopyChange { details: details.clone(), seen };
        world.site.put_copy(&change).await.unwrap();
        let copy = world.copy(COPIES[0]).await.copy;
        assert_eq!((copy.condition, copy.state), (condition, state));
        seen = details;
    }
    world.done(&[request(&Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    let details = CopyDetails { condition: CopyCondition::Lost, ..seen.clone() };
    world.site.put_copy(&CopyChange { details, seen }).await.unwrap();
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::OnLoan, "the loan wins");
    assert_eq!(world.copy(COPIES[0]).await.loans[0].due, day(14));
    Ok(())
}

async fn copy_fields_wrong(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let long = CopyDetails { shelf_mark: "ắ".repeat(51), ..copy("Q800") };
    assert_obstructed(world.site.add_copies(&[long]).await, Obstacle::FieldWrong);
    let fits =
        CopyDetails { shelf_mark: "ắ".repeat(50), price_vnd: Some(u32::MAX), ..copy("Q800") };
    world.site.add_copies(std::slice::from_ref(&fits)).await.unwrap();
    assert_eq!(details_of(&world.copy("Q800").await.copy), fits);
    Ok(())
}

async fn copy_with_loan(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.done(&[fact(&desk.borrow(COPIES[0], "DG404", at(1)))]).await;
    assert_obstructed(world.site.remove_copy(&key(COPIES[0])).await, Obstacle::HasOpenLoans);
    world.done(&[fact(&desk.take_back(COPIES[0], at(2)))]).await;
    world.site.remove_copy(&key(COPIES[0])).await.unwrap();
    Ok(())
}
