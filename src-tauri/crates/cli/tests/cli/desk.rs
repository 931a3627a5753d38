//! Circulation, the queue and the review list, command by command.

use crate::network::{Network, TITLE};

#[test]
fn a_book_goes_out_is_renewed_and_comes_back() {
    let (_network, desk) = Network::with_books();
    let lent = desk.json(&["desk", "borrow", "Q001", "--patron", "DG1"]);
    assert_eq!((&lent["data"]["deed"], &lent["data"]["queued"]), (&"borrow".into(), &false.into()));
    let first_due = lent["data"]["loan"]["due"].clone();
    let renewed = desk.json(&["desk", "renew", "Q001"]);
    assert!(renewed["data"]["loan"]["due"].as_str() <= first_due.as_str());
    desk.run(&["desk", "renew", "Q001"]).ends_saying(1, "renewal_limit_reached");
    desk.run(&["desk", "renew", "Q001", "--go-on"]).ends(0);
    let returned = desk.json(&["desk", "return", "Q001", "--on", "2026-01-31"]);
    assert_eq!(returned["data"]["loan"]["returned_on"], "2026-01-31");
    desk.run(&["desk", "return", "Q001"]).ends_saying(1, "not_on_loan");
}

#[test]
fn an_event_of_this_desk_can_be_taken_back() {
    let (_network, desk) = Network::with_books();
    let lent = desk.json(&["desk", "borrow", "Q001", "--patron", "DG1"]);
    let event = lent["data"]["event"].as_str().unwrap();
    desk.run(&["desk", "undo", event]).ends(0);
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG2"]).ends(0);
}

#[test]
fn what_was_queued_is_listed_and_goes_out_first_when_the_line_is_back() {
    let (network, desk) = Network::with_books();
    network.line().cut().unwrap();
    let lent = desk.json(&["desk", "borrow", "Q001", "--patron", "DG1"]);
    assert_eq!(lent["data"]["queued"], true);
    let listed = desk.run(&["queue", "list"]);
    assert!(listed.ends(0).out.contains("Q001  Đường xưa mây trắng"), "{}", listed.out);
    let health = desk.json(&["health"]);
    assert_eq!(health["data"]["desk"]["site"]["state"], "unreachable");
    assert_eq!(health["data"]["desk"]["queue"]["waiting"], 1);
    network.line().restore().unwrap();
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG2"]).ends_saying(1, "copy_on_loan");
    assert_eq!(desk.waiting(), 0);
    let all = desk.json(&["queue", "list", "--filter", "all"]);
    assert_eq!(all["data"].as_array().map(Vec::len), Some(2), "{all}");
}

#[test]
fn the_line_of_an_embedded_site_is_cut_and_restored_from_here() {
    let (network, desk) = Network::with_books();
    let cut = desk.json(&["demo", "cut", "Q1"]);
    assert_eq!(cut["data"]["demo"][0]["cut"], true);
    assert!(network.line().is_cut());
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG1"]).ends(0);
    let restored = desk.json(&["demo", "restore", "Q1"]);
    assert_eq!(restored["data"]["desk"]["queue"]["waiting"], 0);
    desk.run(&["demo", "cut", "Q9"]).ends_saying(7, "no_such_branch");
}

#[test]
fn what_two_desks_did_without_each_other_waits_for_review_and_is_settled() {
    let (network, desk) = Network::with_books();
    let other = network.desk();
    other.enrol();
    other.run(&["queue", "send"]).ends(0);
    network.line().cut().unwrap();
    let first = desk.json(&["desk", "borrow", "Q001", "--patron", "DG1"]);
    other.run(&["desk", "borrow", "Q001", "--patron", "DG2"]).ends(0);
    network.line().restore().unwrap();
    desk.run(&["queue", "send"]).ends(0);
    other.run(&["queue", "send"]).ends(0);
    let event = first["data"]["event"].as_str().unwrap();
    let kinds = || -> Vec<String> {
        let items = desk.json(&["review", "list"]);
        let of_first =
            items["data"].as_array().unwrap().iter().filter(|i| i["item"]["event"] == event);
        of_first.map(|i| i["item"]["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert!(kinds().contains(&"return_missed".to_owned()), "{:?}", kinds());
    let shown = desk.run(&["review", "list"]);
    assert!(shown.ends(0).out.contains("[return_missed]"), "{}", shown.out);
    let date = ["--returned-on", "2026-01-31"];
    let settle = ["review", "settle", "Q001", event, "return_missed", date[0], date[1]];
    desk.run(&settle).ends(0);
    assert!(!kinds().contains(&"return_missed".to_owned()), "{:?}", kinds());
    desk.run(&["review", "undo", "Q001", event]).ends(0);
    let undone = desk.json(&["copy", "show", "Q001"]);
    let loans = undone["data"]["file"]["loans"].as_array().unwrap();
    assert!(loans.iter().any(|loan| loan["undone"] == true), "{undone}");
}

#[test]
fn what_was_refused_and_what_is_an_undo_itself_cannot_be_undone_also_without_the_site() {
    let (network, desk) = Network::with_books();
    let lent = desk.json(&["desk", "borrow", "Q001", "--patron", "DG1"]);
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG2"]).ends_saying(1, "copy_on_loan");
    let all = desk.json(&["queue", "list", "--filter", "all"]);
    let refused = all["data"][0]["queued"]["event"]["id"].as_str().unwrap();
    network.line().cut().unwrap();
    desk.run(&["desk", "undo", refused]).ends_saying(1, "nothing_to_undo");
    let undo = desk.json(&["desk", "undo", lent["data"]["event"].as_str().unwrap()]);
    let undo = undo["data"]["event"].as_str().unwrap();
    desk.run(&["desk", "undo", undo]).ends_saying(1, "nothing_to_undo");
    assert_eq!(desk.waiting(), 1);
}

#[test]
fn events_that_were_set_aside_are_exported_to_the_desks_folder() {
    let (_network, desk) = Network::with_books();
    let export = desk.json(&["queue", "export"]);
    assert_eq!(export["data"]["events"], 0);
    let file = std::path::PathBuf::from(export["data"]["file"].as_str().unwrap());
    assert!(file.starts_with(desk.folder.path()) && file.exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it names patrons");
    }
}

#[test]
fn titles_are_found_without_tones_and_without_signing_in() {
    let (_network, mut desk) = Network::with_books();
    desk.login = None;
    let found = desk.json(&["title", "search", "duong", "may"]);
    assert_eq!(found["data"]["titles"][0]["title"]["key"], TITLE);
    assert_eq!(found["data"]["titles"][0]["free"], 9);
    let none = desk.run(&["title", "search", "không có"]);
    assert_eq!(none.ends(0).out, "No titles were found.\n");
}
