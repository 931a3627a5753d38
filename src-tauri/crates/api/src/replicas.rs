//! What the sites hold, compared, repaired and filled, as screens and the command line show it.

use std::collections::BTreeMap;
use std::fmt;

use lienthu_across::beginning::BeginError;
use lienthu_across::driving::Driving;
use lienthu_across::replicas::activating::ActivationError;
use lienthu_across::replicas::auditing::{AuditEvent, Audited};
pub use lienthu_across::replicas::auditing::{SideBySide, VersionAt};
pub use lienthu_across::replicas::custody::CustodyFinding;
use lienthu_across::replicas::filling::{FillError, Filled};
pub use lienthu_across::replicas::filling::{FillTerms, Left, LeftWhy};
use lienthu_across::replicas::joining::Checked;
pub use lienthu_across::replicas::joining::JoinFinding;
use lienthu_across::replicas::repairing::RepairError;
pub use lienthu_across::replicas::repairing::Wanted;
use lienthu_desk::error::DeskError;
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::replica::ReplicaTable;
use lienthu_port::error::SiteError;
use lienthu_port::message::Message;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::transactions::{HinderedView, SettledView, UnheardView};

/// Findings of each kind that are told by name at the end, at most. All are counted, and each is told when found.
pub const FINDINGS_TOLD_MAX: usize = 1_000;

/// What an audit tells as it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AuditProgress {
    /// A row differs.
    Differs {
        /// Side by side.
        row: SideBySide,
    },
    /// A barcode or a patron's code is odd.
    Custody {
        /// How.
        finding: CustodyFinding,
    },
    /// A table was compared.
    Compared {
        /// Which.
        table: ReplicaTable,
        /// Its rows, at the site that has most.
        rows: u32,
        /// Those that differ.
        differing: u32,
    },
}

impl From<AuditEvent> for AuditProgress {
    fn from(event: AuditEvent) -> Self {
        match event {
            AuditEvent::Differs(row) => Self::Differs { row },
            AuditEvent::Custody(finding) => Self::Custody { finding },
            AuditEvent::Compared(table, compared) => {
                Self::Compared { table, rows: compared.rows, differing: count(compared.differing) }
            }
        }
    }
}

/// How many rows a table has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TableRows {
    /// Which.
    pub table: ReplicaTable,
    /// So many.
    pub rows: u32,
}

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditView {
    /// The branches whose rows were compared.
    pub branches: Vec<BranchCode>,
    /// Those that are away or closed: their rows may differ.
    pub left_out: Vec<BranchCode>,
    /// Those that could not be asked.
    pub unheard: Vec<UnheardView>,
    /// Rows of each table, at the site that has most.
    pub rows: Vec<TableRows>,
    /// How many rows differ.
    pub differing: u32,
    /// The first [`FINDINGS_TOLD_MAX`] of them.
    pub differences: Vec<SideBySide>,
    /// How many barcodes and codes are odd.
    pub odd: u32,
    /// The first [`FINDINGS_TOLD_MAX`] of them.
    pub custody: Vec<CustodyFinding>,
    /// Barcodes that were looked at, of all sites.
    pub barcodes: u32,
    /// Codes of patrons that were looked at, of all sites.
    pub codes: u32,
}

/// What is kept of what was found, to be told at the end.
#[derive(Default)]
pub(crate) struct Kept {
    differences: Vec<SideBySide>,
    custody: Vec<CustodyFinding>,
}

impl Kept {
    pub(crate) fn keep(&mut self, event: &AuditEvent) {
        match event {
            AuditEvent::Differs(row) if self.differences.len() < FINDINGS_TOLD_MAX => {
                self.differences.push(row.clone());
            }
            AuditEvent::Custody(finding) if self.custody.len() < FINDINGS_TOLD_MAX => {
                self.custody.push(finding.clone());
            }
            _ => {}
        }
    }

    pub(crate) fn view(self, audited: Audited) -> AuditView {
        let rows = audited.rows.into_iter();
        AuditView {
            branches: audited.branches,
            left_out: audited.left_out,
            unheard: unheard(&audited.unheard),
            rows: rows.map(|(table, rows)| TableRows { table, rows }).collect(),
            differing: count(audited.differing),
            differences: self.differences,
            odd: count(audited.odd),
            custody: self.custody,
            barcodes: count(audited.looked.barcodes),
            codes: count(audited.looked.codes),
        }
    }
}

/// What became of a transaction over the rows that every site holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RowsView {
    /// It was done, and every site has been told.
    pub done: bool,
    /// How it ended; nothing where there was nothing to do.
    pub settled: Option<SettledView>,
    /// What stands against it.
    pub hindered: Vec<HinderedView>,
}

impl RowsView {
    pub(crate) fn of(txn: TxnId, driving: Option<&Driving>) -> Self {
        let Some(driving) = driving else {
            return Self { done: true, settled: None, hindered: vec![] };
        };
        let is_done = |ending: &Ending| matches!(ending, Ending::Decided { outcome: Outcome::Commit, untold } if untold.is_empty());
        let hindered = driving.hindered.iter().flat_map(|(branch, all)| {
            all.iter().map(move |hindered| {
                let (kind, key) = hindered.resource.stored();
                let (branch, kind) = (branch.clone(), kind.to_owned());
                HinderedView { branch, kind, key, why: hindered.why }
            })
        });
        Self {
            done: is_done(&driving.ending),
            hindered: hindered.collect(),
            settled: Some(SettledView::of(txn, driving)),
        }
    }
}

