//! The agent's login at every site of the network, as an administrator keeps it at one of them.

use lienthu_domain::times::UtcMs;
use lienthu_port::agent::{AgentLogin, KeptAgent};
use lienthu_port::error::SiteError;
use secrecy::ExposeSecret;

use crate::admin::SqlServerAdmin;
use crate::people::PeopleError;

impl SqlServerAdmin {
    /// What the site knows of the network's agents, by branch.
    ///
    /// # Errors
    /// As every call.
    pub async fn agents(&mut self) -> Result<Vec<KeptAgent>, SiteError> {
        let query = "SELECT branch AS branch, login_name AS login_name, secret AS secret,
                         set_at_ms AS set_at_ms
                     FROM lienthu.Agent ORDER BY branch";
        let rows = self.report(query, &[]).await?;
        rows.into_iter().map(|row| kept(row).ok_or_else(wrong)).collect()
    }

    /// Makes this the agent's login at this site, with the agent's role and no other.
    ///
    /// # Errors
    /// See [`PeopleError`].
    pub async fn set_agent(&mut self, kept: &KeptAgent) -> Result<(), PeopleError> {
        self.put_person_as(&kept.agent.as_person()).await?;
        // The login first: where this is cut off, the row does not open it, and setting it again mends both.
        Ok(self.put_agents(std::slice::from_ref(kept)).await?)
    }

    /// Takes over what other sites have of their agents, except where a later login is known.
    ///
    /// # Errors
    /// As every call.
    pub async fn put_agents(&mut self, agents: &[KeptAgent]) -> Result<(), SiteError> {
        for KeptAgent { agent, set_at } in agents {
            let texts = [
                agent.branch.to_string(),
                agent.login.to_string(),
                agent.secret.expose_secret().to_owned(),
                set_at.ms().to_string(),
            ];
            self.report(
                "UPDATE lienthu.Agent
                 SET login_name = @P2, secret = @P3, set_at_ms = CAST(@P4 AS BIGINT)
                 WHERE branch = @P1 AND set_at_ms <= CAST(@P4 AS BIGINT);
                 INSERT INTO lienthu.Agent (branch, login_name, secret, set_at_ms)
                 SELECT @P1, @P2, @P3, CAST(@P4 AS BIGINT)
                 WHERE NOT EXISTS (SELECT 1 FROM lienthu.Agent WHERE branch = @P1)",
                &texts,
            )
            .await?;
        }
        Ok(())
    }
}

fn kept(row: Vec<Option<String>>) -> Option<KeptAgent> {
    let mut cells = row.into_iter();
    let mut cell = || cells.next().flatten();
    let agent = AgentLogin {
        branch: cell()?.parse().ok()?,
        login: cell()?.parse().ok()?,
        secret: cell()?.into(),
    };
    Some(KeptAgent { agent, set_at: UtcMs::from_ms(cell()?.parse().ok()?) })
}

fn wrong() -> SiteError {
    SiteError::Damaged { detail: "a row of lienthu.Agent".to_owned() }
}
