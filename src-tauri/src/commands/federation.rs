//! Questions to all sites.

use lienthu_across::federation::answers::Part;
use lienthu_across::federation::figures::BranchFigures;
use lienthu_api::commands::federation::{
    CardsSaid, CopySaid, CopyWhere, FindPatronAnywhere, HistorySaid, HistoryWhere, MostLentTitles,
    MostLentView, PatronHistory, PatronsWhere, SiteStates, SiteView, Statistics, StatisticsView,
    TitleAt, TitleWhere, WhereIsCopy, WhereIsTitle,
};
use lienthu_domain::period::Step;
use lienthu_domain::times::LocalDate;
use lienthu_port::message::Message;
use lienthu_port::whereabouts::{LoanPlace, PatronOf};
use tauri::ipc::Channel;

use super::{AppState, key, told};

/// What each branch has of a title; every branch's part as it comes.
#[tauri::command]
#[specta::specta]
pub async fn where_is_title(
    app: AppState<'_>,
    key: String,
    parts: Channel<TitleAt>,
) -> Result<TitleWhere, Message> {
    app.execute(WhereIsTitle { key: super::key(&key)?, each: told(parts) }).await
}

/// Where a copy is; every branch's part as it comes.
#[tauri::command]
#[specta::specta]
pub async fn where_is_copy(
    app: AppState<'_>,
    barcode: String,
    parts: Channel<Part<CopySaid>>,
) -> Result<CopyWhere, Message> {
    app.execute(WhereIsCopy { barcode: key(&barcode)?, each: told(parts) }).await
}

/// Patrons of every branch by name, code or phone; every branch's part as it comes.
#[tauri::command]
#[specta::specta]
pub async fn find_patron_anywhere(
    app: AppState<'_>,
    text: String,
    parts: Channel<Part<CardsSaid>>,
) -> Result<PatronsWhere, Message> {
    app.execute(FindPatronAnywhere { text, each: told(parts) }).await
}

/// A page of a patron's loans at every branch; every branch's part as it comes.
#[tauri::command]
#[specta::specta]
pub async fn patron_history(
    app: AppState<'_>,
    patron: PatronOf,
    behind: Option<LoanPlace>,
    parts: Channel<Part<HistorySaid>>,
) -> Result<HistoryWhere, Message> {
    app.execute(PatronHistory { patron, behind, each: told(parts) }).await
}

/// Figures of a period; every branch's part as it comes.
#[tauri::command]
#[specta::specta]
pub async fn statistics(
    app: AppState<'_>,
    from: LocalDate,
    to: LocalDate,
    step: Step,
    parts: Channel<Part<BranchFigures>>,
) -> Result<StatisticsView, Message> {
    app.execute(Statistics { from, to, step, each: told(parts) }).await
}

/// The titles lent most often in a period.
#[tauri::command]
#[specta::specta]
pub async fn most_lent_titles(
    app: AppState<'_>,
    from: LocalDate,
    to: LocalDate,
    best: u32,
) -> Result<MostLentView, Message> {
    app.execute(MostLentTitles { from, to, best }).await
}

/// Which sites are there; every site as it answers.
#[tauri::command]
#[specta::specta]
pub async fn site_states(
    app: AppState<'_>,
    parts: Channel<SiteView>,
) -> Result<Vec<SiteView>, Message> {
    app.execute(SiteStates { each: told(parts) }).await
}
