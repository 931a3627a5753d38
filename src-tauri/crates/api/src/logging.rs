//! The log: JSON lines in the desk's folder, a file a day, the latest kept. Nothing personal goes in:
//! no names, no cards, no barcodes, no passwords; events appear by id.

use std::path::Path;

use tracing_appender::rolling::{Builder, InitError, Rotation};
use tracing_subscriber::EnvFilter;

/// Log files that are kept, one a day.
pub const FILES_KEPT: usize = 14;

/// Starts logging to `folder/log/`. `LIENTHU_LOG` sets the filter, such as `lienthu_desk=debug`.
///
/// # Errors
/// When the folder cannot be written.
pub fn start(folder: &Path) -> Result<(), InitError> {
    let file = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("lienthu")
        .filename_suffix("jsonl")
        .max_log_files(FILES_KEPT)
        .build(folder.join("log"))?;
    let filter = EnvFilter::try_from_env("LIENTHU_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start in one process (tests) keeps the first log: nothing is lost by that.
    let _ = tracing_subscriber::fmt()
        .json()
        .with_current_span(true)
        .with_writer(std::sync::Mutex::new(file))
        .with_env_filter(filter)
        .try_init();
    Ok(())
}
