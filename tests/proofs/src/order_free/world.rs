//! A random world: books, readers, desks, and what truly happened, written down as it happens. The
//! true loans are kept here by hand and never by the fold.

use std::collections::BTreeMap;

use lienthu_domain::clock::Reading;
use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_domain::ids::{Barcode, EventId, PatronCode};
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::{LocalDate, ZoneOffset};
use rand::Rng as _;
use rand::seq::IndexedRandom as _;

use super::desk::{Desk, at};
use crate::kit::keys::key;
use crate::kit::rng::{self, Rng, chance};

/// Readers in every world.
const READERS: usize = 6;
/// Acts in one history at most.
const ACTS_MAX: usize = 28;

/// A loan as it truly was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueLoan {
    /// Who had the book.
    pub patron: PatronCode,
    /// The date last promised.
    pub due: LocalDate,
    /// How often it was renewed.
    pub renewals: u8,
    /// The return.
    pub returned_by: Option<EventId>,
    /// The date that the librarian gave for it.
    pub back_dated: Option<LocalDate>,
    /// It never was: a slip of the librarian's, taken back.
    pub undone: bool,
}

impl TrueLoan {
    const fn new(patron: PatronCode, due: LocalDate, undone: bool) -> Self {
        Self { patron, due, renewals: 0, returned_by: None, back_dated: None, undone }
    }
}

/// How an event is put to the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// As what happened, at the first contact after it.
    Fact,
    /// As a request whose reply was lost, and then as what happened.
    RequestThenFact,
    /// As a request, which the site may refuse.
    Request,
    /// As a request that is withdrawn: the reader did not wait.
    Withdrawn,
}

impl Put {
    /// The claims that are sent, in the order in which the desk makes them.
    pub const fn claims(self) -> &'static [Claim] {
        match self {
            Self::Fact => &[Claim::Fact],
            Self::RequestThenFact => &[Claim::Request, Claim::Fact],
            Self::Request => &[Claim::Request],
            Self::Withdrawn => &[Claim::Request, Claim::Withdrawal],
        }
    }
}

/// An event with how it is put.
#[derive(Debug, Clone)]
pub struct Made {
    /// Frozen.
    pub event: Event,
    /// See [`Put`].
    pub put: Put,
    /// How far its time is off in truth.
    off_ms: i64,
}

/// One history.
#[derive(Debug)]
pub struct World {
    /// The branch's books in this history, each with whether the site knows it from the beginning.
    pub copies: Vec<(Barcode, bool)>,
    /// The readers, likewise: some get their card after they have borrowed.
    pub readers: Vec<(PatronCode, bool)>,
    /// Desk by desk, in the order in which each made them.
    pub made: Vec<Made>,
    /// The true loans by borrow, where every scan was made.
    truth: Option<BTreeMap<EventId, TrueLoan>>,
}

/// How a history departs from what a careful librarian does.
#[derive(Debug, Clone, Copy)]
struct Temper {
    honest_clocks: bool,
    /// In per cent of acts: nobody scanned.
    missed: u32,
    /// In per cent of gaps: seconds after the act before.
    hasty: u32,
    /// In per cent of scans: requests whose answer stands.
    asking: u32,
}

impl Temper {
    fn random(rng: &mut Rng) -> Self {
        Self {
            honest_clocks: chance(rng, 95),
            missed: if chance(rng, 80) { 0 } else { 20 },
            hasty: if chance(rng, 70) { 0 } else { 40 },
            asking: if chance(rng, 85) { 0 } else { 30 },
        }
    }
}

/// A scan before its time is frozen.
struct Scan {
    desk: usize,
    seq: u32,
    true_ms: i64,
    id: EventId,
    put: Put,
    copy: Barcode,
    deed: Deed,
}

/// A book, and the loan on which it is out in truth.
struct Book {
    barcode: Barcode,
    out: Option<EventId>,
}

struct Making<'r> {
    rng: &'r mut Rng,
    temper: Temper,
    now_ms: i64,
    desks: Vec<Desk>,
    books: Vec<Book>,
    readers: Vec<PatronCode>,
    scans: Vec<Scan>,
    truth: BTreeMap<EventId, TrueLoan>,
    every_scan_made: bool,
}

