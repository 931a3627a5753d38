//! What every site holds, as it is typed: titles, branches, loan policy, closed days.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use lienthu_api::catalogue::OnDifference;
use lienthu_domain::ids::{BranchCode, ChangeId, PatronCategory, TitleKey};
use lienthu_domain::replicated::{LoanPolicy, Title};
use lienthu_domain::times::LocalDate;
use lienthu_port::changes::ChangeFilter;

use super::OrNone;
use super::records::{put, text};

/// Titles, and the changes of what every site holds that wait.
#[derive(Debug, Subcommand)]
pub enum TitleCommand {
    /// Finds titles by words or beginnings of words, or by ISBN, in what this desk knows
    Search {
        /// The words; tones and case do not matter
        #[arg(required = true, value_name = "TEXT")]
        words: Vec<String>,
        /// Leaves out the first N
        #[arg(long, value_name = "N", default_value_t = 0)]
        skip: u32,
    },
    /// Adds a title at all sites; for managers, like all that follows
    Add {
        /// The ISBN, or another code that is its own
        key: TitleKey,
        /// Its name
        #[arg(value_parser = text)]
        name: String,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        fields: TitleFields,
    },
    /// Changes a title at all sites
    Change {
        /// The ISBN, or another code that is its own
        key: TitleKey,
        /// Its name
        #[arg(long, value_parser = text)]
        name: Option<String>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        fields: TitleFields,
    },
    /// Removes a title at all sites; not while a copy of it is anywhere
    Remove {
        /// The ISBN, or another code that is its own
        key: TitleKey,
    },
    /// Adds the titles of a file: MARC, or a table (.csv, .tsv) with the headings isbn and title. Run it again to go
    /// on where it was cut off
    Import {
        /// The file
        file: PathBuf,
        /// What becomes of titles that the catalogue has otherwise
        #[arg(long, value_enum, default_value_t = Difference::Keep)]
        differing: Difference,
        /// Only compares the file with the catalogue
        #[arg(long)]
        dry_run: bool,
    },
    /// Lists the changes that wait, with the reason of each; branches, policies and closed days among them
    Pending {
        /// Which changes
        #[arg(long, value_enum, default_value_t = Pending::Waiting)]
        filter: Pending,
        /// Leaves out the first N
        #[arg(long, value_name = "N", default_value_t = 0)]
        skip: u32,
    },
    /// Shows a change, with what stands against it
    Show {
        /// The change's id
        change: ChangeId,
    },
    /// Tries every change again whose time has come
    Send,
    /// Tries one change again at once, also one that was refused
    Retry {
        /// The change's id
        change: ChangeId,
    },
    /// Withdraws a change that is not done
    Withdraw {
        /// The change's id
        change: ChangeId,
    },
}

/// What is kept of a title beside its name. What is not given stays as it is.
#[derive(Debug, Args)]
pub struct TitleFields {
    /// The author; "" takes it away
    #[arg(long, value_parser = text)]
    author: Option<String>,
    /// The publisher; "" takes it away
    #[arg(long, value_parser = text)]
    publisher: Option<String>,
    /// The year of publication, or none
    #[arg(long, allow_hyphen_values = true)]
    year: Option<OrNone<i16>>,
    /// The Dewey class; "" takes it away
    #[arg(long, value_parser = text)]
    ddc: Option<String>,
    /// The language's code, such as vie; "" takes it away
    #[arg(long, value_parser = text)]
    language: Option<String>,
}

impl TitleFields {
    /// Puts what was typed into a title.
    pub fn put(self, title: &mut Title) {
        put(&mut title.author, self.author);
        put(&mut title.publisher, self.publisher);
        put(&mut title.year, self.year.map(|year| year.0));
        put(&mut title.ddc, self.ddc);
        put(&mut title.language, self.language);
    }
}

/// [`OnDifference`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Difference {
    /// They stay as they are, and are listed
    Keep,
    /// They become what the file says
    Replace,
}

impl From<Difference> for OnDifference {
    fn from(typed: Difference) -> Self {
        match typed {
            Difference::Keep => Self::Keep,
            Difference::Replace => Self::Replace,
        }
    }
}

