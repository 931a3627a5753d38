//! Taking events.
//!
//! What an id stands for is a small lattice: nothing < refused or accepted request < fact < withdrawn.
//! A claim only moves an event up it, so that a set of claims ends the same in whatever order and
//! however often they arrive; the one exception is by design: what a request is told depends on the
//! state at the moment when it comes first.

use std::collections::HashMap;

use lienthu_domain::copy::CopyCondition;
use lienthu_domain::event::{Claim, Event};
use lienthu_domain::ids::{BranchCode, StaffLogin};
use lienthu_domain::times::UtcMs;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::feed::Watermark;
use lienthu_port::submit::{
    AHEAD_OF_SITE_MS_MAX, BATCH_EVENTS_MAX, Outcome, Receipt, Receipts, Sending, SetAside,
};
use lienthu_sqlite::rusqlite::{Connection, Transaction};

use crate::calls::Call;
use crate::copies;
use crate::counter;
use crate::events::{self, Standing};
use crate::failure::Failure;
use crate::judge;
use crate::review;
use crate::state::State;
use crate::timeline;

/// Takes a batch in one transaction; where that fails for a reason that may lie in one event, takes its
/// events one by one, so that one bad event never blocks the others.
pub(crate) fn submit(
    conn: &mut Connection,
    login: &StaffLogin,
    now: UtcMs,
    proven: Option<Watermark>,
    batch: &[Sending],
) -> Result<Receipts, Failure> {
    if batch.len() > BATCH_EVENTS_MAX {
        return Err(Obstacle::TooMany.into());
    }
    let (receipts, state) = match take(conn, login, now, proven, batch) {
        Err(failure) if failure.may_be_one_event() => one_by_one(conn, login, now, proven, batch)?,
        taken => taken?,
    };
    Ok(Receipts { receipts, state, now })
}

