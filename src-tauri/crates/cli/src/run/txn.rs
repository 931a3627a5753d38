//! Transactions over several sites that are not settled.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

use lienthu_api::commands::transactions::{
    ForceTransaction, ForgetTransaction, ListInDoubt, ReadmitSite, RepairTransaction,
    ResolveTransaction, ShowTransaction,
};

use crate::arguments::txn::{TxnCommand, TypedOutcome};
use crate::failure::{Failure, Unconfirmed};
use crate::lines::next_line;
use crate::opened::Opened;
use crate::report::Report;

/// What is typed to confirm at most, in bytes.
const ANSWER_BYTES_MAX: usize = 64;

/// Does a command about transactions.
pub(super) async fn run(
    opened: &Opened<'_>,
    command: TxnCommand,
    input: &mut impl BufRead,
) -> Result<Report, Failure> {
    match command {
        TxnCommand::List => opened.answer(ListInDoubt {}).await,
        TxnCommand::Show { txn } => opened.answer(ShowTransaction { txn }).await,
        TxnCommand::Resolve { txn } => opened.answer(ResolveTransaction { txn }).await,
        TxnCommand::Force { outcome, txn, branch: only, yes } => {
            let word = match outcome {
                TypedOutcome::Commit => "commit",
                TypedOutcome::Abort => "abort",
            };
            confirm(opened, Unconfirmed::Force, word, yes, input)?;
            opened.answer(ForceTransaction { txn, outcome: outcome.into(), only }).await
        }
        TxnCommand::Repair { txn } => opened.answer(RepairTransaction { txn }).await,
        TxnCommand::Readmit { branch } => opened.answer(ReadmitSite { branch }).await,
        TxnCommand::Forget { txn, yes } => {
            confirm(opened, Unconfirmed::Forget, "forget", yes, input)?;
            opened.answer(ForgetTransaction { txn }).await
        }
    }
}

/// Says what it means, and goes on only where whoever stands here types the word.
fn confirm(
    opened: &Opened<'_>,
    what: Unconfirmed,
    word: &str,
    yes: bool,
    input: &mut impl BufRead,
) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !stdin().is_terminal() || opened.terms.json {
        return Err(Failure::Unconfirmed(what));
    }
    let language = opened.terms.language();
    let warning = what.message();
    let question = language.pick(("Gõ lại từ này để tiếp tục", "To go on, type this word"));
    // Who cannot be told cannot have confirmed.
    write!(stderr(), "{}\n{question}: {word}\n> ", language.say(&warning))
        .map_err(Failure::Output)?;
    let line = next_line(input, ANSWER_BYTES_MAX).map_err(Failure::Input)?;
    let is_typed = line.is_some_and(|line| !line.cut && line.text.trim() == word);
    if is_typed { Ok(()) } else { Err(Failure::Unconfirmed(what)) }
}
