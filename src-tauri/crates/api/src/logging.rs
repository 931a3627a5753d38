//! The log: JSON lines in the desk's folder, a file a day, the latest kept. Nothing personal goes in:
//! no names, no cards, no barcodes, no passwords; events appear by id.

use std::path::Path;

use tracing::{Metadata, Subscriber};
use tracing_appender::rolling::{Builder, InitError, Rotation};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// Log files that are kept, one a day.
pub const FILES_KEPT: usize = 14;
/// What whoever looks on is shown.
const ALOUD: &str = "info,lienthu=debug";
/// Libraries whose lines are never written, whatever the filter says. The driver writes login names and
/// the words of the server's errors, which can hold a patron's data; and it warns of a line without TLS,
/// because it does not see the TLS below it.
const UNHEARD: [&str; 1] = ["tiberius"];

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
    // A second start in one process (tests) keeps the first log: nothing is lost by that.
    let _ = written(std::sync::Mutex::new(file), filter, aloud).try_init();
    Ok(())
}

fn written<W>(file: W, filter: EnvFilter, aloud: bool) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let written = fmt::layer().json().with_current_span(true).with_writer(file).with_filter(filter);
    let shown =
        aloud.then(|| fmt::layer().with_writer(std::io::stderr).with_filter(EnvFilter::new(ALOUD)));
    tracing_subscriber::registry().with(filter_fn(is_heard)).with(written).with(shown)
}

fn is_heard(line: &Metadata<'_>) -> bool {
    let library = line.target().split("::").next();
    library.is_none_or(|library| !UNHEARD.contains(&library))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_drivers_lines_are_not_written_even_where_everything_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let writer: Arc<File> = Arc::new(file.reopen().unwrap());
        let log = written(writer, EnvFilter::new("trace"), false);
        tracing::subscriber::with_default(log, || {
            tracing::error!(target: "tiberius::client::connection", "Login failed for user 'lan'");
            tracing::info!(target: "tiberius", "Nguyen Van A");
            tracing::trace!("a line of ours");
        });
        let lines = std::fs::read_to_string(file.path()).unwrap();
        assert!(lines.contains("a line of ours"), "{lines}");
        assert_eq!(lines.lines().count(), 1, "{lines}");
    }
}
