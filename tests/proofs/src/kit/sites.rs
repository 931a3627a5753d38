//! Sites for the proofs that need nothing but the port, of every kind that this machine can have.

use std::sync::Arc;

use lienthu_conformance::embedded::Embedded;
use lienthu_conformance::sqlserver::{Server, SqlServer};
use lienthu_conformance::{Fixture, TestSite};
use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_port::lookup::PatronChange;
use lienthu_port::site::{Credentials, Site};

use super::branch::{LOGIN, PASSWORD, copy_details, patron_file, seed};
use super::findings::Findings;
use super::keys::key;

/// A site with a librarian signed in, a title, and neither books nor readers. Gone when it is dropped.
pub struct Fresh {
    /// The librarian's connection.
    pub site: Arc<dyn Site>,
    _hands: Arc<dyn TestSite>,
}

/// Why nothing is checked on T-SQL sites where there are none, and how to have some.
pub const NO_T_SQL: &str = "LIENTHU_TEST_SITES names no T-SQL server; to have one, set BABELFISH_HOME or start \
                        a container engine, and then: cargo xtask site-server start";

/// Every kind that this machine can have; a further kind joins here. What is not checked for want of a
/// T-SQL server is noted as skipped.
pub fn available(findings: &mut Findings) -> Vec<Arc<dyn Fixture>> {
    let mut kinds: Vec<Arc<dyn Fixture>> = vec![Arc::new(Embedded)];
    kinds.extend(t_sql(findings).map(|kind| Arc::new(kind) as Arc<dyn Fixture>));
    kinds
}

/// The first T-SQL server that the environment names. Where it names none, what needs one is noted as skipped.
pub fn t_sql(findings: &mut Findings) -> Option<SqlServer> {
    t_sql_servers(findings).into_iter().next()
}

/// All T-SQL servers that the environment names. Where it names none, what needs one is noted as skipped.
pub fn t_sql_servers(findings: &mut Findings) -> Vec<SqlServer> {
    let servers = Server::all_from_environment();
    if servers.is_empty() {
        findings.skip("on T-SQL sites", NO_T_SQL);
    }
    servers.into_iter().map(SqlServer::on).collect()
}

/// A new site of a kind.
///
/// # Errors
/// What the site says.
pub async fn fresh(kind: &dyn Fixture) -> anyhow::Result<Fresh> {
    let hands = kind.fresh(seed()).await;
    let who = Credentials { login: key(LOGIN), password: PASSWORD.into() };
    Ok(Fresh { site: hands.connector().connect(&who).await?, _hands: hands })
}

/// Enters books and readers.
///
/// # Errors
/// What the site says.
pub async fn enter(
    site: &dyn Site,
    copies: &[Barcode],
    patrons: &[PatronCode],
) -> anyhow::Result<()> {
    for code in patrons {
        let patron = patron_file(code.clone());
        site.put_patron(&PatronChange { patron, seen: None }).await?;
    }
    if !copies.is_empty() {
        let details: Vec<_> = copies.iter().cloned().map(copy_details).collect();
        site.add_copies(&details).await?;
    }
    Ok(())
}
