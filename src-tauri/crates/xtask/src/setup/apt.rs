//! The system's packages on Debian and Ubuntu.

use std::process::Command;

use anyhow::{Context as _, bail};

use super::Need;
use crate::process;

/// To build what lies below the window: a C compiler for SQLCipher, and the libcrypto that it uses.
const CORE: &[&str] = &["build-essential", "pkg-config", "libssl-dev"];

/// To build the window: WebKit and what Tauri asks for beside it.
const WINDOW: &[&str] = &[
    "libwebkit2gtk-4.1-dev",
    "libsoup-3.0-dev",
    "librsvg2-dev",
    "libayatana-appindicator3-dev",
    "libxdo-dev",
    "file",
    "patchelf",
];

/// To test in the real window on a machine without a screen, and to check the T-SQL with sqlfluff.
const TESTS: &[&str] = &[
    "python3-venv",
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "dbus",
    "dbus-x11",
    "imagemagick",
    "x11-utils",
    "xdotool",
    "fonts-dejavu-core",
];

/// How long apt-get waits for another one that holds its lock.
const LOCK_WAIT_S_MAX: u32 = 300;

/// The packages that `need` asks for.
pub fn wanted(need: Need) -> Vec<&'static str> {
    let mut packages = CORE.to_vec();
    if need >= Need::Window {
        packages.extend(WINDOW);
    }
    if need >= Need::Tests {
        packages.extend(TESTS);
    }
    packages
}

/// Installs what is missing, as root or with a sudo that asks for no password.
///
/// # Errors
/// Without that right: the command to type.
pub fn ensure(need: Need) -> anyhow::Result<()> {
    let missing = missing(need)?;
    if missing.is_empty() {
        return Ok(());
    }
    let Some(privilege) = Privilege::here() else {
        bail!(
            "these system packages are missing, and installing them needs a password; type:\n  \
             sudo apt-get update && sudo apt-get install -y {}",
            missing.join(" ")
        );
    };
    eprintln!("Installing {} system packages: {}", missing.len(), missing.join(" "));
    // A bare machine has no package lists at all; elsewhere one dead third-party list must not stop us.
    if let Err(reason) = process::run(privilege.apt_get().arg("update")) {
        eprintln!("warning: {reason:#}; going on with the lists that are there");
    }
    process::run(privilege.apt_get().arg("install").arg("-y").args(&missing))
        .context("not all system packages could be installed; see apt-get's message above")
}

fn missing(need: Need) -> anyhow::Result<Vec<&'static str>> {
    let wanted = wanted(need);
    // It fails when it has never heard of one of the packages, and still lists the others.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(&wanted)
        .output()
        .context("dpkg-query does not start")?;
    Ok(not_installed(&wanted, &String::from_utf8_lossy(&output.stdout)))
}

/// Those of `wanted` that `listing`, lines of "package status", does not show as installed.
fn not_installed<'a>(wanted: &[&'a str], listing: &str) -> Vec<&'a str> {
    let installed: Vec<&str> =
        listing.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    wanted.iter().copied().filter(|package| !installed.contains(package)).collect()
}

/// By which right packages can be installed without asking anybody.
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn here() -> Option<Self> {
        if process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
            Some(Self::Root)
        } else if process::succeeds(Command::new("sudo").args(["-n", "true"])) {
            Some(Self::Sudo)
        } else {
            None
        }
    }

    fn apt_get(&self) -> Command {
        let mut command = match self {
            Self::Root => Command::new("env"),
            Self::Sudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["-n", "env"]);
                sudo
            }
        };
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
        command.args(["-o", "Dpkg::Use-Pty=0"]);
        command.arg("-o").arg(format!("DPkg::Lock::Timeout={LOCK_WAIT_S_MAX}"));
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_counts_only_when_it_is_installed() {
        let listing = "file installed\nxvfb config-files\npatchelf not-installed\n";
        let wanted = ["file", "xvfb", "patchelf", "xauth"];
        assert_eq!(not_installed(&wanted, listing), ["xvfb", "patchelf", "xauth"]);
    }

    #[test]
    fn what_lies_below_the_window_needs_no_user_interface_library() {
        let core = wanted(Need::Core);
        assert!(core.iter().all(|package| !package.contains("webkit") && !package.contains("gtk")));
        assert!(wanted(Need::Window).starts_with(&core));
    }
}
