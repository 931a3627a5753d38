//! Looking after sites: no desk is opened, and nobody signs in at one.

use std::io::BufRead;

use lienthu_api::administration::{
    Administration, AdministrationError, GrantChoice, MigrationOptions, NewPerson,
};
use lienthu_api::folders::{NETWORK_FILE, desk_folder};
use lienthu_domain::rights::Role;
use lienthu_domain::times::ZoneOffset;
use lienthu_port::site::Credentials;

use crate::arguments::Terms;
use crate::arguments::site::SiteCommand;
use crate::failure::Failure;
use crate::password::{new_password, password};
use crate::report::Report;

/// Does a command about sites.
pub(super) async fn run(
    command: SiteCommand,
    terms: &Terms,
    input: &mut impl BufRead,
) -> Result<Report, Failure> {
    if let SiteCommand::Restored { yes: false, .. } = command {
        return Err(Failure::ConfirmationMissing);
    }
    let sites = administration(terms, input)?;
    let zone = ZoneOffset::VIET_NAM;
    match command {
        SiteCommand::Migrate { at, dry_run, zone, revoke_grants, keep_grants } => {
            let grants = match (revoke_grants, keep_grants) {
                (true, _) => Some(GrantChoice::Revoke),
                (false, true) => Some(GrantChoice::Keep),
                (false, false) => None,
            };
            let options = MigrationOptions { zone, dry_run, grants };
            let done = sites.migrate(&at.into(), options).await;
            Ok(Report::of(&done?, terms, zone))
        }
        SiteCommand::Check { at } => Ok(Report::of(&sites.check(&at.into()).await?, terms, zone)),
        SiteCommand::Restored { at, yes: _ } => {
            Ok(Report::of(&sites.restored(&at.into()).await?, terms, zone))
        }
        SiteCommand::AddUser { at, user: login, name, roles } => {
            let password = match login.is_windows() {
                true => None,
                false => Some(new_password(terms.password_stdin, input, terms.language())?),
            };
            let roles = roles.into_iter().map(Role::from).collect();
            let person = NewPerson { login, name, roles, password };
            Ok(Report::of(&sites.add_person(&at.into(), &person).await?, terms, zone))
        }
        SiteCommand::RevokeUser { at, user } => {
            Ok(Report::of(&sites.revoke_person(&at.into(), &user).await?, terms, zone))
        }
        SiteCommand::SetPassword { at, user } => {
            let password = new_password(terms.password_stdin, input, terms.language())?;
            Ok(Report::of(&sites.set_password(&at.into(), &user, &password).await?, terms, zone))
        }
        SiteCommand::ListUsers { at } => {
            Ok(Report::of(&sites.people(&at.into()).await?, terms, zone))
        }
    }
}

/// The network's sites under the login that was given.
pub(super) fn administration(
    terms: &Terms,
    input: &mut impl BufRead,
) -> Result<Administration, Failure> {
    let in_folder = || Some(terms.data.clone().or_else(desk_folder)?.join(NETWORK_FILE));
    let network = terms.network.clone().or_else(in_folder).ok_or(Failure::NoFolder)?;
    let admin = match terms.login.clone() {
        Some(login) => {
            let password = password(terms.password_stdin, input, terms.language())?;
            Some(Credentials { login, password })
        }
        None => None,
    };
    Ok(Administration::open(&network, admin)?)
}

impl From<AdministrationError> for Failure {
    fn from(error: AdministrationError) -> Self {
        Self::App(error.message())
    }
}
