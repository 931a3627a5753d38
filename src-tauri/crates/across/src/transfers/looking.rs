//! What stands against moving each of some copies, as the two sites have them now. The sites say the last word
//! when they promise; here most of it is known before anything is begun.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _};
use lienthu_domain::action::{ActionError, MovingCopy};
use lienthu_domain::hindrance::{Hindrance, against_arriving, against_leaving};
use lienthu_domain::ids::{Barcode, BranchCode};
use lienthu_port::listing::{COPIES_LISTED_MAX, CopiesSought, ListedCopy};
use lienthu_port::lookup::details_of;
use lienthu_port::transfers::SeenCopy;

use super::list;
use crate::beginning::BeginError;
use crate::sites::Sites;

/// Lists that are asked for at once.
const LISTS_AT_ONCE: usize = 4;

/// Some copies, as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Looked {
    /// Nothing that is known stands against moving these, in the order in which they were named.
    pub going: Vec<SeenCopy>,
    /// These stay, with the reason.
    pub refused: Vec<Staying>,
}

/// A copy that is not moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staying {
    /// Which.
    pub copy: Barcode,
    /// The name of its title, where the source knows the copy.
    pub title_name: Option<String>,
    /// Why.
    pub why: Hindrance,
}

/// Looks at copies, however many, each once.
///
/// # Errors
/// `Action` from a branch to itself; `Site`.
pub async fn look(
    sites: &Sites,
    from: &BranchCode,
    to: &BranchCode,
    copies: &[Barcode],
) -> Result<Looked, BeginError> {
    if from == to {
        return Err(ActionError::NowhereToGo.into());
    }
    let parts: Vec<Vec<Barcode>> = copies.chunks(COPIES_LISTED_MAX).map(<[_]>::to_vec).collect();
    let looked: Vec<Looked> = futures::stream::iter(parts)
        .map(|part| async move { look_at_part(sites, from, to, &part).await })
        .buffered(LISTS_AT_ONCE)
        .try_collect()
        .await?;
    let mut all = Looked::default();
    for part in looked {
        all.going.extend(part.going);
        all.refused.extend(part.refused);
    }
    Ok(all)
}

async fn look_at_part(
    sites: &Sites,
    from: &BranchCode,
    to: &BranchCode,
    copies: &[Barcode],
) -> Result<Looked, BeginError> {
    let sought = || CopiesSought::Barcodes(copies.to_vec());
    let (here, there) =
        futures::future::try_join(list(sites, from, sought()), list(sites, to, sought())).await?;
    let (here, there) = (by_barcode(here), by_barcode(there));
    let mut looked = Looked::default();
    for copy in copies {
        let Some(found) = here.get(copy) else {
            let why = Hindrance::Unknown;
            looked.refused.push(Staying { copy: copy.clone(), title_name: None, why });
            continue;
        };
        let moving = MovingCopy { details: details_of(&found.copy), hop: found.hops + 1 };
        let title_name = found.title_name.clone();
        let why = against_leaving(found.at(), &moving, to).or_else(|| {
            // Every site holds the same titles; where one does not, it says so when it is to promise.
            there.get(copy).and_then(|known| against_arriving(known.at(), &moving.details, true))
        });
        match why {
            None => looked.going.push(SeenCopy { moving, title_name }),
            Some(why) => {
                let title_name = Some(title_name);
                looked.refused.push(Staying { copy: copy.clone(), title_name, why });
            }
        }
    }
    Ok(looked)
}

fn by_barcode(listed: Vec<ListedCopy>) -> BTreeMap<Barcode, ListedCopy> {
    listed.into_iter().map(|copy| (copy.copy.barcode.clone(), copy)).collect()
}
