//! The agent: at every site of a network one login, whose secret every desk of the network knows.

use std::fmt;

use lienthu_domain::ids::{BranchCode, KeyError, StaffLogin};
use lienthu_domain::rights::Role;
use lienthu_domain::times::UtcMs;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::seed::StaffSeed;
use crate::site::Credentials;

/// The agent's login at one site.
#[derive(Clone)]
pub struct AgentLogin {
    /// At whose site.
    pub branch: BranchCode,
    /// The login.
    pub login: StaffLogin,
    /// Its password: random, and the same for every desk.
    pub secret: SecretString,
}

impl AgentLogin {
    /// To sign in with.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials { login: self.login.clone(), password: self.secret.clone() }
    }
}

impl PartialEq for AgentLogin {
    fn eq(&self, other: &Self) -> bool {
        let secret = |of: &Self| of.secret.expose_secret().to_owned();
        self.branch == other.branch && self.login == other.login && secret(self) == secret(other)
    }
}

impl Eq for AgentLogin {}

impl fmt::Debug for AgentLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentLogin")
            .field("branch", &self.branch)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

/// A login, and since when it holds: for administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAgent {
    /// The login.
    pub agent: AgentLogin,
    /// By the clock of whoever set it.
    pub set_at: UtcMs,
}

impl AgentLogin {
    /// As somebody who works at that site, for whoever makes the login there.
    #[must_use]
    pub fn as_person(&self) -> StaffSeed {
        StaffSeed {
            login: self.login.clone(),
            name: format!("Đại lý {}", self.branch),
            password: self.secret.clone(),
            roles: vec![Role::Agent],
        }
    }

    /// The login that the agent has at a branch's site: another one for each branch, because several sites
    /// can stand on one server, which has its logins in common.
    ///
    /// # Errors
    /// `KeyError` never, as long as a login may be longer than a branch's code by this prefix.
    pub fn name_at(branch: &BranchCode) -> Result<StaffLogin, KeyError> {
        StaffLogin::parse(&format!("lienthu_agent_{}", branch.as_str().replace('\\', "_")))
    }
}

/// [`AgentLogin`] as it is stored where it is kept secret: in a desk's encrypted cache, and in the file that
/// an agent on a server reads. The only shape in which the secret is written out.
#[derive(Clone, Serialize, Deserialize)]
pub struct ExposedAgentLogin {
    /// At whose site.
    pub branch: BranchCode,
    /// The login.
    pub login: StaffLogin,
    /// Its password.
    pub secret: String,
}

impl From<&AgentLogin> for ExposedAgentLogin {
    fn from(agent: &AgentLogin) -> Self {
        Self {
            branch: agent.branch.clone(),
            login: agent.login.clone(),
            secret: agent.secret.expose_secret().to_owned(),
        }
    }
}

impl From<ExposedAgentLogin> for AgentLogin {
    fn from(exposed: ExposedAgentLogin) -> Self {
        Self { branch: exposed.branch, login: exposed.login, secret: exposed.secret.into() }
    }
}
