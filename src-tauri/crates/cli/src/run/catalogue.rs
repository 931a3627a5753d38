//! What every site holds: titles, branches, loan policy, closed days. Each change is made to the row as it stands
//! at an active site; where somebody changes it meanwhile, the change is refused and shows both.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;

use lienthu_api::catalogue::ImportView;
use lienthu_api::commands::TitleSearch;
use lienthu_api::commands::catalogue::{
    ChangeCatalogue, GetChange, GetImport, GetRows, ImportTitles, ListBranches, ListClosedDays,
    ListPendingChanges, ListPolicies, RetryChange, SendChanges, WithdrawChange,
};
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replicated::{
    Branch, BranchStanding, ClosedDay, LoanPolicy, ReplicatedRow, Title,
};
use lienthu_port::changes::{ChangeCounts, Import};
use lienthu_port::error::{Obstacle, SiteError};

use crate::arguments::catalogue::{
    BranchCommand, ClosedDayCommand, PolicyCommand, PolicyKey, TitleCommand,
};
use crate::arguments::records::put;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::report::Report;

/// Does a command about titles and waiting changes.
pub(super) async fn titles(opened: &Opened<'_>, command: TitleCommand) -> Result<Report, Failure> {
    match command {
        TitleCommand::Search { words, skip } => {
            opened.answer(TitleSearch { text: words.join(" "), skip }).await
        }
        TitleCommand::Add { key, name, fields } => {
            let mut title = Title {
                key,
                name,
                author: String::new(),
                publisher: String::new(),
                year: None,
                ddc: String::new(),
                language: String::new(),
            };
            fields.put(&mut title);
            change(opened, CatalogueChange::PutTitle { title, seen: None }).await
        }
        TitleCommand::Change { key, name, fields } => {
            let ReplicatedRow::Title(seen) = row(opened, Resource::Title(key)).await? else {
                return Err(no_row());
            };
            let mut title = seen.clone();
            put(&mut title.name, name);
            fields.put(&mut title);
            change(opened, CatalogueChange::PutTitle { title, seen: Some(seen) }).await
        }
        TitleCommand::Remove { key } => {
            let ReplicatedRow::Title(seen) = row(opened, Resource::Title(key)).await? else {
                return Err(no_row());
            };
            change(opened, CatalogueChange::RemoveTitle { seen }).await
        }
        TitleCommand::Import { file, differing, dry_run } => {
            let differing = differing.into();
            let command = ImportTitles { file, differing, only_compare: dry_run };
            import(opened, command).await
        }
        TitleCommand::Pending { filter, skip } => {
            opened.answer(ListPendingChanges { filter: filter.into(), skip }).await
        }
        TitleCommand::Show { change } => opened.answer(GetChange { id: change }).await,
        TitleCommand::Send => opened.answer(SendChanges {}).await,
        TitleCommand::Retry { change } => opened.answer(RetryChange { id: change }).await,
        TitleCommand::Withdraw { change } => opened.answer(WithdrawChange { id: change }).await,
    }
}

/// Does a command about branches.
pub(super) async fn branches(
    opened: &Opened<'_>,
    command: BranchCommand,
) -> Result<Report, Failure> {
    match command {
        BranchCommand::List => opened.answer(ListBranches {}).await,
        BranchCommand::Add { branch: code, name, address } => {
            let branch = Branch { code, name, address, standing: BranchStanding::Away };
            change(opened, CatalogueChange::PutBranch { branch, seen: None }).await
        }
        BranchCommand::Rename { branch: code, name, address } => {
            put_branch(opened, code, |branch| {
                put(&mut branch.name, name);
                put(&mut branch.address, address);
            })
            .await
        }
        BranchCommand::Away { branch: code } => {
            put_branch(opened, code, |branch| branch.standing = BranchStanding::Away).await
        }
        BranchCommand::Active { branch } => super::replica::activate(opened, branch).await,
        BranchCommand::Close { branch: code } => {
            put_branch(opened, code, |branch| branch.standing = BranchStanding::Closed).await
        }
    }
}

async fn put_branch(
    opened: &Opened<'_>,
    code: BranchCode,
    changed: impl FnOnce(&mut Branch),
) -> Result<Report, Failure> {
    let ReplicatedRow::Branch(seen) = row(opened, Resource::Branch(code)).await? else {
        return Err(no_row());
    };
    let mut branch = seen.clone();
    changed(&mut branch);
    change(opened, CatalogueChange::PutBranch { branch, seen: Some(seen) }).await
}

