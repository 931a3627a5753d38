//! Comparing sites, repairing what differs, filling a site that was away, over embedded sites; and the comparison
//! alone, over rows that dice have thrown.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use common::{BRANCHES, Network, barcode, branch, title};
use lienthu_across::catalogue::change;
use lienthu_across::replicas::Replicas;
use lienthu_across::replicas::activating::{ActivationError, activate};
use lienthu_across::replicas::auditing::{AuditEvent, Audited, audit};
use lienthu_across::replicas::comparing::Comparing;
use lienthu_across::replicas::custody::CustodyFinding;
use lienthu_across::replicas::filling::{FillError, FillTerms, LeftWhy, fill};
use lienthu_across::replicas::joining::{JoinFinding, check};
use lienthu_across::replicas::repairing::{Wanted, repair};
use lienthu_across::sites::Sites;
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::ids::{Barcode, PatronCode, TitleKey};
use lienthu_domain::replica::{Buckets, ReplicaTable, RowDigest, SetDigest, bucket};
use lienthu_domain::replicated::{Branch, BranchStanding, ReplicatedRow};
use lienthu_port::error::SiteError;
use lienthu_port::replica::{
    Asked, Digests, HeldCopy, KEYS_PAGE_MAX, KeyDigest, KnownPatron, Replica,
};
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn manager(network: &Network) -> Arc<Sites> {
    Arc::new(network.sites("manager"))
}

async fn audited(sites: &Arc<Sites>) -> (Audited, Vec<AuditEvent>) {
    let mut events = vec![];
    let audited = audit(sites, |event| {
        if !matches!(event, AuditEvent::Compared(..)) {
            events.push(event);
        }
    })
    .await;
    (audited, events)
}

fn is_committed(ending: &Ending) -> bool {
    matches!(ending, Ending::Decided { outcome: Outcome::Commit, untold } if untold.is_empty())
}

#[tokio::test]
async fn a_network_in_which_nothing_differs_is_compared_in_one_round_a_table() {
    let network = Network::new().await;
    let (audited, events) = audited(&manager(&network)).await;
    assert_eq!(events, []);
    assert_eq!((audited.differing, audited.odd, audited.branches.len()), (0, 0, 3));
    assert_eq!((audited.cost.rounds, audited.cost.keys), (ReplicaTable::ALL.len(), 0));
    assert_eq!(audited.looked.barcodes, 5);
}

