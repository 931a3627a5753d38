//! The administrator's side of a SQL Server site: databases, people, and what is done at a prompt. No right
//! is asked here: the server decides what the login may.

use lienthu_domain::ids::StaffLogin;
use lienthu_domain::rights::Role;
use lienthu_port::error::SiteError;
use lienthu_port::seed::StaffSeed;
use lienthu_port::site::Credentials;
use secrecy::ExposeSecret;
use tiberius::ColumnData;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::config::SqlServerConfig;
use crate::connection::{Connection, Param};
use crate::quoting::{literal, name};

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
    connection: Connection,
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

    /// Adds a person, or gives them a new name, password and roles.
    ///
    /// # Errors
    /// As every call.
    pub async fn put_person(&mut self, person: &StaffSeed) -> Result<(), SiteError> {
        let login = name(person.login.as_str());
        let password = literal(person.password.expose_secret());
        let known = self.report("SELECT SUSER_ID(@P1) AS id", &[person.login.to_string()]).await?;
        let word = if known.iter().flatten().any(Option::is_some) { "ALTER" } else { "CREATE" };
        self.by_hand(&format!("{word} LOGIN {login} WITH PASSWORD = {password}")).await?;
        let user = user_name(&person.login);
        let there = self
            .report("SELECT DATABASE_PRINCIPAL_ID(@P1) AS id", std::slice::from_ref(&user))
            .await?;
        if !there.iter().flatten().any(Option::is_some) {
            self.by_hand(&format!("CREATE USER {} FOR LOGIN {login}", name(&user))).await?;
        }
        self.report(
            "UPDATE lienthu.Staff SET full_name = @P2 WHERE login_name = @P1;
             INSERT INTO lienthu.Staff (login_name, full_name)
             SELECT @P1, @P2 WHERE NOT EXISTS (SELECT 1 FROM lienthu.Staff WHERE login_name = @P1)",
            &[person.login.to_string(), person.name.clone()],
        )
        .await?;
        self.set_roles(&person.login, &person.roles).await
    }

    /// Gives a person these roles and no others. It holds from their next call on.
    ///
    /// # Errors
    /// As every call.
    pub async fn set_roles(&mut self, login: &StaffLogin, roles: &[Role]) -> Result<(), SiteError> {
        let user = name(&user_name(login));
        let held = self
            .report(
                "SELECT role_code AS role_code FROM lienthu.StaffRole WHERE login_name = @P1",
                &[login.to_string()],
            )
            .await?;
        let held: Vec<Role> =
            held.iter().flatten().flatten().filter_map(|code| Role::from_code(code)).collect();
        for role in Role::ALL {
            let (word, row) = match (held.contains(&role), roles.contains(&role)) {
                (false, true) => (
                    "ADD",
                    "INSERT INTO lienthu.StaffRole (login_name, role_code) VALUES (@P1, @P2)",
                ),
                (true, false) => (
                    "DROP",
                    "DELETE FROM lienthu.StaffRole WHERE login_name = @P1 AND role_code = @P2",
                ),
                _ => continue,
            };
            let database_role = database_role(role);
            self.by_hand(&format!("ALTER ROLE {database_role} {word} MEMBER {user}")).await?;
            self.report(row, &[login.to_string(), role.code().to_owned()]).await?;
        }
        Ok(())
    }

    /// Switches a person on or off at this site. Other sites on the same server are their own business,
    /// and so the login stays as it is.
    ///
    /// # Errors
    /// As every call.
    pub async fn set_active(&mut self, login: &StaffLogin, active: bool) -> Result<(), SiteError> {
        let bit = if active { "1" } else { "0" };
        self.report(
            "UPDATE lienthu.Staff SET active = CAST(@P2 AS BIT) WHERE login_name = @P1",
            &[login.to_string(), bit.to_owned()],
        )
        .await?;
        Ok(())
    }
}

/// The user that a login is in a site's database. Not the login's own name: a librarian called `thuthu`
/// would be the role of librarians.
fn user_name(login: &StaffLogin) -> String {
    format!("staff_{login}")
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
