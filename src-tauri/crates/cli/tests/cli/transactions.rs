//! What does not settle by itself, and the agent that settles what does.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;

use lienthu_api::system::wall_clock;
use lienthu_domain::action::{Action, MovingCopy, Transfer};
use lienthu_domain::copy::{CopyCondition, CopyDetails};
use lienthu_domain::ids::TxnId;
use lienthu_embedded::{EmbeddedConnector, Line};
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_port::transaction::Posted;
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::terms::{MembershipVersion, Terms};

use crate::network::{Desk, Ended, LIBRARIAN, MANAGER, Network, PASSWORD, TITLE};

const TXN: &str = "00000000-0000-0000-0000-00000000007b";

/// A network of two sites that know each other, the copy Q001 at Q1, and a manager's desk.
fn joined() -> (Network, Desk) {
    let network = Network::new();
    network.found("Q3");
    let desk = network.desk();
    let nobody = Desk { login: None, ..network.desk() };
    nobody.run(&["network", "join"]).ends(0);
    desk.enrol();
    desk.run(&["copy", "add", "Q001", "--title", TITLE]).ends(0);
    let manager = Desk { login: Some(MANAGER), password: Some(PASSWORD), ..desk };
    (network, manager)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The manager at both sites, so many seconds ago.
async fn sessions(network: &Network, ago_s: i64) -> Vec<Arc<dyn Site>> {
    let who = Credentials { login: MANAGER.parse().unwrap(), password: PASSWORD.into() };
    let mut sessions = vec![];
    for code in ["Q1", "Q3"] {
        let path = network.site_of(code);
        let line = Line::to(&path);
        let clock = Arc::new(move || wall_clock().plus_ms(-ago_s * 1_000));
        let way = EmbeddedConnector::new(path, code.parse().unwrap(), clock, line);
        sessions.push(way.connect(&who).await.unwrap());
    }
    sessions
}

fn action() -> Action {
    let details = CopyDetails {
        barcode: "Q001".parse().unwrap(),
        title: TITLE.parse().unwrap(),
        condition: CopyCondition::Good,
        shelf_mark: String::new(),
        price_vnd: None,
    };
    let copies = vec![MovingCopy { details, hop: 1 }];
    Action::Transfer(Transfer { from: "Q1".parse().unwrap(), to: "Q3".parse().unwrap(), copies })
}

/// Both sites promise a transfer from Q1 to Q3, and nobody drives it; it was `ago_s` seconds ago.
fn leave_behind(network: &Network, ago_s: i64) {
    let txn: TxnId = TXN.parse().unwrap();
    runtime().block_on(async {
        let sites = sessions(network, ago_s).await;
        let mut parties = vec![];
        for site in &sites {
            parties.push(site.network().await.unwrap().me);
        }
        let terms = Terms::new(parties.clone(), &parties[0].branch, MembershipVersion(1)).unwrap();
        let terms = Arc::new(terms);
        for (site, to) in sites.iter().zip(parties) {
            let request = Request::Prepare { terms: Arc::clone(&terms) };
            let message = Message { txn, to, request };
            let posted = Posted { message, action: Some(Arc::new(action())) };
            let reply = site.transact(&posted).await.unwrap().reply;
            assert!(matches!(reply, Reply::Kept(_)), "{reply:?}");
        }
    });
}

fn in_doubt(desk: &Desk) -> serde_json::Value {
    desk.run(&["txn", "list", "--json"]).ends(0).json()["data"].clone()
}

#[test]
fn a_manager_sees_what_is_in_doubt_with_each_sites_state_and_drives_it_to_its_end() {
    let (network, manager) = joined();
    assert_eq!(in_doubt(&manager)["transactions"], serde_json::json!([]));
    leave_behind(&network, 600);
    let listed = in_doubt(&manager);
    let found = &listed["transactions"][0];
    assert_eq!((&found["txn"], &found["decider"]), (&TXN.into(), &"Q1".into()));
    assert_eq!(found["what"]["copies"], serde_json::json!(["Q001"]));
    assert!(found["age_s"].as_u64().unwrap() >= 600);
    for site in [0, 1] {
        assert_eq!(found["sites"][site]["state"], "prepared");
    }
    assert_eq!(found["may_force"], false, "the deciding site can be asked");
    let text = manager.run(&["txn", "show", TXN]).ends(0).out.clone();
    assert!(text.contains("Q1 → Q3: Q001") && text.contains("prepared, waits"), "{text}");

    let resolved = manager.run(&["txn", "resolve", TXN, "--json"]).ends(0).json();
    assert_eq!(resolved["data"]["decision"], "abort");
    assert_eq!(in_doubt(&manager)["transactions"], serde_json::json!([]));
    manager.run(&["txn", "resolve", TXN]).ends_saying(1, "txn_not_found");
}

#[test]
fn an_outcome_is_forced_only_by_who_confirms_it_and_only_while_the_deciding_site_is_away() {
    let (network, manager) = joined();
    leave_behind(&network, 600);
    manager.run(&["txn", "force", "commit", TXN]).ends_saying(2, "confirmation_missing");
    // The manager works where Q3 is home, and Q1 is away.
    let at_q3 = Desk { login: Some(MANAGER), password: Some(PASSWORD), ..network.desk() };
    at_q3.run(&["desk", "enrol", "--branch", "Q3", "--name", "Quầy 3"]).ends(0);
    network.line().cut().unwrap();
    let listed = in_doubt(&at_q3);
    assert_eq!(listed["transactions"][0]["may_force"], true);
    assert_eq!(listed["transactions"][0]["sites"][0]["state"], "unreachable");
    assert_eq!(listed["unheard"][0]["branch"], "Q1");
    at_q3.run(&["txn", "resolve", TXN]).ends_saying(5, "site_unreachable");
    let forced = at_q3.run(&["txn", "force", "commit", TXN, "--yes", "--json"]).ends(0).json();
    assert_eq!(forced["data"]["sites"][0]["done"], true);
    network.line().restore().unwrap();

    // Q1 is asked by an agent, has promised for long, and decides the other way.
    assert_eq!(agent(&manager).ends(1).json()["code"], "txn_unsettled");
    let found = in_doubt(&manager)["transactions"][0].clone();
    assert_eq!((&found["needs_repair"], &found["decision"]), (&true.into(), &"abort".into()));
    assert_eq!(found["sites"][1]["state"], "wrongly_committed");
    let repaired = manager.run(&["txn", "repair", TXN, "--json"]).ends(0).json();
    assert_eq!(repaired["data"]["parties"], serde_json::json!(["Q1"]));
    assert_eq!(in_doubt(&manager)["transactions"], serde_json::json!([]));
    manager.run(&["txn", "forget", TXN, "--yes"]).ends_saying(1, "txn_not_found");
}

/// One round with what the desk has sealed.
fn agent(desk: &Desk) -> Ended {
    desk.run_as(None, &["agent", "--once", "--json"])
}

#[test]
fn a_librarian_settles_nothing() {
    let (network, manager) = joined();
    leave_behind(&network, 600);
    for arguments in [
        &["txn", "list"][..],
        &["txn", "resolve", TXN],
        &["txn", "force", "abort", TXN, "--yes"],
        &["txn", "readmit", "Q3"],
    ] {
        manager.run_as(Some(LIBRARIAN), arguments).ends_saying(4, "forbidden");
    }
}

#[test]
fn an_agent_finishes_what_was_left_behind_with_what_a_desk_has_sealed() {
    let (network, manager) = joined();
    // Nobody has signed in at this desk since the network was joined.
    let fresh = Desk { login: None, ..network.desk() };
    fresh.run(&["agent", "--once"]).ends_saying(6, "file_inaccessible");
    leave_behind(&network, 600);
    manager.run(&["txn", "list"]).ends(0);
    let answer = agent(&manager).ends(0).json();
    assert_eq!(answer["data"]["finished"][0]["txn"], TXN);
    assert_eq!(answer["data"]["finished"][0]["decision"], "abort");
    assert_eq!(agent(&manager).ends(0).json()["data"]["finished"], serde_json::json!([]));
}

#[test]
fn an_agent_with_a_file_runs_until_it_is_told_to_stop_and_says_each_round() {
    let (network, _) = joined();
    leave_behind(&network, 600);
    let nobody = Desk { login: None, ..network.desk() };
    let file = nobody.folder.path().join("agents.json");
    let name = file.to_str().unwrap();
    nobody.run(&["network", "agents", "export", name]).ends(0);
    let mut command = nobody.command(&["agent", "--agents", name, "--every", "1", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(first["data"]["finished"][0]["txn"], TXN, "{first}");
    let second: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(second["data"]["finished"], serde_json::json!([]));
    #[cfg(unix)]
    {
        let id = child.id().to_string();
        std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let ended = lines.last().unwrap().unwrap();
        let ended: serde_json::Value = serde_json::from_str(&ended).unwrap();
        assert_eq!(ended["data"]["finished"], 1, "{ended}");
        assert!(child.wait().unwrap().success());
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let open = nobody.run(&["agent", "--once", "--agents", name]);
        open.ends_saying(4, "agents_file_open");
    }
    #[cfg(not(unix))]
    child.kill().unwrap();
}

#[test]
fn a_restored_site_takes_part_again_once_it_was_told_everything() {
    let (network, manager) = joined();
    let nobody = Desk { login: None, ..network.desk() };
    nobody.run(&["site", "restored", "--branch", "Q3", "--yes"]).ends(0);
    let readmitted = manager.run(&["txn", "readmit", "Q3", "--json"]).ends(0).json();
    assert_eq!(readmitted["data"]["transactions"], 0);
    leave_behind(&network, 600);
    manager.run(&["txn", "resolve", TXN]).ends(0);
}
