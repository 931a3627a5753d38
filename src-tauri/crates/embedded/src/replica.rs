//! What the site shows to whoever compares sites, and how it is brought to what the others have. See
//! [`lienthu_port::replica`].

use std::ops::ControlFlow;

use lienthu_domain::action::{Action, CatalogueChange, Resource};
use lienthu_domain::ids::{Barcode, BranchCode, PatronCode, TxnId};
use lienthu_domain::replica::{Buckets, DEPTH_MAX, ReplicaTable, RowDigest, SetDigest, bucket};
use lienthu_domain::replicated::{BranchStanding, ReplicatedRow};
use lienthu_port::error::Obstacle;
use lienthu_port::replica::{
    Asked, BUCKETS_ASKED_MAX, DEEPER_MAX, Digests, FILL_ROWS_MAX, Filling, HELD_ASKED_MAX,
    HELD_PAGE_MAX, HeldCopy, Holding, KEYS_PAGE_MAX, KeyDigest, KnownPatron, may_be_filled,
};
use lienthu_port::transaction::Hindered;
use lienthu_protocol::terms::MembershipVersion;
use lienthu_sqlite::rusqlite::{Connection, Params, Row, params};

use crate::failure::Failure;
use crate::{action, rows};

type SqliteResult<T> = lienthu_sqlite::rusqlite::Result<T>;

/// The number of the last change of a row that every site holds.
pub(crate) fn last_change(tx: &Connection) -> Result<i64, Failure> {
    Ok(tx
        .prepare_cached("SELECT coalesce(max(number), 0) FROM lienthu_change WHERE kind <= 4")?
        .query_row([], |row| row.get(0))?)
}

/// Goes through a table, titles behind that key alone.
fn each(
    tx: &Connection,
    table: ReplicaTable,
    behind: &str,
    mut take: impl FnMut(ReplicatedRow) -> ControlFlow<()>,
) -> Result<(), Failure> {
    let mut go = |sql: &str, params: &[&str], read: fn(&Row<'_>) -> SqliteResult<ReplicatedRow>| {
        let mut statement = tx.prepare_cached(sql)?;
        let params = lienthu_sqlite::rusqlite::params_from_iter(params);
        for row in statement.query_map(params, read)? {
            if take(row?).is_break() {
                break;
            }
        }
        Ok(())
    };
    match table {
        ReplicaTable::Branch => {
            let sql = format!("SELECT {} FROM CHINHANH", rows::BRANCH);
            go(&sql, &[], |row| rows::branch(row).map(ReplicatedRow::Branch))
        }
        ReplicaTable::Title => {
            let sql = format!(
                "SELECT {} FROM SACH WHERE DaXoa = 0 AND ISBN > ?1 ORDER BY ISBN",
                rows::TITLE
            );
            go(&sql, &[behind], |row| rows::title(row).map(ReplicatedRow::Title))
        }
        ReplicaTable::Policy => {
            let sql = format!("SELECT {} FROM lienthu_loan_policy", rows::POLICY);
            go(&sql, &[], |row| rows::policy(row).map(ReplicatedRow::Policy))
        }
        ReplicaTable::ClosedDay => {
            let sql = format!("SELECT {} FROM lienthu_closed_day", rows::CLOSED_DAY);
            go(&sql, &[], |row| rows::closed_day(row).map(ReplicatedRow::ClosedDay))
        }
    }
}

fn stored_key(row: &ReplicatedRow) -> String {
    Resource::from(row).stored().1
}

fn check(within: &Buckets) -> Result<(), Failure> {
    let is_too_much = within.numbers.len() > BUCKETS_ASKED_MAX || within.depth > DEPTH_MAX;
    if is_too_much { Err(Obstacle::TooMany.into()) } else { Ok(()) }
}

/// The digests of the rows in these buckets, by buckets of a depth.
pub(crate) fn digests(
    tx: &Connection,
    table: ReplicaTable,
    within: &Buckets,
    depth: u8,
) -> Result<Digests, Failure> {
    check(within)?;
    if depth > DEPTH_MAX || depth < within.depth || depth - within.depth > DEEPER_MAX {
        return Err(Obstacle::TooMany.into());
    }
    let mut buckets = std::collections::BTreeMap::<u32, SetDigest>::new();
    each(tx, table, "", |row| {
        let key = stored_key(&row);
        if within.hold(&key) {
            *buckets.entry(bucket(&key, depth)).or_default() += RowDigest::of(&row).into();
        }
        ControlFlow::Continue(())
    })?;
    Ok(Digests { changed: last_change(tx)?, buckets: buckets.into_iter().collect() })
}

