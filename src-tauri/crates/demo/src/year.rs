//! A year at one branch, told as the events that its desks would have sent: readers come when the
//! library is open, more at weekends and in the summer, take what is popular, and bring most of it back
//! in time. What a reader may borrow is asked of the same rules as at a real desk.

mod habits;

use lienthu_domain::copy::{Copy, CopyState};
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::ids::{BranchCode, DeskId, EventId, StaffLogin};
use lienthu_domain::loan::Loan;
use lienthu_domain::policy::{due_date, policy_for};
use lienthu_domain::replicated::{ClosedDay, LoanPolicy};
use lienthu_domain::rules::{BorrowCase, RenewCase, against_borrow, against_renew};
use lienthu_domain::times::{LocalDate, UtcMs};

use crate::calendar::is_closed;
use crate::dice::{Dice, Odds};
use crate::people::Reader;
use crate::plan::ZONE;
use crate::shelves::Shelved;

/// The year ends with yesterday.
pub(crate) const DAYS: i32 = 365;
/// Desks of a branch.
const DESKS: usize = 2;
/// Between two scans at a branch, in milliseconds: more than any clock's uncertainty.
const SCAN_GAP_MS: (i32, i32) = (4_000, 15_000);
/// How well the desks knew their site's clock, in milliseconds.
const UNCERTAINTY_MS: (i32, i32) = (2, 40);
/// Looks along the shelves before a reader gives up: what they find may be out.
const LOOKS_MAX: usize = 6;
/// Books that came back and were shelved without a scan, and then lent again: what a review list is
/// for. So many at a branch at most, all within the last days.
pub(crate) const MISSED_RETURNS_MAX: usize = 3;
const MISSED_WITHIN_DAYS: i32 = 25;
/// How often a return of those days is missed, of 1.
const MISSED_SHARE: f64 = 0.05;
/// A day on which a book whose return was missed would come back: never.
const NEVER_DAYS: i32 = 36_500;

/// A branch at work.
pub(crate) struct Branch<'a> {
    pub(crate) code: &'a BranchCode,
    pub(crate) readers: &'a [Reader],
    pub(crate) shelves: &'a [Shelved],
    pub(crate) policies: &'a [LoanPolicy],
    pub(crate) closed_days: &'a [ClosedDay],
    pub(crate) librarians: &'a [StaffLogin],
    /// People who come in on an ordinary day to borrow.
    pub(crate) visits_a_day: f64,
}

/// The events of the year before `today`, in their order.
pub(crate) fn tell(branch: &Branch<'_>, seed: u64, today: LocalDate) -> Vec<Event> {
    if branch.librarians.is_empty() {
        return Vec::new();
    }
    let mut year = Year::new(branch, seed, today);
    for ago in (1..=DAYS).rev() {
        let date = today.plus_days(-ago);
        if !is_closed(branch.closed_days, branch.code, date) {
            year.day(date);
        }
    }
    year.events
}

/// A book that a reader has, and what they mean to do with it.
struct Out {
    /// Its place among the copies.
    copy: usize,
    loan: Loan,
    returns_on: LocalDate,
    renews_on: Option<LocalDate>,
}

struct DeskAtWork {
    id: DeskId,
    seq: u32,
}

struct Year<'a> {
    branch: &'a Branch<'a>,
    today: LocalDate,
    dice: Dice,
    copies: Vec<Copy>,
    copy_odds: Odds,
    reader_odds: Odds,
    /// By reader.
    out: Vec<Vec<Out>>,
    desks: Vec<DeskAtWork>,
    /// Copies on the shelf whose return nobody scanned, by whom they were had.
    unscanned: Vec<(usize, usize)>,
    missed: usize,
    last: UtcMs,
    events: Vec<Event>,
}

/// Where and when scans are made: one visit at one desk.
#[derive(Clone, Copy)]
struct Visit {
    reader: usize,
    desk: usize,
    date: LocalDate,
}

