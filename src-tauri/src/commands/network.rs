//! Of the network file.

use lienthu_api::commands as api;
use lienthu_api::commands::network::{ConnectionTest, NetworkView, ShownCertificate};
use lienthu_api::network::SiteEntry;
use lienthu_port::message::Message;

use super::{AppState, key};

/// The network file as it stands.
#[tauri::command]
#[specta::specta]
pub async fn network_get(app: AppState<'_>) -> Result<NetworkView, Message> {
    app.execute(api::network::NetworkGet {}).await
}

/// Reads the network file again, because someone changed it by hand.
#[tauri::command]
#[specta::specta]
pub async fn network_reread(app: AppState<'_>) -> Result<NetworkView, Message> {
    app.execute(api::network::NetworkReread {}).await
}

/// Tries the connection of an entry, with a login and its password or without.
#[tauri::command]
#[specta::specta]
pub async fn network_test(
    app: AppState<'_>,
    entry: SiteEntry,
    login: Option<String>,
    password: Option<String>,
) -> Result<ConnectionTest, Message> {
    let login = login.as_deref().map(key).transpose()?;
    app.execute(api::network::NetworkTest { entry, login, password: password.map(Into::into) })
        .await
}

/// Adds an entry to the file that was seen so.
#[tauri::command]
#[specta::specta]
pub async fn network_add(
    app: AppState<'_>,
    seen: Option<String>,
    entry: SiteEntry,
) -> Result<NetworkView, Message> {
    app.execute(api::network::NetworkAdd { seen, entry }).await
}

/// Changes the entry of a branch in the file that was seen so.
#[tauri::command]
#[specta::specta]
pub async fn network_change(
    app: AppState<'_>,
    seen: String,
    entry: SiteEntry,
) -> Result<NetworkView, Message> {
    app.execute(api::network::NetworkChange { seen, entry }).await
}

/// Takes the entry of a branch out of the file that was seen so.
#[tauri::command]
#[specta::specta]
pub async fn network_remove(
    app: AppState<'_>,
    seen: String,
    code: String,
    go_on: bool,
) -> Result<NetworkView, Message> {
    app.execute(api::network::NetworkRemove { seen, code: key(&code)?, go_on }).await
}

/// Puts the certificate that an entry's server shows beside the network file.
#[tauri::command]
#[specta::specta]
pub async fn network_certificate(
    app: AppState<'_>,
    entry: SiteEntry,
) -> Result<ShownCertificate, Message> {
    app.execute(api::network::NetworkCertificate { entry }).await
}

/// Makes a file from the template, where there is none.
#[tauri::command]
#[specta::specta]
pub async fn network_template(app: AppState<'_>) -> Result<NetworkView, Message> {
    app.execute(api::network::NetworkTemplate {}).await
}
