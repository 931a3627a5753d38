//! What a transaction over several sites does to this site's rows: promised, done, or given up.

use std::collections::BTreeMap;

use lienthu_domain::action::{
    Action, CatalogueChange, HoldMode, MovingCopy, Resource, Transfer, Version,
};
use lienthu_domain::copy::CopyCondition;
use lienthu_domain::hindrance::{
    BranchAt, CopyAt, Hindrance, against_activating, against_arriving, against_branch,
    against_destination, against_leaving, against_put, against_removing_title, against_repair,
};
use lienthu_domain::ids::{Barcode, BranchCode, TitleKey, TxnId};
use lienthu_domain::replicated::{BranchStanding, ClosedDay, LoanPolicy, ReplicatedRow, Title};
use lienthu_domain::times::UtcMs;
use lienthu_port::transaction::Hindered;
use lienthu_protocol::terms::MembershipVersion;
use lienthu_sqlite::rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::state::State;
use crate::{catalogue, copies, replica, replicated, rows, timeline};

/// What a transaction would hold, and what stands against it.
pub(crate) struct Promise {
    holds: BTreeMap<Resource, HoldMode>,
    /// The copies that leave, and their condition.
    leaving: BTreeMap<Barcode, CopyCondition>,
    pub(crate) hindered: Vec<Hindered>,
}

/// Looks whether the action can be done here. Writes nothing.
pub(crate) fn promise(
    tx: &Connection,
    here: &BranchCode,
    action: &Action,
) -> Result<Promise, Failure> {
    let holds = action.holds(here);
    let mut promise = Promise { holds, leaving: BTreeMap::new(), hindered: vec![] };
    let mut held = vec![];
    for (resource, mode) in &promise.holds {
        if is_held(tx, resource, *mode)? {
            held.push(resource.clone());
        }
    }
    match action {
        Action::Transfer(transfer) => {
            promise.hindered.extend(against_way(tx, here, transfer)?);
            for moving in &transfer.copies {
                let details = &moving.details;
                let barcode = &details.barcode;
                let resource = Resource::Copy(barcode.clone());
                let row = copies::kept(tx, barcode)?;
                let at = CopyAt {
                    row: row.as_ref().map(|kept| &kept.row),
                    is_removed: row.as_ref().is_some_and(|kept| kept.removed),
                    hops: copies::hops(tx, barcode)?,
                    is_held: held.contains(&resource),
                };
                let why = if transfer.from == *here {
                    promise.leaving.insert(barcode.clone(), details.condition);
                    against_leaving(at, moving, &transfer.to)
                } else {
                    against_arriving(at, details, catalogue::has_title(tx, &details.title)?)
                };
                promise.hindered.extend(why.map(|why| Hindered { resource, why }));
            }
        }
        Action::Catalogue { changes } => {
            for change in changes {
                let resource = change.resource();
                let why = against(tx, here, change)?;
                promise.hindered.extend(why.map(|why| Hindered { resource, why }));
            }
        }
    }
    let hindered = |resource: &Resource| promise.hindered.iter().any(|h| h.resource == *resource);
    let held: Vec<Hindered> = held
        .into_iter()
        .filter(|resource| !hindered(resource))
        .map(|resource| Hindered { resource, why: Hindrance::Held })
        .collect();
    promise.hindered.extend(held);
    Ok(promise)
}

/// What stands against a transfer whatever its copies are.
fn against_way(
    tx: &Connection,
    here: &BranchCode,
    transfer: &Transfer,
) -> Result<Option<Hindered>, Failure> {
    let why = if transfer.from == *here {
        let to = replicated::standing(tx, &transfer.to)?;
        against_destination(to).map(|why| (&transfer.to, why))
    } else if transfer.to == *here {
        None
    } else {
        Some((here, Hindrance::Unknown))
    };
    Ok(why.map(|(branch, why)| Hindered { resource: Resource::Branch(branch.clone()), why }))
}

