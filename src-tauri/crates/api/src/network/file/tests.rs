//! A network file is replaced whole, or stays what it was.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use tempfile::TempDir;

use super::super::{SignIn, SiteKind, Tls};
use super::*;

fn entry(code: &str, path: &str) -> SiteEntry {
    let kind = SiteKind::Embedded { path: path.into() };
    SiteEntry { code: code.parse().unwrap(), name: format!("Thư viện {code}"), kind }
}

/// A folder with the template's file in it, and what was seen of that.
fn from_template() -> (TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.toml");
    NetworkFile::from_template(&path).unwrap();
    let seen = NetworkFile::read(&path).unwrap().seen();
    (folder, path, seen)
}

fn names(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_new_file_is_made_only_where_there_is_none() {
    let (folder, path, _) = from_template();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), TEMPLATE);
    assert_eq!(NetworkFile::from_template(&path), Err(NetworkError::Exists));
    assert_eq!(
        NetworkFile::add(&path, None, &entry("Q5", "a")),
        Err(NetworkError::ChangedMeanwhile)
    );
    let other = folder.path().join("new").join("network.toml");
    NetworkFile::add(&other, None, &entry("Q5", "a")).unwrap();
    assert_eq!(NetworkFile::read(&other).unwrap().network().unwrap().sites, [entry("Q5", "a")]);
}

#[test]
fn a_change_leaves_one_backup_and_nothing_else() {
    let (folder, path, seen) = from_template();
    NetworkFile::add(&path, Some(&seen), &entry("Q5", "a")).unwrap();
    let between = NetworkFile::read(&path).unwrap();
    NetworkFile::change(&path, &between.seen(), &entry("Q5", "b")).unwrap();
    assert_eq!(names(&folder), ["network.toml", "network.toml.bak"]);
    let backup = folder.path().join("network.toml.bak");
    assert_eq!(std::fs::read_to_string(backup).unwrap(), between.text);
}

#[test]
fn what_someone_else_wrote_meanwhile_is_not_overwritten() {
    let (folder, path, seen) = from_template();
    let theirs = format!("{TEMPLATE}# theirs\n");
    std::fs::write(&path, &theirs).unwrap();
    let q1 = "Q1".parse().unwrap();
    for refused in [
        NetworkFile::add(&path, Some(&seen), &entry("Q5", "a")),
        NetworkFile::change(&path, &seen, &entry("Q1", "a")),
        NetworkFile::remove(&path, &seen, &q1),
    ] {
        assert_eq!(refused, Err(NetworkError::ChangedMeanwhile));
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), theirs);
    assert_eq!(names(&folder), ["network.toml"]);
}

#[test]
fn a_change_that_makes_no_network_is_not_written() {
    let (folder, path, seen) = from_template();
    let q1 = "Q1".parse().unwrap();
    let mut wrong = entry("Q5", "a");
    wrong.name = "\n".to_owned();
    let refused = NetworkFile::add(&path, Some(&seen), &wrong);
    assert!(matches!(refused, Err(NetworkError::Wrong(_))), "{refused:?}");
    let unknown = NetworkFile::change(&path, &seen, &entry("Q9", "a"));
    assert_eq!(unknown, Err(NetworkError::Unknown("Q9".parse().unwrap())));
    assert_eq!(names(&folder), ["network.toml"]);
    NetworkFile::remove(&path, &seen, &q1).unwrap();
    let seen = NetworkFile::read(&path).unwrap().seen();
    let last = NetworkFile::remove(&path, &seen, &"Q3".parse().unwrap());
    assert_eq!(last, Err(NetworkError::Empty));
}

#[cfg(unix)]
#[test]
fn rights_and_links_stay_what_they_were() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path, seen) = from_template();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.toml");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    NetworkFile::add(&link, Some(&seen), &entry("Q5", "a")).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(NetworkFile::read(&path).unwrap().network().unwrap().sites.len(), 3);
    assert_eq!((mode(&path), mode(&folder.path().join("network.toml.bak"))), (0o640, 0o640));
}

#[test]
fn what_an_entry_names_is_found_from_the_files_folder() {
    let (_folder, path, seen) = from_template();
    let mut site = entry("Q1", "q1.db");
    NetworkFile::change(&path, &seen, &site).unwrap();
    let folder = path.parent().unwrap();
    let read = Network::read(&path).unwrap();
    assert_eq!(read.sites[0].kind, SiteKind::Embedded { path: folder.join("q1.db") });
    site.kind = SiteKind::SqlServer {
        address: "a".to_owned(),
        database: "b".to_owned(),
        tls: Tls::Pinned("server.pem".into()),
        sign_in: SignIn::Windows,
    };
    let SiteKind::SqlServer { tls, .. } = site.found_from(&path).kind else { panic!("a server") };
    assert_eq!(tls, Tls::Pinned(folder.join("server.pem")));
}

#[test]
fn a_certificate_lies_beside_the_file_under_a_name_of_its_own() {
    let (folder, path, _) = from_template();
    let branch = "Q 1".parse().unwrap();
    let first = put_certificate(&path, &branch, b"one").unwrap();
    let second = put_certificate(&path, &branch, b"another").unwrap();
    assert_eq!(put_certificate(&path, &branch, b"one"), Ok(first.clone()));
    assert!(first != second && first.starts_with("q-1-"), "{first} {second}");
    assert_eq!(std::fs::read(folder.path().join(first)).unwrap(), b"one");
    assert_eq!(names(&folder).len(), 3);
}
