//! What the sites hold, compared and brought together, as it is typed.

use clap::{Args, Subcommand, ValueEnum};
use lienthu_api::replicas::FillTerms;
use lienthu_domain::action::Resource;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replica::ReplicaTable;

/// For managers.
#[derive(Debug, Subcommand)]
pub enum ReplicaCommand {
    /// Compares what the active sites hold alike, and looks who has which copy; ends with 1 where something is found
    /// and with 5 where nothing is, but a site could not be asked
    Audit,
    /// Makes rows that differ what one branch has, at all active sites or at none
    Repair {
        /// Whose rows are right; where it has none, the row goes everywhere
        #[arg(long, value_name = "BRANCH")]
        like: BranchCode,
        /// Which rows: a table and keys, as `replica audit` shows them
        #[command(flatten)]
        rows: Rows,
    },
    /// Brings the site of a branch that takes no part to what the network has; run it again to go on
    Fill {
        /// The branch: away, restored or new
        branch: BranchCode,
        /// From where the rows come [default: the first active branch]
        #[arg(long, value_name = "BRANCH")]
        from: Option<BranchCode>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        terms: TypedTerms,
    },
    /// Lets a branch that is away take part again, where its site has what all others have
    Activate {
        /// The branch
        branch: BranchCode,
    },
}

/// Rows of a table.
#[derive(Debug, Args)]
pub struct Rows {
    /// Of which table
    #[arg(value_enum)]
    table: TypedTable,
    /// Their keys: an ISBN, a branch's code, BRANCH|CATEGORY, BRANCH|DATE
    #[arg(required = true)]
    keys: Vec<String>,
}

impl Rows {
    /// What they are; the key that is none, where one is.
    ///
    /// # Errors
    /// The key that no row of the table can have.
    pub fn resources(self) -> Result<Vec<Resource>, String> {
        let table: ReplicaTable = self.table.into();
        let resource = |key: String| Resource::from_stored(table.code(), &key).ok_or(key);
        self.keys.into_iter().map(resource).collect()
    }
}

/// [`ReplicaTable`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TypedTable {
    /// Titles
    Title,
    /// Branches
    Branch,
    /// Loan policies
    Policy,
    /// Closed days
    ClosedDay,
}

impl From<TypedTable> for ReplicaTable {
    fn from(typed: TypedTable) -> Self {
        match typed {
            TypedTable::Title => Self::Title,
            TypedTable::Branch => Self::Branch,
            TypedTable::Policy => Self::Policy,
            TypedTable::ClosedDay => Self::ClosedDay,
        }
    }
}

/// [`FillTerms`] as they are typed.
#[derive(Debug, Clone, Copy, Args)]
pub struct TypedTerms {
    /// Rows of a site that never belonged to a network become the network's; else they are left and named
    #[arg(long)]
    overwrite: bool,
    /// Rows that only this site has go, where nothing hangs on them; else they are left and named
    #[arg(long)]
    drop_extra: bool,
}

impl From<TypedTerms> for FillTerms {
    fn from(typed: TypedTerms) -> Self {
        Self { overwrite: typed.overwrite, drop_extra: typed.drop_extra }
    }
}
