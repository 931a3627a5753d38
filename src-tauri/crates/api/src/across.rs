//! The ways to all sites, kept while they hold, so that connections are used again.

use std::sync::{Arc, Mutex, PoisonError};

use lienthu_across::breakers::Breakers;
use lienthu_across::sites::Sites;
use lienthu_desk::error::DeskError;
use lienthu_desk::session::Permit;
use lienthu_port::agent::AgentLogin;
use lienthu_port::site::Credentials;
use secrecy::ExposeSecret;

use crate::app::App;

/// The ways that are kept.
#[derive(Default)]
pub(crate) struct Ways {
    person: Mutex<Option<(Credentials, Arc<Sites>)>>,
    agent: Mutex<Option<(Vec<AgentLogin>, Arc<Sites>)>>,
    /// Whoever asks learns for everyone which sites do not answer.
    breakers: Mutex<Arc<Breakers>>,
}

impl Ways {
    /// Whoever was signed in has signed out.
    pub(crate) fn forget_person(&self) {
        *self.person.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The network file has changed, or the agent's logins have.
    pub(crate) fn forget(&self) {
        self.forget_person();
        *self.agent.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // What did not answer may answer where it stands now.
        *self.breakers.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    fn breakers(&self) -> Arc<Breakers> {
        Arc::clone(&self.breakers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Every site of the network under the login of whoever is signed in. They are the same sites, and the
    /// same connections, until that person signs out or gets another password, the home site says no to them,
    /// or the network file changes.
    ///
    /// # Errors
    /// `NotSignedIn`, `LoginFailed`.
    pub fn manager_sites(&self, permit: &Permit) -> Result<Arc<Sites>, DeskError> {
        let mut kept = self.ways.person.lock().unwrap_or_else(PoisonError::into_inner);
        let who = self.desk().credentials_of(permit).inspect_err(|_| *kept = None)?;
        if let Some((whose, sites)) = kept.as_ref()
            && is_same(whose, &who)
        {
            return Ok(Arc::clone(sites));
        }
        let sites = Arc::new(Sites::new(self.connectors(), &who).sharing(self.ways.breakers()));
        *kept = Some((who, Arc::clone(&sites)));
        Ok(sites)
    }

    /// Every site of the network for whoever the permit was given to: a manager asks in their own name,
    /// everyone else their own branch's in their own and the others as the agent.
    ///
    /// # Errors
    /// As of [`Self::manager_sites`] and [`Self::agent_sites`]; `NotEnrolled`.
    pub async fn everywhere(&self, permit: &Permit) -> Result<Sites, DeskError> {
        let own = self.manager_sites(permit)?;
        if self.desk().permit_manager().is_ok() {
            return Ok((*own).clone());
        }
        let home = self.desk().enrolment()?.branch;
        Ok(self.agent_sites().await?.with_one_of(&own, &home))
    }

    /// Every site of the network under the agent's logins, as far as this desk knows them. Nobody has to be
    /// signed in.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn agent_sites(&self) -> Result<Arc<Sites>, DeskError> {
        let agents = self.desk().agents().await?;
        let mut kept = self.ways.agent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((whose, sites)) = kept.as_ref()
            && *whose == agents
        {
            return Ok(Arc::clone(sites));
        }
        let sites = Sites::of_agents(self.connectors(), &agents).sharing(self.ways.breakers());
        let sites = Arc::new(sites);
        *kept = Some((agents, Arc::clone(&sites)));
        Ok(sites)
    }
}

fn is_same(one: &Credentials, other: &Credentials) -> bool {
    one.login == other.login && one.password.expose_secret() == other.password.expose_secret()
}
