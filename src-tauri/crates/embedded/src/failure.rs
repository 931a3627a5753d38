//! What can go wrong inside a call, before it becomes a [`SiteError`].

use lienthu_port::error::{Obstacle, SiteError};
use lienthu_sqlite::{Fault, rusqlite};

/// An answer of the site's own, or a fault of its file.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What the port says.
    Said(SiteError),
    /// What SQLite says.
    Fault(Fault),
}

impl Failure {
    /// Whether trying one event at a time can help: something about a row was wrong, as opposed to the
    /// lock, the disk or the file, which are never an event's fault.
    pub(crate) const fn may_be_one_event(&self) -> bool {
        matches!(self, Self::Fault(Fault::Constraint(_) | Fault::Unexpected(_)))
    }
}

impl From<SiteError> for Failure {
    fn from(error: SiteError) -> Self {
        Self::Said(error)
    }
}

impl From<Obstacle> for Failure {
    fn from(obstacle: Obstacle) -> Self {
        Self::Said(SiteError::Obstructed { obstacle })
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

impl From<Failure> for SiteError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Said(error) => error,
            Failure::Fault(fault) => match fault {
                Fault::WrongKey => Self::Damaged { detail: "the file is no database".to_owned() },
                Fault::Damaged => Self::Damaged { detail: fault.to_string() },
                Fault::Locked => Self::Busy,
                Fault::Full => Self::Full,
                Fault::Inaccessible(detail) => Self::Unreachable { detail },
                Fault::TooNew { ours, theirs } => Self::VersionMismatch { ours, theirs },
                Fault::Constraint(detail) | Fault::Unexpected(detail) => {
                    Self::Unexpected { detail }
                }
            },
        }
    }
}
