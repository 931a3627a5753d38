//! Babelfish for PostgreSQL: per site one PostgreSQL cluster that speaks TDS.
//!
//! One cluster each, though one for all would start sooner: branches share no logins, and a test that
//! restarts one site must leave the others running.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use super::account::{self, Account};
use super::handover::{self, Admin};
use super::site::Site;
use super::{certificate, tds, wait};
use crate::process;

/// Names the folder where Babelfish is installed: the one with `bin/initdb`.
pub const HOME: &str = "BABELFISH_HOME";

const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "psql"];

/// How long a start or stop may take on a busy machine of two cores.
const PG_CTL_TIMEOUT_S: &str = "120";
/// From the running server to its first answer over TDS.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Lines of the server's log to show when it does not start.
const LOG_LINES_SHOWN: usize = 15;

/// Owns the cluster, on PostgreSQL's side; the tests never see it.
const OWNER: &str = "babelfish_owner";

const CONFIGURATION: &str = include_str!("babelfish/postgresql.conf");
const INITIALISE: &str = include_str!("babelfish/initialise.sql");
const CHAIN_OWNERSHIP: &str = include_str!("babelfish/chain-ownership.sql");
const UNESCAPE_JSON: &str = include_str!("babelfish/unescape-json.sql");
const UTF16_BINARY: &str = include_str!("babelfish/utf16-binary.sql");
const CREATE_SITE: &str = include_str!("babelfish/create-site.sql");

/// The PostgreSQL database that holds all T-SQL databases of a cluster; the scripts name it too.
const BABELFISH_DATABASE: &str = "babelfish_db";

/// An installed Babelfish, and how it is run here.
#[derive(Debug, Serialize, Deserialize)]
pub struct Babelfish {
    home: PathBuf,
    account: Option<Account>,
    /// Where each cluster listens, in the order of the sites.
    ports: Vec<Ports>,
}

/// Where one cluster listens on this machine.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Ports {
    tds: u16,
    postgres: u16,
}

impl Babelfish {
    /// The one that the environment names, to run so many sites; `None` where it names none.
    ///
    /// # Errors
    /// It names one that is not there.
    pub fn installed(sites: u8) -> anyhow::Result<Option<Self>> {
        let Some(home) = std::env::var_os(HOME).map(PathBuf::from) else {
            return Ok(None);
        };
        for program in PROGRAMS {
            let file = home.join("bin").join(program);
            if !file.is_file() {
                bail!("{HOME} names {}, where there is no bin/{program}", home.display());
            }
        }
        let ports = free_ports(sites)?;
        Ok(Some(Self { home, account: account::to_run_servers()?, ports }))
    }

    /// A site per cluster.
    pub fn sites(&self) -> Vec<Site> {
        (0..).zip(&self.ports).map(|(index, ports)| Site::nth(index, ports.tds)).collect()
    }

    /// Makes the clusters, starts them, and creates the sites' databases.
    pub fn start(&self, folder: &Path, admin: &Admin) -> anyhow::Result<()> {
        for (cluster, site) in self.clusters(folder).zip(self.sites()) {
            cluster.initialise(folder, admin)?;
            cluster.start()?;
            cluster.psql(OWNER, "postgres", INITIALISE, admin, &site)?;
            cluster.psql(OWNER, BABELFISH_DATABASE, CHAIN_OWNERSHIP, admin, &site)?;
            cluster.psql(OWNER, BABELFISH_DATABASE, UNESCAPE_JSON, admin, &site)?;
            cluster.psql(OWNER, BABELFISH_DATABASE, UTF16_BINARY, admin, &site)?;
            cluster.psql(&admin.login, BABELFISH_DATABASE, CREATE_SITE, admin, &site)?;
            wait::until(ANSWER_TIMEOUT, "the TDS port does not answer", || {
                tds::demands_encryption(site.port)
            })?;
        }
        Ok(())
    }

    /// Crashes a site's cluster, and starts it again on the same port.
    pub fn restart(&self, folder: &Path, site: &Site) -> anyhow::Result<()> {
        for cluster in self.clusters(folder).filter(|cluster| cluster.ports.tds == site.port) {
            if cluster.runs() {
                cluster.stop()?;
            }
            cluster.start()?;
        }
        Ok(())
    }

    /// Stops the clusters that run.
    pub fn stop(&self, folder: &Path) -> anyhow::Result<()> {
        for cluster in self.clusters(folder).filter(Cluster::runs) {
            cluster.stop()?;
        }
        Ok(())
    }

    fn clusters(&self, folder: &Path) -> impl Iterator<Item = Cluster<'_>> {
        self.sites().into_iter().zip(&self.ports).map(move |(site, ports)| Cluster {
            babelfish: self,
            ports: *ports,
            folder: folder.join(site.service()),
        })
    }
}

