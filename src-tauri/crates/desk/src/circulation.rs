//! Lend, take back, renew, undo, settle: one path for all.
//!
//! An operation is written to the outbox first. With the site answering it is a *request*: it goes out
//! behind what still waits, and the site's answer is what is said. With the site silent it is a *fact*:
//! judged by what the desk knows, written down, said to be queued. A request whose answer is lost
//! becomes a fact or a withdrawal, durably, before anything is said.

use std::sync::Arc;
use std::time::Duration;

use lienthu_domain::event::{Claim, Deed, Event};
use lienthu_domain::ids::{Barcode, CorrelationId, EventId, PatronCode};
use lienthu_domain::loan::Loan;
use lienthu_domain::refusal::Refusal;
use lienthu_domain::review::{FlagKind, Settlement};
use lienthu_domain::times::LocalDate;
use lienthu_port::error::SiteError;
use lienthu_port::feed::Watermark;
use lienthu_port::message::Message;
use lienthu_port::outbox::{Draft, Queued};
use lienthu_port::site::Site;
use lienthu_port::submit::{BATCH_EVENTS_MAX, Outcome, Receipt, Receipts, Sending};
use tokio::sync::MutexGuard;

use crate::answer::{Answer, DeedKind};
use crate::contact::within;
use crate::desk::{Desk, Turn};
use crate::error::DeskError;
use crate::local::{LocalCopy, LocalPatron, Surroundings, borrow_of};
use crate::session::Permit;

/// How long a librarian waits for the site before the desk goes on alone.
pub const ANSWER_MS_MAX: u64 = 4_000;
/// How often a busy site is asked again.
const BUSY_TRIES_MAX: u32 = 5;
/// The wait before a busy site is asked again, growing by itself each time.
const BUSY_WAIT_MS: u64 = 50;

/// What is wanted of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Lend it to this patron.
    Borrow {
        /// Who.
        patron: PatronCode,
    },
    /// Take it back.
    Return {
        /// The date to show, for a book from the book drop.
        returned_on: Option<LocalDate>,
    },
    /// Renew its open loan.
    Renew,
    /// Take an event back.
    Undo {
        /// Which.
        target: EventId,
    },
    /// Settle a review item.
    Settle {
        /// The item's event.
        target: EventId,
        /// The item's kind.
        flag: FlagKind,
        /// What was decided.
        settlement: Settlement,
    },
}

/// An operation ready to be written down, with what the desk knows around it.
struct Prepared {
    kind: DeedKind,
    deed: Deed,
    copy: LocalCopy,
    patron: Option<LocalPatron>,
}

/// What was heard of a request.
enum Heard {
    Answer(Box<Receipt>),
    Silence(SiteError),
}

impl Desk {
    /// Does what is wanted of a copy. `go_on`: the librarian has seen what stands against it.
    ///
    /// # Errors
    /// Those of the desk's files; of the site only what is neither an answer nor a line that is down.
    pub async fn perform(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        barcode: &Barcode,
        wanted: Wanted,
        go_on: bool,
    ) -> Result<Answer, DeskError> {
        let prepared = match self.prepare(barcode, wanted).await? {
            Ok(prepared) => prepared,
            Err(refused) => return Ok(*refused),
        };
        let answers = self.state.borrow().answers();
        // Behind a queue that is longer than a batch nobody at the desk waits for an answer.
        let ask = answers && (self.outbox.counts().await?.waiting as usize) < BATCH_EVENTS_MAX;
        let answer = if ask {
            self.ask(permit, correlation, prepared, go_on).await
        } else {
            self.tell(permit, correlation, prepared, go_on).await
        };
        self.changed();
        if ask {
            // The cache is now behind by one. While the site is silent a scan is no reason to hurry.
            self.wake.notify_one();
        }
        answer
    }

    /// Looks around the copy. The inner error is a refusal that no fact could change.
    async fn prepare(
        &self,
        barcode: &Barcode,
        wanted: Wanted,
    ) -> Result<Result<Prepared, Box<Answer>>, DeskError> {
        let named = match &wanted {
            Wanted::Borrow { patron } => Some(patron),
            _ => None,
        };
        let Surroundings { copy, patron, closed_days } = self.look_around(barcode, named).await?;
        let policy = patron.as_ref().and_then(|p| p.policy.as_ref());
        let (kind, deed) = match wanted {
            Wanted::Borrow { patron } => {
                let due = self.due_for(|p| p.loan_days, policy, &closed_days)?;
                (DeedKind::Borrow, Deed::Borrow { patron, due })
            }
            Wanted::Return { returned_on } => (DeedKind::Return, Deed::Return { returned_on }),
            Wanted::Renew => {
                let Some(borrow) = borrow_of(&copy) else {
                    let refused =
                        self.refused(&[Refusal::NotOnLoan], false, true, &copy, None).await?;
                    return Ok(Err(Box::new(refused)));
                };
                let due = self.due_for(|p| p.renewal_days, policy, &closed_days)?;
                (DeedKind::Renew, Deed::Renew { borrow, due })
            }
            Wanted::Undo { target } => (DeedKind::Undo, Deed::Undo { target }),
            Wanted::Settle { target, flag, settlement } => {
                (DeedKind::Settle, Deed::Settle { target, flag, settlement })
            }
        };
        Ok(Ok(Prepared { kind, deed, copy, patron }))
    }

