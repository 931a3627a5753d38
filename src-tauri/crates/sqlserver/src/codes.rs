//! How the domain's closed lists are written in columns.

use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::event::Claim;
use lienthu_domain::loan::LoanEnding;
use lienthu_domain::replicated::BranchStanding;

macro_rules! codes {
    ($name:ident, $type:ty, $( $variant:path = $code:literal ),* $(,)?) => {
        pub(crate) fn $name(code: &str) -> Option<$type> {
            match code { $( $code => Some($variant), )* _ => None }
        }
    };
}

codes!(
    condition,
    CopyCondition,
    CopyCondition::Good = "good",
    CopyCondition::InTransit = "in_transit",
    CopyCondition::Forwarded = "forwarded",
    CopyCondition::Damaged = "damaged",
    CopyCondition::Lost = "lost",
    CopyCondition::Withdrawn = "withdrawn",
);
codes!(
    state,
    CopyState,
    CopyState::Free = "free",
    CopyState::OnLoan = "on_loan",
    CopyState::InTransit = "in_transit",
    CopyState::Forwarded = "forwarded",
    CopyState::Damaged = "damaged",
    CopyState::Lost = "lost",
    CopyState::Withdrawn = "withdrawn",
);
codes!(
    standing,
    BranchStanding,
    BranchStanding::Active = "active",
    BranchStanding::Away = "away",
    BranchStanding::Closed = "closed",
);
codes!(ending, LoanEnding, LoanEnding::Returned = "returned", LoanEnding::LentAgain = "lent_again",);

/// How a condition is sent.
pub(crate) const fn condition_code(condition: CopyCondition) -> &'static str {
    match condition {
        CopyCondition::Good => "good",
        CopyCondition::InTransit => "in_transit",
        CopyCondition::Forwarded => "forwarded",
        CopyCondition::Damaged => "damaged",
        CopyCondition::Lost => "lost",
        CopyCondition::Withdrawn => "withdrawn",
    }
}

/// How a claim is sent.
pub(crate) const fn claim_code(claim: Claim) -> &'static str {
    match claim {
        Claim::Request => "request",
        Claim::Fact => "fact",
        Claim::Withdrawal => "withdrawal",
    }
}