/// The keys of the rows in these buckets, behind that one.
pub(crate) fn keys(
    tx: &Connection,
    table: ReplicaTable,
    within: &Buckets,
    behind: Option<&str>,
) -> Result<Vec<KeyDigest>, Failure> {
    check(within)?;
    let behind = behind.unwrap_or_default();
    let mut keys = vec![];
    each(tx, table, behind, |row| {
        let key = stored_key(&row);
        if key.as_str() > behind && within.hold(&key) {
            keys.push(KeyDigest { key, digest: RowDigest::of(&row) });
        }
        // Titles come in their order. Of the others there are few.
        if table == ReplicaTable::Title && keys.len() == KEYS_PAGE_MAX {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    keys.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    keys.truncate(KEYS_PAGE_MAX);
    Ok(keys)
}

/// Barcodes of the fragment.
pub(crate) fn held_copies(
    tx: &Connection,
    asked: &Asked<Barcode>,
) -> Result<Vec<HeldCopy>, Failure> {
    const HELD: &str =
        "SELECT q.MaQuyenSach, q.DaXoa, q.HienTrang, q.ChuyenDen, t.txn, t.from_branch,
                               (SELECT h.txn FROM lienthu_hold h
                                WHERE h.kind = 'copy' AND h.key = q.MaQuyenSach
                                  AND h.condition IS NOT NULL)
                        FROM QUYENSACH q LEFT JOIN lienthu_transit t ON t.copy = q.MaQuyenSach";
    paged(tx, HELD, "q.MaQuyenSach", asked, held_copy)
}

fn held_copy(row: &Row<'_>) -> SqliteResult<HeldCopy> {
    let (is_removed, condition): (bool, String) = (row.get(1)?, row.get(2)?);
    let arrived: Option<TxnId> = rows::parsed_option(row, 4)?;
    let leaving: Option<TxnId> = rows::parsed_option(row, 6)?;
    let holding = match (leaving, arrived) {
        _ if is_removed => Holding::Removed,
        _ if condition == "forwarded" => Holding::Forwarded { to: rows::parsed_option(row, 3)? },
        (Some(txn), _) => Holding::Leaving { txn },
        (None, Some(txn)) => Holding::Arrived { txn, from: rows::parsed(row, 5)? },
        (None, None) => Holding::Live,
    };
    Ok(HeldCopy { barcode: rows::parsed(row, 0)?, holding })
}

/// Codes of the branch's patrons.
pub(crate) fn known_patrons(
    tx: &Connection,
    asked: &Asked<PatronCode>,
) -> Result<Vec<KnownPatron>, Failure> {
    const KNOWN: &str =
        "SELECT MaDG, MaCN_Goc, MaDG_Goc FROM (SELECT * FROM DOCGIA WHERE DaXoa = 0)";
    paged(tx, KNOWN, "MaDG", asked, |row| {
        let home_branch: Option<BranchCode> = rows::parsed_option(row, 1)?;
        let home = home_branch.zip(rows::parsed_option(row, 2)?);
        Ok(KnownPatron { code: rows::parsed(row, 0)?, home })
    })
}

fn paged<K: AsRef<str>, T>(
    tx: &Connection,
    select: &str,
    key: &str,
    asked: &Asked<K>,
    read: fn(&Row<'_>) -> SqliteResult<T>,
) -> Result<Vec<T>, Failure> {
    fn all<T>(
        tx: &Connection,
        sql: &str,
        params: impl Params,
        read: fn(&Row<'_>) -> SqliteResult<T>,
    ) -> Result<Vec<T>, Failure> {
        Ok(tx.prepare_cached(sql)?.query_map(params, read)?.collect::<Result<_, _>>()?)
    }
    match asked {
        Asked::Behind(behind) => {
            let behind = behind.as_ref().map_or("", AsRef::as_ref);
            let most = i64::try_from(HELD_PAGE_MAX).unwrap_or(i64::MAX);
            let sql = format!("{select} WHERE {key} > ?1 ORDER BY {key} LIMIT ?2");
            all(tx, &sql, params![behind, most], read)
        }
        Asked::These(keys) if keys.len() > HELD_ASKED_MAX => Err(Obstacle::TooMany.into()),
        Asked::These(keys) => {
            let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
            let keys = serde_json::Value::from(keys).to_string();
            let sql =
                format!("{select} WHERE {key} IN (SELECT value FROM json_each(?1)) ORDER BY {key}");
            all(tx, &sql, [keys], read)
        }
    }
}

/// Brings rows to what the network has, all or none.
pub(crate) fn fill(tx: &Connection, filling: &Filling) -> Result<Vec<Hindered>, Failure> {
    let changes = &filling.changes;
    let are_repairs = changes.iter().all(|c| matches!(c, CatalogueChange::Repair { .. }));
    if changes.len() > FILL_ROWS_MAX || !are_repairs {
        return Err(Obstacle::TooMany.into());
    }
    let (here, quarantined, membership, standing) = tx
        .prepare_cached(
            "SELECT s.branch, s.quarantined, s.membership, b.TrangThai
             FROM lienthu_site s LEFT JOIN CHINHANH b ON b.MaCN = s.branch",
        )?
        .query_row([], |row| {
            let standing = row.get_ref(3)?.as_str_or_null()?.and_then(BranchStanding::from_code);
            let membership = MembershipVersion(row.get(2)?);
            Ok((rows::parsed::<BranchCode>(row, 0)?, row.get(1)?, membership, standing))
        })?;
    if !may_be_filled(standing, quarantined, membership, filling.membership) {
        return Err(Obstacle::TakesPart.into());
    }
    let action = Action::Catalogue { changes: changes.clone() };
    let hindered = action::promise(tx, &here, &action)?.hindered;
    if !hindered.is_empty() {
        return Ok(hindered);
    }
    for change in changes {
        action::write(tx, change)?;
    }
    tx.prepare_cached("UPDATE lienthu_site SET membership = ?1 WHERE membership <> ?1")?
        .execute([membership.max(filling.membership).0])?;
    Ok(vec![])
}