impl World {
    /// A random history whose books and readers carry `name` in their codes.
    pub fn random(rng: &mut Rng, name: &str) -> Self {
        let temper = Temper::random(rng);
        let desks_count = rng.random_range(2..=5);
        let desks = (0..desks_count).map(|_| Desk::random(rng, temper.honest_clocks)).collect();
        let books = (0..rng.random_range(1..=4))
            .map(|n| Book { barcode: key(format!("{name}-{n}")), out: None })
            .collect();
        let readers = (0..READERS).map(|n| key(format!("{name}R{n}"))).collect();
        let mut making = Making {
            rng,
            temper,
            now_ms: 3_600_000,
            desks,
            books,
            readers,
            scans: Vec::new(),
            truth: BTreeMap::new(),
            every_scan_made: true,
        };
        for _ in 0..making.rng.random_range(3..=ACTS_MAX) {
            making.act();
        }
        making.freeze()
    }

    /// The true loans, where what reached the desks is all that happened and where the clocks can
    /// tell apart all events of each copy: then the site must end with exactly these.
    pub fn truth(&self) -> Option<&BTreeMap<EventId, TrueLoan>> {
        self.truth.as_ref().filter(|_| self.clocks_tell_all_apart())
    }

    /// From now on only the fold says what the loans are: not everything is sent any more.
    pub fn forget_truth(&mut self) {
        self.truth = None;
    }

    fn clocks_tell_all_apart(&self) -> bool {
        let is_honest = |m: &Made| m.off_ms.abs() <= i64::from(m.event.uncertainty_ms);
        let counted: Vec<&Made> = self.made.iter().filter(|m| self.is_on_timeline(m)).collect();
        counted.iter().all(|m| is_honest(m))
            && counted.iter().enumerate().all(|(n, a)| {
                counted[..n]
                    .iter()
                    .filter(|b| b.event.copy == a.event.copy && b.event.desk != a.event.desk)
                    .all(|b| {
                        let both_ms =
                            i64::from(a.event.uncertainty_ms) + i64::from(b.event.uncertainty_ms);
                        a.event.at.since_ms(b.event.at).abs() > both_ms
                    })
            })
    }

    fn is_on_timeline(&self, made: &Made) -> bool {
        let moves = matches!(
            made.event.deed,
            Deed::Borrow { .. } | Deed::Return { .. } | Deed::Renew { .. }
        );
        let undone = || {
            self.made
                .iter()
                .any(|m| matches!(m.event.deed, Deed::Undo { target } if target == made.event.id))
        };
        moves && made.put != Put::Withdrawn && !undone()
    }
}

