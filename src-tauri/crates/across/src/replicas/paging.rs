//! Answers of many sites, page by page in the order of their keys, merged as they come. What is in memory is a
//! page of each site.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use lienthu_port::replica::Replica;

use super::Replicas;

/// What one site has sent and nobody has taken yet.
struct Queue<T> {
    waiting: VecDeque<T>,
    /// The key of the last that came.
    last: Option<String>,
    is_over: bool,
}

/// See the module.
pub struct Merge<T> {
    queues: BTreeMap<BranchCode, Queue<T>>,
    key: fn(&T) -> &str,
    page_max: usize,
    /// How many things came.
    pub taken: usize,
    /// In so many rounds of pages.
    pub rounds: usize,
}

impl<T> Merge<T> {
    /// Over these sites, whose pages hold so many things.
    #[must_use]
    pub fn over(replicas: &Replicas, page_max: usize, key: fn(&T) -> &str) -> Self {
        let queue = || Queue { waiting: VecDeque::new(), last: None, is_over: false };
        let queues = replicas.branches().map(|branch| (branch.clone(), queue())).collect();
        Self { queues, key, page_max, taken: 0, rounds: 0 }
    }

    /// The next key, with what each site has under it. `page` asks for the page behind a key.
    pub async fn next<F>(
        &mut self,
        replicas: &mut Replicas,
        page: impl Fn(Arc<dyn Replica>, Option<String>) -> F,
    ) -> Option<(String, Vec<(BranchCode, T)>)>
    where
        F: Future<Output = Result<Vec<T>, SiteError>>,
    {
        let empty = |queue: &Queue<T>| queue.waiting.is_empty() && !queue.is_over;
        let wanted = self.queues.iter().filter(|(_, queue)| empty(queue));
        let wanted: Vec<BranchCode> = wanted.map(|(branch, _)| branch.clone()).collect();
        if !wanted.is_empty() {
            self.rounds += 1;
            let queues = &self.queues;
            let behind = |branch: &BranchCode| queues.get(branch).and_then(|q| q.last.clone());
            let pages = replicas.ask(wanted.clone(), |branch, site| page(site, behind(&branch)));
            let mut pages = pages.await;
            for branch in wanted {
                // A site that does not answer any more holds up nobody.
                let Some(came) = pages.remove(&branch) else {
                    self.queues.remove(&branch);
                    continue;
                };
                self.taken += came.len();
                if let Some(queue) = self.queues.get_mut(&branch) {
                    queue.is_over = came.len() < self.page_max;
                    queue.last = came.last().map(|last| (self.key)(last).to_owned());
                    queue.waiting.extend(came);
                }
            }
        }
        let fronts = self.queues.values().filter_map(|queue| queue.waiting.front());
        let next = fronts.map(|thing| (self.key)(thing)).min()?.to_owned();
        let mut found = vec![];
        for (branch, queue) in &mut self.queues {
            while queue.waiting.front().is_some_and(|thing| (self.key)(thing) == next) {
                found.extend(queue.waiting.pop_front().map(|thing| (branch.clone(), thing)));
            }
        }
        Some((next, found))
    }
}
