//! Of the desk: who works there, scans, the queue, what waits to be looked at, titles, patrons and copies.

use lienthu_api::app::AppView;
use lienthu_api::commands as api;
use lienthu_desk::answer::{Answer, ScanAnswer};
use lienthu_desk::lookup::{CopyAnswer, PatronAnswer, PatronsFound, ReviewLine};
use lienthu_desk::scan::ScanRequest;
use lienthu_desk::session::Person;
use lienthu_desk::upkeep::QueueLine;
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::EventId;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_port::cache::TitlesFound;
use lienthu_port::lookup::{CopyChange, PatronChange};
use lienthu_port::message::Message;
use lienthu_port::outbox::{Enrolment, QueueFilter};

use super::{AppState, key};

/// The state of everything, for the status line.
#[tauri::command]
#[specta::specta]
pub async fn get_view(app: AppState<'_>) -> Result<AppView, Message> {
    app.execute(api::GetView {}).await
}

/// Enrols this installation at its first run.
#[tauri::command]
#[specta::specta]
pub async fn enrol(app: AppState<'_>, branch: String, name: String) -> Result<Enrolment, Message> {
    app.execute(api::Enrol { branch: key(&branch)?, name }).await
}

/// Signs someone in.
#[tauri::command]
#[specta::specta]
pub async fn sign_in(
    app: AppState<'_>,
    login: String,
    password: String,
) -> Result<Person, Message> {
    app.execute(api::SignIn { login: key(&login)?, password: password.into() }).await
}

/// Signs out.
#[tauri::command]
#[specta::specta]
pub async fn sign_out(app: AppState<'_>) -> Result<(), Message> {
    app.execute(api::SignOut {}).await
}

/// Gives whoever is signed in another password.
#[tauri::command]
#[specta::specta]
pub async fn password_change(
    app: AppState<'_>,
    old_password: String,
    new_password: String,
) -> Result<(), Message> {
    let (old, new) = (old_password.into(), new_password.into());
    app.execute(api::PasswordChange { old, new }).await
}

/// Does what a scan asks for.
#[tauri::command]
#[specta::specta]
pub async fn scan(app: AppState<'_>, request: ScanRequest) -> Result<ScanAnswer, Message> {
    app.execute(api::ScanCode { request }).await
}

/// Renews a copy's open loan.
#[tauri::command]
#[specta::specta]
pub async fn renew(app: AppState<'_>, copy: String, go_on: bool) -> Result<Answer, Message> {
    app.execute(api::Renew { copy: key(&copy)?, go_on }).await
}

/// Takes an event of this desk back.
#[tauri::command]
#[specta::specta]
pub async fn undo(app: AppState<'_>, event: EventId) -> Result<Answer, Message> {
    app.execute(api::Undo { event }).await
}

/// A page of the queue.
#[tauri::command]
#[specta::specta]
pub async fn queue_list(
    app: AppState<'_>,
    filter: QueueFilter,
    skip: u32,
) -> Result<Vec<QueueLine>, Message> {
    app.execute(api::QueueList { filter, skip }).await
}

/// Gets in touch with the site now.
#[tauri::command]
#[specta::specta]
pub async fn queue_send(app: AppState<'_>) -> Result<AppView, Message> {
    app.execute(api::QueueSend {}).await
}

/// Puts an event that was set aside back in the queue.
#[tauri::command]
#[specta::specta]
pub async fn queue_retry(app: AppState<'_>, event: EventId) -> Result<(), Message> {
    app.execute(api::QueueRetry { event }).await
}

/// Writes the events that were set aside to a file in the desk's folder.
#[tauri::command]
#[specta::specta]
pub async fn queue_export(app: AppState<'_>) -> Result<api::QueueExport, Message> {
    app.execute(api::QueueExportSetAside {}).await
}

/// What waits for someone to look at it.
#[tauri::command]
#[specta::specta]
pub async fn review_list(app: AppState<'_>) -> Result<Vec<ReviewLine>, Message> {
    app.execute(api::ReviewList {}).await
}

/// Settles a review item.
#[tauri::command]
#[specta::specta]
pub async fn review_settle(
    app: AppState<'_>,
    copy: String,
    target: EventId,
    flag: FlagKind,
    settlement: Settlement,
) -> Result<Answer, Message> {
    app.execute(api::ReviewSettle { copy: key(&copy)?, target, flag, settlement }).await
}

/// Takes back the event that a review item is about.
#[tauri::command]
#[specta::specta]
pub async fn review_undo(
    app: AppState<'_>,
    copy: String,
    target: EventId,
) -> Result<Answer, Message> {
    app.execute(api::ReviewUndo { copy: key(&copy)?, target }).await
}

/// Titles by words or beginnings of words.
#[tauri::command]
#[specta::specta]
pub async fn title_search(
    app: AppState<'_>,
    text: String,
    skip: u32,
) -> Result<TitlesFound, Message> {
    app.execute(api::TitleSearch { text, skip }).await
}

/// Patrons by name, code or phone.
#[tauri::command]
#[specta::specta]
pub async fn patron_find(app: AppState<'_>, text: String) -> Result<PatronsFound, Message> {
    app.execute(api::PatronFind { text }).await
}

/// One patron.
#[tauri::command]
#[specta::specta]
pub async fn patron_get(app: AppState<'_>, code: String) -> Result<PatronAnswer, Message> {
    app.execute(api::PatronGet { code: key(&code)? }).await
}

/// Adds or changes a patron.
#[tauri::command]
#[specta::specta]
pub async fn patron_save(app: AppState<'_>, change: PatronChange) -> Result<(), Message> {
    app.execute(api::PatronSave { change }).await
}

/// Marks a patron removed.
#[tauri::command]
#[specta::specta]
pub async fn patron_remove(app: AppState<'_>, code: String) -> Result<(), Message> {
    app.execute(api::PatronRemove { code: key(&code)? }).await
}

/// One copy.
#[tauri::command]
#[specta::specta]
pub async fn copy_get(app: AppState<'_>, barcode: String) -> Result<CopyAnswer, Message> {
    app.execute(api::CopyGet { barcode: key(&barcode)? }).await
}

/// Adds copies, all or none.
#[tauri::command]
#[specta::specta]
pub async fn copies_add(app: AppState<'_>, copies: Vec<CopyDetails>) -> Result<(), Message> {
    app.execute(api::CopiesAdd { copies }).await
}

/// Changes a copy.
#[tauri::command]
#[specta::specta]
pub async fn copy_save(app: AppState<'_>, change: CopyChange) -> Result<(), Message> {
    app.execute(api::CopySave { change }).await
}

/// Marks a copy removed.
#[tauri::command]
#[specta::specta]
pub async fn copy_remove(app: AppState<'_>, barcode: String) -> Result<(), Message> {
    app.execute(api::CopyRemove { barcode: key(&barcode)? }).await
}

/// In a demo network: cuts or restores the line of a site.
#[tauri::command]
#[specta::specta]
pub async fn demo_line(app: AppState<'_>, branch: String, cut: bool) -> Result<AppView, Message> {
    app.execute(api::DemoLine { branch: key(&branch)?, cut }).await
}
