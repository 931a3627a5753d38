//! Making the sites one network, and the agent's logins: no desk is opened.

use std::io::BufRead;

use lienthu_domain::times::ZoneOffset;

use super::site::administration;
use crate::arguments::Terms;
use crate::arguments::network::AgentsCommand;
use crate::failure::Failure;
use crate::report::Report;

/// Makes the sites of the network file one network.
pub(super) async fn join(terms: &Terms, input: &mut impl BufRead) -> Result<Report, Failure> {
    let sites = administration(terms, input)?;
    Ok(Report::of(&sites.join().await?, terms, ZoneOffset::VIET_NAM))
}

/// Does a command about the agent's logins.
pub(super) async fn agents(
    command: AgentsCommand,
    terms: &Terms,
    input: &mut impl BufRead,
) -> Result<Report, Failure> {
    let sites = administration(terms, input)?;
    let zone = ZoneOffset::VIET_NAM;
    match command {
        AgentsCommand::Renew { since } => {
            Ok(Report::of(&sites.renew_agents(since).await?, terms, zone))
        }
        AgentsCommand::Export { file } => {
            Ok(Report::of(&sites.export_agents(&file).await?, terms, zone))
        }
    }
}
