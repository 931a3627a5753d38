//! `bundle`: this system's installer, by the Tauri command line, and a look into it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

use crate::setup::{self, Need};
use crate::{process, ui, workspace};

/// What a deb must hold for the app to start and to be found: how a path begins and ends.
const DEB_FILES: [(&str, &str); 4] = [
    ("usr/bin/", "lienthu"),
    ("usr/share/applications/", ".desktop"),
    ("usr/share/icons/hicolor/32x32/apps/", "lienthu.png"),
    ("usr/share/icons/hicolor/128x128/apps/", "lienthu.png"),
];

/// Mode, owner, size, date and time: what `dpkg-deb --contents` prints before a path.
const COLUMNS_BEFORE_PATH: usize = 5;

/// Builds the installer, prints where it lies and how large it is, and looks into it where it can.
pub fn run() -> anyhow::Result<ExitCode> {
    let kind = kind_here()?;
    setup::ensure(Need::Window)?;
    // Not through npx, which is a script that Windows starts differently. The package is named because
    // the workspace builds only the crates below the window unless told otherwise.
    process::run(
        Command::new("node")
            .arg(ui::folder().join("node_modules/@tauri-apps/cli/tauri.js"))
            .args(["build", "--ci", "--bundles", kind, "--", "--locked", "--package", "lienthu"])
            .current_dir(workspace::root()),
    )?;
    let installer = newest(kind)?;
    if kind == "deb" {
        inspect_deb(&installer)?;
    }
    let size_mb = fs::metadata(&installer)?.len() as f64 / 1e6;
    println!("{} ({size_mb:.1} MB)", installer.display());
    Ok(ExitCode::SUCCESS)
}

fn kind_here() -> anyhow::Result<&'static str> {
    match std::env::consts::OS {
        "linux" => Ok("deb"),
        "macos" => Ok("dmg"),
        "windows" => Ok("msi"),
        other => {
            bail!("there is no installer for {other}; there is one for Linux, macOS and Windows")
        }
    }
}

/// The installer that was just made: older versions may lie beside it.
fn newest(kind: &str) -> anyhow::Result<PathBuf> {
    let folder = workspace::metadata()?.target_directory.join("release/bundle").join(kind);
    let mut found = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("{} is missing", folder.display()))?
    {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind) {
            let made = fs::metadata(&path)?.modified()?;
            found.push((made, path));
        }
    }
    found
        .into_iter()
        .max()
        .map(|(_, path)| path)
        .with_context(|| format!("the Tauri command line left no .{kind} in {}", folder.display()))
}

/// Fails when the package's name is one that dpkg refuses, or a file is missing in it.
fn inspect_deb(deb: &Path) -> anyhow::Result<()> {
    let field = |name: &str| -> anyhow::Result<String> {
        let text = process::capture(Command::new("dpkg-deb").arg("--field").arg(deb).arg(name))?;
        Ok(text.trim().to_owned())
    };
    let package = field("Package")?;
    if !is_package_name(&package) {
        bail!("dpkg refuses the package name {package:?}; productName in tauri.conf.json makes it");
    }
    let contents = process::capture(Command::new("dpkg-deb").arg("--contents").arg(deb))?;
    let missing = missing_files(&contents);
    if !missing.is_empty() {
        bail!("{} lacks {}", deb.display(), missing.join(", "));
    }
    println!("{package} {}: {}", field("Version")?, field("Description")?);
    println!("depends on {}", field("Depends")?);
    print!("{contents}");
    Ok(())
}

/// Debian's rule for the name of a package.
fn is_package_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c))
}

/// Those of [`DEB_FILES`] that a listing of `dpkg-deb --contents` does not name.
fn missing_files(contents: &str) -> Vec<String> {
    let paths: Vec<String> = contents
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().skip(COLUMNS_BEFORE_PATH).collect();
            words.join(" ").trim_start_matches("./").to_owned()
        })
        .collect();
    DEB_FILES
        .into_iter()
        .filter(|(begin, end)| {
            !paths.iter().any(|path| path.starts_with(begin) && path.ends_with(end))
        })
        .map(|(begin, end)| format!("{begin}…{end}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vietnamese_name_is_no_package_name() {
        assert!(is_package_name("lien-thu"));
        assert!(!is_package_name("liên-thư"));
        assert!(!is_package_name("Lien Thu"));
    }

    #[test]
    fn a_deb_without_its_icon_is_noticed() {
        let contents = "\
drwxr-xr-x 0/0               0 2026-11-22 11:44 usr/share/icons/hicolor/32x32/apps
-rwxr-xr-x 0/0         9659248 2026-11-22 11:44 usr/bin/lienthu
-rw-r--r-- 0/0             411 2026-11-22 11:44 ./usr/share/applications/Lien Thu.desktop
-rw-r--r-- 0/0            3592 2026-11-22 11:44 usr/share/icons/hicolor/128x128/apps/lienthu.png
";
        assert_eq!(missing_files(contents), ["usr/share/icons/hicolor/32x32/apps/…lienthu.png"]);
    }
}
