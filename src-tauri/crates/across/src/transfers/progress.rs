//! What is shown while an order runs, site by site.

use lienthu_domain::ids::{BranchCode, TransferId, TxnId};
use lienthu_port::message::Message;
use lienthu_port::transfers::OrderCounts;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Event;
use lienthu_protocol::entry::outcome_at;
use lienthu_protocol::message::Reply;
use serde::{Deserialize, Serialize};
use specta::Type;

/// How far an order is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TransferProgress {
    /// Which order.
    pub order: TransferId,
    /// Its copies, by what has become of them.
    pub counts: OrderCounts,
    /// The part that is under way, or the last one.
    pub part: Option<PartProgress>,
    /// Nothing of it runs any more.
    pub is_over: bool,
    /// Why it goes no further for now, once it is over.
    pub trouble: Option<Message>,
}

/// How far a part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PartProgress {
    /// The transaction.
    pub txn: TxnId,
    /// How many copies it moves.
    pub copies: u32,
    /// Source and target.
    pub sites: Vec<SiteProgress>,
}

/// How far a site is with a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SiteProgress {
    /// Whose.
    pub branch: BranchCode,
    /// How far.
    pub step: SiteStep,
}

/// What a site said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SiteStep {
    /// It was asked, and has not answered yet.
    Asked,
    /// It holds the copies, and does as will be decided.
    Promised,
    /// It has done it.
    Committed,
    /// It has given it up.
    Aborted,
    /// It said no.
    Refused,
    /// No answer came.
    Unanswered,
}

impl PartProgress {
    /// A part that is just begun.
    pub(super) fn begun(txn: TxnId, copies: usize, branches: [&BranchCode; 2]) -> Self {
        let sites =
            branches.map(|branch| SiteProgress { branch: branch.clone(), step: SiteStep::Asked });
        let copies = u32::try_from(copies).unwrap_or(u32::MAX);
        Self { txn, copies, sites: sites.to_vec() }
    }

    /// Takes note of what happened.
    pub(super) fn note(&mut self, event: &Event) {
        let (from, step) = match event {
            Event::Started => return,
            Event::Unanswered { from } => (from, SiteStep::Unanswered),
            Event::Answered { from, reply: Reply::Refused(_) } => (from, SiteStep::Refused),
            Event::Answered { from, reply: Reply::Kept(entry) } => match outcome_at(entry) {
                Some(Outcome::Commit) => (from, SiteStep::Committed),
                Some(Outcome::Abort) => (from, SiteStep::Aborted),
                None if entry.is_prepared() => (from, SiteStep::Promised),
                None => return,
            },
        };
        if let Some(site) = self.sites.iter_mut().find(|site| site.branch == *from) {
            site.step = step;
        }
    }
}
