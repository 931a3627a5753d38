//! The demo network in a folder: made once, added to, made anew after an interruption.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthu_api::network::{Network, SiteKind};
use lienthu_api::system::wall_clock;
use lienthu_demo::{DemoError, DemoOptions, MANAGER, NETWORK_FILE, PASSWORD, prepare};
use lienthu_domain::ids::TitleKey;
use lienthu_embedded::{EmbeddedConnector, Line};
use lienthu_marc::write::RecordBuilder;
use lienthu_port::feed::{FeedRow, PullFrom, Pulled};
use lienthu_port::site::{Credentials, Site, SiteConnector};

const BRANCHES: usize = 3;

fn options() -> DemoOptions {
    DemoOptions { progress: |_| {}, ..DemoOptions::default() }
}

fn with_catalogue(file: &Path) -> DemoOptions {
    DemoOptions { catalogue: Some(file.to_owned()), ..options() }
}

/// The first site of a network, signed in to by the manager.
async fn first_site(network: &Path) -> Arc<dyn Site> {
    let network = Network::read(network).unwrap();
    assert_eq!(network.sites.len(), BRANCHES);
    let SiteKind::Embedded { path } = &network.sites[0].kind else { panic!("not embedded") };
    let code = network.sites[0].code.clone();
    EmbeddedConnector::new(path.clone(), code, Arc::new(wall_clock), Line::to(path))
        .connect(&Credentials { login: MANAGER.parse().unwrap(), password: PASSWORD.into() })
        .await
        .unwrap()
}

/// What the first site tells a desk that follows it.
async fn rows(network: &Path) -> Vec<FeedRow> {
    let site = first_site(network).await;
    let mut rows = Vec::new();
    let mut from = PullFrom::default();
    loop {
        let Pulled::Page(page) = site.pull(&from).await.unwrap() else { panic!("refill") };
        rows.extend(page.rows);
        match page.next {
            Some(next) => from.position = Some(next),
            None => return rows,
        }
    }
}

