//! The account that a PostgreSQL server runs as: it refuses to run as root, which is what one often is
//! in a container or on a build machine.

use std::path::Path;
use std::process::Command;

use anyhow::bail;
use serde::{Deserialize, Serialize};

use crate::process;

/// Accounts without rights that Linux systems have, the most fitting first.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Another account than ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    uid: u32,
    gid: u32,
}

/// `None` where our own account will do.
pub fn to_run_servers() -> anyhow::Result<Option<Account>> {
    if id(&["-u"]) != Some(0) {
        return Ok(None);
    }
    for name in UNPRIVILEGED {
        if let (Some(uid), Some(gid)) = (id(&["-u", name]), id(&["-g", name])) {
            return Ok(Some(Account { uid, gid }));
        }
    }
    bail!(
        "PostgreSQL refuses to run as root, and this system has none of the accounts {} to run it as",
        UNPRIVILEGED.join(", ")
    );
}

fn id(arguments: &[&str]) -> Option<u32> {
    process::capture(Command::new("id").args(arguments)).ok()?.trim().parse().ok()
}

impl Account {
    /// Makes this account the owner of a file or folder.
    #[cfg(unix)]
    pub fn own(self, path: &Path) -> std::io::Result<()> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
    }

    /// Has this account run the command.
    #[cfg(unix)]
    pub fn runs(self, command: &mut Command) {
        use std::os::unix::process::CommandExt as _;
        command.uid(self.uid).gid(self.gid);
    }

    // Root is a matter of Unix: elsewhere `to_run_servers` never hands one out.
    #[cfg(not(unix))]
    pub fn own(self, _: &Path) -> std::io::Result<()> {
        Ok(())
    }

    #[cfg(not(unix))]
    pub fn runs(self, _: &mut Command) {}
}
