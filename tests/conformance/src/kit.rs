//! Seeds, people, desks and events for tests.

use std::sync::Arc;

use lienthu_domain::action::{Action, MovingCopy, Transfer};
use lienthu_domain::copy::{CopyCondition, CopyDetails};
use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_domain::ids::{
    Barcode, BranchCode, CorrelationId, DeskId, EventId, PatronCode, StaffLogin, TitleKey,
};
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_domain::replicated::{Branch, BranchStanding, ClosedDay, LoanPolicy, Title};
use lienthu_domain::review::{FlagKind, ReviewItem, Settlement};
use lienthu_domain::rights::Role;
use lienthu_domain::times::{LocalDate, UtcMs, ZoneOffset};
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::lookup::{CopyFile, PatronChange};
use lienthu_port::seed::{SiteSeed, StaffSeed};
use lienthu_port::site::{Credentials, Site};
use lienthu_port::submit::{Outcome, Sending};
use secrecy::SecretString;
use uuid::Uuid;

use crate::fixture::TestSite;
use crate::suite::Bench;

/// The branch whose site it is.
pub const HERE: &str = "Q1";
/// Another branch of the network.
pub const ELSEWHERE: &str = "Q3";
/// Works at the desk.
pub const LIBRARIAN: &str = "thuthu";
/// Works at the desk too.
pub const COLLEAGUE: &str = "thuthu2";
/// Asks and decides for all branches.
pub const MANAGER: &str = "quanly";
/// What desks of the network do without judgement.
pub const AGENT: &str = "daily";
/// Has a login and no role.
pub const NOBODY: &str = "khach";
/// Copies that [`World::of`] adds, in good condition.
pub const COPIES: [&str; 8] = ["Q001", "Q002", "Q003", "Q004", "Q005", "Q006", "Q007", "Q008"];
/// Patrons that [`World::of`] adds, of the category `STUDENT`.
pub const PATRONS: [&str; 3] = ["DG001", "DG002", "DG003"];
/// A patron of the category `CHILD`: one book, seven days, nothing overridden.
pub const CHILD: &str = "DG009";
/// Titles of the seed.
pub const TITLES: [&str; 3] = ["978-604-1-00001-1", "978-604-1-00002-2", "LT-0003"];
/// Days of a student's loan.
pub const LOAN_DAYS: i32 = 14;

/// Parses a key that the test writes.
#[must_use]
pub fn key<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Eight in the morning of Monday, 2 November 2026, at the branch, and some minutes.
#[must_use]
pub fn at(minutes: i64) -> UtcMs {
    key::<UtcMs>("2026-11-02T01:00:00Z").plus_ms(minutes * 60_000)
}

/// The date of [`at`], and some days.
#[must_use]
pub fn day(days: i32) -> LocalDate {
    key::<LocalDate>("2026-11-02").plus_days(days)
}

/// The site's clock when a case begins: two days after [`at`] nought.
#[must_use]
pub fn opening() -> UtcMs {
    at(2 * 24 * 60)
}

/// The password of every login.
#[must_use]
pub fn password(login: &str) -> SecretString {
    format!("mật khẩu của {login}").into()
}

/// What a login signs in with.
#[must_use]
pub fn credentials(login: &str) -> Credentials {
    Credentials { login: key(login), password: password(login) }
}

