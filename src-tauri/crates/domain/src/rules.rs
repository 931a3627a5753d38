//! The rules of lending: what stands against a borrow, a return or a renewal. The same questions are
//! asked by the site of a request, by the site of a fact (to flag it), and by a desk of its cache.

use crate::copy::{Copy, CopyState};
use crate::ids::EventId;
use crate::loan::Loan;
use crate::patron::PatronCard;
use crate::refusal::Refusal;
use crate::replicated::LoanPolicy;
use crate::times::LocalDate;

/// What is known when a borrow is judged.
#[derive(Debug, Clone, Copy)]
pub struct BorrowCase<'a> {
    /// The copy, if there is one with that barcode.
    pub copy: Option<&'a Copy>,
    /// The copy's open loan.
    pub open_loan: Option<&'a Loan>,
    /// The patron, if there is one with that code.
    pub patron: Option<&'a PatronCard>,
    /// The patron's open loans.
    pub patron_loans: &'a [Loan],
    /// The policy for the patron's category.
    pub policy: Option<&'a LoanPolicy>,
    /// The day of the scan at the branch.
    pub today: LocalDate,
}

/// Everything that stands against lending; nothing when it may go ahead. The first is the one to say.
#[must_use]
pub fn against_borrow(case: &BorrowCase<'_>) -> Vec<Refusal> {
    let mut found = Vec::new();
    match case.copy {
        None => found.push(Refusal::CopyUnknown),
        Some(copy) => found.extend(against_copy(copy, case.open_loan, case.patron)),
    }
    let Some(patron) = case.patron else {
        found.push(Refusal::PatronUnknown);
        return found;
    };
    found.extend(against_patron(patron, case.today));
    match case.policy {
        None => found.push(Refusal::NoPolicy),
        Some(policy) if case.patron_loans.len() >= usize::from(policy.loans_max) => {
            found.push(Refusal::LimitReached);
        }
        Some(_) => {}
    }
    if case.patron_loans.iter().any(|l| l.is_overdue(case.today)) {
        found.push(Refusal::HasOverdue);
    }
    found
}

fn against_copy(
    copy: &Copy,
    open_loan: Option<&Loan>,
    patron: Option<&PatronCard>,
) -> Option<Refusal> {
    match copy.state {
        CopyState::Free => None,
        CopyState::OnLoan => {
            let same = open_loan.zip(patron).is_some_and(|(l, p)| l.patron == p.code);
            Some(if same { Refusal::CopyWithThisPatron } else { Refusal::CopyOnLoan })
        }
        CopyState::InTransit => Some(Refusal::CopyInTransit),
        CopyState::Forwarded => Some(Refusal::CopyForwarded),
        CopyState::Damaged => Some(Refusal::CopyDamaged),
        CopyState::Lost => Some(Refusal::CopyLost),
        CopyState::Withdrawn => Some(Refusal::CopyWithdrawn),
    }
}

fn against_patron(patron: &PatronCard, today: LocalDate) -> Vec<Refusal> {
    let mut found = Vec::new();
    if patron.block.is_some() {
        found.push(Refusal::PatronBlocked);
    }
    if patron.card_expires.is_some_and(|last_day| last_day < today) {
        found.push(Refusal::CardExpired);
    }
    found
}

/// What stands against taking a copy back. A book that lies on the desk is taken back whatever is on
/// record of it; only a return that nothing answers to is refused.
#[must_use]
pub fn against_return(copy: Option<&Copy>, open_loan: Option<&Loan>) -> Vec<Refusal> {
    match (copy, open_loan) {
        (None, _) => vec![Refusal::CopyUnknown],
        (Some(_), None) => vec![Refusal::NotOnLoan],
        (Some(_), Some(_)) => Vec::new(),
    }
}

/// What is known when a renewal is judged.
#[derive(Debug, Clone, Copy)]
pub struct RenewCase<'a> {
    /// The borrow event that the renewal names.
    pub borrow: EventId,
    /// The copy's open loan.
    pub open_loan: Option<&'a Loan>,
    /// The loan's patron.
    pub patron: Option<&'a PatronCard>,
    /// The policy for the patron's category.
    pub policy: Option<&'a LoanPolicy>,
    /// The day of the scan at the branch.
    pub today: LocalDate,
}

/// Everything that stands against renewing.
#[must_use]
pub fn against_renew(case: &RenewCase<'_>) -> Vec<Refusal> {
    let Some(loan) = case.open_loan else {
        return vec![Refusal::NotOnLoan];
    };
    if loan.borrow != case.borrow {
        return vec![Refusal::LoanNotOpen];
    }
    let mut found = match case.patron {
        None => vec![Refusal::PatronUnknown],
        Some(patron) => against_patron(patron, case.today),
    };
    match case.policy {
        None => found.push(Refusal::NoPolicy),
        Some(policy) if loan.renewals >= policy.renewals_max => {
            found.push(Refusal::RenewalLimitReached);
        }
        Some(_) => {}
    }
    found
}

/// What is left of `found` for a librarian who has seen it and goes on all the same.
#[must_use]
pub fn after_override(found: &[Refusal], policy: Option<&LoanPolicy>) -> Vec<Refusal> {
    let may = policy.is_some_and(|p| p.may_override);
    found.iter().copied().filter(|r| !(may && r.can_be_overridden())).collect()
}

/// How many days a promised due date may lie beyond what the policy gives at the site, to allow for
/// closed days and policies that reached the desk late.
pub const DUE_DAYS_LEEWAY: i64 = crate::policy::CLOSED_DAYS_IN_A_ROW_MAX as i64 + 31;

/// Whether a promised due date is one that a desk could honestly have promised on `today`.
#[must_use]
pub fn due_is_plausible(due: LocalDate, today: LocalDate, days: u16) -> bool {
    let ahead = due.days_since(today);
    ahead >= 0 && ahead <= i64::from(days) + DUE_DAYS_LEEWAY
}
