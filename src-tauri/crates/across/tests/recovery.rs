//! What was left behind is finished by anyone; what does not settle by itself, by a manager.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Network, branch};
use lienthu_across::in_doubt::{Standing, find, list};
use lienthu_across::recovery::recover;
use lienthu_across::settling::{Forcing, SettleError, Told, force, forget, repair, resolve};
use lienthu_domain::action::{Action, CatalogueChange};
use lienthu_domain::copy::CopyState;
use lienthu_domain::ids::TitleKey;
use lienthu_domain::replicated::Title;
use lienthu_port::error::SiteError;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use lienthu_protocol::message::Request;
use lienthu_protocol::site::LEFT_ALONE_MS;

const LEFT_ALONE: i64 = LEFT_ALONE_MS as i64;

async fn transfer_of(network: &Network, copies: &[&str]) -> Action {
    Action::Transfer(network.moving("Q1", "Q3", copies).await)
}

#[tokio::test]
async fn an_agent_aborts_what_was_left_alone_for_long_and_nothing_younger() {
    let network = Network::new().await;
    let action = transfer_of(&network, &["C1"]).await;
    network.left_behind(network.txn(1), &["Q1", "Q3"], &action).await;
    let agent = network.sites("agent");
    let recovered = recover(&agent).await;
    assert!(recovered.driven.is_empty());
    assert_eq!(recovered.young, [network.txn(1)].into());
    assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::InTransit);
    network.pass_ms(LEFT_ALONE);
    let recovered = recover(&agent).await;
    let driven: Vec<_> = recovered.driven.into_values().map(|driving| driving.ending).collect();
    assert_eq!(driven, [Ending::Decided { outcome: Outcome::Abort, untold: [].into() }]);
    assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::Free);
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn what_was_decided_is_carried_out_at_the_site_that_did_not_hear_of_it() {
    let network = Network::new().await;
    let action = transfer_of(&network, &["C1", "C2"]).await;
    network.left_behind(network.txn(1), &["Q1", "Q3"], &action).await;
    let commit = Request::Decide { outcome: Outcome::Commit };
    network.tell("Q1", network.txn(1), commit, None).await;
    network.pass_ms(LEFT_ALONE);
    // While a site is away only what it takes part in waits, and it is named.
    network.cut("Q3", true);
    let recovered = recover(&network.sites("agent")).await;
    assert!(recovered.unheard.contains_key(&branch("Q3")));
    network.cut("Q3", false);
    let recovered = recover(&network.sites("agent")).await;
    assert!(recovered.unheard.is_empty());
    assert_eq!(network.copy("Q3", "C2").await.unwrap().state, CopyState::InTransit);
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn while_the_deciding_site_is_away_the_transaction_is_in_doubt_and_says_what_each_site_has() {
    let network = Network::new().await;
    let action = transfer_of(&network, &["C1"]).await;
    network.left_behind(network.txn(1), &["Q1", "Q3"], &action).await;
    network.pass_ms(LEFT_ALONE);
    network.cut("Q1", true);
    let manager = network.sites("manager");
    let recovered = recover(&manager).await;
    assert_eq!(recovered.driven[&network.txn(1)].ending, Ending::InDoubt);
    let listed = list(&manager).await;
    assert_eq!(listed.unheard.keys().collect::<Vec<_>>(), [&branch("Q1")]);
    let [unsettled] = &listed.transactions[..] else { panic!("{listed:?}") };
    assert_eq!(*unsettled.action, action);
    assert!(unsettled.age_ms >= LEFT_ALONE_MS);
    assert!(unsettled.standings[&branch("Q3")].is_prepared());
    let at_q1 = &unsettled.standings[&branch("Q1")];
    assert!(matches!(at_q1, Standing::Unheard(SiteError::Unreachable { .. })), "{at_q1:?}");
    assert_eq!(unsettled.decision(), None);
    // It ends by itself once the site is back.
    network.cut("Q1", false);
    let driving = resolve(&network.sites("manager"), network.txn(1)).await.unwrap();
    assert!(matches!(driving.ending, Ending::Decided { outcome: Outcome::Abort, .. }));
    assert!(find(&network.sites("manager"), network.txn(1)).await.is_err());
}

#[tokio::test]
async fn nothing_is_forced_where_the_decision_can_be_had_and_the_deciding_site_is_never_forced() {
    let network = Network::new().await;
    let action = transfer_of(&network, &["C1"]).await;
    network.left_behind(network.txn(1), &["Q1", "Q3"], &action).await;
    let manager = network.sites("manager");
    let forced = force(&manager, network.txn(1), Outcome::Commit, None).await.unwrap();
    assert!(matches!(forced, Forcing::NotNeeded(_)), "{forced:?}");
    assert_eq!(network.open().await, 0);

    let action = transfer_of(&network, &["C1"]).await;
    network.left_behind(network.txn(2), &["Q1", "Q3"], &action).await;
    network.cut("Q3", true);
    let manager = network.sites("manager");
    let forced = force(&manager, network.txn(2), Outcome::Commit, None).await;
    // Q1 decides, and has decided: Q3 alone has still to hear it.
    assert!(matches!(forced, Ok(Forcing::NotNeeded(_))), "{forced:?}");
}

/// Q3 was told to do `forced` while Q1 was away; Q1 then turns out to have decided the other way.
async fn contradicted(network: &Network, forced: Outcome) {
    let action = transfer_of(network, &["C1"]).await;
    network.left_behind(network.txn(1), &["Q1", "Q3"], &action).await;
    let other = match forced {
        Outcome::Commit => Outcome::Abort,
        Outcome::Abort => Outcome::Commit,
    };
    network.tell("Q1", network.txn(1), Request::Decide { outcome: other }, None).await;
    network.cut("Q1", true);
    network.pass_ms(LEFT_ALONE);
    let manager = network.sites("manager");
    let forcing = force(&manager, network.txn(1), forced, None).await.unwrap();
    let Forcing::Forced(told) = forcing else { panic!("{forcing:?}") };
    assert_eq!(told, [(branch("Q3"), Told::Taken)].into());
    network.cut("Q1", false);
}

#[tokio::test]
async fn a_forced_outcome_that_was_wrong_is_found_by_a_later_round_and_repaired() {
    for forced in [Outcome::Commit, Outcome::Abort] {
        let network = Network::new().await;
        contradicted(&network, forced).await;
        let recovered = recover(&network.sites("agent")).await;
        assert_eq!(recovered.contradicted, [network.txn(1)].into());
        let manager = network.sites("manager");
        let unsettled = find(&manager, network.txn(1)).await.unwrap();
        assert_eq!(unsettled.contradicted().collect::<Vec<_>>(), [&branch("Q3")]);

        let repaired = repair(&manager, network.txn(1), network.txn(2)).await.unwrap();
        assert!(repaired.repaired, "{repaired:?}");
        let lagging = if forced == Outcome::Commit { "Q1" } else { "Q3" };
        assert_eq!(repaired.parties, [branch(lagging)]);
        // The copy has gone, and is live at one branch alone, from where it can come home.
        assert_eq!(network.copy("Q1", "C1").await.unwrap().state, CopyState::Forwarded);
        assert_eq!(network.copy("Q3", "C1").await.unwrap().state, CopyState::InTransit);
        assert_eq!(network.receive("Q3", &["C1"]).await, []);
        assert_eq!(network.open().await, 0);
        let again = repair(&manager, network.txn(1), network.txn(3)).await;
        assert!(matches!(again, Err(SettleError::NotFound { .. })));
    }
}

#[tokio::test]
async fn a_repair_that_is_not_possible_any_more_changes_nothing_and_can_be_forgotten() {
    let network = Network::new().await;
    contradicted(&network, Outcome::Abort).await;
    // The barcode was given to another book meanwhile.
    network.add_copy("Q3", "C1").await;
    recover(&network.sites("agent")).await;
    let manager = network.sites("manager");
    let tried = repair(&manager, network.txn(1), network.txn(2)).await.unwrap();
    assert!(!tried.repaired);
    assert!(!tried.driving.unwrap().hindered.is_empty(), "why is said");
    assert_eq!(network.copy("Q3", "C1").await.unwrap().state, CopyState::Free);
    let told = forget(&manager, network.txn(1)).await.unwrap();
    assert_eq!(told, [(branch("Q3"), Told::Taken)].into());
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn a_title_that_one_site_was_forced_to_change_is_changed_at_the_others_by_the_repair() {
    let network = Network::new().await;
    let title = |name: &str| Title {
        key: TitleKey::parse("978-604-1").unwrap(),
        name: name.to_owned(),
        author: "Tô Hoài".to_owned(),
        publisher: String::new(),
        year: Some(1941),
        ddc: String::new(),
        language: "vie".to_owned(),
    };
    let change = CatalogueChange::PutTitle {
        title: title("Dế Mèn"),
        seen: Some(title("Dế Mèn phiêu lưu ký")),
    };
    let action = Action::Catalogue { changes: vec![change] };
    let txn = network.txn(1);
    network.left_behind(txn, &["Q1", "Q3", "Q5"], &action).await;
    network.tell("Q1", txn, Request::Decide { outcome: Outcome::Abort }, None).await;
    network.cut("Q1", true);
    network.pass_ms(LEFT_ALONE);
    let manager = network.sites("manager");
    force(&manager, txn, Outcome::Commit, Some(&branch("Q5"))).await.unwrap();
    network.cut("Q1", false);
    recover(&network.sites("agent")).await;
    assert_eq!(network.title("Q3").await, "Dế Mèn phiêu lưu ký");
    let repaired = repair(&network.sites("manager"), txn, network.txn(2)).await.unwrap();
    assert!(repaired.repaired, "{repaired:?}");
    for code in common::BRANCHES {
        assert_eq!(network.title(code).await, "Dế Mèn", "{code}");
    }
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn an_agent_chooses_nothing() {
    let network = Network::new().await;
    let action = transfer_of(&network, &["C1"]).await;
    network.left_behind(network.txn(1), &["Q1", "Q3"], &action).await;
    network.cut("Q1", true);
    let agent = network.sites("agent");
    let forced = force(&agent, network.txn(1), Outcome::Commit, None).await.unwrap();
    let Forcing::Forced(told) = forced else { panic!("{forced:?}") };
    assert!(matches!(told[&branch("Q3")], Told::Unheard(SiteError::Forbidden { .. })));
    assert!(network.copy("Q3", "C1").await.is_none());
}
