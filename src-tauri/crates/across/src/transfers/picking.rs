//! Which copies to move: those of a title at a branch.

use lienthu_domain::copy::CopyState;
use lienthu_domain::ids::{Barcode, BranchCode, TitleKey};
use lienthu_port::listing::{COPIES_LISTED_MAX, CopiesSought};
use lienthu_port::transfers::ORDER_COPIES_MAX;
use serde::{Deserialize, Serialize};
use specta::Type;

use super::list;
use crate::beginning::BeginError;
use crate::sites::Sites;

/// Copies of a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TitlePick {
    /// The title.
    pub title: TitleKey,
    /// Those in one of these states; free ones where none is named.
    pub states: Vec<CopyState>,
    /// Those whose shelf mark begins so; all where it is empty.
    pub shelf_mark: String,
    /// So many at most; as many as one order holds where nothing is said.
    pub most: Option<u32>,
}

/// The copies of a title at a branch that are meant, by barcode.
///
/// # Errors
/// `Site`.
pub async fn of_title(
    sites: &Sites,
    from: &BranchCode,
    pick: &TitlePick,
) -> Result<Vec<Barcode>, BeginError> {
    let most = pick.most.map_or(ORDER_COPIES_MAX, |most| most as usize).min(ORDER_COPIES_MAX);
    let mut picked = Vec::new();
    let mut after = None;
    loop {
        let sought = CopiesSought::OfTitle { title: pick.title.clone(), after };
        let page = list(sites, from, sought).await?;
        let is_last = page.len() < COPIES_LISTED_MAX;
        after = page.last().map(|listed| listed.copy.barcode.clone());
        let is_meant = |state| match pick.states.as_slice() {
            [] => state == CopyState::Free,
            states => states.contains(&state),
        };
        let copies = page.into_iter().map(|listed| listed.copy);
        let meant = copies
            .filter(|copy| is_meant(copy.state) && copy.shelf_mark.starts_with(&pick.shelf_mark));
        picked.extend(meant.map(|copy| copy.barcode).take(most - picked.len()));
        if is_last || picked.len() >= most {
            return Ok(picked);
        }
    }
}
