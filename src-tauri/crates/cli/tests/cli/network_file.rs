//! Listing, trying, changing and making the network file.

use crate::network::{MANAGER, Network, PASSWORD};

const SERVER: [&str; 9] = [
    "network",
    "add",
    "Q5",
    "--name",
    "Thư viện Quận 5",
    "--address",
    r"TV-Q5\SQLEXPRESS",
    "--database",
    "Site_TV_Q5",
];

#[test]
fn before_a_desk_is_enrolled_anyone_may_set_up_its_network() {
    let network = Network::new();
    let mut desk = network.desk();
    desk.login = None;
    desk.network = network.file().with_file_name("new.toml");
    desk.run(&["network", "list"]).ends_saying(7, "network_missing");
    desk.run(&["network", "template"]).ends(0);
    desk.run(&["network", "template"]).ends_saying(7, "network_exists");
    desk.run(&SERVER).ends(0);
    desk.run(&SERVER).ends_saying(7, "network_twice");
    desk.run(&["network", "change", "Q5", "--tls", "pinned=q5.pem", "--sign-in", "windows"])
        .ends(0);
    desk.run(&["network", "change", "Q3", "--path", "q3.db"]).ends(0);
    desk.run(&["network", "remove", "Q1"]).ends(0);
    desk.run(&["network", "remove", "Q1"]).ends_saying(7, "network_unknown_branch");
    let listed = desk.json(&["network", "list"]);
    let q3 = serde_json::json!({
        "code": "Q3", "name": "Thư viện Quận 3", "kind": "embedded", "path": "q3.db"
    });
    let q5 = serde_json::json!({
        "code": "Q5", "name": "Thư viện Quận 5", "kind": "sqlserver",
        "address": r"TV-Q5\SQLEXPRESS", "database": "Site_TV_Q5",
        "tls": { "pinned": "q5.pem" }, "sign_in": "windows"
    });
    assert_eq!(listed["data"]["sites"], serde_json::json!([q3, q5]));
    assert_eq!(listed["data"]["may_change"], true);
}

#[test]
fn later_only_a_manager_changes_it_and_never_the_own_branch_by_mistake() {
    let network = Network::new();
    let mut desk = network.desk();
    desk.enrol();
    let before = std::fs::read_to_string(network.file()).unwrap();
    desk.run(&SERVER).ends_saying(4, "managers_only");
    desk.login = None;
    desk.run(&SERVER).ends_saying(4, "not_signed_in");
    desk.run(&["network", "template"]).ends_saying(4, "not_signed_in");
    assert_eq!(std::fs::read_to_string(network.file()).unwrap(), before);
    desk.run(&["network", "list"]).ends(0);

    desk.login = Some(MANAGER);
    desk.run(&SERVER).ends(0);
    desk.run(&["network", "remove", "Q1"]).ends_saying(7, "network_home_branch");
    desk.run(&["network", "remove", "Q1", "--go-on"]).ends(0);
    let listed = desk.json(&["network", "list"]);
    assert_eq!(listed["data"]["sites"][0]["code"], "Q3");
    // It stays a desk of Q1, and says what it lacks.
    desk.login = None;
    desk.run(&["health", "--require-site"]).ends_saying(5, "needs_site");
}

#[test]
fn a_file_that_cannot_be_used_is_mended_at_an_enrolled_desk_too() {
    let network = Network::new();
    let mut desk = network.desk();
    desk.enrol();
    desk.login = None;
    std::fs::write(network.file(), "# nothing yet\n").unwrap();
    desk.run(&["health"]).ends_saying(7, "network_empty");
    desk.run(&["network", "add", "Q1", "--name", "Quận 1", "--path", "q1.db"]).ends(0);
    let text = std::fs::read_to_string(network.file()).unwrap();
    assert!(text.contains("# nothing yet\n"), "{text}");
    desk.run(&["health"]).ends(0);
    desk.run(&["network", "remove", "Q1", "--go-on"]).ends_saying(4, "not_signed_in");
}

#[test]
fn a_try_says_what_stands_against_it() {
    let network = Network::new();
    let mut desk = network.desk();
    let shown = desk.json(&["network", "test", "Q1"]);
    assert_eq!((&shown["ok"], &shown["data"]["message"]["code"]), (&true.into(), &"fine".into()));
    desk.password = Some("sai");
    desk.run(&["network", "test", "Q1"]).ends_saying(4, "login_failed");
    desk.login = None;
    desk.run(&["network", "test", "Q1"]).ends(0);
    desk.run(&["network", "test", "Q3"]).ends_saying(5, "site_file_missing");
    desk.run(&["network", "certificate", "Q3"]).ends_saying(7, "network_wrong");
    desk.run(&["network", "test", "Q9"]).ends_saying(7, "network_unknown_branch");
    desk.run(&["network", "change", "Q3", "--path", "q1.db"]).ends(0);
    (desk.login, desk.password) = (Some(MANAGER), Some(PASSWORD));
    desk.run(&["network", "test", "Q3"]).ends_saying(5, "wrong_branch");
}

#[test]
fn a_value_that_cannot_be_is_refused_before_anything_is_written() {
    let network = Network::new();
    let mut desk = network.desk();
    desk.login = None;
    let add = ["network", "add", "Q5", "--name", "Năm"];
    for wrong in [&["--address", "a,0", "--database", "b"][..], &["--address", "a"], &[]] {
        desk.run(&[&add, wrong].concat()).ends(7);
    }
    for usage in [
        &["--path", ""][..],
        &["--tls", "none"],
        &["--tls", "ca="],
        &["--path", "a", "--address", "b"],
    ] {
        desk.run(&[&add, usage].concat()).ends(2);
    }
    assert_eq!(desk.json(&["network", "list"])["data"]["sites"].as_array().unwrap().len(), 2);
}
