//! Transactions that are not settled, as screens and the command line show them.

use std::collections::BTreeMap;
use std::fmt;

use lienthu_across::driving::Driving;
use lienthu_across::in_doubt::{InDoubt, Standing, Unsettled};
use lienthu_across::restoration::RestorationError;
use lienthu_across::settling::{Repair, SettleError, Told};
use lienthu_desk::error::DeskError;
use lienthu_domain::action::{Action, CatalogueChange};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Barcode, BranchCode, TxnId};
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_port::error::SiteError;
use lienthu_port::message::Message;
use lienthu_port::transaction::Hindered;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use lienthu_protocol::message::Refusal;
use serde::{Deserialize, Serialize};
use specta::Type;

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeView {
    /// Every site carries it out.
    Commit,
    /// No site does.
    Abort,
}

impl From<Outcome> for OutcomeView {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Commit => Self::Commit,
            Outcome::Abort => Self::Abort,
        }
    }
}

impl From<OutcomeView> for Outcome {
    fn from(outcome: OutcomeView) -> Self {
        match outcome {
            OutcomeView::Commit => Self::Commit,
            OutcomeView::Abort => Self::Abort,
        }
    }
}

/// What a transaction does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WhatView {
    /// Copies go from one branch to another.
    Transfer {
        /// Where they were.
        from: BranchCode,
        /// Where they go.
        to: BranchCode,
        /// Which.
        copies: Vec<Barcode>,
    },
    /// Rows change that every site holds.
    Catalogue {
        /// Which.
        changes: Vec<ChangeView>,
    },
}

/// What becomes of a row that every site holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A title is added or changed.
    PutTitle,
    /// A title is removed.
    RemoveTitle,
    /// A branch is added or changed.
    PutBranch,
    /// A loan policy is added or changed.
    PutPolicy,
    /// A loan policy is taken away.
    RemovePolicy,
    /// A closed day is added or changed.
    PutClosedDay,
    /// A closed day is taken away.
    RemoveClosedDay,
    /// A row that differs between sites becomes the same.
    Repair,
    /// A branch that was away takes part again.
    Activate,
}

/// A row that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ChangeView {
    /// What becomes of it.
    pub change: ChangeKind,
    /// Its key, as people read it.
    pub key: String,
    /// What it is called, where it has a name.
    pub name: String,
}

/// What a site has done of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ShareStateView {
    /// It never saw it.
    Unseen,
    /// It has promised, and waits.
    Prepared,
    /// It carried it out, as was decided.
    Committed,
    /// It gave it up, as was decided.
    Aborted,
    /// A manager had it carry it out without the decision.
    ForcedCommit,
    /// A manager had it give it up without the decision.
    ForcedAbort,
    /// A manager had it carry it out, and it was decided otherwise.
    WronglyCommitted,
    /// A manager had it give it up, and it was decided otherwise.
    WronglyAborted,
    /// The site was restored since, and is told when it is readmitted.
    Restored,
    /// It could not be asked.
    Unreachable,
}

/// A site that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ShareView {
    /// Whose.
    pub branch: BranchCode,
    /// What it has done.
    pub state: ShareStateView,
    /// Why it could not be asked.
    pub message: Option<Message>,
}

/// A site that could not be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UnheardView {
    /// Whose.
    pub branch: BranchCode,
    /// Why.
    pub message: Message,
}

/// A transaction that is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TransactionView {
    /// Which.
    pub txn: TxnId,
    /// What it does.
    pub what: WhatView,
    /// The branch whose site decides.
    pub decider: BranchCode,
    /// For how many seconds a site has promised; the longest of all.
    pub age_s: u32,
    /// How it was decided, as far as any site knows.
    pub decision: Option<OutcomeView>,
    /// Every site that takes part, by branch.
    pub sites: Vec<ShareView>,
    /// A site waits for a decision that cannot be had now: a manager may choose, and not wait.
    pub may_force: bool,
    /// A site did what a manager chose, and it was decided otherwise: it can be repaired.
    pub needs_repair: bool,
}

/// What is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct InDoubtView {
    /// The transactions, the oldest first.
    pub transactions: Vec<TransactionView>,
    /// There are more than are listed.
    pub more: bool,
    /// Sites that could not be asked: they may have others.
    pub unheard: Vec<UnheardView>,
}

