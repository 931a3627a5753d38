//! Invariant I1, over all sites: a barcode is live at one branch alone, or on its way by one transfer; and what went
//! to another branch is found by following where it went. A patron's code is that of one patron.
//!
//! Sites are not read at one moment: what moved meanwhile may look odd. So what looks odd is looked at again, and told
//! where it still does.

use std::collections::{BTreeMap, BTreeSet};

use lienthu_domain::ids::{Barcode, BranchCode, PatronCode};
use lienthu_port::replica::{Asked, HELD_ASKED_MAX, HELD_PAGE_MAX, HeldCopy, Holding, KnownPatron};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::Replicas;
use super::paging::Merge;

/// What is not as it should be with a barcode or a patron's code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CustodyFinding {
    /// It is live at several branches.
    LiveTwice {
        /// Which.
        barcode: Barcode,
        /// Where.
        branches: Vec<BranchCode>,
    },
    /// A branch says that it went to another one, and nothing of it is found by following it.
    Astray {
        /// Which.
        barcode: Barcode,
        /// Who says so.
        branch: BranchCode,
        /// Where it went; nothing where the row does not say.
        to: Option<BranchCode>,
    },
    /// It arrived from a branch that did not send it.
    NotSent {
        /// Which.
        barcode: Barcode,
        /// Where it arrived.
        branch: BranchCode,
        /// From where.
        from: BranchCode,
    },
    /// It is the code of different patrons.
    PatronCodeTwice {
        /// Which.
        code: PatronCode,
        /// Where.
        branches: Vec<BranchCode>,
    },
}

/// What is odd about a barcode, by how each site has it. Of sites that were not heard nothing is said.
#[must_use]
pub fn judge_copy(
    barcode: &Barcode,
    held: &BTreeMap<BranchCode, Holding>,
    heard: &BTreeSet<BranchCode>,
) -> Vec<CustodyFinding> {
    let mut findings = vec![];
    let is_here = |holding: &&Holding| {
        matches!(holding, Holding::Live | Holding::Leaving { .. } | Holding::Arrived { .. })
    };
    let here: Vec<&BranchCode> =
        held.iter().filter(|(_, holding)| is_here(holding)).map(|(branch, _)| branch).collect();
    let transfers: BTreeSet<_> = here
        .iter()
        .filter_map(|branch| match held.get(*branch)? {
            Holding::Leaving { txn } | Holding::Arrived { txn, .. } => Some(*txn),
            _ => None,
        })
        .collect();
    let is_one_transfer = here.len() == 2
        && transfers.len() == 1
        && here.iter().all(|branch| held.get(*branch) != Some(&Holding::Live));
    if here.len() > 1 && !is_one_transfer {
        let branches = here.iter().copied().cloned().collect();
        findings.push(CustodyFinding::LiveTwice { barcode: barcode.clone(), branches });
    }
    for (branch, holding) in held {
        match holding {
            Holding::Forwarded { to } if !leads_somewhere(branch, held, heard) => {
                let (barcode, branch, to) = (barcode.clone(), branch.clone(), to.clone());
                findings.push(CustodyFinding::Astray { barcode, branch, to });
            }
            Holding::Arrived { from, .. } if heard.contains(from) => {
                let was_sent = matches!(
                    held.get(from),
                    Some(Holding::Forwarded { .. } | Holding::Leaving { .. })
                );
                if !was_sent {
                    let (barcode, branch, from) = (barcode.clone(), branch.clone(), from.clone());
                    findings.push(CustodyFinding::NotSent { barcode, branch, from });
                }
            }
            _ => {}
        }
    }
    findings
}

/// Whether something of it is found by following where it went; or nobody can say.
fn leads_somewhere(
    from: &BranchCode,
    held: &BTreeMap<BranchCode, Holding>,
    heard: &BTreeSet<BranchCode>,
) -> bool {
    let mut passed = BTreeSet::new();
    let mut at = from;
    loop {
        if !passed.insert(at) {
            return false;
        }
        match held.get(at) {
            Some(Holding::Forwarded { to: Some(to) }) => at = to,
            Some(Holding::Forwarded { to: None }) => return false,
            Some(_) => return true,
            None => return !heard.contains(at),
        }
    }
}

