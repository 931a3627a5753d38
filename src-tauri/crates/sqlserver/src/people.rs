//! The people of a SQL Server site: logins of the server, users of the database, members of its roles, and
//! the rows of lienthu.Staff that say the same to the procedures. Every step can be done again, so that
//! what was broken off is finished by doing all of it once more.

use lienthu_domain::ids::StaffLogin;
use lienthu_domain::rights::Role;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::message::Message;
use lienthu_port::password::{PasswordRefusal, check_new};
use lienthu_port::seed::StaffSeed;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::admin::{SqlServerAdmin, database_role};
use crate::connection::Param;
use crate::failure::Failure;
use crate::password;
use crate::quoting::{literal, name};

/// A person with a login at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffLine {
    /// The login.
    pub login: StaffLogin,
    /// For the screen.
    pub name: String,
    /// Whether they may sign in.
    pub active: bool,
    /// What they are.
    pub roles: Vec<Role>,
}

/// Why something about a person is not done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeopleError {
    /// The database, or the way to it.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The database is no site, and so it has no list of people.
    #[error("the database is no site")]
    NotASite,
    /// The administrator's login may not do that at this server.
    #[error("this login may not keep people at this server")]
    NotAllowed,
    /// Windows knows no such login.
    #[error("Windows knows no login {0}")]
    NoSuchWindowsLogin(StaffLogin),
    /// The login owns the database: it may do anything there, and no role narrows that.
    #[error("{0} owns the database")]
    OwnsDatabase(StaffLogin),
}

impl PeopleError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let (code, vi, en) = match self {
            Self::Site(error) => return error.message(),
            Self::NotASite => (
                "not_a_site",
                "Cơ sở dữ liệu này chưa là của chi nhánh nào. Chạy site migrate trước.".to_owned(),
                "This database is no branch's site. Run site migrate first.".to_owned(),
            ),
            Self::NotAllowed => (
                "administrator_not_allowed",
                "Tài khoản quản trị này không được tạo hay sửa tài khoản trên máy chủ. Dùng tài khoản có quyền securityadmin và db_owner.".to_owned(),
                "This administrator's login may not keep logins at the server. Use one with securityadmin and db_owner.".to_owned(),
            ),
            Self::NoSuchWindowsLogin(login) => (
                "windows_login_unknown",
                format!("Windows không có tài khoản {login}. Kiểm tra tên miền và tên tài khoản."),
                format!("Windows knows no login {login}. Check its domain and name."),
            ),
            Self::OwnsDatabase(login) => (
                "login_owns_database",
                format!("{login} là chủ của cơ sở dữ liệu nên không nhận vai trò. Tạo tài khoản riêng cho người này."),
                format!("{login} owns the database, and no role narrows that. Make another login for this person."),
            ),
        };
        Message { code: code.to_owned(), vi, en }
    }

    fn of(failure: Failure) -> Self {
        match failure.number() {
            // No permission: in this database, for this statement, on the server.
            Some(229 | 262 | 300 | 15_151 | 15_247) => Self::NotAllowed,
            _ => Self::Site(failure.of_call(None)),
        }
    }
}

impl SqlServerAdmin {
    /// Everyone who has or had a login here, by login.
    ///
    /// # Errors
    /// `Site`.
    pub async fn people(&mut self) -> Result<Vec<StaffLine>, PeopleError> {
        self.require_site().await?;
        let rows = self
            .report(
                "SELECT s.login_name AS login_name, s.full_name AS full_name, s.active AS active,
                     CAST(COALESCE((SELECT STRING_AGG(r.role_code, ' ') FROM lienthu.StaffRole AS r
                          WHERE r.login_name = s.login_name), '') AS NVARCHAR(100)) AS roles
                 FROM lienthu.Staff AS s ORDER BY s.login_name",
                &[],
            )
            .await?;
        rows.into_iter().map(|row| line(row).map_err(PeopleError::Site)).collect()
    }

    /// Adds a person, or gives one who is there this name, these roles and no others, and lets them in. The
    /// password is that of a new login; one that the server has keeps its own. Says whether it had it.
    ///
    /// # Errors
    /// See [`PeopleError`]; `PasswordRefused` by the server's policy.
    pub async fn add_person(&mut self, person: &StaffSeed) -> Result<bool, PeopleError> {
        self.require_site().await?;
        let has_login = self.has_login(&person.login).await?;
        if !has_login {
            self.create_login(&person.login, &person.password).await?;
        }
        self.give_place(&person.login, &person.name, &person.roles).await?;
        Ok(has_login)
    }

    /// Adds a person, or gives them a new name, password and roles.
    ///
    /// # Errors
    /// As every call.
    pub async fn put_person(&mut self, person: &StaffSeed) -> Result<(), SiteError> {
        self.put_person_as(person).await.map_err(as_site_error)
    }

    /// As [`Self::put_person`], with what a person would want to know of a failure.
    pub(crate) async fn put_person_as(&mut self, person: &StaffSeed) -> Result<(), PeopleError> {
        if self.has_login(&person.login).await? {
            self.alter_password(&person.login, &person.password).await?;
        } else {
            self.create_login(&person.login, &person.password).await?;
        }
        self.give_place(&person.login, &person.name, &person.roles).await
    }

