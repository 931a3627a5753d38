//! The network file as it is typed.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use lienthu_api::network::{SignIn, SiteEntry, SiteKind, Tls};
use lienthu_domain::ids::BranchCode;
use lienthu_domain::times::UtcMs;

use super::records::put;

/// The network file, which names the sites and how they are reached.
#[derive(Debug, Subcommand)]
pub enum NetworkCommand {
    /// Lists the sites
    List,
    /// Tries the connection to a site of the file; with --login, its database as well. The password
    /// serves for this try alone
    Test {
        /// The branch's code
        code: BranchCode,
    },
    /// Adds a site, or makes a network file where there is none
    Add {
        /// The branch's code, as it stands in the site's CHINHANH
        code: BranchCode,
        /// What people call the branch
        #[arg(long)]
        name: String,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        way: Way,
    },
    /// Changes a site; what is not given stays as it is
    Change {
        /// The branch's code
        code: BranchCode,
        /// What people call the branch
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        way: Way,
    },
    /// Takes a site out of the file
    Remove {
        /// The branch's code
        code: BranchCode,
        /// Also the site of this desk's own branch: it only works offline then
        #[arg(long)]
        go_on: bool,
    },
    /// Puts the certificate that a site's server shows beside the network file, to be compared with the
    /// server's own and pinned
    Certificate {
        /// The branch's code
        code: BranchCode,
    },
    /// Makes a network file of Site_TV_Q1 and Site_TV_Q3, never over one that is there
    Template,
    /// Makes the sites of the file one network: each learns who the others are, and has an agent's login of
    /// which every desk is told; `--login` is an administrator's at their servers. Run it again to finish
    /// what is missing, and whenever a site is added
    Join,
    /// Checks what stands against the databases of the file becoming one network: keys that collide, rows that differ;
    /// `--login` is an administrator's at their servers. It writes nothing; ends with 1 where something is found
    Check,
    /// The agent's logins, with which desks finish each other's transactions
    #[command(subcommand)]
    Agents(AgentsCommand),
}

/// `--login` is an administrator's at the servers.
#[derive(Debug, Subcommand)]
pub enum AgentsCommand {
    /// Gives the agent another secret at every site; desks have it when somebody next signs in there
    Renew {
        /// Goes on with a run that began at this time: what was changed since is left alone
        #[arg(long, value_name = "TIME")]
        since: Option<UtcMs>,
    },
    /// Writes the agent's logins to a file for `lienthu-cli agent`, which its owner alone can read
    Export {
        /// The file; one that is there is replaced
        file: PathBuf,
    },
}

/// How a site is reached: a SQLite file, or a database of SQL Server.
#[derive(Debug, Args)]
pub struct Way {
    /// An embedded site: its file, from the network file's folder
    #[arg(long, value_name = "FILE", conflicts_with_all = ["address", "database", "tls", "sign_in"])]
    path: Option<PathBuf>,
    /// SQL Server: HOST, HOST,PORT or HOST\INSTANCE
    #[arg(long)]
    address: Option<String>,
    /// The database's name there, such as Site_TV_Q1
    #[arg(long)]
    database: Option<String>,
    /// How the server's certificate is checked: system, ca=FILE, pinned=FILE; or off: nothing is
    /// encrypted, passwords included [default: system]
    #[arg(long)]
    tls: Option<TypedTls>,
    /// How people prove who they are [default: sql]
    #[arg(long, value_enum)]
    sign_in: Option<TypedSignIn>,
}

/// [`Tls`] as it is typed.
#[derive(Debug, Clone)]
pub struct TypedTls(Tls);

impl FromStr for TypedTls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let tls = match text.split_once('=') {
            None if text == "system" => Tls::System,
            None if text == "off" => Tls::Off,
            Some(("ca", file)) if !file.is_empty() => Tls::Ca(file.into()),
            Some(("pinned", file)) if !file.is_empty() => Tls::Pinned(file.into()),
            _ => return Err("write system, ca=FILE, pinned=FILE or off".to_owned()),
        };
        Ok(Self(tls))
    }
}

/// [`SignIn`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TypedSignIn {
    /// By a login and a password of the server's own
    Sql,
    /// By their Windows account; only on Windows
    Windows,
}

impl From<TypedSignIn> for SignIn {
    fn from(typed: TypedSignIn) -> Self {
        match typed {
            TypedSignIn::Sql => Self::Sql,
            TypedSignIn::Windows => Self::Windows,
        }
    }
}

impl Way {
    /// A new site reached in this way. What is missing is found wrong where the entry is checked.
    #[must_use]
    pub fn to_new(self, code: BranchCode, name: String) -> SiteEntry {
        let nothing = SiteKind::SqlServer {
            address: String::new(),
            database: String::new(),
            tls: Tls::default(),
            sign_in: SignIn::default(),
        };
        let mut entry = SiteEntry { code, name, kind: nothing };
        self.put(&mut entry);
        entry
    }

    /// Puts what was typed into an entry. Where it becomes another kind, nothing of the old one is left.
    pub fn put(self, entry: &mut SiteEntry) {
        if let Some(path) = self.path {
            entry.kind = SiteKind::Embedded { path };
            return;
        }
        if self.address.is_none()
            && self.database.is_none()
            && self.tls.is_none()
            && self.sign_in.is_none()
        {
            return;
        }
        let (mut address, mut database, mut tls, mut sign_in) = match &entry.kind {
            SiteKind::SqlServer { address, database, tls, sign_in } => {
                (address.clone(), database.clone(), tls.clone(), *sign_in)
            }
            SiteKind::Embedded { .. } => Default::default(),
        };
        put(&mut address, self.address);
        put(&mut database, self.database);
        put(&mut tls, self.tls.map(|typed| typed.0));
        put(&mut sign_in, self.sign_in.map(Into::into));
        entry.kind = SiteKind::SqlServer { address, database, tls, sign_in };
    }
}
