//! What the desk remembers of people and of its site. It goes with the cache when that is thrown away:
//! then everyone signs in online once more.

use lienthu_domain::ids::StaffLogin;
use lienthu_port::agent::{AgentLogin, ExposedAgentLogin};
use lienthu_port::cache::{SealedSignIn, SiteFacts};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::failure::Failure;

pub(super) fn seal(tx: &Transaction<'_>, sealed: &SealedSignIn) -> Result<(), Failure> {
    tx.prepare_cached("INSERT OR REPLACE INTO sign_in (login, value) VALUES (?1, ?2)")?
        .execute(params![sealed.who.login.as_str(), serde_json::to_string(sealed)?])?;
    Ok(())
}

pub(super) fn sealed(
    conn: &Connection,
    login: &StaffLogin,
) -> Result<Option<SealedSignIn>, Failure> {
    let value: Option<String> = conn
        .prepare_cached("SELECT value FROM sign_in WHERE login = ?1")?
        .query_row([login.as_str()], |row| row.get(0))
        .optional()?;
    Ok(value.map(|value| serde_json::from_str(&value)).transpose()?)
}

pub(super) fn forget(tx: &Transaction<'_>, login: &StaffLogin) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM sign_in WHERE login = ?1")?.execute([login.as_str()])?;
    Ok(())
}

pub(super) fn remember_site(tx: &Transaction<'_>, facts: SiteFacts) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE state SET site = ?1")?.execute([serde_json::to_string(&facts)?])?;
    Ok(())
}

pub(super) fn site_facts(conn: &Connection) -> Result<Option<SiteFacts>, Failure> {
    let value: Option<String> =
        conn.prepare_cached("SELECT site FROM state")?.query_row([], |row| row.get(0))?;
    Ok(value.map(|value| serde_json::from_str(&value)).transpose()?)
}

pub(super) fn remember_agents(tx: &Transaction<'_>, agents: &[AgentLogin]) -> Result<(), Failure> {
    let exposed: Vec<ExposedAgentLogin> = agents.iter().map(ExposedAgentLogin::from).collect();
    tx.prepare_cached("UPDATE state SET agents = ?1")?
        .execute([serde_json::to_string(&exposed)?])?;
    Ok(())
}

pub(super) fn agents(conn: &Connection) -> Result<Vec<AgentLogin>, Failure> {
    let value: Option<String> =
        conn.prepare_cached("SELECT agents FROM state")?.query_row([], |row| row.get(0))?;
    let exposed: Option<Vec<ExposedAgentLogin>> =
        value.map(|value| serde_json::from_str(&value)).transpose()?;
    Ok(exposed.unwrap_or_default().into_iter().map(AgentLogin::from).collect())
}
