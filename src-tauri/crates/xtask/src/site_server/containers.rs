//! Microsoft SQL Server in containers: the services of `compose.yaml`, one server per site.
//!
//! Written from the images' documentation. No container engine runs on the machines where this was
//! developed: nothing in this file, nor `compose.yaml`, has been run there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::bail;
use serde::{Deserialize, Serialize};

use super::handover::{self, Admin, LOGIN_DEFAULT};
use super::site::Site;
use super::{certificate, tds, wait};
use crate::{process, workspace};

/// Engines whose command understands `compose`, each with what it calls the system of its containers.
const ENGINES: [(&str, &str); 2] = [("docker", "{{.OSType}}"), ("podman", "{{.Host.OS}}")];

/// Where the services of `compose.yaml` listen on this machine, in its order.
const PORTS: [u16; 3] = [14331, 14333, 14335];

/// What `compose.yaml` takes from the environment, besides the password: the folder of the certificate.
const TLS_FOLDER: &str = "LIENTHU_TEST_TLS_FOLDER";

/// From a created container to a server that lets the administrator in. Its first start makes its system
/// databases.
const READY_TIMEOUT: Duration = Duration::from_secs(180);

/// Inside of the container; the password comes from its environment and stands on no command line.
const SQLCMD: &str = "SQLCMDPASSWORD=\"$MSSQL_SA_PASSWORD\" exec /opt/mssql-tools18/bin/sqlcmd \
                      -C -b -l 5 -S localhost -U sa -Q \"$0\"";

/// A running container engine.
#[derive(Debug, Serialize, Deserialize)]
pub struct Containers {
    engine: String,
}

/// What was looked for, for the message that nothing was found.
pub fn tried() -> String {
    ENGINES.map(|(engine, _)| format!("{engine} compose")).join(", ")
}

impl Containers {
    /// The first engine whose command is installed and whose service answers. Docker on Windows may run
    /// containers of Windows, for which there is no SQL Server.
    pub fn available() -> Option<Self> {
        ENGINES
            .iter()
            .find(|(engine, system)| {
                let info =
                    || process::capture(Command::new(engine).args(["info", "--format", system]));
                process::on_path(engine)
                    && info().is_ok_and(|system| system.trim() == "linux")
                    && process::succeeds(Command::new(engine).args(["compose", "version"]))
            })
            .map(|(engine, _)| Self { engine: (*engine).to_owned() })
    }

    /// A server each.
    pub fn sites(&self, count: u8) -> anyhow::Result<Vec<Site>> {
        if usize::from(count) > PORTS.len() {
            bail!("compose.yaml has {} servers, not {count}", PORTS.len());
        }
        Ok((0..count).zip(PORTS).map(|(index, port)| Site::nth(index, port)).collect())
    }

    /// Starts the servers and creates the sites' databases.
    pub fn start(&self, folder: &Path, sites: &[Site], admin: &Admin) -> anyhow::Result<()> {
        if admin.login != LOGIN_DEFAULT {
            bail!("the administrator of a SQL Server in a container is always {LOGIN_DEFAULT}");
        }
        readable_by_the_server(folder)?;
        let mut up = self.compose(folder);
        up.args(["up", "--detach"]).args(sites.iter().map(Site::service));
        process::run(up.env(handover::PASSWORD, &admin.password))?;
        for site in sites {
            self.await_server(folder, site)?;
            let create = format!("CREATE DATABASE [{}]", site.database);
            self.sqlcmd(folder, site, &create)?;
        }
        Ok(())
    }

    /// Kills a site's server, and starts it again on the same port.
    pub fn restart(&self, folder: &Path, site: &Site) -> anyhow::Result<()> {
        let mut restart = self.compose(folder);
        restart.args(["restart", "--timeout", "0", &site.service()]);
        process::run(&mut restart)?;
        self.await_server(folder, site)
    }

    fn await_server(&self, folder: &Path, site: &Site) -> anyhow::Result<()> {
        let what = format!("the SQL Server of {} lets nobody in", site.code);
        wait::until(READY_TIMEOUT, &what, || self.sqlcmd(folder, site, "SELECT 1"))?;
        // Whether the certificate was taken shows only here: sqlcmd trusts any.
        tds::demands_encryption(site.port)
    }

    /// Removes the servers with their data.
    pub fn stop(&self, folder: &Path) -> anyhow::Result<()> {
        let mut down = self.compose(folder);
        down.args(["down", "--volumes", "--timeout", "0"]);
        process::run(&mut down)
    }

    fn compose(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.engine);
        command.args(["compose", "--project-name", "lienthu-site-server", "--file"]);
        command.arg(workspace::root().join("compose.yaml")).env(TLS_FOLDER, tls_folder(folder));
        // compose.yaml cannot be read without a password, also by who creates no server.
        command.env(handover::PASSWORD, "only `up` uses it");
        command
    }

    fn sqlcmd(&self, folder: &Path, site: &Site, statement: &str) -> anyhow::Result<()> {
        let mut exec = self.compose(folder);
        exec.args(["exec", "-T", &site.service(), "/bin/bash", "-c", SQLCMD, statement]);
        process::capture(&mut exec).map(drop)
    }
}

fn tls_folder(folder: &Path) -> PathBuf {
    folder.join("tls")
}

/// SQL Server runs as an account of its own in the container, which may read neither a key of ours nor a
/// folder of ours: the files are open to all, the folder that holds them is closed to others here.
fn readable_by_the_server(folder: &Path) -> anyhow::Result<()> {
    let tls = tls_folder(folder);
    std::fs::create_dir(&tls)?;
    for file in [certificate::SERVER, certificate::SERVER_KEY] {
        let place = tls.join(file);
        std::fs::rename(folder.join(file), &place)?;
        #[cfg(unix)]
        set_mode(&place, 0o444)?;
    }
    #[cfg(unix)]
    set_mode(&tls, 0o700)?;
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    use anyhow::Context as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        .with_context(|| format!("setting the rights of {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What is written twice must not drift apart: the services' names and ports here and in the file.
    #[test]
    fn compose_yaml_has_a_server_for_every_site() {
        let compose = std::fs::read_to_string(workspace::root().join("compose.yaml")).unwrap();
        let containers = Containers { engine: "docker".into() };
        for site in containers.sites(3).unwrap() {
            assert!(compose.contains(&format!("\n  {}:\n", site.service())), "{site:?}");
            assert!(compose.contains(&format!("\"127.0.0.1:{}:1433\"", site.port)), "{site:?}");
        }
        assert!(compose.contains(TLS_FOLDER) && compose.contains(handover::PASSWORD));
        assert!(containers.sites(4).is_err());
    }
}