/// How far a transaction was driven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SettledView {
    /// Which.
    pub txn: TxnId,
    /// How it was decided; nothing while it is in doubt.
    pub decision: Option<OutcomeView>,
    /// Sites that have still to be told.
    pub untold: Vec<BranchCode>,
    /// What went wrong on the way to sites.
    pub failed: Vec<UnheardView>,
}

/// What became of a site that was told something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ToldView {
    /// Whose.
    pub branch: BranchCode,
    /// It took it.
    pub done: bool,
    /// Why it did not.
    pub message: Option<Message>,
}

/// What became of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ForcedView {
    /// It could be driven to its end after all, and nothing was forced.
    pub not_needed: Option<SettledView>,
    /// The sites that were told what to do.
    pub sites: Vec<ToldView>,
}

/// What is not spoken of any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Forgotten {
    /// The sites that were told so.
    pub sites: Vec<ToldView>,
}

/// What stands against a repair at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HinderedView {
    /// Whose.
    pub branch: BranchCode,
    /// What kind of thing.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Why.
    pub why: Hindrance,
}

/// What became of a repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RepairedView {
    /// All sites are alike again.
    pub repaired: bool,
    /// The sites that carry out now what others had carried out before.
    pub parties: Vec<BranchCode>,
    /// What stands against it.
    pub hindered: Vec<HinderedView>,
    /// What went wrong on the way to sites.
    pub failed: Vec<UnheardView>,
}

/// A restored site takes part again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Readmitted {
    /// Whose.
    pub branch: BranchCode,
    /// How many transactions it was told of; none where it took part already.
    pub transactions: u32,
}

/// Why a command about transactions does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransactionTrouble {
    /// The desk, or whoever is signed in at it.
    Desk(DeskError),
    /// Nothing was done about it.
    Settle(SettleError),
    /// A restored site does not take part again yet.
    Restoration(RestorationError),
}

impl From<RestorationError> for TransactionTrouble {
    fn from(error: RestorationError) -> Self {
        Self::Restoration(error)
    }
}

impl From<DeskError> for TransactionTrouble {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<SettleError> for TransactionTrouble {
    fn from(error: SettleError) -> Self {
        Self::Settle(error)
    }
}

impl TransactionTrouble {
    pub(crate) fn not_found(unheard: &BTreeMap<BranchCode, SiteError>) -> Self {
        Self::Settle(SettleError::NotFound { unheard: unheard.clone() })
    }
}

impl fmt::Display for TransactionTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Desk(error) => error.fmt(f),
            Self::Settle(error) => error.fmt(f),
            Self::Restoration(error) => error.fmt(f),
        }
    }
}

impl From<TransactionTrouble> for Message {
    fn from(trouble: TransactionTrouble) -> Self {
        let error = match trouble {
            TransactionTrouble::Desk(error) => return error.message(),
            TransactionTrouble::Restoration(error) => return not_readmitted(&error),
            TransactionTrouble::Settle(error) => error,
        };
        match error {
            SettleError::NotFound { unheard } if unheard.is_empty() => Self::new(
                "txn_not_found",
                (
                    "Không có giao dịch nào dở dang mang mã này. Nó đã xong, hoặc mã sai.",
                    "No transaction with this id is unsettled. It has ended, or the id is wrong.",
                ),
            ),
            SettleError::NotFound { unheard } => {
                let away: Vec<&str> = unheard.keys().map(BranchCode::as_str).collect();
                let away = away.join(", ");
                Self {
                    code: "txn_not_found".to_owned(),
                    vi: format!(
                        "Không chi nhánh nào liên lạc được có giao dịch này. Chưa hỏi được: {away}. Thử lại khi có mạng."
                    ),
                    en: format!(
                        "No site that could be asked has it. Not asked: {away}. Try again when they are back."
                    ),
                }
            }
            SettleError::NothingToForce => Self::new(
                "nothing_to_force",
                (
                    "Không chi nhánh nào đang chờ mà ép được. Nối lại liên lạc với chi nhánh quyết định, rồi chạy giải quyết.",
                    "No site waits that could be told what to do. Restore the line to the one that decides, then resolve it.",
                ),
            ),
            SettleError::NothingToRepair => Self::new(
                "nothing_to_repair",
                (
                    "Giao dịch này không có chỗ nào bị ép trái với quyết định. Không cần sửa.",
                    "Nothing of this transaction was forced against its decision. There is nothing to repair.",
                ),
            ),
            SettleError::Unheard(branch) => Self {
                code: "site_unreachable".to_owned(),
                vi: format!(
                    "Chưa hỏi được {branch} đã làm gì. Sửa khi liên lạc được với mọi chi nhánh tham gia."
                ),
                en: format!(
                    "{branch} could not be asked what it has done. Repair it when all sites that take part can be reached."
                ),
            },
            SettleError::Begin(error) => error.message(),
        }
    }
}

