//! What the README says of signing in is what the network has.
#![allow(clippy::unwrap_used)]

use lienthu_demo::{PASSWORD, accounts};

#[test]
fn everyone_who_can_sign_in_is_named() {
    let readme = include_str!("../README.md");
    assert!(readme.contains(&format!("`{PASSWORD}`")));
    for account in accounts() {
        let row = format!("| `{}` | {} |", account.login, account.name);
        assert!(readme.contains(&row), "{row}");
    }
}
