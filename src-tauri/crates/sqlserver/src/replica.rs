//! What a site shows to whoever compares sites: the questions of [`lienthu_port::replica`] as procedures, under a
//! manager's login or an administrator's.

use async_trait::async_trait;
use lienthu_domain::action::Action;
use lienthu_domain::ids::{Barcode, BranchCode, PatronCode};
use lienthu_domain::replica::{Buckets, DEPTH_MAX, ReplicaTable, RowDigest, SetDigest};
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::replica::{
    Asked, BUCKETS_ASKED_MAX, DEEPER_MAX, Digests, FILL_ROWS_MAX, Filling, HELD_ASKED_MAX,
    HeldCopy, Holding, KeyDigest, KnownPatron, Replica,
};
use serde_json::Value;
use tiberius::Row;
use tokio::sync::Mutex;

use crate::admin::SqlServerAdmin;
use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;
use crate::session::Answer;

fn too_many() -> SiteError {
    SiteError::Obstructed { obstacle: Obstacle::TooMany }
}

fn within(table: ReplicaTable, within: &Buckets) -> Result<Vec<Param>, SiteError> {
    if within.numbers.len() > BUCKETS_ASKED_MAX || within.depth > DEPTH_MAX {
        return Err(too_many());
    }
    Ok(vec![
        Param::Text(table.code().to_owned()),
        Param::Int(i32::from(within.depth)),
        Param::Text(Value::from(within.numbers.clone()).to_string()),
    ])
}

/// The parameters of `DigestReplica`.
pub(crate) fn digest_params(
    table: ReplicaTable,
    buckets: &Buckets,
    depth: u8,
) -> Result<Vec<Param>, SiteError> {
    if depth > DEPTH_MAX || depth < buckets.depth || depth - buckets.depth > DEEPER_MAX {
        return Err(too_many());
    }
    let mut params = within(table, buckets)?;
    params.push(Param::Int(i32::from(depth)));
    Ok(params)
}

/// The parameters of `ListReplicaKeys`.
pub(crate) fn key_params(
    table: ReplicaTable,
    buckets: &Buckets,
    behind: Option<&str>,
) -> Result<Vec<Param>, SiteError> {
    let mut params = within(table, buckets)?;
    params.push(Param::Text(behind.unwrap_or_default().to_owned()));
    Ok(params)
}

/// The parameters of `ListHeldCopies` and `ListKnownPatrons`.
pub(crate) fn asked_params<K: AsRef<str>>(asked: &Asked<K>) -> Result<[Param; 2], SiteError> {
    let (behind, these) = match asked {
        Asked::Behind(behind) => (behind.as_ref().map_or("", AsRef::as_ref), String::new()),
        Asked::These(keys) if keys.len() > HELD_ASKED_MAX => return Err(too_many()),
        Asked::These(keys) => {
            let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
            ("", Value::from(keys).to_string())
        }
    };
    Ok([Param::Text(behind.to_owned()), Param::Text(these)])
}

/// The parameters of `FillReplica`.
pub(crate) fn filling_params(filling: &Filling) -> Result<[Param; 2], SiteError> {
    if filling.changes.len() > FILL_ROWS_MAX {
        return Err(too_many());
    }
    let action = Action::Catalogue { changes: filling.changes.clone() };
    let action = serde_json::to_string(&action)
        .map_err(|error| SiteError::Unexpected { detail: error.to_string() })?;
    let membership = i32::try_from(filling.membership.0).unwrap_or(i32::MAX);
    Ok([Param::Int(membership), Param::Text(action)])
}

pub(crate) fn digests(mut answer: Answer) -> Result<Digests, Failure> {
    let changed = rows::number(&answer.row()?, 0)?;
    let bucket = |row: &Row| {
        let sums = [rows::number(row, 2)?, rows::number(row, 3)?, rows::number(row, 4)?];
        let [a, b, c] = sums;
        let digest =
            SetDigest { rows: rows::number(row, 1)?, sums: [a, b, c, rows::number(row, 5)?] };
        Ok((rows::number(row, 0)?, digest))
    };
    let buckets = answer.set()?.iter().map(bucket).collect::<Result<_, Failure>>()?;
    Ok(Digests { changed, buckets })
}

pub(crate) fn keys(mut answer: Answer) -> Result<Vec<KeyDigest>, Failure> {
    let key = |row: &Row| {
        let numbers = [
            rows::number(row, 1)?,
            rows::number(row, 2)?,
            rows::number(row, 3)?,
            rows::number(row, 4)?,
        ];
        Ok(KeyDigest { key: rows::text(row, 0)?, digest: RowDigest(numbers) })
    };
    answer.set()?.iter().map(key).collect()
}

pub(crate) fn held_copies(mut answer: Answer) -> Result<Vec<HeldCopy>, Failure> {
    let copy = |row: &Row| {
        let holding = match rows::value::<&str>(row, 1)? {
            "live" => Holding::Live,
            "removed" => Holding::Removed,
            "forwarded" => Holding::Forwarded { to: rows::parsed_option(row, 2)? },
            "leaving" => Holding::Leaving { txn: rows::parsed(row, 3)? },
            "arrived" => {
                Holding::Arrived { txn: rows::parsed(row, 3)?, from: rows::parsed(row, 4)? }
            }
            _ => return Err(rows::wrong(1, "not a holding")),
        };
        Ok(HeldCopy { barcode: rows::parsed(row, 0)?, holding })
    };
    answer.set()?.iter().map(copy).collect()
}

pub(crate) fn known_patrons(mut answer: Answer) -> Result<Vec<KnownPatron>, Failure> {
    let patron = |row: &Row| {
        let home: Option<BranchCode> = rows::parsed_option(row, 1)?;
        let home = home.zip(rows::parsed_option(row, 2)?);
        Ok(KnownPatron { code: rows::parsed(row, 0)?, home })
    };
    answer.set()?.iter().map(patron).collect()
}

/// A site as its administrator compares it, who is nobody of the library's.
#[derive(Debug)]
pub struct SqlServerReplica(Mutex<SqlServerAdmin>);

impl SqlServerReplica {
    /// Over an administrator's connection.
    #[must_use]
    pub fn new(admin: SqlServerAdmin) -> Self {
        Self(Mutex::new(admin))
    }

    async fn ask<T>(
        &self,
        procedure: &str,
        params: &[Param],
        read: impl FnOnce(Answer) -> Result<T, Failure> + Send,
    ) -> Result<T, SiteError> {
        let places: Vec<String> = (1..=params.len()).map(|place| format!("@P{place}")).collect();
        let statement = format!("EXEC lienthu.{procedure} {}", places.join(", "));
        let sets = self.0.lock().await.connection.query(&statement, params).await;
        sets.and_then(|sets| read(sets.into())).map_err(|failure| failure.of_call(None))
    }
}

#[async_trait]
impl Replica for SqlServerReplica {
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        self.ask("ReadDigests", &digest_params(table, within, depth)?, digests).await
    }

    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        self.ask("ReadReplicaKeys", &key_params(table, within, behind)?, keys).await
    }

    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        self.ask("ReadHeldCopies", &asked_params(asked)?, held_copies).await
    }

    async fn known_patrons(
        &self,
        asked: &Asked<PatronCode>,
    ) -> Result<Vec<KnownPatron>, SiteError> {
        self.ask("ReadKnownPatrons", &asked_params(asked)?, known_patrons).await
    }
}
