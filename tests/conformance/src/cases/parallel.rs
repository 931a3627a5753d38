//! Several desks at once.

use std::sync::Arc;

use lienthu_domain::event::Event;
use lienthu_domain::ids::EventId;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::lookup::PatronChange;
use lienthu_port::site::Site;
use lienthu_port::submit::{Outcome, Receipts, Sending};

use super::cases;
use crate::fixture::CannotHere;
use crate::follower::Follower;
use crate::kit::{
    COLLEAGUE, COPIES, Desk, LIBRARIAN, PATRONS, World, at, copy, fact, key, patron, request,
};
use crate::suite::{Bench, Case};

/// How often a call that was told "busy" is made again before the case gives up.
const BUSY_TRIES_MAX: usize = 50;
/// Sessions that work at once.
const DESKS: u32 = 4;

pub(super) fn cases() -> Vec<Case> {
    cases![
        "desks that send at once lose nothing and double nothing" => disjoint,
        "of desks that ask for one copy at once, one gets it" => one_copy,
        "one patron's limit holds against desks that lend at once" => one_limit,
        "an event that comes twice at once has its effect once" => same_event,
        "of two changes of one patron at once, one is told so" => one_patron,
        "a cache that follows while desks send shows only states that were" => following,
    ]
}

async fn sessions(world: &World) -> Vec<Arc<dyn Site>> {
    let mut sites = Vec::new();
    for n in 0..DESKS {
        sites.push(world.sign_in(if n % 2 == 0 { LIBRARIAN } else { COLLEAGUE }).await);
    }
    sites
}

/// Sends, again when told "busy": that is never the event's fault.
async fn send(site: &Arc<dyn Site>, batch: &[Sending]) -> Receipts {
    for _ in 0..BUSY_TRIES_MAX {
        match site.submit(None, batch).await {
            Err(SiteError::Busy) => {}
            answer => return answer.unwrap(),
        }
    }
    panic!("busy for good");
}

/// Sends each batch over a session of its own, all at once.
async fn at_once(world: &World, batches: Vec<Vec<Sending>>) -> Vec<Receipts> {
    let sites = sessions(world).await;
    let sending = batches
        .into_iter()
        .zip(sites)
        .map(|(batch, site)| tokio::spawn(async move { send(&site, &batch).await }));
    let mut receipts = Vec::new();
    for task in sending.collect::<Vec<_>>() {
        receipts.push(task.await.unwrap());
    }
    receipts
}

fn is_done(receipts: &Receipts) -> bool {
    matches!(receipts.receipts[0].outcome, Outcome::Done { .. })
}

async fn disjoint(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let sites = sessions(&world).await;
    let tasks: Vec<_> = sites
        .into_iter()
        .zip(0..DESKS)
        .map(|(site, n)| {
            tokio::spawn(async move {
                let mut desk = Desk::new(n);
                let copy = COPIES[usize::try_from(n).unwrap()];
                for minute in 0..10 {
                    let lent = desk.borrow(copy, PATRONS[0], at(10 * minute));
                    let back = desk.take_back(copy, at(10 * minute + 5));
                    send(&site, &[fact(&lent), fact(&back)]).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let file = world.site.patron(&key(PATRONS[0])).await.unwrap().unwrap();
    assert_eq!(file.loans.len(), 10 * usize::try_from(DESKS).unwrap());
    assert!(file.loans.iter().all(|loan| !loan.is_open()));
    Ok(())
}

async fn one_copy(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let batches = (0..DESKS)
        .map(|n| {
            let patron = PATRONS[usize::try_from(n % 3).unwrap()];
            vec![request(&Desk::new(n).borrow(COPIES[0], patron, at(1)))]
        })
        .collect();
    let done = at_once(&world, batches).await.iter().filter(|r| is_done(r)).count();
    assert_eq!(done, 1);
    assert_eq!(world.copy(COPIES[0]).await.loans.len(), 1);
    Ok(())
}

async fn one_limit(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let batches = (0..DESKS)
        .map(|n| {
            let copy = COPIES[usize::try_from(n).unwrap()];
            vec![request(&Desk::new(n).borrow(copy, PATRONS[0], at(1)))]
        })
        .collect();
    let done = at_once(&world, batches).await.iter().filter(|r| is_done(r)).count();
    assert_eq!(done, 3, "three books at one time");
    assert_eq!(world.open_loans(PATRONS[0]).await.len(), 3);
    Ok(())
}

async fn same_event(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let event: Event = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1));
    let batches = (0..DESKS).map(|_| vec![request(&event), fact(&event)]).collect();
    let receipts = at_once(&world, batches).await;
    assert!(receipts.iter().all(is_done));
    let loans: Vec<EventId> =
        world.copy(COPIES[0]).await.loans.iter().map(|loan| loan.borrow).collect();
    assert_eq!(loans, [event.id]);
    Ok(())
}

async fn one_patron(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let sites = sessions(&world).await;
    let seen = world.site.patron(&key(PATRONS[0])).await.unwrap().unwrap().patron;
    let tasks: Vec<_> = sites
        .into_iter()
        .enumerate()
        .map(|(n, site)| {
            let mut patron = seen.clone();
            patron.note = format!("Bản {n}");
            let change = PatronChange { patron, seen: Some(seen.clone()) };
            tokio::spawn(async move { site.put_patron(&change).await })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => written += 1,
            Err(
                SiteError::Obstructed { obstacle: Obstacle::ChangedMeanwhile } | SiteError::Busy,
            ) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(written, 1);
    Ok(())
}

async fn following(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    // Each batch lends both copies to one patron, so no state shows them with two.
    let site = world.sign_in(COLLEAGUE).await;
    let writer = tokio::spawn(async move {
        let mut desk = Desk::new(1);
        for turn in 0..40_i64 {
            let patron = PATRONS[usize::try_from(turn % 3).unwrap()];
            let batch =
                [COPIES[0], COPIES[1]].map(|copy| fact(&desk.borrow(copy, patron, at(turn))));
            send(&site, &batch).await;
        }
    });
    let mut cache = Follower::filled(&world.site).await;
    let mut states = 0;
    while !writer.is_finished() {
        let before = cache.watermark;
        cache.follow(&world.site).await.unwrap();
        states += usize::from(before != cache.watermark);
        let holders: Vec<String> = cache
            .shown
            .values()
            .filter_map(|row| match row {
                lienthu_port::feed::FeedRow::OpenLoan(loan) => Some(loan.patron.to_string()),
                _ => None,
            })
            .collect();
        assert!(
            holders.is_empty() || (holders.len() == 2 && holders[0] == holders[1]),
            "after {states} states: {holders:?}"
        );
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
    world.add_patron(patron("DG100", "STUDENT")).await;
    world.site.add_copies(&[copy("Q800")]).await.unwrap();
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.shown, Follower::filled(&world.site).await.shown);
    Ok(())
}