    fn draft(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        prepared: &Prepared,
        claim: Claim,
        overridden: bool,
    ) -> Draft {
        Draft {
            id: self.ids.event(),
            scanned_by: permit.login().clone(),
            scanned: self.clock.read(),
            overridden,
            copy: prepared.copy.barcode.clone(),
            deed: prepared.deed.clone(),
            claim,
            correlation,
        }
    }

    /// The site answers: ask it.
    async fn ask(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        prepared: Prepared,
        go_on: bool,
    ) -> Result<Answer, DeskError> {
        // Taken before the event is written, so that no other sender can carry it away unanswered.
        let limit = Duration::from_millis(ANSWER_MS_MAX);
        let Ok(turn) = tokio::time::timeout(limit, self.turn()).await else {
            return self.tell(permit, correlation, prepared, go_on).await;
        };
        let mut turn = turn?;
        let draft = self.draft(permit, correlation, &prepared, Claim::Request, go_on);
        turn.asking = true;
        let queued = self.write_down(draft).await?;
        match self.send_up_to(queued.event.id).await? {
            Heard::Answer(receipt) => {
                turn.asking = false;
                drop(turn);
                self.answered(prepared, &queued.event, *receipt).await
            }
            Heard::Silence(error) => self.unanswered(turn, prepared, &queued, go_on, error).await,
        }
    }

    /// Writes an event down, with a line in the log that its correlation id can be followed by.
    async fn write_down(&self, draft: Draft) -> Result<Queued, DeskError> {
        let queued = self.outbox.append(draft).await?;
        let (event, claim) = (queued.event.id, queued.claim);
        tracing::info!(%event, ?claim, correlation = %queued.correlation, "written down");
        Ok(queued)
    }

    /// Sends what waits, up to and with one event, and says what the site answered to that one.
    async fn send_up_to(&self, id: EventId) -> Result<Heard, DeskError> {
        let Ok(site) = self.reach() else {
            return Ok(Heard::Silence(SiteError::Unreachable { detail: "no connection".into() }));
        };
        let batch = self.outbox.next_batch(BATCH_EVENTS_MAX).await?;
        if !batch.iter().any(|q| q.event.id == id) {
            return Ok(Heard::Silence(SiteError::Busy));
        }
        let sendings: Vec<Sending> = batch.iter().map(to_send).collect();
        let proven = self.outbox.proven().await?;
        let receipts = match within(ANSWER_MS_MAX, submit(&site, proven, &sendings)).await {
            Ok(receipts) => receipts,
            Err(error) => return Ok(Heard::Silence(error)),
        };
        self.record(&receipts).await?;
        match receipts.receipts.into_iter().find(|r| r.id == id) {
            Some(receipt) => Ok(Heard::Answer(Box::new(receipt))),
            None => Ok(Heard::Silence(SiteError::Unexpected {
                detail: "the answer leaves out an event".into(),
            })),
        }
    }

    pub(crate) async fn record(&self, receipts: &Receipts) -> Result<(), DeskError> {
        Ok(self.outbox.record(&receipts.receipts, receipts.state).await?)
    }

    /// The site has answered.
    async fn answered(
        &self,
        prepared: Prepared,
        event: &Event,
        receipt: Receipt,
    ) -> Result<Answer, DeskError> {
        let (copy, patron) = (&prepared.copy, prepared.patron.as_ref());
        match receipt.outcome {
            Outcome::Done { loan, flags } => {
                let warnings = flags
                    .iter()
                    .map(|flag| flag.refusal.map_or_else(|| flag.kind.into(), Message::from))
                    .collect();
                self.done(prepared, event, false, loan, warnings).await
            }
            Outcome::Refused { reasons } => {
                let policy = patron.and_then(|p| p.policy.as_ref());
                let can_override = policy.is_some_and(|p| p.may_override)
                    && reasons.iter().all(|r| r.can_be_overridden());
                self.refused(&reasons, can_override, false, copy, patron).await
            }
            Outcome::Withdrawn => {
                self.refused(&[Refusal::Withdrawn], false, false, copy, patron).await
            }
            Outcome::SetAside { why } => Ok(Answer::Refused {
                reasons: vec![why.message()],
                can_override: false,
                offline: false,
                copy: copy.view(),
                patron: self.view_of(patron).await?,
            }),
        }
    }

