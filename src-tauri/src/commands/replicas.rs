//! Of what the sites hold alike.

use lienthu_api::commands as api;
use lienthu_api::replicas::{AuditProgress, AuditView, FillTerms, FillView, RowsView, Wanted};
use lienthu_domain::ids::BranchCode;
use lienthu_port::message::Message;
use tauri::ipc::Channel;

use super::{AppState, told};

/// Compares what the active sites hold alike, and looks who has which copy. What is found comes as it is found.
#[tauri::command]
#[specta::specta]
pub async fn replica_audit(
    app: AppState<'_>,
    progress: Channel<AuditProgress>,
) -> Result<AuditView, Message> {
    app.execute(api::replicas::AuditReplicas { watch: told(progress) }).await
}

/// Makes rows that differ what one branch has, at all active sites or at none.
#[tauri::command]
#[specta::specta]
pub async fn replica_repair(app: AppState<'_>, wanted: Vec<Wanted>) -> Result<RowsView, Message> {
    app.execute(api::replicas::RepairRows { wanted }).await
}

/// Brings the site of a branch that takes no part to what the network has.
#[tauri::command]
#[specta::specta]
pub async fn replica_fill(
    app: AppState<'_>,
    branch: BranchCode,
    from: Option<BranchCode>,
    terms: FillTerms,
    progress: Channel<FillView>,
) -> Result<FillView, Message> {
    app.execute(api::replicas::FillSite { branch, from, terms, watch: told(progress) }).await
}

/// Lets a branch that is away take part again, where its site has what all others have.
#[tauri::command]
#[specta::specta]
pub async fn replica_activate(
    app: AppState<'_>,
    branch: BranchCode,
    progress: Channel<AuditProgress>,
) -> Result<RowsView, Message> {
    app.execute(api::replicas::ActivateBranch { branch, watch: told(progress) }).await
}
