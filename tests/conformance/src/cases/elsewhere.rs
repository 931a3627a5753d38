//! Between branches without a transaction: books that came back elsewhere, and readers from elsewhere.

use std::sync::Arc;

use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::event::{Claim, Event};
use lienthu_domain::ids::{PatronCode, StaffLogin};
use lienthu_domain::loan::LoanEnding;
use lienthu_domain::rights::Right;
use lienthu_port::error::SiteError;
use lienthu_port::listing::{CopiesSought, ListedCopy};
use lienthu_port::lookup::VisitorCard;
use lienthu_port::site::Site;
use lienthu_port::submit::{Outcome, Sending, SetAside};

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    AGENT, COPIES, Desk, ELSEWHERE, HERE, LIBRARIAN, PATRONS, World, at, day, fact, key, patron,
    put,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a return that another branch received ends the loan, and the book is on its way home" => comes_home,
        "what another branch received is taken for a book of this one alone" => not_ours,
        "a return from elsewhere that arrives late takes no book off the shelf again" => late,
        "a book that moved to where it came back is there" => moved_here,
        "an agent delivers returns and sends nothing else" => nothing_else,
        "a visitor is known by the exact card, with no more than another branch has to know" => visitor,
    ]
}

/// A desk of the other branch: nobody here knows who works there.
fn elsewhere() -> Desk {
    Desk::at_branch(9, &key(HERE), &key::<StaffLogin>("ai-do"))
}

/// The event as the other branch's agent delivers it.
fn delivery(event: &Event) -> Sending {
    Sending { received_at: Some(key(ELSEWHERE)), ..put(event, Claim::Fact) }
}

async fn delivered(agent: &Arc<dyn Site>, event: &Event) -> Outcome {
    agent.submit(None, &[delivery(event)]).await.unwrap().receipts.remove(0).outcome
}

async fn arriving(world: &World) -> Vec<ListedCopy> {
    world.site.list_copies(&CopiesSought::Arriving { after: None }).await.unwrap()
}

async fn comes_home(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let agent = world.sign_in(AGENT).await;
    let (mut here, mut there) = (Desk::new(1), elsewhere());
    let lent = here.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[fact(&lent)]).await;
    let back = there.take_back(COPIES[0], at(5));
    for _ in 0..2 {
        // Sent again, because the answer got lost, it changes nothing.
        let Outcome::Done { loan, flags } = delivered(&agent, &back).await else { panic!() };
        let loan = loan.unwrap();
        assert_eq!((loan.borrow, loan.ending), (lent.id, Some(LoanEnding::Returned)));
        assert_eq!(flags, [], "who received it need not be known here");
        assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::InTransit);
        let way = arriving(&world).await;
        assert_eq!(way.len(), 1);
        let transit = way[0].transit.as_ref().unwrap();
        assert_eq!((transit.from.as_str(), transit.txn), (ELSEWHERE, None));
    }
    assert_eq!(world.open_loans(PATRONS[0]).await, []);
    assert_eq!(world.items().await, []);
    assert_eq!(world.site.receive(&[key(COPIES[0])]).await.unwrap(), []);
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::Free);
    // What was received stays so, however often the return is sent.
    delivered(&agent, &back).await;
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::Free);
    Ok(())
}

async fn not_ours(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let agent = world.sign_in(AGENT).await;
    let mut there = elsewhere();
    world.site.remove_copy(&key(COPIES[1])).await.unwrap();
    let gone = Some(key(ELSEWHERE));
    world.hands.set_condition(key(COPIES[2]), CopyCondition::Forwarded, gone).await?;
    let not_here = Outcome::SetAside { why: SetAside::OtherBranch };
    for barcode in ["Q404", COPIES[1], COPIES[2], &COPIES[3].to_lowercase()] {
        let back = there.take_back(barcode, at(5));
        assert_eq!(delivered(&agent, &back).await, not_here, "{barcode}");
    }
    // A batch is answered event by event.
    let (good, bad) = (there.take_back(COPIES[4], at(6)), there.take_back("Q404", at(7)));
    let batch = [delivery(&bad), delivery(&good)];
    let receipts = agent.submit(None, &batch).await.unwrap().receipts;
    assert_eq!(receipts[0].outcome, not_here);
    assert!(matches!(receipts[1].outcome, Outcome::Done { .. }), "{receipts:?}");
    // Nothing was kept of it: once the copy is here, it is a return like any other.
    world.site.add_copies(&[crate::kit::copy("Q404")]).await.unwrap();
    assert_eq!(world.copy("Q404").await.copy.state, CopyState::Free);
    assert!(matches!(delivered(&agent, &bad).await, Outcome::Done { .. }));
    Ok(())
}

