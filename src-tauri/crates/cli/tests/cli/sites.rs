//! Looking after sites from the command line. What only a server has is proved by `cargo xtask prove rights`.

use crate::network::{Desk, Network};

#[test]
fn sites_are_looked_after_without_a_desk_and_each_says_what_happened() {
    let network = Network::new();
    let nobody = Desk { login: None, ..network.desk() };
    let ended = nobody.run(&["site", "migrate", "--all-sites", "--json"]);
    let answer = ended.ends(5).json();
    let sites = answer["data"]["sites"].as_array().unwrap();
    assert_eq!((&sites[0]["branch"], &sites[1]["branch"]), (&"Q1".into(), &"Q3".into()));
    assert_eq!(sites[0]["done"]["applied"].as_array().map(Vec::len), Some(0));
    assert_eq!(sites[1]["failed"]["code"], "site_unreachable");
    assert_eq!(nobody.folder.path().read_dir().unwrap().count(), 0, "no desk was made");
    nobody.run(&["site", "migrate", "--branch", "Q1", "--dry-run"]).ends(0);
}

#[test]
fn a_site_that_the_network_file_does_not_name_ends_with_7() {
    let network = Network::new();
    network.desk().run(&["site", "migrate", "--branch", "Q9"]).ends_saying(7, "no_such_branch");
    network.desk().run(&["site", "migrate"]).ends(2);
}

#[test]
fn a_server_needs_an_administrators_login() {
    let network = Network::new();
    let file =
        "[[site]]\ncode='Q1'\nname='a'\nkind='sqlserver'\naddress='127.0.0.1,1'\ndatabase='a'\n";
    std::fs::write(network.file(), file).unwrap();
    let nobody = Desk { login: None, ..network.desk() };
    nobody.run(&["site", "migrate", "--branch", "Q1"]).ends_saying(4, "not_signed_in");
    network.desk().run(&["site", "migrate", "--branch", "Q1"]).ends_saying(5, "site_unreachable");
}