/// Ports that nobody uses. Somebody could take one before a server does; it then says so and does not
/// start.
fn free_ports(sites: u8) -> anyhow::Result<Vec<Ports>> {
    // All are held until all are found, so that no two are the same.
    let mut held = Vec::new();
    let mut free_port = || -> std::io::Result<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        held.push(listener);
        Ok(port)
    };
    let mut ports = Vec::new();
    for _ in 0..sites {
        ports.push(Ports { tds: free_port()?, postgres: free_port()? });
    }
    Ok(ports)
}

/// The cluster in its folder, which the server's account owns.
struct Cluster<'a> {
    babelfish: &'a Babelfish,
    ports: Ports,
    folder: PathBuf,
}

impl Cluster<'_> {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.babelfish.home.join("bin").join(name));
        // Programs of PostgreSQL want to stand in a folder that their account may read.
        command.current_dir(&self.folder);
        if let Some(account) = self.babelfish.account {
            account.runs(&mut command);
        }
        command
    }

    fn pg_ctl(&self) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("--pgdata").arg(self.data());
        command
    }

    fn own(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(account) = self.babelfish.account {
            account.own(path).with_context(|| format!("handing over {}", path.display()))?;
        }
        Ok(())
    }

    fn initialise(&self, folder: &Path, admin: &Admin) -> anyhow::Result<()> {
        const PASSWORD_FILE: &str = "password";
        const SERVER_CONFIGURATION: &str = "postgresql.conf";

        fs::create_dir(&self.folder)?;
        self.own(&self.folder)?;
        if !process::succeeds(self.program("pg_ctl").arg("--version")) {
            bail!(
                "PostgreSQL refuses to run as root, and the account that would run it cannot reach \
                 {}; name a --folder that everybody may enter",
                self.folder.display()
            );
        }
        let password_file = self.folder.join(PASSWORD_FILE);
        handover::write_private(&password_file, &admin.password)?;
        self.own(&password_file)?;
        let mut initdb = self.program("initdb");
        initdb.arg("--pgdata").arg(self.data()).arg("--pwfile").arg(&password_file);
        // Its TDS port has not learnt scram-sha-256.
        initdb.args(["--username", OWNER, "--auth", "md5"]);
        initdb.args(["--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"]);
        process::capture(&mut initdb)?;
        fs::remove_file(password_file)?;

        // Copied, because PostgreSQL takes only a key that its own account owns.
        for file in [certificate::SERVER, certificate::SERVER_KEY] {
            let place = self.data().join(file);
            fs::copy(folder.join(file), &place)?;
            self.own(&place)?;
        }
        let mut configuration =
            fs::OpenOptions::new().append(true).open(self.data().join(SERVER_CONFIGURATION))?;
        let Ports { tds, postgres } = self.ports;
        configuration.write_all(CONFIGURATION.as_bytes())?;
        writeln!(configuration, "port = {postgres}\nbabelfishpg_tds.port = {tds}")?;
        Ok(())
    }

    fn runs(&self) -> bool {
        self.data().is_dir() && process::succeeds(self.pg_ctl().arg("status"))
    }

    fn start(&self) -> anyhow::Result<()> {
        let mut start = self.pg_ctl();
        start.args(["start", "--wait", "--timeout", PG_CTL_TIMEOUT_S]).arg("--log").arg(self.log());
        // Not captured: the server inherits the pipes, and would hold them open for ever.
        start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if !start.status().context("pg_ctl does not start")?.success() {
            let log = fs::read_to_string(self.log()).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..];
            bail!("Babelfish does not start; its log ends with\n{}", last.join("\n"));
        }
        Ok(())
    }

    /// As a crash would: the data is about to be thrown away, or to be recovered for a test's sake.
    fn stop(&self) -> anyhow::Result<()> {
        let mut stop = self.pg_ctl();
        stop.args(["stop", "--mode", "immediate", "--wait", "--timeout", PG_CTL_TIMEOUT_S]);
        process::capture(&mut stop).map(drop)
    }

    /// Runs a script on PostgreSQL's side. Secrets go by the environment, which others cannot read.
    fn psql(
        &self,
        role: &str,
        database: &str,
        script: &str,
        admin: &Admin,
        site: &Site,
    ) -> anyhow::Result<()> {
        let mut psql = self.program("psql");
        psql.args(["--no-psqlrc", "--quiet", "--host", "127.0.0.1", "--username", role]);
        psql.args(["--port", &self.ports.postgres.to_string(), "--dbname", database]);
        psql.args(["--set", "ON_ERROR_STOP=1", "--set", &format!("login={}", admin.login)]);
        psql.args(["--set", &format!("database={}", site.database)]);
        psql.env("PGPASSWORD", &admin.password).env(handover::PASSWORD, &admin.password);
        psql.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut running = psql.spawn().context("psql does not start")?;
        if let Some(mut stdin) = running.stdin.take() {
            stdin.write_all(script.as_bytes())?;
        }
        let output = running.wait_with_output()?;
        if !output.status.success() {
            bail!("Babelfish's set-up failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }
}