    /// The site has not answered: it may have happened there, or not. The desk decides by what it
    /// knows, makes that durable, and only then lets others send and says so: sent before, it would be
    /// judged again, and what is said of it contradicted.
    async fn unanswered(
        &self,
        mut turn: MutexGuard<'_, Turn>,
        prepared: Prepared,
        queued: &Queued,
        go_on: bool,
        error: SiteError,
    ) -> Result<Answer, DeskError> {
        tracing::warn!(event = %queued.event.id, code = error.message().code, "request unanswered");
        self.note_failure(&error);
        let against = self.against(&prepared.deed, &prepared.copy, prepared.patron.as_ref());
        let lend_on = error.lets_desks_go_on();
        let happens = lend_on && (against.is_empty() || go_on);
        let claim = if happens { Claim::Fact } else { Claim::Withdrawal };
        self.outbox.amend(queued.event.id, claim).await?;
        turn.asking = false;
        drop(turn);
        if happens {
            let warnings = against.into_iter().map(Message::from).collect();
            return self.done(prepared, &queued.event, true, None, warnings).await;
        }
        if !lend_on {
            return Err(error.into());
        }
        let (copy, patron) = (&prepared.copy, prepared.patron.as_ref());
        self.refused(&against, true, true, copy, patron).await
    }

    /// The site is silent: judge by what the desk knows, and write it down.
    async fn tell(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        prepared: Prepared,
        go_on: bool,
    ) -> Result<Answer, DeskError> {
        let against = self.against(&prepared.deed, &prepared.copy, prepared.patron.as_ref());
        if !against.is_empty() && !go_on {
            let (copy, patron) = (&prepared.copy, prepared.patron.as_ref());
            return self.refused(&against, true, true, copy, patron).await;
        }
        let overridden = !against.is_empty();
        let draft = self.draft(permit, correlation, &prepared, Claim::Fact, overridden);
        let queued = self.write_down(draft).await?;
        let warnings = against.into_iter().map(Message::from).collect();
        self.done(prepared, &queued.event, true, None, warnings).await
    }

    /// It happened. What the screen shows of copy and patron is what was known before, with this event
    /// on top; `at_site` is the loan as the site has it now.
    async fn done(
        &self,
        prepared: Prepared,
        event: &Event,
        queued: bool,
        at_site: Option<Loan>,
        warnings: Vec<Message>,
    ) -> Result<Answer, DeskError> {
        let Prepared { kind, mut copy, patron, .. } = prepared;
        let before = copy.open_loan.take();
        let loans = match at_site {
            Some(loan) => vec![loan],
            None => {
                self.loans_after(&copy.barcode, before.as_ref(), std::slice::from_ref(event))?
            }
        };
        let open = loans.iter().find(|loan| loan.is_open()).cloned();
        // What was lent is the loan that is open now; what came back is the one that was.
        let loan = open.clone().or_else(|| loans.into_iter().next_back());
        copy.set_open_loan(open.clone());
        let patron = match patron {
            None => None,
            Some(mut patron) => {
                patron.set_loan_of(&copy.barcode, open.clone());
                let title = copy.known.as_ref().and_then(|k| k.title.as_ref());
                patron.titles.extend(title.map(|t| (copy.barcode.clone(), t.name.clone())));
                Some(self.patron_view(&patron).await?)
            }
        };
        Ok(Answer::Done {
            deed: kind,
            event: event.id,
            queued,
            copy: copy.view(),
            loan,
            patron,
            warnings,
        })
    }

    pub(crate) async fn refused(
        &self,
        reasons: &[Refusal],
        can_override: bool,
        offline: bool,
        copy: &LocalCopy,
        patron: Option<&LocalPatron>,
    ) -> Result<Answer, DeskError> {
        Ok(Answer::Refused {
            reasons: reasons.iter().map(|reason| reason_of(*reason, copy)).collect(),
            can_override,
            offline,
            copy: copy.view(),
            patron: self.view_of(patron).await?,
        })
    }
}

/// Puts a batch to the site, again while another writer is in the way: that is never the events' fault.
pub(crate) async fn submit(
    site: &Arc<dyn Site>,
    proven: Option<Watermark>,
    batch: &[Sending],
) -> Result<Receipts, SiteError> {
    for tried in 1..=BUSY_TRIES_MAX {
        match site.submit(proven, batch).await {
            // Another writer holds the site: there is nothing to await but time.
            Err(SiteError::Busy) => {
                tokio::time::sleep(Duration::from_millis(BUSY_WAIT_MS * u64::from(tried))).await;
            }
            answer => return answer,
        }
    }
    site.submit(proven, batch).await
}

/// A queued event as it is sent.
pub(crate) fn to_send(queued: &Queued) -> Sending {
    Sending {
        event: queued.event.clone(),
        claim: queued.claim,
        correlation: queued.correlation,
        received_at: None,
    }
}

/// A reason in words; of a book that went away, also where to.
fn reason_of(reason: Refusal, copy: &LocalCopy) -> Message {
    let to = copy.known.as_ref().and_then(|known| known.copy.forwarded_to.as_ref());
    match (reason, to) {
        (Refusal::CopyForwarded, Some(to)) => Message {
            code: reason.code().to_owned(),
            vi: format!("Sách này đã chuyển đến chi nhánh {to}. Gửi sách về đó."),
            en: format!("This book went to {to}. Send it there."),
        },
        (reason, _) => reason.into(),
    }
}
