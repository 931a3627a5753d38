//! What the desk knows by itself: the cache, and on top of it what this desk did since the state that
//! the cache shows. The fold that a site uses serves here too.

use lienthu_domain::copy::CopyState;
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::fold::fold;
use lienthu_domain::ids::{Barcode, DeskId, EventId, PatronCode, StaffLogin};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::policy::{due_date, policy_for};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::replicated::{LoanPolicy, Title};
use lienthu_domain::rules::{BorrowCase, RenewCase, against_borrow, against_renew, against_return};
use lienthu_domain::times::LocalDate;
use lienthu_port::cache::{KnownCopy, KnownPatron};

use crate::answer::{CopyView, LoanLine, PatronView};
use crate::desk::Desk;
use crate::error::DeskError;

/// Days that a book is lent for when no policy is known and the librarian goes on all the same.
pub const FALLBACK_LOAN_DAYS: u16 = 7;

/// A copy as this desk believes it to be.
#[derive(Debug, Clone)]
pub(crate) struct LocalCopy {
    pub(crate) barcode: Barcode,
    pub(crate) known: Option<KnownCopy>,
    pub(crate) open_loan: Option<Loan>,
}

impl LocalCopy {
    /// Whether this desk has heard of it: from the site, or because it was lent here meanwhile.
    pub(crate) const fn is_known(&self) -> bool {
        self.known.is_some() || self.open_loan.is_some()
    }

    /// As it is once its open loan is this.
    pub(crate) fn set_open_loan(&mut self, open: Option<Loan>) {
        if let Some(known) = self.known.as_mut() {
            known.copy.state = CopyState::of(known.copy.condition, open.is_some());
            known.open_loan.clone_from(&open);
        }
        self.open_loan = open;
    }

    pub(crate) fn view(&self) -> CopyView {
        CopyView {
            barcode: self.barcode.clone(),
            copy: self.known.as_ref().map(|k| k.copy.clone()),
            title: self.known.as_ref().and_then(|k| k.title.clone()),
        }
    }
}

/// A patron as this desk believes them to be.
#[derive(Debug, Clone)]
pub(crate) struct LocalPatron {
    pub(crate) code: PatronCode,
    pub(crate) card: Option<PatronCard>,
    pub(crate) open_loans: Vec<Loan>,
    pub(crate) policy: Option<LoanPolicy>,
}

impl LocalPatron {
    /// As they are once the open loan of a copy is this, theirs or someone else's.
    pub(crate) fn set_loan_of(&mut self, copy: &Barcode, open: Option<Loan>) {
        self.open_loans.retain(|loan| loan.copy != *copy);
        self.open_loans.extend(open.filter(|loan| loan.patron == self.code));
        self.sort();
    }

    fn sort(&mut self) {
        self.open_loans.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.copy.cmp(&b.copy)));
    }
}

impl Desk {
    pub(crate) async fn local_copy(&self, barcode: &Barcode) -> Result<LocalCopy, DeskError> {
        let known = self.cache.copy(barcode).await?;
        let shown = self.cache.watermark().await?;
        let unseen = self.outbox.unseen_of_copy(barcode, shown).await?;
        let base = known.as_ref().and_then(|k| k.open_loan.as_ref());
        let open_loan = self.loans_after(barcode, base, &unseen.events)?;
        let mut copy = LocalCopy { barcode: barcode.clone(), known, open_loan: None };
        copy.set_open_loan(open_loan);
        Ok(copy)
    }

    pub(crate) async fn local_patron(&self, code: &PatronCode) -> Result<LocalPatron, DeskError> {
        let (card, cached) = match self.cache.patron(code).await? {
            Some(KnownPatron { card, open_loans }) => (Some(card), open_loans),
            None => (None, Vec::new()),
        };
        let shown = self.cache.watermark().await?;
        let copies: Vec<Barcode> = cached.iter().map(|l| l.copy.clone()).collect();
        let unseen = self.outbox.unseen_of_patron(code, &copies, shown).await?;
        let mut touched: Vec<Barcode> = unseen.events.iter().map(|e| e.copy.clone()).collect();
        touched.extend(copies);
        touched.sort_unstable();
        touched.dedup();
        let mut open_loans = Vec::with_capacity(touched.len());
        for copy in &touched {
            let base = cached.iter().find(|l| l.copy == *copy);
            let events: Vec<Event> =
                unseen.events.iter().filter(|e| e.copy == *copy).cloned().collect();
            open_loans
                .extend(self.loans_after(copy, base, &events)?.filter(|loan| loan.patron == *code));
        }
        let policy = match card.as_ref() {
            Some(card) => self.policy_of(card).await?,
            None => None,
        };
        let mut patron = LocalPatron { code: code.clone(), card, open_loans, policy };
        patron.sort();
        Ok(patron)
    }

