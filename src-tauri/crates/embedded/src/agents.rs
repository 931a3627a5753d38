//! The agent's login at every site of the network.

use lienthu_domain::times::UtcMs;
use lienthu_port::agent::{AgentLogin, KeptAgent};
use lienthu_sqlite::rusqlite::{Connection, params};
use secrecy::ExposeSecret;

use crate::failure::Failure;
use crate::rows::parsed;

/// All that are known here, by branch.
pub(crate) fn list(conn: &Connection) -> Result<Vec<KeptAgent>, Failure> {
    Ok(conn
        .prepare_cached(
            "SELECT branch, login, secret, set_at_ms FROM lienthu_agent ORDER BY branch",
        )?
        .query_map([], |row| {
            Ok(KeptAgent {
                agent: AgentLogin {
                    branch: parsed(row, 0)?,
                    login: parsed(row, 1)?,
                    secret: row.get::<_, String>(2)?.into(),
                },
                set_at: UtcMs::from_ms(row.get(3)?),
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// Takes them over, except where a later one is known.
pub(crate) fn put(tx: &Connection, agents: &[KeptAgent]) -> Result<(), Failure> {
    for KeptAgent { agent, set_at } in agents {
        tx.prepare_cached(
            "INSERT INTO lienthu_agent (branch, login, secret, set_at_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (branch) DO UPDATE
             SET login = excluded.login, secret = excluded.secret, set_at_ms = excluded.set_at_ms
             WHERE excluded.set_at_ms >= set_at_ms",
        )?
        .execute(params![
            agent.branch.as_str(),
            agent.login.as_str(),
            agent.secret.expose_secret(),
            set_at.ms(),
        ])?;
    }
    Ok(())
}
