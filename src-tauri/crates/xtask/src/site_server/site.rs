//! The sites of a throw-away server: odd districts, as in the customer's own network.

use serde::{Deserialize, Serialize};

/// One branch's database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The branch.
    pub code: String,
    /// For people.
    pub name: String,
    /// The database.
    pub database: String,
    /// Where its server speaks TDS on this machine.
    pub port: u16,
}

impl Site {
    /// The site of that place in the row: Q1, Q3, Q5, …
    pub fn nth(index: u8, port: u16) -> Self {
        let district = u16::from(index) * 2 + 1;
        Self {
            code: format!("Q{district}"),
            name: format!("Thư viện Quận {district}"),
            database: format!("Site_TV_Q{district}"),
            port,
        }
    }

    /// The service of `compose.yaml` that is this site's server.
    pub fn service(&self) -> String {
        self.code.to_lowercase()
    }
}
