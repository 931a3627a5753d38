//! Of transactions that are not settled.

use lienthu_api::commands as api;
use lienthu_api::transactions::{
    ForcedView, Forgotten, InDoubtView, OutcomeView, Readmitted, RepairedView, SettledView,
};
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::message::Message;

use super::AppState;

/// What is not settled at any site, with what each site has of it.
#[tauri::command]
#[specta::specta]
pub async fn transactions_in_doubt(app: AppState<'_>) -> Result<InDoubtView, Message> {
    app.execute(api::transactions::ListInDoubt {}).await
}

/// Drives a transaction to its end.
#[tauri::command]
#[specta::specta]
pub async fn transaction_resolve(app: AppState<'_>, txn: TxnId) -> Result<SettledView, Message> {
    app.execute(api::transactions::ResolveTransaction { txn }).await
}

/// Has the sites that wait, or one of them, do what a manager chooses. The screen has warned.
#[tauri::command]
#[specta::specta]
pub async fn transaction_force(
    app: AppState<'_>,
    txn: TxnId,
    outcome: OutcomeView,
    only: Option<BranchCode>,
) -> Result<ForcedView, Message> {
    app.execute(api::transactions::ForceTransaction { txn, outcome, only }).await
}

/// Makes all sites alike again after an outcome was forced against the decision.
#[tauri::command]
#[specta::specta]
pub async fn transaction_repair(app: AppState<'_>, txn: TxnId) -> Result<RepairedView, Message> {
    app.execute(api::transactions::RepairTransaction { txn }).await
}

/// Speaks no more of an outcome that was forced.
#[tauri::command]
#[specta::specta]
pub async fn transaction_forget(app: AppState<'_>, txn: TxnId) -> Result<Forgotten, Message> {
    app.execute(api::transactions::ForgetTransaction { txn }).await
}

/// Lets a restored site take part again.
#[tauri::command]
#[specta::specta]
pub async fn site_readmit(app: AppState<'_>, branch: BranchCode) -> Result<Readmitted, Message> {
    app.execute(api::transactions::ReadmitSite { branch }).await
}
