//! What was written around the triggers: by a bulk load, or while they were disabled.

use lienthu_port::error::SiteError;

use super::{Finding, cells, number};
use crate::admin::SqlServerAdmin;

/// The tables that desks follow: the kind in lienthu.Change, the key, and what says that a row is gone.
const FOLLOWED: [(&str, u8, &str, &str); 4] = [
    ("dbo.CHINHANH", 1, "MaCN", "0"),
    ("dbo.SACH", 2, "ISBN", "t.DaXoa"),
    ("dbo.DOCGIA", 5, "MaDG", "t.DaXoa"),
    ("dbo.QUYENSACH", 6, "MaQuyenSach", "t.DaXoa"),
];

pub(super) async fn check(admin: &mut SqlServerAdmin) -> Result<Vec<Finding>, SiteError> {
    let mut findings = Vec::new();
    for (table, kind, key, gone) in FOLLOWED {
        let change = format!("c.kind = {kind} AND c.row_key = t.{key} COLLATE Latin1_General_BIN2");
        let unnoted = format!(
            "SELECT COUNT(*) AS n FROM {table} AS t
             WHERE NOT EXISTS (SELECT 1 FROM lienthu.Change AS c WHERE {change} AND c.gone = {gone})"
        );
        let rows = count(admin, &unnoted).await?;
        if rows > 0 {
            findings.push(Finding::RowsUnnoted { table: table.to_owned(), rows });
        }
        let gone = format!(
            "SELECT COUNT(*) AS n FROM lienthu.Change AS c
             WHERE c.kind = {kind} AND c.gone = 0 AND NOT EXISTS (SELECT 1 FROM {table} AS t WHERE {change})"
        );
        let rows = count(admin, &gone).await?;
        if rows > 0 {
            findings.push(Finding::RowsGoneUnnoted { table: table.to_owned(), rows });
        }
    }
    let rows = count(
        admin,
        "SELECT COUNT(*) AS n FROM dbo.PHIEUMUON AS p
         WHERE p.NgayTra IS NULL AND p.DaHuy = 0
             AND NOT EXISTS (SELECT 1 FROM lienthu.Loan AS l WHERE l.MaPM = p.MaPM)",
    )
    .await?;
    if rows > 0 {
        findings.push(Finding::LoansWithoutEvent { rows });
    }
    let rows = count(
        admin,
        "SELECT COUNT(*) AS n FROM dbo.QUYENSACH AS q
         LEFT JOIN (SELECT DISTINCT p.MaQuyenSach AS MaQuyenSach FROM dbo.PHIEUMUON AS p
             INNER JOIN lienthu.Loan AS l ON l.MaPM = p.MaPM
             WHERE p.NgayTra IS NULL AND l.ended_at IS NULL AND l.withdrawn = 0) AS o
             ON o.MaQuyenSach = q.MaQuyenSach
         WHERE (q.TrangThai = 'free' AND q.TinhTrang <> N'Có sẵn')
             OR (q.TrangThai <> 'free' AND q.TinhTrang = N'Có sẵn')
             OR (q.TrangThai = 'on_loan' AND o.MaQuyenSach IS NULL)
             OR (q.TrangThai <> 'on_loan' AND o.MaQuyenSach IS NOT NULL)",
    )
    .await?;
    if rows > 0 {
        findings.push(Finding::StateOutOfStep { rows });
    }
    Ok(findings)
}

async fn count(admin: &mut SqlServerAdmin, query: &str) -> Result<i64, SiteError> {
    let row = admin.report(query, &[]).await?.into_iter().next().unwrap_or_default();
    let [n] = cells(row)?;
    number(&n)
}
