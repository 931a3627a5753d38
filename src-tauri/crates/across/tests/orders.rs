//! Orders to move copies over embedded sites: in parts, from wherever they stopped.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use async_trait::async_trait;
use common::{Network, TITLE, barcode, branch, details};
use lienthu_across::transfers::looking::look;
use lienthu_across::transfers::pick_list::pick_list;
use lienthu_across::transfers::picking::{TitlePick, of_title};
use lienthu_across::transfers::progress::{SiteStep, TransferProgress};
use lienthu_across::transfers::running::{PART_COPIES, Run, run};
use lienthu_across::transfers::trouble::{RunError, Trouble};
use lienthu_domain::copy::{CopyCondition, CopyDetails, CopyState};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{
    Barcode, ChangeId, CorrelationId, DeskId, EventId, StaffLogin, TransferId, TxnId,
};
use lienthu_domain::times::UtcMs;
use lienthu_port::error::StoreError;
use lienthu_port::transfers::{
    LineState, OrderCounts, OrderHead, OrderSummary, PartEnding, SeenCopy, TransferOrder,
    TransferOrders,
};
use lienthu_port::world::Ids;
use lienthu_sqlite::{KEY_BYTES, Key};
use lienthu_store::SqliteOutbox;
use uuid::Uuid;

/// Ids in their order.
struct Counted(AtomicU64);

impl Counted {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Ids for Counted {
    fn event(&self) -> EventId {
        EventId::new(self.next())
    }

    fn correlation(&self) -> CorrelationId {
        CorrelationId::new(self.next())
    }

    fn desk(&self) -> DeskId {
        DeskId::new(self.next())
    }

    fn txn(&self) -> TxnId {
        TxnId::new(self.next())
    }

    fn transfer(&self) -> TransferId {
        TransferId::new(self.next())
    }

    fn change(&self) -> ChangeId {
        ChangeId::new(self.next())
    }
}

/// The manager's desk: its file of orders, and ids that it has not given before.
struct Desk {
    _folder: tempfile::TempDir,
    orders: SqliteOutbox,
    ids: Counted,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let orders = SqliteOutbox::open(folder.path(), &Key::new([1; KEY_BYTES])).unwrap();
        Self { _folder: folder, orders, ids: Counted(AtomicU64::new(1)) }
    }

    async fn place(&self, from: &str, to: &str, copies: &[Barcode]) -> TransferId {
        let head = OrderHead {
            id: self.ids.transfer(),
            from: branch(from),
            to: branch(to),
            placed_by: StaffLogin::parse("manager").unwrap(),
            placed_at: UtcMs::from_ms(1_767_600_000_000),
        };
        self.orders.place(&head, copies).await.unwrap();
        head.id
    }

    async fn run(&self, network: &Network, id: TransferId) -> Run {
        let sites = network.sites("manager");
        run(&sites, &self.orders, &self.ids, id, |_| {}).await.unwrap()
    }
}

/// A file of orders that fails from the call with this number on, as if the desk had died: that call happens
/// where `late`, and nobody hears of it.
struct Dying<'a> {
    orders: &'a SqliteOutbox,
    calls: AtomicU32,
    dies_at: u32,
    late: bool,
}

impl Dying<'_> {
    fn dies(&self) -> Result<bool, StoreError> {
        match self.calls.fetch_add(1, Ordering::Relaxed) {
            call if call < self.dies_at => Ok(false),
            call if call == self.dies_at && self.late => Ok(true),
            _ => Err(dead()),
        }
    }
}

fn dead() -> StoreError {
    StoreError::Unexpected { detail: "the desk is dead".to_owned() }
}

/// A call, unless the desk dies before it, or right behind it.
macro_rules! unless_dead {
    ($self:ident, $call:expr) => {{
        let dies = $self.dies()?;
        let answer = $call.await;
        if dies { Err(dead()) } else { answer }
    }};
}