    /// The open loan of a copy: that of the cache, if any, and what this desk did since. A loan that
    /// the site has not numbered yet has the number 0.
    pub(crate) fn loans_after(
        &self,
        copy: &Barcode,
        base: Option<&Loan>,
        events: &[Event],
    ) -> Result<Option<Loan>, DeskError> {
        if events.is_empty() {
            return Ok(base.cloned());
        }
        let enrolment = self.enrolment()?;
        let before = base.map(|loan| borrow_event_of(loan, enrolment.desk));
        let timeline = fold(before.iter().chain(events));
        Ok(timeline.open().map(|open| {
            let same = base.filter(|loan| loan.borrow == open.borrow);
            let mut loan = Loan::from_fold(
                same.map_or(0, |loan| loan.no),
                copy.clone(),
                enrolment.branch.clone(),
                open,
                self.zone(),
            );
            // The fold counts only the renewals that it saw.
            loan.renewals = loan.renewals.saturating_add(same.map_or(0, |loan| loan.renewals));
            loan
        }))
    }

    async fn policy_of(&self, card: &PatronCard) -> Result<Option<LoanPolicy>, DeskError> {
        let policies = self.cache.policies().await?;
        Ok(policy_for(&policies, &self.enrolment()?.branch, &card.category).cloned())
    }

    /// The due date to promise today.
    pub(crate) async fn due_for(
        &self,
        days: impl FnOnce(&LoanPolicy) -> u16,
        policy: Option<&LoanPolicy>,
    ) -> Result<LocalDate, DeskError> {
        let today = self.today();
        let closed = self.cache.closed_days(today).await?;
        let days = policy.map_or(FALLBACK_LOAN_DAYS, days);
        Ok(due_date(today, days, &closed, &self.enrolment()?.branch))
    }

    /// What stands against an operation as far as this desk knows; asked when the site cannot be.
    pub(crate) fn against(
        &self,
        deed: &Deed,
        copy: &LocalCopy,
        patron: Option<&LocalPatron>,
    ) -> Vec<Refusal> {
        match deed {
            Deed::Borrow { .. } => against_borrow(&BorrowCase {
                copy: copy.known.as_ref().map(|k| &k.copy),
                open_loan: copy.open_loan.as_ref(),
                patron: patron.and_then(|p| p.card.as_ref()),
                patron_loans: patron.map_or(&[], |p| &p.open_loans),
                policy: patron.and_then(|p| p.policy.as_ref()),
                today: self.today(),
            }),
            Deed::Return { .. } => {
                against_return(copy.known.as_ref().map(|k| &k.copy), copy.open_loan.as_ref())
            }
            Deed::Renew { borrow, .. } => against_renew(&RenewCase {
                borrow: *borrow,
                open_loan: copy.open_loan.as_ref(),
                patron: patron.and_then(|p| p.card.as_ref()),
                policy: patron.and_then(|p| p.policy.as_ref()),
                today: self.today(),
            }),
            Deed::Undo { .. } | Deed::Settle { .. } => Vec::new(),
        }
    }

    pub(crate) async fn view_of(
        &self,
        patron: Option<&LocalPatron>,
    ) -> Result<Option<PatronView>, DeskError> {
        match patron {
            None => Ok(None),
            Some(patron) => Ok(Some(self.patron_view(patron).await?)),
        }
    }

    /// A patron for the screen.
    pub(crate) async fn patron_view(&self, patron: &LocalPatron) -> Result<PatronView, DeskError> {
        let today = self.today();
        let mut loans = Vec::with_capacity(patron.open_loans.len());
        for loan in &patron.open_loans {
            let title = self.cache.copy(&loan.copy).await?.and_then(|k| k.title);
            loans.push(LoanLine {
                title: title.map(|t: Title| t.name).unwrap_or_default(),
                overdue: loan.is_overdue(today),
                loan: loan.clone(),
            });
        }
        // Judged without a book: what is left stands against the patron alone.
        let mut against = against_borrow(&BorrowCase {
            copy: None,
            open_loan: None,
            patron: patron.card.as_ref(),
            patron_loans: &patron.open_loans,
            policy: patron.policy.as_ref(),
            today,
        });
        against.retain(|refusal| *refusal != Refusal::CopyUnknown);
        Ok(PatronView {
            code: patron.code.clone(),
            card: patron.card.clone(),
            loans,
            loans_max: patron.policy.as_ref().map(|p| p.loans_max),
            warnings: against.into_iter().map(Into::into).collect(),
        })
    }
}

/// A loan of the cache as the event that opened it, for folding what came after on top of it.
fn borrow_event_of(loan: &Loan, desk: DeskId) -> Event {
    Event {
        id: loan.borrow,
        desk,
        // Before every event of this desk.
        seq: 0,
        site: loan.branch.clone(),
        scanned_by: nobody(),
        at: loan.borrowed_at,
        uncertainty_ms: 0,
        overridden: false,
        copy: loan.copy.clone(),
        deed: Deed::Borrow { patron: loan.patron.clone(), due: loan.due },
    }
}

fn nobody() -> StaffLogin {
    // The fold does not look at it.
    #[expect(clippy::unwrap_used, reason = "a constant that parses")]
    StaffLogin::parse("-").unwrap()
}

/// The event that opened a copy's open loan.
pub(crate) fn borrow_of(copy: &LocalCopy) -> Option<EventId> {
    copy.open_loan.as_ref().map(|loan| loan.borrow)
}
