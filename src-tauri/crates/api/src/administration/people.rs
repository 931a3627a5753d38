//! The people of sites.

use lienthu_domain::ids::StaffLogin;
use lienthu_domain::rights::Role;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::message::Message;
use lienthu_port::password::{PasswordRefusal, check_new};
use lienthu_port::seed::StaffSeed;
use lienthu_sqlserver::SqlServerAdmin;
use secrecy::SecretString;
use serde::Serialize;

use super::{Administration, AdministrationError, AtSites, Reached, Which};

/// Somebody who is to work at sites.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Their login; of Windows with its domain.
    pub login: StaffLogin,
    /// For the screen.
    pub name: String,
    /// What they are.
    pub roles: Vec<Role>,
    /// The password of a new login. A Windows login has none here.
    pub password: Option<SecretString>,
}

/// What became of a person at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonAdded {
    /// There was such a login already; it keeps its own password.
    pub had_login: bool,
}

/// A person at a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonLine {
    /// The login.
    pub login: StaffLogin,
    /// For the screen.
    pub name: String,
    /// Whether they may sign in.
    pub active: bool,
    /// What they are.
    pub roles: Vec<Role>,
}

/// The people of a site, by login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct People {
    /// Each of them, also those who may not sign in any more.
    pub people: Vec<PersonLine>,
}

/// Something was done of which there is no more to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {}

fn refused(why: PasswordRefusal) -> Message {
    SiteError::PasswordRefused { why }.message()
}

fn said(error: impl Into<SiteError>) -> Message {
    error.into().message()
}

impl Administration {
    /// Adds a person, or gives one who is there this name, these roles and no others. What is done at a
    /// site stays; running it again finishes what is missing at others.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn add_person(
        &self,
        which: &Which,
        person: &NewPerson,
    ) -> Result<AtSites<PersonAdded>, AdministrationError> {
        self.at_each(which, async |_, site| {
            let seed = StaffSeed {
                login: person.login.clone(),
                name: person.name.clone(),
                password: person.password.clone().unwrap_or_default(),
                roles: person.roles.clone(),
            };
            if !person.login.is_windows() {
                check_new(&seed.password).map_err(refused)?;
            }
            let had_login = match site {
                Reached::SqlServer { config, admin } => {
                    let mut site = SqlServerAdmin::open(&config, admin).await.map_err(said)?;
                    site.add_person(&seed).await.map_err(|error| error.message())?
                }
                Reached::Embedded(_) if person.login.is_windows() => return Err(no_windows()),
                Reached::Embedded(site) => site.add_person(seed).await.map_err(said)?,
            };
            Ok(PersonAdded { had_login })
        })
        .await
    }

    /// Takes a person's roles and their way in. Their name stays: events name them.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn revoke_person(
        &self,
        which: &Which,
        login: &StaffLogin,
    ) -> Result<AtSites<Done>, AdministrationError> {
        self.at_each(which, async |_, site| {
            match site {
                Reached::SqlServer { config, admin } => {
                    let mut site = SqlServerAdmin::open(&config, admin).await.map_err(said)?;
                    site.revoke_person(login).await.map_err(|error| error.message())?;
                }
                Reached::Embedded(site) => {
                    require(&site, login).await?;
                    site.set_active(login.clone(), false).await.map_err(said)?;
                    site.set_roles(login.clone(), Vec::new()).await.map_err(said)?;
                }
            }
            Ok(Done {})
        })
        .await
    }

    /// Gives a person another password.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn set_password(
        &self,
        which: &Which,
        login: &StaffLogin,
        password: &SecretString,
    ) -> Result<AtSites<Done>, AdministrationError> {
        self.at_each(which, async |_, site| {
            match site {
                Reached::SqlServer { config, admin } => {
                    let mut site = SqlServerAdmin::open(&config, admin).await.map_err(said)?;
                    let set = site.set_password(login, password).await;
                    set.map_err(|error| error.message())?;
                }
                Reached::Embedded(site) => {
                    check_new(password).map_err(refused)?;
                    require(&site, login).await?;
                    site.set_password(login.clone(), password.clone()).await.map_err(said)?;
                }
            }
            Ok(Done {})
        })
        .await
    }

    /// Lists the people.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn people(&self, which: &Which) -> Result<AtSites<People>, AdministrationError> {
        self.at_each(which, async |_, site| {
            let people = match site {
                Reached::SqlServer { config, admin } => {
                    let mut site = SqlServerAdmin::open(&config, admin).await.map_err(said)?;
                    let people = site.people().await.map_err(|error| error.message())?;
                    let line = |p: lienthu_sqlserver::StaffLine| PersonLine {
                        login: p.login,
                        name: p.name,
                        active: p.active,
                        roles: p.roles,
                    };
                    people.into_iter().map(line).collect()
                }
                Reached::Embedded(site) => {
                    let people = site.people().await.map_err(said)?;
                    let line = |(who, active): (lienthu_port::handshake::WhoAmI, bool)| {
                        PersonLine { login: who.login, name: who.name, active, roles: who.roles }
                    };
                    people.into_iter().map(line).collect()
                }
            };
            Ok(People { people })
        })
        .await
    }
}

/// An embedded site changes nobody in silence whom it does not know.
async fn require(site: &lienthu_embedded::EmbeddedSite, login: &StaffLogin) -> Result<(), Message> {
    let people = site.people().await.map_err(said)?;
    if people.iter().any(|(who, _)| who.login == *login) {
        return Ok(());
    }
    Err(SiteError::Obstructed { obstacle: Obstacle::Unknown }.message())
}

fn no_windows() -> Message {
    Message::new(
        "no_windows_login_here",
        (
            "Chi nhánh này là tệp SQLite, không có tài khoản Windows. Đặt tên đăng nhập thường và mật khẩu.",
            "This site is a SQLite file and knows no Windows logins. Use a plain login with a password.",
        ),
    )
}
