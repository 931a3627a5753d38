//! Of copies that move.

use lienthu_across::transfers::pick_list::PickList;
use lienthu_api::commands as api;
use lienthu_api::transfers::{Pick, PickListFile, TransferPreview, TransferView};
use lienthu_desk::arrivals::{Arriving, Received};
use lienthu_domain::ids::TransferId;
use lienthu_port::message::Message;
use lienthu_port::transfers::OrderSummary;

use super::{AppState, key};

/// What would become of a transfer. Nothing is begun.
#[tauri::command]
#[specta::specta]
pub async fn transfer_compose(
    app: AppState<'_>,
    from: String,
    to: String,
    pick: Pick,
) -> Result<TransferPreview, Message> {
    let (from, to) = (key(&from)?, key(&to)?);
    app.execute(api::transfers::TransferCompose { from, to, pick }).await
}

/// Orders copies to be moved, and moves them.
#[tauri::command]
#[specta::specta]
pub async fn transfer_begin(
    app: AppState<'_>,
    from: String,
    to: String,
    copies: Vec<String>,
) -> Result<TransferView, Message> {
    let copies = copies.iter().map(|copy| key(copy)).collect::<Result<_, _>>()?;
    let (from, to) = (key(&from)?, key(&to)?);
    app.execute(api::transfers::TransferBegin { from, to, copies }).await
}

/// Goes on with an order where it stopped.
#[tauri::command]
#[specta::specta]
pub async fn transfer_resume(app: AppState<'_>, id: TransferId) -> Result<TransferView, Message> {
    app.execute(api::transfers::TransferResume { id }).await
}

/// Gives up what waits of an order.
#[tauri::command]
#[specta::specta]
pub async fn transfer_give_up(app: AppState<'_>, id: TransferId) -> Result<TransferView, Message> {
    app.execute(api::transfers::TransferGiveUp { id }).await
}

/// A page of the orders of this desk.
#[tauri::command]
#[specta::specta]
pub async fn transfer_list(app: AppState<'_>, skip: u32) -> Result<Vec<OrderSummary>, Message> {
    app.execute(api::transfers::TransferList { skip }).await
}

/// One order of this desk.
#[tauri::command]
#[specta::specta]
pub async fn transfer_get(app: AppState<'_>, id: TransferId) -> Result<TransferView, Message> {
    app.execute(api::transfers::TransferGet { id }).await
}

/// The books of an order that are still to be taken from the shelves.
#[tauri::command]
#[specta::specta]
pub async fn transfer_pick_list(app: AppState<'_>, id: TransferId) -> Result<PickList, Message> {
    app.execute(api::transfers::TransferPickList { id }).await
}

/// Writes that list to a file in the desk's folder.
#[tauri::command]
#[specta::specta]
pub async fn transfer_pick_list_export(
    app: AppState<'_>,
    id: TransferId,
) -> Result<PickListFile, Message> {
    app.execute(api::transfers::TransferPickListExport { id }).await
}

/// What other branches sent here and nobody has received yet.
#[tauri::command]
#[specta::specta]
pub async fn list_arriving(app: AppState<'_>) -> Result<Arriving, Message> {
    app.execute(api::transfers::ListArriving {}).await
}

/// Receives copies that other branches sent here.
#[tauri::command]
#[specta::specta]
pub async fn receive_copies(app: AppState<'_>, copies: Vec<String>) -> Result<Received, Message> {
    let copies = copies.iter().map(|copy| key(copy)).collect::<Result<_, _>>()?;
    app.execute(api::transfers::ReceiveCopies { copies }).await
}
