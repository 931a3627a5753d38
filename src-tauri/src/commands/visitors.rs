//! Of books and readers of other branches.

use lienthu_api::commands as api;
use lienthu_api::elsewhere::TransitSlip;
use lienthu_api::visitors::{ByHand, VisitorMade};
use lienthu_port::message::Message;

use super::{AppState, key};

/// Books of other branches that came back here, with what belongs on their transit slips.
#[tauri::command]
#[specta::specta]
pub async fn transit_slips(app: AppState<'_>, skip: u32) -> Result<Vec<TransitSlip>, Message> {
    app.execute(api::TransitSlips { skip }).await
}

/// Makes a card for a reader of another branch.
#[tauri::command]
#[specta::specta]
pub async fn visitor_add(
    app: AppState<'_>,
    card: String,
    home: Option<String>,
    code: Option<String>,
    by_hand: Option<ByHand>,
) -> Result<VisitorMade, Message> {
    let home = home.as_deref().map(key).transpose()?;
    let code = code.as_deref().map(key).transpose()?;
    app.execute(api::visitors::VisitorAdd { card: key(&card)?, home, code, by_hand }).await
}
