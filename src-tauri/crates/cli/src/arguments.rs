//! The command line as it is typed. Everything in it is parsed here, once.

pub mod catalogue;
pub mod federation;
pub mod network;
pub mod records;
pub mod replica;
pub mod site;
pub mod transfers;
pub mod txn;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lienthu_desk::scan::ScanMode;
use lienthu_domain::ids::{Barcode, BranchCode, EventId, PatronCode, StaffLogin};
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::LocalDate;
use lienthu_port::outbox::QueueFilter;

use crate::exit::Exit;
use crate::language::Language;
use catalogue::{BranchCommand, ClosedDayCommand, PolicyCommand, TitleCommand};
use federation::{StatsCommand, WhereCommand};
use network::NetworkCommand;
use records::{CopyCommand, PatronCommand};
use replica::ReplicaCommand;
use site::SiteCommand;
use transfers::TransferCommand;
use txn::{AgentArguments, TxnCommand};

/// Lend, take back, look up and keep the records of a library branch, also while its site cannot be
/// reached.
///
/// Passwords are never given here: they come from LIENTHU_PASSWORD, from the first line of the input
/// with --password-stdin, or from a prompt.
#[derive(Debug, Parser)]
#[command(name = "lienthu-cli", version, after_help = Exit::table(), arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    #[expect(missing_docs, reason = "its help would end up in the program's")]
    pub terms: Terms,
    #[command(subcommand)]
    #[expect(missing_docs, reason = "its help would end up in the program's")]
    pub area: Area,
}

/// What holds for every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Terms {
    /// The network file [default: network.toml in the desk's folder]
    #[arg(long, global = true, env = "LIENTHU_NETWORK", value_name = "FILE")]
    pub network: Option<PathBuf>,
    /// The desk's folder [default: this account's own]
    #[arg(long, global = true, env = "LIENTHU_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Signs in with this login
    #[arg(long, global = true, env = "LIENTHU_LOGIN", value_name = "NAME")]
    pub login: Option<StaffLogin>,
    /// The first line of the input is the password
    #[arg(long, global = true)]
    pub password_stdin: bool,
    /// Answers in JSON, on one line
    #[arg(long, global = true)]
    pub json: bool,
    /// The language of answers [default: that of this account, else vi]
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub lang: Option<Language>,
    /// Keeps the encryption key in a file beside the data, where there is no keychain
    #[arg(long, global = true)]
    pub key_file: bool,
    /// What is only queued, and a site that is not reached, end the program with their own exit code
    #[arg(long, global = true)]
    pub require_site: bool,
    /// Says nothing of what went well
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Shows on stderr what the log is told
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

impl Terms {
    /// The language of answers.
    #[must_use]
    pub fn language(&self) -> Language {
        self.lang.unwrap_or_else(Language::of_account)
    }
}

/// What a command is about.
#[derive(Debug, Subcommand)]
pub enum Area {
    /// Lend, take back and renew
    #[command(subcommand)]
    Desk(DeskCommand),
    /// What this desk has recorded and not sent yet
    #[command(subcommand)]
    Queue(QueueCommand),
    /// What is odd and waits for someone to look at it
    #[command(subcommand)]
    Review(ReviewCommand),
    /// The catalogue
    #[command(subcommand)]
    Title(TitleCommand),
    /// The branches of the network, at all sites; for managers
    #[command(subcommand)]
    Branch(BranchCommand),
    /// The loan policy, at all sites
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// The days on which branches are closed, at all sites
    #[command(subcommand)]
    ClosedDay(ClosedDayCommand),
    /// The branch's patrons
    #[command(subcommand)]
    Patron(PatronCommand),
    /// The branch's copies
    #[command(subcommand)]
    Copy(CopyCommand),
    /// Moving copies between branches
    #[command(subcommand)]
    Transfer(TransferCommand),
    /// Where things are: asked of all sites at once
    #[command(subcommand)]
    Where(WhereCommand),
    /// Figures: a manager's of all branches, a librarian's of their own
    #[command(subcommand)]
    Stats(StatsCommand),
    /// The state of the site, the queue and what this desk knows
    Health,
    /// The sites themselves: version, people, drift
    #[command(subcommand)]
    Site(SiteCommand),
    /// The network file: which sites there are and how they are reached
    #[command(subcommand)]
    Network(NetworkCommand),
    /// Transactions over several sites that are not settled; for managers
    #[command(subcommand)]
    Txn(TxnCommand),
    /// What every site holds, compared and brought together, and who has which copy; for managers
    #[command(subcommand)]
    Replica(ReplicaCommand),
    /// Finishes what desks left behind, unattended, until it is told to stop; chooses nothing
    Agent(AgentArguments),
    /// The lines of a demo network's sites
    #[command(subcommand)]
    Demo(DemoCommand),
}

/// The librarian's own decision.
#[derive(Debug, Clone, Copy, Args)]
pub struct GoOn {
    /// Goes on all the same: you have seen what stands against it
    #[arg(long)]
    pub go_on: bool,
}

