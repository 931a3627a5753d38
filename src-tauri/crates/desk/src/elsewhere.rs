//! Books of other branches on the returns desk: what the desk itself has to say about them.

use lienthu_domain::copy::CopyCondition;
use lienthu_domain::event::{Claim, Deed};
use lienthu_domain::ids::{Barcode, CorrelationId, PatronCategory};
use lienthu_domain::policy::policy_for;
use lienthu_domain::times::LocalDate;
use lienthu_port::elsewhere::ReturnElsewhere;
use lienthu_port::listing::ListedCopy;
use lienthu_port::message::Message;
use lienthu_port::outbox::Draft;

use crate::answer::{Answer, CopyView, DeedKind};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::session::Permit;

impl Desk {
    /// Whether a book is one of this branch's, as far as this desk knows.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn is_own_book(&self, copy: &Barcode) -> Result<bool, DeskError> {
        let local = self.local_copy(copy).await?;
        let known = local.known.as_ref();
        let has_gone = known.is_some_and(|k| k.copy.condition == CopyCondition::Forwarded);
        Ok(local.is_known() && (!has_gone || local.open_loan.is_some()))
    }

    /// Whether the policy for a category lets a librarian decide.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn may_decide(&self, category: &PatronCategory) -> Result<bool, DeskError> {
        let branch = self.enrolment()?.branch;
        let policies = self.cache.around(None, None, self.today()).await?.policies;
        Ok(policy_for(&policies, &branch, category).is_some_and(|policy| policy.may_override))
    }

    /// The return of a book of another branch, to be written down.
    #[must_use]
    pub fn draft_return_elsewhere(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        copy: &Barcode,
        returned_on: Option<LocalDate>,
    ) -> Draft {
        Draft {
            id: self.ids.event(),
            scanned_by: permit.login().clone(),
            scanned: self.clock.read(),
            overridden: false,
            copy: copy.clone(),
            deed: Deed::Return { returned_on },
            claim: Claim::Fact,
            correlation,
        }
    }

    /// What is said of the return of a book of another branch. `delivered`: its branch knows.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn answer_elsewhere(
        &self,
        taken: &ReturnElsewhere,
        book: Option<&ListedCopy>,
        delivered: bool,
    ) -> Result<Answer, DeskError> {
        let title = match book {
            Some(book) => self.title(&book.copy.title).await?.map(|hit| hit.title),
            None => None,
        };
        Ok(Answer::Done {
            deed: DeedKind::Return,
            event: taken.event.id,
            queued: !delivered,
            copy: CopyView {
                barcode: taken.event.copy.clone(),
                copy: book.map(|book| book.copy.clone()),
                title,
            },
            loan: None,
            patron: None,
            warnings: vec![owner_named(taken)],
        })
    }
}

fn owner_named(taken: &ReturnElsewhere) -> Message {
    match &taken.owner {
        Some(owner) => Message {
            code: "book_of_other_branch".to_owned(),
            vi: format!(
                "Sách của chi nhánh {}. In phiếu luân chuyển và gửi sách về.",
                owner.branch
            ),
            en: format!(
                "The book is {}'s. Print its transit slip and send it there.",
                owner.branch
            ),
        },
        None => Message::new(
            "book_of_unknown_branch",
            (
                "Chưa hỏi được sách của chi nhánh nào. Đã ghi nhận; giữ sách lại, máy này sẽ tự hỏi tiếp.",
                "Whose book it is could not be asked. It is recorded: keep the book, this desk goes on asking.",
            ),
        ),
    }
}
