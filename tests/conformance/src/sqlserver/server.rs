//! The server that the environment names, and its databases.

use std::path::{Path, PathBuf};

use lienthu_domain::ids::BranchCode;
use lienthu_port::error::SiteError;
use lienthu_port::site::Credentials;
use lienthu_sqlserver::{SignIn, SqlServerAdmin, SqlServerConfig, Tls};
use serde::Deserialize;

/// The network file whose first site names the server.
const SITES: &str = "LIENTHU_TEST_SITES";
const ADMIN_LOGIN: &str = "LIENTHU_TEST_ADMIN_LOGIN";
const ADMIN_PASSWORD: &str = "LIENTHU_TEST_ADMIN_PASSWORD";
const MASTER: &str = "master";

#[derive(Deserialize)]
struct Network {
    site: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: BranchCode,
    address: String,
    #[serde(default)]
    tls: Check,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Check {
    #[default]
    System,
    Ca(PathBuf),
    Off,
}

/// A server where the tests may make databases.
#[derive(Debug, Clone)]
pub struct Server {
    master: SqlServerConfig,
    /// Who may make databases there.
    pub admin: Credentials,
}

impl Server {
    /// The first that the environment names; none where it names none.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        Self::all_from_environment().into_iter().next()
    }

    /// All that the environment names.
    #[must_use]
    pub fn all_from_environment() -> Vec<Self> {
        let Some(file) = std::env::var_os(SITES) else { return vec![] };
        Self::all_of(&PathBuf::from(file)).into_iter().map(|(_, server)| server).collect()
    }

    /// Those of a network file's SQL Server sites, with the branches that it gives them. The administrator is
    /// the environment's.
    ///
    /// # Panics
    /// When the file is none, or the environment names no administrator.
    #[must_use]
    pub fn all_of(file: &Path) -> Vec<(BranchCode, Self)> {
        let network: Network = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("no {name}"));
        let admin = Credentials {
            login: variable(ADMIN_LOGIN).parse().unwrap(),
            password: variable(ADMIN_PASSWORD).into(),
        };
        let server = |entry: Entry| {
            let tls = match entry.tls {
                Check::System => Tls::System,
                Check::Ca(certificate) => Tls::Ca(file.with_file_name(certificate)),
                Check::Off => Tls::Off,
            };
            let master = SqlServerConfig {
                address: entry.address.parse().unwrap(),
                database: MASTER.to_owned(),
                tls,
                sign_in: SignIn::Login,
            };
            (entry.code, Self { master, admin: admin.clone() })
        };
        network.site.into_iter().map(server).collect()
    }

    /// One of its databases.
    #[must_use]
    pub fn config(&self, database: &str) -> SqlServerConfig {
        SqlServerConfig { database: database.to_owned(), ..self.master.clone() }
    }

    /// Makes a database.
    pub async fn create(&self, database: &str) {
        self.in_master(&format!("CREATE DATABASE {database}")).await.unwrap();
    }

    async fn in_master(&self, batch: &str) -> Result<(), SiteError> {
        SqlServerAdmin::open(&self.master, &self.admin).await?.by_hand(batch).await
    }

    /// Drops databases. One that someone is still in stays, on a server that is thrown away.
    pub fn drop_all(&self, databases: Vec<String>) {
        let server = self.clone();
        let dropping = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                for database in databases {
                    if let Err(error) = server.in_master(&format!("DROP DATABASE {database}")).await
                    {
                        eprintln!("a database of the tests stays: {error}");
                    }
                }
            });
        });
        dropping.join().unwrap();
    }
}
