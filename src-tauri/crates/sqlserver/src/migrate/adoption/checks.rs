//! What the values of a customer's database contradict. Each check is one question to the server, which
//! counts; a few keys come back as examples.

use lienthu_domain::ids::BranchCode;
use lienthu_domain::times::ZoneOffset;

use super::super::MigrateError;
use super::super::runner::Run;
use super::contradiction::{Contradiction, ContradictionKind as Kind, EXAMPLES_MAX};
use crate::failure::Failure;
use crate::{quoting, rows};

/// Rows of a table that contradict.
struct Check {
    kind: Kind,
    table: &'static str,
    column: &'static str,
    /// What is shown of a row `t`.
    example: &'static str,
    condition: String,
}

pub(super) async fn contradictions(
    run: &mut Run,
    branch: &BranchCode,
    zone: ZoneOffset,
) -> Result<Vec<Contradiction>, MigrateError> {
    let mut found = Vec::new();
    for check in checks(branch, zone) {
        let Check { kind, table, column, example, condition } = check;
        let answer = run
            .ask(&format!(
                "SELECT TOP ({EXAMPLES_MAX}) CAST({example} AS NVARCHAR(60)) AS example,
                         COUNT(*) OVER () AS n
                     FROM dbo.{table} AS t WHERE {condition} ORDER BY 1"
            ))
            .await?;
        let read = || {
            let Some(first) = answer.first() else { return Ok(None) };
            let examples: Result<Vec<String>, Failure> =
                answer.iter().map(|row| rows::text(row, 0)).collect();
            Ok(Some((rows::number::<u64>(first, 1)?, examples?)))
        };
        if let Some((count, examples)) = read().map_err(|failure: Failure| failure.of_call(None))? {
            found.push(Contradiction::new(kind, table, column, count, examples));
        }
    }
    Ok(found)
}

