//! The cache against a map of what the site sent, and as its file goes wrong.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::collections::BTreeMap;
use std::fs;

use common::{Site, copy, key, mark, open_cache, page, patron, runtime, title};
use lienthu_domain::ids::{Barcode, PatronCode, TitleKey};
use lienthu_domain::times::UtcMs;
use lienthu_port::agent::AgentLogin;
use lienthu_port::cache::Cache;
use lienthu_port::error::StoreError;
use lienthu_port::feed::{FeedRow, RefillReason, RowKind};
use lienthu_store::{CACHE_FILE, KEY_FILE, KeyPolicy, KeySource, SqliteCache, Store};
use proptest::prelude::*;
use uuid::Uuid;

/// One thing that happens between a site and a cache.
#[derive(Debug, Clone)]
enum Step {
    /// The site changes rows: kind, key, and a value, or nothing for its removal.
    Change(Vec<(u8, u8, Option<u8>)>),
    /// The cache pulls pages of so many rows, at most so many of them, each taken so many times.
    Pull { rows: usize, pages: usize, times: usize },
    /// The site asks for a refill.
    Refill,
    /// The desk starts again.
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = (0u8..4, 0u8..12, prop::option::weighted(0.8, any::<u8>()));
    let step = prop_oneof![
        4 => prop::collection::vec(change, 1..12).prop_map(Step::Change),
        6 => (1usize..6, 1usize..8, 1usize..3)
            .prop_map(|(rows, pages, times)| Step::Pull { rows, pages, times }),
        1 => Just(Step::Refill),
        2 => Just(Step::Reopen),
    ];
    prop::collection::vec(step, 1..40)
}

/// What is to be shown: all rows by kind and key.
type Rows = BTreeMap<(RowKind, String), FeedRow>;

async fn play(steps: Vec<Step>) {
    let dir = tempfile::tempdir().unwrap();
    let mut cache = open_cache(&dir);
    let mut site = Site::default();
    let mut shown: Option<(i64, Rows)> = None;
    for step in steps {
        match step {
            Step::Change(changes) => site.change(&changes),
            Step::Pull { rows, pages, times } => {
                for _ in 0..pages {
                    let from = cache.pull_from().await.unwrap();
                    let (page, state) = site.page(&from, rows);
                    for _ in 0..times {
                        // Taken twice, the last page of a pull is a difference to itself.
                        let complete = cache.take(page.clone()).await.unwrap();
                        assert_eq!(complete, page.complete.is_some());
                    }
                    if page.complete.is_some() {
                        shown = Some((site.number, state));
                        break;
                    }
                    agrees(&cache, shown.as_ref()).await;
                }
            }
            Step::Refill => cache.refill(RefillReason::BelowFloor).await.unwrap(),
            Step::Reopen => {
                drop(cache);
                cache = open_cache(&dir);
            }
        }
        agrees(&cache, shown.as_ref()).await;
    }
}

