//! Books of other branches that came back at this desk.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lienthu_domain::event::Event;
use lienthu_domain::ids::{BranchCode, EventId};
use lienthu_port::elsewhere::{
    BookOwner, DeliveryState, Proven, RETURNS_PAGE, ReturnElsewhere, ReturnsElsewhere,
};
use lienthu_port::error::StoreError;
use lienthu_port::feed::Watermark;
use lienthu_port::outbox::{Draft, KEPT_DAYS};
use lienthu_port::submit::SetAside;
use lienthu_sqlite::rusqlite::{Connection, Params, Row, Transaction, params};

use super::row::count;
use super::{SqliteOutbox, append};
use crate::failure::Failure;

#[async_trait]
impl ReturnsElsewhere for SqliteOutbox {
    async fn take(
        &self,
        draft: Draft,
        owner: Option<&BookOwner>,
    ) -> Result<ReturnElsewhere, StoreError> {
        let owner = owner.cloned();
        self.change(move |tx| take(tx, &draft, owner)).await
    }

    async fn name_owner(&self, id: EventId, owner: Option<&BookOwner>) -> Result<(), StoreError> {
        let owner = owner.cloned();
        self.change(move |tx| {
            let branch = owner.as_ref().map(|owner| owner.branch.as_str());
            let title_name = owner.as_ref().map(|owner| owner.title_name.as_str());
            tx.prepare_cached(
                "UPDATE return_elsewhere SET owner = ?2, title_name = ?3
                 WHERE id = ?1 AND state = 'waiting'",
            )?
            .execute(params![id.to_string(), branch, title_name])?;
            Ok(())
        })
        .await
    }

    async fn settle(&self, id: EventId, state: DeliveryState) -> Result<(), StoreError> {
        self.change(move |tx| {
            let (state, reason) = match state {
                DeliveryState::Waiting => return Ok(()),
                DeliveryState::Delivered => ("delivered", None),
                DeliveryState::SetAside { why } => ("set_aside", Some(why.code())),
            };
            tx.prepare_cached(
                "UPDATE return_elsewhere SET state = ?2, reason = ?3
                 WHERE id = ?1 AND state = 'waiting'",
            )?
            .execute(params![id.to_string(), state, reason])?;
            Ok(())
        })
        .await
    }

    async fn undelivered(&self) -> Result<Vec<ReturnElsewhere>, StoreError> {
        self.read(|conn| {
            select(
                conn,
                "WHERE state = 'waiting' ORDER BY at_ms, seq LIMIT ?1",
                [count(RETURNS_PAGE)],
            )
        })
        .await
    }

    async fn returns(&self, skip: u32) -> Result<Vec<ReturnElsewhere>, StoreError> {
        self.read(move |conn| {
            select(
                conn,
                "ORDER BY at_ms DESC, seq DESC LIMIT ?1 OFFSET ?2",
                params![count(RETURNS_PAGE), skip],
            )
        })
        .await
    }

