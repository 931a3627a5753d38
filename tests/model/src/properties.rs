//! What must hold in every state, and what must be possible.

use lienthu_protocol::decision::Outcome;
use lienthu_protocol::entry::ShareState;
use stateright::Property;

use crate::healing::heal;
use crate::model::{Model, Setup, State};
use crate::places::DECIDER;
use crate::site::Site;

pub fn all(setup: &Setup) -> Vec<Property<Model>> {
    let mut all = vec![
        Property::<Model>::always("I3: no two sites apply different outcomes", |_, state| {
            !(is_applied(state, Outcome::Commit) && is_applied(state, Outcome::Abort))
        }),
        Property::<Model>::always("what is promised is held, and nothing else", |_, state| {
            state.sites.iter().all(|site| site.rows.is_held == site.rows.entry.is_prepared())
        }),
        Property::<Model>::always("what the coordinator said is so", |_, state| match state.told {
            None => true,
            Some(Outcome::Abort) => !is_applied(state, Outcome::Commit),
            // A site that decides and is put back takes its word back.
            Some(Outcome::Commit) => {
                state.sites[DECIDER].restored > 0 || !is_applied(state, Outcome::Abort)
            }
        }),
        Property::<Model>::always(
            "I4: healed, it ends, and everywhere the same",
            |model, state| heal(model, state).is_some_and(|sites| is_settled(&sites)),
        ),
        Property::<Model>::sometimes("all commit", |_, state| {
            state.sites.iter().all(|site| site.rows.applied == Some(Outcome::Commit))
        }),
        Property::<Model>::sometimes("a promise is taken back", |_, state| {
            is_applied(state, Outcome::Abort)
        }),
    ];
    if setup.restores > 0 {
        all.push(Property::<Model>::sometimes("a restored site carries out again", |_, state| {
            state.sites.iter().any(|site| {
                site.restored > 0
                    && !site.is_quarantined
                    && site.rows.applied == Some(Outcome::Commit)
            })
        }));
    }
    if setup.forces {
        all.push(Property::<Model>::sometimes(
            "a wrong choice of a manager's is found",
            |_, state| state.sites.iter().any(is_contradicted),
        ));
    }
    all
}

/// Whether a site that goes by the protocol did that.
fn is_applied(state: &State, outcome: Outcome) -> bool {
    state.sites.iter().any(|site| !is_forced(site) && site.rows.applied == Some(outcome))
}

/// Nothing is open, and all did the same, but for those of which it is noted that a manager chose wrong.
fn is_settled(sites: &[Site]) -> bool {
    let mut by_protocol = sites.iter().filter(|site| !is_contradicted(site));
    let commits = by_protocol.clone().filter(|site| site.rows.applied == Some(Outcome::Commit));
    let commits = commits.count();
    (commits == 0 || commits == by_protocol.clone().count())
        && by_protocol.all(|site| !site.rows.entry.is_open())
}

fn is_forced(site: &Site) -> bool {
    let share = site.rows.entry.share.as_ref();
    share.is_some_and(|share| matches!(share.state, ShareState::Forced { .. }))
}

fn is_contradicted(site: &Site) -> bool {
    site.rows.entry.share.as_ref().is_some_and(|share| {
        matches!(share.state, ShareState::Forced { contradicted_by: Some(_), .. })
    })
}