#[async_trait]
impl TransferOrders for Dying<'_> {
    async fn place(&self, head: &OrderHead, copies: &[Barcode]) -> Result<(), StoreError> {
        unless_dead!(self, self.orders.place(head, copies))
    }

    async fn orders(&self, skip: u32) -> Result<Vec<OrderSummary>, StoreError> {
        unless_dead!(self, self.orders.orders(skip))
    }

    async fn order(&self, id: TransferId) -> Result<Option<TransferOrder>, StoreError> {
        unless_dead!(self, self.orders.order(id))
    }

    async fn begin_part(
        &self,
        id: TransferId,
        txn: TxnId,
        copies: &[SeenCopy],
    ) -> Result<bool, StoreError> {
        unless_dead!(self, self.orders.begin_part(id, txn, copies))
    }

    async fn end_part(&self, txn: TxnId, ending: &PartEnding) -> Result<(), StoreError> {
        unless_dead!(self, self.orders.end_part(txn, ending))
    }

    async fn refuse(
        &self,
        id: TransferId,
        copies: &[(Barcode, Hindrance)],
    ) -> Result<(), StoreError> {
        unless_dead!(self, self.orders.refuse(id, copies))
    }

    async fn give_up(&self, id: TransferId) -> Result<u32, StoreError> {
        unless_dead!(self, self.orders.give_up(id))
    }
}

fn many(count: usize) -> Vec<CopyDetails> {
    (0..count).map(|n| details(&format!("M{n:04}"))).collect()
}

fn barcodes(copies: &[CopyDetails]) -> Vec<Barcode> {
    copies.iter().map(|copy| copy.barcode.clone()).collect()
}

fn refused(order: &TransferOrder) -> Vec<(&str, Hindrance)> {
    let refused = order.lines.iter().filter_map(|line| match line.state {
        LineState::Refused(why) => Some((line.copy.as_str(), why)),
        _ => None,
    });
    refused.collect()
}

#[tokio::test]
async fn thousands_go_in_parts_and_what_cannot_go_stays_with_its_reason() {
    let (network, desk) = (Network::new().await, Desk::new());
    let mut copies = many(2 * PART_COPIES + 5);
    copies[3].condition = CopyCondition::Lost;
    copies[4].condition = CopyCondition::Damaged;
    network.add_copies("Q1", copies.clone()).await;
    // Another book under the same barcode, and one that is not anywhere.
    network.add_copy("Q3", "M0001").await;
    let mut wanted = barcodes(&copies);
    wanted.push(barcode("NOWHERE"));

    let id = desk.place("Q1", "Q3", &wanted).await;
    let Run { order, trouble } = desk.run(&network, id).await;
    assert_eq!(trouble, None);
    let expected = [
        ("M0001", Hindrance::CodeCollides),
        ("M0003", Hindrance::Lost),
        ("NOWHERE", Hindrance::Unknown),
    ];
    assert_eq!(refused(&order), expected);
    let moved = u32::try_from(copies.len()).unwrap() - 2;
    assert_eq!(order.counts(), OrderCounts { moved, refused: 3, ..OrderCounts::default() });
    assert_eq!(order.parts.len(), 3);
    assert_eq!(network.open().await, 0);

    assert_eq!(network.live("Q1").await.len(), 5 + 2, "C1 to C5, M0001 and M0003");
    let there = network.live("Q3").await;
    assert_eq!(there.len(), copies.len() - 1, "with its own M0001");
    assert_eq!(network.receive("Q3", &["M0000", "M0004"]).await, []);
    let damaged = network.copy("Q3", "M0004").await.unwrap();
    assert_eq!(damaged.state, CopyState::Damaged, "as it was when it left");
}

