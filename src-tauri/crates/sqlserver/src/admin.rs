//! The administrator's side of a SQL Server site: databases, people, and what is done at a prompt. No right
//! is asked here: the server decides what the login may.

use lienthu_domain::rights::Role;
use lienthu_port::error::SiteError;
use lienthu_port::site::Credentials;
use tiberius::ColumnData;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::config::SqlServerConfig;
use crate::connection::{Connection, Param};

const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");

/// The database role that a role is.
#[must_use]
pub const fn database_role(role: Role) -> &'static str {
    match role {
        Role::Librarian => "THUTHU",
        Role::Manager => "QUANLY",
        Role::Agent => "DAILY",
    }
}

/// A connection of an administrator's.
pub struct SqlServerAdmin {
    pub(crate) connection: Connection,
}

impl std::fmt::Debug for SqlServerAdmin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlServerAdmin").finish_non_exhaustive()
    }
}

impl SqlServerAdmin {
    /// Connects to a database.
    ///
    /// # Errors
    /// `Unreachable`, `LoginFailed`.
    pub async fn open(config: &SqlServerConfig, admin: &Credentials) -> Result<Self, SiteError> {
        let connection = Connection::open(config, admin).await;
        Ok(Self { connection: connection.map_err(|failure| failure.of_call(None))? })
    }

    /// Does what an administrator does at a prompt: runs one batch.
    ///
    /// # Errors
    /// `Unexpected` with what the server says.
    pub async fn by_hand(&mut self, batch: &str) -> Result<(), SiteError> {
        let done = self.connection.batch(batch).await;
        done.map_err(|error| SiteError::Unexpected { detail: error.to_string() })?;
        Ok(())
    }

    /// Starts a new incarnation of the site, which was restored from a backup; says which.
    ///
    /// # Errors
    /// As every call; `Damaged` when the database is no site.
    pub async fn start_incarnation(&mut self) -> Result<String, SiteError> {
        let rows = self
            .report(
                "UPDATE lienthu.Site SET incarnation = LOWER(CAST(NEWID() AS CHAR(36))),
                     incarnation_at = SYSUTCDATETIME();
                 SELECT incarnation AS incarnation FROM lienthu.Site",
                &[],
            )
            .await?;
        let incarnation = rows.into_iter().flatten().flatten().next();
        incarnation
            .ok_or_else(|| SiteError::Damaged { detail: "no row in lienthu.Site".to_owned() })
    }

    pub(crate) async fn is_babelfish(&mut self) -> Result<bool, SiteError> {
        let version = self.report("SELECT @@VERSION AS version", &[]).await?;
        let version = version.into_iter().flatten().flatten().next();
        Ok(version.is_some_and(|version| version.starts_with("Babelfish")))
    }

    /// Reads what a report of the customer's own reads: every column of the rows, as text. `@P1`, `@P2` and
    /// so on stand for the texts.
    ///
    /// # Errors
    /// As every call.
    pub async fn report(
        &mut self,
        query: &str,
        texts: &[String],
    ) -> Result<Vec<Vec<Option<String>>>, SiteError> {
        let params: Vec<Param> = texts.iter().cloned().map(Param::Text).collect();
        let sets = self.connection.query(query, &params).await;
        let sets = sets.map_err(|failure| failure.of_call(None))?;
        let rows = sets.into_iter().flatten();
        Ok(rows.map(|row| row.cells().map(|(_, cell)| shown(cell)).collect()).collect())
    }
}

fn shown(cell: &ColumnData<'static>) -> Option<String> {
    match cell {
        ColumnData::U8(number) => number.map(|number| number.to_string()),
        ColumnData::I16(number) => number.map(|number| number.to_string()),
        ColumnData::I32(number) => number.map(|number| number.to_string()),
        ColumnData::I64(number) => number.map(|number| number.to_string()),
        ColumnData::Bit(bit) => bit.map(|bit| u8::from(bit).to_string()),
        ColumnData::String(text) => text.as_ref().map(ToString::to_string),
        other => {
            let time = <PrimitiveDateTime as tiberius::FromSql>::from_sql(other).ok().flatten();
            time.and_then(|time| time.format(TIME).ok())
        }
    }
}
