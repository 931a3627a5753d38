//! Loans by borrow event, and how two sets of them differ.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use lienthu_domain::event::Event;
use lienthu_domain::fold::{Timeline, fold};
use lienthu_domain::ids::{Barcode, BranchCode, EventId};
use lienthu_domain::loan::Loan;
use lienthu_domain::review::Flag;
use lienthu_domain::times::ZoneOffset;
use lienthu_port::site::Site;

/// The site's own numbers are left out: they follow the order of arrival.
pub type Loans = BTreeMap<EventId, Loan>;

/// The loans that the site has of these copies.
///
/// # Errors
/// When the site fails, or does not know a copy.
pub async fn at_site(site: &dyn Site, copies: &[Barcode]) -> anyhow::Result<Loans> {
    let mut loans = Loans::new();
    for copy in copies {
        let file = site.copy(copy).await?.with_context(|| format!("the site lost {copy}"))?;
        let listed = file.loans.len();
        for loan in file.loans {
            ensure!(loan.copy == *copy, "{copy} lists a loan of {}", loan.copy);
            loans.insert(loan.borrow, Loan { no: 0, ..loan });
        }
        let of_copy = loans.values().filter(|l| l.copy == *copy).count();
        ensure!(of_copy == listed, "{copy} has two loans of one borrow");
    }
    Ok(loans)
}

/// The loans of these copies of a branch, and the odd things, that follow from a set of events by the fold.
pub fn of_events(branch: &BranchCode, set: &[&Event], copies: &[Barcode]) -> (Loans, Vec<Flag>) {
    let (mut loans, mut flags) = (Loans::new(), Vec::new());
    for copy in copies {
        let Timeline { loans: of_copy, flags: odd, .. } =
            fold(set.iter().copied().filter(|e| e.copy == *copy));
        for folded in &of_copy {
            let zone = ZoneOffset::VIET_NAM;
            let loan = Loan::from_fold(0, copy.clone(), branch.clone(), folded, zone);
            loans.insert(folded.borrow, loan);
        }
        flags.extend(odd);
    }
    flags.sort_unstable();
    (loans, flags)
}

/// The first difference between two sets of loans, for a person to read.
pub fn difference(what: &str, found: &Loans, expected: &Loans) -> Option<String> {
    for (borrow, loan) in expected {
        match found.get(borrow) {
            None => return Some(format!("{what}: the loan of {borrow} is missing: {loan:?}")),
            Some(other) if other != loan => {
                return Some(format!("{what}: found {other:?}, expected {loan:?}"));
            }
            Some(_) => {}
        }
    }
    let extra = found.keys().find(|borrow| !expected.contains_key(borrow));
    extra.map(|borrow| format!("{what}: a loan too many: {:?}", found.get(borrow)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::branch::{Branch, barcode, patron};
    use crate::kit::keys::key;
    use lienthu_domain::event::Deed;

    fn lent(n: u128) -> Event {
        let id = uuid::Uuid::from_u128(n);
        Event {
            id: EventId::new(id),
            desk: lienthu_domain::ids::DeskId::new(id),
            seq: 1,
            site: Branch::code(),
            scanned_by: key("lan"),
            at: key("2026-03-01T08:00:00Z"),
            uncertainty_ms: 0,
            overridden: false,
            copy: barcode(usize::try_from(n).unwrap()),
            deed: Deed::Borrow { patron: patron(1), due: key("2026-03-15") },
        }
    }

    #[test]
    fn a_loan_that_is_missing_changed_or_too_many_is_found_out() {
        let (one, two) = (lent(1), lent(2));
        let copies = [barcode(1), barcode(2)];
        let (both, _) = of_events(&Branch::code(), &[&one, &two], &copies);
        let (first, _) = of_events(&Branch::code(), &[&one], &copies);
        let mut changed = both.clone();
        for loan in changed.values_mut() {
            loan.renewals += 1;
        }
        assert_eq!(difference("same", &both, &both.clone()), None);
        assert!(difference("missing", &first, &both).is_some());
        assert!(difference("too many", &both, &first).is_some());
        assert!(difference("changed", &changed, &both).is_some());
    }
}
