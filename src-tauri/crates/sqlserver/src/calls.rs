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
    &["shown_number", "shown_token", "at_number", "at_token", "at_kind", "at_key"],
    Some(Right::Follow),
);
pub(crate) const COPY: Call = asks("GetCopy", &["barcode"], Some(Right::LookUpBranch));
pub(crate) const PATRON: Call = asks("GetPatron", &["code"], Some(Right::LookUpBranch));
pub(crate) const FIND_PATRONS: Call =
    asks("FindPatrons", &["by_name", "words", "typed"], Some(Right::LookUpBranch));
pub(crate) const REVIEW_ITEMS: Call = asks("ReviewItems", &[], Some(Right::LookUpBranch));
pub(crate) const FREE_COPIES: Call = asks("FreeCopies", &["title"], Some(Right::CountFree));
pub(crate) const PUT_PATRON: Call = changes("PutPatron", &["patron", "seen"], Right::KeepPatrons);
pub(crate) const REMOVE_PATRON: Call = changes("RemovePatron", &["code"], Right::KeepPatrons);
pub(crate) const ADD_COPIES: Call = changes("AddCopies", &["copies"], Right::KeepCopies);
pub(crate) const PUT_COPY: Call = changes("PutCopy", &["details", "seen"], Right::KeepCopies);
pub(crate) const REMOVE_COPY: Call = changes("RemoveCopy", &["barcode"], Right::KeepCopies);

const SUBMIT: &[&str] = &["events"];
const SUBMIT_PROVEN: &[&str] = &["events", "proven_number", "proven_token"];

/// Sending this batch, with proof of an earlier state or without.
pub(crate) fn submit(batch: &[Sending], has_proof: bool) -> Call {
    let settles = |sending: &Sending| matches!(sending.event.deed, Deed::Settle { .. });
    // An empty batch asks no more than whether one may send.
    let right = if batch.is_empty() || !batch.iter().all(settles) {
        Right::Circulate
    } else {
        Right::SettleReview
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
