//! What the sites of a transaction agree to before it begins.

use std::sync::Arc;

use lienthu_domain::action::ActionError;
use lienthu_domain::ids::BranchCode;
use lienthu_port::changes::Waits;
use lienthu_port::error::SiteError;
use lienthu_port::message::Message;
use lienthu_port::transaction::NetworkFacts;
use lienthu_protocol::terms::{Party, Terms, TermsError};
use thiserror::Error;

use crate::sites::Sites;

/// Why a transaction does not begin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BeginError {
    /// It is none.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// A site cannot be asked.
    #[error("{branch}: {error}")]
    Site {
        /// Whose.
        branch: BranchCode,
        /// Why.
        error: SiteError,
    },
    /// The sites do not know the same network.
    #[error("the sites do not know the same network: {0} is to be told")]
    Membership(BranchCode),
    /// No branch of the network is active.
    #[error("no branch of the network is active")]
    NobodyActive,
    /// A branch is away, of which nobody knows what it has: a removal waits until it is active again.
    #[error("{0} is away, and a removal waits for it")]
    Away(BranchCode),
    /// A site was restored and has not been told everything yet.
    #[error("the site of {0} was restored and has not been told everything")]
    Quarantined(BranchCode),
    /// The sites cannot agree to it.
    #[error(transparent)]
    Terms(#[from] TermsError),
}

/// What these branches' sites would agree to, as they are now.
pub(crate) async fn agree(
    sites: &Sites,
    branches: &[BranchCode],
    decider: &BranchCode,
) -> Result<Arc<Terms>, BeginError> {
    let asked = branches.iter().map(|branch| async move {
        let facts = sites.ask(branch, |site| async move { site.network().await }).await;
        facts.map_err(|error| BeginError::Site { branch: branch.clone(), error })
    });
    let facts: Vec<NetworkFacts> = futures::future::try_join_all(asked).await?;
    let newest = facts.iter().map(|facts| facts.membership).max().unwrap_or_default();
    if let Some(behind) = facts.iter().find(|facts| facts.membership != newest) {
        return Err(BeginError::Membership(behind.me.branch.clone()));
    }
    let parties: Vec<Party> = facts.into_iter().map(|facts| facts.me).collect();
    Ok(Arc::new(Terms::new(parties, decider, newest)?))
}

impl BeginError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Site { branch, error } => of_branch(branch, &error.message()),
            Self::Action(ActionError::Empty) => Message::new(
                "transaction_empty",
                ("Không có gì để làm. Chọn ít nhất một mục.", "There is nothing to do. Choose something."),
            ),
            Self::Action(ActionError::NowhereToGo) => Message::new(
                "transfer_to_itself",
                (
                    "Nơi gửi và nơi nhận là một. Chọn chi nhánh khác.",
                    "Source and target are the same branch. Choose another.",
                ),
            ),
            Self::Action(error @ (ActionError::TooMany | ActionError::Twice | ActionError::KeyChanged)) => {
                Message {
                    code: "transaction_wrong".to_owned(),
                    vi: "Yêu cầu không hợp lệ: quá nhiều mục, mục lặp lại hoặc đổi khóa. Sửa lại yêu cầu."
                        .to_owned(),
                    en: format!("The request is not one: {error}. Correct it."),
                }
            }
            Self::Membership(behind) => Message {
                code: "network_changed".to_owned(),
                vi: format!("{behind} chưa biết thay đổi mới nhất của mạng. Kiểm tra mạng rồi làm lại."),
                en: format!(
                    "{behind} does not know the network's latest change. Check the network, then try again."
                ),
            },
            Self::NobodyActive => Message::new(
                "nobody_active",
                (
                    "Không có chi nhánh nào đang hoạt động. Kiểm tra danh sách chi nhánh.",
                    "No branch of the network is active. Check the list of branches.",
                ),
            ),
            Self::Away(branch) => Waits::Away { branch: branch.clone() }.message(),
            Self::Quarantined(branch) => Waits::Restored { branch: branch.clone() }.message(),
            Self::Terms(_) => Message::new(
                "network_changed",
                (
                    "Các chi nhánh không thống nhất về mạng. Kiểm tra mạng rồi làm lại.",
                    "The sites do not agree on the network. Check the network, then try again.",
                ),
            ),
        }
    }
}

/// A message of one branch's site.
pub(crate) fn of_branch(branch: &BranchCode, message: &Message) -> Message {
    Message {
        code: message.code.clone(),
        vi: format!("{branch}: {}", message.vi),
        en: format!("{branch}: {}", message.en),
    }
}
