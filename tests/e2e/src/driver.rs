//! WebKit's own WebDriver as a process. It runs in a process group of its own, and the whole group dies
//! with the value: a left-over would hold pipes and displays and hang the run.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// How long the driver may take to listen.
const LISTENING_MS_MAX: u64 = 10_000;
const LISTENING_POLL_MS: u64 = 20;
/// How long a killed process may take to be gone.
const DEAD_MS_MAX: u64 = 10_000;

/// See the module.
pub struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver; what it and the app say on stderr goes to `log`. The web view keeps what it
    /// remembers of a person, such as their language, in `home`, so that no run learns from another.
    ///
    /// # Errors
    /// When it is not installed or does not listen within [`LISTENING_MS_MAX`].
    pub async fn start(log: &Path, home: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let said = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = Command::new("WebKitWebDriver");
        command
            .arg(format!("--port={port}"))
            .arg("--host=127.0.0.1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("XDG_DATA_HOME", home)
            .env("XDG_CACHE_HOME", home)
            .env("XDG_CONFIG_HOME", home)
            .stdin(Stdio::null())
            .stdout(Stdio::from(said.try_clone()?))
            .stderr(Stdio::from(said))
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn().context("WebKitWebDriver does not start; is it installed?")?;
        let driver = Self { child, port };
        let give_up = Instant::now() + Duration::from_millis(LISTENING_MS_MAX);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            if Instant::now() > give_up {
                bail!("WebKitWebDriver does not listen on port {port}");
            }
            // A process says nothing when it begins to listen.
            sleep(Duration::from_millis(LISTENING_POLL_MS)).await;
        }
        Ok(driver)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Driver {
    /// Kills the driver and the app that it started, and waits until no process of the group is left.
    ///
    /// # Errors
    /// When one is left after [`DEAD_MS_MAX`].
    pub async fn kill_all(mut self) -> anyhow::Result<()> {
        #[cfg(unix)]
        if let Some(group) = self.group() {
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL)?;
            self.child.wait().await?;
            let give_up = Instant::now() + Duration::from_millis(DEAD_MS_MAX);
            while rustix::process::test_kill_process_group(group).is_ok() {
                if Instant::now() > give_up {
                    bail!("a process of the app's does not die");
                }
                // Only a parent is told of a death, and the app is nobody's child any more.
                sleep(Duration::from_millis(LISTENING_POLL_MS)).await;
            }
        }
        Ok(())
    }

    #[cfg(unix)]
    fn group(&self) -> Option<rustix::process::Pid> {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok())?;
        rustix::process::Pid::from_raw(pid)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group() {
            // It may have ended by itself.
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
        }
        self.child.start_kill().ok();
    }
}

/// A port that was free a moment ago.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
