//! From a network file's text to its entries. Every mistake is named.

use std::path::PathBuf;

use lienthu_domain::ids::BranchCode;
use lienthu_sqlserver::ServerAddress;
use serde::Deserialize;

use super::{
    DATABASE_CHARS_MAX, NAME_CHARS_MAX, Network, NetworkError, SITES_MAX, SignIn, SiteEntry,
    SiteKind, Tls,
};

impl Network {
    /// Reads a network file's text; paths stay as they stand.
    ///
    /// # Errors
    /// `Wrong`, `Empty`, `TooMany`, `Twice`.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let raw: RawNetwork =
            toml::from_str(text).map_err(|e| NetworkError::Wrong(e.to_string()))?;
        if raw.site.is_empty() {
            return Err(NetworkError::Empty);
        }
        if raw.site.len() > SITES_MAX {
            return Err(NetworkError::TooMany);
        }
        let mut sites: Vec<SiteEntry> = Vec::with_capacity(raw.site.len());
        for site in raw.site {
            let site = site.sorted_out()?;
            site.check()?;
            if sites.iter().any(|s| s.code == site.code) {
                return Err(NetworkError::Twice(site.code));
            }
            sites.push(site);
        }
        Ok(Self { sites })
    }
}

impl SiteEntry {
    /// Whether it can be worked with, as far as can be told without asking anyone.
    ///
    /// # Errors
    /// `Wrong`.
    pub fn check(&self) -> Result<(), NetworkError> {
        self.check_text("name", &self.name, NAME_CHARS_MAX)?;
        match &self.kind {
            SiteKind::Embedded { path } => self.check_path("path", path),
            SiteKind::SqlServer { address, database, tls, sign_in: _ } => {
                let address: Result<ServerAddress, _> = address.parse();
                address.map_err(|error| self.wrong(&error.to_string()))?;
                self.check_text("database", database, DATABASE_CHARS_MAX)?;
                match tls {
                    Tls::Ca(path) | Tls::Pinned(path) => self.check_path("tls", path),
                    Tls::System | Tls::Off => Ok(()),
                }
            }
        }
    }