/// Whether a transaction holds it in a way that does not agree with this one.
fn is_held(tx: &Connection, resource: &Resource, mode: HoldMode) -> Result<bool, Failure> {
    let (kind, key) = resource.stored();
    let mut modes =
        tx.prepare_cached("SELECT mode FROM lienthu_hold WHERE kind = ?1 AND key = ?2")?;
    let modes = modes.query_map([kind, &key], |row| rows::coded(row, 0, HoldMode::from_code))?;
    for held in modes {
        if !held?.agrees_with(mode) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether any transaction holds a barcode: it does not change, go or come meanwhile.
pub(crate) fn holds_copy(tx: &Connection, barcode: &Barcode) -> Result<bool, Failure> {
    is_held(tx, &Resource::Copy(barcode.clone()), HoldMode::Exclusive)
}

/// Whether a transaction changes a title, so that no copy of it comes meanwhile.
pub(crate) fn holds_title(tx: &Connection, key: &TitleKey) -> Result<bool, Failure> {
    is_held(tx, &Resource::Title(key.clone()), HoldMode::Shared)
}

/// Whether a transaction changes a branch, so that nothing comes there meanwhile.
pub(crate) fn holds_branch(tx: &Connection, code: &BranchCode) -> Result<bool, Failure> {
    is_held(tx, &Resource::Branch(code.clone()), HoldMode::Shared)
}

fn against(
    tx: &Connection,
    here: &BranchCode,
    change: &CatalogueChange,
) -> Result<Option<Hindrance>, Failure> {
    if !change.can_be_stored() {
        return Ok(Some(Hindrance::FieldWrong));
    }
    let found = replicated::row(tx, &change.resource())?;
    let against = match (change, found) {
        (CatalogueChange::PutTitle { seen, .. }, found) => {
            against_put(seen.as_ref(), title_of(found).as_ref())
        }
        (CatalogueChange::RemoveTitle { seen }, found) => against_removing_title(
            seen,
            title_of(found).as_ref(),
            replicated::copies_of(tx, &seen.key)?,
            replicated::is_any(tx, BranchStanding::Away)?,
        ),
        (CatalogueChange::PutBranch { branch, seen }, found) => {
            let found = match found {
                Some(ReplicatedRow::Branch(found)) => Some(found),
                _ => None,
            };
            let at = BranchAt {
                own: if branch.code == *here { Some(replicated::left_here(tx)?) } else { None },
                has_active_others: replicated::has_active_others(tx, &branch.code)?,
            };
            against_branch(branch, seen.as_ref(), found.as_ref(), at)
        }
        (CatalogueChange::PutPolicy { seen, .. }, found) => {
            against_put(seen.as_ref(), policy_of(found).as_ref())
        }
        (CatalogueChange::RemovePolicy { seen }, found) => {
            against_put(Some(seen), policy_of(found).as_ref())
        }
        (CatalogueChange::PutClosedDay { seen, .. }, found) => {
            against_put(seen.as_ref(), closed_day_of(found).as_ref())
        }
        (CatalogueChange::RemoveClosedDay { seen }, found) => {
            against_put(Some(seen), closed_day_of(found).as_ref())
        }
        (CatalogueChange::Repair { row, gone, seen }, found) => {
            let copies = match row {
                ReplicatedRow::Title(title) if *gone => replicated::copies_of(tx, &title.key)?,
                _ => 0,
            };
            against_repair(seen, Version::of(found.as_ref()))
                .or((copies > 0).then_some(Hindrance::TitleHasCopies))
        }
        (CatalogueChange::Activate { seen, audited, .. }, found) => {
            let found = match found {
                Some(ReplicatedRow::Branch(found)) => Some(found),
                _ => None,
            };
            let changed = replica::last_change(tx)?;
            against_activating(seen, found.as_ref(), audited, here, changed)
        }
    };
    Ok(match change.names_branch() {
        Some(branch) if against.is_none() && !catalogue::has_branch(tx, branch)? => {
            Some(Hindrance::BranchNotActive)
        }
        _ => against,
    })
}

fn title_of(row: Option<ReplicatedRow>) -> Option<Title> {
    if let Some(ReplicatedRow::Title(title)) = row { Some(title) } else { None }
}

fn policy_of(row: Option<ReplicatedRow>) -> Option<LoanPolicy> {
    if let Some(ReplicatedRow::Policy(policy)) = row { Some(policy) } else { None }
}

fn closed_day_of(row: Option<ReplicatedRow>) -> Option<ClosedDay> {
    if let Some(ReplicatedRow::ClosedDay(closed)) = row { Some(closed) } else { None }
}

/// Takes what was promised.
pub(crate) fn hold(
    tx: &Connection,
    now: UtcMs,
    txn: TxnId,
    promise: &Promise,
) -> Result<(), Failure> {
    for (resource, mode) in &promise.holds {
        let (kind, key) = resource.stored();
        let condition = match resource {
            Resource::Copy(barcode) => promise.leaving.get(barcode).copied(),
            _ => None,
        };
        tx.prepare_cached(
            "INSERT INTO lienthu_hold (kind, key, txn, mode, condition) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            kind,
            key,
            txn.to_string(),
            mode.code(),
            condition.map(CopyCondition::code),
        ])?;
    }
    for barcode in promise.leaving.keys() {
        copies::set_condition(tx, now, barcode, CopyCondition::InTransit, None)?;
    }
    Ok(())
}

/// Gives up what was promised, and puts back what was changed for the sake of it.
pub(crate) fn release(tx: &Connection, now: UtcMs, txn: TxnId) -> Result<(), Failure> {
    let leaving: Vec<(Barcode, CopyCondition)> = tx
        .prepare_cached(
            "SELECT key, condition FROM lienthu_hold
             WHERE txn = ?1 AND kind = 'copy' AND condition IS NOT NULL",
        )?
        .query_map([txn.to_string()], |row| {
            Ok((rows::parsed(row, 0)?, rows::coded(row, 1, CopyCondition::from_code)?))
        })?
        .collect::<Result<_, _>>()?;
    for (barcode, condition) in leaving {
        copies::set_condition(tx, now, &barcode, condition, None)?;
    }
    give_up_holds(tx, txn)
}

fn give_up_holds(tx: &Connection, txn: TxnId) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM lienthu_hold WHERE txn = ?1")?.execute([txn.to_string()])?;
    Ok(())
}