/// Whether a code is that of different patrons: one whom a visitor card names is the same.
#[must_use]
pub fn judge_patron(
    code: &PatronCode,
    known: &BTreeMap<BranchCode, Option<(BranchCode, PatronCode)>>,
) -> Option<CustodyFinding> {
    let who: BTreeSet<(BranchCode, PatronCode)> = known
        .iter()
        .map(|(branch, home)| home.clone().unwrap_or_else(|| (branch.clone(), code.clone())))
        .collect();
    let branches = known.keys().cloned().collect();
    (who.len() > 1).then(|| CustodyFinding::PatronCodeTwice { code: code.clone(), branches })
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// Barcodes that came, of all sites.
    pub barcodes: usize,
    /// Codes of patrons that came, of all sites.
    pub codes: usize,
}

/// Looks at every barcode and every code of a patron at all sites. `found` takes what is odd.
pub async fn look(replicas: &mut Replicas, mut found: impl FnMut(CustodyFinding)) -> Looked {
    let mut odd: Vec<Barcode> = vec![];
    let mut merge = Merge::over(replicas, HELD_PAGE_MAX, |copy: &HeldCopy| copy.barcode.as_str());
    while let Some((_, copies)) = merge
        .next(replicas, |site, behind| async move {
            let behind = behind.and_then(|barcode| Barcode::parse(&barcode).ok());
            site.held_copies(&Asked::Behind(behind)).await
        })
        .await
    {
        let heard = replicas.branches().cloned().collect();
        let Some((_, first)) = copies.first() else { continue };
        let barcode = first.barcode.clone();
        let held = copies.into_iter().map(|(branch, copy)| (branch, copy.holding)).collect();
        if !judge_copy(&barcode, &held, &heard).is_empty() {
            odd.push(barcode);
            if odd.len() == HELD_ASKED_MAX {
                again(replicas, std::mem::take(&mut odd), &mut found).await;
            }
        }
    }
    let barcodes = merge.taken;
    again(replicas, odd, &mut found).await;

    let mut merge = Merge::over(replicas, HELD_PAGE_MAX, |card: &KnownPatron| card.code.as_str());
    while let Some((_, patrons)) = merge
        .next(replicas, |site, behind| async move {
            let behind = behind.and_then(|code| PatronCode::parse(&code).ok());
            site.known_patrons(&Asked::Behind(behind)).await
        })
        .await
    {
        let Some((_, first)) = patrons.first() else { continue };
        let code = first.code.clone();
        let known = patrons.into_iter().map(|(branch, patron)| (branch, patron.home)).collect();
        judge_patron(&code, &known).into_iter().for_each(&mut found);
    }
    Looked { barcodes, codes: merge.taken }
}

