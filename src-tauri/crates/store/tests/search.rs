//! What searching finds, and in which order.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{open_cache, page, patron, runtime, title};
use lienthu_domain::replicated::Title;
use lienthu_domain::text::{fold_case, fold_vi};
use lienthu_port::cache::Cache;
use lienthu_port::feed::FeedRow;
use lienthu_store::SqliteCache;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

/// Words that differ by tones, by đ, by their endings.
const WORDS: [&str; 16] = [
    "đường",
    "dương",
    "Đường",
    "đương",
    "dưỡng",
    "về",
    "vé",
    "ve",
    "Lan",
    "lần",
    "nguyễn",
    "nguyên",
    "du",
    "an",
    "ăn",
    "1984",
];

async fn filled(titles: &[Title]) -> (TempDir, SqliteCache) {
    let dir = tempfile::tempdir().unwrap();
    let cache = open_cache(&dir);
    let rows = titles.iter().cloned().map(FeedRow::Title).collect();
    cache.take(page(rows, Some(1))).await.unwrap();
    (dir, cache)
}

async fn names(cache: &SqliteCache, text: &str) -> Vec<String> {
    let found = cache.find_titles(text, 0, 100).await.unwrap();
    assert!(!found.more);
    found.titles.into_iter().map(|hit| hit.title.name).collect()
}

async fn check(titles: &[&str], text: &str, expected: &[&str]) {
    let titles: Vec<_> =
        titles.iter().enumerate().map(|(n, name)| title(&format!("k{n}"), name)).collect();
    let (_dir, cache) = filled(&titles).await;
    assert_eq!(names(&cache, text).await, expected, "{text}");
}

#[tokio::test]
async fn plain_letters_find_vietnamese_names() {
    let all = ["Đường về", "Nguyễn Du", "Con đường", "Dương Thu"];
    check(&all, "nguyen", &["Nguyễn Du"]).await;
    check(&all, "DUONG", &["Dương Thu", "Đường về", "Con đường"]).await;
    check(&all, "duong v", &["Đường về"]).await;
    check(&all, "ve duo", &["Đường về"]).await;
    check(&all, "duong khac", &[]).await;
}

#[tokio::test]
async fn a_query_with_tones_ranks_what_is_written_so_before_names_that_begin_like_it() {
    let all = ["Dương Thu", "Con đường", "Đường về", "Đương thời"];
    check(&all, "đường", &["Đường về", "Con đường", "Dương Thu", "Đương thời"]).await;
    check(&all, "dương", &["Dương Thu", "Đương thời", "Đường về", "Con đường"]).await;
}

#[tokio::test]
async fn an_empty_query_lists_all_in_vietnamese_order_page_by_page() {
    let titles: Vec<_> = ["Đa", "Da", "ơ", "ô", "Ăn", "An", "Ân"]
        .iter()
        .enumerate()
        .map(|(n, name)| title(&format!("k{n}"), name))
        .collect();
    let (_dir, cache) = filled(&titles).await;
    let first = cache.find_titles(" ", 0, 4).await.unwrap();
    let rest = cache.find_titles("", 4, 4).await.unwrap();
    assert_eq!((first.more, rest.more), (true, false));
    let all: Vec<_> = first.titles.into_iter().chain(rest.titles).map(|h| h.title.name).collect();
    assert_eq!(all, ["An", "Ăn", "Ân", "Da", "Đa", "ô", "ơ"]);
}

#[tokio::test]
async fn an_isbn_is_found_however_it_is_hyphenated_in_both_its_lengths_and_any_other_key_whole() {
    let titles = [title("978-604-1-00000-4", "A"), title("0306406152", "B"), title("LOCAL-1", "C")];
    let (_dir, cache) = filled(&titles).await;
    for (text, name) in [
        ("9786041000004", "A"),
        ("978 604 1 00000 4", "A"),
        ("97860410", "A"),
        ("604-1-00000-X", "A"),
        ("0-306-40615-2", "B"),
        ("9780306406157", "B"),
        ("LOCAL-1", "C"),
    ] {
        assert_eq!(names(&cache, text).await, [name], "{text}");
    }
    assert_eq!(names(&cache, "9786049").await, [""; 0]);
}

#[tokio::test]
async fn a_letter_that_most_titles_have_is_answered_with_a_bounded_part_and_says_so() {
    let titles: Vec<_> =
        (0..1_500).map(|n| title(&format!("k{n}"), &format!("Sách số {n}"))).collect();
    let (_dir, cache) = filled(&titles).await;
    let found = cache.find_titles("s", 0, 100).await.unwrap();
    assert_eq!((found.titles.len(), found.more), (100, true));
    let (mut skip, mut pages) = (0, 0);
    loop {
        let found = cache.find_titles("s", skip, 100).await.unwrap();
        if found.titles.is_empty() {
            assert!(!found.more, "after the last page there is no more");
            break;
        }
        skip += u32::try_from(found.titles.len()).unwrap();
        pages += 1;
        assert!(pages < 20);
    }
}

