//! Orders to move copies, as this desk keeps and runs them.

use std::fmt;
use std::sync::Arc;

use lienthu_across::beginning::BeginError;
use lienthu_across::transfers::looking::look;
use lienthu_across::transfers::pick_list::{PickLine, PickList, pick_list};
use lienthu_across::transfers::picking::{TitlePick, of_title};
use lienthu_across::transfers::progress::TransferProgress;
use lienthu_across::transfers::running::{PART_COPIES, run};
use lienthu_across::transfers::trouble::{RunError, Trouble};
use lienthu_desk::arrivals::LeftOut;
use lienthu_desk::error::DeskError;
use lienthu_desk::session::Permit;
use lienthu_domain::action::ActionError;
use lienthu_domain::ids::{Barcode, BranchCode, TransferId};
use lienthu_port::error::StoreError;
use lienthu_port::message::Message;
use lienthu_port::transfers::{
    LineState, ORDER_COPIES_MAX, OrderCounts, OrderHead, OrderPart, OrderSummary, SeenCopy,
    TransferOrder, TransferOrders,
};
use lienthu_port::world::Ids as _;
use serde::{Deserialize, Serialize};
use specta::Type;
use tokio::sync::{Mutex, watch};

use crate::app::App;
use crate::barcode_list::{self, ListError, UnreadLine};
use crate::system::{SystemIds, wall_clock};

/// Which copies are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Pick {
    /// Those that were scanned.
    Barcodes {
        /// Their barcodes.
        copies: Vec<Barcode>,
    },
    /// Those of a title.
    Title {
        /// Which.
        pick: TitlePick,
    },
    /// Those in a file: a barcode a line, or a column of a table.
    List {
        /// What is in the file.
        text: String,
        /// The column's name.
        column: Option<String>,
    },
}

/// What would become of a transfer. Nothing is begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TransferPreview {
    /// Where the copies are.
    pub from: BranchCode,
    /// Where they go.
    pub to: BranchCode,
    /// Nothing that is known stands against moving these.
    pub going: Vec<PickLine>,
    /// These stay, with the reason.
    pub left_out: Vec<LeftOut>,
    /// Lines of a file that hold no barcode.
    pub unread: Vec<UnreadLine>,
    /// In how many transactions they go.
    pub parts: u32,
}

/// An order, as far as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TransferView {
    /// What was ordered.
    pub head: OrderHead,
    /// Its copies, by what has become of them.
    pub counts: OrderCounts,
    /// Its transactions, in their order.
    pub parts: Vec<OrderPart>,
    /// The copies that stay, with the reason.
    pub left_out: Vec<LeftOut>,
    /// Why it goes no further for now.
    pub trouble: Option<Message>,
}

/// A pick list in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PickListFile {
    /// The file.
    pub file: String,
    /// How many books it holds.
    pub books: u32,
}

/// Why a command about transfers does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferError {
    /// The desk, or whoever is signed in at it.
    Desk(DeskError),
    /// A site, or what the sites know of each other.
    Begin(BeginError),
    /// This desk keeps no such order.
    Unknown(TransferId),
    /// The list of barcodes.
    List(ListError),
}

impl From<DeskError> for TransferError {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<StoreError> for TransferError {
    fn from(error: StoreError) -> Self {
        Self::Desk(error.into())
    }
}

impl From<BeginError> for TransferError {
    fn from(error: BeginError) -> Self {
        Self::Begin(error)
    }
}

impl From<RunError> for TransferError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Unknown(id) => Self::Unknown(id),
            RunError::Store(error) => error.into(),
        }
    }
}

