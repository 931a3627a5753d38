//! The site itself refuses what a login's roles do not carry.

use std::sync::Arc;

use lienthu_domain::action::Resource;
use lienthu_domain::period::{Period, Step};
use lienthu_domain::replica::{Buckets, ReplicaTable};
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::rights::{Right, Role};
use lienthu_port::error::SiteError;
use lienthu_port::feed::PullFrom;
use lienthu_port::figures::MostLent;
use lienthu_port::listing::CopiesSought;
use lienthu_port::lookup::{CopyChange, PatronChange, details_of};
use lienthu_port::replica::{Asked, Filling};
use lienthu_port::site::Site;
use lienthu_port::submit::Sending;
use lienthu_port::transaction::{Posted, Sought};
use lienthu_port::whereabouts::PatronOf;
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::message::{Message, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::terms::{MembershipVersion, Terms};
use uuid::Uuid;

use super::cases;
use crate::counterpart::txn;
use crate::fixture::CannotHere;
use crate::kit::{
    AGENT, COLLEAGUE, COPIES, Desk, ELSEWHERE, HERE, LIBRARIAN, MANAGER, NOBODY, PATRONS, TITLES,
    World, at, copy, day, fact, key, leaving, patron, request, withdrawal,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = cases![
        "a role that is taken away is gone from the next call on" => role_taken_away,
        "a role that is given holds from the next call on" => role_given,
        "a login with several roles may what any of them may" => several_roles,
        "a batch with one event that the login may not send is taken by none" => none_of_the_batch,
        "whoever was told that something is wrong may do no more than before" => after_an_error,
        "an empty batch is an answer about the right to send, and nothing more" => empty_batch,
    ];
    for (login, role) in [
        (LIBRARIAN, Some(Role::Librarian)),
        (MANAGER, Some(Role::Manager)),
        (AGENT, Some(Role::Agent)),
        (NOBODY, None),
    ] {
        let name = role.map_or("a login without a role", Role::code);
        cases.push(Case::new(
            format!("every call is open to {name} exactly as the table of rights says"),
            move |bench| every_call(bench, login, role),
        ));
    }
    cases
}

/// Every call of the port with the right that it takes, and what it answered. All of them would work.
async fn every_answer(world: &World, site: &Arc<dyn Site>) -> Vec<(Right, Result<(), SiteError>)> {
    let mut desk = Desk::new(70);
    let odd = desk.take_back(COPIES[5], at(1));
    world.done(&[fact(&odd)]).await;
    let settled = desk.settle(&odd, FlagKind::ReturnWithoutLoan, Settlement::Confirmed, at(2));
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(3));
    let undone = desk.undo(&lent, at(4));
    let back = desk.take_back(COPIES[5], at(5));
    let delivered = Sending { received_at: Some(key(ELSEWHERE)), ..fact(&back) };
    let seen = world.site.patron(&key(PATRONS[1])).await.unwrap().unwrap().patron;
    let mut changed = seen.clone();
    changed.note = "Đã đổi".to_owned();
    let seen_copy = details_of(&world.copy(COPIES[1]).await.copy);
    let mut changed_copy = seen_copy.clone();
    changed_copy.shelf_mark = "KHO 2".to_owned();
    let of_patron = PatronOf { branch: key(HERE), code: key(PATRONS[0]) };
    let period = Period::new(day(0), day(1), Step::Day).unwrap();
    let most_lent = MostLent { at_least: 1, after: None, limit: 10 };
    let everything = Buckets::everything();
    // Of a network that the site does not know yet: else it is not filled, whoever asks.
    let filling = Filling { membership: MembershipVersion(99), changes: vec![] };
    let mut answers = across_sites(world, site).await;
    answers.extend([
        (Right::Follow, site.pull(&PullFrom::default()).await.map(drop)),
        (Right::Follow, site.agents().await.map(drop)),
        (Right::LookUpBranch, site.copy(&key(COPIES[0])).await.map(drop)),
        (Right::LookUpBranch, site.patron(&key(PATRONS[0])).await.map(drop)),
        (Right::LookUpBranch, site.find_patrons("tran").await.map(drop)),
        (Right::LookUpBranch, site.review_items().await.map(drop)),
        (Right::CountFree, site.free_copies(&key(TITLES[0])).await.map(drop)),
        (Right::CountFree, site.holdings(&[key(TITLES[0])]).await.map(drop)),
        (Right::LookUpBranch, site.copy_place(&key(COPIES[0])).await.map(drop)),
        (Right::LookUpNetwork, site.patron_loans(&of_patron, None).await.map(drop)),
        (Right::ReadFigures, site.figures(&period).await.map(drop)),
        (Right::ReadFigures, site.most_lent(&period, &most_lent).await.map(drop)),
        (Right::ReadFigures, site.times_lent(&period, &[key(TITLES[0])]).await.map(drop)),
        (
            Right::CountFree,
            site.list_copies(&CopiesSought::Arriving { after: None }).await.map(drop),
        ),
        (Right::LookUpVisitor, site.visitor(&key(PATRONS[0])).await.map(drop)),
        (
            Right::KeepPatrons,
            site.put_patron(&PatronChange { patron: patron("DG077", "STUDENT"), seen: None }).await,
        ),
        (
            Right::KeepPatrons,
            site.put_patron(&PatronChange { patron: changed, seen: Some(seen) }).await,
        ),
        (Right::KeepPatrons, site.remove_patron(&key(PATRONS[2])).await),
        (Right::KeepCopies, site.add_copies(&[copy("Q077")]).await),
        (
            Right::KeepCopies,
            site.put_copy(&CopyChange { details: changed_copy, seen: seen_copy }).await,
        ),
        (Right::KeepCopies, site.remove_copy(&key(COPIES[4])).await),
        (Right::Audit, site.digests(ReplicaTable::Title, &everything, 0).await.map(drop)),
        (Right::Audit, site.keys(ReplicaTable::Title, &everything, None).await.map(drop)),
        (Right::Audit, site.held_copies(&Asked::Behind(None)).await.map(drop)),
        (Right::Audit, site.known_patrons(&Asked::Behind(None)).await.map(drop)),
        (Right::Audit, site.fill(&filling).await.map(drop)),
        (Right::Circulate, site.submit(None, &[request(&lent)]).await.map(drop)),
        (Right::Circulate, site.submit(None, &[fact(&undone)]).await.map(drop)),
        (Right::Circulate, site.submit(None, &[withdrawal(&undone)]).await.map(drop)),
        (Right::SettleReview, site.submit(None, &[request(&settled)]).await.map(drop)),
        (Right::SettleReview, site.submit(None, &[withdrawal(&settled)]).await.map(drop)),
        (Right::Deliver, site.submit(None, &[delivered]).await.map(drop)),
    ]);
    answers
}

