//! Questions to all sites at once, in a network whose second site does not exist before it is founded.

use serde_json::Value;

use crate::network::{Desk, MANAGER, Network, TITLE};

/// The lines of an answer: the parts, by branch, and the whole.
fn parts(desk: &Desk, arguments: &[&str], exit: i32) -> (Vec<Value>, Value) {
    let json: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
    let ended = desk.run(&json);
    ended.ends(exit);
    let mut lines: Vec<Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let whole = lines.pop().unwrap();
    let mut parts: Vec<Value> = lines.iter().map(|line| line["part"].clone()).collect();
    parts.sort_by_key(|part| part["branch"].as_str().map(str::to_owned));
    (parts, whole)
}

fn manager(desk: Desk) -> Desk {
    Desk { login: Some(MANAGER), ..desk }
}

#[test]
fn a_partial_answer_names_who_is_missing_and_ends_with_9() {
    let (network, desk) = Network::with_books();
    let manager = manager(desk);
    let (parts_of, whole) = parts(&manager, &["where", "title", TITLE], 9);
    assert_eq!(parts_of.len(), 2, "{parts_of:?}");
    assert_eq!(parts_of[0]["holding"]["free"], 9);
    assert_eq!(parts_of[1]["absent"]["why"]["code"], "site_away");
    assert_eq!((&whole["ok"], &whole["code"]), (&false.into(), &"answer_partial".into()));
    assert_eq!(whole["data"]["coverage"]["present"], serde_json::json!(["Q1"]));
    assert_eq!(whole["data"]["coverage"]["absent"][0]["branch"], "Q3");
    assert_eq!(whole["data"]["total"]["copies"], 9);
    let shown = manager.run(&["where", "title", TITLE]);
    assert!(shown.ends(9).out.contains("not known"), "{}", shown.out);
    assert!(shown.errors.contains("Q3 is missing"), "{}", shown.errors);

    network.found("Q3");
    let (_, whole) = parts(&manager, &["where", "title", TITLE], 0);
    assert_eq!(whole["data"]["total"]["copies"], 9);
}

#[test]
fn a_librarian_sees_the_own_branch_and_of_the_others_what_the_agent_may() {
    let (network, desk) = Network::with_books();
    network.found("Q3");
    let (_, whole) = parts(&desk, &["where", "title", TITLE], 9);
    assert_eq!(whole["data"]["coverage"]["present"], serde_json::json!(["Q1"]));
    assert_eq!(whole["data"]["coverage"]["absent"][0]["why"]["code"], "agent_unknown");
    desk.run(&["where", "copy", "Q001"]).ends_saying(4, "forbidden");
    desk.run(&["where", "patron", "nguyen"]).ends_saying(4, "forbidden");
    desk.run(&["patron", "history", "DG1"]).ends_saying(4, "forbidden");
    let (_, figures) = parts(&desk, &["stats", "figures"], 0);
    assert_eq!(
        figures["data"]["coverage"]["present"],
        serde_json::json!(["Q1"]),
        "own figures only"
    );
    desk.run_as(None, &["where", "title", TITLE]).ends_saying(4, "not_signed_in");
}

#[test]
fn what_this_desk_knows_of_its_own_branch_is_shown_while_its_site_is_away() {
    let (network, desk) = Network::with_books();
    network.found("Q3");
    let manager = manager(desk);
    manager.run(&["queue", "send"]).ends(0);
    network.line().cut().unwrap();
    let (parts_of, _) = parts(&manager, &["where", "title", TITLE], 9);
    assert_eq!(parts_of[0]["known"]["free"], 9, "{parts_of:?}");
    assert!(parts_of[0]["known"]["as_of"].is_string());
    assert_eq!(parts_of[1]["holding"]["copies"], 0);
}

#[test]
fn a_manager_finds_copies_patrons_and_their_loans_anywhere() {
    let (network, desk) = Network::with_books();
    network.found("Q3");
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG1"]).ends(0);
    desk.run(&["desk", "borrow", "Q002", "--patron", "DG1"]).ends(0);
    desk.run(&["desk", "return", "Q002"]).ends(0);
    let manager = manager(desk);
    let (_, copy) = parts(&manager, &["where", "copy", "Q001"], 0);
    assert_eq!(copy["data"]["whereabouts"]["branch"], "Q1");
    assert_eq!(copy["data"]["places"][0]["holder"]["code"], "DG1");
    manager.run(&["where", "copy", "Q999"]).ends_saying(1, "unknown");
    let (_, found) = parts(&manager, &["where", "patron", "dang"], 0);
    assert_eq!(found["data"]["found"]["cards"][0]["code"], "DG2");
    let (_, history) = parts(&manager, &["patron", "history", "DG1"], 0);
    let loans = history["data"]["history"]["loans"].as_array().unwrap();
    assert_eq!(loans.len(), 2, "{history}");
    assert_eq!(loans[0]["loan"]["copy"], "Q002", "latest first");
    let place = &loans[0]["loan"];
    let behind =
        format!("{},{}", place["borrowed_at"].as_str().unwrap(), place["borrow"].as_str().unwrap());
    let (_, rest) = parts(&manager, &["patron", "history", "DG1", "--behind", &behind], 0);
    assert_eq!(rest["data"]["history"]["loans"][0]["loan"]["copy"], "Q001");
    let (_, figures) = parts(&manager, &["stats", "figures", "--by", "month"], 0);
    let of_q1 = &figures["data"]["figures"]["branches"][0];
    assert_eq!(
        (&of_q1["loans"], &of_q1["returns"], &of_q1["on_loan"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!(of_q1["new_patrons"], 2);
    let (_, titles) = parts(&manager, &["stats", "titles"], 0);
    assert_eq!(titles["data"]["titles"][0]["loans"], 2);
    assert_eq!(titles["data"]["titles"][0]["title"]["name"], "Đường xưa mây trắng");
}

#[test]
fn a_period_has_an_order_and_a_bound() {
    let (_network, desk) = Network::with_books();
    for (from, to) in [("2026-02-01", "2026-01-01"), ("2020-01-01", "2026-01-01")] {
        desk.run(&["stats", "figures", "--from", from, "--to", to]).ends_saying(2, "field_wrong");
    }
    desk.run(&["stats", "figures", "--from", "2020-01-01", "--to", "2026-01-01", "--by", "month"])
        .ends(0);
}
