//! The log: JSON lines in the desk's folder, a file a day, the latest kept. Nothing personal goes in:
//! no names, no cards, no barcodes, no passwords; events appear by id.

use std::path::Path;

use tracing_appender::rolling::{Builder, InitError, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Log files that are kept, one a day.
pub const FILES_KEPT: usize = 14;
/// What whoever looks on is shown.
const ALOUD: &str = "info,lienthu=debug";

/// Starts logging to `folder/log/`. `LIENTHU_LOG` sets the filter, such as `lienthu_desk=debug`.
///
/// # Errors
/// When the folder cannot be written.
pub fn start(folder: &Path) -> Result<(), InitError> {
    begin(folder, false)
}

/// [`start`], and on stderr as well, for whoever looks on.
///
/// # Errors
/// When the folder cannot be written.
pub fn start_aloud(folder: &Path) -> Result<(), InitError> {
    begin(folder, true)
}

fn begin(folder: &Path, aloud: bool) -> Result<(), InitError> {
    let folder = folder.join("log");
    // The builder would make it too, and complain on stderr that it was not there.
    crate::folders::make_private(&folder).ok();
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("lienthu")
        .filename_suffix("jsonl")
        .max_log_files(FILES_KEPT)
        .build(folder)?;
    let filter = EnvFilter::try_from_env("LIENTHU_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let written = fmt::layer()
        .json()
        .with_current_span(true)
        .with_writer(std::sync::Mutex::new(file))
        .with_filter(filter);
    let shown =
        aloud.then(|| fmt::layer().with_writer(std::io::stderr).with_filter(EnvFilter::new(ALOUD)));
    // A second start in one process (tests) keeps the first log: nothing is lost by that.
    let _ = tracing_subscriber::registry().with(written).with(shown).try_init();
    Ok(())
}
