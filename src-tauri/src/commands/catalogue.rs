//! Of what every site holds: changes, and the rows as they stand.

use lienthu_api::catalogue::{
    BranchesView, ClosedDaysView, ImportView, OnDifference, PendingPage, PendingView, PoliciesView,
};
use lienthu_api::commands as api;
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::ids::ChangeId;
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_domain::times::LocalDate;
use lienthu_port::changes::{ChangeCounts, ChangeFilter};
use lienthu_port::message::Message;

use super::AppState;

/// Changes rows at all sites, all or none; they wait where an active site cannot be reached.
#[tauri::command]
#[specta::specta]
pub async fn catalogue_change(
    app: AppState<'_>,
    changes: Vec<CatalogueChange>,
) -> Result<PendingView, Message> {
    app.execute(api::catalogue::ChangeCatalogue { changes }).await
}

/// A page of the manager's queue.
#[tauri::command]
#[specta::specta]
pub async fn changes_pending(
    app: AppState<'_>,
    filter: ChangeFilter,
    skip: u32,
) -> Result<PendingPage, Message> {
    app.execute(api::catalogue::ListPendingChanges { filter, skip }).await
}

/// One change of it.
#[tauri::command]
#[specta::specta]
pub async fn change_get(app: AppState<'_>, id: ChangeId) -> Result<PendingView, Message> {
    app.execute(api::catalogue::GetChange { id }).await
}

/// Withdraws a change that is not done.
#[tauri::command]
#[specta::specta]
pub async fn change_withdraw(app: AppState<'_>, id: ChangeId) -> Result<PendingView, Message> {
    app.execute(api::catalogue::WithdrawChange { id }).await
}

/// Tries a change again, at once.
#[tauri::command]
#[specta::specta]
pub async fn change_retry(app: AppState<'_>, id: ChangeId) -> Result<PendingView, Message> {
    app.execute(api::catalogue::RetryChange { id }).await
}

/// Rows as they stand at an active site, to be changed.
#[tauri::command]
#[specta::specta]
pub async fn catalogue_rows(
    app: AppState<'_>,
    of: Vec<Resource>,
) -> Result<Vec<ReplicatedRow>, Message> {
    app.execute(api::catalogue::GetRows { of }).await
}

/// All branches.
#[tauri::command]
#[specta::specta]
pub async fn branches_list(app: AppState<'_>) -> Result<BranchesView, Message> {
    app.execute(api::catalogue::ListBranches {}).await
}

/// All loan policies.
#[tauri::command]
#[specta::specta]
pub async fn policies_list(app: AppState<'_>) -> Result<PoliciesView, Message> {
    app.execute(api::catalogue::ListPolicies {}).await
}

/// Closed days from a date on, or from today on.
#[tauri::command]
#[specta::specta]
pub async fn closed_days_list(
    app: AppState<'_>,
    from: Option<LocalDate>,
) -> Result<ClosedDaysView, Message> {
    app.execute(api::catalogue::ListClosedDays { from }).await
}

/// Puts the titles of a file into the queue, or only compares them with the catalogue.
#[tauri::command]
#[specta::specta]
pub async fn titles_import(
    app: AppState<'_>,
    file: String,
    differing: OnDifference,
    only_compare: bool,
) -> Result<ImportView, Message> {
    let file = file.into();
    app.execute(api::catalogue::ImportTitles { file, differing, only_compare }).await
}

/// How far an import came.
#[tauri::command]
#[specta::specta]
pub async fn import_progress(app: AppState<'_>, id: ChangeId) -> Result<ChangeCounts, Message> {
    app.execute(api::catalogue::GetImport { id }).await
}
