//! Books of other branches on the returns desk: recorded where they were received, their owner named, and their
//! return delivered with the agent's rights.

use std::time::Duration;

use lienthu_across::returns::{deliver, owner};
use lienthu_desk::answer::{Answer, ScanAnswer};
use lienthu_desk::error::DeskError;
use lienthu_desk::scan::{ScanMode, ScanRequest};
use lienthu_desk::session::Permit;
use lienthu_domain::copy::CopyState;
use lienthu_domain::ids::{Barcode, BranchCode, CorrelationId, EventId, PatronCode, StaffLogin};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::rights::Right;
use lienthu_domain::text::{Scan, read_scan};
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_port::elsewhere::{BookOwner, DeliveryState, ReturnElsewhere};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::app::App;
use crate::visitors::{VisitorError, Wanted, silent};

/// How long a librarian waits for the other branches to say whose a book is, and for its return to arrive there.
const ASK_MS_MAX: u64 = 4_000;

/// A book of another branch that came back here, with what belongs on its transit slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TransitSlip {
    /// The return.
    pub event: EventId,
    /// What the book's label says.
    pub copy: Barcode,
    /// Whose it is, and its title; nothing while nobody could be asked.
    pub owner: Option<BookOwner>,
    /// The name of that branch.
    pub owner_name: Option<String>,
    /// The branch that received it.
    pub received_at: BranchCode,
    /// Who received it.
    pub received_by: StaffLogin,
    /// When.
    pub received: UtcMs,
    /// Whether its branch knows.
    pub state: DeliveryState,
}

impl App {
    /// Does what a scan asks for; a book of another branch that comes back is taken for its branch.
    pub(crate) async fn scan(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        request: &ScanRequest,
    ) -> Result<ScanAnswer, DeskError> {
        let code = match read_scan(&request.text) {
            Scan::Code(code) => Barcode::parse(&code).ok(),
            Scan::Empty | Scan::TooLong | Scan::NotACode => None,
        };
        let book = code.filter(|_| request.mode == ScanMode::Return);
        let Some(book) = book else { return self.scan_card(permit, correlation, request).await };
        let answer = if request.go_on && !self.desk().is_own_book(&book).await? {
            None
        } else {
            let answer = self.desk().scan(permit, correlation, request).await?;
            if !may_be_elsewhere(&answer) {
                return Ok(answer);
            }
            Some(answer)
        };
        let on = request.returned_on;
        match self.take_elsewhere(permit, correlation, &book, on, request.go_on).await? {
            Some(answer) => Ok(ScanAnswer::Answer { answer: Box::new(answer) }),
            None => match answer {
                Some(answer) => Ok(answer),
                None => self.desk().scan(permit, correlation, request).await,
            },
        }
    }

    /// A scan that may be the card of another branch's reader: they get a visitor's card.
    async fn scan_card(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        request: &ScanRequest,
    ) -> Result<ScanAnswer, DeskError> {
        let answer = self.desk().scan(permit, correlation, request).await?;
        let is_unknown = matches!(answer, ScanAnswer::NotUnderstood { can_override: true, .. });
        let (Scan::Code(code), true) = (read_scan(&request.text), is_unknown) else {
            return Ok(answer);
        };
        let Ok(card) = PatronCode::parse(&code) else { return Ok(answer) };
        let known = self.visitor_anywhere(&card).await?;
        if known.at.is_empty() && known.silent.is_empty() {
            return Ok(answer);
        }
        if known.at.is_empty() {
            let message = silent(&known.silent);
            return Ok(ScanAnswer::NotUnderstood { message, can_override: true });
        }
        let home = match known.at.as_slice() {
            [(home, _)] => Some(home.clone()),
            _ => None,
        };
        let permit_to_keep = self.desk().permit(Right::KeepPatrons)?;
        let wanted = Wanted { card, home, code: None, by_hand: None };
        match self.make_visitor(&permit_to_keep, wanted).await {
            Ok(made) => {
                tracing::info!(home = ?made.card.home_branch, "a visitor's card was made");
                self.desk().scan(permit, correlation, request).await
            }
            Err(VisitorError::Desk(error)) => Err(error),
            Err(error) => {
                Ok(ScanAnswer::NotUnderstood { message: error.into(), can_override: false })
            }
        }
    }

