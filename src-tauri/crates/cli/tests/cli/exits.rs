//! Every exit code is reached, and says what it means.

use std::fs::File;

use crate::network::{Desk, MANAGER, Network};

const LEND: [&str; 5] = ["desk", "borrow", "Q001", "--patron", "DG1"];

#[test]
fn what_is_done_ends_with_0_and_what_a_rule_refuses_with_1() {
    let (_network, desk) = Network::with_books();
    desk.run(&LEND).ends(0);
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG2"]).ends_saying(1, "copy_on_loan");
    desk.run(&["patron", "remove", "DG1"]).ends_saying(1, "has_open_loans");
    desk.run(&["copy", "show", "Q404"]).ends_saying(1, "unknown");
    desk.run(&["patron", "block", "DG404", "--reason", "?"]).ends_saying(1, "unknown");
    desk.run(&["desk", "enrol", "--branch", "Q1", "--name", "x"])
        .ends_saying(1, "already_enrolled");
    let nowhere = "01990000-0000-7000-8000-000000000000";
    desk.run(&["desk", "undo", nowhere]).ends_saying(1, "unknown_event");
}

#[test]
fn what_is_queued_ends_with_0_or_with_3_where_the_site_is_required() {
    let (network, desk) = Network::with_books();
    network.line().cut().unwrap();
    desk.run(&LEND).ends(0);
    desk.run(&["desk", "return", "Q001", "--require-site"]).ends(3);
    let (_, scanned) = desk.scan(&["--patron", "DG1", "--require-site"], b"Q002\n");
    scanned.ends(3);
    network.line().restore().unwrap();
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG2", "--require-site"]).ends(0);
    assert_eq!(desk.waiting(), 0);
}

#[test]
fn a_command_line_that_is_wrong_ends_with_2() {
    let network = Network::new();
    let desk = network.desk();
    for wrong in [
        &["desk", "lend"][..],
        &["desk", "borrow", "Q001"],
        &["desk", "borrow", "Q001", "--patron", "far-too-long"],
        &["desk", "borrow", " ", "--patron", "DG1"],
        &["desk", "return", "Q001", "--on", "2026-02-30"],
        &["desk", "return", "Q\u{1b}[2J", "--on", "yesterday"],
        &["desk", "return", &"1".repeat(10_000)],
        &["desk", "undo", "not-an-event"],
        &["desk", "scan"],
        &["review", "settle", "Q001", "01990000-0000-7000-8000-000000000000", "odd", "--confirm"],
        &["--lang", "fr", "health"],
        &["health", "--password", "x"],
    ] {
        let ended = desk.run(wrong);
        ended.ends(2);
        assert!(ended.errors.len() < 2_000, "{wrong:?}");
        assert!(!ended.errors.contains('\u{1b}'), "{wrong:?}");
    }
    let ended = desk.run(&["health", "--colour", "--json"]);
    assert_eq!(ended.ends(2).json()["code"], "usage");
    // A name that is empty to the desk, though not to the shell.
    desk.run(&["desk", "enrol", "--branch", "Q1", "--name", " \u{7} "])
        .ends_saying(2, "field_wrong");
}

#[test]
fn nobody_with_the_right_ends_with_4() {
    let (network, desk) = Network::with_books();
    let nobody = Desk { login: None, ..desk };
    nobody.run(&LEND).ends_saying(4, "not_signed_in");
    nobody.run_with(&["desk", "scan", "--stdin"], b"Q001\n").ends_saying(4, "not_signed_in");
    let manager = Desk { login: Some(MANAGER), ..nobody };
    manager.run(&LEND).ends_saying(4, "forbidden");
    manager.run(&["patron", "show", "DG1"]).ends(0);
    let (acknowledged, ended) = manager.scan(&[], b"Q001\nQ002\n");
    ended.ends(4);
    assert_eq!(acknowledged.len(), 1, "the second scan is not taken from someone who may not");
    let silent = Desk { password: None, ..manager };
    silent.run(&LEND).ends_saying(4, "password_missing");
    let wrong = Desk { password: Some("Mật khẩu"), ..silent };
    wrong.run(&LEND).ends_saying(4, "login_failed");
    network.desk().run(&LEND).ends_saying(4, "not_enrolled");
}

#[test]
fn what_needs_the_site_ends_with_5_while_it_is_away() {
    let (network, desk) = Network::with_books();
    network.line().cut().unwrap();
    for needs in [
        &["queue", "send"][..],
        &["review", "list"],
        &["patron", "extend", "DG1", "--until", "2099-12-31"],
        &["copy", "remove", "Q001"],
        &["health", "--require-site"],
    ] {
        let ended = desk.run(needs);
        ended.ends(5);
        assert!(ended.errors.contains("lienthu-cli: "), "{needs:?} says why: {}", ended.errors);
    }
    desk.run(&["patron", "block", "DG1", "--reason", "mất thẻ"]).ends_saying(5, "needs_site");
    desk.run(&["health"]).ends(0);
    desk.run(&["patron", "show", "DG1"]).ends(0);
}

#[test]
fn files_of_the_desk_that_cannot_be_used_end_with_6() {
    let (network, desk) = Network::with_books();
    let lock = File::create(desk.folder.path().join("running.lock")).unwrap();
    lock.lock().unwrap();
    desk.run(&["health"]).ends_saying(6, "file_locked");
    drop(lock);
    desk.run(&["health"]).ends(0);

    let key = desk.folder.path().join("desk.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    desk.run(&["health"]).ends_saying(6, "no_key");
    std::fs::write(&key, "0".repeat(64)).unwrap();
    desk.run(&["health"]).ends_saying(6, "wrong_key");
    std::fs::write(&key, kept).unwrap();
    desk.run(&LEND).ends(0);

    let file = tempfile::NamedTempFile::new().unwrap();
    let mut nowhere = network.desk().command(&["health"]);
    nowhere.env("LIENTHU_DATA", file.path());
    crate::network::Ended::of(nowhere, b"").ends_saying(6, "file_inaccessible");
}

#[test]
fn a_network_file_that_cannot_be_used_ends_with_7() {
    let network = Network::new();
    let mut desk = network.desk();
    desk.run(&["desk", "enrol", "--branch", "Q9", "--name", "x"]).ends_saying(7, "no_such_branch");
    desk.network = network.file().with_file_name("none.toml");
    desk.run(&["health"]).ends_saying(7, "network_missing");
    for (text, code) in [
        ("", "network_empty"),
        ("[[site", "network_wrong"),
        ("[[site]]\ncode='Q1'\nname='a'\nkind='embedded'\n", "network_wrong"),
        ("\u{0}\u{1b}[2J", "network_wrong"),
    ] {
        std::fs::write(&desk.network, text).unwrap();
        let ended = desk.run(&["health"]);
        ended.ends_saying(7, code);
        assert!(!ended.errors.contains('\u{1b}'), "{text:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_printed_ends_with_8_and_what_was_done_stays_done() {
    let (_network, desk) = Network::with_books();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut lend = desk.command(&LEND);
    assert_eq!(lend.stdout(full).status().unwrap().code(), Some(8));
    desk.run(&LEND).ends_saying(1, "copy_with_this_patron");
}
