//! Bringing a database to the version that this program needs: versioned schema steps, each once, and
//! functions, procedures, triggers and roles again whenever their text has changed. What was done is
//! written down batch by batch in the same transaction, so that whoever comes after a crash goes on
//! where it stopped.

mod adoption;
mod babelfish;
mod message;
mod runner;
mod script;
mod splitter;

pub use adoption::{
    Adoption, Changed, Contradiction, ContradictionKind, EXAMPLES_MAX, Figures, Grant, GrantChoice,
};
pub use runner::{Founding, MigrateError, Migrated, adopt, founded_as, migrate, plan};
pub use script::{Kind, Script, scripts};
pub use splitter::batches;

/// The version of everything in `sql/site`. Raised with every change there that an older program must not
/// undo.
pub const SITE_VERSION: u32 = 1;
