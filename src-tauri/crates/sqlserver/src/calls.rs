//! The calls: which procedure each is, which right it takes, and whether it may be sent twice.

use lienthu_domain::event::Deed;
use lienthu_domain::rights::Right;
use lienthu_port::submit::Sending;

/// A procedure of the site with its parameters' names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) procedure: &'static str,
    pub(crate) params: &'static [&'static str],
    /// The right that the site asks for. Of several, the caller says which.
    pub(crate) right: Option<Right>,
    /// Whether sending it again changes nothing.
    pub(crate) is_idempotent: bool,
}

const fn asks(
    procedure: &'static str,
    params: &'static [&'static str],
    right: Option<Right>,
) -> Call {
    Call { procedure, params, right, is_idempotent: true }
}

const fn changes(procedure: &'static str, params: &'static [&'static str], right: Right) -> Call {
    Call { procedure, params, right: Some(right), is_idempotent: false }
}

pub(crate) const HELLO: Call = asks("Hello", &["desk", "known_number", "known_token"], None);
pub(crate) const PULL: Call = asks(
    "PullChanges",
    &["shown_number", "shown_token", "read_number", "read_token", "at_number", "at_kind", "at_key"],
    Some(Right::Follow),
);
pub(crate) const COPY: Call = asks("GetCopy", &["barcode"], Some(Right::LookUpBranch));
pub(crate) const PATRON: Call = asks("GetPatron", &["code"], Some(Right::LookUpBranch));
pub(crate) const FIND_PATRONS: Call =
    asks("FindPatrons", &["by_name", "words", "typed"], Some(Right::LookUpBranch));
pub(crate) const REVIEW_ITEMS: Call = asks("ReviewItems", &[], Some(Right::LookUpBranch));
pub(crate) const FREE_COPIES: Call = asks("FreeCopies", &["title"], Some(Right::CountFree));
pub(crate) const HOLDINGS: Call = asks("CountHoldings", &["titles"], Some(Right::CountFree));
pub(crate) const COPY_PLACE: Call = asks("LocateCopy", &["barcode"], Some(Right::LookUpBranch));
pub(crate) const PATRON_LOANS: Call = asks(
    "ListPatronLoans",
    &["home", "code", "behind_at", "behind_borrow"],
    Some(Right::LookUpNetwork),
);
pub(crate) const FIGURES: Call =
    asks("AddUpFigures", &["from_day", "to_day", "step"], Some(Right::ReadFigures));
pub(crate) const MOST_LENT: Call = asks(
    "ListMostLent",
    &["from_day", "to_day", "at_least", "after_loans", "after_title", "limit"],
    Some(Right::ReadFigures),
);
pub(crate) const TIMES_LENT: Call =
    asks("CountTimesLent", &["from_day", "to_day", "titles"], Some(Right::ReadFigures));
pub(crate) const PUT_PATRON: Call = changes("PutPatron", &["patron", "seen"], Right::KeepPatrons);
pub(crate) const REMOVE_PATRON: Call = changes("RemovePatron", &["code"], Right::KeepPatrons);
pub(crate) const ADD_COPIES: Call = changes("AddCopies", &["copies"], Right::KeepCopies);
pub(crate) const PUT_COPY: Call = changes("PutCopy", &["details", "seen"], Right::KeepCopies);
pub(crate) const REMOVE_COPY: Call = changes("RemoveCopy", &["barcode"], Right::KeepCopies);

pub(crate) const PREPARE: Call = asks(
    "PrepareTransaction",
    &["txn", "to_branch", "to_incarnation", "terms", "action"],
    Some(Right::Decide),
);
pub(crate) const DECIDE: Call = asks(
    "DecideTransaction",
    &["txn", "to_branch", "to_incarnation", "outcome"],
    Some(Right::Recover),
);
pub(crate) const FINISH: Call = asks(
    "FinishTransaction",
    &["txn", "to_branch", "to_incarnation", "outcome", "decided_by", "decided_incarnation", "seal"],
    Some(Right::Recover),
);
pub(crate) const ASK: Call =
    asks("AskTransaction", &["txn", "to_branch", "to_incarnation"], Some(Right::Recover));
pub(crate) const ANNOUNCE: Call = asks(
    "AnnouncePeer",
    &["txn", "to_branch", "to_incarnation", "peer", "peer_incarnation"],
    Some(Right::Decide),
);
pub(crate) const REPLAY: Call = asks(
    "ReplayTransaction",
    &[
        "txn",
        "to_branch",
        "to_incarnation",
        "terms",
        "action",
        "outcome",
        "decided_by",
        "decided_incarnation",
        "seal",
    ],
    Some(Right::Decide),
);
pub(crate) const FORCE: Call = asks(
    "ForceTransaction",
    &["txn", "to_branch", "to_incarnation", "outcome"],
    Some(Right::Decide),
);
pub(crate) const FORGET: Call =
    asks("ForgetTransaction", &["txn", "to_branch", "to_incarnation"], Some(Right::Decide));
pub(crate) const TRANSACTIONS: Call =
    asks("ListTransactions", &["naming", "incarnation", "after"], Some(Right::Recover));
pub(crate) const NETWORK: Call = asks("DescribeNetwork", &[], Some(Right::Recover));
pub(crate) const REPLICATED: Call = asks("ReadReplicated", &["rows"], Some(Right::Decide));
pub(crate) const READMIT: Call = asks("ReadmitSite", &[], Some(Right::Decide));
pub(crate) const AGENTS: Call = asks("ListAgents", &[], Some(Right::Follow));
pub(crate) const LIST_COPIES: Call =
    asks("ListCopies", &["sought", "barcodes", "title", "after"], Some(Right::CountFree));
pub(crate) const VISITOR: Call = asks("FindVisitor", &["card"], Some(Right::LookUpVisitor));
pub(crate) const RECEIVE: Call = changes("ReceiveCopies", &["barcodes"], Right::Receive);

pub(crate) const DIGESTS: Call =
    asks("DigestReplica", &["table", "within_depth", "within", "depth"], Some(Right::Audit));
pub(crate) const REPLICA_KEYS: Call =
    asks("ListReplicaKeys", &["table", "within_depth", "within", "behind"], Some(Right::Audit));
pub(crate) const HELD_COPIES: Call =
    asks("ListHeldCopies", &["behind", "asked"], Some(Right::Audit));
pub(crate) const KNOWN_PATRONS: Call =
    asks("ListKnownPatrons", &["behind", "asked"], Some(Right::Audit));
pub(crate) const FILL: Call = changes("FillReplica", &["membership", "action"], Right::Audit);

const SUBMIT: &[&str] = &["events"];
const SUBMIT_PROVEN: &[&str] = &["events", "proven_number", "proven_token"];

/// Sending this batch, with proof of an earlier state or without.
pub(crate) fn submit(batch: &[Sending], has_proof: bool) -> Call {
    let settles = |sending: &Sending| matches!(sending.event.deed, Deed::Settle { .. });
    // An empty batch asks no more than whether one may send.
    let right = if batch.is_empty() {
        Right::Circulate
    } else if batch.iter().all(settles) {
        Right::SettleReview
    } else if batch.iter().all(Sending::is_delivery) {
        Right::Deliver
    } else {
        Right::Circulate
    };
    let params = if has_proof { SUBMIT_PROVEN } else { SUBMIT };
    asks("SubmitEvents", params, Some(right))
}

impl Call {
    /// The statement that runs it.
    pub(crate) fn statement(&self) -> String {
        let params = self.params.iter().zip(1..);
        let params: Vec<String> = params.map(|(name, n)| format!("@{name} = @P{n}")).collect();
        format!("EXEC lienthu.{} {}", self.procedure, params.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lienthu_domain::rights::Role;

    use super::*;
    use crate::admin::database_role;
    use crate::migrate::{Kind, scripts};

    /// Every call of the port.
    fn all() -> Vec<Call> {
        vec![
            HELLO,
            submit(&[], true),
            PULL,
            COPY,
            PATRON,
            FIND_PATRONS,
            REVIEW_ITEMS,
            FREE_COPIES,
            HOLDINGS,
            COPY_PLACE,
            PATRON_LOANS,
            FIGURES,
            MOST_LENT,
            TIMES_LENT,
            PUT_PATRON,
            REMOVE_PATRON,
            ADD_COPIES,
            PUT_COPY,
            REMOVE_COPY,
            PREPARE,
            DECIDE,
            FINISH,
            ASK,
            ANNOUNCE,
            REPLAY,
            FORCE,
            FORGET,
            TRANSACTIONS,
            NETWORK,
            REPLICATED,
            READMIT,
            AGENTS,
            LIST_COPIES,
            VISITOR,
            asks("SubmitEvents", SUBMIT_PROVEN, Some(Right::Deliver)),
            RECEIVE,
            DIGESTS,
            REPLICA_KEYS,
            HELD_COPIES,
            KNOWN_PATRONS,
            FILL,
        ]
    }

    /// The procedures that the scripts grant, and to whom.
    fn granted() -> BTreeSet<(String, String)> {
        let roles = scripts().iter().filter(|script| script.kind == Kind::Role);
        let lines = roles.flat_map(|script| script.text.lines());
        let grants = lines.filter_map(|line| {
            let (procedure, to) =
                line.strip_prefix("GRANT EXECUTE ON lienthu.")?.split_once(" TO ")?;
            Some((procedure.to_owned(), to.trim_end_matches(';').to_owned()))
        });
        grants.collect()
    }

    #[test]
    fn the_roles_may_run_exactly_what_the_table_of_rights_says() {
        let mut due = BTreeSet::new();
        for call in all() {
            match call.right {
                None => drop(due.insert((call.procedure.to_owned(), "public".to_owned()))),
                Some(right) => {
                    for role in Role::ALL.into_iter().filter(|role| role.may(right)) {
                        due.insert((call.procedure.to_owned(), database_role(role).to_owned()));
                    }
                }
            }
        }
        assert_eq!(granted(), due);
    }

    #[test]
    fn every_call_names_its_procedures_parameters() {
        for call in all() {
            let script =
                scripts().iter().find(|s| s.kind == Kind::Procedure && s.name == call.procedure);
            let text = script.map(|script| script.text).unwrap_or_default();
            let head = text.split("\nAS\n").next().unwrap_or_default();
            let declared = head.lines().filter_map(|line| line.strip_prefix("    @"));
            let declared: Vec<&str> =
                declared.filter_map(|line| line.split_whitespace().next()).collect();
            assert_eq!(declared, call.params, "{}", call.procedure);
        }
    }
}