fn not_readmitted(error: &RestorationError) -> Message {
    match error {
        RestorationError::Site { branch, error } => {
            let Message { code, vi, en } = error.message();
            Message {
                code,
                vi: format!(
                    "Chưa hỏi được {branch}: {vi} Chạy lại lệnh này, nó làm tiếp phần còn lại."
                ),
                en: format!(
                    "{branch} could not be asked: {en} Run this again; it goes on with the rest."
                ),
            }
        }
        RestorationError::NotEnded(txn) => Message {
            code: "not_readmitted".to_owned(),
            vi: format!(
                "Giao dịch {txn} chưa kết thúc ở mọi chi nhánh. Nối lại liên lạc rồi chạy lại."
            ),
            en: format!(
                "Transaction {txn} has not ended at all sites. Restore the lines, then run this again."
            ),
        },
    }
}

impl WhatView {
    fn of(action: &Action) -> Self {
        match action {
            Action::Transfer(transfer) => Self::Transfer {
                from: transfer.from.clone(),
                to: transfer.to.clone(),
                copies: transfer.copies.iter().map(|copy| copy.details.barcode.clone()).collect(),
            },
            Action::Catalogue { changes } => {
                Self::Catalogue { changes: changes.iter().map(ChangeView::of).collect() }
            }
        }
    }
}

impl ChangeView {
    fn of(change: &CatalogueChange) -> Self {
        let (_, key) = change.resource().stored();
        let (change, name) = match change {
            CatalogueChange::PutTitle { title, .. } => (ChangeKind::PutTitle, &title.name),
            CatalogueChange::RemoveTitle { seen } => (ChangeKind::RemoveTitle, &seen.name),
            CatalogueChange::PutBranch { branch, .. } => (ChangeKind::PutBranch, &branch.name),
            CatalogueChange::PutPolicy { .. } => (ChangeKind::PutPolicy, &String::new()),
            CatalogueChange::RemovePolicy { .. } => (ChangeKind::RemovePolicy, &String::new()),
            CatalogueChange::PutClosedDay { closed, .. } => {
                (ChangeKind::PutClosedDay, &closed.note)
            }
            CatalogueChange::RemoveClosedDay { seen } => (ChangeKind::RemoveClosedDay, &seen.note),
            CatalogueChange::Repair { row, .. } => match row {
                ReplicatedRow::Title(title) => (ChangeKind::Repair, &title.name),
                ReplicatedRow::Branch(branch) => (ChangeKind::Repair, &branch.name),
                ReplicatedRow::Policy(_) => (ChangeKind::Repair, &String::new()),
                ReplicatedRow::ClosedDay(closed) => (ChangeKind::Repair, &closed.note),
            },
            CatalogueChange::Activate { branch, .. } => (ChangeKind::Activate, &branch.name),
        };
        Self { change, key, name: name.clone() }
    }
}

impl ShareView {
    fn of(branch: &BranchCode, standing: &Standing) -> Self {
        let forced = (standing.is_forced(), standing.is_contradicted());
        let state = match (standing, standing.outcome(), forced) {
            (Standing::Unheard(_), ..) => ShareStateView::Unreachable,
            (Standing::Refuses(_), ..) => ShareStateView::Restored,
            (_, None, _) if standing.is_prepared() => ShareStateView::Prepared,
            (_, None, _) => ShareStateView::Unseen,
            (_, Some(Outcome::Commit), (false, _)) => ShareStateView::Committed,
            (_, Some(Outcome::Abort), (false, _)) => ShareStateView::Aborted,
            (_, Some(Outcome::Commit), (_, false)) => ShareStateView::ForcedCommit,
            (_, Some(Outcome::Abort), (_, false)) => ShareStateView::ForcedAbort,
            (_, Some(Outcome::Commit), (_, true)) => ShareStateView::WronglyCommitted,
            (_, Some(Outcome::Abort), (_, true)) => ShareStateView::WronglyAborted,
        };
        let message = match standing {
            Standing::Unheard(error) => Some(error.message()),
            Standing::Refuses(_) | Standing::Keeps(_) => None,
        };
        Self { branch: branch.clone(), state, message }
    }
}