#[tokio::test]
async fn what_stands_against_moving_is_known_before_anything_is_begun() {
    let network = Network::new().await;
    let sites = network.sites("manager");
    network.add_copy("Q3", "C2").await;
    let copies = ["C1", "C2", "C9"].map(barcode);
    let looked = look(&sites, &branch("Q1"), &branch("Q3"), &copies).await.unwrap();
    let going: Vec<&str> =
        looked.going.iter().map(|seen| seen.moving.details.barcode.as_str()).collect();
    let stays: Vec<Hindrance> = looked.refused.iter().map(|staying| staying.why).collect();
    assert_eq!(going, ["C1"]);
    assert_eq!(stays, [Hindrance::CodeCollides, Hindrance::Unknown]);
    assert_eq!(network.open().await, 0);
}

#[tokio::test]
async fn a_book_goes_there_and_back_and_there_again() {
    let (network, desk) = (Network::new().await, Desk::new());
    for (from, to) in [("Q1", "Q3"), ("Q3", "Q1"), ("Q1", "Q3"), ("Q3", "Q5"), ("Q5", "Q1")] {
        let id = desk.place(from, to, &[barcode("C1")]).await;
        let Run { order, trouble } = desk.run(&network, id).await;
        assert_eq!((order.counts().moved, trouble), (1, None), "{from} to {to}");
        assert_eq!(network.copy(from, "C1").await.unwrap().forwarded_to, Some(branch(to)));
        assert_eq!(network.receive(to, &["C1"]).await, []);
        assert_eq!(network.copy(to, "C1").await.unwrap().state, CopyState::Free);
    }
    let again = desk.place("Q3", "Q5", &[barcode("C1")]).await;
    let Run { order, .. } = desk.run(&network, again).await;
    assert_eq!(refused(&order), [("C1", Hindrance::AlreadyThere)], "it went that way before");
}