    fn check_text(&self, field: &str, text: &str, chars_max: usize) -> Result<(), NetworkError> {
        if text.trim().is_empty() {
            return Err(self.wrong(&format!("'{field}' is empty")));
        }
        if text.chars().count() > chars_max {
            return Err(self.wrong(&format!("'{field}' is longer than {chars_max} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(self.wrong(&format!("'{field}' holds a control character")));
        }
        Ok(())
    }

    fn check_path(&self, field: &str, path: &std::path::Path) -> Result<(), NetworkError> {
        if path.as_os_str().is_empty() {
            return Err(self.wrong(&format!("'{field}' names no file")));
        }
        Ok(())
    }

    fn wrong(&self, what: &str) -> NetworkError {
        NetworkError::Wrong(format!("site {}: {what}", self.code))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNetwork {
    #[serde(default)]
    site: Vec<RawSite>,
}

/// serde cannot deny unknown fields of a flattened enum, so the fields of all kinds stand side by side
/// here and are sorted out by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSite {
    code: BranchCode,
    name: String,
    kind: RawKind,
    path: Option<PathBuf>,
    address: Option<String>,
    database: Option<String>,
    tls: Option<Tls>,
    sign_in: Option<SignIn>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum RawKind {
    Embedded,
    SqlServer,
}

impl RawSite {
    fn sorted_out(self) -> Result<SiteEntry, NetworkError> {
        let Self { code, name, kind, path, address, database, tls, sign_in } = self;
        let missing =
            |field: &str| NetworkError::Wrong(format!("site {code}: '{field}' is missing"));
        let foreign = |is_there: bool, field: &str| {
            let what = format!("site {code}: '{field}' does not belong to this kind");
            if is_there { Err(NetworkError::Wrong(what)) } else { Ok(()) }
        };
        let kind = match kind {
            RawKind::Embedded => {
                foreign(address.is_some(), "address")?;
                foreign(database.is_some(), "database")?;
                foreign(tls.is_some(), "tls")?;
                foreign(sign_in.is_some(), "sign_in")?;
                SiteKind::Embedded { path: path.ok_or_else(|| missing("path"))? }
            }
            RawKind::SqlServer => {
                foreign(path.is_some(), "path")?;
                SiteKind::SqlServer {
                    address: address.ok_or_else(|| missing("address"))?,
                    database: database.ok_or_else(|| missing("database"))?,
                    tls: tls.unwrap_or_default(),
                    sign_in: sign_in.unwrap_or_default(),
                }
            }
        };
        Ok(SiteEntry { code, name, kind })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::TEMPLATE;
    use super::*;

    #[test]
    fn a_network_of_both_kinds_is_read() {
        let network = Network::parse(
            r#"
            [[site]]
            code = "Q1"
            name = "Quận 1"
            kind = "embedded"
            path = "q1.db"
            [[site]]
            code = "Q3"
            name = "Quận 3"
            kind = "sqlserver"
            address = "10.0.3.5,1433"
            database = "Site_TV_Q3"
            tls = { ca = "ca.pem" }
            [[site]]
            code = "Q5"
            name = "Quận 5"
            kind = "sqlserver"
            address = 'TV-Q5\SQLEXPRESS'
            database = "Site_TV_Q5"
            tls = { pinned = "server.pem" }
            sign_in = "windows"
            "#,
        )
        .unwrap();
        assert_eq!(network.sites[0].kind, SiteKind::Embedded { path: "q1.db".into() });
        let proof = |place: usize| match &network.sites[place].kind {
            SiteKind::SqlServer { tls, sign_in, .. } => Some((tls.clone(), *sign_in)),
            SiteKind::Embedded { .. } => None,
        };
        assert_eq!(proof(1), Some((Tls::Ca("ca.pem".into()), SignIn::Sql)));
        assert_eq!(proof(2), Some((Tls::Pinned("server.pem".into()), SignIn::Windows)));
    }

    #[test]
    fn the_template_names_the_two_sites_of_the_first_customer() {
        let network = Network::parse(TEMPLATE).unwrap();
        let databases: Vec<_> = network
            .sites
            .iter()
            .filter_map(|site| match &site.kind {
                SiteKind::SqlServer { database, .. } => Some((site.code.as_str(), &**database)),
                SiteKind::Embedded { .. } => None,
            })
            .collect();
        assert_eq!(databases, [("Q1", "Site_TV_Q1"), ("Q3", "Site_TV_Q3")]);
    }

    #[test]
    fn every_mistake_in_a_network_file_is_named() {
        let q1 = "[[site]]\ncode='Q1'\nname='Một'\nkind='embedded'\npath='a'\n";
        let q3 = "[[site]]\ncode='Q3'\nname='Ba'\nkind='sqlserver'\naddress='b,1'\ndatabase='c'\n";
        let twice = q1.repeat(2);
        for (text, expected) in [
            ("", "network_empty"),
            ("[[site", "network_wrong"),
            ("nonsense = 1", "network_wrong"),
            (&q1.replace("Q1", "Q1 is far too long"), "network_wrong"),
            (&q1.replace("embedded", "oracle"), "network_wrong"),
            (&q1.replace("path", "pfad"), "network_wrong"),
            (&format!("{q1}database='x'"), "network_wrong"),
            (&format!("{q1}sign_in='sql'"), "network_wrong"),
            (&q1.replace("path='a'", ""), "network_wrong"),
            (&q1.replace("path='a'", "path=''"), "network_wrong"),
            (&q1.replace("Một", " "), "network_wrong"),
            (&q1.replace("'Một'", r#""M\u0007""#), "network_wrong"),
            (&twice, "network_twice"),
            (&format!("{q3}path='x'"), "network_wrong"),
            (&q3.replace("b,1", "b,0"), "network_wrong"),
            (&q3.replace("'c'", "''"), "network_wrong"),
            (&format!("{q3}tls={{ca=''}}"), "network_wrong"),
            (&format!("{q3}tls={{pin='x'}}"), "network_wrong"),
            (&format!("{q3}tls='none'"), "network_wrong"),
            (&format!("{q3}sign_in='kerberos'"), "network_wrong"),
        ] {
            let error = Network::parse(text).expect_err(text);
            assert_eq!(error.message().code, expected, "{text}");
        }
    }
}
