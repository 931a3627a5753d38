//! The commands about what every site holds: titles, branches, loan policy, closed days. A change of it is written
//! down in the manager's queue before any site hears of it.

use std::path::PathBuf;
use std::sync::Arc;

use lienthu_across::catalogue::somewhere_active;
use lienthu_across::queue::{Compared, Differing, compare};
use lienthu_across::sites::Sites;
use lienthu_desk::error::DeskError;
use lienthu_desk::session::Permit;
use lienthu_domain::action::{CHANGES_MAX, CatalogueChange, Resource};
use lienthu_domain::ids::{BranchCode, ChangeId, CorrelationId};
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_domain::times::LocalDate;
use lienthu_port::changes::{ChangeCounts, ChangeFilter};
use lienthu_port::error::{SiteError, StoreError};

use crate::app::App;
use crate::catalogue::{
    BranchesView, CatalogueTrouble, ClosedDaysView, DifferingView, ImportView, OnDifference,
    PendingPage, PendingState, PendingView, PoliciesView, UnusableView,
};
use crate::command::{Access, Command, Decide, LookUpBranch, Needs};
use crate::commands::commands;
use crate::import;

/// Differing titles, and records that cannot be used, that one answer lists.
const LISTED_MAX: usize = 500;

commands! {
    fail with CatalogueTrouble;

    /// Changes rows at all sites, all or none. Where an active site cannot be reached, they wait.
    ChangeCatalogue { changes: Vec<CatalogueChange> } needs Decide
    => |self, app, permit, _correlation| -> PendingView {
        let sites = app.manager_sites(&permit)?;
        let who = permit.login();
        let entry = app.changes().submit(&sites, who, &self.changes).await?;
        Ok(shown(app, entry.into()).await)
    }

    /// A page of the manager's queue.
    ListPendingChanges { filter: ChangeFilter, skip: u32 } needs Decide
    => |self, app, _permit, _correlation| -> PendingPage {
        page(app, self.filter, self.skip).await
    }

    /// One change in it.
    GetChange { id: ChangeId } needs Decide => |self, app, _permit, _correlation| -> PendingView {
        Ok(app.changes().entry(self.id).await?.into())
    }

    /// Withdraws a change that is not done. Where it may have been begun, that is found out first.
    WithdrawChange { id: ChangeId } needs Decide
    => |self, app, permit, _correlation| -> PendingView {
        let sites = app.manager_sites(&permit)?;
        Ok(app.changes().withdraw(&sites, self.id).await?.into())
    }

    /// Tries a change again that waits or was refused, at once.
    RetryChange { id: ChangeId } needs Decide
    => |self, app, permit, _correlation| -> PendingView {
        let sites = app.manager_sites(&permit)?;
        let entry = app.changes().retry(&sites, self.id).await?;
        Ok(shown(app, entry.into()).await)
    }

    /// Goes on with every change whose time has come.
    SendChanges {} needs Decide => |self, app, permit, _correlation| -> PendingPage {
        let sites = app.manager_sites(&permit)?;
        app.changes().run_due(&sites).await?;
        catch_up(app).await;
        page(app, ChangeFilter::Waiting, 0).await
    }

    /// Rows as they stand at an active site, to be changed.
    GetRows { of: Vec<Resource> } needs Decide
    => |self, app, permit, _correlation| -> Vec<ReplicatedRow> {
        let sites = app.manager_sites(&permit)?;
        let at = somewhere_active(&sites).await?;
        rows(&sites, &at, self.of).await
    }

    /// All branches, as they stand at an active site.
    ListBranches {} needs Decide => |self, app, permit, _correlation| -> BranchesView {
        let sites = app.manager_sites(&permit)?;
        let at = somewhere_active(&sites).await?;
        let facts = sites.ask(&at, |site| async move { site.network().await }).await?;
        let of = facts.branches.into_iter().map(|(code, _)| Resource::Branch(code)).collect();
        let rows = rows(&sites, &at, of).await?;
        let mut branches: Vec<_> = rows.into_iter().filter_map(|row| match row {
            ReplicatedRow::Branch(branch) => Some(branch),
            _ => None,
        }).collect();
        branches.sort_by(|one, other| one.code.cmp(&other.code));
        Ok(BranchesView { at, branches })
    }

    /// All loan policies, as far as this desk knows.
    ListPolicies {} needs LookUpBranch => |self, app, permit, _correlation| -> PoliciesView {
        let mut policies = app.desk().policies(&permit).await?;
        policies.sort_by(|a, b| (&a.branch, &a.category).cmp(&(&b.branch, &b.category)));
        Ok(PoliciesView { policies })
    }

    /// Closed days from a date on, as far as this desk knows.
    ListClosedDays { from: Option<LocalDate> } needs LookUpBranch
    => |self, app, permit, _correlation| -> ClosedDaysView {
        let mut days = app.desk().closed_days(&permit, self.from).await?;
        days.sort_by(|a, b| (a.date, &a.branch).cmp(&(b.date, &b.branch)));
        Ok(ClosedDaysView { days })
    }

    /// Compares a file of titles with the catalogue, and puts what is new into the queue, in parts; what the
    /// catalogue has otherwise stays, or is replaced. A file that was imported in part goes on where it was:
    /// what has come already is there.
    ImportTitles { file: PathBuf, differing: OnDifference, only_compare: bool } needs Decide
    => |self, app, permit, _correlation| -> ImportView {
        let sites = app.manager_sites(&permit)?;
        import_titles(app, &permit, &sites, self).await
    }

    /// How far an import came.
    GetImport { id: ChangeId } needs Decide
    => |self, app, _permit, _correlation| -> ChangeCounts {
        Ok(app.changes().counts(Some(self.id)).await?)
    }
}