/// The calls that transactions over several sites are made of.
async fn across_sites(world: &World, site: &Arc<dyn Site>) -> Vec<(Right, Result<(), SiteError>)> {
    let me = world.hands.card().await.unwrap().party;
    let action = leaving(&[copy(COPIES[6])], 1);
    let alone = vec![me.clone()];
    let terms = Arc::new(Terms::new(alone, &me.branch, MembershipVersion(0)).unwrap());
    let outcome = Outcome::Abort;
    let seal = SiteKey::new(Uuid::nil()).seal(&me, txn(1), outcome);
    let decision = Decision { outcome, decider: me.clone(), seal };
    let requests = [
        (Right::Decide, Request::Prepare { terms: Arc::clone(&terms) }),
        (Right::Decide, Request::Announce { restored: me.clone() }),
        (Right::Decide, Request::Replay { terms, outcome, decision: None }),
        (Right::Decide, Request::Force { outcome }),
        (Right::Recover, Request::Decide { outcome }),
        (Right::Recover, Request::Finish { decision }),
        (Right::Recover, Request::Ask),
    ];
    let mut answers = vec![
        (Right::Receive, site.receive(&[key("Q999")]).await.map(drop)),
        (Right::Decide, site.readmit().await),
        (Right::Recover, site.network().await.map(drop)),
        (Right::Recover, site.transactions(&Sought::Open, None).await.map(drop)),
    ];
    for (right, request) in requests {
        let message = Message { txn: txn(1), to: me.clone(), request };
        let posted = Posted { message, action: Some(Arc::new(action.clone())) };
        answers.push((right, site.transact(&posted).await.map(drop)));
    }
    answers
}