    /// Takes back a book, of this branch or another.
    pub(crate) async fn take_back_anywhere(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        copy: &Barcode,
        returned_on: Option<LocalDate>,
        go_on: bool,
    ) -> Result<Answer, DeskError> {
        if !self.desk().is_own_book(copy).await?
            && let Some(answer) =
                self.take_elsewhere(permit, correlation, copy, returned_on, go_on).await?
        {
            return Ok(answer);
        }
        let wanted = lienthu_desk::circulation::Wanted::Return { returned_on };
        self.desk().perform(permit, correlation, copy, wanted, go_on).await
    }

    /// Takes a book back for the branch that owns it. Nothing where no other branch does; where some could not be
    /// asked and the librarian goes on, it is taken for whichever it turns out to be.
    async fn take_elsewhere(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        copy: &Barcode,
        returned_on: Option<LocalDate>,
        go_on: bool,
    ) -> Result<Option<Answer>, DeskError> {
        let home = self.desk().enrolment()?.branch;
        let sites = self.agent_sites().await?;
        let limit = Duration::from_millis(ASK_MS_MAX);
        // Whoever does not say by then is as good as silent.
        let asked = tokio::time::timeout(limit, owner(&sites, &home, copy)).await;
        let (by, silent) = asked.map_or((None, true), |owned| (owned.by, !owned.silent.is_empty()));
        if by.is_none() && !(silent && go_on) {
            return Ok(None);
        }
        let named = by.as_ref().map(|book| BookOwner {
            branch: book.copy.branch.clone(),
            title_name: book.title_name.clone(),
        });
        let draft = self.desk().draft_return_elsewhere(permit, correlation, copy, returned_on);
        let taken = self.returns.take(draft, named.as_ref()).await?;
        tracing::info!(event = %taken.event.id, owner = ?named.map(|owner| owner.branch), "taken for another branch");
        let delivering = deliver(&sites, &home, &*self.returns);
        if let Ok(delivered) = tokio::time::timeout(limit, delivering).await {
            delivered?;
        }
        let state = self.returns.one(taken.event.id).await?.map(|taken| taken.state);
        let is_delivered = state == Some(DeliveryState::Delivered);
        Ok(Some(self.desk().answer_elsewhere(&taken, by.as_ref(), is_delivered).await?))
    }

    /// Delivers what waits for other branches, and finds out where a site has lost what was delivered.
    pub(crate) async fn deliver_returns(&self) -> Result<(), DeskError> {
        let Ok(enrolment) = self.desk().enrolment() else { return Ok(()) };
        let has_delivered = !self.returns.proven().await?.is_empty();
        if !has_delivered && self.returns.undelivered().await?.is_empty() {
            return Ok(());
        }
        let sites = self.agent_sites().await?;
        let delivered = deliver(&sites, &enrolment.branch, &*self.returns).await?;
        if delivered > 0 {
            tracing::info!(delivered, "returns of other branches' books");
        }
        Ok(())
    }

    pub(crate) async fn transit_slips(&self, skip: u32) -> Result<Vec<TransitSlip>, DeskError> {
        let home = self.desk().enrolment()?.branch;
        let names = self.view().await?.branches;
        let name_of = |code: &BranchCode| {
            names.iter().find(|branch| branch.code == *code).map(|branch| branch.name.clone())
        };
        let slip = |taken: ReturnElsewhere| TransitSlip {
            event: taken.event.id,
            copy: taken.event.copy,
            owner_name: taken.owner.as_ref().and_then(|owner| name_of(&owner.branch)),
            owner: taken.owner,
            received_at: home.clone(),
            received_by: taken.event.scanned_by,
            received: taken.event.at,
            state: taken.state,
        };
        Ok(self.returns.returns(skip).await?.into_iter().map(slip).collect())
    }
}

/// Whether a book may be another branch's, by what this branch says of it.
fn may_be_elsewhere(answer: &ScanAnswer) -> bool {
    const NOT_HERE: [Refusal; 2] = [Refusal::CopyUnknown, Refusal::CopyForwarded];
    match answer {
        ScanAnswer::NotUnderstood { can_override, .. } => *can_override,
        ScanAnswer::Answer { answer } => match &**answer {
            Answer::Refused { reasons, copy, .. } => {
                let has_gone =
                    copy.copy.as_ref().is_some_and(|copy| copy.state == CopyState::Forwarded);
                let first = reasons.first().map(|first| first.code.as_str());
                has_gone || NOT_HERE.iter().any(|refusal| Some(refusal.code()) == first)
            }
            Answer::Done { .. } => false,
        },
        ScanAnswer::Patron { .. } | ScanAnswer::NeedsPatron { .. } => false,
    }
}
