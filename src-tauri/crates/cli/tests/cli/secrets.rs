//! Passwords: where they come from, and where they never show.

use std::path::Path;

use crate::network::{Desk, LIBRARIAN, Network, PASSWORD};

#[test]
fn a_password_on_the_command_line_is_not_accepted_and_not_repeated() {
    let network = Network::new();
    let desk = Desk { password: None, ..network.desk() };
    for typed in [
        &["health", "--password", "bí-mật-123"][..],
        &["health", "--password=bí-mật-123"],
        &["health", "-p", "bí-mật-123"],
        &["health", "--login", LIBRARIAN, "--password-stdin=bí-mật-123"],
    ] {
        desk.run(typed).ends(2);
    }
}

#[test]
fn a_password_comes_from_the_first_line_of_the_input() {
    let (_network, desk) = Network::with_books();
    let desk = Desk { password: None, ..desk };
    let input = format!("{PASSWORD}\r\nDG1\nQ001\n");
    let (lines, ended) = desk.scan(&["--password-stdin"], input.as_bytes());
    ended.ends(0);
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[1]["line"], &lines[1]["outcome"]), (&2.into(), &"done".into()));
    desk.run_with(&["health", "--password-stdin"], b"").ends_saying(4, "password_missing");
    desk.run_with(&["health", "--password-stdin"], &[b'x'; 5_000])
        .ends_saying(4, "password_missing");
}

#[test]
fn a_password_is_in_no_answer_no_log_and_no_file() {
    let (_network, desk) = Network::with_books();
    let ended = desk.run(&["health", "-v", "--json"]);
    ended.ends(0);
    assert!(ended.errors.contains("command"), "-v shows the log: {}", ended.errors);
    assert!(!ended.out.contains(PASSWORD) && !ended.errors.contains(PASSWORD));
    let mut files = 0;
    look_through(desk.folder.path(), &mut |bytes| {
        files += 1;
        assert!(!bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes()));
    });
    assert!(files >= 4, "cache, outbox, key and log: {files}");
}

fn look_through(folder: &Path, look: &mut impl FnMut(&[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look_through(&path, look);
        } else {
            look(&std::fs::read(path).unwrap());
        }
    }
}
