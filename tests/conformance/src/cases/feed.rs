//! The delta feed: a cache that follows it shows every state that the site was in, and no other.

use lienthu_domain::copy::CopyState;
use lienthu_domain::event::Event;
use lienthu_domain::ids::FeedToken;
use lienthu_port::error::SiteError;
use lienthu_port::feed::{
    FEED_PAGE_ROWS_MAX, FeedRow, PullFrom, Pulled, RefillReason, RowKind, Watermark,
};
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION};
use lienthu_port::lookup::{CopyChange, details_of};
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::follower::Follower;
use crate::kit::{
    CHILD, COPIES, Desk, ELSEWHERE, HERE, PATRONS, TITLES, World, at, closed_day, copy, day, fact,
    key, opening, patron, policy, request, small_seed, title, withdrawal,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a fill brings everything that a desk needs to work alone" => fill,
        "a fill brings no personal data that a desk does not need" => sparing,
        "a pull brings what changed since, and nothing else" => difference,
        "a pull after nothing happened brings nothing" => nothing_new,
        "a loan that ends, a patron and a copy that go, leave tombstones" => tombstones,
        "what came and went since the watermark is no news" => never_seen,
        "pages are bounded, in order, and together complete" => pages,
        "a row that changes while pages are fetched comes again" => changed_between_pages,
        "a row that goes while pages are fetched is not left behind" => gone_between_pages,
        "rows written by hand are followed like all others" => by_hand,
        "changes to titles, policies and closed days are followed" => replicated,
        "the state of a receipt is one that a pull reaches" => receipt_state,
        "a watermark that the site never gave means a refill" => foreign_watermark,
        "a site put back to an older state is noticed by every cache" => put_back,
        "a site put back between two pages is not filled from both" => put_back_between_pages,
        "a cache that stayed away for too long fills anew" => below_floor,
        "pruning loses nothing that a fresh cache needs" => pruned,
        "the site lets nobody smuggle in a row of another branch" => smuggling,
    ]
}

fn removed(rows: &[FeedRow]) -> Vec<(RowKind, String)> {
    rows.iter()
        .filter_map(|row| match row {
            FeedRow::Removed { kind, key } => Some((*kind, key.clone())),
            _ => None,
        })
        .collect()
}

async fn page(world: &World, watermark: Option<Watermark>) -> Vec<FeedRow> {
    match world.site.pull(&PullFrom { watermark, position: None }).await.unwrap() {
        Pulled::Page(page) => page.rows,
        Pulled::Refill(why) => panic!("{why:?}"),
    }
}

async fn fill(bench: Bench) -> Result<(), CannotHere> {
    let seed = small_seed();
    let world = World::with(&bench, seed.clone()).await;
    let lent = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[request(&lent)]).await;
    let shown = Follower::filled(&world.site).await.shown;
    let mut expected: Vec<FeedRow> = Vec::new();
    expected.extend(seed.branches.into_iter().map(FeedRow::Branch));
    expected.extend(seed.titles.into_iter().map(FeedRow::Title));
    expected.extend(seed.policies.into_iter().map(FeedRow::Policy));
    expected.extend(seed.closed_days.into_iter().map(FeedRow::ClosedDay));
    for code in PATRONS.iter().chain([&CHILD]) {
        let file = world.site.patron(&key(code)).await.unwrap().unwrap();
        expected.push(FeedRow::Patron(file.patron.card));
    }
    for barcode in COPIES {
        let file = world.copy(barcode).await;
        expected.extend(file.loans.into_iter().map(FeedRow::OpenLoan));
        expected.push(FeedRow::Copy(file.copy));
    }
    let expected = expected.into_iter().map(|row| (row.key(), row)).collect();
    assert_eq!(shown, expected);
    Ok(())
}

async fn sparing(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    world.change_patron(PATRONS[0], |p| p.note = "Ghi chú kín".to_owned()).await;
    for row in page(&world, None).await {
        let text = format!("{row:?}");
        for private in ["0903 123 456", "ban.doc@example.org", "2001-04-30", "Ghi chú kín"] {
            assert!(!text.contains(private), "{text}");
        }
    }
    Ok(())
}

