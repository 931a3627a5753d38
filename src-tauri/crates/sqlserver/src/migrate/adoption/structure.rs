//! What the tables themselves, the database and the server contradict.

use std::collections::HashSet;

use super::super::MigrateError;
use super::super::runner::Run;
use super::super::script::{Kind as ScriptKind, scripts};
use super::contradiction::{Contradiction, ContradictionKind as Kind};
use super::{Holds, TABLES};
use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;

/// The lowest level at which OPENJSON is known.
const COMPATIBILITY_MIN: u32 = 130;
/// Database roles that the scripts make.
const ROLES: [&str; 3] = ["THUTHU", "QUANLY", "DAILY"];
/// Checks that the base tables have, and the tables.
const CHECKS: [(&str, &str); 4] = [
    ("QUYENSACH", "CHK_QuyenSach_MaCN"),
    ("QUYENSACH", "CHK_QuyenSach_TinhTrang"),
    ("DOCGIA", "CHK_DocGia_MaCN"),
    ("PHIEUMUON", "CHK_PhieuMuon_MaCN"),
];
/// Columns that are foreign keys.
const KEYS: [(&str, &str); 6] = [
    ("QUYENSACH", "ISBN"),
    ("QUYENSACH", "MaCN"),
    ("DOCGIA", "MaCN_DangKy"),
    ("PHIEUMUON", "MaDG"),
    ("PHIEUMUON", "MaQuyenSach"),
    ("PHIEUMUON", "MaCN"),
];

