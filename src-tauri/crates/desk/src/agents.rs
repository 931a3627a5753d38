//! The agent's logins, which a desk has from its home site. With them it finishes anyone's transactions and
//! asks other sites what needs no judgement, also while its own is away and nobody is signed in.

use std::sync::Arc;

use lienthu_domain::rights::Right;
use lienthu_port::agent::AgentLogin;
use lienthu_port::handshake::WhoAmI;
use lienthu_port::site::Site;

use crate::contact::{STEP_MS_MAX, within};
use crate::desk::{Desk, read};
use crate::error::DeskError;

impl Desk {
    /// The agent's logins as the desk last took them from its site, by branch. None before that.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn agents(&self) -> Result<Vec<AgentLogin>, DeskError> {
        Ok(self.cache.agents().await?)
    }

    /// Takes the agent's logins from the home site once more, where someone who may is signed in: another
    /// site has refused those that this desk knows. Says whether they are others now.
    ///
    /// # Errors
    /// `NeedsSite`; whatever the site says; those of the desk's own files.
    pub async fn renew_agents(&self) -> Result<bool, DeskError> {
        let who = read(&self.session).as_ref().map(|session| session.person.who.clone());
        let who = who.ok_or(DeskError::NotSignedIn)?;
        let before = self.agents().await?;
        self.take_agents(&self.reach()?, &who).await?;
        Ok(self.agents().await? != before)
    }

    /// Takes them over a connection that was just made. Without them a desk works as well, and so a site
    /// that does not give them is only noted.
    pub(crate) async fn take_agents_if_possible(&self, site: &Arc<dyn Site>, who: &WhoAmI) {
        if let Err(error) = self.take_agents(site, who).await {
            tracing::warn!(%error, "the agent's logins were not taken");
        }
    }

    async fn take_agents(&self, site: &Arc<dyn Site>, who: &WhoAmI) -> Result<(), DeskError> {
        if !who.may(Right::Follow) {
            return Ok(());
        }
        let agents = within(STEP_MS_MAX, site.agents()).await?;
        if agents != self.cache.agents().await? {
            self.cache.remember_agents(&agents).await?;
        }
        Ok(())
    }
}
