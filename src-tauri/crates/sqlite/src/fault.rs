//! What went wrong in SQLite, classified once for everyone who opens a file here.

use rusqlite::ErrorCode;
use thiserror::Error;

/// What went wrong. Those who open files turn it into their own port's error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Encrypted with another key, or no database.
    #[error("the file is encrypted with another key, or is no database")]
    WrongKey,
    /// Pages that do not decrypt, or do not hang together.
    #[error("the file is damaged")]
    Damaged,
    /// Another connection kept its lock for longer than [`crate::BUSY_TIMEOUT_MS`].
    #[error("the file is locked by another program")]
    Locked,
    /// No room on the disk, or beyond the file's quota. Nothing of the transaction happened.
    #[error("the disk is full")]
    Full,
    /// The operating system refuses the file or its folder.
    #[error("the file cannot be read or written: {0}")]
    Inaccessible(String),
    /// A newer program has changed the schema.
    #[error("the file has schema {theirs}, this program knows {ours}")]
    TooNew {
        /// The last step that this program knows.
        ours: u32,
        /// The file's.
        theirs: u32,
    },
    /// A constraint said no: two callers did what only one may, or a mistake of ours.
    #[error("a constraint was broken: {0}")]
    Constraint(String),
    /// Anything else: a mistake of ours. The words name tables and columns, never values.
    #[error("{0}")]
    Unexpected(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        if is_not_as_written(&error) {
            tracing::error!(%error, "a file does not hold what was written to it");
            return Self::Damaged;
        }
        let Some(code) = error.sqlite_error_code() else {
            return Self::Unexpected(error.to_string());
        };
        match code {
            ErrorCode::NotADatabase => Self::WrongKey,
            ErrorCode::DatabaseCorrupt => Self::Damaged,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Locked,
            ErrorCode::DiskFull => Self::Full,
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly => {
                Self::Inaccessible(error.to_string())
            }
            ErrorCode::SystemIoFailure => Self::of_io(&error),
            ErrorCode::ConstraintViolation => Self::Constraint(error.to_string()),
            _ => Self::Unexpected(error.to_string()),
        }
    }
}

/// Whether a file holds another schema or other values than were written to it. Every statement here is
/// ours and has been tried: where one does not prepare, or a value does not read, a page was changed in
/// a way that SQLite cannot tell.
const fn is_not_as_written(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    matches!(
        error,
        Error::SqlInputError { .. }
            | Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..)
    )
}

impl Fault {
    /// SQLite says `SQLITE_FULL` for a short write, but only `SQLITE_IOERR` where the system refuses to
    /// grow the log's index or the quota of a user ends.
    fn of_io(error: &rusqlite::Error) -> Self {
        use rusqlite::ffi;
        let extended = error.sqlite_error().map_or(0, |e| e.extended_code);
        match extended {
            ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_TRUNCATE => {
                Self::Full
            }
            ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS => Self::Damaged,
            _ => Self::Inaccessible(error.to_string()),
        }
    }
}
