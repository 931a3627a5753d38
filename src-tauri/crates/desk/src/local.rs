//! What the desk knows by itself: the cache, and on top of it what this desk did since the state that
//! the cache shows. The fold that a site uses serves here too.

use std::collections::BTreeMap;

use lienthu_domain::copy::CopyState;
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::fold::fold;
use lienthu_domain::ids::{Barcode, DeskId, EventId, PatronCode, StaffLogin};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::policy::{due_date, policy_for};
use lienthu_domain::refusal::Refusal;
use lienthu_domain::replicated::{ClosedDay, LoanPolicy};
use lienthu_domain::rules::{BorrowCase, RenewCase, against_borrow, against_renew, against_return};
use lienthu_domain::times::LocalDate;
use lienthu_port::cache::{Around, KnownCopy, KnownPatron};

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
    /// The names of the titles that they have, by copy, as far as they were looked up.
    pub(crate) titles: BTreeMap<Barcode, String>,
}

/// What the desk knows around a copy.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) copy: LocalCopy,
    pub(crate) patron: Option<LocalPatron>,
    pub(crate) closed_days: Vec<ClosedDay>,
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
    /// Looks around a copy: the copy, and the patron who is named or, where none is, who has it.
    pub(crate) async fn look_around(
        &self,
        barcode: &Barcode,
        named: Option<&PatronCode>,
    ) -> Result<Surroundings, DeskError> {
        let mut around = self.cache.around(Some(barcode), named, self.today()).await?;
        let holder = around.copy.as_ref().and_then(|k| k.open_loan.as_ref()).map(|l| &l.patron);
        let code = named.or(holder).cloned();
        let unseen = match &code {
            Some(code) => {
                let mut copies = copies_of(around.patron.as_ref());
                copies.push(barcode.clone());
                self.outbox.unseen_of_patron(code, &copies, around.shown).await?
            }
            None => self.outbox.unseen_of_copy(barcode, around.shown).await?,
        };
        let copy = self.copy_after(barcode, around.copy.take(), &unseen.events)?;
        let closed_days = std::mem::take(&mut around.closed_days);
        let holder = copy.open_loan.as_ref().map(|l| &l.patron);
        let patron = match (code, holder) {
            (Some(code), holder) if named.is_some() || holder == Some(&code) => {
                Some(self.patron_after(code, around, &unseen.events)?)
            }
            // The book changed hands at this desk since.
            (_, Some(holder)) => Some(self.local_patron(holder).await?),
            (_, None) => None,
        };
        Ok(Surroundings { copy, patron, closed_days })
    }

    pub(crate) async fn local_copy(&self, barcode: &Barcode) -> Result<LocalCopy, DeskError> {
        let around = self.cache.around(Some(barcode), None, self.today()).await?;
        let unseen = self.outbox.unseen_of_copy(barcode, around.shown).await?;
        self.copy_after(barcode, around.copy, &unseen.events)
    }

    pub(crate) async fn local_patron(&self, code: &PatronCode) -> Result<LocalPatron, DeskError> {
        let around = self.cache.around(None, Some(code), self.today()).await?;
        let copies = copies_of(around.patron.as_ref());
        let unseen = self.outbox.unseen_of_patron(code, &copies, around.shown).await?;
        self.patron_after(code.clone(), around, &unseen.events)
    }

    fn copy_after(
        &self,
        barcode: &Barcode,
        known: Option<KnownCopy>,
        unseen: &[Event],
    ) -> Result<LocalCopy, DeskError> {
        let base = known.as_ref().and_then(|k| k.open_loan.as_ref());
        let open_loan = self.open_after(barcode, base, unseen)?;
        let mut copy = LocalCopy { barcode: barcode.clone(), known, open_loan: None };
        copy.set_open_loan(open_loan);
        Ok(copy)
    }

    fn patron_after(
        &self,
        code: PatronCode,
        around: Around,
        unseen: &[Event],
    ) -> Result<LocalPatron, DeskError> {
        let mut touched = copies_of(around.patron.as_ref());
        touched.extend(unseen.iter().map(|e| e.copy.clone()));
        touched.sort_unstable();
        touched.dedup();
        let (card, cached) = match around.patron {
            Some(KnownPatron { card, open_loans }) => (Some(card), open_loans),
            None => (None, Vec::new()),
        };
        let mut open_loans = Vec::with_capacity(touched.len());
        for copy in &touched {
            let base = cached.iter().find(|l| l.copy == *copy);
            open_loans
                .extend(self.open_after(copy, base, unseen)?.filter(|loan| loan.patron == code));
        }
        let branch = self.enrolment()?.branch;
        let policy = card
            .as_ref()
            .and_then(|card| policy_for(&around.policies, &branch, &card.category).cloned());
        let titles = around.titles;
        let mut patron = LocalPatron { code, card, open_loans, policy, titles };
        patron.sort();
        Ok(patron)
    }

    /// The open loan of a copy: that of the cache, if any, and what this desk did since.
    fn open_after(
        &self,
        copy: &Barcode,
        base: Option<&Loan>,
        events: &[Event],
    ) -> Result<Option<Loan>, DeskError> {
        Ok(self.loans_after(copy, base, events)?.into_iter().find(Loan::is_open))
    }

    /// The loans of a copy: the open one of the cache, if any, and what this desk did since (`events` may
    /// hold other copies' as well). A loan that the site has not numbered yet has the number 0.
    pub(crate) fn loans_after(
        &self,
        copy: &Barcode,
        base: Option<&Loan>,
        events: &[Event],
    ) -> Result<Vec<Loan>, DeskError> {
        let events: Vec<&Event> = events.iter().filter(|e| e.copy == *copy).collect();
        if events.is_empty() {
            return Ok(base.cloned().into_iter().collect());
        }
        let enrolment = self.enrolment()?;
        let before = base.map(|loan| borrow_event_of(loan, enrolment.desk));
        let timeline = fold(before.iter().chain(events));
        let loans = timeline.loans.iter().map(|folded| {
            let same = base.filter(|loan| loan.borrow == folded.borrow);
            let no = same.map_or(0, |loan| loan.no);
            let branch = enrolment.branch.clone();
            let mut loan = Loan::from_fold(no, copy.clone(), branch, folded, self.zone());
            // The fold counts only the renewals that it saw.
            loan.renewals = loan.renewals.saturating_add(same.map_or(0, |loan| loan.renewals));
            loan
        });
        Ok(loans.collect())
    }

    /// The due date to promise today.
    pub(crate) fn due_for(
        &self,
        days: impl FnOnce(&LoanPolicy) -> u16,
        policy: Option<&LoanPolicy>,
        closed_days: &[ClosedDay],
    ) -> Result<LocalDate, DeskError> {
        let days = policy.map_or(FALLBACK_LOAN_DAYS, days);
        Ok(due_date(self.today(), days, closed_days, &self.enrolment()?.branch))
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
            let title = match patron.titles.get(&loan.copy) {
                Some(title) => Some(title.clone()),
                // Lent here, and not yet back from the site.
                None => self.cache.copy(&loan.copy).await?.and_then(|k| k.title).map(|t| t.name),
            };
            loans.push(LoanLine {
                title: title.unwrap_or_default(),
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

/// The copies that the cache shows as a patron's.
fn copies_of(patron: Option<&KnownPatron>) -> Vec<Barcode> {
    patron.iter().flat_map(|known| &known.open_loans).map(|loan| loan.copy.clone()).collect()
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