async fn difference(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut cache = Follower::filled(&world.site).await;
    world.change_patron(PATRONS[0], |p| p.card.name = "Lê Thị Mới".to_owned()).await;
    let lent = Desk::new(1).borrow(COPIES[3], PATRONS[1], at(1));
    world.done(&[request(&lent)]).await;
    let rows = page(&world, cache.watermark).await;
    let keys: Vec<(RowKind, String)> = rows.iter().map(FeedRow::key).collect();
    let expected = [
        (RowKind::Patron, PATRONS[0].to_owned()),
        (RowKind::Copy, COPIES[3].to_owned()),
        (RowKind::OpenLoan, lent.id.to_string()),
    ];
    assert_eq!(keys, expected);
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.shown, Follower::filled(&world.site).await.shown);
    Ok(())
}

async fn nothing_new(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let lent = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[request(&lent)]).await;
    let mut cache = Follower::filled(&world.site).await;
    let before = cache.watermark;
    // Neither a question, nor a refusal of the caller's, nor an event that is known, is a change.
    world.done(&[request(&lent)]).await;
    world.items().await;
    world.site.remove_patron(&key(PATRONS[0])).await.unwrap_err();
    assert_eq!(cache.follow(&world.site).await, Ok(0));
    assert_eq!(cache.watermark, before);
    Ok(())
}

async fn tombstones(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent: Vec<Event> =
        COPIES[..3].iter().map(|copy| desk.borrow(copy, PATRONS[0], at(1))).collect();
    world.done(&lent.iter().map(request).collect::<Vec<_>>()).await;
    let mut cache = Follower::filled(&world.site).await;
    assert_eq!(cache.count(RowKind::OpenLoan), 3);
    world.done(&[request(&desk.take_back(COPIES[0], at(2)))]).await;
    world.done(&[request(&desk.undo(&lent[1], at(3)))]).await;
    world.send_one(&withdrawal(&lent[2])).await;
    world.site.remove_patron(&key(PATRONS[0])).await.unwrap();
    world.site.remove_copy(&key(COPIES[5])).await.unwrap();
    world.hands.remove_title(key(TITLES[2])).await?;
    let mut gone = removed(&page(&world, cache.watermark).await);
    gone.sort();
    let mut expected = vec![
        (RowKind::Title, TITLES[2].to_owned()),
        (RowKind::Patron, PATRONS[0].to_owned()),
        (RowKind::Copy, COPIES[5].to_owned()),
    ];
    expected.extend(lent.iter().map(|event| (RowKind::OpenLoan, event.id.to_string())));
    expected.sort();
    assert_eq!(gone, expected);
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.shown, Follower::filled(&world.site).await.shown);
    Ok(())
}

async fn never_seen(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let cache = Follower::filled(&world.site).await;
    let mut desk = Desk::new(1);
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    world.done(&[request(&desk.take_back(COPIES[0], at(2)))]).await;
    world.add_patron(patron("DG100", "STUDENT")).await;
    world.site.remove_patron(&key("DG100")).await.unwrap();
    assert_eq!(removed(&page(&world, cache.watermark).await), []);
    assert_eq!(removed(&page(&world, None).await), [], "nor is it to a fresh cache");
    Ok(())
}

/// A site with more titles than a page holds.
async fn large(bench: &Bench) -> World {
    let mut seed = small_seed();
    let more = FEED_PAGE_ROWS_MAX * 2 + 17;
    seed.titles.extend((0..more).map(|n| title(&format!("LT-{n:06}"), &format!("Sách số {n}"))));
    World::with(bench, seed).await
}

async fn pages(bench: Bench) -> Result<(), CannotHere> {
    let world = large(&bench).await;
    let cache = Follower::filled(&world.site).await;
    assert_eq!(cache.count(RowKind::Title), FEED_PAGE_ROWS_MAX * 2 + 17 + TITLES.len());
    assert_eq!(cache.count(RowKind::Copy), COPIES.len());
    Ok(())
}

async fn changed_between_pages(bench: Bench) -> Result<(), CannotHere> {
    let world = large(&bench).await;
    let mut cache = Follower::default();
    let mut desk = Desk::new(1);
    let mut turn = 0;
    while !cache.step(&world.site).await.unwrap() {
        // What the pages so far have brought changes, and what later ones will bring.
        world.hands.put_title(title("LT-000003", &format!("Sách đổi {turn}"))).await?;
        world.hands.put_title(title("LT-004010", &format!("Sách đổi {turn}"))).await?;
        world.done(&[fact(&desk.borrow(COPIES[turn], PATRONS[0], at(1)))]).await;
        assert_eq!(cache.watermark, None, "nothing is shown before the last page");
        turn += 1;
    }
    assert!(turn >= 2);
    assert_eq!(cache.shown, Follower::filled(&world.site).await.shown);
    Ok(())
}