    async fn proven(&self) -> Result<BTreeMap<BranchCode, Proven>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT branch, number, token FROM return_proven")?;
            let states = statement.query_and_then([], |row| -> Result<_, Failure> {
                let branch: BranchCode =
                    row.get::<_, String>(0)?.parse().map_err(|_| strange())?;
                let token = row.get::<_, String>(2)?.parse().map_err(|_| strange())?;
                Ok((branch, Watermark { number: row.get(1)?, token }))
            })?;
            let mut proven = BTreeMap::new();
            for known in states {
                let (branch, state) = known?;
                let last = select(
                    conn,
                    "WHERE owner = ?1 AND state = 'delivered' ORDER BY at_ms DESC, seq DESC LIMIT 1",
                    [branch.as_str()],
                )?;
                proven.extend(last.into_iter().map(|last| (branch.clone(), Proven { state, last })));
            }
            Ok(proven)
        })
        .await
    }

    async fn prove(&self, branch: &BranchCode, state: Watermark) -> Result<(), StoreError> {
        let branch = branch.clone();
        self.change(move |tx| {
            tx.prepare_cached(
                "INSERT INTO return_proven (branch, number, token) VALUES (?1, ?2, ?3)
                 ON CONFLICT (branch) DO UPDATE SET number = excluded.number, token = excluded.token
                 WHERE excluded.number > number",
            )?
            .execute(params![
                branch.as_str(),
                state.number,
                state.token.to_string()
            ])?;
            Ok(())
        })
        .await
    }

    async fn put_back(&self, branch: &BranchCode) -> Result<u32, StoreError> {
        let branch = branch.clone();
        self.change(move |tx| {
            tx.execute("DELETE FROM return_proven WHERE branch = ?1", [branch.as_str()])?;
            let again = tx.execute(
                "UPDATE return_elsewhere SET state = 'waiting' WHERE owner = ?1 AND state = 'delivered'",
                [branch.as_str()],
            )?;
            Ok(u32::try_from(again).unwrap_or(u32::MAX))
        })
        .await
    }

    async fn one(&self, id: EventId) -> Result<Option<ReturnElsewhere>, StoreError> {
        self.read(move |conn| Ok(select(conn, "WHERE id = ?1", [id.to_string()])?.pop())).await
    }
}

fn take(
    tx: &Transaction<'_>,
    draft: &Draft,
    owner: Option<BookOwner>,
) -> Result<ReturnElsewhere, Failure> {
    // Its time is frozen at once: it goes out by itself, beside the desk's queue.
    let mut event = append::next_event(tx, draft, true)?;
    tx.execute(
        "DELETE FROM return_elsewhere WHERE state = 'delivered' AND at_ms < ?1",
        [event.at.plus_ms(-KEPT_DAYS * 86_400_000).ms()],
    )?;
    tx.prepare_cached(
        "INSERT INTO return_elsewhere (id, at_ms, seq, owner, title_name, state, correlation, event)
         VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?7)",
    )?
    .execute(params![
        event.id.to_string(),
        event.at.ms(),
        event.seq,
        owner.as_ref().map(|owner| owner.branch.as_str()),
        owner.as_ref().map(|owner| owner.title_name.as_str()),
        draft.correlation.to_string(),
        serde_json::to_string(&event)?,
    ])?;
    if let Some(owner) = &owner {
        event.site = owner.branch.clone();
    }
    let (state, correlation) = (DeliveryState::Waiting, draft.correlation);
    Ok(ReturnElsewhere { event, owner, state, correlation })
}

fn select(
    conn: &Connection,
    which: &'static str,
    params: impl Params,
) -> Result<Vec<ReturnElsewhere>, Failure> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT event, owner, title_name, state, reason, correlation FROM return_elsewhere {which}"
    ))?;
    let rows = statement.query_and_then(params, kept)?;
    rows.collect()
}

fn kept(row: &Row<'_>) -> Result<ReturnElsewhere, Failure> {
    let mut event: Event = serde_json::from_str(&row.get::<_, String>(0)?)?;
    let owner = match (row.get::<_, Option<String>>(1)?, row.get(2)?) {
        (Some(branch), Some(title_name)) => {
            Some(BookOwner { branch: branch.parse().map_err(|_| strange())?, title_name })
        }
        _ => None,
    };
    if let Some(owner) = &owner {
        event.site = owner.branch.clone();
    }
    let state = match (row.get::<_, String>(3)?.as_str(), row.get::<_, Option<String>>(4)?) {
        ("waiting", _) => DeliveryState::Waiting,
        ("delivered", _) => DeliveryState::Delivered,
        ("set_aside", Some(why)) => {
            DeliveryState::SetAside { why: SetAside::from_code(&why).ok_or_else(strange)? }
        }
        _ => return Err(strange()),
    };
    let correlation = row.get::<_, String>(5)?.parse().map_err(|_| strange())?;
    Ok(ReturnElsewhere { event, owner, state, correlation })
}

fn strange() -> Failure {
    Failure::unexpected("a stored return does not read")
}