fn count(rows: &[FeedRow], which: fn(&FeedRow) -> bool) -> usize {
    rows.iter().filter(|row| which(row)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_made_once_and_a_half_made_one_anew() {
    let folder = tempfile::tempdir().unwrap();
    let made = prepare(folder.path(), &options()).await.unwrap();
    assert!(made.made);
    let first = rows(&made.file).await;
    let titles = count(&first, |row| matches!(row, FeedRow::Title(_)));
    let patrons = count(&first, |row| matches!(row, FeedRow::Patron(_)));
    let copies = count(&first, |row| matches!(row, FeedRow::Copy(_)));
    assert_eq!((titles, patrons), (980, 320));
    assert!((700..1_500).contains(&copies), "{copies} copies");
    assert!(first.iter().any(|row| matches!(row, FeedRow::Patron(card) if card.block.is_some())));
    let site = first_site(&made.file).await;
    let items = site.review_items().await.unwrap();
    assert!(items.len() <= 3, "{items:?}");

    let found = prepare(folder.path(), &options()).await.unwrap();
    assert!(!found.made);

    // The network file is written last: without it the rest is what an interrupted run left.
    fs::remove_file(folder.path().join(NETWORK_FILE)).unwrap();
    fs::write(folder.path().join("cache.db"), b"a desk's own file").unwrap();
    let again = prepare(folder.path(), &options()).await.unwrap();
    assert!(again.made);
    assert_eq!(rows(&again.file).await.len(), first.len());
    assert!(folder.path().join("cache.db").exists());

    adds_a_catalogue(folder.path()).await;
}

/// On a network that is there: making one takes seconds.
async fn adds_a_catalogue(folder: &Path) {
    let file = catalogue(folder);
    let added = prepare(folder, &with_catalogue(&file)).await.unwrap();
    assert!(!added.made);
    let report = added.catalogue.unwrap();
    assert_eq!((report.records, report.titles, report.merged), (6, 3, 1));
    assert!(report.copies_added >= 3);
    let [damaged] = report.damaged.as_slice() else { panic!("{report:?}") };
    assert_eq!((damaged.ordinal, damaged.reason.is_empty()), (3, false));
    let bytes = fs::read(&file).unwrap();
    let at = usize::try_from(damaged.byte_offset).unwrap();
    assert_eq!(&bytes[at..at + 5], b"00XYZ");
    let [untitled] = report.untitled.as_slice() else { panic!("{report:?}") };
    assert_eq!(untitled.ordinal, 5);

    let there = rows(&added.file).await;
    let title = |key: &str| {
        let key = TitleKey::parse(key).unwrap();
        there.iter().find_map(|row| match row {
            FeedRow::Title(title) if title.key == key => Some(title.name.clone()),
            _ => None,
        })
    };
    assert_eq!(title("978-604-2-12345-0").as_deref(), Some("Dế mèn phiêu lưu ký"));

    let again = prepare(folder, &with_catalogue(&file)).await.unwrap().catalogue.unwrap();
    assert_eq!((again.titles, again.copies_added), (3, 0));
    assert_eq!(rows(&added.file).await.len(), there.len());
}

/// Six records: an ISBN, none but a number, a damaged one, the ISBN again, one without a title, and
/// one with neither ISBN nor number.
fn catalogue(folder: &Path) -> PathBuf {
    let with_isbn = RecordBuilder::new()
        .control("001", "a1")
        .data("020", [' ', ' '], &[('a', "978-604-2-12345-0 (bìa mềm)")])
        .data("245", ['1', '0'], &[('a', "Dế mèn phiêu lưu ký /"), ('c', "Tô Hoài.")]);
    let with_number =
        RecordBuilder::new().control("001", "a2").data("245", ['0', '0'], &[('a', "Tuyển tập")]);
    let untitled = RecordBuilder::new().control("001", "a3").data("500", [' ', ' '], &[('a', "?")]);
    let bare = RecordBuilder::new().data("245", ['0', '0'], &[('a', "Không số")]);
    let mut bytes = with_isbn.to_iso2709().unwrap();
    bytes.extend(with_number.to_iso2709().unwrap());
    let mut damaged = with_number.to_iso2709().unwrap();
    damaged[2..5].copy_from_slice(b"XYZ");
    bytes.extend(damaged);
    bytes.extend(with_isbn.to_iso2709().unwrap());
    bytes.extend(untitled.to_iso2709().unwrap());
    bytes.extend(bare.to_iso2709().unwrap());
    let file = folder.join("catalogue.mrc");
    fs::write(&file, bytes).unwrap();
    file
}

#[tokio::test]
async fn a_file_that_is_no_catalogue_is_said_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("titles.csv");
    fs::write(&file, "title,author\nx,y\n").unwrap();
    let error = prepare(folder.path(), &with_catalogue(&file)).await.unwrap_err();
    assert!(matches!(error, DemoError::Catalogue { .. }), "{error}");
    assert!(error.to_string().contains("titles.csv"), "{error}");
    assert!(!folder.path().join(NETWORK_FILE).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn its_sites_are_one_network_with_agents_that_every_desk_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let network = prepare(folder.path(), &options()).await.unwrap();
    let site = first_site(&network.file).await;
    let facts = site.network().await.unwrap();
    assert_eq!((facts.peers.len(), facts.membership.0), (BRANCHES - 1, 1));
    let agents = site.agents().await.unwrap();
    assert_eq!(agents.len(), BRANCHES);
    for (entry, agent) in Network::read(&network.file).unwrap().sites.iter().zip(agents) {
        let SiteKind::Embedded { path } = &entry.kind else { panic!("not embedded") };
        let line = Line::to(path);
        let way =
            EmbeddedConnector::new(path.clone(), agent.branch.clone(), Arc::new(wall_clock), line);
        let session = way.connect(&agent.credentials()).await.unwrap();
        assert_eq!(session.network().await.unwrap().me.branch, entry.code);
    }
}
