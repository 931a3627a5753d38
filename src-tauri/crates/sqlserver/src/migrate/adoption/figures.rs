//! Counts and checksums of the base tables, over the base columns: what is added beside them does not count.

use serde::Serialize;

use super::super::MigrateError;
use super::super::runner::Run;
use super::{Holds, TABLES};
use crate::rows;

/// Values that the founding may change, by table. See `lienthu.AdoptedValue`.
const CHANGEABLE: [(&str, &[&str]); 5] = [
    ("CHINHANH", &[]),
    ("SACH", &[]),
    ("QUYENSACH", &["ISBN", "MaCN", "TinhTrang"]),
    ("DOCGIA", &["MaCN_DangKy"]),
    ("PHIEUMUON", &["MaDG", "MaQuyenSach", "MaCN", "NgayTra"]),
];

/// A table in two numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// The sum of the first six bytes of every row's SHA-256, in decimal: whoever changes a value, a letter's
    /// case included, or swaps two, changes it; the order of the rows does not.
    pub checksum: String,
}

/// How many values of a column were changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The table.
    pub table: String,
    /// The column; `*` for rows that were added.
    pub column: String,
    /// How many.
    pub values: u64,
}

pub(super) async fn measure(run: &mut Run) -> Result<Vec<Figures>, MigrateError> {
    let mut measured = Vec::with_capacity(TABLES.len());
    for (table, columns) in TABLES {
        let texts = columns.iter().map(|(column, holds)| as_text(&format!("t.{column}"), *holds));
        measured.push(sum(run, table, texts, "").await?);
    }
    Ok(measured)
}

pub(super) async fn measure_put_back(run: &mut Run) -> Result<Vec<Figures>, MigrateError> {
    let mut measured = Vec::with_capacity(TABLES.len());
    for ((table, columns), (_, changeable)) in TABLES.iter().zip(CHANGEABLE) {
        let key = as_text(&format!("t.{}", columns[0].0), columns[0].1);
        let noted = |column: &str, alias: &str| {
            format!(
                "{alias}.table_name = '{table}' AND {alias}.column_name = '{column}'
                 AND {alias}.row_key = {key} COLLATE Latin1_General_BIN2"
            )
        };
        let mut joins = String::new();
        for column in changeable {
            let on = noted(column, &format!("was_{column}"));
            joins.push_str(&format!(" LEFT JOIN lienthu.AdoptedValue AS was_{column} ON {on}"));
        }
        let is_added = noted("*", "added");
        joins.push_str(&format!(
            " WHERE NOT EXISTS (SELECT 1 FROM lienthu.AdoptedValue AS added WHERE {is_added})"
        ));
        let texts = columns.iter().map(|(column, holds)| {
            let is = as_text(&format!("t.{column}"), *holds);
            if changeable.contains(column) {
                format!(
                    "CAST(CASE WHEN was_{column}.row_key IS NULL THEN {is} ELSE was_{column}.old_value END
                     AS NVARCHAR(255))"
                )
            } else {
                is
            }
        });
        measured.push(sum(run, table, texts, &joins).await?);
    }
    Ok(measured)
}

pub(super) async fn changed(run: &mut Run) -> Result<Vec<Changed>, MigrateError> {
    let found = run
        .ask(
            "SELECT table_name AS table_name, column_name AS column_name, COUNT(*) AS n
             FROM lienthu.AdoptedValue
             GROUP BY table_name, column_name
             ORDER BY table_name, column_name",
        )
        .await?;
    let line = |row| {
        Ok(Changed {
            table: rows::text(row, 0)?,
            column: rows::text(row, 1)?,
            values: rows::number(row, 2)?,
        })
    };
    let lines: Result<Vec<_>, crate::failure::Failure> = found.iter().map(line).collect();
    lines.map_err(|failure| failure.of_call(None).into())
}

/// A value as text, the same one whenever it is asked for.
fn as_text(column: &str, holds: Holds) -> String {
    match holds {
        Holds::Text => format!("CAST({column} AS NVARCHAR(255))"),
        Holds::Number => format!("CAST({column} AS NVARCHAR(40))"),
        Holds::Time => format!("CONVERT(NVARCHAR(40), {column}, 121)"),
    }
}

async fn sum(
    run: &mut Run,
    table: &str,
    texts: impl Iterator<Item = String>,
    joins: &str,
) -> Result<Figures, MigrateError> {
    // The sign before tells nothing from an empty text; the unit separator keeps neighbours apart.
    let row = texts
        .map(|text| format!("COALESCE(N'=' + {text}, N'-') + NCHAR(31)"))
        .collect::<Vec<_>>()
        .join(" + ");
    let measured = run
        .ask(&format!(
                "SELECT COUNT_BIG(*) AS n, CAST(COALESCE(SUM(CAST(CAST(
                     SUBSTRING(HASHBYTES('SHA2_256', {row}), 1, 6) AS BIGINT) AS DECIMAL(38, 0))), 0)
                     AS NVARCHAR(60)) AS checksum
                 FROM dbo.{table} AS t{joins}"
        ))
        .await?;
    let line = measured.first().map(|row| {
        Ok(Figures {
            table: table.to_owned(),
            rows: rows::number(row, 0)?,
            checksum: rows::text(row, 1)?,
        })
    });
    let none = || Ok(Figures { table: table.to_owned(), rows: 0, checksum: "0".to_owned() });
    let line: Result<Figures, crate::failure::Failure> = line.unwrap_or_else(none);
    line.map_err(|failure| failure.of_call(None).into())
}
