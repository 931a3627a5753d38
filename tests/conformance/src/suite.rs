//! The cases, and running them.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use futures::stream;

use crate::fixture::{CannotHere, Fixture};

/// What a case is run with.
#[derive(Clone)]
pub struct Bench {
    /// The kind of site.
    pub fixture: Arc<dyn Fixture>,
    /// For the cases that throw dice.
    pub seed: u64,
}

type Running = Pin<Box<dyn Future<Output = Result<(), CannotHere>> + Send>>;

/// One promise.
pub struct Case {
    /// The promise, as a sentence.
    pub name: String,
    run: Box<dyn Fn(Bench) -> Running + Send + Sync>,
}

impl Case {
    pub(crate) fn new<F>(
        name: impl Into<String>,
        run: impl Fn(Bench) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), CannotHere>> + Send + 'static,
    {
        Self { name: name.into(), run: Box::new(move |bench| Box::pin(run(bench))) }
    }

    /// Holds a kind of site to it.
    pub async fn run(&self, bench: Bench) -> CaseResult {
        let seed = bench.seed;
        // A task of its own, so that a broken promise does not end the suite.
        let verdict = match tokio::spawn((self.run)(bench)).await {
            Ok(Ok(())) => Verdict::Kept,
            Ok(Err(CannotHere(why))) => Verdict::Skipped(why),
            Err(failed) => Verdict::Broken(format!("{} (seed {seed})", words(failed))),
        };
        CaseResult { name: self.name.clone(), verdict }
    }
}

fn words(failed: tokio::task::JoinError) -> String {
    let Ok(panic) = failed.try_into_panic() else { return "the case was stopped".to_owned() };
    match panic.downcast::<String>() {
        Ok(words) => *words,
        Err(panic) => panic.downcast_ref::<&str>().unwrap_or(&"no words").to_string(),
    }
}

/// How a kind of site did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The promise was kept.
    Kept,
    /// It was broken; what was found.
    Broken(String),
    /// The kind cannot be asked; why.
    Skipped(&'static str),
}

/// The result of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The promise.
    pub name: String,
    /// How it went.
    pub verdict: Verdict,
}

/// Every promise. The names differ.
#[must_use]
pub fn cases() -> Vec<Case> {
    crate::cases::all()
}

/// Cases that run at once: each has a site of its own, and most of their time goes to waiting for disks.
const CASES_AT_ONCE: usize = 4;

/// Holds a kind of site to every promise; the results come in the order of the cases.
pub async fn run_all(fixture: Arc<dyn Fixture>, seed: u64) -> Vec<CaseResult> {
    run_some(fixture, seed, "").await
}

/// Holds a kind of site to the promises in whose sentence these words stand, or one of several that a `|`
/// parts. How each went is said on
/// stderr at once: on a slow server one wants to know.
pub async fn run_some(fixture: Arc<dyn Fixture>, seed: u64, words: &str) -> Vec<CaseResult> {
    let chosen: Vec<Case> = cases()
        .into_iter()
        .filter(|case| words.split('|').any(|words| case.name.contains(words)))
        .collect();
    stream::iter(&chosen)
        .map(|case| async {
            let begun = Instant::now();
            let result = case.run(Bench { fixture: Arc::clone(&fixture), seed }).await;
            let (seconds, kind) = (begun.elapsed().as_secs_f32(), fixture.kind());
            let word = match &result.verdict {
                Verdict::Kept => "kept",
                Verdict::Skipped(_) => "skipped",
                Verdict::Broken(_) => "BROKEN",
            };
            eprintln!("{kind} {seconds:6.1} s {word:<8} {}", result.name);
            result
        })
        .buffered(CASES_AT_ONCE)
        .collect()
        .await
}
