//! A site that was put back to a backup learns what it promised and decided since.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Network, branch};
use lienthu_across::restoration::{RestorationError, readmit};
use lienthu_across::transfers::transfer;
use lienthu_domain::action::Action;
use lienthu_domain::copy::CopyState;
use lienthu_domain::hindrance::Hindrance;
use lienthu_port::transaction::TRANSACTIONS_PAGE_MAX;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use lienthu_protocol::message::{Refusal, Reply, Request};

async fn committed(network: &Network, txn: u128, from: &str, to: &str, copies: &[&str]) {
    let moved = network.moving(from, to, copies).await;
    let driving = transfer(&network.sites("manager"), network.txn(txn), moved, |_, _| {}).await;
    let ending = driving.unwrap().ending;
    assert!(matches!(ending, Ending::Decided { outcome: Outcome::Commit, .. }), "{ending:?}");
}

#[tokio::test]
async fn a_restored_site_is_told_of_the_copies_that_came_and_went_since() {
    let network = Network::new().await;
    network.add_copy("Q3", "D1").await;
    let backup = network.back_up("Q3").await;
    committed(&network, 1, "Q1", "Q3", &["C1", "C2"]).await;
    committed(&network, 2, "Q3", "Q5", &["D1"]).await;
    assert_eq!(network.receive("Q3", &["C1"]).await, []);
    committed(&network, 3, "Q3", "Q5", &["C1"]).await;
    network.restore("Q3", &backup).await;
    assert!(network.copy("Q3", "C2").await.is_none());

    // It promises nothing before it was told everything.
    let action = Action::Transfer(network.moving("Q1", "Q3", &["C3"]).await);
    let request = Request::Prepare { terms: network.terms(&["Q1", "Q3"]).await };
    let reply = network.tell("Q3", network.txn(9), request, Some(&action)).await;
    assert_eq!(reply, Reply::Refused(Refusal::Quarantined));

    let mut heard = vec![];
    let sites = network.sites("manager");
    let ended = readmit(&sites, &branch("Q3"), |ended| heard.push(ended)).await.unwrap();
    assert_eq!((ended, heard), (3, vec![1, 2, 3]));
    let state = async |copy: &str| network.copy("Q3", copy).await.map(|copy| copy.state);
    assert_eq!(state("C1").await, Some(CopyState::Forwarded));
    assert_eq!(state("C2").await, Some(CopyState::InTransit));
    assert_eq!(state("D1").await, Some(CopyState::Forwarded));
    assert_eq!(network.receive("Q3", &["C2"]).await, []);
    committed(&network, 4, "Q3", "Q1", &["C2"]).await;
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn what_had_just_arrived_and_has_gone_on_since_is_not_received_again() {
    let network = Network::new().await;
    committed(&network, 1, "Q1", "Q3", &["C1"]).await;
    let backup = network.back_up("Q3").await;
    assert_eq!(network.receive("Q3", &["C1"]).await, []);
    committed(&network, 2, "Q3", "Q5", &["C1"]).await;
    network.restore("Q3", &backup).await;
    assert_eq!(readmit(&network.sites("manager"), &branch("Q3"), |_| {}).await, Ok(1));
    assert_eq!(network.receive("Q3", &["C1"]).await, [Hindrance::Forwarded]);
    assert_eq!(network.copy("Q3", "C1").await.unwrap().state, CopyState::Forwarded);
}

#[tokio::test]
async fn while_a_site_is_away_that_may_know_more_nobody_is_readmitted_and_later_it_goes_on() {
    let network = Network::new().await;
    let backup = network.back_up("Q3").await;
    committed(&network, 1, "Q1", "Q3", &["C1"]).await;
    network.restore("Q3", &backup).await;
    network.cut("Q5", true);
    let refused = readmit(&network.sites("manager"), &branch("Q3"), |_| {}).await;
    let Err(RestorationError::Site { branch: away, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(away, branch("Q5"));
    network.cut("Q5", false);
    assert_eq!(readmit(&network.sites("manager"), &branch("Q3"), |_| {}).await, Ok(1));
    assert_eq!(network.copy("Q3", "C1").await.unwrap().state, CopyState::InTransit);
    // Said twice it changes nothing.
    assert_eq!(readmit(&network.sites("manager"), &branch("Q3"), |_| {}).await, Ok(0));
}

#[tokio::test]
async fn what_the_restored_site_promised_and_nobody_decided_is_aborted_everywhere() {
    let network = Network::new().await;
    let backup = network.back_up("Q3").await;
    let action = Action::Transfer(network.moving("Q1", "Q3", &["C1"]).await);
    network.left_behind(network.txn(1), &["Q1", "Q3"], &action).await;
    network.restore("Q3", &backup).await;
    readmit(&network.sites("manager"), &branch("Q3"), |_| {}).await.unwrap();
    assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::Free);
    assert!(network.copy("Q3", "C1").await.is_none());
    assert_eq!(network.open().await, 0);
    committed(&network, 2, "Q1", "Q3", &["C1"]).await;
}

#[tokio::test]
async fn what_the_restored_site_had_decided_and_others_carried_out_stands() {
    let network = Network::new().await;
    let backup = network.back_up("Q1").await;
    committed(&network, 1, "Q1", "Q3", &["C1"]).await;
    network.restore("Q1", &backup).await;
    assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::Free);
    readmit(&network.sites("manager"), &branch("Q1"), |_| {}).await.unwrap();
    assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::Forwarded);
    assert_eq!(network.copy("Q3", "C1").await.unwrap().state, CopyState::InTransit);
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn of_more_than_a_page_only_what_the_backup_does_not_know_is_told() {
    let network = Network::new().await;
    let (before, since) = (2 * TRANSACTIONS_PAGE_MAX + 3, 5);
    let copies: Vec<String> = (0..before + since).map(|n| format!("M{n:04}")).collect();
    for copy in &copies {
        network.add_copy("Q1", copy).await;
    }
    // Some go by way of other pairs of sites, so that the pages of the sites do not agree.
    for (number, copy) in copies[..before].iter().enumerate() {
        let to = if number % 3 == 0 { "Q5" } else { "Q3" };
        committed(&network, number as u128 + 1, "Q1", to, &[copy]).await;
    }
    let backup = network.back_up("Q3").await;
    for (number, copy) in copies[before..].iter().enumerate() {
        committed(&network, (before + number) as u128 + 1, "Q1", "Q3", &[copy]).await;
    }
    network.restore("Q3", &backup).await;
    let ended = readmit(&network.sites("manager"), &branch("Q3"), |_| {}).await;
    assert_eq!(ended, Ok(since));
    for copy in &copies[before..] {
        assert_eq!(network.copy("Q3", copy).await.unwrap().state, CopyState::InTransit, "{copy}");
    }
}
