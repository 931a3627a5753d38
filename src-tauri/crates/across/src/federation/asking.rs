//! Asking all sites the same thing at once.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, ready};
use futures::stream::{self, BoxStream, FuturesUnordered};
use futures::{FutureExt, Stream, StreamExt as _};
use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use lienthu_port::site::Site;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::breaker::Admission;
use crate::federation::answers::{Answers, Heard, Missing};
use crate::sites::Sites;

/// How long a site may take to look something up, connecting included.
pub const LOOK_UP_MS_MAX: u64 = 5_000;
/// How long a site may take to add figures up, connecting included.
pub const ADD_UP_MS_MAX: u64 = 20_000;

/// What every site is asked.
pub trait Question<T>:
    Fn(&BranchCode, Arc<dyn Site>) -> BoxFuture<'static, Result<T, SiteError>> + Send + Sync + 'static
{
}

impl<T, Q> Question<T> for Q where
    Q: Fn(&BranchCode, Arc<dyn Site>) -> BoxFuture<'static, Result<T, SiteError>>
        + Send
        + Sync
        + 'static
{
}

/// Asks these sites, each within its own time, and gives what each says as it comes; every branch is named
/// exactly once. A site that rests is named at once. One that is due again is tried beside the others: what it
/// says belongs to the answers if it comes before theirs are all there, and nobody waits for it, unless there is
/// nobody else to wait for.
pub fn ask<T: Send + 'static>(
    sites: &Sites,
    branches: impl IntoIterator<Item = BranchCode>,
    limit: Duration,
    question: impl Question<T>,
) -> BoxStream<'static, Heard<T>> {
    let begun = Instant::now();
    let question: Arc<dyn Question<T>> = Arc::new(question);
    let mut asked =
        Asked { begun, waited_for: FuturesUnordered::new(), tried: FuturesUnordered::new() };
    let mut asks_someone = false;
    for branch in branches {
        let one = One { sites: sites.clone(), branch, limit, question: Arc::clone(&question) };
        match sites.breakers().admit(&one.branch) {
            Admission::Ask => {
                asks_someone = true;
                asked.waited_for.push(one.ask(begun).boxed());
            }
            Admission::Probe => asked.tried.push(Tried::begin(one, begun)),
            Admission::Rest { for_ms } => {
                let again_in_ms = u32::try_from(for_ms).unwrap_or(u32::MAX);
                asked.waited_for.push(one.without(Missing::Resting { again_in_ms }));
            }
            Admission::BeingTried => asked.waited_for.push(one.without(Missing::BeingTried)),
        }
    }
    if !asks_someone {
        // Nobody is delayed by waiting for those that are tried.
        let tried = std::mem::take(&mut asked.tried);
        asked.waited_for.extend(tried.into_iter().map(FutureExt::boxed));
    }
    stream::unfold(asked, |mut asked| async move {
        let heard = asked.next().await?;
        Some((heard, asked))
    })
    .boxed()
}

/// Asks all sites; see [`ask`].
pub fn ask_all<T: Send + 'static>(
    sites: &Sites,
    limit: Duration,
    question: impl Question<T>,
) -> BoxStream<'static, Heard<T>> {
    let branches: Vec<BranchCode> = sites.branches().cloned().collect();
    ask(sites, branches, limit, question)
}

/// Takes everything that is heard; `each` hears it as it comes.
pub async fn gather<T>(
    mut heard: impl Stream<Item = Heard<T>> + Unpin,
    mut each: impl FnMut(&Heard<T>),
) -> Answers<T> {
    let mut answers = Answers::default();
    while let Some(heard) = heard.next().await {
        each(&heard);
        answers.take(heard);
    }
    answers
}

/// One site and what it is asked.
struct One<T> {
    sites: Sites,
    branch: BranchCode,
    limit: Duration,
    question: Arc<dyn Question<T>>,
}

impl<T: Send + 'static> One<T> {
    async fn ask(self, begun: Instant) -> Heard<T> {
        let Self { sites, branch, limit, question } = self;
        let answer = sites.ask_admitted(&branch, limit, |site| question(&branch, site)).await;
        let after = begun.elapsed();
        let said = answer.map_err(|error| {
            if error.is_line_down() && after >= limit {
                Missing::Silent { after_ms: ms(limit) }
            } else {
                Missing::Failed(error)
            }
        });
        Heard { branch, after_ms: ms(after), said }
    }

    fn without(self, why: Missing) -> BoxFuture<'static, Heard<T>> {
        let heard = Heard { branch: self.branch, after_ms: 0, said: Err(why) };
        ready(heard).boxed()
    }
}

fn ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

/// A site that is tried again. It goes on being tried when nobody waits any more, so that the next question
/// knows.
struct Tried<T> {
    branch: BranchCode,
    trying: JoinHandle<Heard<T>>,
}

impl<T: Send + 'static> Tried<T> {
    fn begin(one: One<T>, begun: Instant) -> Self {
        Self { branch: one.branch.clone(), trying: tokio::spawn(one.ask(begun)) }
    }
}

impl<T> Future for Tried<T> {
    type Output = Heard<T>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Heard<T>> {
        let branch = self.branch.clone();
        self.trying.poll_unpin(context).map(|ended| {
            // A task that panicked or was ended with the program says nothing.
            ended.unwrap_or(Heard { branch, after_ms: 0, said: Err(Missing::BeingTried) })
        })
    }
}

/// A question that is under way.
struct Asked<T> {
    begun: Instant,
    waited_for: FuturesUnordered<BoxFuture<'static, Heard<T>>>,
    tried: FuturesUnordered<Tried<T>>,
}

impl<T: Send + 'static> Asked<T> {
    async fn next(&mut self) -> Option<Heard<T>> {
        if self.waited_for.is_empty() {
            // Everyone else has answered: who is being tried has its say now, or none.
            if let Some(Some(heard)) = self.tried.next().now_or_never() {
                return Some(heard);
            }
            let after_ms = ms(self.begun.elapsed());
            for Tried { branch, .. } in std::mem::take(&mut self.tried) {
                let said = Err(Missing::BeingTried);
                self.waited_for.push(ready(Heard { branch, after_ms, said }).boxed());
            }
        }
        let Self { waited_for, tried, .. } = self;
        tokio::select! {
            biased;
            heard = waited_for.next() => heard,
            Some(heard) = tried.next() => Some(heard),
        }
    }
}
