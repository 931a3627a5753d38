//! The loans of a site beside the loans that it must have.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context as _, ensure};
use lienthu_domain::event::{Claim, Event};
use lienthu_domain::ids::EventId;
use lienthu_domain::loan::{Loan, LoanEnding};
use lienthu_domain::review::{Flag, FlagKind};
use lienthu_domain::times::ZoneOffset;
use lienthu_port::site::Site;
use lienthu_port::submit::{BATCH_EVENTS_MAX, Outcome, Sending};

use super::arrival::sending;
use super::world::{Made, Put, TrueLoan};
use crate::kit::keys::key;
use crate::kit::loans::Loans;
use crate::kit::rng::Rng;

/// What a site said to all that was sent, so far.
#[derive(Debug, Default)]
pub struct Said {
    /// The events that have happened as far as the site is concerned.
    pub taken: HashSet<EventId>,
    /// What it said to each request when it first came.
    to_request: BTreeMap<EventId, bool>,
}

impl Said {
    /// Sends batches and notes what the site says.
    ///
    /// # Errors
    /// When the site fails, or answers what contradicts how the events were put.
    pub async fn send(
        &mut self,
        site: &dyn Site,
        batches: &[Vec<Sending>],
        made: &[Made],
    ) -> anyhow::Result<()> {
        for batch in batches {
            let receipts = site.submit(None, batch).await?.receipts;
            ensure!(
                receipts.len() == batch.len(),
                "{} receipts for {}",
                receipts.len(),
                batch.len()
            );
            for (sent, receipt) in batch.iter().zip(receipts) {
                let id = sent.event.id;
                ensure!(receipt.id == id, "a receipt for {} where {id} was sent", receipt.id);
                let made = made.iter().find(|m| m.event.id == id).context("sent, not made")?;
                self.note(sent.claim, made.put, id, &receipt.outcome)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, claim: Claim, put: Put, id: EventId, said: &Outcome) -> anyhow::Result<()> {
        let happened = matches!(said, Outcome::Done { .. });
        match (claim, said) {
            (Claim::Fact | Claim::Request, Outcome::Done { .. })
            | (Claim::Request, Outcome::Refused { .. })
            | (Claim::Withdrawal, Outcome::Withdrawn) => {}
            (Claim::Request, Outcome::Withdrawn) if put == Put::Withdrawn => {}
            _ => anyhow::bail!("{claim:?} of {id}, put as {put:?}, came to {said:?}"),
        }
        if put == Put::Request {
            let first = *self.to_request.entry(id).or_insert(happened);
            ensure!(first == happened, "request {id} got another answer when it came again");
        }
        if happened {
            self.taken.insert(id);
        } else {
            self.taken.remove(&id);
        }
        Ok(())
    }
}

/// Feeds a site the events in their own order, as facts.
///
/// # Errors
/// When the site fails.
pub async fn send_in_order(site: &dyn Site, rng: &mut Rng, set: &[&Event]) -> anyhow::Result<()> {
    let mut in_order: Vec<&Event> = set.to_vec();
    in_order.sort_by_key(|e| e.order());
    let all: Vec<Sending> = in_order.into_iter().map(|e| sending(rng, e, Claim::Fact)).collect();
    for batch in all.chunks(BATCH_EVENTS_MAX) {
        site.submit(None, batch).await?;
    }
    Ok(())
}

/// What the site says is odd about each event when it is sent once more, as far as the fold finds
/// such things; what the rules find depends on what else the site knows.
///
/// # Errors
/// When the site fails, or does not know an event any more.
pub async fn flags_at_site(
    site: &dyn Site,
    rng: &mut Rng,
    set: &[&Event],
) -> anyhow::Result<Vec<Flag>> {
    const OF_THE_FOLD: [FlagKind; 5] = [
        FlagKind::ReturnMissed,
        FlagKind::ReturnWithoutLoan,
        FlagKind::RenewalMismatch,
        FlagKind::UndoWithoutTarget,
        FlagKind::OrderUncertain,
    ];
    let all: Vec<Sending> = set.iter().map(|e| sending(rng, e, Claim::Fact)).collect();
    let mut found = Vec::new();
    for batch in all.chunks(BATCH_EVENTS_MAX) {
        for receipt in site.submit(None, batch).await?.receipts {
            let Outcome::Done { flags, .. } = receipt.outcome else {
                anyhow::bail!("{} was taken and is now {:?}", receipt.id, receipt.outcome);
            };
            found.extend(flags.into_iter().filter(|f| OF_THE_FOLD.contains(&f.kind)));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The true loans as the site has to show them.
///
/// # Errors
/// When a true loan was never scanned: a mistake in the proof.
pub fn by_truth(truth: &BTreeMap<EventId, TrueLoan>, made: &[Made]) -> anyhow::Result<Loans> {
    let event = |id: EventId| -> anyhow::Result<&Event> {
        let made = made.iter().find(|m| m.event.id == id);
        made.map(|m| &m.event).context("a true loan without a scan")
    };
    let mut loans = Loans::new();
    for (borrow, true_loan) in truth {
        let borrowed = event(*borrow)?;
        let returned = true_loan.returned_by.map(event).transpose()?;
        let loan = Loan {
            no: 0,
            borrow: *borrow,
            copy: borrowed.copy.clone(),
            patron: true_loan.patron.clone(),
            branch: key("Q1"),
            borrowed_at: borrowed.at,
            due: true_loan.due,
            renewals: true_loan.renewals,
            ended_at: returned.map(|r| r.at),
            ending: returned.map(|_| LoanEnding::Returned),
            returned_on: returned.map(|r| {
                let day = r.at.date_at(ZoneOffset::VIET_NAM);
                true_loan.back_dated.unwrap_or(day)
            }),
            undone: true_loan.undone,
        };
        loans.insert(*borrow, loan);
    }
    Ok(loans)
}
