//! Reading the network file, and putting another in its place: whole or not at all, and never over what
//! someone else wrote meanwhile.

use std::fs::{File, Permissions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use lienthu_domain::ids::BranchCode;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{FILE_BYTES_MAX, Network, NetworkError, SiteEntry, TEMPLATE, edit};

/// Put behind the file's name, it names the one backup: the file as it was before the last change.
pub const BACKUP_EXTENSION: &str = "bak";

/// A network file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkFile {
    path: PathBuf,
    text: String,
}

impl NetworkFile {
    /// Reads the file.
    ///
    /// # Errors
    /// `Missing`, `Unreadable`, `TooLarge`.
    pub fn read(path: &Path) -> Result<Self, NetworkError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => NetworkError::Missing,
            _ => unreadable(&error),
        })?;
        let mut text = String::new();
        let limit = FILE_BYTES_MAX + 1;
        let size = (&file).take(limit).read_to_string(&mut text).map_err(|e| unreadable(&e));
        // A letter can be cut at the limit, which would hide that the file is too large.
        if file.metadata().map_err(|e| unreadable(&e))?.len() > FILE_BYTES_MAX
            || u64::try_from(size?).is_ok_and(|size| size > FILE_BYTES_MAX)
        {
            return Err(NetworkError::TooLarge);
        }
        Ok(Self { path: path.to_owned(), text })
    }

    /// What it says; paths stay as they stand.
    ///
    /// # Errors
    /// See [`Network::parse`].
    pub fn network(&self) -> Result<Network, NetworkError> {
        Network::parse(&self.text)
    }

    /// What tells it from any other: whoever changes the file names what they have looked at.
    #[must_use]
    pub fn seen(&self) -> String {
        hex::encode(Sha256::digest(&self.text))
    }

    /// Adds an entry at the end; makes the file where there was none.
    ///
    /// # Errors
    /// `ChangedMeanwhile`, `Twice`, `Wrong`, `TooMany`, `TooLarge`, `Unwritable`.
    pub fn add(path: &Path, seen: Option<&str>, entry: &SiteEntry) -> Result<(), NetworkError> {
        entry.check()?;
        match seen {
            Some(seen) => Self::current(path, seen)?.replace(|text| edit::add(text, entry)),
            None => make(path, &edit::add("", entry)?).map_err(|error| match error {
                NetworkError::Exists => NetworkError::ChangedMeanwhile,
                error => error,
            }),
        }
    }

    /// Changes the entry of a branch.
    ///
    /// # Errors
    /// `ChangedMeanwhile`, `Unknown`, `Wrong`, `TooLarge`, `Unwritable`.
    pub fn change(path: &Path, seen: &str, entry: &SiteEntry) -> Result<(), NetworkError> {
        entry.check()?;
        Self::current(path, seen)?.replace(|text| edit::change(text, entry))
    }

    /// Takes the entry of a branch out. The last one stays: a file without any is a mistake.
    ///
    /// # Errors
    /// `ChangedMeanwhile`, `Unknown`, `Wrong`, `Empty`, `Unwritable`.
    pub fn remove(path: &Path, seen: &str, code: &BranchCode) -> Result<(), NetworkError> {
        Self::current(path, seen)?.replace(|text| edit::remove(text, code))
    }

    /// Makes a file from the template.
    ///
    /// # Errors
    /// `Exists`, `Unwritable`.
    pub fn from_template(path: &Path) -> Result<(), NetworkError> {
        make(path, TEMPLATE)
    }

    fn current(path: &Path, seen: &str) -> Result<Self, NetworkError> {
        let file = Self::read(path)?;
        if file.seen() == seen { Ok(file) } else { Err(NetworkError::ChangedMeanwhile) }
    }

    /// Two programs that write in the same instant can still overtake each other here; the backup then
    /// holds what was lost.
    fn replace(
        &self,
        edit: impl FnOnce(&str) -> Result<String, NetworkError>,
    ) -> Result<(), NetworkError> {
        let text = edit(&self.text)?;
        check(&text)?;
        // A link stays one: what it leads to is replaced.
        let path = std::fs::canonicalize(&self.path).map_err(|e| unwritable(&e))?;
        let rights = std::fs::metadata(&path).map_err(|e| unwritable(&e))?.permissions();
        let backup = backup_of(&path);
        written(&backup, self.text.as_bytes(), Some(rights.clone()))?
            .persist(&backup)
            .map_err(|e| unwritable(&e.error))?;
        written(&path, text.as_bytes(), Some(rights))?
            .persist(&path)
            .map_err(|e| unwritable(&e.error))?;
        settle(&path)
    }
}

/// Puts a server's certificate, in DER, beside the network file, to be pinned. Its name tells it from every
/// other, so that none that is pinned already is written over.
///
/// # Errors
/// `Unwritable`.
pub(crate) fn put_certificate(
    network: &Path,
    branch: &BranchCode,
    der: &[u8],
) -> Result<String, NetworkError> {
    const DIGITS: usize = 16;
    let begins = branch.as_str().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let digest = hex::encode(Sha256::digest(der));
    let name = format!("{}-{}.cer", begins.to_lowercase(), &digest[..DIGITS]);
    if let Some(folder) = network.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        crate::folders::make_private(folder).map_err(|e| unwritable(&e))?;
    }
    let path = network.with_file_name(&name);
    written(&path, der, None)?.persist(&path).map_err(|e| unwritable(&e.error))?;
    settle(&path)?;
    Ok(name)
}

fn backup_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(BACKUP_EXTENSION);
    name.into()
}

/// Makes a file that was not there; only this account can read it.
fn make(path: &Path, text: &str) -> Result<(), NetworkError> {
    check(text)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        crate::folders::make_private(folder).map_err(|e| unwritable(&e))?;
    }
    written(path, text.as_bytes(), None)?.persist_noclobber(path).map_err(|e| {
        match e.error.kind() {
            ErrorKind::AlreadyExists => NetworkError::Exists,
            _ => unwritable(&e.error),
        }
    })?;
    settle(path)
}

fn check(text: &str) -> Result<(), NetworkError> {
    if u64::try_from(text.len()).is_ok_and(|size| size > FILE_BYTES_MAX) {
        return Err(NetworkError::TooLarge);
    }
    Network::parse(text).map(drop)
}

/// A file beside `path` with this in it, on the disk. Without `rights` only this account can read it.
fn written(
    path: &Path,
    bytes: &[u8],
    rights: Option<Permissions>,
) -> Result<NamedTempFile, NetworkError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let write = || {
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        if let Some(rights) = rights {
            file.as_file().set_permissions(rights)?;
        }
        file.as_file().sync_all()?;
        Ok(file)
    };
    write().map_err(|e: std::io::Error| unwritable(&e))
}

/// Makes a new name last through a power cut, where the system has a way to.
fn settle(path: &Path) -> Result<(), NetworkError> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(|e| unwritable(&e))?;
        folder.sync_all().map_err(|e| unwritable(&e))?;
    }
    Ok(())
}

fn unreadable(error: &std::io::Error) -> NetworkError {
    NetworkError::Unreadable(error.to_string())
}

fn unwritable(error: &std::io::Error) -> NetworkError {
    NetworkError::Unwritable(error.to_string())
}

#[cfg(test)]
mod tests;
