//! Folders for proofs with thousands of commits, none of which has to survive anything.

use std::io;
use std::path::Path;

use tempfile::TempDir;

/// Where Linux keeps a file system in memory.
const IN_MEMORY: &str = "/dev/shm";

/// A folder in memory where the system has one, else on the disk.
///
/// # Errors
/// What the file system says.
pub fn fast() -> io::Result<TempDir> {
    let in_memory = Path::new(IN_MEMORY);
    if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() }
}
