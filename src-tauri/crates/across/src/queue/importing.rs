//! Many titles at once: what of them is new, what stands there already, and what stands there otherwise.

use std::collections::{BTreeMap, BTreeSet};

use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::ids::{BranchCode, TitleKey};
use lienthu_domain::replicated::{ReplicatedRow, Title};
use lienthu_port::changes::Against;
use lienthu_port::error::SiteError;
use lienthu_port::transaction::ROWS_ASKED_MAX;

use crate::catalogue::somewhere_active;
use crate::sites::Sites;

/// A title that the catalogue has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// As it stands.
    pub stands: Title,
    /// As it would be.
    pub becomes: Title,
}

/// Titles beside the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// Those that it does not have.
    pub new: Vec<Title>,
    /// How many it has just so.
    pub same: usize,
    /// Those that it has otherwise.
    pub differing: Vec<Differing>,
}

/// Compares titles, each of another key, with the catalogue of an active site. All hold the same; where one does
/// not, its share of a change finds out.
///
/// # Errors
/// That of a site, where no active one answers.
pub async fn compare(sites: &Sites, titles: Vec<Title>) -> Result<Compared, SiteError> {
    let branch = somewhere_active(sites).await?;
    let mut compared = Compared::default();
    for some in titles.chunks(ROWS_ASKED_MAX) {
        let mut stands = standing(sites, &branch, some).await?;
        for title in some {
            match stands.remove(&title.key) {
                None => compared.new.push(title.clone()),
                Some(stands) if stands == *title => compared.same += 1,
                Some(stands) => {
                    compared.differing.push(Differing { stands, becomes: title.clone() });
                }
            }
        }
    }
    Ok(compared)
}

async fn standing(
    sites: &Sites,
    branch: &BranchCode,
    of: &[Title],
) -> Result<BTreeMap<TitleKey, Title>, SiteError> {
    let of: Vec<Resource> = of.iter().map(|title| Resource::Title(title.key.clone())).collect();
    let rows = sites.ask(branch, |site| async move { site.replicated(&of).await }).await?;
    let titles = rows.into_iter().filter_map(|row| match row {
        ReplicatedRow::Title(title) => Some((title.key.clone(), title)),
        _ => None,
    });
    Ok(titles.collect())
}

/// A part that was refused, taken apart.
pub(super) struct Parted {
    pub(super) goes_on: Vec<CatalogueChange>,
    pub(super) refused: Vec<CatalogueChange>,
    pub(super) against: Vec<Against>,
}

/// What stands there already is left out; what does not fit is refused; what is merely held goes on.
pub(super) fn part(changes: &[CatalogueChange], against: Vec<Against>) -> Parted {
    let becomes: BTreeMap<Resource, Option<ReplicatedRow>> =
        changes.iter().map(|change| (change.resource(), change.becomes())).collect();
    let is_so = |against: &Against| {
        becomes.get(&against.resource).is_some_and(|becomes| *becomes == against.stands)
    };
    let lasting = against.into_iter().filter(|against| !against.why.passes());
    let (so, against): (Vec<Against>, Vec<Against>) = lasting.partition(is_so);
    let refused: BTreeSet<Resource> = against.iter().map(|a| a.resource.clone()).collect();
    let so: BTreeSet<Resource> = so.into_iter().map(|a| a.resource).collect();
    let (mut goes_on, mut turned_down) = (vec![], vec![]);
    for change in changes {
        let resource = change.resource();
        if refused.contains(&resource) {
            turned_down.push(change.clone());
        } else if !so.contains(&resource) {
            goes_on.push(change.clone());
        }
    }
    Parted { goes_on, refused: turned_down, against }
}
