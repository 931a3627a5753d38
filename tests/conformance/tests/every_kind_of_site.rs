//! Every kind of site, held to the one suite.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use lienthu_conformance::{Fixture, Verdict, embedded, run_some, sqlserver};

/// A test for each kind: one line.
macro_rules! keeps_every_promise {
    ($($kind:ident: $fixture:expr;)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $kind() {
            match $fixture {
                Some(fixture) => check(Arc::new(fixture)).await,
                None => skipped(stringify!($kind)),
            }
        }
    )* };
}

keeps_every_promise! {
    the_embedded_site_keeps_every_promise: Some(embedded::Embedded);
    the_sql_server_site_keeps_every_promise:
        sqlserver::Server::from_environment().map(sqlserver::SqlServer::on);
}

/// Says so where everyone sees it: a test's own words are hidden when it passes.
fn skipped(kind: &str) {
    use std::io::Write as _;
    let mut terminal = std::io::stderr().lock();
    let words = format!("SKIPPED {kind}: LIENTHU_TEST_SITES names no T-SQL server to test on\n");
    terminal.write_all(words.as_bytes()).unwrap();
}

/// Throws other dice in every run; a failure says which.
fn seed() -> u64 {
    let given = std::env::var("LIENTHU_SEED").ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| u64::from(rand::random::<u32>()))
}

async fn check(fixture: Arc<dyn Fixture>) {
    let seed = seed();
    println!("kind={} seed={seed} (LIENTHU_SEED={seed} repeats it)", fixture.kind());
    // Some words of a promise choose it, for whoever mends one.
    let words = std::env::var("LIENTHU_CASES").unwrap_or_default();
    let results = run_some(fixture, seed, &words).await;
    let mut broken = 0;
    for result in &results {
        match &result.verdict {
            Verdict::Kept => println!("kept     {}", result.name),
            Verdict::Skipped(why) => println!("skipped  {}: {why}", result.name),
            Verdict::Broken(found) => {
                broken += 1;
                println!("BROKEN   {}: {found}", result.name);
            }
        }
    }
    println!("{} promises", results.len());
    assert_eq!(
        broken,
        0,
        "of {} promises so many are broken; they are listed above",
        results.len()
    );
}
