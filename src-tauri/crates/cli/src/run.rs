//! One command, from what was typed to its report.

mod agent;
mod catalogue;
mod copy;
mod federation;
mod join;
mod network;
mod patron;
mod replica;
mod site;
mod transfers;
mod txn;

use std::io::{BufRead, Write};

use lienthu_api::commands::{
    DemoLine, Enrol, GetView, Lend, QueueExportSetAside, QueueList, QueueRetry, QueueSend, Renew,
    ReviewList, ReviewSettle, ReviewUndo, TakeBack, TransitSlips, Undo,
};
use lienthu_desk::error::DeskError;
use lienthu_desk::site_state::SiteState;
use lienthu_port::error::{Obstacle, SiteError};

use crate::arguments::{
    Area, DemoCommand, DeskCommand, QueueCommand, ReviewCommand, Terms, network::NetworkCommand,
    transfers::TransferCommand,
};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::report::{Notices, Report};
use crate::scan;

/// What goes before a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    Nothing,
    SignIn,
    SignInAndContact,
}

impl Beginning {
    const fn of(area: &Area) -> Self {
        match area {
            // What is done across sites needs no contact with this desk's own.
            Area::Txn(_) | Area::Replica(_) => Self::SignIn,
            Area::Desk(DeskCommand::Enrol { .. }) | Area::Site(_) | Area::Agent(_) => Self::Nothing,
            // A try takes the login for itself, and looking takes none.
            Area::Network(NetworkCommand::List | NetworkCommand::Test { .. }) => Self::Nothing,
            Area::Network(_) => Self::SignIn,
            // Of the queue, one looks at it as it is; sending is a contact itself.
            Area::Queue(_) | Area::Demo(_) => Self::SignIn,
            // Of transfers, what this branch receives; the others are asked by themselves.
            Area::Transfer(TransferCommand::Arriving | TransferCommand::Receive { .. }) => {
                Self::SignInAndContact
            }
            Area::Transfer(_) => Self::SignIn,
            Area::Desk(_)
            | Area::Review(_)
            | Area::Title(_)
            | Area::Branch(_)
            | Area::Policy(_)
            | Area::ClosedDay(_)
            | Area::Patron(_)
            | Area::Copy(_)
            | Area::Where(_)
            | Area::Stats(_)
            | Area::Health => Self::SignInAndContact,
        }
    }
}

/// Does a command. What must be heard at this desk is noted even where the command fails.
///
/// # Errors
/// Why there is no answer.
pub async fn run(
    area: Area,
    terms: &Terms,
    notices: &mut Notices,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Report, Failure> {
    let area = match area {
        // It needs no desk, and a program that looks after a server may have none.
        Area::Site(command) => return site::run(command, terms, input).await,
        Area::Agent(arguments) => return agent::run(arguments, terms, out).await,
        Area::Network(NetworkCommand::Join) => return join::join(terms, input).await,
        Area::Network(NetworkCommand::Check) => return replica::check_network(terms, input).await,
        Area::Network(NetworkCommand::Agents(command)) => {
            return join::agents(command, terms, input).await;
        }
        area => area,
    };
    let (opened, heard) = Opened::open(terms, &area).await?;
    *notices = heard;
    let beginning = Beginning::of(&area);
    if beginning != Beginning::Nothing {
        opened.sign_in(input).await?;
    }
    if beginning == Beginning::SignInAndContact && terms.login.is_some() {
        opened.contact().await?;
    }
    match area {
        Area::Desk(command) => desk(&opened, command, input, out).await,
        Area::Queue(command) => queue(&opened, command).await,
        Area::Review(command) => review(&opened, command).await,
        Area::Title(command) => catalogue::titles(&opened, command).await,
        Area::Branch(command) => catalogue::branches(&opened, command).await,
        Area::Policy(command) => catalogue::policies(&opened, command).await,
        Area::ClosedDay(command) => catalogue::closed_days(&opened, command).await,
        Area::Patron(command) => patron::run(&opened, command, out).await,
        Area::Where(command) => federation::locate(&opened, command, out).await,
        Area::Stats(command) => federation::stats(&opened, command, out).await,
        Area::Copy(command) => copy::run(&opened, command).await,
        Area::Network(command) => network::run(&opened, command, input).await,
        Area::Transfer(command) => transfers::run(&opened, command).await,
        Area::Health => opened.answer(GetView {}).await,
        Area::Txn(command) => txn::run(&opened, command, input).await,
        Area::Replica(command) => replica::run(&opened, command).await,
        Area::Site(command) => site::run(command, terms, input).await,
        Area::Agent(arguments) => agent::run(arguments, terms, out).await,
        Area::Demo(DemoCommand::Cut { branch }) => {
            opened.answer(DemoLine { branch, cut: true }).await
        }
        Area::Demo(DemoCommand::Restore { branch }) => {
            opened.answer(DemoLine { branch, cut: false }).await
        }
    }
}

async fn desk(
    opened: &Opened<'_>,
    command: DeskCommand,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Report, Failure> {
    match command {
        DeskCommand::Enrol { branch, name } => opened.answer(Enrol { branch, name }).await,
        DeskCommand::Borrow { copy, patron, go_on } => {
            opened.answer(Lend { copy, patron, go_on: go_on.go_on }).await
        }
        DeskCommand::Return { copy, on, go_on } => {
            opened.answer(TakeBack { copy, returned_on: on, go_on: go_on.go_on }).await
        }
        DeskCommand::Renew { copy, go_on } => {
            opened.answer(Renew { copy, go_on: go_on.go_on }).await
        }
        DeskCommand::TransitSlips { skip } => opened.answer(TransitSlips { skip }).await,
        DeskCommand::Undo { event } => opened.answer(Undo { event }).await,
        DeskCommand::Scan(arguments) => {
            let tally = scan::scan(opened, arguments, input, out).await?;
            Ok(opened.report(&tally))
        }
    }
}

async fn queue(opened: &Opened<'_>, command: QueueCommand) -> Result<Report, Failure> {
    match command {
        QueueCommand::List { filter, skip } => {
            opened.answer(QueueList { filter: filter.into(), skip }).await
        }
        QueueCommand::Send => opened.answer(QueueSend {}).await,
        QueueCommand::Retry { event } => {
            let report = opened.answer(QueueRetry { event }).await?;
            opened.contact().await?;
            Ok(report)
        }
        QueueCommand::Export => opened.answer(QueueExportSetAside {}).await,
    }
}

async fn review(opened: &Opened<'_>, command: ReviewCommand) -> Result<Report, Failure> {
    match command {
        ReviewCommand::List => opened.answer(ReviewList {}).await,
        ReviewCommand::Settle { copy, event: target, flag, decision } => {
            let settlement = decision.into();
            opened.answer(ReviewSettle { copy, target, flag, settlement }).await
        }
        ReviewCommand::Undo { copy, event: target } => {
            opened.answer(ReviewUndo { copy, target }).await
        }
    }
}

/// Why the site has shown no record to change: there is none, or the site was not reached.
async fn no_record(opened: &Opened<'_>) -> Failure {
    let why = match opened.execute(GetView {}).await {
        Ok(view) if view.desk.site == SiteState::Reachable => {
            SiteError::Obstructed { obstacle: Obstacle::Unknown }.message()
        }
        Ok(_) => DeskError::NeedsSite.message(),
        Err(failure) => return failure,
    };
    Failure::App(why)
}
