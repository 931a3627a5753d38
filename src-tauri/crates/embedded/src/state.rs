//! What one transaction sees of the site, and what it makes of it: the timelines that it touches are
//! folded in memory, event by event, and written once at the end.

use std::collections::{BTreeSet, HashMap};

use lienthu_domain::copy::{Copy, CopyState};
use lienthu_domain::event::{Deed, Event};
use lienthu_domain::fold::{FoldedLoan, Timeline, fold};
use lienthu_domain::ids::{Barcode, BranchCode, EventId, PatronCategory, PatronCode, StaffLogin};
use lienthu_domain::loan::Loan;
use lienthu_domain::patron::PatronCard;
use lienthu_domain::policy::policy_for;
use lienthu_domain::replicated::LoanPolicy;
use lienthu_domain::review::{Flag, FlagKind};
use lienthu_domain::times::{LocalDate, UtcMs, ZoneOffset};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension};

use crate::failure::Failure;
use crate::{catalogue, events, review, rows, staff};

/// The site itself: its branch and offset.
#[derive(Debug, Clone)]
pub(crate) struct Here {
    pub(crate) branch: BranchCode,
    pub(crate) zone: ZoneOffset,
}

/// A row that may be marked removed.
#[derive(Debug, Clone)]
pub(crate) struct Kept<T> {
    pub(crate) row: T,
    pub(crate) removed: bool,
}

/// A copy with everything that has happened to it.
#[derive(Debug)]
pub(crate) struct Story {
    /// The row, once there is one.
    pub(crate) copy: Option<Kept<Copy>>,
    /// The accepted events, in no order.
    pub(crate) events: Vec<Event>,
    /// What was odd about them when they came.
    pub(crate) flags: Vec<Flag>,
    /// Their fold.
    pub(crate) timeline: Timeline,
    /// It has to be written.
    pub(crate) changed: bool,
}

impl Story {
    /// The copy, unless it is unknown or was removed.
    pub(crate) fn known_copy(&self) -> Option<&Copy> {
        self.copy.as_ref().filter(|kept| !kept.removed).map(|kept| &kept.row)
    }

    /// The event with this id, if it is accepted.
    pub(crate) fn event(&self, id: EventId) -> Option<&Event> {
        self.events.iter().find(|event| event.id == id)
    }

    /// Whether an accepted undo takes this event back.
    pub(crate) fn is_undone(&self, id: EventId) -> bool {
        self.events.iter().any(|e| matches!(e.deed, Deed::Undo { target } if target == id))
    }

    /// What waits for someone to look at it. Until the copy is known its timeline has no effect, so
    /// that is all there is to say of it.
    pub(crate) fn items(&self) -> Vec<Flag> {
        let on_arrival = self.flags.iter().copied().filter(|flag| !self.is_undone(flag.event));
        let mut items: Vec<Flag> = if self.copy.is_some() {
            on_arrival.chain(self.timeline.flags.iter().copied()).collect()
        } else {
            let waiting = self.events.iter().filter(|e| is_on_timeline(e) && !self.is_undone(e.id));
            on_arrival.chain(waiting.map(|e| Flag::new(e.id, FlagKind::CopyUnknown))).collect()
        };
        items.retain(|flag| !self.timeline.settled.contains(&(flag.event, flag.kind)));
        items.sort_unstable();
        items
    }

    /// The loan that an event is about, as the timeline has it.
    pub(crate) fn loan_about(&self, event: &Event) -> Option<&FoldedLoan> {
        let of_borrow = |id: EventId| self.timeline.loans.iter().find(|loan| loan.borrow == id);
        match &event.deed {
            Deed::Borrow { .. } => of_borrow(event.id),
            Deed::Return { .. } => self
                .timeline
                .loans
                .iter()
                .find(|loan| loan.ended.is_some_and(|ended| ended.by == event.id)),
            Deed::Renew { borrow, .. } => of_borrow(*borrow),
            Deed::Undo { target } | Deed::Settle { target, .. } => {
                let target = self.event(*target)?;
                match &target.deed {
                    // Of a return that was taken back: the loan that is open again.
                    Deed::Return { .. } if self.is_undone(target.id) => self.timeline.open(),
                    Deed::Undo { .. } | Deed::Settle { .. } => None,
                    _ => self.loan_about(target),
                }
            }
        }
    }