impl From<TransferError> for Message {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Desk(error) => error.message(),
            TransferError::Begin(error) => error.message(),
            TransferError::Unknown(_) => Self::new(
                "transfer_unknown",
                (
                    "Máy này không giữ phiếu chuyển đó. Xem danh sách phiếu chuyển.",
                    "This desk keeps no such transfer. Look at the list of transfers.",
                ),
            ),
            TransferError::List(ListError::TooLong) => Self::new(
                "list_too_long",
                (
                    "Danh sách quá dài. Chia thành nhiều danh sách nhỏ hơn.",
                    "The list is too long. Split it into smaller ones.",
                ),
            ),
            TransferError::List(ListError::NoColumn(name)) => Self {
                code: "list_no_column".to_owned(),
                vi: format!("Danh sách không có cột {name}. Kiểm tra dòng đầu của tệp."),
                en: format!("The list has no column {name}. Check the first line of the file."),
            },
        }
    }
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Desk(error) => error.fmt(f),
            Self::Begin(error) => error.fmt(f),
            Self::Unknown(id) => RunError::Unknown(*id).fmt(f),
            Self::List(error) => error.fmt(f),
        }
    }
}

/// The barcodes of a list, for whoever receives copies from one. Lines without a barcode are passed over.
///
/// # Errors
/// Code and sentences of what is wrong with the list.
pub fn read_list(text: &str, column: Option<&str>) -> Result<Vec<Barcode>, Message> {
    match barcode_list::read(text, column) {
        Ok(list) => Ok(list.copies),
        Err(error) => Err(TransferError::List(error).into()),
    }
}

/// The orders of this desk, and what runs of them.
pub(crate) struct Transfers {
    orders: Arc<dyn TransferOrders>,
    /// Held by whoever runs an order: one at a time leaves a desk.
    running: Mutex<()>,
    progress: watch::Sender<Option<TransferProgress>>,
}

impl Transfers {
    pub(crate) fn new(orders: Arc<dyn TransferOrders>) -> Self {
        Self { orders, running: Mutex::new(()), progress: watch::Sender::new(None) }
    }
}

impl App {
    /// How far the order is that runs, or the last one that did, to follow.
    #[must_use]
    pub fn transfer_progress(&self) -> watch::Receiver<Option<TransferProgress>> {
        self.transfers.progress.subscribe()
    }

    pub(crate) async fn preview_transfer(
        &self,
        permit: &Permit,
        from: BranchCode,
        to: BranchCode,
        pick: Pick,
    ) -> Result<TransferPreview, TransferError> {
        let sites = self.manager_sites(permit)?;
        let (mut copies, unread) = match pick {
            Pick::Barcodes { copies } => (copies, Vec::new()),
            Pick::Title { pick } => (of_title(&sites, &from, &pick).await?, Vec::new()),
            Pick::List { text, column } => {
                let list =
                    barcode_list::read(&text, column.as_deref()).map_err(TransferError::List)?;
                (list.copies, list.unread)
            }
        };
        each_once(&mut copies);
        if copies.len() > ORDER_COPIES_MAX {
            return Err(BeginError::Action(ActionError::TooMany).into());
        }
        let looked = look(&sites, &from, &to, &copies).await?;
        let parts = looked.going.len().div_ceil(PART_COPIES);
        Ok(TransferPreview {
            from,
            to,
            going: looked.going.iter().map(pick_line).collect(),
            left_out: looked
                .refused
                .into_iter()
                .map(|staying| LeftOut::new(staying.copy, staying.title_name, staying.why))
                .collect(),
            unread,
            parts: u32::try_from(parts).unwrap_or(u32::MAX),
        })
    }

    pub(crate) async fn begin_transfer(
        &self,
        permit: &Permit,
        from: BranchCode,
        to: BranchCode,
        mut copies: Vec<Barcode>,
    ) -> Result<TransferView, TransferError> {
        each_once(&mut copies);
        let wrong = match copies.len() {
            _ if from == to => Some(ActionError::NowhereToGo),
            0 => Some(ActionError::Empty),
            count if count > ORDER_COPIES_MAX => Some(ActionError::TooMany),
            _ => None,
        };
        if let Some(error) = wrong {
            return Err(BeginError::Action(error).into());
        }
        let head = OrderHead {
            id: SystemIds.transfer(),
            from,
            to,
            placed_by: permit.login().clone(),
            placed_at: wall_clock(),
        };
        self.transfers.orders.place(&head, &copies).await?;
        tracing::info!(transfer = %head.id, copies = copies.len(), "a transfer was ordered");
        self.run_transfer(permit, head.id).await
    }

