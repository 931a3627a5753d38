//! The rights that somebody holds on the base tables, and taking them. EXECUTE on the procedures that are
//! there is no right on a table: it stays, so that old programs that call procedures go on working.

use serde::{Deserialize, Serialize};

use super::super::MigrateError;
use super::super::runner::Run;
use super::TABLES;
use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;

/// What becomes of the rights that people hold on the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantChoice {
    /// They are taken: from then on only procedures reach the tables.
    Revoke,
    /// They stay, and programs that write the tables go on.
    Keep,
}

/// A right that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// The table; or the fixed role through which they may read or write every table.
    pub on: String,
    /// The user or role.
    pub to: String,
    /// `SELECT`, `INSERT` and so on; `MEMBER` of a fixed role.
    pub right: String,
}

/// Membership in one of these is a right on every table.
const FIXED_ROLES: [&str; 3] = ["db_datareader", "db_datawriter", "db_ddladmin"];
const MEMBER: &str = "MEMBER";
/// Whose rights are not asked after: they own the tables.
const OWNER: &str = "dbo";

pub(super) async fn held(run: &mut Run) -> Result<Vec<Grant>, MigrateError> {
    let mut held = Vec::new();
    for (table, _) in TABLES {
        // The one question about rights that every server answers.
        let rights = run
            .read("EXEC sp_table_privileges @P1, N'dbo'", &[Param::Text(table.to_owned())])
            .await?;
        for right in &rights {
            let read = || Ok((rows::text(right, 4)?, rows::text(right, 5)?));
            let (to, right) = read().map_err(|failure: Failure| failure.of_call(None))?;
            // Babelfish tells of other databases' users too.
            if to != OWNER && is_here(run, &to).await? {
                held.push(Grant { on: table.to_owned(), to, right });
            }
        }
    }
    let members = run
        .read(
            "SELECT r.name AS role_name, m.name AS member_name
             FROM sys.database_role_members AS x
             INNER JOIN sys.database_principals AS r ON r.principal_id = x.role_principal_id
             INNER JOIN sys.database_principals AS m ON m.principal_id = x.member_principal_id",
            &[],
        )
        .await?;
    for member in &members {
        let read = || Ok((rows::text(member, 0)?, rows::text(member, 1)?));
        let (on, to) = read().map_err(|failure: Failure| failure.of_call(None))?;
        if FIXED_ROLES.contains(&on.as_str()) && to != OWNER {
            held.push(Grant { on, to, right: MEMBER.to_owned() });
        }
    }
    Ok(held)
}

async fn is_here(run: &mut Run, user: &str) -> Result<bool, MigrateError> {
    let found = run
        .read("SELECT DATABASE_PRINCIPAL_ID(@P1) AS id", &[Param::Text(user.to_owned())])
        .await?;
    Ok(found.first().is_some_and(|row| rows::number::<i64>(row, 0).is_ok()))
}

pub(super) async fn revoke(run: &mut Run, held: &[Grant]) -> Result<(), MigrateError> {
    for (place, Grant { on, to, right }) in held.iter().enumerate() {
        let who = format!("[{}]", to.replace(']', "]]"));
        let statement = if right == MEMBER {
            format!("ALTER ROLE {on} DROP MEMBER {who}")
        } else {
            format!("REVOKE {right} ON dbo.{on} FROM {who} CASCADE")
        };
        run.batch("grants", place, &statement).await?;
    }
    Ok(())
}
