//! Looking after sites from the command line. What only a server has is proved by `cargo xtask prove rights`.

use crate::network::{Desk, Ended, Network};

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

/// As nobody, with the password that somebody is to have.
fn administer(network: &Network, arguments: &[&str]) -> Ended {
    let desk = Desk { login: None, ..network.desk() };
    let mut command = desk.command(arguments);
    command.env("LIENTHU_NEW_PASSWORD", "Mật khẩu của Mai 1");
    Ended::of(command, b"")
}

#[test]
fn people_are_added_listed_and_revoked_and_what_is_missing_is_finished_by_doing_it_again() {
    let network = Network::new();
    let add =
        ["site", "add-user", "mai", "--name", "Lê Thị Mai", "--role", "manager", "--all-sites"];
    // Q3 is away: Q1 is done all the same, and doing it again changes nothing there.
    for had_login in [false, true] {
        let answer = administer(&network, &[&add[..], &["--json"]].concat()).ends(5).json();
        let sites = answer["data"]["sites"].as_array().unwrap();
        assert_eq!(sites[0]["done"]["had_login"], had_login);
        assert_eq!(sites[1]["failed"]["code"], "site_unreachable");
    }
    let listed = administer(&network, &["site", "list-users", "--branch", "Q1", "--json"]);
    let people = listed.ends(0).json()["data"]["sites"][0]["done"]["people"].clone();
    let mai = people.as_array().unwrap().iter().find(|person| person["login"] == "mai").unwrap();
    assert_eq!((&mai["roles"][0], &mai["active"]), (&"manager".into(), &true.into()));

    let desk = network.desk();
    desk.enrol();
    let mai = Desk { login: Some("mai"), password: Some("Mật khẩu của Mai 1"), ..desk };
    mai.run(&["review", "list"]).ends(0);
    administer(&network, &["site", "revoke-user", "mai", "--branch", "Q1"]).ends(0);
    mai.run(&["review", "list"]).ends_saying(4, "login_failed");
}

#[test]
fn a_password_is_set_and_never_typed_on_the_command_line() {
    let network = Network::new();
    let set = ["site", "set-password", "lan", "--branch", "Q1"];
    administer(&network, &set).ends(0);
    let desk = network.desk();
    desk.enrol();
    desk.run(&["review", "list"]).ends_saying(4, "login_failed");
    let lan = Desk { password: Some("Mật khẩu của Mai 1"), ..desk };
    lan.run(&["review", "list"]).ends(0);
    administer(&network, &["site", "set-password", "ai", "--branch", "Q1"])
        .ends_saying(1, "unknown");
    let nobody = Desk { login: None, ..network.desk() };
    nobody.run(&set).ends_saying(4, "password_missing");
    nobody
        .run_with(&[&set[..], &["--password-stdin"]].concat(), b"short\n")
        .ends_saying(1, "password_too_short");
}

#[test]
fn a_site_is_checked_and_said_to_be_restored() {
    let network = Network::new();
    let answer =
        administer(&network, &["site", "check", "--branch", "Q1", "--json"]).ends(0).json();
    assert_eq!(answer["data"]["sites"][0]["done"]["clean"], true);
    let restored = ["site", "restored", "--branch", "Q1"];
    administer(&network, &restored).ends_saying(2, "confirmation_missing");
    let begin = || {
        let answer = administer(&network, &[&restored[..], &["--yes", "--json"]].concat());
        answer.ends(0).json()["data"]["sites"][0]["done"]["incarnation"].clone()
    };
    assert_ne!(begin(), begin());
}

#[test]
fn sites_become_one_network_and_a_run_that_missed_one_is_finished_by_the_next() {
    let network = Network::new();
    let nobody = Desk { login: None, ..network.desk() };
    let at = |answer: &serde_json::Value, site: usize| answer["data"]["sites"][site].clone();
    let first = nobody.run(&["network", "join", "--json"]).ends(5).json();
    assert_eq!(at(&first, 0)["done"]["agent_is_new"], true);
    assert_eq!(at(&first, 1)["failed"]["code"], "site_unreachable");
    network.found("Q3");
    let second = nobody.run(&["network", "join", "--json"]).ends(0).json();
    assert_eq!(at(&second, 0)["done"]["agent_is_new"], false, "what is right stays");
    for site in [0, 1] {
        assert_eq!(at(&second, site)["done"]["others"], 1);
        assert_eq!(at(&second, site)["done"]["membership"], 1);
    }
    let third = nobody.run(&["network", "join", "--json"]).ends(0).json();
    assert_eq!(at(&third, 1)["done"]["membership"], 1, "nothing was missing any more");
}

#[test]
fn the_agents_secrets_are_renewed_all_of_them_and_a_run_is_gone_on_with() {
    let network = Network::new();
    network.found("Q3");
    let nobody = Desk { login: None, ..network.desk() };
    nobody.run(&["network", "join"]).ends(0);
    let secrets = || -> Vec<String> {
        let file = nobody.folder.path().join("agents.json");
        nobody.run(&["network", "agents", "export", file.to_str().unwrap()]).ends(0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "nobody else reads it");
        }
        let agents: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let secret = |agent: &serde_json::Value| agent["secret"].as_str().unwrap().to_owned();
        agents.as_array().unwrap().iter().map(secret).collect()
    };
    let before = secrets();
    let answer = nobody.run(&["network", "agents", "renew", "--json"]).ends(0).json();
    let renewed = secrets();
    assert!(renewed.len() == 2 && renewed.iter().all(|secret| !before.contains(secret)));
    let since = answer["data"]["since"].as_str().unwrap();
    let again = nobody.run(&["network", "agents", "renew", "--since", since, "--json"]);
    assert_eq!(again.ends(0).json()["data"]["sites"][1]["done"]["agent_is_new"], false);
    assert_eq!(secrets(), renewed);
}
