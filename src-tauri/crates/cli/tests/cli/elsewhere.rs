//! Books of other branches on the returns desk, and readers of other branches.

use crate::network::{Desk, Network};

/// A network that is joined, a desk of Q1 with its books and readers, and one of Q3.
fn joined() -> (Network, Desk, Desk) {
    let (network, here) = Network::with_books();
    network.found("Q3");
    let nobody = Desk { login: None, ..network.desk() };
    nobody.run(&["network", "join"]).ends(0);
    let there = network.desk();
    there.run(&["desk", "enrol", "--branch", "Q3", "--name", "Quầy 3"]).ends(0);
    there.run(&["queue", "send"]).ends(0);
    (network, here, there)
}

#[test]
fn a_book_of_another_branch_is_taken_back_its_owner_named_and_told() {
    let (_network, here, there) = joined();
    here.run(&["desk", "borrow", "Q001", "--patron", "DG1"]).ends(0);
    let back = there.json(&["desk", "return", "Q001"]);
    assert_eq!(back["data"]["queued"], false, "{back}");
    assert_eq!(back["data"]["warnings"][0]["code"], "book_of_other_branch");
    let slips = there.run(&["desk", "transit-slips"]);
    let out = &slips.ends(0).out;
    for word in ["TRANSIT SLIP", "Q001", "Đường xưa mây trắng", "Q1"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let copy = here.json(&["copy", "show", "Q001"]);
    assert_eq!(copy["data"]["file"]["copy"]["state"], "in_transit");
    assert!(copy["data"]["file"]["holder"].is_null(), "the loan has ended");
    let arriving = here.json(&["transfer", "arriving"]);
    assert_eq!(arriving["data"]["lines"][0]["from"], "Q3");
    here.run(&["transfer", "receive", "Q001"]).ends(0);
    here.run(&["desk", "borrow", "Q001", "--patron", "DG2"]).ends(0);
    there.run(&["desk", "return", "NOBODY"]).ends_saying(1, "copy_unknown");
}

#[test]
fn a_book_of_another_branch_waits_at_the_desk_while_its_branch_is_away() {
    let (network, here, there) = joined();
    here.run(&["desk", "borrow", "Q001", "--patron", "DG1"]).ends(0);
    network.line().cut().unwrap();
    there.run(&["desk", "return", "Q001"]).ends_saying(1, "copy_unknown");
    let kept = there.json(&["desk", "return", "Q001", "--go-on"]);
    assert_eq!(kept["data"]["queued"], true);
    assert_eq!(kept["data"]["warnings"][0]["code"], "book_of_unknown_branch");
    network.line().restore().unwrap();
    // The next that comes back takes it along.
    there.run(&["desk", "return", "Q002"]).ends(0);
    let slips = there.json(&["desk", "transit-slips"]);
    let states: Vec<&str> = slips["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|slip| slip["state"]["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["delivered", "delivered"]);
    let copy = here.json(&["copy", "show", "Q001"]);
    assert_eq!(copy["data"]["file"]["copy"]["state"], "in_transit");
}

#[test]
fn a_reader_of_another_branch_gets_a_visitors_card() {
    let (network, here, there) = joined();
    here.run(&["patron", "extend", "DG1", "--until", "2099-12-31"]).ends(0);
    let made = there.json(&["patron", "visitor", "DG1"]);
    let card = &made["data"]["card"];
    assert_eq!((&card["name"], &card["category"]), (&"Nguyễn Văn An".into(), &"STUDENT".into()));
    assert_eq!((&card["home_branch"], &card["home_code"]), (&"Q1".into(), &"DG1".into()));
    assert_eq!(card["card_expires"], "2099-12-31");
    // Once more, it is brought up to date.
    here.run(&["patron", "block", "DG1", "--reason", "Mất thẻ"]).ends(0);
    let again = there.json(&["patron", "visitor", "DG1", "--home", "Q1"]);
    assert_eq!(
        (&again["data"]["was_known"], &again["data"]["card"]["block"]),
        (&true.into(), &"Mất thẻ".into())
    );
    there.run(&["patron", "visitor", "DG404"]).ends_saying(1, "visitor_unknown");
    // Somebody here has that code.
    there.run(&["patron", "add", "DG2", "--name", "Người khác", "--category", "STUDENT"]).ends(0);
    there.run(&["patron", "visitor", "DG2", "--home", "Q1"]).ends_saying(1, "visitor_code_taken");
    there.run(&["patron", "visitor", "DG2", "--home", "Q1", "--code", "Q1-DG2"]).ends(0);

    network.line().cut().unwrap();
    there
        .run(&["patron", "visitor", "DG9", "--home", "Q1"])
        .ends_saying(5, "visitor_branch_silent");
    let by_hand =
        ["patron", "visitor", "DG9", "--home", "Q1", "--name", "Lê Cúc", "--category", "STUDENT"];
    assert_eq!(there.json(&by_hand)["data"]["is_confirmed"], false);
}

#[test]
fn a_card_of_another_branch_is_known_when_it_is_scanned() {
    let (_network, here, there) = joined();
    here.run(&["patron", "extend", "DG1", "--until", "2099-12-31"]).ends(0);
    let (lines, _) = there.scan(&[], b"DG1\nDG404\n");
    let outcomes: Vec<&str> = lines.iter().map(|line| line["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["card", "not_understood"]);
    let card = there.json(&["patron", "show", "DG1"]);
    assert_eq!(card["data"]["file"]["patron"]["home_branch"], "Q1");
}