    fn refold(&mut self) {
        self.timeline = fold(&self.events);
        self.changed = true;
        let open = self.timeline.open().is_some();
        if let Some(kept) = &mut self.copy {
            kept.row.state = CopyState::of(kept.row.condition, open);
        }
    }
}

/// Whether an event is one that opens, ends or moves a loan.
pub(crate) const fn is_on_timeline(event: &Event) -> bool {
    matches!(event.deed, Deed::Borrow { .. } | Deed::Return { .. } | Deed::Renew { .. })
}

/// See the module.
pub(crate) struct State<'t> {
    pub(crate) tx: &'t Connection,
    pub(crate) here: Here,
    pub(crate) now: UtcMs,
    policies: Vec<LoanPolicy>,
    stories: HashMap<Barcode, Story>,
    patrons: HashMap<PatronCode, Option<Kept<PatronCard>>>,
    librarians: HashMap<StaffLogin, bool>,
    /// Which copies in `stories` are on loan to whom.
    lent_to: HashMap<PatronCode, BTreeSet<Barcode>>,
}

impl<'t> State<'t> {
    /// Nothing touched yet.
    pub(crate) fn new(tx: &'t Connection, now: UtcMs) -> Result<Self, Failure> {
        Ok(Self {
            tx,
            here: catalogue::here(tx)?,
            now,
            policies: catalogue::policies(tx)?,
            stories: HashMap::new(),
            patrons: HashMap::new(),
            librarians: HashMap::new(),
            lent_to: HashMap::new(),
        })
    }

    /// A copy's story, read when it is asked for first.
    pub(crate) fn story(&mut self, barcode: &Barcode) -> Result<&Story, Failure> {
        if !self.stories.contains_key(barcode) {
            let events = events::accepted_of_copy(self.tx, &self.here.branch, barcode)?;
            let story = Story {
                copy: copy_row(self.tx, barcode)?,
                flags: review::flags_of_copy(self.tx, barcode)?,
                timeline: fold(&events),
                events,
                changed: false,
            };
            self.note_holder(barcode, None, &story);
            self.stories.insert(barcode.clone(), story);
        }
        Ok(self.read(barcode))
    }

    /// A story that was read before.
    fn read(&self, barcode: &Barcode) -> &Story {
        &self.stories[barcode]
    }

    /// Changes a copy's story and folds it again.
    pub(crate) fn change(
        &mut self,
        barcode: &Barcode,
        change: impl FnOnce(&mut Story),
    ) -> Result<(), Failure> {
        self.story(barcode)?;
        if let Some(mut story) = self.stories.remove(barcode) {
            let before = story.timeline.open().map(|loan| loan.patron.clone());
            change(&mut story);
            story.refold();
            self.note_holder(barcode, before.as_ref(), &story);
            self.stories.insert(barcode.clone(), story);
        }
        Ok(())
    }

    /// Forgets what was read of a copy's row, which was written meanwhile, and folds its story again.
    pub(crate) fn copy_was_written(&mut self, barcode: &Barcode) -> Result<(), Failure> {
        let row = copy_row(self.tx, barcode)?;
        self.change(barcode, |story| story.copy = row)
    }

    fn note_holder(&mut self, barcode: &Barcode, before: Option<&PatronCode>, story: &Story) {
        if let Some(copies) = before.and_then(|patron| self.lent_to.get_mut(patron)) {
            copies.remove(barcode);
        }
        if let Some(open) = story.timeline.open() {
            self.lent_to.entry(open.patron.clone()).or_default().insert(barcode.clone());
        }
    }

    /// All stories that were touched.
    pub(crate) fn stories(&self) -> impl Iterator<Item = (&Barcode, &Story)> {
        self.stories.iter()
    }

