//! Changes of what every site holds: titles, branches, loan policy, closed days.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lienthu_domain::action::{Action, CatalogueChange, Resource};
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::replicated::BranchStanding;
use lienthu_port::error::SiteError;
use lienthu_port::transaction::NetworkFacts;
use lienthu_protocol::coordinator::Coordinator;
use lienthu_protocol::driving::Event;
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};

use crate::beginning::BeginError;
use crate::driving::{Driving, drive};
use crate::sites::Sites;

/// Changes rows at all active sites, all or none; see [`agree_to`].
///
/// # Errors
/// See [`BeginError`]; then nothing has happened.
pub async fn change(
    sites: &Sites,
    txn: TxnId,
    changes: Vec<CatalogueChange>,
    watch: impl FnMut(&Coordinator, &Event),
) -> Result<Driving, BeginError> {
    let changes: Vec<_> = changes.into_iter().map(CatalogueChange::cleaned).collect();
    let terms = agree_to(sites, &changes).await?;
    let action = Arc::new(Action::Catalogue { changes });
    Ok(drive(&sites.insisting(), Coordinator::new(txn, terms), &action, watch).await)
}

/// What the sites would agree to. All active ones take part, and the first of them by code decides. While one
/// of them cannot be reached it does not begin. A branch that is away is left out, and so is one that this sets
/// away: its site may be gone. A removal waits until no branch is away any more.
///
/// # Errors
/// See [`BeginError`].
pub async fn agree_to(
    sites: &Sites,
    changes: &[CatalogueChange],
) -> Result<Arc<Terms>, BeginError> {
    let action = Action::Catalogue { changes: changes.to_vec() };
    action.check()?;
    let set_away = changes.iter().filter_map(CatalogueChange::sets_away).cloned().collect();
    let mut heard = hear(sites, set_away).await;
    heard.changing = changes
        .iter()
        .filter_map(|change| match change.resource() {
            Resource::Branch(code) => Some(code),
            _ => None,
        })
        .collect();
    heard.terms(changes.iter().any(|change| matches!(change, CatalogueChange::RemoveTitle { .. })))
}

/// A branch that is active and whose site answers and has missed nothing, as far as those that answer know.
///
/// # Errors
/// That of a site, where there is none.
pub async fn somewhere_active(sites: &Sites) -> Result<BranchCode, SiteError> {
    let mut heard = hear(sites, BTreeSet::new()).await;
    let newest = heard.newest();
    let found = heard.parties().into_iter().find(|branch| {
        heard
            .facts
            .get(*branch)
            .is_some_and(|facts| Some(facts.membership) == newest && !facts.is_quarantined)
    });
    match (found.cloned(), heard.failed.pop_first()) {
        (Some(branch), _) => Ok(branch),
        (None, Some((_, error))) => Err(error),
        (None, None) => {
            let detail = "no branch of the network is active".to_owned();
            Err(SiteError::Unexpected { detail })
        }
    }
}

/// Asks all sites what they know of the network, until that is enough.
async fn hear(sites: &Sites, set_away: BTreeSet<BranchCode>) -> Heard {
    let ask = |branch: BranchCode| async move {
        let facts = sites.ask(&branch, |site| async move { site.network().await }).await;
        (branch, facts)
    };
    let mut asked: FuturesUnordered<_> = sites.branches().cloned().map(ask).collect();
    let mut heard = Heard { set_away, ..Heard::default() };
    while let Some((branch, answer)) = asked.next().await {
        match answer {
            Ok(facts) => drop(heard.facts.insert(branch, facts)),
            Err(error) => drop(heard.failed.insert(branch, error)),
        }
        if heard.is_enough() {
            break;
        }
    }
    heard
}

/// What the sites have said so far. Those that know the latest change of the network say who is active: a branch
/// that was set away does not know it itself.
#[derive(Default)]
struct Heard {
    facts: BTreeMap<BranchCode, NetworkFacts>,
    failed: BTreeMap<BranchCode, SiteError>,
    set_away: BTreeSet<BranchCode>,
    /// The branches whose rows are to change.
    changing: BTreeSet<BranchCode>,
}

impl Heard {
    fn newest(&self) -> Option<MembershipVersion> {
        self.facts.values().map(|facts| facts.membership).max()
    }

