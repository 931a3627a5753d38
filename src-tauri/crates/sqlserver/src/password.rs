//! Changing one's own password at the server.

use lienthu_domain::ids::StaffLogin;
use lienthu_port::error::SiteError;
use lienthu_port::password::{PasswordRefusal, check_change};
use lienthu_port::site::Credentials;
use secrecy::{ExposeSecret, SecretString};

use crate::config::SqlServerConfig;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::quoting::{literal, name};

/// Gives a login another password. Over a connection of its own that signs in with the old one: servers
/// say in one and the same words that the old password is wrong and that there is no such login, and
/// Babelfish does not look at it at all.
pub(crate) async fn change(
    config: &SqlServerConfig,
    login: &StaffLogin,
    old: &SecretString,
    new: &SecretString,
) -> Result<(), SiteError> {
    let refused = |why| SiteError::PasswordRefused { why };
    if login.is_windows() {
        return Err(refused(PasswordRefusal::KeptByWindows));
    }
    check_change(old, new).map_err(refused)?;
    let who = Credentials { login: login.clone(), password: old.clone() };
    let mut connection = Connection::open(config, &who).await.map_err(of_sign_in)?;
    let statement = format!(
        "ALTER LOGIN {} WITH PASSWORD = {} OLD_PASSWORD = {}",
        name(login.as_str()),
        literal(new.expose_secret()),
        literal(old.expose_secret())
    );
    connection.query(&statement, &[]).await.map_err(of_change)?;
    Ok(())
}

fn of_sign_in(failure: Failure) -> SiteError {
    if failure.is_at_sign_in() {
        return SiteError::PasswordRefused { why: PasswordRefusal::OldWrong };
    }
    failure.of_call(None)
}

fn of_change(failure: Failure) -> SiteError {
    match refusal(&failure) {
        Some(why) => SiteError::PasswordRefused { why },
        None => failure.of_call(None),
    }
}

/// Why a server does not take a new password.
pub(crate) fn refusal(failure: &Failure) -> Option<PasswordRefusal> {
    match failure.number() {
        // Too recent to change.
        Some(15_114) => Some(PasswordRefusal::TooSoon),
        // Used before; too short, too long or too simple for the policy; refused by a filter.
        Some(15_115..=15_119) => Some(PasswordRefusal::AgainstPolicy),
        // "... does not exist or you do not have permission": of one's own login, the old one is wrong.
        Some(15_151) => Some(PasswordRefusal::OldWrong),
        _ => None,
    }
}
