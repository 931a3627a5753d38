//! The cache on `cache.db`: what a desk knows of its site.
//!
//! It may be thrown away at any time, so nothing that is not at the site stands here, and a commit
//! survives the death of the program but need not survive the loss of power. Searches run on a
//! connection of their own: they neither wait for a fill nor make it wait.

mod apply;
mod lookup;
mod open;
mod order;
mod patrons;
mod pull;
mod search;
mod set;
mod sign_in;
mod state;
mod words;

use async_trait::async_trait;
use lienthu_domain::ids::{Barcode, PatronCode, StaffLogin, TitleKey};
use lienthu_domain::patron::PatronCard;
use lienthu_domain::times::LocalDate;
use lienthu_port::agent::AgentLogin;
use lienthu_port::cache::{
    Around, Cache, Knowledge, KnownCopy, KnownPatron, SealedSignIn, SiteFacts, TitleHit,
    TitlesFound,
};
use lienthu_port::error::StoreError;
use lienthu_port::feed::{FeedPage, PullFrom, RefillReason, RowKind, Watermark};
use lienthu_sqlite::rusqlite::{Connection, Transaction, TransactionBehavior};

pub use open::{CACHE_FILE, SqliteCache, StartedAnew};
use set::Set;
use state::State;

use crate::failure::Failure;

impl SqliteCache {
    /// Reads about the cache itself.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let read = self.reader.call(move |conn| {
            // One transaction, so that several statements see one state.
            let tx = conn.transaction()?;
            work(&tx)
        });
        read.await.map_err(|failure| self.noted(failure))
    }

    /// Reads rows of the set that is shown; `T::default()` before there is one.
    async fn shown<T: Default + Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, Set) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.read(move |conn| match State::load(conn)?.shown {
            Some(shown) => work(conn, shown.set),
            None => Ok(T::default()),
        })
        .await
    }

    /// Changes something: all of it or nothing.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let changed = self.writer.call(move |conn| {
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        });
        changed.await.map_err(|failure: Failure| self.noted(failure))
    }
}

#[async_trait]
impl Cache for SqliteCache {
    async fn pull_from(&self) -> Result<PullFrom, StoreError> {
        let (puller, order) = (self.puller.clone(), self.order.clone());
        self.change(move |tx| pull::pull_from(tx, &puller, &order)).await
    }

    async fn take(&self, page: FeedPage) -> Result<bool, StoreError> {
        let (puller, order) = (self.puller.clone(), self.order.clone());
        let (complete, filled) =
            self.change(move |tx| pull::take(tx, &puller, &order, &page)).await?;
        if filled {
            self.change(pull::empty_spare).await?;
        }
        Ok(complete)
    }

    async fn refill(&self, why: RefillReason) -> Result<(), StoreError> {
        tracing::info!(?why, "the cache is filled anew");
        let (puller, order) = (self.puller.clone(), self.order.clone());
        self.change(move |tx| pull::refill(tx, &puller, &order)).await
    }

    async fn watermark(&self) -> Result<Option<Watermark>, StoreError> {
        self.read(|conn| Ok(State::load(conn)?.shown.map(|shown| shown.watermark))).await
    }

    async fn knowledge(&self) -> Result<Knowledge, StoreError> {
        self.read(|conn| {
            let state = State::load(conn)?;
            let size = |kind| state.shown.map_or(Ok(0), |shown| shown.set.size(conn, kind));
            Ok(Knowledge {
                as_of: state.shown.map(|shown| shown.as_of),
                filling_rows: state.filling_rows,
                titles: size(RowKind::Title)?,
                copies: size(RowKind::Copy)?,
                patrons: size(RowKind::Patron)?,
            })
        })
        .await
    }

    async fn remember_site(&self, facts: SiteFacts) -> Result<(), StoreError> {
        self.change(move |tx| sign_in::remember_site(tx, facts)).await
    }

    async fn site_facts(&self) -> Result<Option<SiteFacts>, StoreError> {
        self.read(sign_in::site_facts).await
    }

    async fn find_titles(
        &self,
        text: &str,
        skip: u32,
        limit: usize,
    ) -> Result<TitlesFound, StoreError> {
        let text = text.to_owned();
        let found =
            self.shown(move |conn, set| search::titles(conn, set, &text, skip, limit).map(Some));
        Ok(found.await?.unwrap_or(TitlesFound { titles: Vec::new(), more: false }))
    }

    async fn title(&self, key: &TitleKey) -> Result<Option<TitleHit>, StoreError> {
        let key = key.clone();
        self.shown(move |conn, set| lookup::title(conn, set, &key)).await
    }

    async fn copy(&self, barcode: &Barcode) -> Result<Option<KnownCopy>, StoreError> {
        let barcode = barcode.clone();
        self.shown(move |conn, set| lookup::copy(conn, set, &barcode)).await
    }

    async fn around(
        &self,
        copy: Option<&Barcode>,
        patron: Option<&PatronCode>,
        closed_from: LocalDate,
    ) -> Result<Around, StoreError> {
        let (copy, patron) = (copy.cloned(), patron.cloned());
        let look = move |conn: &Connection| match State::load(conn)?.shown {
            None => Ok(Around::default()),
            Some(shown) => Ok(Around {
                shown: Some(shown.watermark),
                ..lookup::around(conn, shown.set, copy.as_ref(), patron.as_ref(), closed_from)?
            }),
        };
        match self.glance.read(&look) {
            Err(failure) if Failure::is_locked(&failure) => self.read(look).await,
            seen => seen.map_err(|failure| self.noted(failure)),
        }
    }

    async fn patron(&self, code: &PatronCode) -> Result<Option<KnownPatron>, StoreError> {
        let code = code.clone();
        self.shown(move |conn, set| lookup::patron(conn, set, &code)).await
    }

    async fn find_patrons(&self, text: &str, limit: usize) -> Result<Vec<PatronCard>, StoreError> {
        let text = text.to_owned();
        self.shown(move |conn, set| patrons::patrons(conn, set, &text, limit)).await
    }

    async fn seal_sign_in(&self, sealed: &SealedSignIn) -> Result<(), StoreError> {
        let sealed = sealed.clone();
        self.change(move |tx| sign_in::seal(tx, &sealed)).await
    }

    async fn sealed_sign_in(&self, login: &StaffLogin) -> Result<Option<SealedSignIn>, StoreError> {
        let login = login.clone();
        self.read(move |conn| sign_in::sealed(conn, &login)).await
    }

    async fn forget_sign_in(&self, login: &StaffLogin) -> Result<(), StoreError> {
        let login = login.clone();
        self.change(move |tx| sign_in::forget(tx, &login)).await
    }

    async fn remember_agents(&self, agents: &[AgentLogin]) -> Result<(), StoreError> {
        let agents = agents.to_vec();
        self.change(move |tx| sign_in::remember_agents(tx, &agents)).await
    }

    async fn agents(&self) -> Result<Vec<AgentLogin>, StoreError> {
        self.read(sign_in::agents).await
    }
}