/// A small library: three branches, three titles, two policies, one closed day, five logins.
#[must_use]
pub fn small_seed() -> SiteSeed {
    let branch = |code: &str, name: &str| Branch {
        code: key(code),
        name: name.to_owned(),
        address: "12 Lê Lợi".to_owned(),
        standing: BranchStanding::Active,
    };
    let person = |login: &str, roles: &[Role]| StaffSeed {
        login: key(login),
        name: format!("Người {login}"),
        password: password(login),
        roles: roles.to_vec(),
    };
    SiteSeed {
        branch: key(HERE),
        zone: ZoneOffset::VIET_NAM,
        branches: vec![
            branch(HERE, "Thư viện Quận 1"),
            branch(ELSEWHERE, "Thư viện Quận 3"),
            branch("TD", "Thư viện Thủ Đức"),
        ],
        titles: vec![
            title(TITLES[0], "Truyện Kiều"),
            title(TITLES[1], "Số đỏ"),
            title(TITLES[2], "Đất rừng phương Nam"),
        ],
        policies: vec![policy(None, 14, 3, 2, true), policy(Some("CHILD"), 7, 1, 0, false)],
        closed_days: vec![closed_day(day(30), "Kiểm kê")],
        staff: vec![
            person(LIBRARIAN, &[Role::Librarian]),
            person(COLLEAGUE, &[Role::Librarian]),
            person(MANAGER, &[Role::Manager]),
            person(AGENT, &[Role::Agent]),
            person(NOBODY, &[]),
        ],
    }
}

/// A title.
#[must_use]
pub fn title(isbn: &str, name: &str) -> Title {
    Title {
        key: key(isbn),
        name: name.to_owned(),
        author: "Nguyễn Văn Đồng".to_owned(),
        publisher: "NXB Trẻ".to_owned(),
        year: Some(2019),
        ddc: "895.922".to_owned(),
        language: "vie".to_owned(),
    }
}

/// A policy for all branches.
#[must_use]
pub fn policy(
    category: Option<&str>,
    loan_days: u16,
    loans_max: u16,
    renewals_max: u8,
    may_override: bool,
) -> LoanPolicy {
    LoanPolicy {
        branch: None,
        category: category.map(key),
        loan_days,
        loans_max,
        renewals_max,
        renewal_days: 7,
        may_override,
    }
}

/// A day on which all branches are closed.
#[must_use]
pub fn closed_day(date: LocalDate, note: &str) -> ClosedDay {
    ClosedDay { branch: None, date, note: note.to_owned() }
}

/// A patron of this branch.
#[must_use]
pub fn patron(code: &str, category: &str) -> Patron {
    Patron {
        card: PatronCard {
            code: key(code),
            name: format!("Trần Thị {code}"),
            branch: key(HERE),
            category: key(category),
            card_expires: Some(day(365)),
            block: None,
            home_branch: None,
            home_code: None,
        },
        birth_date: Some(key("2001-04-30")),
        phone: "0903 123 456".to_owned(),
        email: "ban.doc@example.org".to_owned(),
        deposit_vnd: 100_000,
        note: String::new(),
    }
}

/// A copy in good condition of the first title.
#[must_use]
pub fn copy(barcode: &str) -> CopyDetails {
    CopyDetails {
        barcode: key(barcode),
        title: key(TITLES[0]),
        condition: CopyCondition::Good,
        shelf_mark: "895.9 KIE".to_owned(),
        price_vnd: Some(85_000),
    }
}

/// Copies go from here to [`ELSEWHERE`], on the transfer of each that has this number.
#[must_use]
pub fn leaving(copies: &[CopyDetails], hop: u32) -> Action {
    transfer(HERE, ELSEWHERE, copies, hop)
}

/// Copies come here from [`ELSEWHERE`].
#[must_use]
pub fn arriving(copies: &[CopyDetails], hop: u32) -> Action {
    transfer(ELSEWHERE, HERE, copies, hop)
}

fn transfer(from: &str, to: &str, copies: &[CopyDetails], hop: u32) -> Action {
    let moving = |details: &CopyDetails| MovingCopy { details: details.clone(), hop };
    let copies = copies.iter().map(moving).collect();
    Action::Transfer(Transfer { from: key(from), to: key(to), copies })
}

/// A desk that numbers its events. Ids follow from the desk's number and the place in its sequence, so
/// that a run can be repeated.
#[derive(Debug, Clone)]
pub struct Desk {
    number: u32,
    seq: u32,
    branch: BranchCode,
    librarian: StaffLogin,
    uncertainty_ms: u32,
}

