//! Who and what plays in the story: readers who may borrow and books that stand on the shelf, chosen
//! from what the site itself says.

use lienthu_domain::copy::CopyState;
use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_domain::patron::PatronCard;
use lienthu_domain::policy::{due_date, policy_for};
use lienthu_domain::replicated::Title;
use lienthu_domain::times::LocalDate;

use super::stage::Stage;
use super::tale::Wrong;
use crate::dice::Dice;
use crate::survey::Survey;

/// Books that each reader takes: no policy of a library allows fewer.
const BOOKS_EACH: usize = 3;
/// Books lent with the line whole.
pub(super) const ONLINE: usize = 6;
/// Books lent with the line cut, before the program is started again and after.
pub(super) const OFFLINE_BEFORE: usize = 6;
pub(super) const OFFLINE_AFTER: usize = 2;
const BOOKS: usize = ONLINE + OFFLINE_BEFORE + OFFLINE_AFTER;
/// One more reader comes to the second desk.
const READERS: usize = BOOKS.div_ceil(BOOKS_EACH) + 1;

/// A reader who is to get a book.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) patron: PatronCode,
    pub(super) name: String,
    pub(super) copy: Barcode,
    pub(super) title: String,
}

pub(super) struct Cast {
    /// Lent online.
    pub(super) online: Vec<Wish>,
    /// Lent offline, before the program is started again.
    pub(super) offline: Vec<Wish>,
    /// Lent offline, after it.
    pub(super) later: Vec<Wish>,
    /// Someone who has no book yet, for refusals and for the second desk.
    pub(super) other: PatronCard,
    /// A title to look for.
    pub(super) sought: Title,
    survey: Survey,
}

impl Cast {
    pub(super) fn choose(
        survey: Survey,
        stage: &Stage,
        seed: u64,
        today: LocalDate,
    ) -> Result<Self, Wrong> {
        let mut dice = Dice::of(seed, "cast of the story");
        let mut readers: Vec<&PatronCard> = survey
            .patrons
            .values()
            .filter(|card| may_borrow(card, &survey, stage, today))
            .collect();
        dice.shuffle(&mut readers);
        let mut books: Vec<(&Barcode, &Title)> = survey
            .copies
            .values()
            .filter(|copy| copy.state == CopyState::Free)
            .filter_map(|copy| Some((&copy.barcode, survey.titles.get(&copy.title)?)))
            .collect();
        dice.shuffle(&mut books);
        if readers.len() < READERS || books.len() < BOOKS {
            return Err(Wrong::new(
                format!("{READERS} readers who may borrow and {BOOKS} books on the shelf"),
                format!("{} and {}", readers.len(), books.len()),
            ));
        }
        // A name with marks, if there is one: it is to be found without them.
        let is_marked = |title: &Title| !title.name.is_ascii();
        let sought =
            books.iter().find(|(_, title)| is_marked(title)).unwrap_or(&books[0]).1.clone();
        let other = readers[READERS - 1].clone();
        let mut wishes: Vec<Wish> = books[..BOOKS]
            .iter()
            .enumerate()
            .map(|(no, (copy, title))| {
                let reader = readers[no / BOOKS_EACH];
                Wish {
                    patron: reader.code.clone(),
                    name: reader.name.clone(),
                    copy: (*copy).clone(),
                    title: title.name.clone(),
                }
            })
            .collect();
        let later = wishes.split_off(ONLINE + OFFLINE_BEFORE);
        let offline = wishes.split_off(ONLINE);
        Ok(Self { online: wishes, offline, later, other, sought, survey })
    }

    /// The due date that the branch's policy and calendar give a loan made on `today`.
    pub(super) fn due(
        &self,
        stage: &Stage,
        patron: &PatronCode,
        today: LocalDate,
    ) -> Option<LocalDate> {
        let card = self.survey.patrons.get(patron)?;
        let policy = policy_for(&self.survey.policies, &stage.branch, &card.category)?;
        Some(due_date(today, policy.loan_days, &self.survey.closed_days, &stage.branch))
    }

    pub(super) fn titles(&self) -> usize {
        self.survey.titles.len()
    }
}

/// Whether nothing stands against lending to a reader, and they have no book yet.
fn may_borrow(card: &PatronCard, survey: &Survey, stage: &Stage, today: LocalDate) -> bool {
    let policy = policy_for(&survey.policies, &stage.branch, &card.category);
    card.block.is_none()
        && card.home_branch.is_none()
        && card.card_expires.is_none_or(|last_day| last_day >= today)
        && policy.is_some_and(|policy| usize::from(policy.loans_max) >= BOOKS_EACH)
        && policy.is_some_and(|policy| policy.renewals_max > 0)
        && !survey.open_loans.iter().any(|loan| loan.patron == card.code)
}