/// A column that is there.
pub(super) struct Column {
    table: String,
    name: String,
    data_type: String,
    is_required: bool,
    has_default: bool,
    collation: Option<String>,
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn called(error: Failure) -> MigrateError {
    error.of_call(None).into()
}

/// The columns of those base tables that are there.
pub(super) async fn columns(run: &mut Run) -> Result<Vec<Column>, MigrateError> {
    let found = run
        .read(
            "SELECT TABLE_NAME AS table_name, COLUMN_NAME AS column_name, DATA_TYPE AS data_type,
                 CASE WHEN IS_NULLABLE = 'NO' THEN 1 ELSE 0 END AS is_required,
                 CASE WHEN COLUMN_DEFAULT IS NULL THEN 0 ELSE 1 END AS has_default,
                 COLLATION_NAME AS collation
             FROM INFORMATION_SCHEMA.COLUMNS
             WHERE TABLE_SCHEMA = 'dbo'",
            &[],
        )
        .await?;
    let mut columns = Vec::new();
    for row in &found {
        let column = || -> Result<Column, Failure> {
            Ok(Column {
                table: rows::text(row, 0)?,
                name: rows::text(row, 1)?,
                data_type: rows::text(row, 2)?,
                is_required: rows::number::<u8>(row, 3)? == 1,
                has_default: rows::number::<u8>(row, 4)? == 1,
                collation: rows::option::<&str>(row, 5)?.map(str::to_owned),
            })
        };
        let column = column().map_err(called)?;
        if TABLES.iter().any(|(table, _)| same(table, &column.table)) {
            columns.push(column);
        }
    }
    Ok(columns)
}

pub(super) async fn contradictions(
    run: &mut Run,
    columns: &[Column],
    is_begun: bool,
) -> Result<Vec<Contradiction>, MigrateError> {
    let mut found = of_tables(columns);
    if !is_begun {
        found.extend(of_added_columns(columns));
    }
    let of_column = |kind, column: &Column| {
        Contradiction::new(kind, &column.table, &column.name, 1, Vec::new())
    };
    let is_babelfish = run.is_babelfish().await?;
    let collation = run
        .read(
            "SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS NVARCHAR(128)) AS name",
            &[],
        )
        .await?;
    let collation = collation.first().and_then(|row| rows::text(row, 0).ok()).unwrap_or_default();
    for column in columns {
        let is_base = base(&column.table).any(|(name, _)| same(name, &column.name));
        // Babelfish names the collation of a column otherwise than the database's.
        if is_base
            && !is_babelfish
            && column.collation.as_ref().is_some_and(|of| !same(of, &collation))
        {
            found.push(of_column(Kind::CollationMixed, column));
        }
        if !is_base && !is_begun && column.is_required && !column.has_default {
            found.push(of_column(Kind::ColumnRequired, column));
        }
    }
    let identity = run
        .read(
            "SELECT COLUMNPROPERTY(OBJECT_ID(N'dbo.PHIEUMUON'), N'MaPM', 'IsIdentity') AS it",
            &[],
        )
        .await?;
    if identity.first().and_then(|row| rows::number::<u8>(row, 0).ok()) == Some(0) {
        found.push(Contradiction::new(Kind::IdentityMissing, "PHIEUMUON", "MaPM", 1, Vec::new()));
    }
    found.extend(of_server(run, is_babelfish).await?);
    found.extend(of_names(run).await?);
    found.extend(of_constraints(run).await?);
    Ok(found)
}

fn base(table: &str) -> impl Iterator<Item = (&'static str, Holds)> {
    let of_table = TABLES.iter().find(|(name, _)| same(name, table));
    of_table.into_iter().flat_map(|(_, columns)| columns.iter().copied())
}

fn of_tables(columns: &[Column]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (table, expected) in TABLES {
        let there: Vec<&Column> = columns.iter().filter(|c| same(&c.table, table)).collect();
        if there.is_empty() {
            found.push(Contradiction::new(Kind::TableMissing, table, "", 1, Vec::new()));
            continue;
        }
        for (name, holds) in expected {
            let kind = match there.iter().find(|column| same(&column.name, name)) {
                None => Kind::ColumnMissing,
                Some(column) if !fits(*holds, &column.data_type) => Kind::ColumnType,
                Some(_) => continue,
            };
            found.push(Contradiction::new(kind, table, name, 1, Vec::new()));
        }
    }
    found
}

fn fits(holds: Holds, data_type: &str) -> bool {
    let types: &[&str] = match holds {
        Holds::Text => &["varchar", "nvarchar", "char", "nchar"],
        Holds::Number => &["int"],
        Holds::Time => &["datetime", "datetime2", "smalldatetime", "date"],
    };
    types.iter().any(|fitting| same(fitting, data_type))
}

/// The columns that the schema steps add to the base tables, as the steps themselves say.
fn of_added_columns(columns: &[Column]) -> Vec<Contradiction> {
    let steps = scripts().iter().filter(|script| script.kind == ScriptKind::Step);
    let added: HashSet<(String, String)> = steps
        .flat_map(|script| script.text.lines())
        .filter_map(|line| line.strip_prefix("ALTER TABLE dbo.")?.split_once(" ADD "))
        .filter_map(|(table, rest)| Some((table, rest.split_whitespace().next()?)))
        .map(|(table, column)| (table.to_ascii_lowercase(), column.to_ascii_lowercase()))
        .collect();
    let is_taken = |column: &&Column| {
        added.contains(&(column.table.to_ascii_lowercase(), column.name.to_ascii_lowercase()))
    };
    let taken = columns.iter().filter(is_taken);
    taken
        .map(|column| {
            Contradiction::new(Kind::ColumnTaken, &column.table, &column.name, 1, Vec::new())
        })
        .collect()
}

async fn of_server(run: &mut Run, is_babelfish: bool) -> Result<Vec<Contradiction>, MigrateError> {
    let mut found = Vec::new();
    let level = run
        .read(
            "SELECT CAST(compatibility_level AS INT) AS level FROM sys.databases WHERE name = DB_NAME()",
            &[],
        )
        .await?;
    let level = level.first().and_then(|row| rows::number::<u32>(row, 0).ok());
    // Babelfish knows one level, and OPENJSON at it.
    if level.is_some_and(|level| level < COMPATIBILITY_MIN) && !is_babelfish {
        found.push(Contradiction::new(Kind::CompatibilityLow, "", "", 1, Vec::new()));
    }
    let nested = run
        .read(
            "SELECT CAST(value_in_use AS INT) AS is_on FROM sys.configurations
             WHERE name = 'nested triggers'",
            &[],
        )
        .await?;
    if nested.first().and_then(|row| rows::number::<u8>(row, 0).ok()) == Some(0) {
        found.push(Contradiction::new(Kind::TriggersNotNested, "", "", 1, Vec::new()));
    }
    Ok(found)
}

/// Of the names that the roles have, those that are somebody's already.
async fn of_names(run: &mut Run) -> Result<Vec<Contradiction>, MigrateError> {
    let mut found = Vec::new();
    for role in ROLES {
        let there = run
            .read(
                "SELECT CAST(type AS NVARCHAR(2)) AS type FROM sys.database_principals WHERE name = @P1",
                &[Param::Text(role.to_owned())],
            )
            .await?;
        let Some(row) = there.first() else { continue };
        let is_role = rows::text(row, 0).map_err(called)?.trim() == "R";
        let kind = if is_role { Kind::RoleThere } else { Kind::NameTaken };
        found.push(Contradiction::new(kind, "", "", 1, vec![role.to_owned()]));
    }
    Ok(found)
}

async fn of_constraints(run: &mut Run) -> Result<Vec<Contradiction>, MigrateError> {
    let mut found = Vec::new();
    for (table, check) in CHECKS {
        if !run.exists(&format!("dbo.{check}")).await? {
            let examples = vec![check.to_owned()];
            found.push(Contradiction::new(Kind::ConstraintMissing, table, "", 1, examples));
        }
    }
    let keys = names(
        run,
        "SELECT OBJECT_NAME(parent_object_id) AS of_table,
             COL_NAME(parent_object_id, parent_column_id) AS of_column
         FROM sys.foreign_key_columns",
    )
    .await?;
    for (table, column) in KEYS {
        if !keys.iter().any(|(of, by)| same(of, table) && same(by, column)) {
            let examples = vec!["FOREIGN KEY".to_owned()];
            found.push(Contradiction::new(Kind::ConstraintMissing, table, column, 1, examples));
        }
    }
    let triggers = names(
        run,
        "SELECT OBJECT_NAME(parent_id) AS of_table, name AS name FROM sys.triggers
         WHERE OBJECT_NAME(parent_id) IS NOT NULL",
    )
    .await?;
    for (table, trigger) in triggers {
        let is_ours = scripts()
            .iter()
            .any(|script| script.kind == ScriptKind::Trigger && same(script.name, &trigger));
        if !is_ours && TABLES.iter().any(|(name, _)| same(name, &table)) {
            found.push(Contradiction::new(Kind::OwnTrigger, &table, "", 1, vec![trigger]));
        }
    }
    Ok(found)
}

async fn names(run: &mut Run, query: &str) -> Result<Vec<(String, String)>, MigrateError> {
    let found = run.read(query, &[]).await?;
    let pairs = found.iter().map(|row| Ok((rows::text(row, 0)?, rows::text(row, 1)?)));
    pairs.collect::<Result<_, Failure>>().map_err(called)
}

/// The procedures of the customer's own.
pub(super) async fn procedures(run: &mut Run) -> Result<Vec<String>, MigrateError> {
    let found = run
        .read(
            "SELECT name AS name FROM sys.procedures WHERE schema_id = SCHEMA_ID(N'dbo') ORDER BY name",
            &[],
        )
        .await?;
    found.iter().map(|row| rows::text(row, 0)).collect::<Result<_, Failure>>().map_err(called)
}