#[tokio::test]
async fn whatever_the_desk_was_doing_when_it_died_the_order_ends_and_nothing_is_moved_twice() {
    let mut died = 0;
    for late in [false, true] {
        for dies_at in 0.. {
            let (network, desk) = (Network::new().await, Desk::new());
            let id = desk.place("Q1", "Q3", &["C1", "C2", "C9"].map(barcode)).await;
            let sites = network.sites("manager");
            let dying = Dying { orders: &desk.orders, calls: AtomicU32::new(0), dies_at, late };
            let first = run(&sites, &dying, &desk.ids, id, |_| {}).await;
            let Run { order, trouble } = desk.run(&network, id).await;
            assert_eq!(trouble, None, "died at {dies_at}, late: {late}");
            let counts = OrderCounts { moved: 2, refused: 1, ..OrderCounts::default() };
            assert_eq!(order.counts(), counts, "died at {dies_at}, late: {late}");
            assert_eq!(network.live("Q1").await.len(), 3);
            assert_eq!(network.live("Q3").await.len(), 2);
            assert_eq!(network.open().await, 0);
            match first {
                Ok(_) => break,
                Err(RunError::Store(_)) => died += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(died >= 10, "it died {died} times");
}

#[tokio::test]
async fn an_order_waits_for_a_site_that_is_away_and_goes_on_when_it_is_back() {
    let (network, desk) = (Network::new().await, Desk::new());
    let id = desk.place("Q1", "Q3", &["C1", "C2"].map(barcode)).await;
    network.cut("Q3", true);
    let Run { order, trouble } = desk.run(&network, id).await;
    assert!(matches!(trouble, Some(Trouble::Begin(_))), "{trouble:?}");
    assert_eq!((order.counts().waiting, order.parts.len()), (2, 0));
    network.cut("Q3", false);
    let Run { order, trouble } = desk.run(&network, id).await;
    assert_eq!((order.counts().moved, trouble), (2, None));
}

#[tokio::test]
async fn each_step_of_each_site_is_told() {
    let (network, desk) = (Network::new().await, Desk::new());
    let id = desk.place("Q1", "Q3", &["C1", "C2"].map(barcode)).await;
    let mut told: Vec<TransferProgress> = Vec::new();
    let sites = network.sites("manager");
    run(&sites, &desk.orders, &desk.ids, id, |progress| told.push(progress.clone())).await.unwrap();
    let steps = |code: &str| {
        let parts = told.iter().filter_map(|progress| progress.part.as_ref());
        let sites = parts.flat_map(|part| &part.sites).filter(|site| site.branch == branch(code));
        let mut steps: Vec<SiteStep> = sites.map(|site| site.step).collect();
        steps.dedup();
        steps
    };
    let all = [SiteStep::Asked, SiteStep::Promised, SiteStep::Committed];
    assert_eq!((steps("Q1"), steps("Q3")), (all.to_vec(), all.to_vec()));
    let last = told.last().unwrap();
    assert!(last.is_over && last.counts.moved == 2, "{last:?}");
}

#[tokio::test]
async fn what_waits_of_an_order_can_be_given_up() {
    let (network, desk) = (Network::new().await, Desk::new());
    let id = desk.place("Q1", "Q3", &["C1", "C2"].map(barcode)).await;
    assert_eq!(desk.orders.give_up(id).await.unwrap(), 2);
    let Run { order, trouble } = desk.run(&network, id).await;
    assert_eq!((order.counts().given_up, trouble), (2, None));
    assert_eq!(network.live("Q3").await.len(), 0);
    let unknown = TransferId::new(Uuid::nil());
    let sites = network.sites("manager");
    let error = run(&sites, &desk.orders, &desk.ids, unknown, |_| {}).await.unwrap_err();
    assert_eq!(error, RunError::Unknown(unknown));
}

#[tokio::test]
async fn copies_of_a_title_are_picked_by_state_and_shelf() {
    let network = Network::new().await;
    let mut copies = many(700);
    for (copy, n) in copies.iter_mut().zip(0..) {
        copy.shelf_mark = if n % 2 == 0 { "A 1".to_owned() } else { "B 1".to_owned() };
    }
    copies[0].condition = CopyCondition::Damaged;
    network.add_copies("Q1", copies).await;
    let sites = network.sites("manager");
    let pick = |states: &[CopyState], shelf: &str, most| TitlePick {
        title: TITLE.parse().unwrap(),
        states: states.to_vec(),
        shelf_mark: shelf.to_owned(),
        most,
    };
    for (pick, expected) in [
        (pick(&[], "A", None), 349),
        (pick(&[CopyState::Damaged], "", None), 1),
        (pick(&[], "B", Some(7)), 7),
        (pick(&[], "", None), 704),
        (pick(&[], "C", None), 0),
    ] {
        let picked = of_title(&sites, &branch("Q1"), &pick).await.unwrap();
        assert_eq!(picked.len(), expected, "{pick:?}");
        assert!(picked.is_sorted());
    }
}

#[tokio::test]
async fn the_pick_list_holds_what_is_not_received_in_the_order_of_the_shelves() {
    let (network, desk) = (Network::new().await, Desk::new());
    let shelved = [("K1", "895.9 NGU"), ("K2", "005.1 KNU"), ("K3", "895.9 AAA"), ("K4", "")];
    let copies =
        shelved.map(|(copy, shelf)| CopyDetails { shelf_mark: shelf.to_owned(), ..details(copy) });
    network.add_copies("Q1", copies.to_vec()).await;
    let id = desk.place("Q1", "Q3", &barcodes(&copies)).await;
    let Run { order, .. } = desk.run(&network, id).await;
    network.receive("Q3", &["K3"]).await;
    let sites = network.sites("manager");
    let list = pick_list(&sites, &order).await.unwrap();
    let taken: Vec<&str> = list.lines.iter().map(|line| line.copy.as_str()).collect();
    assert_eq!((taken, list.received), (vec!["K4", "K2", "K1"], 1));
    assert_eq!(list.lines[0].title_name, "Dế Mèn phiêu lưu ký");
    network.cut("Q3", true);
    let list = pick_list(&sites, &order).await.unwrap();
    assert_eq!((list.lines.len(), list.is_target_silent), (4, true));
}
