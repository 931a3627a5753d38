//! Transfers over embedded sites.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Network, barcode};
use lienthu_across::transfers::transfer;
use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::hindrance::Hindrance;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;

#[tokio::test]
async fn a_copy_leaves_arrives_in_transit_is_received_and_comes_home() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    let moved = network.moving("Q1", "Q3", &["C1", "C2"]).await;
    let driving = transfer(&sites, network.txn(1), moved, |_, _| {}).await.unwrap();
    let Ending::Decided { outcome, untold } = driving.ending else { panic!("{driving:?}") };
    assert_eq!((outcome, untold.len()), (Outcome::Commit, 0));

    let gone = network.copy("Q1", "C1").await.unwrap();
    assert_eq!(gone.state, CopyState::Forwarded);
    assert_eq!(gone.forwarded_to.map(|branch| branch.to_string()), Some("Q3".to_owned()));
    assert_eq!(network.copy("Q3", "C1").await.unwrap().state, CopyState::InTransit);
    assert_eq!(network.receive("Q3", &["C1", "C2"]).await, []);
    let here = network.copy("Q3", "C1").await.unwrap();
    assert_eq!((here.state, here.condition), (CopyState::Free, CopyCondition::Good));

    let back = network.moving("Q3", "Q1", &["C1"]).await;
    transfer(&sites, network.txn(2), back, |_, _| {}).await.unwrap();
    assert_eq!(network.receive("Q1", &["C1"]).await, []);
    assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::Free);
    assert_eq!(network.copy("Q3", "C1").await.unwrap().state, CopyState::Forwarded);
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn a_transfer_is_refused_whole_with_the_reason_of_each_copy() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    network.add_copy("Q3", "C2").await;
    let moved = network.moving("Q1", "Q3", &["C1", "C2"]).await;
    let driving = transfer(&sites, network.txn(1), moved, |_, _| {}).await.unwrap();
    assert!(matches!(driving.ending, Ending::Decided { outcome: Outcome::Abort, .. }));
    let why: Vec<_> = driving.hindered.values().flatten().map(|hindered| hindered.why).collect();
    assert_eq!(why, [Hindrance::CodeCollides]);
    assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::Free);
    assert!(network.copy("Q3", "C1").await.is_none());
    assert_eq!(network.open().await, 0);
    assert_eq!(barcode("C1").as_str(), "C1");
}
