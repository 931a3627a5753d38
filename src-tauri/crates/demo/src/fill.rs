//! Filling one branch's site: its patrons and copies, and its year of loans, sent as desks send them.

use std::sync::Arc;

use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::event::{Claim, Event};
use lienthu_domain::ids::CorrelationId;
use lienthu_domain::patron::Patron;
use lienthu_embedded::EmbeddedSite;
use lienthu_port::error::SiteError;
use lienthu_port::lookup::{CopyChange, PatronChange, details_of};
use lienthu_port::site::{Credentials, Site, SiteConnector};
use lienthu_port::submit::{BATCH_EVENTS_MAX, Outcome, Sending};

use crate::dice::Dice;
use crate::people::Reader;
use crate::plan::BranchPlan;
use crate::prepare::Progress;
use crate::shelves::Shelved;

/// Batches of events after which it is said how far the year has come.
const BATCHES_BETWEEN_WORDS: usize = 8;

/// Fills a site that was just founded. `librarian` may send events there.
pub(crate) async fn fill(
    site: &EmbeddedSite,
    plan: &BranchPlan,
    librarian: &Credentials,
    seed: u64,
    progress: Progress,
) -> Result<(), SiteError> {
    let branch = &plan.branch.code;
    site.add_patrons(plan.readers.iter().map(|reader| reader.patron.clone()).collect()).await?;
    site.add_copies(plan.shelves.iter().map(|shelved| shelved.details.clone()).collect()).await?;
    progress(&format!("{branch}: {} patrons, {} copies", plan.readers.len(), plan.shelves.len()));
    let desk = site.connector().await?.connect(librarian).await?;
    year(&desk, plan, seed, progress).await
}

/// Sends a branch's year of loans to its site, where its patrons and copies are in, and notes what has become
/// of some of them.
pub(crate) async fn year(
    desk: &Arc<dyn Site>,
    plan: &BranchPlan,
    seed: u64,
    progress: Progress,
) -> Result<(), SiteError> {
    let branch = &plan.branch.code;
    let mut dice = Dice::of(seed, &format!("correlations of {branch}"));
    for (no, batch) in plan.year.chunks(BATCH_EVENTS_MAX).enumerate() {
        send(desk, batch, &mut dice).await?;
        if (no + 1) % BATCHES_BETWEEN_WORDS == 0 {
            let sent = (no * BATCH_EVENTS_MAX + batch.len()) * 100 / plan.year.len();
            progress(&format!("{branch}: {sent} % of a year of loans"));
        }
    }
    block_some(desk, &plan.readers).await?;
    damage_some(desk, &plan.shelves).await?;
    progress(&format!("{branch}: a year of loans, {} scans", plan.year.len()));
    Ok(())
}

async fn send(desk: &Arc<dyn Site>, events: &[Event], dice: &mut Dice) -> Result<(), SiteError> {
    let batch: Vec<Sending> = events
        .iter()
        .map(|event| Sending {
            event: event.clone(),
            claim: Claim::Fact,
            correlation: CorrelationId::new(dice.uuid()),
            received_at: None,
        })
        .collect();
    let receipts = desk.submit(None, &batch).await?.receipts;
    let taken = |outcome: &Outcome| matches!(outcome, Outcome::Done { .. });
    match receipts.iter().find(|receipt| !taken(&receipt.outcome)) {
        None => Ok(()),
        Some(receipt) => Err(SiteError::Unexpected {
            detail: format!("an event of the demo was not taken: {:?}", receipt.outcome),
        }),
    }
}

async fn block_some(desk: &Arc<dyn Site>, readers: &[Reader]) -> Result<(), SiteError> {
    for reader in readers {
        let Some(reason) = reader.blocked_since else { continue };
        let mut patron: Patron = reader.patron.clone();
        patron.card.block = Some(reason.to_owned());
        desk.put_patron(&PatronChange { patron, seen: Some(reader.patron.clone()) }).await?;
    }
    Ok(())
}

/// Notes what has become of copies; those that a reader has cannot be looked at.
async fn damage_some(desk: &Arc<dyn Site>, shelves: &[Shelved]) -> Result<(), SiteError> {
    for shelved in shelves.iter().filter(|shelved| shelved.today != CopyCondition::Good) {
        let Some(file) = desk.copy(&shelved.details.barcode).await? else { continue };
        if file.copy.state == CopyState::Free {
            let seen = details_of(&file.copy);
            let mut details = seen.clone();
            details.condition = shelved.today;
            desk.put_copy(&CopyChange { details, seen }).await?;
        }
    }
    Ok(())
}
