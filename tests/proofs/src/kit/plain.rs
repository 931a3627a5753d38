//! A login and a driver, without the program.

use std::sync::Arc;

use lienthu_conformance::kit::credentials;
use lienthu_conformance::sqlserver::SqlServerTestSite;
use lienthu_port::error::SiteError;
use lienthu_sqlserver::SqlServerAdmin;

/// A plain connection of somebody's: nothing of the program is between it and the server.
///
/// # Errors
/// Those of signing in.
pub async fn plain(
    site: &Arc<SqlServerTestSite>,
    login: &str,
) -> Result<SqlServerAdmin, SiteError> {
    SqlServerAdmin::open(site.config(), &credentials(login)).await
}

/// What a batch comes to. An error in a procedure leaves a session of Babelfish's with the owner's rights
/// (see xtask's chain-ownership.sql), so whoever tries a procedure takes a fresh connection.
///
/// # Errors
/// What the server says.
pub async fn tried(connection: &mut SqlServerAdmin, batch: &str) -> Result<(), String> {
    match connection.by_hand(batch).await {
        Ok(()) => Ok(()),
        Err(SiteError::Unexpected { detail }) => Err(detail),
        Err(other) => Err(other.to_string()),
    }
}

/// Whether the words are those of a server that says: you have no right. SQL Server by its numbers,
/// Babelfish in PostgreSQL's words.
pub fn is_no_right(words: &str) -> bool {
    const NUMBERS: [u32; 6] = [229, 230, 262, 297, 300, 15_247];
    words.contains("permission denied")
        || words.contains("must be owner of")
        || NUMBERS.iter().any(|number| words.contains(&format!("(code: {number},")))
}
