//! Adopting a database that was a branch's before anybody had heard of Liên Thư: everything that stands
//! against it, and everything that it will change, is listed before anything is touched; counts and checksums
//! prove that nothing else was.

mod checks;
mod contradiction;
mod figures;
mod grants;
mod structure;

use lienthu_domain::ids::BranchCode;
use lienthu_domain::times::ZoneOffset;
use serde::Serialize;

pub use contradiction::{Contradiction, ContradictionKind, EXAMPLES_MAX};
pub use figures::{Changed, Figures};
pub use grants::{Grant, GrantChoice};

use super::MigrateError;
use super::runner::Run;

/// The base tables with their columns, the key first.
pub(super) const TABLES: [(&str, &[(&str, Holds)]); 5] = [
    ("CHINHANH", &[("MaCN", Holds::Text), ("TenCN", Holds::Text), ("DiaChi", Holds::Text)]),
    ("SACH", &[("ISBN", Holds::Text), ("TenSach", Holds::Text), ("TacGia", Holds::Text)]),
    (
        "QUYENSACH",
        &[
            ("MaQuyenSach", Holds::Text),
            ("ISBN", Holds::Text),
            ("MaCN", Holds::Text),
            ("TinhTrang", Holds::Text),
        ],
    ),
    ("DOCGIA", &[("MaDG", Holds::Text), ("HoTen", Holds::Text), ("MaCN_DangKy", Holds::Text)]),
    (
        "PHIEUMUON",
        &[
            ("MaPM", Holds::Number),
            ("MaDG", Holds::Text),
            ("MaQuyenSach", Holds::Text),
            ("MaCN", Holds::Text),
            ("NgayMuon", Holds::Time),
            ("NgayTra", Holds::Time),
        ],
    ),
];

/// What a base column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Number,
    Time,
}

/// What is found in a database that is to be adopted, and what was done with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Adoption {
    /// The tables as they were before anything was touched.
    pub before: Vec<Figures>,
    /// The tables as they are; none of a plan.
    pub after: Vec<Figures>,
    /// The values that were changed; the rest is proved to be the same. None of a plan.
    pub changed: Vec<Changed>,
    /// Everything that contradicts the rules, what keeps it from being adopted first.
    pub contradictions: Vec<Contradiction>,
    /// The rights on the tables that somebody holds.
    pub grants: Vec<Grant>,
    /// What becomes of them; none where nobody has chosen.
    pub grant_choice: Option<GrantChoice>,
    /// The procedures that are there, kept as they are.
    pub procedures: Vec<String>,
}

impl Adoption {
    /// Whether something keeps the database from being adopted.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.contradictions.iter().any(|found| found.blocking)
    }
}

/// Looks at a database that is no site yet. `None` where it has none of the base tables.
///
/// # Errors
/// `Site`.
pub(super) async fn survey(
    run: &mut Run,
    branch: &BranchCode,
    zone: ZoneOffset,
    is_begun: bool,
) -> Result<Option<Adoption>, MigrateError> {
    let columns = structure::columns(run).await?;
    if columns.is_empty() {
        return Ok(None);
    }
    let mut contradictions = structure::contradictions(run, &columns, is_begun).await?;
    // Questions about values name the columns.
    let is_whole = !contradictions.iter().any(|found| {
        matches!(
            found.kind,
            ContradictionKind::TableMissing
                | ContradictionKind::ColumnMissing
                | ContradictionKind::ColumnType
        )
    });
    let mut before = Vec::new();
    if is_whole {
        contradictions.extend(checks::contradictions(run, branch, zone).await?);
        before = figures::measure(run).await?;
    }
    contradictions.sort_by_key(|found| !found.blocking);
    Ok(Some(Adoption {
        before,
        contradictions,
        grants: grants::held(run).await?,
        procedures: structure::procedures(run).await?,
        ..Adoption::default()
    }))
}

/// Takes from everybody the rights that they hold on the tables.
///
/// # Errors
/// `Site`, `Refused`.
pub(super) async fn revoke(run: &mut Run, held: &[Grant]) -> Result<(), MigrateError> {
    grants::revoke(run, held).await
}

/// The tables as they are.
///
/// # Errors
/// `Site`.
pub(super) async fn measure(run: &mut Run) -> Result<Vec<Figures>, MigrateError> {
    figures::measure(run).await
}

/// The tables as they would be if every value that is noted as changed were put back.
///
/// # Errors
/// `Site`.
pub(super) async fn measure_put_back(run: &mut Run) -> Result<Vec<Figures>, MigrateError> {
    figures::measure_put_back(run).await
}

/// How many values are noted as changed.
///
/// # Errors
/// `Site`.
pub(super) async fn changed(run: &mut Run) -> Result<Vec<Changed>, MigrateError> {
    figures::changed(run).await
}