async fn agrees(cache: &SqliteCache, shown: Option<&(i64, Rows)>) {
    let empty = Rows::new();
    let rows = shown.map_or(&empty, |(_, rows)| rows);
    assert_eq!(cache.watermark().await.unwrap(), shown.map(|(number, _)| mark(*number)));

    let found = cache.find_titles("", 0, 100).await.unwrap();
    let mut titles: Vec<_> = found.titles.iter().map(|hit| hit.title.clone()).collect();
    titles.sort_by(|a, b| a.key.cmp(&b.key));
    let expected: Vec<_> = rows
        .values()
        .filter_map(|row| match row {
            FeedRow::Title(title) => Some(title.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(titles, expected);
    for hit in found.titles {
        let copies = || {
            rows.values().filter_map(|row| match row {
                FeedRow::Copy(copy) if copy.title == hit.title.key => Some(copy),
                _ => None,
            })
        };
        let free = copies().filter(|c| c.state == lienthu_domain::copy::CopyState::Free).count();
        assert_eq!((hit.copies as usize, hit.free as usize), (copies().count(), free));
        // What is found by its words is what is listed.
        let word = hit.title.name.split(' ').next_back().unwrap();
        let by_word = cache.find_titles(word, 0, 100).await.unwrap();
        assert!(by_word.titles.iter().any(|h| h.title == hit.title), "{word}");
    }

    let knowledge = cache.knowledge().await.unwrap();
    let count = |kind| u32::try_from(rows.keys().filter(|(k, _)| *k == kind).count()).unwrap();
    assert_eq!(knowledge.titles, count(RowKind::Title));
    assert_eq!(knowledge.copies, count(RowKind::Copy));
    assert_eq!(knowledge.patrons, count(RowKind::Patron));
    assert_eq!(knowledge.as_of, shown.map(|(number, _)| UtcMs::from_ms(*number)));

    for n in 0..12 {
        let barcode: Barcode = format!("B{n}").parse().unwrap();
        let known = cache.copy(&barcode).await.unwrap();
        let expected = match rows.get(&(RowKind::Copy, barcode.to_string())) {
            Some(FeedRow::Copy(copy)) => Some(copy.clone()),
            _ => None,
        };
        assert_eq!(known.as_ref().map(|k| k.copy.clone()), expected);
        let loan = rows.values().find_map(|row| match row {
            FeedRow::OpenLoan(loan) if loan.copy == barcode => Some(loan.clone()),
            _ => None,
        });
        if let Some(known) = known {
            assert_eq!(known.open_loan, loan);
        }
        let code: PatronCode = format!("DG{n}").parse().unwrap();
        let known = cache.patron(&code).await.unwrap();
        let mut loans: Vec<_> = rows
            .values()
            .filter_map(|row| match row {
                FeedRow::OpenLoan(loan) if loan.patron == code => Some(loan.clone()),
                _ => None,
            })
            .collect();
        loans.sort_by_key(|loan| (loan.due, loan.borrow.to_string()));
        match rows.get(&(RowKind::Patron, code.to_string())) {
            Some(FeedRow::Patron(card)) => {
                let known = known.unwrap();
                assert_eq!((known.card, known.open_loans), (card.clone(), loans));
            }
            _ => assert_eq!(known, None),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_cache_shows_the_last_state_that_it_has_whole_whatever_breaks_off_and_comes_twice(
        steps in steps(),
    ) {
        runtime().block_on(play(steps));
    }
}

#[tokio::test]
async fn what_is_shown_stays_while_a_refill_is_under_way_also_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let cache = open_cache(&dir);
    cache.take(page(vec![FeedRow::Title(title("k1", "Số đỏ"))], Some(1))).await.unwrap();
    cache.refill(RefillReason::Restored).await.unwrap();
    let from = cache.pull_from().await.unwrap();
    assert_eq!((from.watermark, from.position), (None, None));
    cache.take(page(vec![FeedRow::Title(title("k2", "Chí Phèo"))], None)).await.unwrap();
    drop(cache);

    let cache = open_cache(&dir);
    assert_eq!(cache.knowledge().await.unwrap().filling_rows, Some(1));
    assert_eq!(cache.watermark().await.unwrap(), Some(mark(1)));
    assert_eq!(cache.find_titles("so do", 0, 9).await.unwrap().titles.len(), 1);
    let from = cache.pull_from().await.unwrap();
    assert_eq!(from.watermark, None);
    assert!(from.position.is_some());
    assert!(cache.take(page(vec![FeedRow::Title(title("k3", "Tắt đèn"))], Some(2))).await.unwrap());
    let all = cache.find_titles("", 0, 9).await.unwrap().titles;
    let names: Vec<_> = all.iter().map(|hit| hit.title.name.as_str()).collect();
    assert_eq!(names, ["Chí Phèo", "Tắt đèn"]);
    assert_eq!(cache.knowledge().await.unwrap().filling_rows, None);
}

#[tokio::test]
async fn of_two_programs_that_pull_the_one_that_asked_last_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (open_cache(&dir), open_cache(&dir));
    one.pull_from().await.unwrap();
    one.take(page(vec![FeedRow::Title(title("k1", "Số đỏ"))], None)).await.unwrap();
    assert!(other.pull_from().await.unwrap().position.is_some());
    let refused = one.take(page(vec![], Some(1))).await;
    assert_eq!(refused, Err(StoreError::Locked { file: CACHE_FILE.into() }));
    assert!(other.take(page(vec![], Some(1))).await.unwrap());
    assert_eq!(one.find_titles("", 0, 9).await.unwrap().titles.len(), 1);
}

#[tokio::test]
async fn a_cache_that_cannot_be_read_is_moved_aside_and_begins_anew() {
    let whole = {
        let dir = tempfile::tempdir().unwrap();
        let cache = open_cache(&dir);
        let titles =
            (0..200).map(|n| FeedRow::Title(title(&format!("k{n}"), "Dế mèn phiêu lưu ký")));
        cache.take(page(titles.collect(), Some(1))).await.unwrap();
        drop(cache);
        fs::read(SqliteCache::path(dir.path())).unwrap()
    };
    let damaged = StoreError::Damaged { file: CACHE_FILE.into() };
    let wrong_key = StoreError::WrongKey { file: CACHE_FILE.into() };
    for (bytes, why) in [
        (vec![0x5a; 8_192], &wrong_key),
        (whole[..4_096].to_vec(), &damaged),
        (whole[..whole.len() - 100].to_vec(), &damaged),
    ] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(SqliteCache::path(dir.path()), &bytes).unwrap();
        let (mut cache, mut anew) = SqliteCache::open_or_start_anew(dir.path(), &key(1)).unwrap();
        if anew.is_none() {
            // Opening did not meet the damage. Using the cache does, and notes it for the next start.
            let used = cache.find_titles("de men", 0, 100).await;
            let used = used.and(cache.take(page(vec![], Some(2))).await);
            if let Err(error) = used {
                assert_eq!(error, damaged);
                drop(cache);
                (cache, anew) = SqliteCache::open_or_start_anew(dir.path(), &key(1)).unwrap();
            }
        }
        let anew = anew.unwrap();
        assert_eq!(anew.why, *why);
        assert_eq!(fs::read(&anew.moved_to).unwrap().len(), bytes.len());
        assert_eq!(cache.watermark().await.unwrap(), None);
        cache.take(page(vec![FeedRow::Title(title("k", "Số đỏ"))], Some(1))).await.unwrap();
        drop(cache);
        let (cache, anew) = SqliteCache::open_or_start_anew(dir.path(), &key(1)).unwrap();
        assert_eq!(anew, None);
        assert_eq!(cache.knowledge().await.unwrap().titles, 1);
    }
}

#[test]
fn a_store_opens_both_files_with_one_key_and_throws_only_the_cache_away() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("new/folder");
    let store = Store::open(&folder, KeyPolicy::KeyFile).unwrap();
    assert_eq!(store.key_source, KeySource::KeyFile);
    assert_eq!(store.cache_started_anew, None);
    drop(store);

    let garbage = vec![0x5a; 8_192];
    fs::write(folder.join(CACHE_FILE), &garbage).unwrap();
    let store = Store::open(&folder, KeyPolicy::KeyFile).unwrap();
    assert!(store.cache_started_anew.is_some());
    drop(store);

    let outbox = folder.join(lienthu_store::OUTBOX_FILE);
    fs::write(&outbox, &garbage).unwrap();
    let refused = Store::open(&folder, KeyPolicy::KeyFile).err();
    // The key opens the cache, so it is the outbox that is damaged.
    assert_eq!(refused, Some(StoreError::Damaged { file: "outbox.db".into() }));
    assert_eq!(fs::read(&outbox).unwrap(), garbage);

    fs::remove_file(folder.join(KEY_FILE)).unwrap();
    let refused = Store::open(&folder, KeyPolicy::KeyFile).err();
    assert!(matches!(refused, Some(StoreError::NoKey { .. })), "{refused:?}");
}

#[tokio::test]
async fn rules_sign_ins_and_the_site_are_remembered() {
    use lienthu_port::cache::{SealedSignIn, SiteFacts};
    use lienthu_port::handshake::WhoAmI;
    let dir = tempfile::tempdir().unwrap();
    let cache = open_cache(&dir);
    let facts = SiteFacts {
        zone: lienthu_domain::times::ZoneOffset::VIET_NAM,
        incarnation: lienthu_domain::ids::Incarnation::new(Uuid::from_u128(1)),
    };
    let sealed = SealedSignIn {
        who: WhoAmI { login: "lan".parse().unwrap(), name: "Lan".into(), roles: vec![] },
        verifier: "$argon2id$".into(),
        online_at: UtcMs::from_ms(1),
        failures: 0,
        failed_at: None,
    };
    assert_eq!(cache.site_facts().await.unwrap(), None);
    cache.remember_site(facts).await.unwrap();
    cache.seal_sign_in(&sealed).await.unwrap();
    let agents = ["Q1", "Q3"].map(|branch| AgentLogin {
        branch: branch.parse().unwrap(),
        login: "agent".parse().unwrap(),
        secret: format!("secret of {branch}").into(),
    });
    assert_eq!(cache.agents().await.unwrap(), []);
    cache.remember_agents(&agents).await.unwrap();
    cache.take(page(common::rules(), Some(1))).await.unwrap();
    cache.refill(RefillReason::Restored).await.unwrap();
    drop(cache);

    let cache = open_cache(&dir);
    assert_eq!(cache.site_facts().await.unwrap(), Some(facts));
    assert_eq!(cache.agents().await.unwrap(), agents);
    cache.remember_agents(&agents[1..]).await.unwrap();
    assert_eq!(cache.agents().await.unwrap(), agents[1..]);
    assert!(cache.sealed_sign_in(&sealed.who.login).await.unwrap() == Some(sealed.clone()));
    cache.forget_sign_in(&sealed.who.login).await.unwrap();
    assert!(cache.sealed_sign_in(&sealed.who.login).await.unwrap().is_none());
    let around = async |date: &str| cache.around(None, None, date.parse().unwrap()).await.unwrap();
    assert_eq!(around("2026-09-02").await.policies.len(), 2);
    assert_eq!(around("2026-09-02").await.closed_days.len(), 2);
    assert_eq!(around("2026-09-03").await.closed_days.len(), 1);
}

#[tokio::test]
async fn a_removed_title_leaves_the_search() {
    let dir = tempfile::tempdir().unwrap();
    let cache = open_cache(&dir);
    let key: TitleKey = "k1".parse().unwrap();
    let rows = vec![
        FeedRow::Title(title("k1", "Đất rừng phương Nam")),
        FeedRow::Copy(copy("B1", "k1", true)),
        FeedRow::Patron(patron("DG1", "Nguyễn Thị Lan")),
    ];
    cache.take(page(rows, Some(1))).await.unwrap();
    assert_eq!(cache.title(&key).await.unwrap().unwrap().free, 1);
    let renamed = FeedRow::Title(title("k1", "Tắt đèn"));
    cache.take(page(vec![renamed], Some(2))).await.unwrap();
    assert_eq!(cache.find_titles("dat rung", 0, 9).await.unwrap().titles, []);
    assert_eq!(cache.find_titles("tắt", 0, 9).await.unwrap().titles.len(), 1);
    let gone = FeedRow::Removed { kind: RowKind::Title, key: "k1".into() };
    cache.take(page(vec![gone], Some(3))).await.unwrap();
    assert_eq!(cache.find_titles("tat", 0, 9).await.unwrap().titles, []);
    assert_eq!(cache.title(&key).await.unwrap(), None);
}
