//! How a site proves to the others what it decided. Every site has a key that all sites of the network
//! hold and that no login can read; a decision carries a keyed hash of its words. So the agents that
//! carry decisions about choose none.
//!
//! The T-SQL sites compute the same with `HASHBYTES('SHA2_256', …)`.

use std::fmt;
use std::str::FromStr;

use lienthu_domain::ids::TxnId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::decision::Outcome;
use crate::terms::Party;

/// A site's key, a random UUID.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SiteKey(Uuid);

impl SiteKey {
    /// A key that someone with a good source of randomness made.
    #[must_use]
    pub const fn new(random: Uuid) -> Self {
        Self(random)
    }

    /// As it is stored. Whoever has it can decide in the site's name.
    #[must_use]
    pub fn exposed(&self) -> String {
        self.0.to_string()
    }

    /// Seals what the site decided.
    #[must_use]
    pub fn seal(&self, decider: &Party, txn: TxnId, outcome: Outcome) -> Seal {
        let words = format!(
            "{}|{}|{}|{txn}|{}",
            self.0,
            decider.branch,
            decider.incarnation,
            outcome.code()
        );
        // Hashed twice: who has the first hash could go on writing behind the words.
        let inner = hex::encode(Sha256::digest(words));
        Seal(Sha256::digest(format!("{}|{inner}", self.0)).into())
    }
}

impl FromStr for SiteKey {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey(…)")
    }
}

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seal(#[serde(with = "hex::serde")] [u8; 32]);

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Seal {
    type Err = hex::FromHexError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({}…)", hex::encode(&self.0[..4]))
    }
}
