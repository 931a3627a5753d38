//! Transactions over several sites as they are typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use lienthu_api::transactions::OutcomeView;
use lienthu_domain::ids::{BranchCode, TxnId};

/// What is not settled by itself.
#[derive(Debug, Subcommand)]
pub enum TxnCommand {
    /// Lists what is not settled, with what each site has of it
    List,
    /// Shows one of them
    Show {
        /// The transaction's id
        txn: TxnId,
    },
    /// Drives one to its end
    Resolve {
        /// The transaction's id
        txn: TxnId,
    },
    /// Has the sites that wait do what you choose, without the decision; it may turn out to be the other one
    Force {
        /// What they do
        #[arg(value_enum)]
        outcome: TypedOutcome,
        /// The transaction's id
        txn: TxnId,
        /// Only the site of this branch
        #[arg(long, value_name = "BRANCH")]
        branch: Option<BranchCode>,
        /// You know what it means, and nobody is to be asked
        #[arg(long)]
        yes: bool,
    },
    /// Makes all sites alike again after an outcome was forced and the decision was the other one
    Repair {
        /// The transaction's id
        txn: TxnId,
    },
    /// Lets a restored site take part again, once it was told what it promised and decided; run it again to go
    /// on where it was cut off
    Readmit {
        /// The branch
        branch: BranchCode,
    },
    /// Lists a forced outcome no more: it was seen to by hand, or its decision will never be known
    Forget {
        /// The transaction's id
        txn: TxnId,
        /// Nobody is to be asked
        #[arg(long)]
        yes: bool,
    },
}

/// [`OutcomeView`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TypedOutcome {
    /// Carry it out
    Commit,
    /// Give it up
    Abort,
}

impl From<TypedOutcome> for OutcomeView {
    fn from(typed: TypedOutcome) -> Self {
        match typed {
            TypedOutcome::Commit => Self::Commit,
            TypedOutcome::Abort => Self::Abort,
        }
    }
}

/// How an agent runs.
#[derive(Debug, Args)]
pub struct AgentArguments {
    /// The file of the agent's logins, which `network agents export` wrote [default: what the desk in the
    /// desk's folder has sealed]
    #[arg(long, value_name = "FILE")]
    pub agents: Option<PathBuf>,
    /// Does one round and ends: with 5 where a site could not be asked, with 1 where something is left
    #[arg(long)]
    pub once: bool,
    /// The pause between rounds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub every: u32,
}
