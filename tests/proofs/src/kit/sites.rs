//! Sites for the proofs that need nothing but the port, of every kind that this machine can have.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_port::lookup::PatronChange;
use lienthu_port::site::Site;
use tempfile::TempDir;

use super::branch::{Branch, copy_details, patron_file};
use super::clock::VirtualTime;

/// A kind of site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The embedded site.
    Embedded,
}

/// A site with a librarian signed in, a title, and neither books nor readers. Gone when it is dropped.
pub struct Fresh {
    /// The librarian's connection.
    pub site: Arc<dyn Site>,
    _branch: Branch,
    _folder: TempDir,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
        })
    }
}

impl Kind {
    /// A new site of this kind.
    ///
    /// # Errors
    /// What the site says.
    pub async fn fresh(self) -> anyhow::Result<Fresh> {
        match self {
            Self::Embedded => {
                let folder = fast_folder()?;
                let time = VirtualTime::new();
                let path = folder.path().join("site.db");
                let branch = Branch::found(&path, time.site_clock(), 0, 0).await?;
                Ok(Fresh { site: branch.librarian().await?, _branch: branch, _folder: folder })
            }
        }
    }
}

/// Every kind that this machine can have.
pub fn available() -> Vec<Kind> {
    vec![Kind::Embedded]
}

/// Enters books and readers.
///
/// # Errors
/// What the site says.
pub async fn enter(
    site: &dyn Site,
    copies: &[Barcode],
    patrons: &[PatronCode],
) -> anyhow::Result<()> {
    for code in patrons {
        let patron = patron_file(code.clone());
        site.put_patron(&PatronChange { patron, seen: None }).await?;
    }
    if !copies.is_empty() {
        let details: Vec<_> = copies.iter().cloned().map(copy_details).collect();
        site.add_copies(&details).await?;
    }
    Ok(())
}

/// A folder in memory where the system has one: for proofs with thousands of commits, none of which has
/// to survive anything.
fn fast_folder() -> anyhow::Result<TempDir> {
    let in_memory: PathBuf = Path::new("/dev/shm").to_owned();
    Ok(if in_memory.is_dir() { tempfile::tempdir_in(in_memory)? } else { tempfile::tempdir()? })
}
