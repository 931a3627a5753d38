//! Looking after sites: no desk is opened, and nobody signs in at one.

use std::io::BufRead;

use lienthu_api::administration::{Administration, AdministrationError, MigrationOptions};
use lienthu_api::folders::{NETWORK_FILE, desk_folder};
use lienthu_port::site::Credentials;

use crate::arguments::Terms;
use crate::arguments::site::SiteCommand;
use crate::failure::Failure;
use crate::password::password;
use crate::report::Report;

/// Does a command about sites.
pub(super) async fn run(
    command: SiteCommand,
    terms: &Terms,
    input: &mut impl BufRead,
) -> Result<Report, Failure> {
    let sites = administration(terms, input)?;
    match command {
        SiteCommand::Migrate { at, dry_run, zone } => {
            let done = sites.migrate(&at.into(), MigrationOptions { zone, dry_run }).await;
            Ok(Report::of(&done?, terms, zone))
        }
    }
}

/// The network's sites under the login that was given.
fn administration(terms: &Terms, input: &mut impl BufRead) -> Result<Administration, Failure> {
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