fn one_by_one(
    conn: &mut Connection,
    login: &StaffLogin,
    now: UtcMs,
    proven: Option<Watermark>,
    batch: &[Sending],
) -> Result<(Vec<Receipt>, Watermark), Failure> {
    let mut receipts = Vec::with_capacity(batch.len());
    for sending in batch {
        match take(conn, login, now, proven, std::slice::from_ref(sending)) {
            Ok((taken, _)) => receipts.extend(taken),
            Err(failure) if failure.may_be_one_event() => {
                tracing::error!(
                    correlation = %sending.correlation, event = %sending.event.id, ?failure,
                    "an event failed alone and is set aside"
                );
                receipts.push(receipt(&sending.event, set_aside(SetAside::Failed)));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok((receipts, counter::current(conn)?))
}

fn take(
    conn: &mut Connection,
    login: &StaffLogin,
    now: UtcMs,
    proven: Option<Watermark>,
    batch: &[Sending],
) -> Result<(Vec<Receipt>, Watermark), Failure> {
    counter::writing(conn, now, |tx| {
        Call::Submit(batch).allowed_to(tx, login)?;
        // Looked at where it is written, so that no backup can be put back in between.
        if let Some(proven) = proven
            && !counter::is_past(tx, proven)?
        {
            return Err(Failure::from(SiteError::PutBack));
        }
        let mut state = State::new(tx, now)?;
        // Of an id that comes twice in a batch, the last standing is what both are told.
        let mut standings = HashMap::with_capacity(batch.len());
        let mut set_asides = Vec::with_capacity(batch.len());
        for sending in batch {
            set_asides.push(match decide(tx, &mut state, login, sending)? {
                Verdict::SetAside(why) => Some(why),
                Verdict::Stands(standing) => {
                    standings.insert(sending.event.id, standing);
                    None
                }
            });
        }
        timeline::write_all(&mut state)?;
        batch
            .iter()
            .zip(set_asides)
            .map(|(sending, why)| {
                let event = &sending.event;
                let outcome = match (why, standings.get(&event.id)) {
                    (None, Some(standing)) => outcome(&mut state, event, standing)?,
                    (why, _) => set_aside(why.unwrap_or(SetAside::Failed)),
                };
                Ok(receipt(event, outcome))
            })
            .collect()
    })
}

const fn receipt(event: &Event, outcome: Outcome) -> Receipt {
    Receipt { id: event.id, outcome }
}

const fn set_aside(why: SetAside) -> Outcome {
    Outcome::SetAside { why }
}

/// What was decided about one event of a batch.
enum Verdict {
    SetAside(SetAside),
    Stands(Standing),
}

fn decide(
    tx: &Transaction<'_>,
    state: &mut State<'_>,
    login: &StaffLogin,
    sending: &Sending,
) -> Result<Verdict, Failure> {
    let Sending { event, claim, .. } = sending;
    if event.site != state.here.branch {
        return Ok(Verdict::SetAside(SetAside::OtherBranch));
    }
    let known = events::find(tx, &state.here.branch, event.id)?;
    if known.as_ref().is_some_and(|(content, _)| content != event) {
        return Ok(Verdict::SetAside(SetAside::OtherContent));
    }
    let before = known.map(|(_, standing)| standing);
    if before.is_none() && sending.is_delivery() && !is_here(state, event)? {
        return Ok(Verdict::SetAside(SetAside::OtherBranch));
    }
    // What is withdrawn has no place in time: it is taken whatever the clocks say.
    if before.is_none() && *claim != Claim::Withdrawal && is_in_the_future(event, state.now) {
        return Ok(Verdict::SetAside(SetAside::InTheFuture));
    }

    let after = match (&before, claim) {
        (Some(Standing::Withdrawn), _) | (_, Claim::Withdrawal) => Standing::Withdrawn,
        (Some(Standing::Fact), _) | (_, Claim::Fact) => Standing::Fact,
        (Some(judged), Claim::Request) => judged.clone(),
        (None, Claim::Request) => match judge::against(state, event)? {
            reasons if reasons.is_empty() => Standing::accepted(*claim),
            reasons => Standing::Refused(reasons),
        },
    };
    if before.as_ref() == Some(&after) {
        return Ok(Verdict::Stands(after));
    }

    // Before the log holds it, so that the story is read without it.
    state.story(&event.copy)?;
    let was_accepted = before.as_ref().is_some_and(Standing::is_accepted);
    let flags = if after.is_accepted() && !was_accepted {
        judge::odd(state, sending, after == Standing::Fact)?
    } else {
        Vec::new()
    };
    match before {
        None => events::insert(tx, sending, &after, login, state.now)?,
        Some(_) => events::set_standing(tx, event.id, &after, login)?,
    }
    if after.is_accepted() && !was_accepted {
        for flag in &flags {
            review::add_flag(tx, &event.copy, flag)?;
        }
        state.change(&event.copy, |story| {
            story.events.push(event.clone());
            story.flags.extend(flags);
        })?;
        let from = sending.received_at.as_ref().filter(|_| sending.is_delivery());
        // What came back where it is now at home is there.
        if let Some(from) = from.filter(|from| **from != state.here.branch) {
            comes_home(tx, state, event, from)?;
        }
    } else if was_accepted && !after.is_accepted() {
        review::drop_flags(tx, event.id)?;
        state.change(&event.copy, |story| {
            story.events.retain(|other| other.id != event.id);
            story.flags.retain(|flag| flag.event != event.id);
        })?;
    }
    Ok(Verdict::Stands(after))
}

/// Whether the copy is one of this branch's.
fn is_here(state: &mut State<'_>, event: &Event) -> Result<bool, Failure> {
    let copy = state.story(&event.copy)?.known_copy();
    Ok(copy.is_some_and(|copy| copy.condition != CopyCondition::Forwarded))
}

/// A book that came back at another branch is on its way here, as if that branch had sent it. Not where
/// something happened to it since: then it is back already.
fn comes_home(
    tx: &Transaction<'_>,
    state: &mut State<'_>,
    event: &Event,
    from: &BranchCode,
) -> Result<(), Failure> {
    let story = state.story(&event.copy)?;
    if story.events.iter().any(|other| other.at > event.at) {
        return Ok(());
    }
    let moves = [CopyCondition::InTransit, CopyCondition::Forwarded];
    let condition = story.known_copy().map(|copy| copy.condition);
    if let Some(condition) = condition.filter(|condition| !moves.contains(condition)) {
        copies::comes_home(tx, state.now, &event.copy, condition, from)?;
        state.copy_was_written(&event.copy)?;
    }
    Ok(())
}

/// Whether an event lies further ahead of the site's clock than any honest desk can be.
fn is_in_the_future(event: &Event, now: UtcMs) -> bool {
    event.at.since_ms(now) > AHEAD_OF_SITE_MS_MAX + i64::from(event.uncertainty_ms)
}

/// What to say of an event, when the whole batch is in.
fn outcome(state: &mut State<'_>, event: &Event, standing: &Standing) -> Result<Outcome, Failure> {
    Ok(match standing {
        Standing::Refused(reasons) => Outcome::Refused { reasons: reasons.clone() },
        Standing::Withdrawn => Outcome::Withdrawn,
        Standing::Requested | Standing::Fact => {
            let story = state.story(&event.copy)?;
            let flags = story.items().into_iter().filter(|flag| flag.event == event.id).collect();
            let about = story.loan_about(event).cloned();
            let loan = match about {
                None => None,
                Some(folded) => timeline::number_of(state.tx, folded.borrow)?
                    .map(|no| state.as_loan(&event.copy, &folded, no)),
            };
            Outcome::Done { loan, flags }
        }
    })
}
