//! `setup`: makes a bare machine ready, and does nothing, quickly, on a ready one.

mod apt;
mod node;
mod sqlfluff;
mod toolchain;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::process;

/// What a command is about to do; each includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Build and run what lies below the window: no user-interface library, no Node.
    Core,
    /// Build the window too.
    Window,
    /// Check everything, in the real window where there is no screen.
    Tests,
}

/// Makes the machine ready for everything.
pub fn run() -> anyhow::Result<ExitCode> {
    ensure(Need::Tests)?;
    sql_linter()?;
    eprintln!("Everything is there.");
    Ok(ExitCode::SUCCESS)
}

/// Makes the machine and the front end's packages ready for `need`.
///
/// # Errors
/// What is missing and cannot be installed from here, with what to type.
pub fn ensure(need: Need) -> anyhow::Result<()> {
    machine(need)?;
    if need >= Need::Window {
        front_end()?;
    }
    Ok(())
}

/// The part of [`ensure`] that is about the machine and not about this repository.
pub fn machine(need: Need) -> anyhow::Result<()> {
    system_libraries(need)?;
    if need >= Need::Tests {
        toolchain::ensure()?;
    }
    if need >= Need::Window {
        node::check()?;
    }
    Ok(())
}

/// Brings the front end's packages to what its lock file says.
pub fn front_end() -> anyhow::Result<()> {
    node::install_packages()
}

/// What checks the T-SQL, installed where it was missing.
pub fn sql_linter() -> anyhow::Result<PathBuf> {
    sqlfluff::ensure()
}

fn system_libraries(need: Need) -> anyhow::Result<()> {
    match std::env::consts::OS {
        "linux" if process::on_path("dpkg-query") => apt::ensure(need),
        "linux" => {
            eprintln!(
                "This is no Debian or Ubuntu: what is needed here cannot be checked. On Debian it is\n  {}",
                apt::wanted(need).join(" ")
            );
            Ok(())
        }
        "macos" => {
            if !process::succeeds(Command::new("xcode-select").arg("-p")) {
                anyhow::bail!(
                    "the command line tools of Xcode are missing; type: xcode-select --install"
                );
            }
            Ok(())
        }
        "windows" => {
            if need >= Need::Window && !has_webview2() {
                eprintln!(
                    "The WebView2 runtime was not found. Windows 11 brings it; for Windows 10 \
                     Microsoft offers it as \"WebView2 Runtime, Evergreen Bootstrapper\"."
                );
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether the runtime that shows the window on Windows is registered, for the machine or the user.
fn has_webview2() -> bool {
    const CLIENT: &str = r"Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
    [r"HKLM\SOFTWARE\WOW6432Node", r"HKLM\SOFTWARE", r"HKCU\Software"].iter().any(|hive| {
        let key = format!(r"{hive}\{CLIENT}");
        process::succeeds(Command::new("reg").args(["query", key.as_str(), "/v", "pv"]))
    })
}
