//! Categories of patrons and what they may borrow.

use lienthu_domain::ids::{BranchCode, PatronCategory};
use lienthu_domain::replicated::LoanPolicy;

use crate::error::DemoError;

/// One category: its code, how many of a hundred patrons belong to it, their ages, the deposits that
/// they leave in thousands of đồng, and (days, books, renewals).
pub(crate) struct Category {
    pub(crate) code: &'static str,
    pub(crate) share: f64,
    pub(crate) ages: (i32, i32),
    pub(crate) deposits_k: &'static [u32],
    terms: (u16, u16, u8),
}

pub(crate) const CATEGORIES: [Category; 5] = [
    Category {
        code: "STUDENT",
        share: 38.0,
        ages: (15, 24),
        deposits_k: &[50, 100],
        terms: (21, 5, 2),
    },
    Category {
        code: "ADULT",
        share: 29.0,
        ages: (25, 59),
        deposits_k: &[100, 150, 200],
        terms: (14, 4, 2),
    },
    Category { code: "CHILD", share: 18.0, ages: (6, 14), deposits_k: &[0, 50], terms: (14, 3, 1) },
    Category {
        code: "TEACHER",
        share: 8.0,
        ages: (24, 58),
        deposits_k: &[0, 100],
        terms: (30, 8, 2),
    },
    Category { code: "SENIOR", share: 7.0, ages: (60, 82), deposits_k: &[0], terms: (28, 4, 3) },
];

/// For a category without a row of its own.
const ANY_CATEGORY: (u16, u16, u8) = (14, 3, 1);
/// One branch lends to children on terms of its own.
const OWN_TERMS: (&str, &str, (u16, u16, u8)) = ("Q5", "CHILD", (21, 4, 2));

pub(crate) fn policies() -> Result<Vec<LoanPolicy>, DemoError> {
    let mut policies = vec![policy(None, None, ANY_CATEGORY)];
    for category in CATEGORIES {
        policies.push(policy(None, Some(code(category.code)?), category.terms));
    }
    let (branch, category, terms) = OWN_TERMS;
    let branch = BranchCode::parse(branch).map_err(DemoError::own_key)?;
    policies.push(policy(Some(branch), Some(code(category)?), terms));
    Ok(policies)
}

pub(crate) fn code(category: &str) -> Result<PatronCategory, DemoError> {
    PatronCategory::parse(category).map_err(DemoError::own_key)
}

fn policy(
    branch: Option<BranchCode>,
    category: Option<PatronCategory>,
    (loan_days, loans_max, renewals_max): (u16, u16, u8),
) -> LoanPolicy {
    LoanPolicy {
        branch,
        category,
        loan_days,
        loans_max,
        renewals_max,
        // As long again, so that renewing on the first day takes nothing away.
        renewal_days: loan_days,
        may_override: true,
    }
}
