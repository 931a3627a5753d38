//! Why an entry waits, for how long, and what became of the transaction that was begun for it.

use std::sync::Arc;

use lienthu_domain::action::Action;
use lienthu_domain::ids::ChangeId;
use lienthu_port::changes::{Attempt, PAUSE_MS_MAX, Waits};
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::driving::Ending;
use lienthu_protocol::message::Refusal;
use lienthu_protocol::recoverer::Recoverer;

use crate::beginning::BeginError;
use crate::driving::{Driving, drive};
use crate::sites::Sites;

/// The pause after a first try in vain, growing by itself up to [`PAUSE_MS_MAX`].
const PAUSE_MS_MIN: i64 = 500;

/// Finds out how a transaction ended that somebody began, perhaps this desk before it crashed; one that did not
/// end is aborted.
pub(super) async fn how_ended(
    sites: &Sites,
    attempt: &Attempt,
    action: &Arc<Action>,
) -> Result<Outcome, Waits> {
    let terms = match attempt.terms() {
        Ok(terms) => Arc::new(terms),
        Err(error) => return Err(Waits::Unexpected { detail: error.to_string() }),
    };
    let branch = terms.decider().branch.clone();
    let driving = drive(sites, Recoverer::new(attempt.txn, terms), action, |_, _| {}).await;
    match driving.ending {
        Ending::Decided { outcome, .. } => Ok(outcome),
        Ending::InDoubt => Err(Waits::InDoubt { branch }),
    }
}

/// Why nothing came of it, where nothing stands against the action itself.
pub(super) fn why_aborted(driving: Driving) -> Waits {
    if let Some((branch, error)) = driving.failed.into_iter().next() {
        return Waits::Site { branch, error };
    }
    match driving.refused.into_iter().next() {
        Some((branch, Refusal::OtherMembership)) => Waits::Membership { branch },
        Some((
            branch,
            Refusal::Quarantined | Refusal::PartyRestored | Refusal::OtherIncarnation,
        )) => Waits::Restored { branch },
        Some((branch, refusal)) => {
            Waits::Unexpected { detail: format!("{branch} refused: {refusal:?}") }
        }
        // Whoever cleans up may have taken it for left behind.
        None => Waits::Turn,
    }
}

impl From<BeginError> for Waits {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Site { branch, error } => Self::Site { branch, error },
            BeginError::Membership(branch) => Self::Membership { branch },
            BeginError::Quarantined(branch) => Self::Restored { branch },
            BeginError::Away(branch) => Self::Away { branch },
            BeginError::NobodyActive => Self::NobodyActive,
            BeginError::Action(_) | BeginError::Terms(_) => {
                Self::Unexpected { detail: error.to_string() }
            }
        }
    }
}

/// Doubles with every try, up to the longest; spread over half of it by the entry's id.
pub(super) fn pause_ms(tries: u32, id: ChangeId) -> i64 {
    let doubled =
        PAUSE_MS_MIN.saturating_mul(1_i64.checked_shl(tries.min(32) - 1).unwrap_or(i64::MAX));
    let longest = doubled.min(PAUSE_MS_MAX);
    longest - longest / 2 * i64::from(id.uuid().as_bytes()[15]) / 255
}