/// See [`Area::Desk`].
#[derive(Debug, Subcommand)]
pub enum DeskCommand {
    /// Enrols this installation at its first run
    Enrol {
        /// The branch where this desk stands
        #[arg(long)]
        branch: BranchCode,
        /// What people call this desk, such as "Quầy 1"
        #[arg(long)]
        name: String,
    },
    /// Lends a copy to a patron
    Borrow {
        /// The copy's barcode
        copy: Barcode,
        /// The code on the patron's card
        #[arg(long, value_name = "CODE")]
        patron: PatronCode,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        go_on: GoOn,
    },
    /// Takes a copy back
    Return {
        /// The copy's barcode
        copy: Barcode,
        /// The date to show, for a book from the book drop
        #[arg(long, value_name = "DATE")]
        on: Option<LocalDate>,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        go_on: GoOn,
    },
    /// Renews a copy's open loan
    Renew {
        /// The copy's barcode
        copy: Barcode,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        go_on: GoOn,
    },
    /// Takes an event of this desk back, as if it had never happened
    Undo {
        /// The event's id, from an earlier answer or from the queue
        event: EventId,
    },
    /// Lists the books of other branches that came back here, with what belongs on their transit slips
    TransitSlips {
        /// Leaves out the first N
        #[arg(long, value_name = "N", default_value_t = 0)]
        skip: u32,
    },
    /// Does what scans ask for, one a line, until the input ends
    #[command(after_help = crate::scan::INPUT_HELP)]
    Scan(ScanArguments),
}

/// How scans are taken.
#[derive(Debug, Args)]
pub struct ScanArguments {
    /// Reads scans from the input; the only way there is so far
    #[arg(long, required = true)]
    pub stdin: bool,
    /// What the desk is set to at first
    #[arg(long, value_enum, default_value_t = Mode::Lend)]
    pub mode: Mode,
    /// The patron for whom books are lent at first
    #[arg(long, value_name = "CODE")]
    pub patron: Option<PatronCode>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "shown with its own help")]
    pub go_on: GoOn,
}

/// [`ScanMode`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Lend books to the patron whose card was scanned
    Lend,
    /// Take books back
    Return,
    /// Renew the loans of books
    Renew,
}

impl From<Mode> for ScanMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Lend => Self::Lend,
            Mode::Return => Self::Return,
            Mode::Renew => Self::Renew,
        }
    }
}

/// [`QueueFilter`] as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Filter {
    /// Not sent yet, oldest first
    Waiting,
    /// Those that the site cannot take, oldest first
    SetAside,
    /// All that are kept, latest first
    All,
}

impl From<Filter> for QueueFilter {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::Waiting => Self::Waiting,
            Filter::SetAside => Self::SetAside,
            Filter::All => Self::All,
        }
    }
}

/// See [`Area::Queue`].
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// Lists a page of the queue
    List {
        /// Which events
        #[arg(long, value_enum, default_value_t = Filter::Waiting)]
        filter: Filter,
        /// Leaves out the first N
        #[arg(long, value_name = "N", default_value_t = 0)]
        skip: u32,
    },
    /// Gets in touch with the site now: sends all that waits, takes all that changed
    Send,
    /// Puts an event that was set aside back in the queue
    Retry {
        /// The event's id
        event: EventId,
    },
    /// Writes the events that were set aside to a file in the desk's folder
    Export,
}

/// See [`Area::Review`].
#[derive(Debug, Subcommand)]
pub enum ReviewCommand {
    /// Lists what waits
    List,
    /// Says what it was
    Settle {
        /// The copy's barcode
        copy: Barcode,
        /// The event that it is about
        event: EventId,
        /// What is odd about it
        #[arg(value_parser = flag_kinds())]
        flag: FlagKind,
        #[command(flatten)]
        #[expect(missing_docs, reason = "shown with its own help")]
        decision: Decision,
    },
    /// Takes back the event that it is about, whichever desk made it
    Undo {
        /// The copy's barcode
        copy: Barcode,
        /// The event that it is about
        event: EventId,
    },
}

/// What is decided about a review item.
#[derive(Debug, Clone, Copy, Args)]
#[group(required = true, multiple = false)]
pub struct Decision {
    /// It is right as it stands
    #[arg(long)]
    confirm: bool,
    /// Of a return that was missed: the book came back on this date
    #[arg(long, value_name = "DATE")]
    returned_on: Option<LocalDate>,
}

impl From<Decision> for Settlement {
    fn from(decision: Decision) -> Self {
        decision.returned_on.map_or(Self::Confirmed, |date| Self::ReturnedOn { date })
    }
}

/// See [`Area::Demo`].
#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Cuts the line of an embedded site: it cannot be reached, by any program
    Cut {
        /// The branch's code
        branch: BranchCode,
    },
    /// Restores the line
    Restore {
        /// The branch's code
        branch: BranchCode,
    },
}

/// The kinds of flags by their codes, so that `--help` lists them.
fn flag_kinds() -> impl clap::builder::TypedValueParser<Value = FlagKind> {
    use clap::builder::TypedValueParser;
    let codes = FlagKind::ALL.map(FlagKind::code);
    clap::builder::PossibleValuesParser::new(codes)
        .try_map(|code| FlagKind::from_code(&code).ok_or("not a kind of review item"))
}

/// A value, or the word `none` to take it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrNone<T>(pub Option<T>);

impl<T: FromStr> FromStr for OrNone<T> {
    type Err = T::Err;
    fn from_str(text: &str) -> Result<Self, T::Err> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(|value| Self(Some(value))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_command_takes_a_password() {
        fn look(command: &clap::Command) {
            for argument in command.get_arguments() {
                let takes_value = argument.get_action().takes_values();
                let name = argument.get_id().as_str();
                assert!(
                    !(takes_value && name.contains("pass")),
                    "{} takes {name}",
                    command.get_name()
                );
            }
            command.get_subcommands().for_each(look);
        }
        look(&Arguments::command());
    }

    #[test]
    fn the_word_none_takes_a_value_away() {
        assert_eq!("none".parse(), Ok(OrNone::<LocalDate>(None)));
        let date: OrNone<LocalDate> = "2027-01-31".parse().unwrap();
        assert_eq!(date.0.map(|d| d.to_string()).as_deref(), Some("2027-01-31"));
    }
}