    pub(crate) async fn run_transfer(
        &self,
        permit: &Permit,
        id: TransferId,
    ) -> Result<TransferView, TransferError> {
        let sites = self.manager_sites(permit)?;
        let transfers = &self.transfers;
        let _running = transfers.running.lock().await;
        let watch = |progress: &TransferProgress| {
            transfers.progress.send_replace(Some(progress.clone()));
        };
        let run = run(&sites, &*transfers.orders, &SystemIds, id, watch).await?;
        if let Some(trouble) = &run.trouble {
            tracing::warn!(transfer = %id, %trouble, "a transfer goes no further for now");
        }
        Ok(view(&run.order, run.trouble.as_ref()))
    }

    pub(crate) async fn transfer_list(
        &self,
        skip: u32,
    ) -> Result<Vec<OrderSummary>, TransferError> {
        Ok(self.transfers.orders.orders(skip).await?)
    }

    pub(crate) async fn transfer_get(&self, id: TransferId) -> Result<TransferView, TransferError> {
        Ok(view(&self.transfer_order(id).await?, None))
    }

    pub(crate) async fn give_up_transfer(
        &self,
        id: TransferId,
    ) -> Result<TransferView, TransferError> {
        self.transfers.orders.give_up(id).await?;
        self.transfer_get(id).await
    }

    pub(crate) async fn transfer_pick_list(
        &self,
        permit: &Permit,
        id: TransferId,
    ) -> Result<PickList, TransferError> {
        let order = self.transfer_order(id).await?;
        Ok(pick_list(&*self.manager_sites(permit)?, &order).await?)
    }

    pub(crate) fn export_pick_list(&self, list: &PickList) -> Result<PickListFile, TransferError> {
        let file = self.write_export("pick-list", "csv", &pick_list_csv(list))?;
        let books = u32::try_from(list.lines.len()).unwrap_or(u32::MAX);
        Ok(PickListFile { file: file.display().to_string(), books })
    }

    async fn transfer_order(&self, id: TransferId) -> Result<TransferOrder, TransferError> {
        let order = self.transfers.orders.order(id).await?;
        order.ok_or(TransferError::Unknown(id))
    }
}

/// The list as a table that other programs read, in the order of the shelves. It begins with a byte order mark:
/// without one Excel takes its letters for others.
#[must_use]
pub fn pick_list_csv(list: &PickList) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    let heads = ["KyHieuXepGia", "TenSach", "ISBN", "MaQuyenSach", "HienTrang"];
    // Nothing goes wrong while writing to memory, and every row has as many cells as the first.
    table.write_record(heads).ok();
    for line in &list.lines {
        let cells = [
            line.shelf_mark.as_str(),
            &line.title_name,
            line.title.as_str(),
            line.copy.as_str(),
            line.condition.code(),
        ];
        table.write_record(cells.map(unformula)).ok();
    }
    let bytes = table.into_inner().unwrap_or_default();
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}

/// A cell that a spreadsheet would take for a formula is one no more.
fn unformula(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

fn each_once(copies: &mut Vec<Barcode>) {
    let mut seen = std::collections::BTreeSet::new();
    copies.retain(|copy| seen.insert(copy.clone()));
}

fn pick_line(seen: &SeenCopy) -> PickLine {
    let details = &seen.moving.details;
    PickLine {
        shelf_mark: details.shelf_mark.clone(),
        title_name: seen.title_name.clone(),
        title: details.title.clone(),
        copy: details.barcode.clone(),
        condition: details.condition,
    }
}

fn view(order: &TransferOrder, trouble: Option<&Trouble>) -> TransferView {
    let left_out = order.lines.iter().filter_map(|line| {
        let LineState::Refused(why) = line.state else { return None };
        let title = line.seen.as_ref().map(|seen| seen.title_name.clone());
        Some(LeftOut::new(line.copy.clone(), title, why))
    });
    TransferView {
        head: order.head.clone(),
        counts: order.counts(),
        parts: order.parts.clone(),
        left_out: left_out.collect(),
        trouble: trouble.map(Trouble::message),
    }
}
