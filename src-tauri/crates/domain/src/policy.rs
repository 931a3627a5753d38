//! Loan policy: which row holds, and the due date that follows from it.

use crate::ids::{BranchCode, PatronCategory};
use crate::replicated::{ClosedDay, LoanPolicy};
use crate::times::LocalDate;

/// How many closed days in a row move a due date at most: a branch that is closed longer has no open
/// day that anyone knows, and the date stays where the policy puts it.
pub const CLOSED_DAYS_IN_A_ROW_MAX: i32 = 60;

/// The policy for a category at a branch: the branch's own row before the row for all branches, the
/// category's before the one for all categories; a row that names the branch wins over one that names
/// the category.
#[must_use]
pub fn policy_for<'a>(
    policies: &'a [LoanPolicy],
    branch: &BranchCode,
    category: &PatronCategory,
) -> Option<&'a LoanPolicy> {
    policies
        .iter()
        .filter(|p| p.branch.as_ref().is_none_or(|b| b == branch))
        .filter(|p| p.category.as_ref().is_none_or(|c| c == category))
        .max_by_key(|p| (p.branch.is_some(), p.category.is_some()))
}

/// The due date of a loan made, or renewed, on `today` for `days` days.
#[must_use]
pub fn due_date(
    today: LocalDate,
    days: u16,
    closed: &[ClosedDay],
    branch: &BranchCode,
) -> LocalDate {
    let due = today.plus_days(i32::from(days));
    let is_closed = |date: LocalDate| {
        closed.iter().any(|c| c.date == date && c.branch.as_ref().is_none_or(|b| b == branch))
    };
    (0..CLOSED_DAYS_IN_A_ROW_MAX)
        .map(|more| due.plus_days(more))
        .find(|date| !is_closed(*date))
        .unwrap_or(due)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn policy(branch: Option<&str>, category: Option<&str>, days: u16) -> LoanPolicy {
        LoanPolicy {
            branch: branch.map(|b| b.parse().unwrap()),
            category: category.map(|c| c.parse().unwrap()),
            loan_days: days,
            loans_max: 5,
            renewals_max: 2,
            renewal_days: 7,
            may_override: true,
        }
    }

    fn days_for(policies: &[LoanPolicy], branch: &str, category: &str) -> Option<u16> {
        policy_for(policies, &branch.parse().unwrap(), &category.parse().unwrap())
            .map(|p| p.loan_days)
    }

    #[test]
    fn the_most_particular_policy_holds() {
        let all = [
            policy(None, None, 1),
            policy(None, Some("STUDENT"), 2),
            policy(Some("Q1"), None, 3),
            policy(Some("Q1"), Some("STUDENT"), 4),
        ];
        assert_eq!(days_for(&all, "Q1", "STUDENT"), Some(4));
        assert_eq!(days_for(&all, "Q1", "CHILD"), Some(3));
        assert_eq!(days_for(&all, "Q3", "STUDENT"), Some(2));
        assert_eq!(days_for(&all, "Q3", "CHILD"), Some(1));
        assert_eq!(days_for(&all[1..2], "Q3", "CHILD"), None);
    }

    fn closed(dates: &[&str], branch: Option<&str>) -> Vec<ClosedDay> {
        dates
            .iter()
            .map(|d| ClosedDay {
                branch: branch.map(|b| b.parse().unwrap()),
                date: d.parse().unwrap(),
                note: String::new(),
            })
            .collect()
    }

    fn due(closed: &[ClosedDay]) -> String {
        let q1 = "Q1".parse().unwrap();
        due_date("2026-08-19".parse().unwrap(), 14, closed, &q1).to_string()
    }

    #[test]
    fn a_due_date_on_closed_days_moves_to_the_next_open_one() {
        assert_eq!(due(&[]), "2026-09-02");
        assert_eq!(due(&closed(&["2026-09-02", "2026-09-03"], None)), "2026-09-04");
        assert_eq!(due(&closed(&["2026-09-02"], Some("Q1"))), "2026-09-03");
        assert_eq!(due(&closed(&["2026-09-02"], Some("Q3"))), "2026-09-02");
    }

    #[test]
    fn a_branch_without_an_open_day_keeps_the_date() {
        let start: LocalDate = "2026-09-01".parse().unwrap();
        let days: Vec<String> = (0..100).map(|d| start.plus_days(d).to_string()).collect();
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        assert_eq!(due(&closed(&days, None)), "2026-09-02");
    }
}
