//! Titles, patrons and copies: from the site where it answers, else from what the desk knows, with its
//! age.

use lienthu_domain::ids::{Barcode, PatronCode, TitleKey};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::replicated::{ClosedDay, LoanPolicy};
use lienthu_domain::review::ReviewItem;
use lienthu_domain::text::clean;
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_port::cache::{TITLES_FOUND_MAX, TitleHit, TitlesFound};
use lienthu_port::error::SiteError;
use lienthu_port::lookup::{CopyFile, PATRONS_FOUND_MAX, PatronFile};
use lienthu_port::message::Message;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::answer::{CopyView, PatronView};
use crate::contact::{STEP_MS_MAX, within};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::session::Permit;

/// A query, in characters; more is cut.
const QUERY_CHARS_MAX: usize = 200;

/// Patrons that were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronsFound {
    /// By name.
    pub patrons: Vec<PatronCard>,
    /// Of when this is, where it comes from what the desk knows.
    pub as_of: Option<UtcMs>,
}

/// A patron, from both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PatronAnswer {
    /// As this desk believes them to be.
    pub view: PatronView,
    /// As the site has them; nothing where it cannot be reached, or has none.
    pub file: Option<PatronFile>,
    /// Of when the desk's knowledge is, where the site could not be asked.
    pub as_of: Option<UtcMs>,
}

/// A copy, from both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CopyAnswer {
    /// As this desk believes it to be.
    pub view: CopyView,
    /// Its open loan, likewise.
    pub loan: Option<Loan>,
    /// As the site has it; nothing where it cannot be reached, or has none.
    pub file: Option<CopyFile>,
    /// Of when the desk's knowledge is, where the site could not be asked.
    pub as_of: Option<UtcMs>,
}

/// A review item with its sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReviewLine {
    /// The item.
    pub item: ReviewItem,
    /// What is odd.
    pub message: Message,
    /// The rule that was broken, where one was.
    pub rule: Option<Message>,
    /// The book.
    pub copy: CopyView,
}

/// What the site said, or nothing where the line is down.
fn unless_away<T>(answer: Result<T, SiteError>) -> Result<Option<T>, DeskError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_line_down() || error == SiteError::Busy => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Desk {
    /// All loan policies, as far as this desk knows.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn policies(&self, _permit: &Permit) -> Result<Vec<LoanPolicy>, DeskError> {
        let around = self.cache.around(None, None, self.today()).await?;
        Ok(around.policies)
    }

    /// Closed days from a date on, or from today on, as far as this desk knows.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn closed_days(
        &self,
        _permit: &Permit,
        from: Option<LocalDate>,
    ) -> Result<Vec<ClosedDay>, DeskError> {
        let from = from.unwrap_or_else(|| self.today());
        let around = self.cache.around(None, None, from).await?;
        Ok(around.closed_days)
    }

    /// Titles by words or beginnings of words; always from the cache.
    ///
    /// # Errors
    /// Those of the cache.
    pub async fn find_titles(&self, text: &str, skip: u32) -> Result<TitlesFound, DeskError> {
        let text = clean(text, QUERY_CHARS_MAX);
        Ok(self.cache.find_titles(&text, skip, TITLES_FOUND_MAX).await?)
    }

    /// One title; always from the cache.
    ///
    /// # Errors
    /// Those of the cache.
    pub async fn title(&self, key: &TitleKey) -> Result<Option<TitleHit>, DeskError> {
        Ok(self.cache.title(key).await?)
    }

    /// Patrons by name, code or phone.
    ///
    /// # Errors
    /// Those of the cache; of the site what is no line that is down.
    pub async fn find_patrons(
        &self,
        _permit: &Permit,
        text: &str,
    ) -> Result<PatronsFound, DeskError> {
        let text = clean(text, QUERY_CHARS_MAX);
        if let Ok(site) = self.reach() {
            let found = within(STEP_MS_MAX, site.find_patrons(&text)).await;
            if let Some(patrons) = unless_away(found)? {
                let patrons = patrons.into_iter().map(|p| p.card).collect();
                return Ok(PatronsFound { patrons, as_of: None });
            }
        }
        let patrons = self.cache.find_patrons(&text, PATRONS_FOUND_MAX).await?;
        Ok(PatronsFound { patrons, as_of: self.cache.knowledge().await?.as_of })
    }

    /// One patron.
    ///
    /// # Errors
    /// Those of the cache; of the site what is no line that is down.
    pub async fn patron(
        &self,
        _permit: &Permit,
        code: &PatronCode,
    ) -> Result<PatronAnswer, DeskError> {
        let view = self.patron_view(&self.local_patron(code).await?).await?;
        if let Ok(site) = self.reach() {
            let answer = within(STEP_MS_MAX, site.patron(code)).await;
            if let Some(file) = unless_away(answer)? {
                return Ok(PatronAnswer { view, file, as_of: None });
            }
        }
        Ok(PatronAnswer { view, file: None, as_of: self.cache.knowledge().await?.as_of })
    }

    /// One copy.
    ///
    /// # Errors
    /// Those of the cache; of the site what is no line that is down.
    pub async fn copy(&self, _permit: &Permit, barcode: &Barcode) -> Result<CopyAnswer, DeskError> {
        let local = self.local_copy(barcode).await?;
        let (view, loan) = (local.view(), local.open_loan);
        if let Ok(site) = self.reach() {
            let answer = within(STEP_MS_MAX, site.copy(barcode)).await;
            if let Some(file) = unless_away(answer)? {
                return Ok(CopyAnswer { view, loan, file, as_of: None });
            }
        }
        Ok(CopyAnswer { view, loan, file: None, as_of: self.cache.knowledge().await?.as_of })
    }

    /// What waits for someone to look at it.
    ///
    /// # Errors
    /// `NeedsSite`; whatever the site says.
    pub async fn review_list(&self, _permit: &Permit) -> Result<Vec<ReviewLine>, DeskError> {
        let site = self.reach()?;
        let items = within(STEP_MS_MAX, site.review_items()).await;
        let items = unless_away(items)?.ok_or(DeskError::NeedsSite)?;
        let mut lines = Vec::with_capacity(items.len());
        for item in items {
            lines.push(ReviewLine {
                message: item.flag.kind.into(),
                rule: item.flag.refusal.map(Message::from),
                copy: self.local_copy(&item.copy).await?.view(),
                item,
            });
        }
        Ok(lines)
    }
}
