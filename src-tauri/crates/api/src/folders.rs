//! Where a desk keeps its things, for the window and the command line alike.

use std::path::{Path, PathBuf};

/// The app's identifier, of which operating systems make folder names.
pub const IDENTIFIER: &str = "vn.lienthu.desk";
/// The network file's name in the desk's folder.
pub const NETWORK_FILE: &str = "network.toml";

/// The desk's folder for this account: on Linux `~/.local/share/vn.lienthu.desk`, on macOS
/// `~/Library/Application Support/vn.lienthu.desk`, on Windows `%LOCALAPPDATA%\vn.lienthu.desk`. Nothing
/// where the account has no home.
#[must_use]
pub fn desk_folder() -> Option<PathBuf> {
    Some(dirs::data_local_dir()?.join(IDENTIFIER))
}

/// Makes a folder that only this account can look into; one that is there stays as it is.
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