    /// A patron's row, removed or not.
    pub(crate) fn patron_row(
        &mut self,
        code: &PatronCode,
    ) -> Result<Option<&Kept<PatronCard>>, Failure> {
        if !self.patrons.contains_key(code) {
            let card = self
                .tx
                .prepare_cached(&format!(
                    "SELECT {}, DaXoa FROM DOCGIA WHERE MaDG = ?1",
                    rows::CARD
                ))?
                .query_row([code.as_str()], |row| {
                    Ok(Kept { row: rows::card(row)?, removed: row.get(8)? })
                })
                .optional()?;
            self.patrons.insert(code.clone(), card);
        }
        Ok(self.patrons[code].as_ref())
    }

    /// A patron, unless they are unknown or were removed.
    pub(crate) fn patron(&mut self, code: &PatronCode) -> Result<Option<PatronCard>, Failure> {
        let kept = self.patron_row(code)?;
        Ok(kept.filter(|kept| !kept.removed).map(|kept| kept.row.clone()))
    }

    /// The policy for a category at this branch.
    pub(crate) fn policy(&self, category: &PatronCategory) -> Option<&LoanPolicy> {
        policy_for(&self.policies, &self.here.branch, category)
    }

    /// Whether somebody is an active librarian here.
    pub(crate) fn is_librarian(&mut self, login: &StaffLogin) -> Result<bool, Failure> {
        if let Some(known) = self.librarians.get(login) {
            return Ok(*known);
        }
        let is = staff::is_librarian(self.tx, login)?;
        self.librarians.insert(login.clone(), is);
        Ok(is)
    }

    /// The day of an event at the branch.
    pub(crate) fn day_of(&self, event: &Event) -> LocalDate {
        event.at.date_at(self.here.zone)
    }

    /// A loan as it would be shown; 0 stands for a number that is not given yet.
    pub(crate) fn as_loan(&self, barcode: &Barcode, folded: &FoldedLoan, no: i32) -> Loan {
        let branch = self.here.branch.clone();
        Loan::from_fold(no, barcode.clone(), branch, folded, self.here.zone)
    }

    /// The copy's open loan.
    pub(crate) fn open_loan(&mut self, barcode: &Barcode) -> Result<Option<Loan>, Failure> {
        self.story(barcode)?;
        let open = self.read(barcode).timeline.open();
        Ok(open.map(|folded| self.as_loan(barcode, folded, 0)))
    }

    /// The patron's open loans at this moment of the transaction: what is written, except where a
    /// timeline was touched since.
    pub(crate) fn loans_of_patron(&self, patron: &PatronCode) -> Result<Vec<Loan>, Failure> {
        let mut loans = self
            .tx
            .prepare_cached(&format!(
                "SELECT {} FROM PHIEUMUON p JOIN lienthu_loan l ON l.MaPM = p.MaPM
                 WHERE p.MaDG = ?1 AND p.NgayTra IS NULL",
                rows::LOAN
            ))?
            .query_map([patron.as_str()], rows::loan)?
            .collect::<Result<Vec<_>, _>>()?;
        loans.retain(|loan| !self.stories.contains_key(&loan.copy));
        for barcode in self.lent_to.get(patron).into_iter().flatten() {
            let story = self.read(barcode);
            // A loan of a copy that the site does not know is nobody's yet, as when it is written.
            let open = story.copy.as_ref().and_then(|_| story.timeline.open());
            loans.extend(open.map(|folded| self.as_loan(barcode, folded, 0)));
        }
        Ok(loans)
    }
}

fn copy_row(tx: &Connection, barcode: &Barcode) -> Result<Option<Kept<Copy>>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {}, DaXoa FROM QUYENSACH WHERE MaQuyenSach = ?1",
            rows::COPY
        ))?
        .query_row([barcode.as_str()], |row| {
            Ok(Kept { row: rows::copy(row)?, removed: row.get(8)? })
        })
        .optional()?)
}
