//! The network file.

use std::io::BufRead;

use lienthu_api::commands::network::{
    NetworkAdd, NetworkCertificate, NetworkChange, NetworkGet, NetworkRemove, NetworkTemplate,
    NetworkTest, NetworkView,
};
use lienthu_api::network::{NetworkError, SiteEntry};
use lienthu_domain::ids::BranchCode;

use super::{join, replica};
use crate::arguments::network::NetworkCommand;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::password::password;
use crate::report::Report;

/// Does a command about the network file.
pub(super) async fn run(
    opened: &Opened<'_>,
    command: NetworkCommand,
    input: &mut impl BufRead,
) -> Result<Report, Failure> {
    match command {
        NetworkCommand::List => {
            let view = opened.execute(NetworkGet {}).await?;
            match view.trouble {
                Some(why) => Err(why.into()),
                None => Ok(opened.report(&view)),
            }
        }
        NetworkCommand::Test { code } => {
            let (_, entry) = entry_of(opened, code).await?;
            let (mut login, mut secret) = (None, None);
            if let Some(name) = opened.terms.login.clone() {
                let terms = opened.terms;
                secret = Some(password(terms.password_stdin, input, terms.language())?);
                login = Some(name);
            }
            opened.answer(NetworkTest { entry, login, password: secret }).await
        }
        NetworkCommand::Add { code, name, way } => {
            let NetworkView { seen, .. } = opened.execute(NetworkGet {}).await?;
            opened.answer(NetworkAdd { seen, entry: way.to_new(code, name) }).await
        }
        NetworkCommand::Change { code, name, way } => {
            let (seen, mut entry) = entry_of(opened, code).await?;
            if let Some(name) = name {
                entry.name = name;
            }
            way.put(&mut entry);
            opened.answer(NetworkChange { seen, entry }).await
        }
        NetworkCommand::Remove { code, go_on } => {
            let (seen, entry) = entry_of(opened, code).await?;
            opened.answer(NetworkRemove { seen, code: entry.code, go_on }).await
        }
        NetworkCommand::Certificate { code } => {
            let (_, entry) = entry_of(opened, code).await?;
            opened.answer(NetworkCertificate { entry }).await
        }
        NetworkCommand::Template => opened.answer(NetworkTemplate {}).await,
        // Whoever has the administrator's login needs no desk.
        NetworkCommand::Join => join::join(opened.terms, input).await,
        NetworkCommand::Check => replica::check_network(opened.terms, input).await,
        NetworkCommand::Agents(command) => join::agents(command, opened.terms, input).await,
    }
}

/// The entry of a branch, and what the file was seen as.
async fn entry_of(opened: &Opened<'_>, code: BranchCode) -> Result<(String, SiteEntry), Failure> {
    let NetworkView { seen, sites, trouble, .. } = opened.execute(NetworkGet {}).await?;
    match (seen, trouble) {
        (_, Some(why)) => Err(why.into()),
        (None, None) => Err(NetworkError::Missing.message().into()),
        (Some(seen), None) => {
            let entry = sites.into_iter().find(|site| site.code == code);
            Ok((seen, entry.ok_or_else(|| NetworkError::Unknown(code).message())?))
        }
    }
}
