//! The commands as the window calls them: each wraps one command of `lienthu-api`, one to one. What a
//! person typed comes as text and is parsed here, so that a mistake gets a sentence.

use std::str::FromStr;

use lienthu_across::federation::answers::Part;
use lienthu_across::federation::figures::BranchFigures;
use lienthu_across::transfers::pick_list::PickList;
use lienthu_api::app::AppView;
use lienthu_api::catalogue::{
    BranchesView, ClosedDaysView, ImportView, OnDifference, PendingPage, PendingView, PoliciesView,
};
use lienthu_api::commands as api;
use lienthu_api::commands::federation::{
    CardsSaid, CopySaid, CopyWhere, FindPatronAnywhere, HistorySaid, HistoryWhere, MostLentTitles,
    MostLentView, PatronHistory, PatronsWhere, SiteStates, SiteView, Statistics, StatisticsView,
    TitleAt, TitleWhere, WhereIsCopy, WhereIsTitle,
};
use lienthu_api::commands::network::{ConnectionTest, NetworkView, ShownCertificate};
use lienthu_api::elsewhere::TransitSlip;
use lienthu_api::listener::Listener;
use lienthu_api::network::SiteEntry;
use lienthu_api::replicas::{AuditProgress, AuditView, FillTerms, FillView, RowsView, Wanted};
use lienthu_api::transactions::{
    ForcedView, Forgotten, InDoubtView, OutcomeView, Readmitted, RepairedView, SettledView,
};
use lienthu_api::transfers::{Pick, PickListFile, TransferPreview, TransferView};
use lienthu_api::visitors::{ByHand, VisitorMade};
use lienthu_desk::answer::{Answer, ScanAnswer};
use lienthu_desk::arrivals::{Arriving, Received};
use lienthu_desk::error::DeskError;
use lienthu_desk::lookup::{CopyAnswer, PatronAnswer, PatronsFound, ReviewLine};
use lienthu_desk::scan::ScanRequest;
use lienthu_desk::session::Person;
use lienthu_desk::upkeep::QueueLine;
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::{BranchCode, ChangeId, EventId, KeyError, TransferId, TxnId};
use lienthu_domain::period::Step;
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::LocalDate;
use lienthu_port::cache::TitlesFound;
use lienthu_port::changes::{ChangeCounts, ChangeFilter};
use lienthu_port::lookup::{CopyChange, PatronChange};
use lienthu_port::message::Message;
use lienthu_port::outbox::{Enrolment, QueueFilter};
use lienthu_port::transfers::OrderSummary;
use lienthu_port::whereabouts::{LoanPlace, PatronOf};
use serde::Serialize;
use tauri::State;
use tauri::ipc::Channel;

use crate::shell::Shell;

type AppState<'a> = State<'a, Shell>;

/// Tells the window each part of an answer.
fn told<T: Serialize + Send + Sync + 'static>(parts: Channel<T>) -> Listener<T> {
    // A window that is just closing hears nothing any more.
    Listener::new(move |part| drop(parts.send(part)))
}

fn key<T: FromStr<Err = KeyError>>(text: &str) -> Result<T, Message> {
    text.parse().map_err(|error: KeyError| DeskError::from(error).message())
}

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

/// What each branch has of a title; every branch's part as it comes.
#[tauri::command]
#[specta::specta]
pub async fn where_is_title(
    app: AppState<'_>,
    key: String,
    parts: Channel<TitleAt>,
) -> Result<TitleWhere, Message> {
    app.execute(WhereIsTitle { key: self::key(&key)?, each: told(parts) }).await
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