async fn late(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let agent = world.sign_in(AGENT).await;
    let (mut here, mut there) = (Desk::new(1), elsewhere());
    let back = there.take_back(COPIES[0], at(5));
    let first = here.borrow(COPIES[0], PATRONS[0], at(1));
    let second = here.borrow(COPIES[0], PATRONS[1], at(20));
    world.done(&[fact(&first), fact(&second)]).await;
    assert!(matches!(delivered(&agent, &back).await, Outcome::Done { .. }));
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::OnLoan);
    assert_eq!(world.open_loans(PATRONS[1]).await, [second.id]);
    assert_eq!(arriving(&world).await, []);
    world.done(&[fact(&here.take_back(COPIES[0], at(30)))]).await;
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::Free);
    Ok(())
}

async fn moved_here(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let agent = world.sign_in(AGENT).await;
    world.done(&[fact(&Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    let back = elsewhere().take_back(COPIES[0], at(5));
    let here = Sending { received_at: Some(key(HERE)), ..put(&back, Claim::Fact) };
    let told = agent.submit(None, &[here]).await.unwrap().receipts.remove(0).outcome;
    assert!(matches!(told, Outcome::Done { loan: Some(_), .. }), "{told:?}");
    assert_eq!(world.copy(COPIES[0]).await.copy.state, CopyState::Free);
    assert_eq!(arriving(&world).await, []);
    Ok(())
}

async fn nothing_else(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let agent = world.sign_in(AGENT).await;
    let (mut here, mut there) = (Desk::new(1), elsewhere());
    let back = there.take_back(COPIES[0], at(5));
    let lent = there.borrow(COPIES[1], PATRONS[0], at(6));
    let disguised = Sending { received_at: Some(key(ELSEWHERE)), ..fact(&lent) };
    let asked = Sending { received_at: Some(key(ELSEWHERE)), ..put(&back, Claim::Request) };
    let circulates = Err(SiteError::Forbidden { right: Right::Circulate });
    for batch in [
        vec![fact(&back)],
        vec![disguised.clone()],
        vec![asked],
        vec![delivery(&back), disguised],
        vec![],
    ] {
        let answer = agent.submit(None, &batch).await.map(drop);
        assert_eq!(answer, circulates, "{batch:?}");
    }
    // A librarian takes back what is in their hands.
    let librarian = world.sign_in(LIBRARIAN).await;
    let answer = librarian.submit(None, &[delivery(&back)]).await.map(drop);
    assert_eq!(answer, Err(SiteError::Forbidden { right: Right::Deliver }));
    world.done(&[fact(&here.borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    assert_eq!(world.open_loans(PATRONS[0]).await.len(), 1, "none of it was taken");
    Ok(())
}

async fn visitor(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let agent = world.sign_in(AGENT).await;
    let known = || async { agent.visitor(&key(PATRONS[0])).await.unwrap() };
    let mut expected = VisitorCard {
        name: format!("Trần Thị {}", PATRONS[0]),
        category: key("STUDENT"),
        card_expires: Some(day(365)),
        block: None,
    };
    assert_eq!(known().await.as_ref(), Some(&expected));
    world
        .change_patron(PATRONS[0], |patron| {
            patron.card.block = Some("Mất thẻ".to_owned());
            patron.card.card_expires = None;
        })
        .await;
    expected.block = Some("Mất thẻ".to_owned());
    expected.card_expires = None;
    assert_eq!(known().await, Some(expected));

    let mut guest = patron("KHACH1", "STUDENT");
    guest.card.home_branch = Some(key(ELSEWHERE));
    guest.card.home_code = Some(key("DG777"));
    world.add_patron(guest).await;
    world.site.remove_patron(&key(PATRONS[1])).await.unwrap();
    let lower_case = PATRONS[2].to_lowercase();
    for card in ["KHACH1", "DG777", PATRONS[1], "DG404", &lower_case] {
        assert_eq!(agent.visitor(&key::<PatronCode>(card)).await.unwrap(), None, "{card}");
    }
    Ok(())
}