/// How a filling went, so far or in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FillView {
    /// From where the rows came.
    pub from: BranchCode,
    /// Rows that were written or taken away.
    pub written: u32,
    /// Rows that were looked at, at the site they come from.
    pub rows: u32,
    /// Rows that were left as they are.
    pub left_count: u32,
    /// The first of them.
    pub left: Vec<Left>,
}

impl From<&Filled> for FillView {
    fn from(filled: &Filled) -> Self {
        Self {
            from: filled.from.clone(),
            written: count(filled.written),
            rows: count(filled.rows),
            left_count: count(filled.left_count),
            left: filled.left.clone(),
        }
    }
}

/// What stands against databases' becoming one network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct NetworkCheckView {
    /// The databases that were compared.
    pub branches: Vec<BranchCode>,
    /// Those that could not be asked.
    pub unheard: Vec<UnheardView>,
    /// How much was found.
    pub count: u32,
    /// The first [`FINDINGS_TOLD_MAX`].
    pub findings: Vec<JoinFinding>,
    /// Rows that not all of them have, which stand against nothing.
    pub not_everywhere: Vec<TableRows>,
}

impl NetworkCheckView {
    pub(crate) fn of(checked: Checked, findings: Vec<JoinFinding>) -> Self {
        let not_everywhere = checked.not_everywhere.into_iter();
        let not_everywhere =
            not_everywhere.map(|(table, rows)| TableRows { table, rows: count(rows) }).collect();
        Self {
            branches: checked.branches,
            unheard: unheard(&checked.unheard),
            count: count(checked.findings),
            findings,
            not_everywhere,
        }
    }
}

fn unheard(all: &BTreeMap<BranchCode, SiteError>) -> Vec<UnheardView> {
    let view = |(branch, error): (&BranchCode, &SiteError)| UnheardView {
        branch: branch.clone(),
        message: error.message(),
    };
    all.iter().map(view).collect()
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

/// Why a command about what the sites hold does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicaTrouble {
    /// The desk, or whoever is signed in at it.
    Desk(DeskError),
    /// Nothing was repaired.
    Repair(RepairError),
    /// A site is not filled, or not to its end.
    Fill(FillError),
    /// A branch does not take part again.
    Activation(ActivationError),
}

impl From<DeskError> for ReplicaTrouble {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<RepairError> for ReplicaTrouble {
    fn from(error: RepairError) -> Self {
        Self::Repair(error)
    }
}

impl From<FillError> for ReplicaTrouble {
    fn from(error: FillError) -> Self {
        Self::Fill(error)
    }
}

impl From<ActivationError> for ReplicaTrouble {
    fn from(error: ActivationError) -> Self {
        Self::Activation(error)
    }
}

impl fmt::Display for ReplicaTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Desk(error) => error.fmt(f),
            Self::Repair(error) => error.fmt(f),
            Self::Fill(error) => error.fmt(f),
            Self::Activation(error) => error.fmt(f),
        }
    }
}

impl From<ReplicaTrouble> for Message {
    fn from(trouble: ReplicaTrouble) -> Self {
        match trouble {
            ReplicaTrouble::Desk(error) => error.message(),
            ReplicaTrouble::Repair(RepairError::Begin(error))
            | ReplicaTrouble::Activation(ActivationError::Begin(error)) => error.message(),
            ReplicaTrouble::Repair(RepairError::Site { branch, error })
            | ReplicaTrouble::Fill(FillError::Site { branch, error })
            | ReplicaTrouble::Activation(ActivationError::Site { branch, error }) => {
                BeginError::Site { branch, error }.message()
            }
            ReplicaTrouble::Repair(RepairError::NotActive(branch)) => Self {
                code: "branch_not_active".to_owned(),
                vi: format!("{branch} không hoạt động trong mạng. Chọn chi nhánh khác làm mẫu."),
                en: format!("{branch} takes no part in the network. Take another branch's rows."),
            },
            ReplicaTrouble::Fill(FillError::NoSource) => BeginError::NobodyActive.message(),
            ReplicaTrouble::Fill(FillError::NotInNetwork(branch)) => Self {
                code: "branch_unknown".to_owned(),
                vi: format!(
                    "Mạng chưa có chi nhánh {branch}. Thêm chi nhánh trước, rồi nạp dữ liệu."
                ),
                en: format!(
                    "The network has no branch {branch}. Add the branch first, then fill its site."
                ),
            },
            ReplicaTrouble::Activation(ActivationError::NotAway(branch)) => Self {
                code: "branch_not_away".to_owned(),
                vi: format!("{branch} không ở trạng thái tạm vắng. Kiểm tra danh sách chi nhánh."),
                en: format!("{branch} is not away. Check the list of branches."),
            },
            ReplicaTrouble::Activation(ActivationError::Differs(rows)) => Self {
                code: "replicas_differ".to_owned(),
                vi: format!(
                    "Còn {rows} dòng khác nhau giữa các chi nhánh. Nạp lại bằng replica fill, rồi thử lại."
                ),
                en: format!(
                    "{rows} rows differ between the sites. Fill the site with replica fill, then try again."
                ),
            },
            ReplicaTrouble::Activation(ActivationError::Changing) => Self::new(
                "rows_changing",
                (
                    "Danh mục đang được sửa liên tục nên chưa đối chiếu xong. Thử lại sau giây lát.",
                    "The catalogue is being changed all the time, so it could not be compared. Try again in a moment.",
                ),
            ),
        }
    }
}
