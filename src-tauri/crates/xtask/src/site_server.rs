//! `site-server`: throw-away T-SQL servers on this machine, for the tests that want real T-SQL.
//!
//! The product's server is Microsoft SQL Server, which runs here in containers. Where no container
//! engine is, an installed Babelfish for PostgreSQL stands in for it: the environment names its home.
//! Everything is made afresh by `start` and thrown away by `stop`; nothing here is fit for a library.

mod account;
mod babelfish;
mod certificate;
mod containers;
mod handover;
mod site;
mod tds;
mod test_sites;
mod wait;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use self::babelfish::Babelfish;
use self::containers::Containers;
use self::handover::Admin;
use self::site::Site;
pub use self::test_sites::TestSites;
use crate::workspace;

/// Without `--sites`: as many as the demo has branches, and as `compose.yaml` has servers.
const SITES_DEFAULT: u8 = 3;
/// Databases in one throw-away server at most.
const SITES_MAX: i64 = 32;

/// In the folder: which server runs there. A folder without it is not ours, and is not removed.
const RECORD: &str = "server.json";

/// What to do with the servers.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Start fresh, empty sites, and say how the tests find them
    Start {
        #[command(flatten)]
        place: Place,
        /// How many
        #[arg(long, value_name = "N", default_value_t = SITES_DEFAULT,
              value_parser = clap::value_parser!(u8).range(1..=SITES_MAX))]
        sites: u8,
    },
    /// Stop them, and remove all that they hold
    Stop {
        #[command(flatten)]
        place: Place,
    },
    /// Crash them, or one of them, and start again with what was committed
    Restart {
        #[command(flatten)]
        place: Place,
        /// Only the site of this branch
        #[arg(long, value_name = "CODE")]
        site: Option<String>,
    },
    /// Say whether they answer, and how the tests find them; fails when one does not
    Status {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Args)]
struct Place {
    /// Where their data lies; without it, in cargo's target directory
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Place {
    fn folder(&self) -> anyhow::Result<PathBuf> {
        match &self.folder {
            Some(folder) => Ok(std::path::absolute(folder)?),
            None => default_folder(),
        }
    }
}

fn default_folder() -> anyhow::Result<PathBuf> {
    Ok(workspace::metadata()?.target_directory.join("site-server"))
}

/// What runs the sites.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Engine {
    Babelfish(Babelfish),
    Containers(Containers),
}

/// What `stop` and `status` must know about what `start` did.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    engine: Engine,
    sites: Vec<Site>,
    /// False until `start` has come to its end: a server that answers may still lack its databases.
    complete: bool,
}

impl Record {
    /// The server of this folder; `None` where none was started.
    fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let file = folder.join(RECORD);
        match fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text).map(Some).with_context(|| {
                format!("{} was written by another version; remove its folder", file.display())
            }),
            Err(reason) if reason.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(reason) => Err(reason).with_context(|| format!("reading {}", file.display())),
        }
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::write(folder.join(RECORD), serde_json::to_string_pretty(self)?)?;
        Ok(())
    }

    /// The sites that do not answer, each with the reason.
    fn silent(&self) -> Vec<String> {
        let mut silent = Vec::new();
        for site in &self.sites {
            if let Err(reason) = tds::demands_encryption(site.port) {
                silent.push(format!("{}: {reason:#}", site.database));
            }
        }
        silent
    }

    /// Starts the server with a certificate and the sites' databases.
    fn bring_up(&self, folder: &Path, admin: &Admin) -> anyhow::Result<()> {
        certificate::issue(folder)?;
        handover::write(folder, &self.sites, admin)?;
        match &self.engine {
            Engine::Babelfish(babelfish) => babelfish.start(folder, admin),
            Engine::Containers(containers) => containers.start(folder, &self.sites, admin),
        }
    }

    /// Stops the server and removes its folder.
    fn discard(&self, folder: &Path) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Babelfish(babelfish) => babelfish.stop(folder)?,
            Engine::Containers(containers) => containers.stop(folder)?,
        }
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))
    }
}

/// Starts, stops or describes the servers.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    match &options.action {
        Action::Start { place, sites } => start(&place.folder()?, *sites),
        Action::Stop { place } => stop(&place.folder()?),
        Action::Restart { place, site } => restart(&place.folder()?, site.as_deref()),
        Action::Status { place } => status(&place.folder()?),
    }
}

