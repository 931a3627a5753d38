//! What every site holds, command by command.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::Value;

use crate::network::{Desk, MANAGER, Network, TITLE};

/// Titles of the import: several parts.
const IMPORTED: usize = 1_200;

/// Two sites that know each other, and a manager's desk at Q1.
fn across() -> (Network, Desk) {
    let (network, _librarian) = Network::across();
    let mut manager = network.desk();
    manager.enrol();
    manager.login = Some(MANAGER);
    (network, manager)
}

fn state(answer: &Value) -> &str {
    answer["data"]["state"].as_str().unwrap_or_default()
}

#[test]
fn a_title_is_added_changed_found_and_removed() {
    let (_network, manager) = across();
    let added = manager.json(&["title", "add", "LT-1", "Số đỏ", "--author", "Vũ Trọng Phụng"]);
    assert_eq!(state(&added), "done");
    manager.run(&["title", "add", "LT-1", "Số đen"]).ends_saying(1, "already_exists");
    let changed = manager.json(&["title", "change", "LT-1", "--year", "1936"]);
    assert_eq!(state(&changed), "done");
    let found = manager.json(&["title", "search", "so do"]);
    assert_eq!(found["data"]["titles"][0]["title"]["year"], 1936);
    assert_eq!(state(&manager.json(&["title", "remove", "LT-1"])), "done");
    manager.run(&["title", "remove", "LT-1"]).ends_saying(1, "unknown");
    manager.run(&["title", "remove", TITLE]).ends_saying(1, "title_has_copies");
    let refused = manager.json(&["title", "pending", "--filter", "refused"]);
    assert_eq!(refused["data"]["counts"]["refused"], 2);
}

#[test]
fn a_change_waits_for_a_site_that_is_away_and_is_sent_or_withdrawn() {
    let (network, manager) = across();
    network.other_line().cut().unwrap();
    let waiting = manager.json(&["title", "add", "LT-1", "Số đỏ"]);
    assert_eq!(state(&waiting), "waiting");
    assert_eq!(waiting["data"]["message"]["code"], "change_waits_site");
    manager.run(&["title", "add", "LT-2", "Tắt đèn", "--require-site"]).ends(3);
    let pending = manager.json(&["title", "pending"]);
    assert_eq!(pending["data"]["counts"]["waiting"], 2);
    let (first, second) = (
        pending["data"]["changes"][0]["id"].as_str().unwrap(),
        pending["data"]["changes"][1]["id"].as_str().unwrap(),
    );
    assert_eq!(state(&manager.json(&["title", "withdraw", second])), "withdrawn");
    manager.run(&["title", "withdraw", second]).ends_saying(1, "change_over");
    network.other_line().restore().unwrap();
    assert_eq!(state(&manager.json(&["title", "retry", first])), "done");
}

#[test]
fn branches_policies_and_closed_days_change_at_all_sites() {
    let (_network, manager) = across();
    assert_eq!(state(&manager.json(&["branch", "add", "Q9", "Thư viện Quận 9"])), "done");
    assert_eq!(state(&manager.json(&["branch", "rename", "Q9", "Thư viện Thủ Đức"])), "done");
    let listed = manager.json(&["branch", "list"]);
    let branches = listed["data"]["branches"].as_array().unwrap();
    let new = branches.iter().find(|branch| branch["code"] == "Q9").unwrap();
    assert_eq!((&new["name"], &new["standing"]), (&"Thư viện Thủ Đức".into(), &"away".into()));
    manager.run(&["branch", "close", "Q1"]).ends_saying(1, "branch_has_copies");

    let policy =
        ["policy", "set", "--category", "TEACHER", "--loan-days", "30", "--loans-max", "9"];
    assert_eq!(state(&manager.json(&policy)), "done");
    let listed = manager.json(&["policy", "list"]);
    let policies = listed["data"]["policies"].as_array().unwrap();
    assert!(policies.iter().any(|policy| policy["category"] == "TEACHER"));
    assert_eq!(state(&manager.json(&["policy", "remove", "--category", "TEACHER"])), "done");

    let day = ["closed-day", "set", "2099-09-02", "Quốc khánh"];
    assert_eq!(state(&manager.json(&day)), "done");
    let listed = manager.json(&["closed-day", "list", "--from", "2099-01-01"]);
    assert_eq!(listed["data"]["days"][0]["note"], "Quốc khánh");
    assert_eq!(state(&manager.json(&["closed-day", "remove", "2099-09-02"])), "done");
}

#[test]
fn who_is_no_manager_changes_nothing_that_every_site_holds() {
    let (_network, librarian) = Network::across();
    librarian.run(&["title", "add", "LT-1", "Số đỏ"]).ends_saying(4, "forbidden");
    librarian.run(&["branch", "list"]).ends_saying(4, "forbidden");
    librarian.run(&["policy", "list"]).ends(0);
}

#[test]
fn a_file_of_titles_comes_in_and_once_more_changes_nothing() {
    let (_network, manager) = across();
    let mut table = String::from("isbn,title,author\n");
    for n in 0..IMPORTED {
        writeln!(table, "BULK-{n},Tuyển tập {n},Nhiều tác giả").unwrap();
    }
    table.push_str("BULK-0,Khác,\n,Không mã,\n");
    let file = manager.folder.path().join("sách.csv");
    std::fs::write(&file, &table).unwrap();
    let file = file.to_str().unwrap();
    let looked = manager.json(&["title", "import", file, "--dry-run"]);
    assert_eq!(
        (&looked["data"]["new"], &looked["data"]["unusable"]),
        (&IMPORTED.into(), &2.into())
    );

    let begun = Instant::now();
    let came = manager.json(&["title", "import", file]);
    println!("titles={IMPORTED} sites=2 ms={}", begun.elapsed().as_millis());
    assert_eq!(came["data"]["counts"]["changes_done"], IMPORTED);
    let again = manager.json(&["title", "import", file]);
    assert_eq!((&again["data"]["same"], &again["data"]["new"]), (&IMPORTED.into(), &0.into()));

    std::fs::write(file, "isbn,title\nBULK-1,Tuyển tập mới\n").unwrap();
    let kept = manager.json(&["title", "import", file]);
    assert_eq!(kept["data"]["differing_titles"][0]["stands"]["name"], "Tuyển tập 1");
    let replaced = manager.json(&["title", "import", file, "--differing", "replace"]);
    assert_eq!(replaced["data"]["counts"]["changes_done"], 1);
}
