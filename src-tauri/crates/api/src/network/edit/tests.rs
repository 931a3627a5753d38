//! A change of an entry is a change of that entry alone, for any file and any order of changes.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::super::Network;
use super::*;

/// A file as a person writes it.
const BY_HAND: &str = r#"# Mạng thư viện thành phố
# Người phụ trách: chị Hoa

# máy chủ mới từ tháng 3
[[site]]
code = "Q1"
name = 'Thư viện Quận 1'      # trụ sở
kind = "sqlserver"
tls = { ca = 'ca.pem' }       # hết hạn 2031
address = "10.0.1.5,1433"
database = "Site_TV_Q1"

[[site]]
code = "Q3"
kind = "embedded"
name = "Thư viện Quận 3"
path = "q3.db"

# cuối tệp
"#;

fn code(text: &str) -> BranchCode {
    text.parse().unwrap()
}

fn server(branch: &str, name: &str, tls: Tls) -> SiteEntry {
    SiteEntry {
        code: code(branch),
        name: name.to_owned(),
        kind: SiteKind::SqlServer {
            address: "10.0.1.5,1433".to_owned(),
            database: "Site_TV_Q1".to_owned(),
            tls,
            sign_in: SignIn::Sql,
        },
    }
}

#[test]
fn a_changed_value_keeps_the_comment_behind_it_and_everything_else_stays() {
    let entry = server("Q1", "Thư viện trung tâm", Tls::Ca("ca.pem".into()));
    let changed = change(BY_HAND, &entry).unwrap();
    let expected = BY_HAND
        .replace("'Thư viện Quận 1'", "\"Thư viện trung tâm\"")
        .replace("database = \"Site_TV_Q1\"\n", "database = \"Site_TV_Q1\"\nsign_in = \"sql\"\n");
    assert_eq!(changed, expected);
}

#[test]
fn an_entry_that_becomes_another_kind_keeps_nothing_of_the_old_one() {
    let entry = SiteEntry {
        code: code("Q1"),
        name: "Thư viện Quận 1".to_owned(),
        kind: SiteKind::Embedded { path: "q1.db".into() },
    };
    let changed = change(BY_HAND, &entry).unwrap();
    assert_eq!(Network::parse(&changed).unwrap().sites[0], entry);
    assert!(changed.contains("# trụ sở") && changed.contains("# máy chủ mới"), "{changed}");
}

#[test]
fn the_first_entry_goes_with_its_own_comment_and_the_files_beginning_stays() {
    let without = remove(BY_HAND, &code("Q1")).unwrap();
    let expected = "# Mạng thư viện thành phố\n# Người phụ trách: chị Hoa\n\n\
                    [[site]]\ncode = \"Q3\"\nkind = \"embedded\"\nname = \"Thư viện Quận 3\"\n\
                    path = \"q3.db\"\n\n# cuối tệp\n";
    assert_eq!(without, expected);
    let without_last = remove(BY_HAND, &code("Q3")).unwrap();
    assert!(without_last.ends_with("database = \"Site_TV_Q1\"\n\n# cuối tệp\n"), "{without_last}");
}

#[test]
fn a_list_in_one_line_means_the_same() {
    let text = "site = [{ code = 'Q1', name = 'Một', kind = 'embedded', path = 'a' }]\n";
    let added = add(text, &server("Q3", "Ba", Tls::Off)).unwrap();
    let codes: Vec<_> =
        Network::parse(&added).unwrap().sites.into_iter().map(|site| site.code).collect();
    assert_eq!(codes, [code("Q1"), code("Q3")]);
}

#[test]
fn what_is_no_list_of_sites_is_left_alone() {
    for text in ["site = 1\n", "[site]\ncode = 'Q1'\n", "[[site"] {
        let refused = add(text, &server("Q3", "Ba", Tls::Off));
        assert!(matches!(refused, Err(NetworkError::Wrong(_))), "{text}: {refused:?}");
    }
}

/// One change of a file.
#[derive(Debug, Clone)]
enum Deed {
    Add(SiteEntry),
    Change(SiteEntry),
    Remove(BranchCode),
}