impl<'a> Year<'a> {
    fn new(branch: &'a Branch<'a>, seed: u64, today: LocalDate) -> Self {
        let mut dice = Dice::of(seed, &format!("year of {}", branch.code));
        let copies = branch.shelves.iter().map(|shelved| free_copy(branch.code, shelved)).collect();
        let desks =
            (0..DESKS).map(|_| DeskAtWork { id: DeskId::new(dice.uuid()), seq: 0 }).collect();
        let reader_odds = Odds::new(branch.readers.iter().map(|_| habits::activity(&mut dice)));
        Self {
            branch,
            today,
            copies,
            copy_odds: Odds::new(branch.shelves.iter().map(|s| habits::popularity(s.rank))),
            reader_odds,
            out: branch.readers.iter().map(|_| Vec::new()).collect(),
            desks,
            unscanned: Vec::new(),
            missed: 0,
            last: today.plus_days(-DAYS).start_at(ZONE),
            events: Vec::new(),
            dice,
        }
    }

    fn day(&mut self, date: LocalDate) {
        let mut visits = self.expected(date);
        for _ in 0..habits::visits(&mut self.dice, self.branch.visits_a_day, date) {
            visits.push((self.reader_odds.draw(&mut self.dice), true));
        }
        let opened = date.start_at(ZONE);
        let mut visits: Vec<(UtcMs, usize, bool)> = visits
            .into_iter()
            .map(|(reader, borrows)| {
                let at = opened.plus_ms(habits::time_of_day_ms(&mut self.dice, date));
                (at, reader, borrows)
            })
            .collect();
        visits.sort_unstable();
        for (at, reader, borrows) in visits {
            self.last = self.last.max(at);
            let desk = self.dice.below(DESKS);
            self.visit(Visit { reader, desk, date }, borrows);
        }
    }

    /// Readers who mean to bring something back or renew it on this day, or have meant to since the
    /// library was last open; and whether they borrow again.
    fn expected(&mut self, date: LocalDate) -> Vec<(usize, bool)> {
        let mut expected = Vec::new();
        for (reader, out) in self.out.iter().enumerate() {
            let due = |out: &Out| {
                out.returns_on <= date || out.renews_on.is_some_and(|planned| planned <= date)
            };
            if out.iter().any(due) {
                expected.push((reader, self.dice.chance(habits::BORROWS_AGAIN)));
            }
        }
        expected
    }

    fn visit(&mut self, visit: Visit, borrows: bool) {
        let out = std::mem::take(&mut self.out[visit.reader]);
        for mut book in out {
            if book.returns_on <= visit.date {
                if self.is_missed(visit) {
                    book.returns_on = visit.date.plus_days(NEVER_DAYS);
                    book.renews_on = None;
                    self.unscanned.push((book.copy, visit.reader));
                    self.out[visit.reader].push(book);
                } else {
                    self.take_back(visit, &book);
                }
            } else {
                if book.renews_on.is_some_and(|planned| planned <= visit.date) {
                    self.renew(visit, &mut book);
                }
                self.out[visit.reader].push(book);
            }
        }
        if borrows {
            for _ in 0..habits::books(&mut self.dice) {
                let Some(copy) = self.choose(visit.reader) else { break };
                if !self.lend(visit, copy) {
                    break;
                }
            }
        }
    }

    fn is_missed(&mut self, visit: Visit) -> bool {
        let lately = visit.date > self.today.plus_days(-MISSED_WITHIN_DAYS);
        let missed = lately && self.missed < MISSED_RETURNS_MAX && self.dice.chance(MISSED_SHARE);
        self.missed += usize::from(missed);
        missed
    }

    fn take_back(&mut self, visit: Visit, book: &Out) {
        self.scan(visit, book.copy, Deed::Return { returned_on: None });
        self.copies[book.copy].state = CopyState::Free;
    }

    fn renew(&mut self, visit: Visit, book: &mut Out) {
        book.renews_on = None;
        let card = &self.branch.readers[visit.reader].patron.card;
        let policy = policy_for(self.branch.policies, self.branch.code, &card.category);
        let against = against_renew(&RenewCase {
            borrow: book.loan.borrow,
            open_loan: Some(&book.loan),
            patron: Some(card),
            policy,
            today: visit.date,
        });
        let Some(policy) = policy.filter(|_| against.is_empty()) else { return };
        let due =
            due_date(visit.date, policy.renewal_days, self.branch.closed_days, self.branch.code);
        self.scan(visit, book.copy, Deed::Renew { borrow: book.loan.borrow, due });
        book.loan.due = due;
        book.loan.renewals = book.loan.renewals.saturating_add(1);
        let plan = habits::plan(&mut self.dice, visit.date, due);
        (book.returns_on, book.renews_on) = (plan.returns_on, plan.renews_on);
    }