    /// What the sites say that know the latest change of the network. One that others do not count on is not
    /// believed: it lists what it was founded with, or what it knew before it was set away.
    fn as_new(&self) -> impl Iterator<Item = &NetworkFacts> {
        let newest = self.newest();
        let is_new = move |facts: &&NetworkFacts| Some(facts.membership) == newest;
        let is_left_out = move |code: &BranchCode| {
            let mut others = self.facts.values().filter(is_new).filter(|by| by.me.branch != *code);
            self.set_away.contains(code)
                || others.any(|by| {
                    let mut listed = by.branches.iter();
                    listed.any(|(known, stands)| known == code && *stands != BranchStanding::Active)
                })
        };
        self.facts.values().filter(is_new).filter(move |facts| !is_left_out(&facts.me.branch))
    }

    /// The branches that stand so by any of them: where they are not alike, nobody is left behind unseen.
    fn standing(&self, standing: BranchStanding) -> BTreeSet<&BranchCode> {
        let branches = self.as_new().flat_map(|facts| &facts.branches);
        branches.filter(|(_, stands)| *stands == standing).map(|(branch, _)| branch).collect()
    }

    /// Sites that joined and that no list of branches has.
    fn unlisted(&self) -> impl Iterator<Item = &BranchCode> {
        let joined = self.as_new().flat_map(|facts| &facts.peers).map(|peer| &peer.branch);
        joined.filter(|code| {
            let mut listed = self.as_new().flat_map(|facts| &facts.branches);
            !listed.any(|(known, _)| known == *code)
        })
    }

    fn parties(&self) -> BTreeSet<&BranchCode> {
        let mut parties = self.standing(BranchStanding::Active);
        parties.extend(self.unlisted());
        parties.retain(|branch| !self.set_away.contains(*branch));
        parties
    }

    /// A site that lists other branches than the rest, whatever becomes of those that change now: sites that
    /// joined and were never made alike.
    fn stranger(&self) -> Option<BranchCode> {
        let stays = |code: &BranchCode| !self.changing.contains(code);
        if let Some(unlisted) = self.unlisted().find(|code| stays(code)) {
            return Some(unlisted.clone());
        }
        let listed = |facts: &NetworkFacts| -> BTreeMap<BranchCode, BranchStanding> {
            facts.branches.iter().filter(|(code, _)| stays(code)).cloned().collect()
        };
        let first = listed(self.as_new().next()?);
        let other = self.as_new().find(|facts| listed(facts) != first)?;
        Some(other.me.branch.clone())
    }

    /// Whether all who take part have said something, or cannot be asked.
    fn is_enough(&self) -> bool {
        let is_known = |branch: &BranchCode| {
            self.facts.contains_key(branch) || self.failed.contains_key(branch)
        };
        self.newest().is_some() && self.parties().into_iter().all(is_known)
    }

    fn terms(mut self, removes: bool) -> Result<Arc<Terms>, BeginError> {
        let Some(newest) = self.newest() else {
            let unheard = self.failed.pop_first();
            return Err(match unheard {
                Some((branch, error)) => BeginError::Site { branch, error },
                None => BeginError::NobodyActive,
            });
        };
        if let Some(stranger) = self.stranger() {
            return Err(BeginError::Membership(stranger));
        }
        if let Some(away) = self.standing(BranchStanding::Away).first().filter(|_| removes) {
            return Err(BeginError::Away((*away).clone()));
        }
        let mut parties: Vec<Party> = vec![];
        for branch in self.parties() {
            let Some(facts) = self.facts.get(branch) else {
                let error = self.failed.get(branch).cloned();
                let error = error.unwrap_or_else(|| SiteError::Unreachable {
                    detail: "the network file does not name it".to_owned(),
                });
                return Err(BeginError::Site { branch: branch.clone(), error });
            };
            if facts.membership != newest {
                return Err(BeginError::Membership(branch.clone()));
            }
            if facts.is_quarantined {
                return Err(BeginError::Quarantined(branch.clone()));
            }
            parties.push(facts.me.clone());
        }
        let Some(decider) = parties.first().map(|party| party.branch.clone()) else {
            return Err(BeginError::NobodyActive);
        };
        Ok(Arc::new(Terms::new(parties, &decider, newest)?))
    }
}