/// The second look.
async fn again(replicas: &mut Replicas, odd: Vec<Barcode>, found: &mut impl FnMut(CustodyFinding)) {
    if odd.is_empty() {
        return;
    }
    let asked = Asked::These(odd.clone());
    let answers = replicas.ask_all(|_, site| {
        let asked = asked.clone();
        async move { site.held_copies(&asked).await }
    });
    let answers = answers.await;
    let heard: BTreeSet<BranchCode> = answers.keys().cloned().collect();
    let mut held: BTreeMap<Barcode, BTreeMap<BranchCode, Holding>> = BTreeMap::new();
    for (branch, copies) in answers {
        for copy in copies {
            held.entry(copy.barcode).or_default().insert(branch.clone(), copy.holding);
        }
    }
    for barcode in odd {
        let Some(held) = held.get(&barcode) else { continue };
        judge_copy(&barcode, held, &heard).into_iter().for_each(&mut *found);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use lienthu_domain::ids::TxnId;
    use uuid::Uuid;

    use super::*;

    fn branch(code: &str) -> BranchCode {
        code.parse().unwrap()
    }

    fn to(code: &str) -> Holding {
        Holding::Forwarded { to: Some(branch(code)) }
    }

    fn txn(number: u128) -> TxnId {
        TxnId::new(Uuid::from_u128(number))
    }

    fn judged(held: &[(&str, Holding)], heard: &[&str]) -> Vec<&'static str> {
        let held = held.iter().map(|(code, holding)| (branch(code), holding.clone())).collect();
        let heard = heard.iter().map(|code| branch(code)).collect();
        let findings = judge_copy(&"C1".parse().unwrap(), &held, &heard);
        let word = |finding: &CustodyFinding| match finding {
            CustodyFinding::LiveTwice { .. } => "twice",
            CustodyFinding::Astray { .. } => "astray",
            CustodyFinding::NotSent { .. } => "not sent",
            CustodyFinding::PatronCodeTwice { .. } => "patron",
        };
        findings.iter().map(word).collect()
    }

    const ALL: [&str; 3] = ["Q1", "Q3", "TD"];

    #[test]
    fn a_barcode_is_live_at_one_branch_alone() {
        assert_eq!(judged(&[("Q1", Holding::Live)], &ALL), [""; 0]);
        assert_eq!(judged(&[("Q1", Holding::Live), ("Q3", Holding::Live)], &ALL), ["twice"]);
        let removed = [("Q1", Holding::Live), ("Q3", Holding::Removed)];
        assert_eq!(judged(&removed, &ALL), [""; 0]);
    }

    #[test]
    fn one_transfer_may_have_it_at_both_ends_and_two_may_not() {
        let leaving = |number| Holding::Leaving { txn: txn(number) };
        let arrived = |number| Holding::Arrived { txn: txn(number), from: branch("Q1") };
        assert_eq!(judged(&[("Q1", leaving(1)), ("Q3", arrived(1))], &ALL), [""; 0]);
        assert_eq!(judged(&[("Q1", leaving(1)), ("Q3", arrived(2))], &ALL), ["twice"]);
        assert_eq!(judged(&[("Q1", to("Q3")), ("Q3", arrived(1))], &ALL), [""; 0]);
        assert_eq!(judged(&[("Q3", arrived(1))], &ALL), ["not sent"]);
        assert_eq!(judged(&[("Q3", arrived(1))], &["Q3"]), [""; 0], "nobody asked Q1");
    }

    #[test]
    fn what_went_away_is_found_by_following_it() {
        let chain = [("Q1", to("Q3")), ("Q3", to("TD")), ("TD", Holding::Live)];
        assert_eq!(judged(&chain, &ALL), [""; 0]);
        assert_eq!(judged(&chain[..2], &ALL), ["astray", "astray"]);
        assert_eq!(judged(&chain[..2], &["Q1", "Q3"]), [""; 0], "nobody asked TD");
        assert_eq!(judged(&[("Q1", to("Q3")), ("Q3", to("Q1"))], &ALL), ["astray", "astray"]);
        assert_eq!(judged(&[("Q1", Holding::Forwarded { to: None })], &ALL), ["astray"]);
        assert_eq!(judged(&[("Q1", to("Q3")), ("Q3", Holding::Removed)], &ALL), [""; 0]);
    }

    #[test]
    fn a_code_is_one_patrons_and_a_visitor_card_is_its_owners() {
        let judged = |known: &[(&str, Option<(&str, &str)>)]| {
            let home = |(at, code): (&str, &str)| (branch(at), code.parse().unwrap());
            let known = known.iter().map(|(at, of)| (branch(at), of.map(home))).collect();
            judge_patron(&"D1".parse().unwrap(), &known).is_some()
        };
        assert!(!judged(&[("Q1", None)]));
        assert!(judged(&[("Q1", None), ("Q3", None)]));
        assert!(!judged(&[("Q1", None), ("Q3", Some(("Q1", "D1")))]));
        assert!(judged(&[("Q1", None), ("Q3", Some(("TD", "D1")))]));
    }
}
