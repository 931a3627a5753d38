//! What the sites hold, compared and brought together, from the command line.

use std::path::Path;
use std::sync::Arc;

use lienthu_api::system::wall_clock;
use lienthu_embedded::{EmbeddedSite, Founding};
use serde_json::json;

use crate::network::{Desk, LIBRARIAN, MANAGER, Network, PASSWORD, TITLE};

/// A network of two sites that know each other, and a manager's desk.
fn joined() -> (Network, Desk) {
    let network = Network::new();
    network.found("Q3");
    let nobody = Desk { login: None, ..network.desk() };
    nobody.run(&["network", "join"]).ends(0);
    let desk = network.desk();
    desk.enrol();
    let manager = Desk { login: Some(MANAGER), password: Some(PASSWORD), ..desk };
    (network, manager)
}

/// Does something to a site's tables, around every program.
fn by_hand(site: &Path, statement: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let site =
            EmbeddedSite::open(site, Arc::new(wall_clock), Founding::default()).await.unwrap();
        site.by_hand(statement.to_owned()).await.unwrap();
    });
}

const RENAME: &str = "UPDATE SACH SET TenSach = 'Tên khác'";

#[test]
fn what_differs_is_found_repaired_and_not_found_again() {
    let (network, manager) = joined();
    let clean = manager.run(&["replica", "audit", "--json"]).ends(0).json();
    assert_eq!(clean["data"]["branches"], json!(["Q1", "Q3"]));
    by_hand(&network.site_of("Q3"), RENAME);
    let found = manager.run(&["replica", "audit", "--json"]).ends(1).json();
    assert_eq!(found["code"], "replicas_differ");
    assert_eq!(found["data"]["differing"], 1);
    let versions = &found["data"]["differences"][0]["versions"];
    assert_eq!(versions.as_array().map(Vec::len), Some(2));
    let shown = manager.run(&["replica", "audit"]).ends(1).errors.clone();
    assert!(
        shown.contains(TITLE) && shown.contains("Q3: ") && shown.contains("Tên khác"),
        "{shown}"
    );

    let repair = ["replica", "repair", "title", TITLE, "--like", "Q3"];
    manager.run(&repair).ends(0);
    manager.run(&["replica", "audit"]).ends(0);
    manager
        .run(&["replica", "repair", "title", TITLE, "--like", "Q9"])
        .ends_saying(1, "branch_not_active");
    manager
        .run(&["replica", "repair", "closed-day", "never", "--like", "Q1"])
        .ends_saying(2, "bad_key");
}

#[test]
fn a_site_that_cannot_be_asked_is_no_difference() {
    let (network, manager) = joined();
    std::fs::remove_file(network.site_of("Q3")).unwrap();
    let answer = manager.run(&["replica", "audit", "--json"]).ends(5).json();
    assert_eq!(answer["data"]["unheard"][0]["branch"], "Q3");
    assert_eq!(answer["data"]["differing"], 0);
}

#[test]
fn who_takes_part_is_not_filled_and_who_is_not_away_is_not_activated() {
    let (_network, manager) = joined();
    manager.run(&["replica", "fill", "Q3"]).ends_saying(1, "takes_part");
    manager.run(&["replica", "activate", "Q3"]).ends_saying(1, "branch_not_away");
}

#[test]
fn librarians_compare_nothing() {
    let (_network, manager) = joined();
    let librarian = Desk { login: Some(LIBRARIAN), ..manager };
    librarian.run(&["replica", "audit"]).ends_saying(4, "forbidden");
}

#[test]
fn databases_are_checked_before_they_join_and_each_collision_is_named() {
    let network = Network::new();
    network.found("Q3");
    let desk = network.desk();
    let administrator = Desk { login: None, ..network.desk() };
    administrator.run(&["network", "check"]).ends(0);
    by_hand(&network.site_of("Q3"), RENAME);
    for (code, branch) in [("Q1", "Q1"), ("Q3", "Q3")] {
        let copy = format!(
            "INSERT INTO QUYENSACH (MaQuyenSach, ISBN, MaCN) VALUES ('Q001', '{TITLE}', '{branch}')"
        );
        by_hand(&network.site_of(code), &copy);
    }
    let found = administrator.run(&["network", "check", "--json"]).ends(1).json();
    assert_eq!(found["code"], "network_collides");
    let findings = found["data"]["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert_eq!((&findings[0]["kind"], &findings[0]["key"]), (&"rows_differ".into(), &TITLE.into()));
    assert_eq!(findings[1]["finding"]["barcode"], "Q001");
    assert_eq!(findings[1]["finding"]["branches"], json!(["Q1", "Q3"]));
    assert_eq!(desk.folder.path().read_dir().unwrap().count(), 0, "no desk was made");
}

/// Sites that were founded empty of each other, and are one network now.
fn joined_as_founded(before: &str) -> (Network, Desk) {
    let network = Network::new();
    network.found("Q3");
    by_hand(&network.site_of("Q1"), &format!("DELETE FROM CHINHANH WHERE MaCN = 'Q3'; {before}"));
    by_hand(&network.site_of("Q3"), "DELETE FROM CHINHANH WHERE MaCN = 'Q1'");
    let nobody = Desk { login: None, ..network.desk() };
    nobody.run(&["network", "join"]).ends(0);
    let desk = network.desk();
    desk.enrol();
    let manager = Desk { login: Some(MANAGER), password: Some(PASSWORD), ..desk };
    (network, manager)
}

#[test]
fn sites_that_know_only_their_own_branch_list_each_other_once_they_joined() {
    let (_network, manager) = joined_as_founded("");
    manager.run(&["replica", "audit"]).ends(0);
    manager.run(&["title", "change", TITLE, "--name", "Một tên mới"]).ends(0);
    manager.run(&["replica", "audit"]).ends(0);
}

#[test]
fn who_comes_to_a_network_is_away_until_it_is_filled_and_audited() {
    let (_network, manager) = joined_as_founded("UPDATE lienthu_site SET membership = 4");
    manager.run(&["title", "change", TITLE, "--name", "Một tên mới"]).ends(0);
    manager.run(&["replica", "fill", "Q3", "--overwrite"]).ends(0);
    manager.run(&["replica", "activate", "Q3"]).ends(0);
    manager.run(&["replica", "audit"]).ends(0);
    manager.run(&["title", "change", TITLE, "--name", "Một tên nữa"]).ends(0);
    manager.run(&["replica", "audit"]).ends(0);
}
