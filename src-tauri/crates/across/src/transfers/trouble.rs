//! Why an order goes no further for now. What it has not moved waits, and it can be run again.

use lienthu_domain::action::Resource;
use lienthu_domain::ids::{BranchCode, TransferId, TxnId};
use lienthu_port::error::{SiteError, StoreError};
use lienthu_port::message::Message;
use lienthu_protocol::message::Refusal;
use thiserror::Error;

use crate::beginning::{BeginError, of_branch};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Trouble {
    /// A part does not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// A site said no to a part for a reason that is no copy's.
    #[error("{branch} refused: {why:?}")]
    Refused {
        /// Whose.
        branch: BranchCode,
        /// Why.
        why: Refusal,
    },
    /// Another transaction holds what the part relies on.
    #[error("another transaction holds {0:?}")]
    Held(Resource),
    /// No answer came from a site, and the part was given up.
    #[error("{branch}: {error}")]
    GivenUp {
        /// Whose.
        branch: BranchCode,
        /// Why not.
        error: SiteError,
    },
    /// It is not known how a part ended, because the source does not answer.
    #[error("it is not known how transaction {0} ended")]
    InDoubt(TxnId),
}

/// Why an order does not run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RunError {
    /// This desk keeps no such order.
    #[error("this desk keeps no order {0}")]
    Unknown(TransferId),
    /// The desk's own files. What was under way is found again when the order is run the next time.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Trouble {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Begin(error) => error.message(),
            Self::Refused { branch, why } => refused(branch, *why),
            Self::Held(_) => Message::new(
                "transfer_held_up",
                (
                    "Một giao dịch khác đang giữ đầu sách hoặc danh sách chi nhánh. Đợi xong rồi chạy tiếp.",
                    "Another transaction holds the title or the list of branches. Resume when it is finished.",
                ),
            ),
            Self::GivenUp { branch, error } => of_branch(branch, &error.message()),
            Self::InDoubt(txn) => Message {
                code: "transfer_in_doubt".to_owned(),
                vi: format!(
                    "Chưa biết giao dịch {txn} kết thúc ra sao vì chi nhánh gửi không trả lời. Chạy tiếp khi liên lạc được."
                ),
                en: format!(
                    "How transaction {txn} ended is not known: the source does not answer. Resume when it can be reached."
                ),
            },
        }
    }
}

fn refused(branch: &BranchCode, why: Refusal) -> Message {
    let (code, (vi, en)) = match why {
        Refusal::Quarantined => (
            "site_quarantined",
            (
                "vừa được phục hồi và chưa được đối chiếu. Chạy site restored rồi làm tiếp.",
                "was restored and not reconciled yet. Run site restored, then go on.",
            ),
        ),
        Refusal::OtherIncarnation | Refusal::PartyRestored | Refusal::OtherMembership => (
            "network_changed",
            (
                "chưa biết thay đổi mới nhất của mạng. Kiểm tra mạng rồi chạy tiếp.",
                "does not know the network's latest change. Check the network, then go on.",
            ),
        ),
        _ => (
            "transaction_refused",
            (
                "từ chối giao dịch. Xem danh sách giao dịch rồi chạy tiếp.",
                "refused the transaction. Look at the list of transactions, then go on.",
            ),
        ),
    };
    of_branch(branch, &Message::new(code, (vi, en)))
}
