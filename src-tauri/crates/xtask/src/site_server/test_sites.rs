//! T-SQL sites for a run of tests or proofs: those that the environment names, those that run already, or
//! fresh ones that go with the run.

use std::path::PathBuf;
use std::process::Command;

use super::{Record, SITES_DEFAULT, default_folder, handover, have, no_engine};

/// See the module. What was started for it is stopped when it is dropped.
pub struct TestSites {
    /// What the programs are told that are to find them; nothing where the environment says it already.
    environment: Vec<(String, String)>,
    /// Where those lie that were started for this run.
    started: Option<PathBuf>,
    missing: Option<String>,
}

impl TestSites {
    /// None, for what needs none.
    pub fn none() -> Self {
        Self { environment: Vec::new(), started: None, missing: None }
    }

    /// Those that are there, or can be started.
    ///
    /// # Errors
    /// What runs them does not start.
    pub fn at_hand() -> anyhow::Result<Self> {
        if std::env::var_os(handover::SITES).is_some() {
            return Ok(Self::none());
        }
        let folder = default_folder()?;
        let Some(running) = have(&folder, SITES_DEFAULT)? else {
            let mut sites = Self::none();
            sites.missing = Some(no_engine());
            return Ok(sites);
        };
        let mut sites = Self::none();
        sites.started = running.started.then(|| folder.clone());
        sites.environment = handover::read_environment(&folder)?;
        Ok(sites)
    }

    /// Why there are none, where some were wanted.
    pub fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }

    /// Tells a program that is about to start how to find them.
    pub fn tell(&self, command: &mut Command) {
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
    }

    /// Stops those that were started for this run.
    ///
    /// # Errors
    /// They do not stop, or their folder cannot be removed.
    pub fn give_back(mut self) -> anyhow::Result<()> {
        self.stop()
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        let Some(folder) = self.started.take() else { return Ok(()) };
        match Record::read(&folder)? {
            Some(record) => record.discard(&folder),
            None => Ok(()),
        }
    }
}

impl Drop for TestSites {
    fn drop(&mut self) {
        if let Err(reason) = self.stop() {
            eprintln!("The T-SQL sites of this run do not stop: {reason:#}");
        }
    }
}
