//! From what goes wrong in a file to the port's error: the one place.

use lienthu_port::error::StoreError;
use lienthu_sqlite::{Fault, rusqlite};

/// What goes wrong inside a call, before it is known to which file.
#[derive(Debug)]
pub(crate) enum Failure {
    /// In SQLite.
    Fault(Fault),
    /// Already in the port's words.
    Store(StoreError),
}

impl Failure {
    /// Something that should not happen.
    pub(crate) fn unexpected(detail: impl Into<String>) -> Self {
        Self::Store(StoreError::Unexpected { detail: detail.into() })
    }

    /// Whether another program holds the file for itself.
    pub(crate) const fn is_locked(&self) -> bool {
        matches!(self, Self::Fault(Fault::Locked))
    }

    /// In the port's words, for a file by its name.
    pub(crate) fn of(self, file: &str) -> StoreError {
        match self {
            Self::Fault(fault) => of_fault(fault, file),
            Self::Store(error) => error,
        }
    }
}

/// A fault of a file, in the port's words.
pub(crate) fn of_fault(fault: Fault, file: &str) -> StoreError {
    let file = file.to_owned();
    match fault {
        Fault::WrongKey => StoreError::WrongKey { file },
        Fault::Damaged => StoreError::Damaged { file },
        Fault::Locked => StoreError::Locked { file },
        Fault::Full => StoreError::Full,
        Fault::Inaccessible(detail) => StoreError::Inaccessible { file, detail },
        Fault::TooNew { ours, theirs } => StoreError::TooNew { file, ours, theirs },
        Fault::Constraint(detail) | Fault::Unexpected(detail) => StoreError::Unexpected { detail },
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What we wrote ourselves does not read. The words of serde can quote values, so they are left out.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::unexpected(format!("a stored text does not read at {line}:{column}"))
    }
}