impl TransactionView {
    pub(crate) fn of(unsettled: &Unsettled) -> Self {
        let decider = &unsettled.terms.decider().branch;
        let decision = unsettled.decision();
        let waits =
            unsettled.standings.iter().any(|(branch, at)| branch != decider && at.is_prepared());
        let heard = |at: &Standing| matches!(at, Standing::Keeps(_));
        let is_decider_away = !unsettled.standings.get(decider).is_some_and(heard);
        Self {
            txn: unsettled.txn,
            what: WhatView::of(&unsettled.action),
            decider: decider.clone(),
            age_s: u32::try_from(unsettled.age_ms / 1_000).unwrap_or(u32::MAX),
            decision: decision.map(Into::into),
            sites: unsettled.standings.iter().map(|(b, at)| ShareView::of(b, at)).collect(),
            may_force: waits && is_decider_away && decision.is_none(),
            needs_repair: unsettled.contradicted().next().is_some(),
        }
    }
}

impl InDoubtView {
    pub(crate) fn of(listed: InDoubt) -> Self {
        Self {
            transactions: listed.transactions.iter().map(TransactionView::of).collect(),
            more: listed.more,
            unheard: unheard(&listed.unheard),
        }
    }
}

impl SettledView {
    pub(crate) fn of(txn: TxnId, driving: &Driving) -> Self {
        let (decision, untold) = match &driving.ending {
            Ending::Decided { outcome, untold } => {
                (Some((*outcome).into()), untold.iter().cloned().collect())
            }
            Ending::InDoubt => (None, vec![]),
        };
        Self { txn, decision, untold, failed: unheard(&driving.failed) }
    }
}

impl RepairedView {
    pub(crate) fn of(repair: Repair) -> Self {
        let driving = repair.driving.as_ref();
        let hindered = driving.into_iter().flat_map(|driving| &driving.hindered);
        let hindered =
            hindered.flat_map(|(branch, all)| all.iter().map(|h| hindered_at(branch, h)));
        Self {
            repaired: repair.repaired,
            hindered: hindered.collect(),
            failed: driving.map(|driving| unheard(&driving.failed)).unwrap_or_default(),
            parties: repair.parties,
        }
    }
}

fn hindered_at(branch: &BranchCode, hindered: &Hindered) -> HinderedView {
    let (kind, key) = hindered.resource.stored();
    HinderedView { branch: branch.clone(), kind: kind.to_owned(), key, why: hindered.why }
}

pub(crate) fn unheard(failed: &BTreeMap<BranchCode, SiteError>) -> Vec<UnheardView> {
    let unheard = failed.iter();
    unheard
        .map(|(branch, error)| UnheardView { branch: branch.clone(), message: error.message() })
        .collect()
}

pub(crate) fn told(told: BTreeMap<BranchCode, Told>) -> Vec<ToldView> {
    let view = |(branch, told): (BranchCode, Told)| {
        let message = match &told {
            Told::Taken => None,
            Told::Refused(why) => Some(refused(*why)),
            Told::Unheard(error) => Some(error.message()),
        };
        ToldView { branch, done: told == Told::Taken, message }
    };
    told.into_iter().map(view).collect()
}

/// What the protocol's refusals of a manager's choice come to for a person.
fn refused(why: Refusal) -> Message {
    match why {
        Refusal::OtherIncarnation | Refusal::Quarantined => Message::new(
            "site_restored",
            (
                "Chi nhánh vừa được phục hồi từ bản sao lưu. Chạy site restored trước.",
                "The site was restored from a backup. Run site restored first.",
            ),
        ),
        why => Message {
            code: "txn_refused".to_owned(),
            vi: format!("Chi nhánh không nhận ({}). Tải lại danh sách rồi thử lại.", why.code()),
            en: format!(
                "The site did not take it ({}). Load the list again, then try again.",
                why.code()
            ),
        },
    }
}