impl Desk {
    /// The desk with this number, of the branch [`HERE`], where [`LIBRARIAN`] works.
    #[must_use]
    pub fn new(number: u32) -> Self {
        Self::at_branch(number, &key(HERE), &key(LIBRARIAN))
    }

    /// A desk of some branch, where somebody works.
    #[must_use]
    pub fn at_branch(number: u32, branch: &BranchCode, librarian: &StaffLogin) -> Self {
        Self {
            number,
            seq: 0,
            branch: branch.clone(),
            librarian: librarian.clone(),
            uncertainty_ms: 5,
        }
    }

    /// The same desk with clocks that are this uncertain.
    #[must_use]
    pub const fn uncertain_by(mut self, ms: u32) -> Self {
        self.uncertainty_ms = ms;
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> DeskId {
        DeskId::new(Uuid::from_u128(
            0xde5c_0000_0000_0000_0000_0000_0000_0000 | u128::from(self.number),
        ))
    }

    /// Somebody else works at it from now on.
    pub fn is_worked_by(&mut self, librarian: &str) {
        self.librarian = key(librarian);
    }

    /// The next event of the desk.
    pub fn event(&mut self, copy: &str, deed: Deed, at: UtcMs) -> Event {
        self.seq += 1;
        let id = 0x0190_0000_0000_7000_8000_0000_0000_0000
            | (u128::from(self.number) << 32)
            | u128::from(self.seq);
        Event {
            id: EventId::new(Uuid::from_u128(id)),
            desk: self.id(),
            seq: self.seq,
            site: self.branch.clone(),
            scanned_by: self.librarian.clone(),
            at,
            uncertainty_ms: self.uncertainty_ms,
            overridden: false,
            copy: key(copy),
            deed,
        }
    }

    /// A patron takes a copy, for [`LOAN_DAYS`].
    pub fn borrow(&mut self, copy: &str, patron: &str, at: UtcMs) -> Event {
        let due = at.date_at(ZoneOffset::VIET_NAM).plus_days(LOAN_DAYS);
        self.event(copy, Deed::Borrow { patron: key(patron), due }, at)
    }

    /// A copy comes back.
    pub fn take_back(&mut self, copy: &str, at: UtcMs) -> Event {
        self.event(copy, Deed::Return { returned_on: None }, at)
    }

    /// The loan that `borrow` opened is renewed for seven days.
    pub fn renew(&mut self, borrow: &Event, at: UtcMs) -> Event {
        let due = at.date_at(ZoneOffset::VIET_NAM).plus_days(7);
        self.event(borrow.copy.as_str(), Deed::Renew { borrow: borrow.id, due }, at)
    }

    /// The target is taken back.
    pub fn undo(&mut self, target: &Event, at: UtcMs) -> Event {
        self.event(target.copy.as_str(), Deed::Undo { target: target.id }, at)
    }

    /// Somebody says what an oddity was.
    pub fn settle(
        &mut self,
        target: &Event,
        flag: FlagKind,
        settlement: Settlement,
        at: UtcMs,
    ) -> Event {
        let deed = Deed::Settle { target: target.id, flag, settlement };
        self.event(target.copy.as_str(), deed, at)
    }
}

/// The event, put to the site somehow.
#[must_use]
pub fn put(event: &Event, claim: Claim) -> Sending {
    let correlation = CorrelationId::new(event.id.uuid());
    Sending { event: event.clone(), claim, correlation, received_at: None }
}

/// May it?
#[must_use]
pub fn request(event: &Event) -> Sending {
    put(event, Claim::Request)
}

/// It happened.
#[must_use]
pub fn fact(event: &Event) -> Sending {
    put(event, Claim::Fact)
}

/// It is not to have happened.
#[must_use]
pub fn withdrawal(event: &Event) -> Sending {
    put(event, Claim::Withdrawal)
}

/// A site with [`small_seed`], [`COPIES`], [`PATRONS`] and [`CHILD`], and a librarian signed in.
#[derive(Clone)]
pub struct World {
    /// The administrator's hands.
    pub hands: Arc<dyn TestSite>,
    /// [`LIBRARIAN`]'s session.
    pub site: Arc<dyn Site>,
}

impl World {
    /// A fresh one.
    pub async fn of(bench: &Bench) -> Self {
        Self::with(bench, small_seed()).await
    }

