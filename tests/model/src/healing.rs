//! What is left when the faults are over: everyone can be reached, and one desk or agent runs.

use std::sync::Arc;

use lienthu_protocol::driving::{Driven, Ending, Event, Machine as _};
use lienthu_protocol::message::Message;
use lienthu_protocol::recoverer::Recoverer;
use lienthu_protocol::site::Caller;

use crate::model::{Model, State};
use crate::places::{TXN, branch, party, site_of};
use crate::site::Site;

/// The sites after restored ones were told what they promised and decided, and one run of recovery for
/// what is left. Nothing where either did not come to its end.
pub fn heal(model: &Model, state: &State) -> Option<Vec<Site>> {
    let mut sites = state.sites.clone();
    for site in model.sites().filter(|site| state.sites[*site].is_quarantined) {
        let now = party(site, sites[site].restored);
        let recoverer = Recoverer::of_restored(TXN, Arc::clone(&model.terms), now);
        run(model, &mut sites, recoverer, Caller::Manager)?;
        sites[site].is_quarantined = false;
    }
    if sites.iter().any(|site| site.rows.entry.is_open()) {
        let recoverer = Recoverer::new(TXN, Arc::clone(&model.terms));
        run(model, &mut sites, recoverer, Caller::Agent)?;
    }
    Some(sites)
}

fn run(model: &Model, sites: &mut [Site], recoverer: Recoverer, caller: Caller) -> Option<()> {
    let mut waiting: Vec<Message> = vec![];
    let mut event = Event::Started;
    let mut recoverer = recoverer;
    loop {
        let Driven { next, messages } =
            model.setup.variant.at_recoverer(&recoverer, sites.len(), &event);
        recoverer = next;
        waiting.extend(messages);
        if let Some(ending) = recoverer.ending() {
            return match ending {
                Ending::Decided { untold, .. } if untold.is_empty() => Some(()),
                _ => None,
            };
        }
        let message = waiting.pop()?;
        let to = site_of(&message.to.branch);
        let reply = sites[to].take(to, &message, caller, true, model.setup.variant);
        event = Event::Answered { from: branch(to), reply };
    }
}
