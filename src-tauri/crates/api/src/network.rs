//! The network file: which sites there are and how they are reached. TOML:
//!
//! ```toml
//! [[site]]
//! code = "Q1"
//! name = "Thư viện Quận 1"
//! kind = "embedded"
//! path = "q1.db"          # relative to this file
//!
//! [[site]]
//! code = "Q3"
//! name = "Thư viện Quận 3"
//! kind = "sqlserver"
//! address = "10.0.3.5,1433"
//! database = "Site_TV_Q3"
//! tls = { ca = "ca.pem" }  # or "system"; "off" only for a line that is safe
//! ```

use std::path::{Path, PathBuf};

use lienthu_domain::ids::BranchCode;
use lienthu_port::message::Message;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Sites in one network at most.
pub const SITES_MAX: usize = 1_000;
/// A network file at most, in bytes.
pub const FILE_BYTES_MAX: u64 = 1_048_576;

/// How a site's TLS certificate is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// By the certificates that the operating system trusts.
    #[default]
    System,
    /// By a private authority's certificate, in PEM.
    Ca(PathBuf),
    /// Not at all, and not encrypted. The screen says so.
    Off,
}

/// How a site is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum SiteKind {
    /// A SQLite file.
    Embedded {
        /// Relative to the network file.
        path: PathBuf,
    },
    /// A Microsoft SQL Server database.
    SqlServer {
        /// `host`, `host,port` or `host\instance`.
        address: String,
        /// Its name there.
        database: String,
        /// How its certificate is checked.
        #[serde(default)]
        tls: Tls,
    },
}

/// One site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteEntry {
    /// The branch.
    pub code: BranchCode,
    /// For people.
    pub name: String,
    /// How it is reached.
    #[serde(flatten)]
    pub kind: SiteKind,
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Network {
    /// In the order of the file; codes are unique.
    #[serde(rename = "site")]
    pub sites: Vec<SiteEntry>,
}

/// What is wrong with a network file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NetworkError {
    /// It cannot be read.
    #[error("the network file cannot be read: {0}")]
    Unreadable(String),
    /// It is larger than any network file.
    #[error("the network file is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// It is no TOML, or holds something that does not belong there.
    #[error("the network file is wrong: {0}")]
    Wrong(String),
    /// It names no site.
    #[error("the network file names no site")]
    Empty,
    /// It names more than [`SITES_MAX`] sites.
    #[error("the network file names more than {SITES_MAX} sites")]
    TooMany,
    /// It names a branch twice.
    #[error("the network file names {0} twice")]
    Twice(BranchCode),
}

impl NetworkError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let (code, vi, en) = match self {
            Self::Unreadable(why) => (
                "network_unreadable",
                format!("Không đọc được tệp mạng ({why}). Kiểm tra đường dẫn và quyền đọc."),
                format!("The network file cannot be read ({why}). Check its path and rights."),
            ),
            Self::TooLarge => (
                "network_too_large",
                "Tệp mạng quá lớn. Kiểm tra có chọn nhầm tệp không.".to_owned(),
                "The network file is too large. Check that it is the right file.".to_owned(),
            ),
            Self::Wrong(why) => (
                "network_wrong",
                format!("Tệp mạng có lỗi. Sửa chỗ này: {why}"),
                format!("The network file has a mistake. Correct this: {why}"),
            ),
            Self::Empty => (
                "network_empty",
                "Tệp mạng không có chi nhánh nào. Thêm ít nhất một mục [[site]].".to_owned(),
                "The network file names no site. Add at least one [[site]].".to_owned(),
            ),
            Self::TooMany => (
                "network_too_many",
                format!("Tệp mạng có hơn {SITES_MAX} chi nhánh. Chia nhỏ tệp."),
                format!("The network file names more than {SITES_MAX} sites. Split it."),
            ),
            Self::Twice(branch) => (
                "network_twice",
                format!("Tệp mạng ghi {branch} hai lần. Bỏ một mục."),
                format!("The network file names {branch} twice. Remove one."),
            ),
        };
        Message { code: code.to_owned(), vi, en }
    }
}

impl Network {
    /// Reads a network file.
    ///
    /// # Errors
    /// See [`NetworkError`].
    pub fn read(file: &Path) -> Result<Self, NetworkError> {
        let unreadable = |e: std::io::Error| NetworkError::Unreadable(e.to_string());
        let size = std::fs::metadata(file).map_err(unreadable)?.len();
        if size > FILE_BYTES_MAX {
            return Err(NetworkError::TooLarge);
        }
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        let mut network = Self::parse(&text)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        for site in &mut network.sites {
            match &mut site.kind {
                SiteKind::Embedded { path } => *path = folder.join(&*path),
                SiteKind::SqlServer { tls: Tls::Ca(path), .. } => *path = folder.join(&*path),
                SiteKind::SqlServer { .. } => {}
            }
        }
        Ok(network)
    }

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
            let site = site.checked()?;
            if sites.iter().any(|s| s.code == site.code) {
                return Err(NetworkError::Twice(site.code));
            }
            sites.push(site);
        }
        Ok(Self { sites })
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
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum RawKind {
    Embedded,
    SqlServer,
}

impl RawSite {
    fn checked(self) -> Result<SiteEntry, NetworkError> {
        let Self { code, name, kind, path, address, database, tls } = self;
        let missing =
            |field: &str| NetworkError::Wrong(format!("site {code}: '{field}' is missing"));
        let foreign = |field: &str| {
            NetworkError::Wrong(format!("site {code}: '{field}' does not belong to this kind"))
        };
        if name.trim().is_empty() {
            return Err(missing("name"));
        }
        let kind = match kind {
            RawKind::Embedded => {
                if address.is_some() {
                    return Err(foreign("address"));
                }
                if database.is_some() {
                    return Err(foreign("database"));
                }
                if tls.is_some() {
                    return Err(foreign("tls"));
                }
                SiteKind::Embedded { path: path.ok_or_else(|| missing("path"))? }
            }
            RawKind::SqlServer => {
                if path.is_some() {
                    return Err(foreign("path"));
                }
                SiteKind::SqlServer {
                    address: address.ok_or_else(|| missing("address"))?,
                    database: database.ok_or_else(|| missing("database"))?,
                    tls: tls.unwrap_or_default(),
                }
            }
        };
        Ok(SiteEntry { code, name, kind })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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
            "#,
        )
        .unwrap();
        assert_eq!(network.sites[0].kind, SiteKind::Embedded { path: "q1.db".into() });
        let SiteKind::SqlServer { tls, .. } = &network.sites[1].kind else { panic!() };
        assert_eq!(*tls, Tls::Ca("ca.pem".into()));
    }

    #[test]
    fn every_mistake_in_a_network_file_is_named() {
        let q1 = "[[site]]\ncode='Q1'\nname='Một'\nkind='embedded'\npath='a'\n";
        let twice = q1.repeat(2);
        for (text, expected) in [
            ("", "network_empty"),
            ("[[site", "network_wrong"),
            ("nonsense = 1", "network_wrong"),
            (&q1.replace("Q1", "Q1 is far too long"), "network_wrong"),
            (&q1.replace("embedded", "oracle"), "network_wrong"),
            (&q1.replace("path", "pfad"), "network_wrong"),
            (&format!("{q1}database='x'"), "network_wrong"),
            (&q1.replace("path='a'", ""), "network_wrong"),
            (&q1.replace("Một", " "), "network_wrong"),
            (&twice, "network_twice"),
        ] {
            let error = Network::parse(text).expect_err(text);
            assert_eq!(error.message().code, expected, "{text}");
        }
    }
}