fn entries() -> impl Strategy<Value = SiteEntry> {
    let file = || prop_oneof!["[a-z]{1,8}\\.pem", r##"[ '"\\#áđ]{1,6}x"##].prop_map(Into::into);
    let tls = prop_oneof![
        Just(Tls::System),
        file().prop_map(Tls::Ca),
        file().prop_map(Tls::Pinned),
        Just(Tls::Off)
    ];
    let sign_in = prop_oneof![Just(SignIn::Sql), Just(SignIn::Windows)];
    let address = prop_oneof!["[a-z]{1,9}(,[1-9][0-9]{0,3})?", r"[a-z]{1,9}\\[A-Z]{1,9}"];
    let server = (address, r##"[A-Za-z_'"#]{1,9}"##, tls, sign_in).prop_map(
        |(address, database, tls, sign_in)| SiteKind::SqlServer { address, database, tls, sign_in },
    );
    let embedded = file().prop_map(|path| SiteKind::Embedded { path });
    let name = r##"Thư viện [A-Za-zđá'"\\#=\[\]{} ]{0,12}"##;
    let kind = prop_oneof![embedded, server];
    ("Q[1-6]", name, kind).prop_map(|(branch, name, kind)| SiteEntry {
        code: code(&branch),
        name,
        kind,
    })
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        entries().prop_map(Deed::Add),
        entries().prop_map(Deed::Change),
        entries().prop_map(|entry| Deed::Remove(entry.code)),
    ];
    prop::collection::vec(deed, 1..12)
}

/// The text of each entry as it stands in the file, from its code on, by its code.
fn blocks(text: &str) -> Vec<(BranchCode, String)> {
    let body = |block: &str| {
        let end = block.find("\n\n").unwrap_or(block.len());
        block[..end].trim_end().to_owned()
    };
    text.split("[[site]]\n")
        .skip(1)
        .map(|block| {
            let branch = block.trim_start_matches("code = \"").split('"').next().unwrap();
            (code(branch), body(block))
        })
        .collect()
}

proptest! {
    #[test]
    fn any_changes_end_as_in_a_list_and_touch_no_other_entry(deeds in deeds()) {
        let mut text = BY_HAND.to_owned();
        let mut model = Network::parse(&text).unwrap().sites;
        for deed in deeds {
            let at = |code: &BranchCode| model.iter().position(|site| site.code == *code);
            let (branch, changed) = match &deed {
                Deed::Add(entry) => (&entry.code, add(&text, entry)),
                Deed::Change(entry) => (&entry.code, change(&text, entry)),
                Deed::Remove(branch) => (branch, remove(&text, branch)),
            };
            match (&deed, at(branch)) {
                (Deed::Add(entry), None) => model.push(entry.clone()),
                (Deed::Change(entry), Some(place)) => model[place] = entry.clone(),
                (Deed::Remove(_), Some(place)) => drop(model.remove(place)),
                (Deed::Add(_), Some(_)) => {
                    prop_assert_eq!(changed, Err(NetworkError::Twice(branch.clone())));
                    continue;
                }
                (Deed::Change(_) | Deed::Remove(_), None) => {
                    prop_assert_eq!(changed, Err(NetworkError::Unknown(branch.clone())));
                    continue;
                }
            }
            let changed = changed.unwrap();
            match Network::parse(&changed) {
                Ok(network) => prop_assert_eq!(&network.sites, &model),
                Err(error) => {
                    prop_assert_eq!(error, NetworkError::Empty);
                    prop_assert!(model.is_empty());
                }
            }
            let others = |text: &str| -> Vec<_> {
                blocks(text).into_iter().filter(|(other, _)| other != branch).collect()
            };
            prop_assert_eq!(others(&text), others(&changed));
            for kept in ["# Mạng thư viện thành phố\n# Người phụ trách: chị Hoa\n", "# cuối tệp\n"] {
                prop_assert!(changed.contains(kept), "{}", changed);
            }
            text = changed;
        }
    }
}
