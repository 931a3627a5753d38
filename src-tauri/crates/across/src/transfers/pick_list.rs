//! What is still to be taken from the shelves, for whoever walks along them.

use std::collections::BTreeSet;

use lienthu_domain::copy::CopyCondition;
use lienthu_domain::ids::{Barcode, TitleKey};
use lienthu_domain::text::fold_case;
use lienthu_port::listing::{COPIES_LISTED_MAX, CopiesSought};
use lienthu_port::transfers::{LineState, OrderHead, TransferOrder};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::list;
use crate::beginning::BeginError;
use crate::sites::Sites;

/// A book to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PickLine {
    /// Where it stands.
    pub shelf_mark: String,
    /// The name of its title.
    pub title_name: String,
    /// Its title.
    pub title: TitleKey,
    /// What its label says.
    pub copy: Barcode,
    /// What is known of its condition.
    pub condition: CopyCondition,
}

/// The books of an order that are still to be taken, in the order of the shelves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PickList {
    /// The order.
    pub head: OrderHead,
    /// The books.
    pub lines: Vec<PickLine>,
    /// Moved books that the target has received already: they are not in the list.
    pub received: u32,
    /// The target could not be asked what it has received: what it has is in the list too.
    pub is_target_silent: bool,
}

/// The books of an order that were moved and that the target has not received.
///
/// # Errors
/// What is wrong with the target, other than that it cannot be reached.
pub async fn pick_list(sites: &Sites, order: &TransferOrder) -> Result<PickList, BeginError> {
    let moved: Vec<&Barcode> = moved(order).map(|(copy, _)| copy).collect();
    let under_way = match under_way(sites, order, &moved).await {
        Ok(under_way) => Some(under_way),
        Err(BeginError::Site { error, .. }) if error.is_transient() => None,
        Err(error) => return Err(error),
    };
    let is_due = |copy: &Barcode| under_way.as_ref().is_none_or(|some| some.contains(copy));
    let mut lines: Vec<PickLine> = moved_lines(order).filter(|line| is_due(&line.copy)).collect();
    lines.sort_by_cached_key(|line| {
        (fold_case(&line.shelf_mark), fold_case(&line.title_name), line.copy.clone())
    });
    let received = moved.len().saturating_sub(lines.len());
    Ok(PickList {
        head: order.head.clone(),
        lines,
        received: u32::try_from(received).unwrap_or(u32::MAX),
        is_target_silent: under_way.is_none(),
    })
}

fn moved(
    order: &TransferOrder,
) -> impl Iterator<Item = (&Barcode, &lienthu_port::transfers::OrderLine)> {
    let moved = order.lines.iter().filter(|line| matches!(line.state, LineState::Moved(_)));
    moved.map(|line| (&line.copy, line))
}

fn moved_lines(order: &TransferOrder) -> impl Iterator<Item = PickLine> {
    moved(order).filter_map(|(copy, line)| {
        let seen = line.seen.as_ref()?;
        let details = &seen.moving.details;
        Some(PickLine {
            shelf_mark: details.shelf_mark.clone(),
            title_name: seen.title_name.clone(),
            title: details.title.clone(),
            copy: copy.clone(),
            condition: details.condition,
        })
    })
}

/// Those of these copies that nobody at the target has received.
async fn under_way(
    sites: &Sites,
    order: &TransferOrder,
    moved: &[&Barcode],
) -> Result<BTreeSet<Barcode>, BeginError> {
    let mut under_way = BTreeSet::new();
    for part in moved.chunks(COPIES_LISTED_MAX) {
        let part = part.iter().copied().cloned().collect();
        let listed = list(sites, &order.head.to, CopiesSought::Barcodes(part)).await?;
        let here = listed.into_iter().filter(|listed| listed.transit.is_some());
        under_way.extend(here.map(|listed| listed.copy.barcode));
    }
    Ok(under_way)
}
