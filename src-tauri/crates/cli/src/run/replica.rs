//! What the sites hold, compared and brought together.

use std::io::{BufRead, IsTerminal, Write, stderr};

use lienthu_api::commands::replicas::{ActivateBranch, AuditReplicas, FillSite, RepairRows};
use lienthu_api::listener::Listener;
use lienthu_api::replicas::{AuditProgress, FillView, JoinFinding, Wanted};
use lienthu_domain::ids::BranchCode;
use lienthu_domain::times::ZoneOffset;
use lienthu_port::message::Message;

use super::site::administration;
use crate::arguments::Terms;
use crate::arguments::replica::ReplicaCommand;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::report::Report;
use crate::show::replica::row_words;

/// Does a command about what the sites hold.
pub(super) async fn run(opened: &Opened<'_>, command: ReplicaCommand) -> Result<Report, Failure> {
    match command {
        ReplicaCommand::Audit => {
            opened.answer(AuditReplicas { watch: audit_progress(opened.terms) }).await
        }
        ReplicaCommand::Repair { like, rows } => {
            let resources = rows.resources().map_err(|key| wrong_key(&key))?;
            let wanted = resources.into_iter();
            let wanted = wanted.map(|resource| Wanted { resource, like: like.clone() }).collect();
            opened.answer(RepairRows { wanted }).await
        }
        ReplicaCommand::Fill { branch, from, terms } => {
            let watch = told(opened.terms, |filled: FillView| {
                format!("{} → {} rows", filled.from, filled.written)
            });
            opened.answer(FillSite { branch, from, terms: terms.into(), watch }).await
        }
        ReplicaCommand::Activate { branch } => activate(opened, branch).await,
    }
}

/// Lets a branch take part again whose rows are those of all others.
pub(super) async fn activate(opened: &Opened<'_>, branch: BranchCode) -> Result<Report, Failure> {
    opened.answer(ActivateBranch { branch, watch: audit_progress(opened.terms) }).await
}

/// Checks the network file's databases before they become one network. No desk is opened.
pub(super) async fn check_network(
    terms: &Terms,
    input: &mut impl BufRead,
) -> Result<Report, Failure> {
    let sites = administration(terms, input)?;
    let watch = told(terms, |finding: JoinFinding| match finding {
        JoinFinding::RowsDiffer { table, key, .. } => format!("{} {key}", table.code()),
        JoinFinding::Custody { finding } => crate::show::replica::odd_key(&finding),
    });
    Ok(Report::of(&sites.check_network(watch).await?, terms, ZoneOffset::VIET_NAM))
}

fn audit_progress(terms: &Terms) -> Listener<AuditProgress> {
    told(terms, |event: AuditProgress| match event {
        AuditProgress::Differs { row } => row_words(&row.resource),
        AuditProgress::Custody { finding } => crate::show::replica::odd_key(&finding),
        AuditProgress::Compared { table, rows, differing } => {
            format!("{}: {rows} rows, {differing} differ", table.code())
        }
    })
}

/// Whoever sits here sees what happens as it does; a script waits for the end.
fn told<E: 'static>(
    terms: &Terms,
    words: impl Fn(E) -> String + Send + Sync + 'static,
) -> Listener<E> {
    let is_watched = stderr().is_terminal() && !terms.quiet && !terms.json;
    Listener::new(move |event| {
        if is_watched {
            // A terminal that is gone is no reason to stop.
            writeln!(stderr(), "{}", crate::page::printable(&words(event))).ok();
        }
    })
}

fn wrong_key(key: &str) -> Failure {
    Failure::App(Message {
        code: "bad_key".to_owned(),
        vi: format!("{key} không phải là khóa của bảng này. Chép khóa như replica audit hiện ra."),
        en: format!("{key} is no key of this table. Copy it as replica audit shows it."),
    })
}