impl Making<'_> {
    fn act(&mut self) {
        self.now_ms += if chance(self.rng, self.temper.hasty) {
            self.rng.random_range(0..20_000)
        } else {
            self.rng.random_range(900_000..12 * 3_600_000)
        };
        match self.rng.random_range(0..100) {
            0..8 => self.slip(),
            8..14 => self.settle(),
            14..20 => self.change_of_mind(),
            _ => self.truly(),
        }
    }

    fn today(&self) -> LocalDate {
        at(self.now_ms).date_at(ZoneOffset::VIET_NAM)
    }

    fn some_date(&mut self) -> LocalDate {
        self.today().plus_days(self.rng.random_range(1..30))
    }

    fn some_reader(&mut self) -> PatronCode {
        self.readers[self.rng.random_range(0..self.readers.len())].clone()
    }

    fn scan(&mut self, copy: &Barcode, put: Put, deed: Deed) -> EventId {
        let desk = self.rng.random_range(0..self.desks.len());
        let seq = self.desks[desk].next_seq();
        let id = EventId::new(rng::uuid_v7(self.rng, at(self.now_ms).ms()));
        let (copy, true_ms) = (copy.clone(), self.now_ms);
        self.scans.push(Scan { desk, seq, true_ms, id, put, copy, deed });
        id
    }

    fn some_way_to_put_it(&mut self) -> Put {
        if chance(self.rng, self.temper.asking) {
            // It may be refused; then it is not what was to happen.
            self.every_scan_made = false;
            return Put::Request;
        }
        if chance(self.rng, 12) { Put::RequestThenFact } else { Put::Fact }
    }

    /// A reader takes a book, brings it back, or keeps it longer.
    fn truly(&mut self) {
        let book = self.rng.random_range(0..self.books.len());
        let (copy, out) = (self.books[book].barcode.clone(), self.books[book].out);
        if chance(self.rng, self.temper.missed) {
            // Nobody scanned it; a book that was out is back, one that was in went along unseen.
            self.every_scan_made = false;
            self.books[book].out = None;
            return;
        }
        let put = self.some_way_to_put_it();
        match out {
            None => {
                let (patron, due) = (self.some_reader(), self.some_date());
                let borrow = self.scan(&copy, put, Deed::Borrow { patron: patron.clone(), due });
                self.books[book].out = Some(borrow);
                self.truth.insert(borrow, TrueLoan::new(patron, due, false));
            }
            Some(borrow) if chance(self.rng, 35) => {
                let due = self.some_date();
                self.scan(&copy, put, Deed::Renew { borrow, due });
                if let Some(loan) = self.truth.get_mut(&borrow) {
                    loan.due = due;
                    loan.renewals += 1;
                }
            }
            Some(borrow) => {
                let returned_on = chance(self.rng, 20).then(|| self.today().plus_days(-1));
                let end = self.scan(&copy, put, Deed::Return { returned_on });
                self.books[book].out = None;
                if let Some(loan) = self.truth.get_mut(&borrow) {
                    loan.returned_by = Some(end);
                    loan.back_dated = returned_on;
                }
            }
        }
    }

    /// The librarian scans what does not happen, and takes it back at some desk.
    fn slip(&mut self) {
        let book = self.rng.random_range(0..self.books.len());
        let (copy, out) = (self.books[book].barcode.clone(), self.books[book].out);
        let (patron, due) = (self.some_reader(), self.some_date());
        let deed = match (self.rng.random_range(0..3), out) {
            (0, _) => Deed::Return { returned_on: None },
            (1, Some(borrow)) => Deed::Renew { borrow, due },
            _ => Deed::Borrow { patron: patron.clone(), due },
        };
        let lends = matches!(deed, Deed::Borrow { .. });
        let slip = self.scan(&copy, Put::Fact, deed);
        if lends {
            self.truth.insert(slip, TrueLoan::new(patron, due, true));
        }
        self.now_ms += self.rng.random_range(1_000..7_200_000);
        self.scan(&copy, Put::Fact, Deed::Undo { target: slip });
    }

    /// Someone settles an item about some event, the right one or not.
    fn settle(&mut self) {
        let Some(about) = self.scans.choose(self.rng) else { return };
        let (target, copy) = (about.id, about.copy.clone());
        let flag = *FlagKind::ALL.choose(self.rng).unwrap_or(&FlagKind::ReturnMissed);
        let settlement = if chance(self.rng, 60) {
            Settlement::ReturnedOn { date: self.some_date() }
        } else {
            Settlement::Confirmed
        };
        self.scan(&copy, Put::Fact, Deed::Settle { target, flag, settlement });
    }

    /// A reader asks for a book and leaves before the site answers.
    fn change_of_mind(&mut self) {
        let book = self.rng.random_range(0..self.books.len());
        let copy = self.books[book].barcode.clone();
        let (patron, due) = (self.some_reader(), self.some_date());
        self.scan(&copy, Put::Withdrawn, Deed::Borrow { patron, due });
    }

    /// Gives every scan its time, as the outbox of its desk would: a request at once, with all that
    /// waits before it; a fact at the desk's next contact; always in the order of the sequence.
    fn freeze(self) -> World {
        let Self { rng, mut desks, books, readers, scans, truth, every_scan_made, now_ms, .. } =
            self;
        let mut made = Vec::with_capacity(scans.len());
        for (n, desk) in desks.iter_mut().enumerate() {
            desk.contact(rng, 0);
            let mut waiting = Vec::new();
            for scan in scans.iter().filter(|s| s.desk == n) {
                waiting.push((scan, desk.read(scan.true_ms)));
                let in_touch = chance(rng, 30);
                if in_touch {
                    let after_ms = rng.random_range(10..600_000);
                    desk.contact(rng, scan.true_ms + after_ms);
                }
                if in_touch || scan.put != Put::Fact {
                    freeze_waiting(desk, &mut waiting, &mut made);
                }
            }
            let after_ms = rng.random_range(10_000..86_400_000);
            desk.contact(rng, now_ms + after_ms);
            freeze_waiting(desk, &mut waiting, &mut made);
        }
        // Most books and readers are known from the beginning; some are entered after they were met.
        let copies = books.into_iter().map(|book| (book.barcode, chance(rng, 90))).collect();
        let readers = readers.into_iter().map(|code| (code, chance(rng, 90))).collect();
        World { copies, readers, made, truth: every_scan_made.then_some(truth) }
    }
}

fn freeze_waiting(desk: &mut Desk, waiting: &mut Vec<(&Scan, Reading)>, made: &mut Vec<Made>) {
    for (scan, reading) in waiting.drain(..) {
        let frozen = desk.freeze(reading);
        let event = Event {
            id: scan.id,
            desk: desk.id,
            seq: scan.seq,
            site: key("Q1"),
            scanned_by: key("lan"),
            at: frozen.at,
            uncertainty_ms: frozen.uncertainty_ms,
            overridden: false,
            copy: scan.copy.clone(),
            deed: scan.deed.clone(),
        };
        let off_ms = frozen.at.since_ms(at(scan.true_ms));
        made.push(Made { event, put: scan.put, off_ms });
    }
}