    /// Takes a person's roles and their way into this database. Their name stays: events name them. The
    /// login stays too: other databases of the server are their own business.
    ///
    /// # Errors
    /// `Obstructed` by `Unknown`; see [`PeopleError`].
    pub async fn revoke_person(&mut self, login: &StaffLogin) -> Result<(), PeopleError> {
        self.require(login).await?;
        self.set_active(login, false).await?;
        let user = self.user_of(login).await?;
        self.set_rows(login, &[]).await?;
        if let Some(user) = user {
            self.set_membership(&user, &[]).await?;
            if user == user_name(login) {
                self.statement(&format!("DROP USER {}", name(&user))).await?;
            }
        }
        Ok(())
    }

    /// Gives a person another password, without the old one.
    ///
    /// # Errors
    /// `Obstructed` by `Unknown`, `PasswordRefused`; see [`PeopleError`].
    pub async fn set_password(
        &mut self,
        login: &StaffLogin,
        password: &SecretString,
    ) -> Result<(), PeopleError> {
        let refused = |why| SiteError::PasswordRefused { why };
        if login.is_windows() {
            return Err(refused(PasswordRefusal::KeptByWindows).into());
        }
        check_new(password).map_err(refused)?;
        self.require(login).await?;
        self.alter_password(login, password).await
    }

    /// Gives a person these roles and no others. It holds from their next call on.
    ///
    /// # Errors
    /// As every call.
    pub async fn set_roles(&mut self, login: &StaffLogin, roles: &[Role]) -> Result<(), SiteError> {
        let set = async {
            if let Some(user) = self.user_of(login).await? {
                self.set_membership(&user, roles).await?;
            }
            self.set_rows(login, roles).await
        };
        set.await.map_err(as_site_error)
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

    async fn has_login(&mut self, login: &StaffLogin) -> Result<bool, PeopleError> {
        let found = self.report("SELECT SUSER_ID(@P1) AS id", &[login.to_string()]).await?;
        Ok(found.iter().flatten().any(Option::is_some))
    }

    async fn create_login(
        &mut self,
        login: &StaffLogin,
        password: &SecretString,
    ) -> Result<(), PeopleError> {
        if !login.is_windows() {
            let password = literal(password.expose_secret());
            let create =
                format!("CREATE LOGIN {} WITH PASSWORD = {password}", name(login.as_str()));
            return self.of_password(&create).await;
        }
        let create = format!("CREATE LOGIN {} FROM WINDOWS", name(login.as_str()));
        match self.connection.query(&create, &[]).await {
            Ok(_) => Ok(()),
            // "Windows NT user or group not found."
            Err(failure) if failure.number() == Some(15_401) => {
                Err(PeopleError::NoSuchWindowsLogin(login.clone()))
            }
            Err(failure) => Err(PeopleError::of(failure)),
        }
    }

    async fn alter_password(
        &mut self,
        login: &StaffLogin,
        password: &SecretString,
    ) -> Result<(), PeopleError> {
        let password = literal(password.expose_secret());
        self.of_password(&format!(
            "ALTER LOGIN {} WITH PASSWORD = {password}",
            name(login.as_str())
        ))
        .await
    }

    async fn of_password(&mut self, statement: &str) -> Result<(), PeopleError> {
        match self.connection.query(statement, &[]).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.number() == Some(15_151) => Err(PeopleError::NotAllowed),
            Err(failure) => match password::refusal(&failure) {
                Some(why) => Err(SiteError::PasswordRefused { why }.into()),
                None => Err(PeopleError::of(failure)),
            },
        }
    }

    /// User, row and roles of a login that the server has.
    async fn give_place(
        &mut self,
        login: &StaffLogin,
        full_name: &str,
        roles: &[Role],
    ) -> Result<(), PeopleError> {
        let user = match self.user_of(login).await? {
            Some(user) if user.eq_ignore_ascii_case("dbo") => {
                return Err(PeopleError::OwnsDatabase(login.clone()));
            }
            Some(user) => user,
            None => self.make_user(login).await?,
        };
        self.report(
            "UPDATE lienthu.Staff SET full_name = @P2, active = 1 WHERE login_name = @P1;
             INSERT INTO lienthu.Staff (login_name, full_name)
             SELECT @P1, @P2 WHERE NOT EXISTS (SELECT 1 FROM lienthu.Staff WHERE login_name = @P1)",
            &[login.to_string(), full_name.to_owned()],
        )
        .await?;
        // The rows last: whoever has them can work.
        self.set_membership(&user, roles).await?;
        self.set_rows(login, roles).await
    }

    /// A user of that name whose login is another, or gone with a backup from another server, is given to
    /// this one.
    async fn make_user(&mut self, login: &StaffLogin) -> Result<String, PeopleError> {
        let user = user_name(login);
        let there = "SELECT DATABASE_PRINCIPAL_ID(@P1) AS id";
        let there = self.report(there, std::slice::from_ref(&user)).await?;
        let is_there = there.iter().flatten().any(Option::is_some);
        let (user_name, login) = (name(&user), name(login.as_str()));
        let make = if is_there {
            format!("ALTER USER {user_name} WITH LOGIN = {login}")
        } else {
            format!("CREATE USER {user_name} FOR LOGIN {login}")
        };
        self.statement(&make).await?;
        Ok(user)
    }