/// Does the action, whatever of it is done already, and gives up its holds.
pub(crate) fn apply(
    tx: &Connection,
    now: UtcMs,
    txn: TxnId,
    here: &BranchCode,
    agreed: MembershipVersion,
    action: &Action,
) -> Result<(), Failure> {
    match action {
        Action::Transfer(transfer) => {
            let mut state = State::new(tx, now)?;
            for moving in &transfer.copies {
                let barcode = &moving.details.barcode;
                // A restored site is told of its transfers in any order.
                if copies::hops(tx, barcode)? >= moving.hop {
                    continue;
                }
                let (condition, to) = if transfer.from == *here {
                    (CopyCondition::Forwarded, Some(&transfer.to))
                } else {
                    (CopyCondition::InTransit, None)
                };
                copies::move_to(tx, here, moving, condition, to)?;
                // A restored site may have it as just arrived, and it has gone on since.
                tx.prepare_cached("DELETE FROM lienthu_transit WHERE copy = ?1")?
                    .execute([barcode.as_str()])?;
                if to.is_none() {
                    arrives(tx, now, txn, transfer, moving)?;
                }
                state.copy_was_written(barcode)?;
            }
            timeline::write_all(&mut state)?;
        }
        Action::Catalogue { changes } => {
            for change in changes {
                write(tx, change)?;
            }
            // Once for all of them, and counted from what was agreed: done again it changes nothing.
            let is_branch =
                |change: &CatalogueChange| matches!(change.resource(), Resource::Branch(_));
            if changes.iter().any(is_branch) {
                catalogue::reach_membership(tx, MembershipVersion(agreed.0.saturating_add(1)))?;
            }
        }
    }
    give_up_holds(tx, txn)
}

/// Notes that it waits to be received.
fn arrives(
    tx: &Connection,
    now: UtcMs,
    txn: TxnId,
    transfer: &Transfer,
    moving: &MovingCopy,
) -> Result<(), Failure> {
    let details = &moving.details;
    tx.prepare_cached(
        "INSERT INTO lienthu_transit (copy, txn, from_branch, condition, sent_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        details.barcode.as_str(),
        txn.to_string(),
        transfer.from.as_str(),
        details.condition.code(),
        now.ms(),
    ])?;
    Ok(())
}

pub(crate) fn write(tx: &Connection, change: &CatalogueChange) -> Result<(), Failure> {
    match change {
        CatalogueChange::PutTitle { title, .. } => catalogue::put_title(tx, title),
        CatalogueChange::RemoveTitle { seen } => {
            catalogue::mark_title_removed(tx, &seen.key).map(drop)
        }
        CatalogueChange::PutBranch { branch, .. } => catalogue::put_branch(tx, branch),
        CatalogueChange::PutPolicy { policy, .. } => catalogue::put_policy(tx, policy),
        CatalogueChange::RemovePolicy { seen } => {
            catalogue::remove_policy(tx, seen.branch.as_ref(), seen.category.as_ref())
        }
        CatalogueChange::PutClosedDay { closed, .. } => catalogue::put_closed_day(tx, closed),
        CatalogueChange::RemoveClosedDay { seen } => catalogue::remove_closed_day(tx, seen),
        CatalogueChange::Repair { row, gone, .. } => match (row, gone) {
            (ReplicatedRow::Branch(branch), _) => catalogue::put_branch(tx, branch),
            (ReplicatedRow::Title(title), false) => catalogue::put_title(tx, title),
            (ReplicatedRow::Title(title), true) => {
                catalogue::mark_title_removed(tx, &title.key).map(drop)
            }
            (ReplicatedRow::Policy(policy), false) => catalogue::put_policy(tx, policy),
            (ReplicatedRow::Policy(row), true) => {
                catalogue::remove_policy(tx, row.branch.as_ref(), row.category.as_ref())
            }
            (ReplicatedRow::ClosedDay(closed), false) => catalogue::put_closed_day(tx, closed),
            (ReplicatedRow::ClosedDay(closed), true) => catalogue::remove_closed_day(tx, closed),
        },
        CatalogueChange::Activate { branch, .. } => catalogue::put_branch(tx, branch),
    }
}
