//! A cache as simple as can be: it follows a site's feed by the words of its documentation, and holds
//! the site to them on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_port::feed::{
    FEED_PAGE_ROWS_MAX, FeedPage, FeedPosition, FeedRow, PullFrom, Pulled, RefillReason, RowKind,
    Watermark,
};
use lienthu_port::site::Site;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Follower {
    /// What is shown.
    pub shown: BTreeMap<(RowKind, String), FeedRow>,
    /// The state that it amounts to.
    pub watermark: Option<Watermark>,
    staged: Vec<FeedRow>,
    position: Option<FeedPosition>,
}

impl Follower {
    /// Where the next page begins.
    #[must_use]
    pub fn next(&self) -> PullFrom {
        PullFrom { watermark: self.watermark, position: self.position.clone() }
    }

    /// One page; whether the pull is complete.
    ///
    /// # Errors
    /// The site wants to be followed anew.
    pub async fn step(&mut self, site: &Arc<dyn Site>) -> Result<bool, RefillReason> {
        match site.pull(&self.next()).await.unwrap() {
            Pulled::Refill(why) => Err(why),
            Pulled::Page(page) => Ok(self.take(page)),
        }
    }

    /// Takes in a page; whether the pull is complete.
    ///
    /// # Panics
    /// When the page is none that a site may send.
    pub fn take(&mut self, page: FeedPage) -> bool {
        assert!(page.rows.len() <= FEED_PAGE_ROWS_MAX, "a page is bounded");
        assert_ne!(page.next.is_some(), page.complete.is_some(), "a page is the last, or goes on");
        if let Some(next) = &page.next {
            assert_eq!(page.rows.len(), FEED_PAGE_ROWS_MAX, "a page that goes on is full");
            let last = page.rows.last().unwrap().key();
            assert_eq!(last, (next.kind, next.key.clone()), "it goes on after its last row");
            if let Some(before) = &self.position {
                let place = |p: &FeedPosition| (p.number, p.kind, p.key.clone());
                assert!(place(before) < place(next), "it goes forward");
            }
        }
        self.staged.extend(page.rows);
        self.position = page.next;
        let Some(watermark) = page.complete else { return false };
        for row in self.staged.drain(..) {
            match row {
                FeedRow::Removed { kind, key } => {
                    self.shown.remove(&(kind, key));
                }
                row => {
                    self.shown.insert(row.key(), row);
                }
            }
        }
        self.watermark = Some(watermark);
        true
    }

    /// Pulls until it is complete; how many rows came.
    ///
    /// # Errors
    /// The site wants to be followed anew.
    pub async fn follow(&mut self, site: &Arc<dyn Site>) -> Result<usize, RefillReason> {
        let mut rows = 0;
        loop {
            match site.pull(&self.next()).await.unwrap() {
                Pulled::Refill(why) => return Err(why),
                Pulled::Page(page) => {
                    rows += page.rows.len();
                    if self.take(page) {
                        return Ok(rows);
                    }
                }
            }
        }
    }

    /// A fresh one that has followed to the end.
    pub async fn filled(site: &Arc<dyn Site>) -> Self {
        let mut follower = Self::default();
        follower.follow(site).await.unwrap();
        follower
    }

    /// How many rows of a kind are shown.
    pub fn count(&self, kind: RowKind) -> usize {
        self.shown.keys().filter(|(of, _)| *of == kind).count()
    }
}
