//! The line to a site, which can be cut to try what happens then. Whether it is cut is a file beside
//! the database, so that every program that uses the site sees the same.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The line to the site in a file. While it is cut, the site cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    switch: PathBuf,
}

impl Line {
    /// The line to the site whose database is `path`; its switch is the file `path` with `.cut` after it.
    #[must_use]
    pub fn to(path: &Path) -> Self {
        let mut switch = path.as_os_str().to_owned();
        switch.push(".cut");
        Self { switch: switch.into() }
    }

    /// Cuts it. Cutting twice is cutting once.
    ///
    /// # Errors
    /// What the file system says.
    pub fn cut(&self) -> io::Result<()> {
        fs::write(&self.switch, b"")
    }

    /// Restores it. Restoring a whole line does nothing.
    ///
    /// # Errors
    /// What the file system says.
    pub fn restore(&self) -> io::Result<()> {
        match fs::remove_file(&self.switch) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether it is cut.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.switch.exists()
    }
}
