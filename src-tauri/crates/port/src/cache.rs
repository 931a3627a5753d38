//! The port `Cache`: what a desk knows of its site. It may be thrown away at any time and fills again.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lienthu_domain::copy::Copy;
use lienthu_domain::ids::{Barcode, PatronCode, StaffLogin, TitleKey};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::{ClosedDay, LoanPolicy, Title};
use lienthu_domain::times::{LocalDate, UtcMs, ZoneOffset};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::agent::AgentLogin;
use crate::error::StoreError;
use crate::feed::{FeedPage, PullFrom, RefillReason, Watermark};
use crate::handshake::WhoAmI;

/// Titles in one page of a search at most.
pub const TITLES_FOUND_MAX: usize = 100;

/// How old the local knowledge is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Knowledge {
    /// The site's clock at the state that the cache shows; nothing before the first fill is complete.
    pub as_of: Option<UtcMs>,
    /// A fill or refill is under way: so many rows have come.
    pub filling_rows: Option<u32>,
    /// Titles known.
    pub titles: u32,
    /// Copies of the branch known.
    pub copies: u32,
    /// Patrons of the branch known.
    pub patrons: u32,
}

/// A copy as far as the desk knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCopy {
    /// The copy.
    pub copy: Copy,
    /// Its title.
    pub title: Option<Title>,
    /// Its open loan.
    pub open_loan: Option<Loan>,
}

/// A patron as far as the desk knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPatron {
    /// The patron.
    pub card: PatronCard,
    /// Their open loans, by due date.
    pub open_loans: Vec<Loan>,
}

/// What judging one scan needs, of one state of the cache.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Around {
    /// The state that is shown; nothing before the first fill is complete.
    pub shown: Option<Watermark>,
    /// The copy that was asked for.
    pub copy: Option<KnownCopy>,
    /// The patron that was asked for; where none was, the one who has the copy.
    pub patron: Option<KnownPatron>,
    /// The names of the titles that this patron has, by copy.
    pub titles: BTreeMap<Barcode, String>,
    /// All loan policies.
    pub policies: Vec<LoanPolicy>,
    /// Closed days from the date on that was asked for.
    pub closed_days: Vec<ClosedDay>,
}

/// A page of a title search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TitlesFound {
    /// At most [`TITLES_FOUND_MAX`], best first.
    pub titles: Vec<TitleHit>,
    /// There may be more than are listed.
    pub more: bool,
}

/// A title with what the branch has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TitleHit {
    /// The title.
    pub title: Title,
    /// Copies of it at this branch, as far as the desk knows.
    pub copies: u32,
    /// How many of them are free.
    pub free: u32,
}

/// What the desk remembers of a person who signed in here online, sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSignIn {
    /// Who they were at the site.
    pub who: WhoAmI,
    /// Argon2id, in PHC form.
    pub verifier: String,
    /// The site's clock at the last online sign-in, and this desk's wall clock then.
    pub online_at: UtcMs,
    /// Wrong passwords since the last right one.
    pub failures: u32,
    /// This desk's wall clock at the last wrong one.
    pub failed_at: Option<UtcMs>,
}

/// What the desk remembers of its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteFacts {
    /// The site's recorded offset.
    pub zone: ZoneOffset,
    /// The site's incarnation.
    pub incarnation: lienthu_domain::ids::Incarnation,
}

/// See the module. Every call may fail with any [`StoreError`].
#[async_trait]
pub trait Cache: Send + Sync {
    /// Where the next pull begins or goes on.
    async fn pull_from(&self) -> Result<PullFrom, StoreError>;
    /// Takes a page: stages it, or, when it is the last, shows it and all that was staged at once.
    /// Returns whether the pull is complete.
    async fn take(&self, page: FeedPage) -> Result<bool, StoreError>;
    /// Begins anew. What is shown stays until the fill is complete, unless there is none.
    async fn refill(&self, why: RefillReason) -> Result<(), StoreError>;
    /// The state that is shown.
    async fn watermark(&self) -> Result<Option<Watermark>, StoreError>;
    /// How much is known, and how old it is.
    async fn knowledge(&self) -> Result<Knowledge, StoreError>;

    /// Remembers the site.
    async fn remember_site(&self, facts: SiteFacts) -> Result<(), StoreError>;
    /// What was remembered.
    async fn site_facts(&self) -> Result<Option<SiteFacts>, StoreError>;

    /// Titles by words or beginnings of words, of name and author; or by ISBN digits. Case and tones do
    /// not matter; a query typed with tones ranks exact matches first, then names that begin with the
    /// query. An empty query lists titles in Vietnamese order.
    async fn find_titles(
        &self,
        text: &str,
        skip: u32,
        limit: usize,
    ) -> Result<TitlesFound, StoreError>;
    /// One title.
    async fn title(&self, key: &TitleKey) -> Result<Option<TitleHit>, StoreError>;
    /// One copy.
    async fn copy(&self, barcode: &Barcode) -> Result<Option<KnownCopy>, StoreError>;
    /// A copy, a patron, and what judging a scan of them needs, in one read.
    async fn around(
        &self,
        copy: Option<&Barcode>,
        patron: Option<&PatronCode>,
        closed_from: LocalDate,
    ) -> Result<Around, StoreError>;
    /// One patron.
    async fn patron(&self, code: &PatronCode) -> Result<Option<KnownPatron>, StoreError>;
    /// Patrons by beginnings of the words of their name, or of their code, in Vietnamese order.
    async fn find_patrons(&self, text: &str, limit: usize) -> Result<Vec<PatronCard>, StoreError>;

    /// Remembers or updates a sealed sign-in.
    async fn seal_sign_in(&self, sealed: &SealedSignIn) -> Result<(), StoreError>;
    /// A sealed sign-in.
    async fn sealed_sign_in(&self, login: &StaffLogin) -> Result<Option<SealedSignIn>, StoreError>;
    /// Forgets a sealed sign-in.
    async fn forget_sign_in(&self, login: &StaffLogin) -> Result<(), StoreError>;

    /// Remembers the agent's logins, sealed as all of the cache is, in place of those from before.
    async fn remember_agents(&self, agents: &[AgentLogin]) -> Result<(), StoreError>;
    /// What was remembered, by branch.
    async fn agents(&self) -> Result<Vec<AgentLogin>, StoreError>;
}