/// [`ChangeFilter`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Pending {
    /// Those that wait, oldest first
    Waiting,
    /// Those that somebody has to decide about, latest first
    Refused,
    /// All that are kept, latest first
    All,
}

impl From<Pending> for ChangeFilter {
    fn from(typed: Pending) -> Self {
        match typed {
            Pending::Waiting => Self::Waiting,
            Pending::Refused => Self::Refused,
            Pending::All => Self::All,
        }
    }
}

/// The branches of the network, at all sites.
#[derive(Debug, Subcommand)]
pub enum BranchCommand {
    /// Lists them, with their standing
    List,
    /// Adds one, which begins as away
    Add {
        /// Its code
        branch: BranchCode,
        /// Its name
        #[arg(value_parser = text)]
        name: String,
        /// Its address
        #[arg(long, value_parser = text, default_value = "")]
        address: String,
    },
    /// Gives one another name or address
    Rename {
        /// Its code
        branch: BranchCode,
        /// The new name
        #[arg(value_parser = text)]
        name: Option<String>,
        /// The new address
        #[arg(long, value_parser = text)]
        address: Option<String>,
    },
    /// Sets one away: additions and changes go on without it, removals wait
    Away {
        /// Its code
        branch: BranchCode,
    },
    /// Lets one take part again that is away: its rows are compared with those of all active sites first
    Active {
        /// Its code
        branch: BranchCode,
    },
    /// Closes one: no copies may be left there, and no loans be open
    Close {
        /// Its code
        branch: BranchCode,
    },
}

/// The loan policy, at all sites.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Lists all policies
    List,
    /// Adds or changes the policy of a branch and category
    Set {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        of: PolicyKey,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        fields: PolicyFields,
    },
    /// Takes the policy of a branch and category away
    Remove {
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        of: PolicyKey,
    },
}

/// What a policy holds for.
#[derive(Debug, Clone, Args)]
pub struct PolicyKey {
    /// The branch [default: all branches]
    #[arg(long)]
    pub branch: Option<BranchCode>,
    /// The category of patrons [default: all categories]
    #[arg(long)]
    pub category: Option<PatronCategory>,
}

/// What a policy says. What is not given stays as it is; a new policy needs the first two.
#[derive(Debug, Args)]
pub struct PolicyFields {
    /// Days from the day of borrowing to the due date
    #[arg(long, value_name = "DAYS")]
    pub loan_days: Option<u16>,
    /// Books on loan at one time
    #[arg(long, value_name = "N")]
    pub loans_max: Option<u16>,
    /// Renewals of one loan
    #[arg(long, value_name = "N")]
    pub renewals_max: Option<u8>,
    /// Days from the day of renewing to the new due date
    #[arg(long, value_name = "DAYS")]
    pub renewal_days: Option<u16>,
    /// Whether a librarian may override rules
    #[arg(long, value_name = "true|false")]
    pub may_override: Option<bool>,
}

impl PolicyFields {
    /// Puts what was typed into a policy.
    pub fn put(&self, policy: &mut LoanPolicy) {
        put(&mut policy.loan_days, self.loan_days);
        put(&mut policy.loans_max, self.loans_max);
        put(&mut policy.renewals_max, self.renewals_max);
        put(&mut policy.renewal_days, self.renewal_days);
        put(&mut policy.may_override, self.may_override);
    }
}

/// The days on which branches are closed, at all sites.
#[derive(Debug, Subcommand)]
pub enum ClosedDayCommand {
    /// Lists them
    List {
        /// From this day on [default: today]
        #[arg(long, value_name = "DATE")]
        from: Option<LocalDate>,
    },
    /// Adds one, or changes its note
    Set {
        /// The day
        date: LocalDate,
        /// Why, such as Quốc khánh
        #[arg(value_parser = text, default_value = "")]
        note: String,
        /// The branch [default: all branches]
        #[arg(long)]
        branch: Option<BranchCode>,
    },
    /// Takes one away
    Remove {
        /// The day
        date: LocalDate,
        /// The branch [default: all branches]
        #[arg(long)]
        branch: Option<BranchCode>,
    },
}
