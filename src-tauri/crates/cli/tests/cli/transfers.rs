//! Copies that move between branches, command by command.

use crate::network::{Desk, Network, TITLE};

/// Two sites that know each other, a manager's desk and a librarian's of Q1, and one of Q3.
fn across() -> (Network, Desk, Desk, Desk) {
    let (network, librarian) = Network::across();
    let mut manager = network.desk();
    manager.enrol();
    manager.login = Some(crate::network::MANAGER);
    let other = network.desk();
    other.run(&["desk", "enrol", "--branch", "Q3", "--name", "Quầy 3"]).ends(0);
    other.run(&["queue", "send"]).ends(0);
    (network, manager, librarian, other)
}

#[test]
fn copies_are_looked_at_moved_picked_from_the_shelves_and_received() {
    let (_network, manager, librarian, other) = across();
    librarian.run(&["copy", "change", "Q001", "--shelf-mark", "B 2"]).ends(0);
    librarian.run(&["copy", "change", "Q002", "--shelf-mark", "A 1"]).ends(0);
    librarian.run(&["desk", "borrow", "Q003", "--patron", "DG1"]).ends(0);

    let wish = ["--from", "Q1", "--to", "Q3", "Q001", "Q002", "Q003"];
    let with = |command: &'static str| -> Vec<&str> {
        ["transfer", command].into_iter().chain(wish).collect()
    };
    let preview = manager.json(&with("preview"));
    assert_eq!(preview["data"]["going"].as_array().unwrap().len(), 2);
    assert_eq!(preview["data"]["left_out"][0]["why"], "on_loan");
    manager.run(&with("start")).ends_saying(1, "transfer_left_out");
    assert_eq!(manager.json(&["transfer", "list"])["data"].as_array().unwrap().len(), 0);
    let go_on: Vec<&str> = with("start").into_iter().chain(["--go-on"]).collect();
    let moved = manager.json(&go_on);
    assert_eq!((&moved["ok"], &moved["data"]["counts"]["moved"]), (&true.into(), &2.into()));
    assert_eq!(moved["data"]["left_out"][0]["copy"], "Q003");
    let id = moved["data"]["head"]["id"].as_str().unwrap();

    let list = manager.run(&["transfer", "pick-list", id]);
    let out = &list.ends(0).out;
    assert!(out.find("Q002").unwrap() < out.find("Q001").unwrap(), "shelf by shelf: {out}");
    let table = manager.run(&["transfer", "pick-list", id, "--csv"]);
    assert!(table.ends(0).out.contains("A 1,Đường xưa mây trắng,"), "{}", table.out);

    let arriving = other.json(&["transfer", "arriving"]);
    assert_eq!(arriving["data"]["lines"][0]["from"], "Q1");
    let received = other.json(&["transfer", "receive", "Q001", "Q404"]);
    assert_eq!(received["data"]["received"][0], "Q001");
    assert_eq!(received["data"]["left_out"][0]["why"], "unknown");
    other.run(&["transfer", "receive", "Q001"]).ends_saying(1, "already_there");
    assert_eq!(other.json(&["copy", "show", "Q001"])["data"]["file"]["copy"]["state"], "free");
    let listed = manager.json(&["transfer", "pick-list", id]);
    assert_eq!(listed["data"]["received"], 1);
    manager.run(&["transfer", "resume", id]).ends(0);

    // Whoever scans it where it was hears where it went.
    let gone = librarian.run(&["desk", "borrow", "Q001", "--patron", "DG2"]);
    gone.ends_saying(1, "copy_forwarded");
    let gone = librarian.json(&["copy", "show", "Q001"]);
    assert_eq!(gone["data"]["file"]["copy"]["forwarded_to"], "Q3");
}

#[test]
fn copies_are_picked_from_a_file_and_by_title() {
    let (_network, manager, _librarian, _other) = across();
    let list = manager.folder.path().join("list.csv");
    std::fs::write(&list, "Tên;Mã\nĐường xưa;Q004\n;Q005\nx;\n").unwrap();
    let list = list.to_str().unwrap();
    let route = ["--from", "Q1", "--to", "Q3"];
    let preview = |more: &[&str]| {
        let all: Vec<&str> =
            ["transfer", "preview"].iter().chain(&route).chain(more).copied().collect();
        manager.json(&all)
    };
    let picked = preview(&["--list", list, "--column", "mã"]);
    assert_eq!(picked["data"]["going"].as_array().unwrap().len(), 2);
    assert_eq!(picked["data"]["unread"][0]["line"], 4);
    let missing =
        ["transfer", "preview", "--from", "Q1", "--to", "Q3", "--list", list, "--column", "Kho"];
    manager.run(&missing).ends_saying(2, "list_no_column");
    let picked = preview(&["--title", TITLE, "--most", "3"]);
    assert_eq!(picked["data"]["going"].as_array().unwrap().len(), 3);
    let same = ["transfer", "preview", "--from", "Q1", "--to", "Q1", "Q001"];
    manager.run(&same).ends_saying(1, "transfer_to_itself");
}

#[test]
fn a_transfer_waits_for_a_site_that_is_away_and_is_resumed() {
    let (network, manager, _librarian, _other) = across();
    let start = ["transfer", "start", "--from", "Q1", "--to", "Q3", "Q001"];
    network.other_line().cut().unwrap();
    manager.run(&start).ends_saying(5, "site_unreachable");
    network.other_line().restore().unwrap();
    manager.run(&start).ends(0);
    let orders = manager.json(&["transfer", "list"]);
    let id = orders["data"][0]["head"]["id"].as_str().unwrap();
    manager.run(&["transfer", "show", id]).ends(0);
    manager.run(&["transfer", "give-up", id]).ends(0);
    let unknown = "00000000-0000-7000-8000-000000000000";
    manager.run(&["transfer", "resume", unknown]).ends_saying(1, "transfer_unknown");
}

#[test]
fn a_librarian_moves_nothing_and_a_manager_receives_nothing() {
    let (_network, manager, librarian, _other) = across();
    let start = ["transfer", "start", "--from", "Q1", "--to", "Q3", "Q001"];
    librarian.run(&start).ends_saying(4, "forbidden");
    manager.run(&["transfer", "receive", "Q001"]).ends_saying(4, "forbidden");
}