#[tokio::test]
async fn rows_that_differ_are_shown_side_by_side_and_repaired_like_one_of_them() {
    let network = Network::new().await;
    let sites = manager(&network);
    network.by_hand("Q3", "UPDATE SACH SET TenSach = 'Dế Choắt'").await;
    network.by_hand("Q5", "INSERT INTO SACH (ISBN, TenSach) VALUES ('LT-9', 'Chỉ ở đây')").await;
    let (audited_before, events) = audited(&sites).await;
    assert_eq!(audited_before.differing, 2);
    let shown: Vec<(String, Vec<Vec<String>>)> = events
        .iter()
        .filter_map(|event| match event {
            AuditEvent::Differs(row) => {
                let branches = row
                    .versions
                    .iter()
                    .map(|at| at.branches.iter().map(ToString::to_string).collect());
                Some((row.resource.stored().1, branches.collect()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[0].0, "978-604-1");
    assert_eq!(
        shown[1],
        ("LT-9".to_owned(), vec![vec!["Q1".into(), "Q3".into()], vec!["Q5".into()]])
    );

    let wanted = |key: &str, like: &str| Wanted {
        resource: Resource::Title(TitleKey::parse(key).unwrap()),
        like: branch(like),
    };
    let all = [wanted("978-604-1", "Q3"), wanted("LT-9", "Q1")];
    let driving = repair(&sites, network.next_txn(), &all, |_, _| {}).await.unwrap().unwrap();
    assert!(is_committed(&driving.ending), "{driving:?}");
    for code in BRANCHES {
        assert_eq!(network.title(code).await, "Dế Choắt");
    }
    assert_eq!(audited(&sites).await.0.differing, 0);
    let again = repair(&sites, network.next_txn(), &all, |_, _| {}).await.unwrap();
    assert!(again.is_none(), "there is nothing to repair");
}

#[tokio::test]
async fn a_barcode_that_is_live_twice_or_leads_nowhere_is_named() {
    let network = Network::new().await;
    network.add_copy("Q3", "C1").await;
    let astray =
        "UPDATE QUYENSACH SET HienTrang = 'forwarded', TrangThai = 'forwarded', ChuyenDen = 'Q5'
                  WHERE MaQuyenSach = 'C2'";
    network.by_hand("Q1", astray).await;
    let (audited, events) = audited(&manager(&network)).await;
    let twice = CustodyFinding::LiveTwice {
        barcode: barcode("C1"),
        branches: vec![branch("Q1"), branch("Q3")],
    };
    let astray = CustodyFinding::Astray {
        barcode: barcode("C2"),
        branch: branch("Q1"),
        to: Some(branch("Q5")),
    };
    assert_eq!(events, [AuditEvent::Custody(twice), AuditEvent::Custody(astray)]);
    assert_eq!(audited.odd, 2);
}

#[tokio::test]
async fn a_site_that_does_not_answer_is_named_and_holds_up_nobody() {
    let network = Network::new().await;
    network.by_hand("Q3", "UPDATE SACH SET TenSach = 'Dế Choắt'").await;
    network.cut("Q5", true);
    let (audited, events) = audited(&manager(&network)).await;
    assert_eq!(audited.unheard.keys().collect::<Vec<_>>(), [&branch("Q5")]);
    assert_eq!(audited.differing, 1);
    assert_eq!(events.len(), 1);
}

/// Sets the last branch away, with its line cut.
async fn set_away(network: &Network, sites: &Sites) -> Branch {
    network.cut("Q5", true);
    let seen = network.branch("Q1", "Q5").await;
    let away = Branch { standing: BranchStanding::Away, ..seen.clone() };
    let changes = vec![CatalogueChange::PutBranch { branch: away.clone(), seen: Some(seen) }];
    let driving = change(sites, network.next_txn(), changes, |_, _| {}).await.unwrap();
    assert!(is_committed(&driving.ending), "{driving:?}");
    away
}

async fn add_titles(network: &Network, sites: &Sites, count: usize) {
    let all: Vec<CatalogueChange> = (0..count)
        .map(|n| CatalogueChange::PutTitle {
            title: title(&format!("N-{n:05}"), "Mới"),
            seen: None,
        })
        .collect();
    for some in all.chunks(500) {
        let driving = change(sites, network.next_txn(), some.to_vec(), |_, _| {}).await.unwrap();
        assert!(is_committed(&driving.ending), "{driving:?}");
    }
}

#[tokio::test]
async fn a_branch_that_was_away_is_filled_on_where_it_was_broken_off_and_only_then_active() {
    let (network, q5) = (Network::new().await, branch("Q5"));
    let sites = manager(&network);
    let away = set_away(&network, &sites).await;
    add_titles(&network, &sites, 1_200).await;
    network.cut("Q5", false);
    let left_out = audited(&sites).await.0.left_out;
    assert_eq!(left_out, [branch("Q5")]);

    let early = activate(&sites, network.next_txn(), &q5, |_| {}, |_, _| {}).await;
    assert!(matches!(early, Err(ActivationError::Differs(_))), "{early:?}");
    let terms = FillTerms::default();
    let mut written = 0;
    let broken_off = fill(&sites, &q5, None, terms, |filled| {
        written = filled.written;
        if filled.written >= 500 {
            network.cut("Q5", true);
        }
    });
    assert!(matches!(broken_off.await, Err(FillError::Site { .. })));
    network.cut("Q5", false);
    let filled = fill(&sites, &q5, None, terms, |_| {}).await.unwrap();
    assert_eq!(filled.left, []);
    // The titles, and the branch's own row.
    assert_eq!(written + filled.written, 1_201);
    assert_eq!(network.membership("Q5").await, network.membership("Q1").await);
    assert_eq!(network.branch("Q5", "Q5").await, away);

    let done = activate(&sites, network.next_txn(), &q5, |_| {}, |_, _| {}).await.unwrap();
    assert!(is_committed(&done.ending), "{done:?}");
    for code in BRANCHES {
        assert_eq!(network.branch(code, "Q5").await.standing, BranchStanding::Active);
    }
    let (after, events) = audited(&sites).await;
    assert_eq!((after.differing, after.branches.len()), (0, 3), "{events:?}");
    add_titles(&network, &sites, 0).await;
    let refused = fill(&sites, &q5, None, terms, |_| {}).await;
    assert!(
        matches!(refused, Err(FillError::Site { .. })),
        "who takes part is not filled: {refused:?}"
    );
}

#[tokio::test]
async fn rows_that_only_the_site_has_are_left_and_named_unless_they_are_to_go() {
    let (network, q5) = (Network::new().await, branch("Q5"));
    let sites = manager(&network);
    set_away(&network, &sites).await;
    network.cut("Q5", false);
    network.by_hand("Q5", "INSERT INTO SACH (ISBN, TenSach) VALUES ('LT-9', 'Chỉ ở đây')").await;
    let filled = fill(&sites, &q5, None, FillTerms::default(), |_| {}).await.unwrap();
    let left: Vec<_> =
        filled.left.iter().map(|left| (left.resource.stored().1, left.why)).collect();
    assert_eq!(left, [("LT-9".to_owned(), LeftWhy::OnlyHere)]);
    let terms = FillTerms { drop_extra: true, ..FillTerms::default() };
    let filled = fill(&sites, &q5, None, terms, |_| {}).await.unwrap();
    assert_eq!((filled.written, filled.left_count), (1, 0));
}

#[tokio::test]
async fn databases_that_were_never_one_network_are_checked_by_name() {
    let network = Network::new().await;
    network.add_copy("Q5", "C3").await;
    network.by_hand("Q3", "UPDATE SACH SET TenSach = 'Dế Choắt'").await;
    network.by_hand("Q5", "INSERT INTO SACH (ISBN, TenSach) VALUES ('LT-9', 'Chỉ ở đây')").await;
    for (code, name) in [("Q1", "An"), ("Q3", "Bình")] {
        let patron = format!(
            "INSERT INTO DOCGIA (MaDG, HoTen, MaCN_DangKy, LoaiDocGia)
             VALUES ('D1', '{name}', '{code}', 'READER')"
        );
        network.by_hand(code, &patron).await;
    }
    let sites = manager(&network);
    let replicas = Replicas::at(&sites, BRANCHES.map(branch));
    let mut findings = vec![];
    let checked = check(replicas, |finding| findings.push(finding)).await;
    let custody = |finding| JoinFinding::Custody { finding };
    let (q1, q3, q5) = (branch("Q1"), branch("Q3"), branch("Q5"));
    let barcodes = CustodyFinding::LiveTwice {
        barcode: barcode("C3"),
        branches: vec![q1.clone(), q5.clone()],
    };
    let codes = CustodyFinding::PatronCodeTwice {
        code: PatronCode::parse("D1").unwrap(),
        branches: vec![q1.clone(), q3.clone()],
    };
    let JoinFinding::RowsDiffer { key, groups, .. } = &findings[0] else { panic!("{findings:?}") };
    let groups: BTreeSet<_> = groups.iter().cloned().collect();
    assert_eq!(key, "978-604-1");
    assert_eq!(groups, BTreeSet::from([vec![q1, q5], vec![q3]]));
    assert_eq!(findings[1..], [custody(barcodes), custody(codes)]);
    assert_eq!(checked.findings, 3);
    assert_eq!(checked.not_everywhere[&ReplicaTable::Title], 1);
}

/// Titles in memory, as a site shows them.
struct Shelf(BTreeMap<String, RowDigest>);

#[async_trait]
impl Replica for Shelf {
    async fn digests(
        &self,
        _: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        let mut buckets = BTreeMap::<u32, SetDigest>::new();
        for (key, digest) in self.0.iter().filter(|(key, _)| within.hold(key)) {
            *buckets.entry(bucket(key, depth)).or_default() += (*digest).into();
        }
        Ok(Digests { changed: 0, buckets: buckets.into_iter().collect() })
    }

    async fn keys(
        &self,
        _: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        let rows = self.0.iter().filter(|(key, _)| within.hold(key));
        let rows = rows.filter(|(key, _)| behind.is_none_or(|behind| key.as_str() > behind));
        let row =
            |(key, digest): (&String, &RowDigest)| KeyDigest { key: key.clone(), digest: *digest };
        Ok(rows.map(row).take(KEYS_PAGE_MAX).collect())
    }

    async fn held_copies(&self, _: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        Ok(vec![])
    }

    async fn known_patrons(&self, _: &Asked<PatronCode>) -> Result<Vec<KnownPatron>, SiteError> {
        Ok(vec![])
    }
}

#[tokio::test]
async fn exactly_what_differs_is_found_however_much_it_is() {
    let seed: u64 = rand::random();
    println!("seed={seed}");
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    for edits in [0, 1, 3, 40, 400, 9_000] {
        let row = |key: &str, name: &str| RowDigest::of(&ReplicatedRow::Title(title(key, name)));
        let keys: Vec<String> = (0..7_000).map(|n| format!("K-{n}")).collect();
        let all: BTreeMap<String, RowDigest> =
            keys.iter().map(|key| (key.clone(), row(key, "a"))).collect();
        let mut shelves = [all.clone(), all.clone(), all];
        for edit in 0..edits {
            let shelf = &mut shelves[dice.random_range(0..3)];
            let key = keys.choose(&mut dice).unwrap();
            match dice.random_range(0..3) {
                0 => drop(shelf.remove(key)),
                1 => drop(shelf.insert(key.clone(), row(key, "b"))),
                _ => {
                    let new = format!("NEW-{edit}");
                    shelf.insert(new.clone(), row(&new, "c"));
                }
            }
        }
        let every: BTreeSet<&String> = shelves.iter().flat_map(BTreeMap::keys).collect();
        let differs =
            |key: &&&String| shelves.iter().any(|shelf| shelf.get(**key) != shelves[0].get(**key));
        let expected: Vec<String> =
            every.iter().filter(differs).map(|key| (*key).clone()).collect();
        let sites = BRANCHES.iter().zip(shelves.clone());
        let sites =
            sites.map(|(code, rows)| (branch(code), Arc::new(Shelf(rows)) as Arc<dyn Replica>));
        let mut replicas = Replicas::of(sites.collect());
        let mut comparing = Comparing::begin(&mut replicas, ReplicaTable::Title).await;
        let mut found = vec![];
        while let Some(difference) = comparing.next(&mut replicas).await {
            found.push(difference.key);
        }
        assert_eq!(found, expected, "{edits} edits (seed {seed})");
        let compared = comparing.end();
        if edits <= 3 {
            assert!(compared.cost.keys < 900, "{edits} edits: {:?}", compared.cost);
        }
    }
}