    /// The user that a login is in this database, whoever made it.
    async fn user_of(&mut self, login: &StaffLogin) -> Result<Option<String>, PeopleError> {
        let rows = self
            .report(
                "SELECT CAST(name AS NVARCHAR(128)) AS name FROM sys.database_principals
                 WHERE sid = SUSER_SID(@P1) AND type <> 'R'",
                &[login.to_string()],
            )
            .await?;
        Ok(rows.into_iter().flatten().flatten().next())
    }

    async fn set_membership(&mut self, user: &str, roles: &[Role]) -> Result<(), PeopleError> {
        let held = self
            .report(
                "SELECT CAST(USER_NAME(role_principal_id) AS NVARCHAR(128)) AS role_name
                 FROM sys.database_role_members WHERE member_principal_id = DATABASE_PRINCIPAL_ID(@P1)",
                &[user.to_owned()],
            )
            .await?;
        let held: Vec<String> = held.into_iter().flatten().flatten().collect();
        for role in Role::ALL {
            let database_role = database_role(role);
            let is_held = held.iter().any(|held| held.eq_ignore_ascii_case(database_role));
            let word = match (is_held, roles.contains(&role)) {
                (false, true) => "ADD",
                (true, false) => "DROP",
                _ => continue,
            };
            let user = name(user);
            self.statement(&format!("ALTER ROLE {database_role} {word} MEMBER {user}")).await?;
        }
        Ok(())
    }

    async fn set_rows(&mut self, login: &StaffLogin, roles: &[Role]) -> Result<(), PeopleError> {
        let codes: Vec<&str> = roles.iter().map(|role| role.code()).collect();
        let codes = serde_json::Value::from(codes).to_string();
        self.report(
            "DELETE FROM lienthu.StaffRole WHERE login_name = @P1 AND role_code NOT IN
                 (SELECT CAST([value] AS VARCHAR(10)) FROM OPENJSON(@P2));
             INSERT INTO lienthu.StaffRole (login_name, role_code)
             SELECT DISTINCT @P1, CAST(wanted.[value] AS VARCHAR(10)) FROM OPENJSON(@P2) AS wanted
             WHERE NOT EXISTS (SELECT 1 FROM lienthu.StaffRole AS held WHERE held.login_name = @P1
                 AND held.role_code = CAST(wanted.[value] AS VARCHAR(10)))",
            &[login.to_string(), codes],
        )
        .await?;
        Ok(())
    }

    async fn require_site(&mut self) -> Result<(), PeopleError> {
        let found = self.report("SELECT OBJECT_ID(N'lienthu.Staff') AS id", &[]).await?;
        let is_site = found.iter().flatten().any(Option::is_some);
        if is_site { Ok(()) } else { Err(PeopleError::NotASite) }
    }

    async fn require(&mut self, login: &StaffLogin) -> Result<(), PeopleError> {
        self.require_site().await?;
        let known = "SELECT login_name AS login_name FROM lienthu.Staff WHERE login_name = @P1";
        if self.report(known, &[login.to_string()]).await?.is_empty() {
            return Err(SiteError::Obstructed { obstacle: Obstacle::Unknown }.into());
        }
        Ok(())
    }

    async fn statement(&mut self, statement: &str) -> Result<(), PeopleError> {
        self.connection.query(statement, NO_PARAMS).await.map_err(PeopleError::of)?;
        Ok(())
    }
}

const NO_PARAMS: &[Param] = &[];

fn as_site_error(error: PeopleError) -> SiteError {
    match error {
        PeopleError::Site(error) => error,
        other => SiteError::Unexpected { detail: other.to_string() },
    }
}

fn line(row: Vec<Option<String>>) -> Result<StaffLine, SiteError> {
    let wrong = || SiteError::Damaged { detail: "a row of lienthu.Staff".to_owned() };
    let mut cells = row.into_iter();
    let mut cell = || cells.next().flatten().ok_or_else(wrong);
    let (login, name, active, roles) = (cell()?, cell()?, cell()?, cell()?);
    let roles = roles.split_whitespace().map(|code| Role::from_code(code).ok_or_else(wrong));
    Ok(StaffLine {
        login: login.parse().map_err(|_| wrong())?,
        name,
        active: active == "1",
        roles: roles.collect::<Result<_, _>>()?,
    })
}

/// The user that is made for a login. Not the login's own name: a librarian called `thuthu` would be the
/// role of librarians. A user that is not Windows' own has no backslash.
pub(crate) fn user_name(login: &StaffLogin) -> String {
    format!("staff_{}", login.as_str().replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_user_is_called_like_no_role_and_has_no_backslash() {
        assert_eq!(user_name(&"thuthu".parse().unwrap()), "staff_thuthu");
        assert_eq!(user_name(&r"LIBRARY\lan".parse().unwrap()), "staff_LIBRARY/lan");
    }
}