#[tokio::test]
async fn patrons_are_found_by_words_of_their_name_and_by_their_code() {
    let dir = tempfile::tempdir().unwrap();
    let cache = open_cache(&dir);
    let rows = [("DG10", "Nguyễn Thị Lan"), ("DG1", "Đặng Lân"), ("AB2", "Dương Lan Anh")];
    let rows = rows.iter().map(|(code, name)| FeedRow::Patron(patron(code, name))).collect();
    cache.take(page(rows, Some(1))).await.unwrap();
    for (text, codes) in [
        ("lan", vec!["AB2", "DG1", "DG10"]),
        ("thi nguyen", vec!["DG10"]),
        ("dg1", vec!["DG1", "DG10"]),
        ("", vec!["AB2", "DG1", "DG10"]),
        ("\"* OR", vec![]),
    ] {
        let found = cache.find_patrons(text, 9).await.unwrap();
        let found: Vec<_> = found.iter().map(|card| card.code.as_str()).collect();
        assert_eq!(found, codes, "{text}");
    }
    assert_eq!(cache.find_patrons("lan", 1).await.unwrap().len(), 1);
}

/// How well a name matches a query, said as plainly as it can be: nothing if it does not.
fn rank(name: &str, query: &str) -> Option<u8> {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let holds = |text: &str, query: &str| {
        words(query).iter().all(|q| words(text).iter().any(|w| w.starts_with(q.as_str())))
    };
    let (folded, typed) = (fold_vi(query), fold_case(query));
    if !holds(&fold_vi(name), &folded) {
        return None;
    }
    let has_tones = typed != folded;
    Some(match () {
        () if has_tones && fold_case(name).starts_with(&typed) => 1,
        () if has_tones && holds(&fold_case(name), &typed) => 2,
        () if fold_vi(name).starts_with(&folded) => 3,
        () => 4,
    })
}

fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(select(&WORDS[..]), 1..4).prop_map(|words| words.join(" "))
}

fn beginning() -> impl Strategy<Value = String> {
    (name(), 1usize..20).prop_map(|(name, chars)| name.chars().take(chars).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn exactly_the_titles_that_match_are_found_better_ones_first(
        names in prop::collection::vec(name(), 1..40),
        queries in prop::collection::vec(beginning(), 1..12),
    ) {
        runtime().block_on(async {
            let titles: Vec<_> =
                names.iter().enumerate().map(|(n, name)| title(&format!("k{n}"), name)).collect();
            let (_dir, cache) = filled(&titles).await;
            for query in queries.iter().filter(|q| !fold_vi(q).is_empty()) {
                let found = cache.find_titles(query, 0, 100).await.unwrap();
                let ranks: Vec<_> = found.titles.iter().map(|h| rank(&h.title.name, query)).collect();
                assert!(ranks.iter().all(Option::is_some), "{query:?}: {:?}", found.titles);
                assert!(ranks.is_sorted(), "{query:?}: {ranks:?}");
                let matching = names.iter().filter(|name| rank(name, query).is_some()).count();
                assert_eq!(found.titles.len(), matching, "{query:?}");

                let mut paged = Vec::new();
                for skip in (0..40).step_by(3) {
                    paged.extend(cache.find_titles(query, skip, 3).await.unwrap().titles);
                }
                assert_eq!(paged, found.titles, "pages of {query:?}");
            }
        });
    }
}

#[test]
fn nothing_that_can_be_typed_is_an_error() {
    let titles = [title("k1", "Số \"đỏ\" (1936) – NEAR/2 AND *")];
    let runtime = runtime();
    let (_dir, cache) = runtime.block_on(filled(&titles));
    let syntax = select(vec![
        "\"", "'", "*", "(", ")", "NEAR", "OR", "AND", "NOT", "\0", "^", ":", "-", "%", "_", "{",
        "words:", "@", "?1", "so", "đỏ", " ",
    ]);
    let typed = prop_oneof![
        any::<String>(),
        prop::collection::vec(syntax, 0..12).prop_map(|parts| parts.concat()),
        "[0-9xX -]{0,40}",
        Just("ngữ ".repeat(2_500)),
    ];
    proptest!(ProptestConfig::with_cases(512), |(text in typed, skip in any::<u32>(), limit in any::<usize>())| {
        runtime.block_on(async {
            cache.find_titles(&text, 0, 10).await.unwrap();
            cache.find_titles(&text, skip, limit).await.unwrap();
            cache.find_patrons(&text, limit).await.unwrap();
        });
    });
    assert_eq!(runtime.block_on(names(&cache, "\"so\" (do")).len(), 1);
}