async fn gone_between_pages(bench: Bench) -> Result<(), CannotHere> {
    let world = large(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[fact(&lent)]).await;
    let mut cache = Follower::default();
    assert!(!cache.step(&world.site).await.unwrap());
    world.hands.remove_title(key("LT-000003")).await?;
    assert!(!cache.step(&world.site).await.unwrap());
    world.hands.remove_title(key("LT-002500")).await?;
    world.done(&[fact(&desk.take_back(COPIES[0], at(2)))]).await;
    world.site.remove_copy(&key(COPIES[0])).await.unwrap();
    while !cache.step(&world.site).await.unwrap() {}
    assert_eq!(cache.shown, Follower::filled(&world.site).await.shown);
    assert_eq!(cache.count(RowKind::OpenLoan), 0);
    Ok(())
}

async fn by_hand(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut cache = Follower::filled(&world.site).await;
    for name in ["Phạm Văn Tay", "Phạm Văn Tay Hai"] {
        world.hands.rename_by_hand(key(PATRONS[2]), name.to_owned()).await?;
        assert_eq!(cache.follow(&world.site).await, Ok(1));
        let row = &cache.shown[&(RowKind::Patron, PATRONS[2].to_owned())];
        assert!(matches!(row, FeedRow::Patron(card) if card.name == name), "{row:?}");
    }
    // Numbers taken by hand are states like all others.
    let hello =
        Hello { protocol: PROTOCOL_VERSION, desk: Desk::new(1).id(), known: cache.watermark };
    assert!(world.site.hello(&hello).await.unwrap().known_is_past);
    Ok(())
}

async fn replicated(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut cache = Follower::filled(&world.site).await;
    world.hands.put_title(title("LT-0009", "Dế Mèn phiêu lưu ký")).await?;
    world.hands.put_policy(policy(Some("STUDENT"), 21, 5, 1, false)).await?;
    world.hands.put_closed_day(closed_day(day(60), "Tết Dương lịch")).await?;
    world.hands.remove_policy(Some(key("CHILD"))).await?;
    let mut rows: Vec<(RowKind, String)> =
        page(&world, cache.watermark).await.iter().map(FeedRow::key).collect();
    rows.sort();
    let expected = [
        (RowKind::Title, "LT-0009".to_owned()),
        (RowKind::Policy, "|CHILD".to_owned()),
        (RowKind::Policy, "|STUDENT".to_owned()),
        (RowKind::ClosedDay, format!("|{}", day(60))),
    ];
    assert_eq!(rows, expected);
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.shown, Follower::filled(&world.site).await.shown);
    Ok(())
}

async fn receipt_state(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut cache = Follower::filled(&world.site).await;
    let lent = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(1));
    let receipts = world.site.submit(None, &[request(&lent)]).await.unwrap();
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.watermark, Some(receipts.state));
    let row = &cache.shown[&(RowKind::Copy, COPIES[0].to_owned())];
    assert!(matches!(row, FeedRow::Copy(copy) if copy.state == CopyState::OnLoan));
    Ok(())
}

async fn foreign_watermark(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let known = Follower::filled(&world.site).await.watermark.unwrap();
    for watermark in [
        Watermark { token: FeedToken::new(Uuid::from_u128(3)), ..known },
        Watermark { number: known.number + 1, ..known },
        Watermark { number: i64::MAX, ..known },
    ] {
        let from = PullFrom { watermark: Some(watermark), position: None };
        let pulled = world.site.pull(&from).await.unwrap();
        assert_eq!(pulled, Pulled::Refill(RefillReason::Restored), "{watermark:?}");
    }
    Ok(())
}