    /// A fresh one with another seed, which holds the same titles and logins.
    pub async fn with(bench: &Bench, seed: SiteSeed) -> Self {
        let world = Self::empty(bench, seed).await;
        world.site.add_copies(&COPIES.map(copy)).await.unwrap();
        for code in PATRONS {
            world.add_patron(patron(code, "STUDENT")).await;
        }
        world.add_patron(patron(CHILD, "CHILD")).await;
        world
    }

    /// A fresh one without copies and patrons.
    pub async fn empty(bench: &Bench, seed: SiteSeed) -> Self {
        let hands = bench.fixture.fresh(seed).await;
        let site = hands.connector().connect(&credentials(LIBRARIAN)).await.unwrap();
        Self { hands, site }
    }

    /// Somebody else's session.
    pub async fn sign_in(&self, login: &str) -> Arc<dyn Site> {
        self.hands.connector().connect(&credentials(login)).await.unwrap()
    }

    /// Adds a patron.
    pub async fn add_patron(&self, patron: Patron) {
        self.site.put_patron(&PatronChange { patron, seen: None }).await.unwrap();
    }

    /// Changes a patron, whatever they are now.
    pub async fn change_patron(&self, code: &str, change: impl FnOnce(&mut Patron)) {
        let seen = self.site.patron(&key(code)).await.unwrap().unwrap().patron;
        let mut patron = seen.clone();
        change(&mut patron);
        self.site.put_patron(&PatronChange { patron, seen: Some(seen) }).await.unwrap();
    }

    /// Sends a batch; what became of each event.
    pub async fn send(&self, batch: &[Sending]) -> Vec<Outcome> {
        let receipts = self.site.submit(None, batch).await.unwrap().receipts;
        let ids: Vec<EventId> = receipts.iter().map(|receipt| receipt.id).collect();
        let sent: Vec<EventId> = batch.iter().map(|sending| sending.event.id).collect();
        assert_eq!(ids, sent, "one receipt for each event, in the same order");
        receipts.into_iter().map(|receipt| receipt.outcome).collect()
    }

    /// Sends one event.
    pub async fn send_one(&self, sending: &Sending) -> Outcome {
        self.send(std::slice::from_ref(sending)).await.remove(0)
    }

    /// Sends events that have to be taken.
    pub async fn done(&self, batch: &[Sending]) {
        for outcome in self.send(batch).await {
            assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        }
    }

    /// A copy that is there.
    pub async fn copy(&self, barcode: &str) -> CopyFile {
        self.site.copy(&key::<Barcode>(barcode)).await.unwrap().unwrap()
    }

    /// The borrow events of a patron's open loans.
    pub async fn open_loans(&self, code: &str) -> Vec<EventId> {
        let file = self.site.patron(&key::<PatronCode>(code)).await.unwrap().unwrap();
        file.loans.iter().filter(|loan| loan.is_open()).map(|loan| loan.borrow).collect()
    }

    /// What waits for someone to look at it.
    pub async fn items(&self) -> Vec<ReviewItem> {
        self.site.review_items().await.unwrap()
    }

    /// The kinds of what waits about one event.
    pub async fn kinds_about(&self, event: &Event) -> Vec<FlagKind> {
        let items = self.items().await;
        items.iter().filter(|i| i.flag.event == event.id).map(|i| i.flag.kind).collect()
    }

    /// How many copies of a title are free.
    pub async fn free(&self, title: &str) -> u32 {
        self.site.free_copies(&key::<TitleKey>(title)).await.unwrap()
    }
}

/// That it was refused because of this obstacle.
pub fn assert_obstructed<T: std::fmt::Debug>(result: Result<T, SiteError>, by: Obstacle) {
    assert_eq!(result.unwrap_err(), SiteError::Obstructed { obstacle: by });
}