    /// A book on the shelf that this reader would take.
    fn choose(&mut self, reader: usize) -> Option<usize> {
        if let Some((copy, _)) = self.unscanned.iter().find(|(_, had)| *had != reader) {
            return Some(*copy);
        }
        (0..LOOKS_MAX)
            .map(|_| self.copy_odds.draw(&mut self.dice))
            .find(|copy| self.copies.get(*copy).is_some_and(|c| c.state == CopyState::Free))
    }

    /// Lends a book that is on the shelf, if the rules let it go.
    fn lend(&mut self, visit: Visit, copy: usize) -> bool {
        let card = &self.branch.readers[visit.reader].patron.card;
        let loans: Vec<Loan> = self.out[visit.reader].iter().map(|b| b.loan.clone()).collect();
        let policy = policy_for(self.branch.policies, self.branch.code, &card.category);
        let on_the_shelf = Copy { state: CopyState::Free, ..self.copies[copy].clone() };
        let against = against_borrow(&BorrowCase {
            copy: Some(&on_the_shelf),
            open_loan: None,
            patron: Some(card),
            patron_loans: &loans,
            policy,
            today: visit.date,
        });
        let Some(policy) = policy.filter(|_| against.is_empty()) else { return false };
        let due = due_date(visit.date, policy.loan_days, self.branch.closed_days, self.branch.code);
        let (borrow, at) = self.scan(visit, copy, Deed::Borrow { patron: card.code.clone(), due });
        self.copies[copy].state = CopyState::OnLoan;
        if let Some(place) = self.unscanned.iter().position(|(unscanned, _)| *unscanned == copy) {
            let (_, had) = self.unscanned.swap_remove(place);
            self.out[had].retain(|book| book.copy != copy);
        }
        let plan = habits::plan(&mut self.dice, visit.date, due);
        let loan = Loan {
            no: 0,
            borrow,
            copy: self.copies[copy].barcode.clone(),
            patron: card.code.clone(),
            branch: self.branch.code.clone(),
            borrowed_at: at,
            due,
            renewals: 0,
            ended_at: None,
            ending: None,
            returned_on: None,
            undone: false,
        };
        let (returns_on, renews_on) = (plan.returns_on, plan.renews_on);
        self.out[visit.reader].push(Out { copy, loan, returns_on, renews_on });
        true
    }

    fn scan(&mut self, visit: Visit, copy: usize, deed: Deed) -> (EventId, UtcMs) {
        let gap_ms = self.dice.between(SCAN_GAP_MS.0, SCAN_GAP_MS.1);
        self.last = self.last.plus_ms(i64::from(gap_ms));
        let at = self.last;
        let id = EventId::new(self.dice.uuid_at(at.ms()));
        let uncertainty_ms = self.dice.between(UNCERTAINTY_MS.0, UNCERTAINTY_MS.1).unsigned_abs();
        let librarians = self.branch.librarians;
        let desk = &mut self.desks[visit.desk];
        desk.seq += 1;
        self.events.push(Event {
            id,
            desk: desk.id,
            seq: desk.seq,
            site: self.branch.code.clone(),
            scanned_by: librarians[visit.desk % librarians.len()].clone(),
            at,
            uncertainty_ms,
            overridden: false,
            copy: self.copies[copy].barcode.clone(),
            deed,
        });
        (id, at)
    }
}

fn free_copy(branch: &BranchCode, shelved: &Shelved) -> Copy {
    let details = shelved.details.clone();
    Copy {
        barcode: details.barcode,
        title: details.title,
        branch: branch.clone(),
        condition: details.condition,
        state: CopyState::Free,
        forwarded_to: None,
        shelf_mark: details.shelf_mark,
        price_vnd: details.price_vnd,
    }
}

#[cfg(test)]
mod tests;
