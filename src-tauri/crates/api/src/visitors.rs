//! Visitor cards: a reader of another branch gets a row among this branch's patrons that names their home branch
//! and their code there. What their branch says of them is asked with the agent's rights.

use std::fmt;
use std::time::Duration;

use lienthu_across::visitors::{Known, anywhere, at};
use lienthu_desk::error::DeskError;
use lienthu_desk::session::Permit;
use lienthu_domain::ids::{BranchCode, PatronCategory, PatronCode};
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::lookup::{PatronChange, VisitorCard};
use lienthu_port::message::Message;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::app::App;

/// How long a librarian waits for the other branches.
const ASK_MS_MAX: u64 = 4_000;

/// A visitor's card as it was made, or brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct VisitorMade {
    /// The card here.
    pub card: PatronCard,
    /// It was here before.
    pub was_known: bool,
    /// Their branch said so; otherwise it was entered by hand.
    pub is_confirmed: bool,
}

/// A visitor as they are entered by hand, where their branch cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ByHand {
    /// Their name.
    pub name: String,
    /// Their category.
    pub category: PatronCategory,
}

/// Why there is no visitor's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitorError {
    /// The desk, its site, or whoever is signed in.
    Desk(DeskError),
    /// The home branch said something else than an answer.
    Site(SiteError),
    /// No branch that was asked knows the card.
    Unknown,
    /// These could not be asked.
    Silent(Vec<BranchCode>),
    /// Several know it: somebody has to say which is meant.
    Several(Vec<BranchCode>),
    /// Somebody else has this code here.
    CodeTaken(PatronCode),
    /// By hand only where the policy lets the librarian decide.
    NotByHand,
}

impl From<DeskError> for VisitorError {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<VisitorError> for Message {
    fn from(error: VisitorError) -> Self {
        let list = |branches: &[BranchCode]| {
            branches.iter().map(BranchCode::as_str).collect::<Vec<_>>().join(", ")
        };
        match error {
            VisitorError::Desk(error) => error.message(),
            VisitorError::Site(error) => error.message(),
            VisitorError::Unknown => Self::new(
                "visitor_unknown",
                (
                    "Không chi nhánh nào biết thẻ này. Kiểm tra mã thẻ, hoặc làm thẻ mới ở đây.",
                    "No branch knows this card. Check its code, or make a card here.",
                ),
            ),
            VisitorError::Silent(branches) => silent(&branches),
            VisitorError::Several(branches) => Self {
                code: "visitor_several".to_owned(),
                vi: format!(
                    "Nhiều chi nhánh có mã thẻ này: {}. Chọn chi nhánh của độc giả.",
                    list(&branches)
                ),
                en: format!(
                    "Several branches know this code: {}. Say which is the reader's.",
                    list(&branches)
                ),
            },
            VisitorError::CodeTaken(code) => Self {
                code: "visitor_code_taken".to_owned(),
                vi: format!("Ở đây đã có người khác mang mã {code}. Đặt mã khác cho thẻ khách."),
                en: format!(
                    "Somebody else has the code {code} here. Give the visitor another one."
                ),
            },
            VisitorError::NotByHand => Self::new(
                "visitor_not_by_hand",
                (
                    "Quy định không cho tự quyết với loại độc giả này. Đợi hỏi được chi nhánh của họ.",
                    "The policy leaves no choice for this category. Wait until their branch can be asked.",
                ),
            ),
        }
    }
}

/// That branches could not be asked for a visitor.
pub(crate) fn silent(branches: &[BranchCode]) -> Message {
    let list = branches.iter().map(BranchCode::as_str).collect::<Vec<_>>().join(", ");
    Message {
        code: "visitor_branch_silent".to_owned(),
        vi: format!(
            "Chưa hỏi được chi nhánh {list}. Thử lại sau, hoặc tiếp tục nếu quy định cho phép."
        ),
        en: format!("{list} could not be asked. Try again, or go on where the policy lets you."),
    }
}

impl fmt::Display for VisitorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Message::from(self.clone()).code)
    }
}

/// What is wanted of a visitor's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The code on the card.
    pub(crate) card: PatronCode,
    /// Their branch; any that knows the card where nothing is said.
    pub(crate) home: Option<BranchCode>,
    /// The code that they get here; that of the card where nothing is said.
    pub(crate) code: Option<PatronCode>,
    /// As they are entered where their branch cannot be asked.
    pub(crate) by_hand: Option<ByHand>,
}