async fn page(app: &App, filter: ChangeFilter, skip: u32) -> Result<PendingPage, CatalogueTrouble> {
    let changes = app.changes().list(filter, skip).await?;
    let changes = changes.into_iter().map(PendingView::from).collect();
    Ok(PendingPage { changes, counts: app.changes().counts(None).await? })
}

/// What is done is to be seen at this desk too.
async fn shown(app: &App, view: PendingView) -> PendingView {
    if view.state == PendingState::Done {
        catch_up(app).await;
    }
    view
}

/// The home site may be away; what changed comes with the next contact then.
async fn catch_up(app: &App) {
    if let Err(error) = app.desk().contact().await {
        tracing::debug!(%error, "the change is not in the cache yet");
    }
}

async fn rows(
    sites: &Sites,
    at: &BranchCode,
    of: Vec<Resource>,
) -> Result<Vec<ReplicatedRow>, CatalogueTrouble> {
    let mut all = vec![];
    for some in of.chunks(lienthu_port::transaction::ROWS_ASKED_MAX) {
        let rows = sites.ask(at, |site| async move { site.replicated(some).await });
        all.extend(rows.await.map_err(DeskError::from)?);
    }
    Ok(all)
}

async fn import_titles(
    app: &App,
    permit: &Permit,
    sites: &Arc<Sites>,
    wanted: ImportTitles,
) -> Result<ImportView, CatalogueTrouble> {
    let (file, label) = (wanted.file.clone(), label_of(&wanted.file));
    let read = tokio::task::spawn_blocking(move || import::read(&file)).await;
    let read = read.map_err(|error| StoreError::Unexpected { detail: error.to_string() })??;
    let titles = count(read.titles.len());
    let Compared { new, same, differing } =
        compare(sites, read.titles).await.map_err(|error: SiteError| DeskError::from(error))?;
    let is_replaced = wanted.differing == OnDifference::Replace && !wanted.only_compare;
    let put = |title| CatalogueChange::PutTitle { title, seen: None };
    let mut changes: Vec<CatalogueChange> = new.iter().cloned().map(put).collect();
    if is_replaced {
        changes.extend(differing.iter().map(|Differing { stands, becomes }| {
            CatalogueChange::PutTitle { title: becomes.clone(), seen: Some(stands.clone()) }
        }));
    }
    let import = if changes.is_empty() || wanted.only_compare {
        None
    } else {
        let parts: Vec<&[CatalogueChange]> = changes.chunks(CHANGES_MAX).collect();
        Some(app.changes().ask_parts(permit.login(), &label, &parts).await?)
    };
    let counts = match &import {
        Some(import) => app.changes().counts(Some(import.id)).await?,
        None => ChangeCounts::default(),
    };
    let examples = read.unusable.iter().take(LISTED_MAX);
    Ok(ImportView {
        import,
        titles,
        unusable: count(read.unusable.len()),
        examples: examples
            .map(|(record, message)| UnusableView { record: *record, message: message.clone() })
            .collect(),
        new: count(new.len()),
        same: count(same),
        differing: count(differing.len()),
        replaced: if is_replaced { count(differing.len()) } else { 0 },
        differing_titles: differing
            .into_iter()
            .take(LISTED_MAX)
            .map(|Differing { stands, becomes }| DifferingView { stands, becomes })
            .collect(),
        counts,
    })
}

fn label_of(file: &std::path::Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
