//! Full disks: a small file system in memory that is filled to the last block.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use lienthu_desk::error::DeskError;
use lienthu_port::error::StoreError;
use tempfile::TempDir;

use super::scene::Scene;
use crate::kit::findings::Findings;
use crate::kit::rng::Rng;

/// Room on the small disk.
const DISK_MIB: u32 = 24;
/// Scans until the disk must be full for a desk: what SQLite has room for in its log already.
const SCANS_MAX: usize = 20_000;

/// A file system of its own, unmounted when it is dropped.
struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts one, where the system lets this program.
    fn mount(folder: &Path) -> anyhow::Result<Option<Self>> {
        let at = folder.join("small-disk");
        fs::create_dir(&at)?;
        let size = format!("size={DISK_MIB}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&at).output();
        Ok(mounted.is_ok_and(|output| output.status.success()).then_some(Self { at }))
    }

    /// Fills it to the last block.
    fn fill(&self) -> anyhow::Result<PathBuf> {
        let path = self.at.join("filler");
        let mut file = File::create(&path)?;
        let mut size = 1 << 20;
        while size > 0 {
            match file.write(&vec![0; size]) {
                Ok(written) if written > 0 => {}
                _ => size /= 2,
            }
        }
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a file that is still open must not keep it there.
        if let Err(error) = Command::new("umount").arg("-l").arg(&self.at).status() {
            eprintln!("{} stays mounted: {error}", self.at.display());
        }
    }
}

const NO_MOUNT: &str = "this account may not mount a small disk";

/// A scan that finds no room is said so, what was acknowledged stays, and scans go in again when there
/// is room.
pub async fn desk(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let Some(disk) = SmallDisk::mount(folder.path())? else {
        findings.skip("a desk's disk is full", NO_MOUNT);
        return Ok(());
    };
    let (desk, site) = (disk.at.join("desk"), folder.path().join("q1.db"));
    let mut scene = Scene::set_in(rng, TempDir::new()?, desk, site).await?;
    let station = scene.open(rng).await?;
    station.faults.set_down(true);
    station.desk.contact().await.ok();
    let filler = disk.fill()?;
    let mut refused = None;
    for n in 0..SCANS_MAX {
        match scene.lend(rng, &station, n).await {
            Ok(event) => scene.waiting.push(event),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let is_named = refused.as_ref().is_some_and(|error| {
        matches!(error.downcast_ref::<DeskError>(), Some(DeskError::Store(StoreError::Full)))
    });
    findings.check("a full disk is said to be full", is_named, || format!("{refused:?}"));
    for id in &scene.waiting {
        let kept = station.outbox.get(*id).await;
        let is_there = matches!(kept, Ok(Some(_)));
        findings.check("what was acknowledged is on the full disk", is_there, || {
            format!("{id}: {kept:?}")
        });
    }
    fs::remove_file(filler)?;
    let scanned = scene.lend(rng, &station, 1).await;
    findings.check("with room again, scans go in", scanned.is_ok(), || format!("{scanned:?}"));
    scene.waiting.extend(scanned.ok());
    drop(station);
    let drained = scene.drains(rng).await;
    findings.check("a disk that was full drains", drained.is_ok(), || format!("{drained:?}"));
    Ok(())
}

/// A site without room takes nothing; the desk goes on alone, and what waited goes in later.
pub async fn site(rng: &mut Rng, findings: &mut Findings) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let Some(disk) = SmallDisk::mount(folder.path())? else {
        findings.skip("a site's disk is full", NO_MOUNT);
        return Ok(());
    };
    let (desk, site) = (folder.path().join("desk"), disk.at.join("q1.db"));
    let mut scene = Scene::set_in(rng, TempDir::new()?, desk, site).await?;
    let station = scene.open(rng).await?;
    station.settle().await?;
    let filler = disk.fill()?;
    let mut trouble = None;
    for n in 0..SCANS_MAX {
        // Whatever the site says, the librarian lends on.
        let scanned = scene.lend(rng, &station, n).await;
        findings
            .check("scans go on beside a full site", scanned.is_ok(), || format!("{scanned:?}"));
        scene.waiting.extend(scanned.ok());
        station.desk.contact().await.ok();
        trouble = station.desk.status().await?.trouble;
        if trouble.is_some() {
            break;
        }
    }
    let code = trouble.map(|t| t.code);
    let is_named = code.as_deref() == Some("site_full");
    findings.check("a full site is said to be full", is_named, || format!("{code:?}"));
    fs::remove_file(filler)?;
    drop(station);
    let drained = scene.drains(rng).await;
    findings.check("with room again, the site takes it all", drained.is_ok(), || {
        format!("{drained:?}")
    });
    Ok(())
}