impl App {
    /// What other branches say of a card, within the time that a librarian waits.
    pub(crate) async fn visitor_anywhere(&self, card: &PatronCode) -> Result<Known, DeskError> {
        let home = self.desk().enrolment()?.branch;
        let sites = self.agent_sites().await?;
        let limit = Duration::from_millis(ASK_MS_MAX);
        let asked = tokio::time::timeout(limit, anywhere(&sites, &home, card)).await;
        let others = || sites.branches().filter(|branch| **branch != home).cloned().collect();
        Ok(asked.unwrap_or_else(|_| Known { at: Vec::new(), silent: others() }))
    }

    /// Makes a visitor's card, or brings the one that is here up to date.
    pub(crate) async fn make_visitor(
        &self,
        permit: &Permit,
        wanted: Wanted,
    ) -> Result<VisitorMade, VisitorError> {
        let Wanted { card, home, code, by_hand } = wanted;
        let (home, says) = match home {
            Some(home) => {
                let sites = self.agent_sites().await?;
                match at(&sites, &home, &card).await {
                    Ok(Some(visitor)) => (home, Some(visitor)),
                    Ok(None) => return Err(VisitorError::Unknown),
                    Err(error) if error.is_transient() => (home, None),
                    Err(error) => return Err(VisitorError::Site(error)),
                }
            }
            None => {
                let mut known = self.visitor_anywhere(&card).await?;
                match (known.at.pop(), known.at.is_empty()) {
                    (Some((home, visitor)), true) => (home, Some(visitor)),
                    (Some((last, _)), false) => {
                        let mut all: Vec<_> = known.at.into_iter().map(|(home, _)| home).collect();
                        all.push(last);
                        return Err(VisitorError::Several(all));
                    }
                    (None, _) if known.silent.is_empty() => return Err(VisitorError::Unknown),
                    (None, _) => return Err(VisitorError::Silent(known.silent)),
                }
            }
        };
        let is_confirmed = says.is_some();
        let says = match (says, by_hand) {
            (Some(visitor), _) => visitor,
            (None, None) => return Err(VisitorError::Silent(vec![home])),
            (None, Some(ByHand { name, category })) => {
                if !self.desk().may_decide(&category).await? {
                    return Err(VisitorError::NotByHand);
                }
                VisitorCard { name, category, card_expires: None, block: None }
            }
        };
        let code = code.unwrap_or_else(|| card.clone());
        self.put_visitor(permit, home, card, code, says, is_confirmed).await
    }

    async fn put_visitor(
        &self,
        permit: &Permit,
        home: BranchCode,
        card: PatronCode,
        code: PatronCode,
        says: VisitorCard,
        is_confirmed: bool,
    ) -> Result<VisitorMade, VisitorError> {
        let branch = self.desk().enrolment()?.branch;
        let seen = self.desk().patron(permit, &code).await?.file.map(|file| file.patron);
        let is_theirs = |seen: &Patron| {
            (&seen.card.home_branch, &seen.card.home_code)
                == (&Some(home.clone()), &Some(card.clone()))
        };
        if seen.as_ref().is_some_and(|seen| !is_theirs(seen)) {
            return Err(VisitorError::CodeTaken(code));
        }
        let new = || Patron {
            card: PatronCard {
                code: code.clone(),
                name: String::new(),
                branch,
                category: says.category.clone(),
                card_expires: None,
                block: None,
                home_branch: Some(home.clone()),
                home_code: Some(card.clone()),
            },
            birth_date: None,
            phone: String::new(),
            email: String::new(),
            deposit_vnd: 0,
            note: String::new(),
        };
        let mut patron = seen.clone().unwrap_or_else(new);
        patron.card.name.clone_from(&says.name);
        patron.card.category = says.category;
        patron.card.card_expires = says.card_expires;
        patron.card.block = says.block;
        let made = patron.card.clone();
        let was_known = seen.is_some();
        if seen.as_ref() != Some(&patron) {
            match self.desk().put_patron(permit, &PatronChange { patron, seen }).await {
                // A patron who was removed has it still.
                Err(DeskError::Site(SiteError::Obstructed {
                    obstacle: Obstacle::AlreadyExists,
                })) => {
                    return Err(VisitorError::CodeTaken(code));
                }
                done => done?,
            }
        }
        Ok(VisitorMade { card: made, was_known, is_confirmed })
    }
}
