//! Judging events: what stands against a request, and what is odd about a fact. Both ask the rules of
//! the domain about the state at that moment.

use lienthu_domain::copy::{Copy, CopyCondition};
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::ids::{EventId, PatronCode};
use lienthu_domain::loan::Loan;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::replicated::LoanPolicy;
use lienthu_domain::review::{Flag, FlagKind};
use lienthu_domain::rules::{
    BorrowCase, RenewCase, after_override, against_borrow, against_renew, against_return,
    due_is_plausible,
};
use lienthu_domain::times::LocalDate;

use lienthu_port::submit::Sending;

use crate::failure::Failure;
use crate::state::{State, is_on_timeline};

/// Everything that stands against a request; nothing when it is accepted.
pub(crate) fn against(state: &mut State<'_>, event: &Event) -> Result<Vec<Refusal>, Failure> {
    match &event.deed {
        Deed::Borrow { patron, due } => {
            let loans = state.loans_of_patron(patron)?;
            against_lending(state, event, patron, *due, &loans)
        }
        Deed::Return { .. } => {
            let open = state.open_loan(&event.copy)?;
            let story = state.story(&event.copy)?;
            // A removed copy that someone carries is still to be had back.
            let copy = story.copy.as_ref().filter(|kept| !kept.removed || open.is_some());
            Ok(against_return(copy.map(|kept| &kept.row), open.as_ref()))
        }
        Deed::Renew { borrow, due } => {
            if state.story(&event.copy)?.copy.is_none() {
                return Ok(vec![Refusal::CopyUnknown]);
            }
            against_renewing(state, event, *borrow, *due)
        }
        Deed::Undo { target } => {
            let story = state.story(&event.copy)?;
            let can_be =
                story.event(*target).is_some_and(is_on_timeline) && !story.is_undone(*target);
            Ok(if can_be { Vec::new() } else { vec![Refusal::NothingToUndo] })
        }
        Deed::Settle { target, flag, .. } => {
            let items = state.story(&event.copy)?.items();
            let waits = items.iter().any(|item| item.event == *target && item.kind == *flag);
            Ok(if waits { Vec::new() } else { vec![Refusal::NothingToSettle] })
        }
    }
}

/// What is odd about an event that is accepted. What the timeline itself shows, such as a return that
/// was missed, is the fold's to flag; that the copy is unknown is seen whenever the items are listed.
pub(crate) fn odd(
    state: &mut State<'_>,
    sending: &Sending,
    is_fact: bool,
) -> Result<Vec<Flag>, Failure> {
    let event = &sending.event;
    let mut flags = Vec::new();
    if is_fact {
        flags = odd_of_fact(state, event)?;
    }
    // Who received a book at another branch is nobody here.
    if !sending.is_delivery() && !state.is_librarian(&event.scanned_by)? {
        flags.push(Flag::new(event.id, FlagKind::ScannerLostRole));
    }
    Ok(flags)
}

fn odd_of_fact(state: &mut State<'_>, event: &Event) -> Result<Vec<Flag>, Failure> {
    let broken = match &event.deed {
        Deed::Borrow { patron, due } => {
            let mut loans = state.loans_of_patron(patron)?;
            // A late fact is not held against the loans that came after it, and a book that is lent
            // again is no longer among those that the patron has.
            loans.retain(|loan| loan.borrowed_at <= event.at && loan.copy != event.copy);
            against_lending(state, event, patron, *due, &loans)?
        }
        Deed::Renew { borrow, due } => against_renewing(state, event, *borrow, *due)?,
        Deed::Return { .. } | Deed::Undo { .. } | Deed::Settle { .. } => Vec::new(),
    };
    let mut flags = Vec::new();
    if matches!(event.deed, Deed::Borrow { .. } | Deed::Return { .. })
        && state
            .story(&event.copy)?
            .copy
            .as_ref()
            .is_some_and(|kept| kept.removed || kept.row.condition != CopyCondition::Good)
    {
        flags.push(Flag::new(event.id, FlagKind::CopyNotInCollection));
    }
    if broken.contains(&Refusal::PatronUnknown) && matches!(event.deed, Deed::Borrow { .. }) {
        flags.push(Flag::new(event.id, FlagKind::PatronUnknown));
    }
    if let Some(rule) = broken.into_iter().find(|refusal| is_a_broken_rule(*refusal)) {
        flags.push(Flag { refusal: Some(rule), ..Flag::new(event.id, FlagKind::RuleBroken) });
    }
    Ok(flags)
}

/// Whether a refusal, of a fact, is a matter of rules alone. The others have kinds of their own or are
/// the timeline's business.
const fn is_a_broken_rule(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::PatronBlocked
            | Refusal::CardExpired
            | Refusal::LimitReached
            | Refusal::HasOverdue
            | Refusal::NoPolicy
            | Refusal::RenewalLimitReached
            | Refusal::DueDateWrong
    )
}

fn against_lending(
    state: &mut State<'_>,
    event: &Event,
    code: &PatronCode,
    due: LocalDate,
    patron_loans: &[Loan],
) -> Result<Vec<Refusal>, Failure> {
    let open_loan = state.open_loan(&event.copy)?;
    let copy: Option<Copy> = state.story(&event.copy)?.known_copy().cloned();
    let patron = state.patron(code)?;
    let policy = patron.as_ref().and_then(|patron| state.policy(&patron.category));
    let today = state.day_of(event);
    let found = against_borrow(&BorrowCase {
        copy: copy.as_ref(),
        open_loan: open_loan.as_ref(),
        patron: patron.as_ref(),
        patron_loans,
        policy,
        today,
    });
    Ok(left(event, found, policy, due, today, |policy| policy.loan_days))
}

fn against_renewing(
    state: &mut State<'_>,
    event: &Event,
    borrow: EventId,
    due: LocalDate,
) -> Result<Vec<Refusal>, Failure> {
    let open_loan = state.open_loan(&event.copy)?;
    let patron = match &open_loan {
        Some(loan) => state.patron(&loan.patron)?,
        None => None,
    };
    let policy = patron.as_ref().and_then(|patron| state.policy(&patron.category));
    let today = state.day_of(event);
    let found = against_renew(&RenewCase {
        borrow,
        open_loan: open_loan.as_ref(),
        patron: patron.as_ref(),
        policy,
        today,
    });
    Ok(left(event, found, policy, due, today, |policy| policy.renewal_days))
}

/// What is left when the promised date is looked at too and the librarian's override is heard.
fn left(
    event: &Event,
    mut found: Vec<Refusal>,
    policy: Option<&LoanPolicy>,
    due: LocalDate,
    today: LocalDate,
    days: fn(&LoanPolicy) -> u16,
) -> Vec<Refusal> {
    if policy.is_some_and(|policy| !due_is_plausible(due, today, days(policy))) {
        found.push(Refusal::DueDateWrong);
    }
    if event.overridden { after_override(&found, policy) } else { found }
}
