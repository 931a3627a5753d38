//! Patrons and copies.

use crate::network::Network;

#[test]
fn a_patron_is_added_changed_blocked_and_removed() {
    let (_network, desk) = Network::with_books();
    desk.run(&["patron", "add", "DG1", "--name", "x", "--category", "STUDENT"])
        .ends_saying(1, "already_exists");
    desk.run(&["patron", "add", "DG3", "--name", "", "--category", "CHILD"]).ends(2);
    let typed = [
        "patron",
        "add",
        "DG3",
        "--name",
        "Phạm\tThị  Cúc",
        "--category",
        "CHILD",
        "--expires",
        "2030-12-31",
        "--birth-date",
        "2018-05-01",
        "--phone",
        "0901234567",
        "--deposit",
        "50000",
    ];
    desk.run(&typed).ends(0);
    desk.run(&["patron", "change", "DG3", "--phone", "", "--expires", "none"]).ends(0);
    let shown = desk.json(&["patron", "show", "DG3"]);
    let patron = &shown["data"]["file"]["patron"];
    assert_eq!(patron["name"], "Phạm Thị Cúc");
    assert_eq!(patron["phone"], "");
    assert!(patron["card_expires"].is_null());
    assert_eq!((&patron["deposit_vnd"], &patron["branch"]), (&50_000.into(), &"Q1".into()));

    desk.run(&["patron", "block", "DG3", "--reason", "Mất thẻ"]).ends(0);
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG3"]).ends_saying(1, "patron_blocked");
    desk.run(&["patron", "unblock", "DG3"]).ends(0);
    desk.run(&["patron", "extend", "DG3", "--until", "2020-01-01"]).ends(0);
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG3"]).ends_saying(1, "card_expired");
    desk.run(&["patron", "extend", "DG3", "--until", "2099-01-01"]).ends(0);
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG3"]).ends(0);
    desk.run(&["desk", "return", "Q001"]).ends(0);

    let found = desk.run(&["patron", "find", "pham", "cu"]);
    assert!(found.ends(0).out.contains("Phạm Thị Cúc"), "{}", found.out);
    desk.run(&["patron", "remove", "DG3"]).ends(0);
    desk.run(&["patron", "show", "DG3"]).ends_saying(1, "unknown");
}

#[test]
fn a_copy_is_added_changed_and_removed() {
    let (_network, desk) = Network::with_books();
    desk.run(&["copy", "add", "Q010", "--title", "no-such"]).ends_saying(1, "title_unknown");
    desk.run(&[
        "copy",
        "change",
        "Q001",
        "--condition",
        "damaged",
        "--shelf-mark",
        "A 1",
        "--price",
        "90000",
    ])
    .ends(0);
    let shown = desk.json(&["copy", "show", "Q001"]);
    let copy = &shown["data"]["file"]["copy"];
    assert_eq!((&copy["state"], &copy["price_vnd"]), (&"damaged".into(), &90_000.into()));
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG1"]).ends_saying(1, "copy_damaged");
    desk.run(&["copy", "change", "Q001", "--condition", "good", "--price", "none"]).ends(0);
    desk.run(&["desk", "borrow", "Q001", "--patron", "DG1"]).ends(0);
    desk.run(&["copy", "remove", "Q001"]).ends_saying(1, "has_open_loans");
    desk.run(&["copy", "remove", "Q002"]).ends(0);
    desk.run(&["copy", "show", "Q002"]).ends_saying(1, "unknown");
    desk.run(&["copy", "change", "Q002", "--shelf-mark", "B"]).ends_saying(1, "unknown");
}
