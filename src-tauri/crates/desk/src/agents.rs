//! The agent's logins, which a desk has from its home site. With them it finishes anyone's transactions and
//! asks other sites what needs no judgement, also while its own is away and nobody is signed in.

use lienthu_port::agent::AgentLogin;

use crate::desk::Desk;
use crate::error::DeskError;

impl Desk {
    /// The agent's logins as the desk last took them from its site, by branch. None before that.
    ///
    /// # Errors
    /// Those of the desk's own files.
    pub async fn agents(&self) -> Result<Vec<AgentLogin>, DeskError> {
        Ok(self.cache.agents().await?)
    }
}
