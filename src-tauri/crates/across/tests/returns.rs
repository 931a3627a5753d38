//! Books of other branches on the returns desk, over embedded sites.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Network, barcode, branch};
use lienthu_across::returns::{deliver, owner};
use lienthu_domain::clock::{BootId, Reading};
use lienthu_domain::copy::CopyState;
use lienthu_domain::event::{Claim, Deed};
use lienthu_domain::ids::{CorrelationId, DeskId, EventId};
use lienthu_domain::times::UtcMs;
use lienthu_port::elsewhere::{BookOwner, DeliveryState, ReturnsElsewhere};
use lienthu_port::outbox::{Draft, Enrolment, Outbox};
use lienthu_sqlite::{KEY_BYTES, Key};
use lienthu_store::SqliteOutbox;
use uuid::Uuid;

/// The outbox of a desk of Q3.
async fn desk() -> (tempfile::TempDir, SqliteOutbox) {
    let folder = tempfile::tempdir().unwrap();
    let outbox = SqliteOutbox::open(folder.path(), &Key::new([1; KEY_BYTES])).unwrap();
    let enrolment = Enrolment {
        desk: DeskId::new(Uuid::from_u128(7)),
        branch: branch("Q3"),
        name: "Quầy 1".to_owned(),
        computer: "computer".to_owned(),
    };
    outbox.enrol(&enrolment).await.unwrap();
    (folder, outbox)
}

fn draft(number: u128, copy: &str) -> Draft {
    Draft {
        id: EventId::new(Uuid::from_u128(number)),
        scanned_by: "lan".parse().unwrap(),
        scanned: Reading {
            wall: UtcMs::from_ms(1_767_600_000_000),
            monotonic_ms: 1,
            boot: BootId::new(Uuid::nil()),
        },
        overridden: false,
        copy: barcode(copy),
        deed: Deed::Return { returned_on: None },
        claim: Claim::Fact,
        correlation: CorrelationId::new(Uuid::nil()),
    }
}

#[tokio::test]
async fn the_owner_of_a_book_is_found_and_hears_of_its_return_once() {
    let (network, (_folder, outbox)) = (Network::new().await, desk().await);
    let (sites, home) = (network.sites("agent"), branch("Q3"));
    let owned = owner(&sites, &home, &barcode("C1")).await;
    let book = owned.by.unwrap();
    assert_eq!(
        (book.copy.branch.as_str(), book.title_name.as_str()),
        ("Q1", "Dế Mèn phiêu lưu ký")
    );
    assert_eq!(owner(&sites, &home, &barcode("C9")).await.by, None);

    let named = BookOwner { branch: book.copy.branch, title_name: book.title_name };
    let taken = outbox.take(draft(1, "C1"), Some(&named)).await.unwrap();
    assert_eq!(taken.event.site, branch("Q1"));
    assert_eq!(outbox.counts().await.unwrap().waiting, 0, "the desk's own queue is not concerned");
    for delivered in [1, 0] {
        assert_eq!(deliver(&sites, &home, &outbox).await.unwrap(), delivered);
        assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::InTransit);
    }
    assert_eq!(outbox.one(taken.event.id).await.unwrap().unwrap().state, DeliveryState::Delivered);
    assert_eq!(network.receive("Q1", &["C1"]).await, []);
}

#[tokio::test]
async fn a_site_that_was_put_back_hears_of_the_returns_again() {
    let (network, (_folder, outbox)) = (Network::new().await, desk().await);
    let (sites, home) = (network.sites("agent"), branch("Q3"));
    let backup = network.back_up("Q1").await;
    let owner = BookOwner { branch: branch("Q1"), title_name: "Dế Mèn".to_owned() };
    outbox.take(draft(1, "C1"), Some(&owner)).await.unwrap();
    for delivered in [1, 0] {
        assert_eq!(deliver(&sites, &home, &outbox).await.unwrap(), delivered);
    }
    network.restore("Q1", &backup).await;
    assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::Free);
    for delivered in [1, 0] {
        assert_eq!(deliver(&sites, &home, &outbox).await.unwrap(), delivered);
        assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::InTransit);
    }
}

#[tokio::test]
async fn a_return_waits_for_its_branch_and_finds_out_later_whose_the_book_is() {
    let (network, (_folder, outbox)) = (Network::new().await, desk().await);
    let (sites, home) = (network.sites("agent").insisting(), branch("Q3"));
    network.cut("Q1", true);
    let owned = owner(&sites, &home, &barcode("C1")).await;
    assert_eq!((owned.by, owned.silent), (None, vec![branch("Q1")]));
    let taken = outbox.take(draft(1, "C1"), None).await.unwrap();
    assert_eq!(deliver(&sites, &home, &outbox).await.unwrap(), 0);
    assert_eq!(outbox.undelivered().await.unwrap(), std::slice::from_ref(&taken));
    network.cut("Q1", false);
    assert_eq!(deliver(&sites, &home, &outbox).await.unwrap(), 1);
    let kept = outbox.returns(0).await.unwrap().remove(0);
    assert_eq!(kept.owner.map(|owner| owner.branch), Some(branch("Q1")));
    assert_eq!(kept.event.id, taken.event.id);
}

#[tokio::test]
async fn a_book_that_moved_on_before_its_return_is_told_is_its_new_branchs() {
    let (network, (_folder, outbox)) = (Network::new().await, desk().await);
    let (sites, home) = (network.sites("agent"), branch("Q3"));
    let old = BookOwner { branch: branch("Q1"), title_name: String::new() };
    outbox.take(draft(1, "C1"), Some(&old)).await.unwrap();
    let moved = network.moving("Q1", "Q5", &["C1"]).await;
    let manager = network.sites("manager");
    lienthu_across::transfers::transfer(&manager, network.txn(1), moved, |_, _| {}).await.unwrap();
    network.receive("Q5", &["C1"]).await;
    assert_eq!(
        deliver(&sites, &home, &outbox).await.unwrap(),
        0,
        "Q1 says that it is not its book"
    );
    assert_eq!(deliver(&sites, &home, &outbox).await.unwrap(), 1);
    assert_eq!(network.copy("Q5", "C1").await.unwrap().state, CopyState::InTransit);
}

#[tokio::test]
async fn a_book_that_came_here_before_its_return_was_told_is_back() {
    let (network, (_folder, outbox)) = (Network::new().await, desk().await);
    let (sites, home) = (network.sites("agent"), branch("Q3"));
    outbox.take(draft(1, "C1"), None).await.unwrap();
    let moved = network.moving("Q1", "Q3", &["C1"]).await;
    let manager = network.sites("manager");
    lienthu_across::transfers::transfer(&manager, network.txn(1), moved, |_, _| {}).await.unwrap();
    network.receive("Q3", &["C1"]).await;
    assert_eq!(deliver(&sites, &home, &outbox).await.unwrap(), 1);
    assert_eq!(network.copy("Q3", "C1").await.unwrap().state, CopyState::Free);
    let kept = outbox.returns(0).await.unwrap().remove(0);
    assert_eq!(kept.owner.map(|owner| owner.branch), Some(home));
}