async fn put_back(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let early = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[request(&early)]).await;
    let old = Follower::filled(&world.site).await;
    let backup = world.hands.back_up().await?;
    let lost = desk.borrow(COPIES[1], PATRONS[1], at(2));
    let proof = world.site.submit(None, &[request(&lost)]).await.unwrap().state;
    let mut cache = Follower::filled(&world.site).await;

    world.hands.put_back(backup).await?;
    let hello = Hello { protocol: PROTOCOL_VERSION, desk: desk.id(), known: Some(proof) };
    let welcome = world.site.hello(&hello).await.unwrap();
    assert!(!welcome.known_is_past);
    assert_eq!(welcome.desk_seq_max, 1);
    assert_eq!(world.open_loans(PATRONS[1]).await, []);
    assert_eq!(cache.follow(&world.site).await, Err(RefillReason::Restored));
    // Also when the site has come as far again as it was.
    let other = desk.borrow(COPIES[2], PATRONS[1], at(3));
    assert_eq!(
        world.site.submit(None, &[request(&other)]).await.unwrap().state.number,
        proof.number
    );
    assert_eq!(cache.follow(&world.site).await, Err(RefillReason::Restored));
    assert!(!world.site.hello(&hello).await.unwrap().known_is_past);
    // A session that has proof of what is gone is told so, and nothing of its batch is taken.
    let more = desk.take_back(COPIES[3], at(4));
    let told = world.site.submit(Some(proof), &[fact(&more)]).await;
    assert_eq!(told, Err(SiteError::PutBack));
    assert!(world.kinds_about(&more).await.is_empty());
    let known = world.site.submit(None, &[]).await.unwrap().state;
    world.site.submit(Some(known), &[fact(&more)]).await.unwrap();
    // What is older than the backup goes on.
    let mut old = old;
    old.follow(&world.site).await.unwrap();
    // The desk sends again what was acknowledged, as facts: nothing is lost, nothing doubled.
    world.done(&[fact(&early), fact(&lost), fact(&other)]).await;
    assert_eq!(world.open_loans(PATRONS[0]).await, [early.id]);
    let mut loans = world.open_loans(PATRONS[1]).await;
    loans.sort();
    assert_eq!(loans, [lost.id, other.id]);
    old.follow(&world.site).await.unwrap();
    assert_eq!(old.shown, Follower::filled(&world.site).await.shown);
    Ok(())
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

async fn put_back_between_pages(bench: Bench) -> Result<(), CannotHere> {
    let world = large(&bench).await;
    let backup = world.hands.back_up().await?;
    // It moves behind the first page, which therefore comes without it; and it never did.
    world.hands.put_title(title("LT-000003", "Sách đổi")).await?;
    let mut cache = Follower::default();
    assert!(!cache.step(&world.site).await.unwrap());
    world.hands.put_back(backup).await?;
    assert_eq!(cache.follow(&world.site).await, Err(RefillReason::Restored));
    Ok(())
}

async fn below_floor(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    world.done(&[request(&desk.borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    let mut away = Follower::filled(&world.site).await;
    world.done(&[request(&desk.take_back(COPIES[0], at(2)))]).await;
    let mut present = Follower::filled(&world.site).await;
    world.hands.clock()?.set(opening().plus_ms(400 * DAY_MS));
    world.done(&[fact(&desk.borrow(COPIES[1], PATRONS[0], at(3)))]).await;
    present.follow(&world.site).await.unwrap();
    world.hands.prune().await?;
    assert_eq!(away.follow(&world.site).await, Err(RefillReason::BelowFloor));
    assert_eq!(present.follow(&world.site).await, Ok(0));
    Ok(())
}

async fn pruned(bench: Bench) -> Result<(), CannotHere> {
    let world = large(&bench).await;
    let mut filling = Follower::default();
    assert!(!filling.step(&world.site).await.unwrap());
    let mut desk = Desk::new(1);
    for minute in 0..20 {
        let lent = desk.borrow(COPIES[0], PATRONS[0], at(2 * minute));
        let back = desk.take_back(COPIES[0], at(2 * minute + 1));
        world.done(&[fact(&lent)]).await;
        world.done(&[fact(&back)]).await;
    }
    let before = Follower::filled(&world.site).await;
    world.hands.clock()?.set(opening().plus_ms(400 * DAY_MS));
    world.add_patron(patron("DG100", "STUDENT")).await;
    world.hands.prune().await?;
    let after = Follower::filled(&world.site).await;
    assert_eq!(after.shown.len(), before.shown.len() + 1);
    // A fill that was interrupted before the tombstones went cannot know what it missed.
    assert_eq!(filling.follow(&world.site).await, Err(RefillReason::BelowFloor));
    // And one that begins now goes through to the end.
    let mut fresh = Follower::default();
    assert!(!fresh.step(&world.site).await.unwrap());
    world.hands.prune().await?;
    fresh.follow(&world.site).await.unwrap();
    assert_eq!(fresh.shown, after.shown);
    Ok(())
}

async fn smuggling(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    assert!(!world.hands.smuggle_copy(key("Q950"), key(ELSEWHERE)).await?);
    assert!(world.site.copy(&key("Q950")).await.unwrap().is_none());
    assert!(world.hands.smuggle_copy(key("Q951"), key(HERE)).await?);
    // What a report's program adds by hand is a copy like all others.
    let seen = details_of(&world.copy("Q951").await.copy);
    let details = copy("Q951");
    world.site.put_copy(&CopyChange { details, seen }).await.unwrap();
    Ok(())
}
