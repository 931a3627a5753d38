//! A backup, and putting it back unannounced: every row of every table, aside and back again. BACKUP would
//! write files on the server's machine, where no test can clean up, and Babelfish has none.

use std::path::{Path, PathBuf};

use lienthu_sqlserver::SqlServerAdmin;
use uuid::Uuid;

/// In an order in which rows may come, each after what it names.
const TABLES: [&str; 24] = [
    "dbo.CHINHANH",
    "dbo.SACH",
    "dbo.QUYENSACH",
    "dbo.DOCGIA",
    "dbo.PHIEUMUON",
    "lienthu.Site",
    "lienthu.Staff",
    "lienthu.StaffRole",
    "lienthu.LoanPolicy",
    "lienthu.ClosedDay",
    "lienthu.Event",
    "lienthu.Flag",
    "lienthu.Loan",
    "lienthu.ReviewItem",
    "lienthu.Unfolded",
    "lienthu.Peer",
    "lienthu.TxnParticipant",
    "lienthu.TxnParty",
    "lienthu.TxnDecision",
    "lienthu.Hold",
    "lienthu.Transit",
    "lienthu.Counter",
    "lienthu.FeedToken",
    "lienthu.Change",
];
/// What the triggers write to, also while rows are put back.
const FEED: [&str; 3] = ["lienthu.Counter", "lienthu.FeedToken", "lienthu.Change"];
/// Rows of it have numbers of the server's own.
const NUMBERED: &str = "dbo.PHIEUMUON";

fn aside(backup: &str, table: &str) -> String {
    format!("dbo.{backup}_{}", table.replace('.', "_"))
}

pub(super) async fn back_up(admin: &mut SqlServerAdmin) -> PathBuf {
    let backup = format!("backup_{}", Uuid::new_v4().simple());
    for table in TABLES {
        let aside = aside(&backup, table);
        admin.by_hand(&format!("SELECT * INTO {aside} FROM {table}")).await.unwrap();
    }
    PathBuf::from(backup)
}

pub(super) async fn put_back(admin: &mut SqlServerAdmin, backup: &Path) {
    let backup = backup.to_str().unwrap();
    let mut script = "SET XACT_ABORT ON; BEGIN TRANSACTION;\n".to_owned();
    for table in TABLES.iter().rev().filter(|table| !FEED.contains(table)) {
        script.push_str(&format!("DELETE FROM {table};\n"));
    }
    for table in TABLES {
        let columns = columns(admin, table).await;
        let rows = format!("({columns}) SELECT {columns} FROM {};\n", aside(backup, table));
        if table == NUMBERED {
            script.push_str(&format!(
                "SET IDENTITY_INSERT {table} ON;\nINSERT INTO {table} {rows}SET IDENTITY_INSERT {table} OFF;\n"
            ));
        } else if FEED.contains(&table) {
            // What the triggers noted of the rows before is no part of the backup.
            script.push_str(&format!("DELETE FROM {table};\nINSERT INTO {table} {rows}"));
        } else {
            script.push_str(&format!("INSERT INTO {table} {rows}"));
        }
    }
    script.push_str("COMMIT TRANSACTION");
    admin.by_hand(&script).await.unwrap();
}

async fn columns(admin: &mut SqlServerAdmin, table: &str) -> String {
    let (schema, name) = table.split_once('.').unwrap();
    let found = admin
        .report(
            "SELECT COLUMN_NAME AS name FROM INFORMATION_SCHEMA.COLUMNS
             WHERE TABLE_SCHEMA = @P1 AND TABLE_NAME = @P2 ORDER BY ORDINAL_POSITION",
            &[schema.to_owned(), name.to_owned()],
        )
        .await
        .unwrap();
    found.into_iter().flatten().flatten().collect::<Vec<_>>().join(", ")
}