async fn every_call(bench: Bench, login: &str, role: Option<Role>) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let site = world.sign_in(login).await;
    let answers = every_answer(&world, &site).await;
    let asked: std::collections::BTreeSet<Right> =
        answers.iter().map(|(right, _)| *right).collect();
    assert_eq!(asked.len(), Right::ALL.len(), "every right is asked for: {asked:?}");
    for (place, (right, answer)) in answers.into_iter().enumerate() {
        if role.is_some_and(|role| role.may(right)) {
            assert_eq!(answer, Ok(()), "call {place}");
        } else {
            assert_eq!(answer, Err(SiteError::Forbidden { right }), "call {place}");
        }
    }
    if role != Some(Role::Librarian) {
        assert!(world.site.copy(&key("Q077")).await.unwrap().is_none(), "nothing was written");
        assert!(world.site.patron(&key(PATRONS[2])).await.unwrap().is_some());
    }
    Ok(())
}

async fn role_taken_away(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let colleague = world.sign_in(COLLEAGUE).await;
    assert!(colleague.copy(&key(COPIES[0])).await.is_ok());
    world.hands.set_roles(key(COLLEAGUE), Vec::new()).await?;
    for (place, (right, answer)) in every_answer(&world, &colleague).await.into_iter().enumerate() {
        assert_eq!(answer, Err(SiteError::Forbidden { right }), "call {place}");
    }
    Ok(())
}

async fn role_given(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let nobody = world.sign_in(NOBODY).await;
    let answer = nobody.remove_patron(&key(PATRONS[0])).await;
    assert_eq!(answer, Err(SiteError::Forbidden { right: Right::KeepPatrons }));
    world.hands.set_roles(key(NOBODY), vec![Role::Librarian]).await?;
    assert_eq!(nobody.remove_patron(&key(PATRONS[0])).await, Ok(()));
    Ok(())
}

async fn several_roles(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let site = world.sign_in(NOBODY).await;
    world.hands.set_roles(key(NOBODY), vec![Role::Agent, Role::Librarian, Role::Manager]).await?;
    for (right, answer) in every_answer(&world, &site).await {
        assert_eq!(answer, Ok(()), "{right:?}");
    }
    Ok(())
}

async fn none_of_the_batch(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = world.sign_in(MANAGER).await;
    let mut desk = Desk::new(1);
    let batch: Vec<Sending> =
        COPIES.iter().map(|copy| fact(&desk.borrow(copy, PATRONS[0], at(1)))).collect();
    let answer = manager.submit(None, &batch).await.unwrap_err();
    assert_eq!(answer, SiteError::Forbidden { right: Right::Circulate });
    assert!(world.open_loans(PATRONS[0]).await.is_empty());
    world.done(&batch).await;
    assert_eq!(world.open_loans(PATRONS[0]).await.len(), COPIES.len());
    Ok(())
}

async fn after_an_error(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let site = world.sign_in(LIBRARIAN).await;
    let forbidden = SiteError::Forbidden { right: Right::Decide };
    let rows = [Resource::Branch(key(HERE))];
    assert!(site.add_copies(&[copy(COPIES[0])]).await.is_err(), "there is one with this barcode");
    assert_eq!(site.replicated(&rows).await, Err(forbidden.clone()));
    assert!(site.remove_copy(&key("Q404")).await.is_err(), "there is none");
    assert_eq!(site.replicated(&rows).await, Err(forbidden));
    Ok(())
}

async fn empty_batch(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = world.sign_in(MANAGER).await;
    let answer = manager.submit(None, &[]).await.unwrap_err();
    assert_eq!(answer, SiteError::Forbidden { right: Right::Circulate });
    let before = world.site.submit(None, &[]).await.unwrap();
    assert!(before.receipts.is_empty());
    assert_eq!(world.site.submit(None, &[]).await.unwrap().state, before.state);
    Ok(())
}