fn start(folder: &Path, count: u8) -> anyhow::Result<ExitCode> {
    let Some(Running { record, started }) = have(folder, count)? else { bail!("{}", no_engine()) };
    let running = record.sites.len();
    if started {
        println!("{running} sites answer, with TLS.");
    } else if running == usize::from(count) {
        println!("{running} sites run already.");
    } else {
        bail!("{running} sites run already; to have {count}, first: cargo xtask site-server stop");
    }
    println!("{}", handover::advice(folder));
    Ok(ExitCode::SUCCESS)
}

/// Sites that answer.
struct Running {
    record: Record,
    /// Just now; otherwise they ran.
    started: bool,
}

/// The sites that run in a folder, or so many fresh ones; `None` where nothing can run them.
fn have(folder: &Path, count: u8) -> anyhow::Result<Option<Running>> {
    if let Some(record) = Record::read(folder)? {
        if record.complete && record.silent().is_empty() {
            return Ok(Some(Running { record, started: false }));
        }
        eprintln!("What was started in {} is of no use any more.", folder.display());
        record.discard(folder)?;
    } else if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        bail!(
            "{} is not empty and was not made by this command; name another --folder",
            folder.display()
        );
    }

    let (engine, sites) = if let Some(babelfish) = Babelfish::installed(count)? {
        let sites = babelfish.sites();
        (Engine::Babelfish(babelfish), sites)
    } else if let Some(containers) = Containers::available() {
        let sites = containers.sites(count)?;
        (Engine::Containers(containers), sites)
    } else {
        return Ok(None);
    };
    let admin = Admin::from_environment()?;
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut record = Record { engine, sites, complete: false };
    // Before anything runs: who interrupts this command can still stop what it started.
    record.write(folder)?;
    if let Err(reason) = record.bring_up(folder, &admin) {
        return Err(match record.discard(folder) {
            Ok(()) => reason,
            Err(left) => reason.context(format!("{left:#}; its rest stays")),
        });
    }
    record.complete = true;
    record.write(folder)?;
    Ok(Some(Running { record, started: true }))
}

/// Why no T-SQL server can be started here, and how to have one.
fn no_engine() -> String {
    format!(
        "there is no T-SQL server here: neither does {home} name an installed Babelfish for \
         PostgreSQL (the folder with bin/initdb), nor does a container engine run (tried: {tried})",
        home = babelfish::HOME,
        tried = containers::tried(),
    )
}

fn stop(folder: &Path) -> anyhow::Result<ExitCode> {
    match Record::read(folder)? {
        Some(record) => {
            record.discard(folder)?;
            println!("Stopped, and {} removed.", folder.display());
        }
        None => println!("Nothing was started in {}.", folder.display()),
    }
    Ok(ExitCode::SUCCESS)
}

fn restart(folder: &Path, only: Option<&str>) -> anyhow::Result<ExitCode> {
    let Some(record) = Record::read(folder)? else {
        bail!("nothing was started in {}", folder.display());
    };
    let chosen: Vec<&Site> =
        record.sites.iter().filter(|site| only.is_none_or(|code| site.code == code)).collect();
    if chosen.is_empty() {
        let codes: Vec<&str> = record.sites.iter().map(|site| site.code.as_str()).collect();
        bail!("there is no such site; there are: {}", codes.join(", "));
    }
    for site in chosen {
        match &record.engine {
            Engine::Babelfish(babelfish) => babelfish.restart(folder, site)?,
            Engine::Containers(containers) => containers.restart(folder, site)?,
        }
        println!("{} runs again.", site.database);
    }
    Ok(ExitCode::SUCCESS)
}

fn status(folder: &Path) -> anyhow::Result<ExitCode> {
    let Some(record) = Record::read(folder)? else {
        println!("Nothing was started in {}.", folder.display());
        return Ok(ExitCode::FAILURE);
    };
    let silent = record.silent();
    if !record.complete || !silent.is_empty() {
        println!("Not all of it was started, or it does not answer. {}", silent.join("; "));
        return Ok(ExitCode::FAILURE);
    }
    println!("{} sites answer, with TLS.", record.sites.len());
    println!("{}", handover::advice(folder));
    Ok(ExitCode::SUCCESS)
}