fn checks(branch: &BranchCode, zone: ZoneOffset) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut add = |kind, table, column, example, condition: String| {
        checks.push(Check { kind, table, column, example, condition });
    };
    let here = quoting::literal(branch.as_str());
    let now = format!("DATEADD(MINUTE, {}, SYSUTCDATETIME())", zone.minutes());

    for (table, column, key) in [
        ("QUYENSACH", "MaCN", "t.MaQuyenSach"),
        ("DOCGIA", "MaCN_DangKy", "t.MaDG"),
        ("PHIEUMUON", "MaCN", "t.MaPM"),
    ] {
        add(Kind::OtherBranch, table, column, key, format!("t.{column} <> {here}"));
        add(Kind::ReferenceMissing, table, column, key, format!("t.{column} IS NULL"));
    }
    for (table, column, key) in [
        ("QUYENSACH", "ISBN", "t.MaQuyenSach"),
        ("PHIEUMUON", "MaDG", "t.MaPM"),
        ("PHIEUMUON", "MaQuyenSach", "t.MaPM"),
    ] {
        add(Kind::ReferenceMissing, table, column, key, format!("t.{column} IS NULL"));
    }
    for (table, column, key, max) in [
        ("CHINHANH", "MaCN", "t.MaCN", 10),
        ("SACH", "ISBN", "t.ISBN", 20),
        ("QUYENSACH", "MaQuyenSach", "t.MaQuyenSach", 20),
        ("DOCGIA", "MaDG", "t.MaDG", 10),
        ("PHIEUMUON", "MaDG", "t.MaPM", 10),
        ("PHIEUMUON", "MaQuyenSach", "t.MaPM", 20),
    ] {
        let unusable = format!(
            "(t.{column} = '' OR t.{column} LIKE ' %' OR LEN(t.{column}) > {max}
              OR t.{column} LIKE '%[^ -~]%' COLLATE Latin1_General_BIN2)"
        );
        add(Kind::KeyUnusable, table, column, key, unusable);
    }
    let none = |table: &str, column: &str, key: &str| {
        format!(
            "t.{column} IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM dbo.{table} AS k WHERE k.{key} = t.{column})"
        )
    };
    add(Kind::TitleMissing, "QUYENSACH", "ISBN", "t.MaQuyenSach", none("SACH", "ISBN", "ISBN"));
    for (column, table) in [("MaDG", "DOCGIA"), ("MaQuyenSach", "QUYENSACH")] {
        let unknown = none(table, column, column);
        add(Kind::LoanReferenceUnknown, "PHIEUMUON", column, "t.MaPM", unknown);
    }
    for (table, column, key, of, of_key) in [
        ("QUYENSACH", "ISBN", "t.MaQuyenSach", "SACH", "ISBN"),
        ("QUYENSACH", "MaCN", "t.MaQuyenSach", "CHINHANH", "MaCN"),
        ("DOCGIA", "MaCN_DangKy", "t.MaDG", "CHINHANH", "MaCN"),
        ("PHIEUMUON", "MaDG", "t.MaPM", "DOCGIA", "MaDG"),
        ("PHIEUMUON", "MaQuyenSach", "t.MaPM", "QUYENSACH", "MaQuyenSach"),
        ("PHIEUMUON", "MaCN", "t.MaPM", "CHINHANH", "MaCN"),
    ] {
        let differs = format!(
            "EXISTS (SELECT 1 FROM dbo.{of} AS k WHERE k.{of_key} = t.{column}
             AND k.{of_key} COLLATE Latin1_General_BIN2 <> t.{column} COLLATE Latin1_General_BIN2)"
        );
        add(Kind::ReferenceSpelling, table, column, key, differs);
    }
    for (table, column, key) in [
        ("CHINHANH", "TenCN", "t.MaCN"),
        ("SACH", "TenSach", "t.ISBN"),
        ("DOCGIA", "HoTen", "t.MaDG"),
    ] {
        add(Kind::NameMissing, table, column, key, format!("COALESCE(t.{column}, N'') = N''"));
    }
    add(Kind::IsbnCheckDigit, "SACH", "ISBN", "t.ISBN", wrong_check_digit());

    let is_out = "EXISTS (SELECT 1 FROM dbo.PHIEUMUON AS m
                  WHERE m.MaQuyenSach = t.MaQuyenSach AND m.NgayTra IS NULL)";
    let out_of_step = format!(
        "(t.TinhTrang IS NULL OR t.TinhTrang COLLATE Latin1_General_BIN2
            <> CASE WHEN {is_out} THEN N'Đang được mượn' ELSE N'Có sẵn' END)"
    );
    add(Kind::StateOutOfStep, "QUYENSACH", "TinhTrang", "t.MaQuyenSach", out_of_step);
    let has_later = "t.NgayTra IS NULL AND EXISTS (
        SELECT 1 FROM dbo.PHIEUMUON AS m
        WHERE m.MaQuyenSach = t.MaQuyenSach AND m.NgayTra IS NULL
            AND (m.NgayMuon > t.NgayMuon OR (m.NgayMuon = t.NgayMuon AND m.MaPM > t.MaPM)
                OR (m.NgayMuon IS NULL AND (t.NgayMuon IS NOT NULL OR m.MaPM > t.MaPM))))";
    add(Kind::SeveralOpenLoans, "PHIEUMUON", "NgayTra", "t.MaPM", has_later.to_owned());
    let before = "t.NgayTra < t.NgayMuon".to_owned();
    add(Kind::ReturnedBeforeLent, "PHIEUMUON", "NgayTra", "t.MaPM", before);
    add(Kind::LentInFuture, "PHIEUMUON", "NgayMuon", "t.MaPM", format!("t.NgayMuon > {now}"));
    add(Kind::ReturnedInFuture, "PHIEUMUON", "NgayTra", "t.MaPM", format!("t.NgayTra > {now}"));
    add(Kind::LentNever, "PHIEUMUON", "NgayMuon", "t.MaPM", "t.NgayMuon IS NULL".to_owned());
    checks
}

/// ISBNs of ten or thirteen digits whose last one does not follow from the others. What is no ISBN at all is
/// a key of the library's own.
fn wrong_check_digit() -> String {
    let digits = "REPLACE(REPLACE(t.ISBN, '-', ''), ' ', '')";
    // What cannot be cast counts as zero; the condition before says that it can.
    let digit =
        |place: usize| format!("COALESCE(TRY_CAST(SUBSTRING({digits}, {place}, 1) AS INT), 0)");
    let thirteen: Vec<String> = (1..=13)
        .map(|place| format!("{} * {}", digit(place), if place % 2 == 1 { 1 } else { 3 }))
        .collect();
    let ten: Vec<String> =
        (1..=9).map(|place| format!("{} * {}", digit(place), 11 - place)).collect();
    let last = format!("CASE WHEN RIGHT({digits}, 1) IN ('X', 'x') THEN 10 ELSE {} END", digit(10));
    format!(
        "((LEN({digits}) = 13 AND {digits} NOT LIKE '%[^0-9]%' AND ({}) % 10 <> 0)
          OR (LEN({digits}) = 10 AND LEFT({digits}, 9) NOT LIKE '%[^0-9]%'
              AND RIGHT({digits}, 1) LIKE '[0-9Xx]' AND ({} + {last}) % 11 <> 0))",
        thirteen.join(" + "),
        ten.join(" + "),
    )
}