/// Does a command about loan policies.
pub(super) async fn policies(
    opened: &Opened<'_>,
    command: PolicyCommand,
) -> Result<Report, Failure> {
    match command {
        PolicyCommand::List => opened.answer(ListPolicies {}).await,
        PolicyCommand::Set { of, fields } => {
            let seen = policy(opened, &of).await?;
            let mut policy = match (&seen, fields.loan_days, fields.loans_max) {
                (Some(seen), ..) => seen.clone(),
                (None, Some(loan_days), Some(loans_max)) => LoanPolicy {
                    branch: of.branch,
                    category: of.category,
                    loan_days,
                    loans_max,
                    renewals_max: 0,
                    renewal_days: loan_days,
                    may_override: false,
                },
                (None, ..) => return Err(no_row()),
            };
            fields.put(&mut policy);
            change(opened, CatalogueChange::PutPolicy { policy, seen }).await
        }
        PolicyCommand::Remove { of } => {
            let seen = policy(opened, &of).await?.ok_or_else(no_row)?;
            change(opened, CatalogueChange::RemovePolicy { seen }).await
        }
    }
}

async fn policy(opened: &Opened<'_>, of: &PolicyKey) -> Result<Option<LoanPolicy>, Failure> {
    let of = Resource::Policy(of.branch.clone(), of.category.clone());
    Ok(match rows(opened, of).await? {
        Some(ReplicatedRow::Policy(policy)) => Some(policy),
        _ => None,
    })
}

/// Does a command about closed days.
pub(super) async fn closed_days(
    opened: &Opened<'_>,
    command: ClosedDayCommand,
) -> Result<Report, Failure> {
    match command {
        ClosedDayCommand::List { from } => opened.answer(ListClosedDays { from }).await,
        ClosedDayCommand::Set { date, note, branch } => {
            let seen = match rows(opened, Resource::ClosedDay(branch.clone(), date)).await? {
                Some(ReplicatedRow::ClosedDay(seen)) => Some(seen),
                _ => None,
            };
            let closed = ClosedDay { branch, date, note };
            change(opened, CatalogueChange::PutClosedDay { closed, seen }).await
        }
        ClosedDayCommand::Remove { date, branch } => {
            let of = Resource::ClosedDay(branch, date);
            let ReplicatedRow::ClosedDay(seen) = row(opened, of).await? else {
                return Err(no_row());
            };
            change(opened, CatalogueChange::RemoveClosedDay { seen }).await
        }
    }
}

async fn change(opened: &Opened<'_>, change: CatalogueChange) -> Result<Report, Failure> {
    opened.answer(ChangeCatalogue { changes: vec![change] }).await
}

async fn rows(opened: &Opened<'_>, of: Resource) -> Result<Option<ReplicatedRow>, Failure> {
    Ok(opened.execute(GetRows { of: vec![of] }).await?.pop())
}

async fn row(opened: &Opened<'_>, of: Resource) -> Result<ReplicatedRow, Failure> {
    rows(opened, of).await?.ok_or_else(no_row)
}

fn no_row() -> Failure {
    SiteError::Obstructed { obstacle: Obstacle::Unknown }.message().into()
}

/// Puts the titles of a file into the queue and lets it go on, saying how far it came.
async fn import(opened: &Opened<'_>, command: ImportTitles) -> Result<Report, Failure> {
    let view: ImportView = opened.execute(command).await?;
    let Some(import) = view.import.clone() else { return Ok(opened.report(&view)) };
    let shows = stderr().is_terminal() && !opened.terms.quiet && !opened.terms.json;
    let telling = shows.then(|| tokio::spawn(tell(Arc::clone(&opened.app), import.clone())));
    let sent = opened.execute(SendChanges {}).await;
    if let Some(telling) = telling {
        telling.abort();
        // Whoever is told no more needs no new line either.
        writeln!(stderr()).ok();
    }
    sent?;
    let counts: ChangeCounts = opened.execute(GetImport { id: import.id }).await?;
    Ok(opened.report(&ImportView { counts, ..view }))
}

/// Says how far an import came, on one line, whenever that changes.
async fn tell(app: Arc<lienthu_api::app::App>, import: Import) {
    let mut changes = app.changes().changes();
    while changes.changed().await.is_ok() {
        let Ok(counts) = app.changes().counts(Some(import.id)).await else { return };
        let done = counts.changes_done;
        let all = done + counts.changes_waiting + counts.changes_refused;
        if write!(stderr(), "\r{done}/{all}").and_then(|()| stderr().flush()).is_err() {
            return;
        }
    }
}
