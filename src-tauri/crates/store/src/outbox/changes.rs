//! A manager's changes of what every site holds, in the outbox's file because they are as precious.

use async_trait::async_trait;
use lienthu_domain::action::CatalogueChange;
use lienthu_domain::ids::ChangeId;
use lienthu_domain::times::UtcMs;
use lienthu_port::changes::{
    Against, Attempt, CHANGES_PAGE, CHANGES_SHOWN_MAX, CHANGES_WAITING_MAX, ChangeCounts,
    ChangeDraft, ChangeFilter, ChangeState, Changes, Import, PAUSE_MS_MAX, PendingChange, Progress,
    Waits,
};
use lienthu_port::error::StoreError;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, params};

use super::{SqliteOutbox, row};
use crate::failure::Failure;

/// What [`pending`] reads, in its order.
macro_rules! columns {
    () => {
        "id, place, made_by, made_at_ms, import, label, size, first, state, reason, attempt, withdrawing,
         tries, due_at_ms, ended_at_ms,
         (SELECT earlier.id FROM change earlier WHERE c.state = 'waiting' AND earlier.place = (
              SELECT min(before.place) FROM change_row mine
              JOIN change_row before
                  ON before.kind = mine.kind AND before.key = mine.key AND before.place < mine.place
              WHERE mine.place = c.place))"
    };
}

#[async_trait]
impl Changes for SqliteOutbox {
    async fn append(&self, drafts: Vec<ChangeDraft>) -> Result<(), StoreError> {
        self.change(move |tx| {
            let waiting: u32 = tx
                .prepare_cached("SELECT count(*) FROM change WHERE state = 'waiting'")?
                .query_row([], |row| row.get(0))?;
            let more = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
            if waiting.saturating_add(more) > CHANGES_WAITING_MAX {
                return Err(StoreError::QueueFull.into());
            }
            for draft in drafts {
                let due_at = draft.made_at;
                let place = insert(tx, &draft, &waiting_since(due_at))?;
                note_rows(tx, place, &draft.changes)?;
            }
            Ok(())
        })
        .await
    }

    async fn next_due(&self, now: UtcMs, after: i64) -> Result<Option<PendingChange>, StoreError> {
        self.read(move |conn| {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " AS behind FROM change c
                 WHERE state = 'waiting' AND place > ?2 AND behind IS NULL
                   AND (due_at_ms <= ?1 OR due_at_ms > ?3)
                 ORDER BY place LIMIT 1"
            );
            Ok(all(conn, sql, params![now.ms(), after, now.ms() + PAUSE_MS_MAX])?.pop())
        })
        .await
    }

    async fn due_at(&self) -> Result<Option<UtcMs>, StoreError> {
        self.read(|conn| {
            let due_at_ms: Option<i64> = conn
                .prepare_cached("SELECT min(due_at_ms) FROM change WHERE state = 'waiting'")?
                .query_row([], |row| row.get(0))?;
            Ok(due_at_ms.map(UtcMs::from_ms))
        })
        .await
    }

    async fn entry(&self, id: ChangeId) -> Result<Option<PendingChange>, StoreError> {
        self.read(move |conn| get(conn, id)).await
    }

    async fn body(&self, id: ChangeId) -> Result<Vec<CatalogueChange>, StoreError> {
        self.read(move |conn| body(conn, id)).await
    }

    async fn note(&self, id: ChangeId, progress: &Progress) -> Result<(), StoreError> {
        let progress = progress.clone();
        self.change(move |tx| note(tx, id, &progress)).await
    }

    async fn split(
        &self,
        id: ChangeId,
        goes_on: &[CatalogueChange],
        refused: Option<(ChangeDraft, Vec<Against>)>,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        let goes_on = goes_on.to_vec();
        self.change(move |tx| {
            if let Some((draft, against)) = refused {
                let state = ChangeState::Refused { against };
                insert(tx, &draft, &Progress { state, ended_at: Some(now), ..waiting_since(now) })?;
            }
            let known =
                get(tx, id)?.ok_or_else(|| Failure::unexpected("there is no such change"))?;
            let place = known.place;
            forget_rows(tx, place)?;
            if goes_on.is_empty() {
                let progress = known.progress;
                let progress =
                    Progress { state: ChangeState::Done, ended_at: Some(now), ..progress };
                note(tx, id, &progress)?;
            }
            note_rows(tx, place, &goes_on)?;
            tx.prepare_cached(
                "UPDATE change SET size = ?2, first = ?3, changes = ?4 WHERE place = ?1",
            )?
            .execute(params![
                place,
                size(&goes_on),
                first(&goes_on)?,
                json(&goes_on)?
            ])?;
            Ok(())
        })
        .await
    }

    async fn list(
        &self,
        filter: ChangeFilter,
        skip: u32,
    ) -> Result<Vec<PendingChange>, StoreError> {
        self.read(move |conn| {
            let sql = match filter {
                ChangeFilter::Waiting => concat!(
                    "SELECT ",
                    columns!(),
                    " FROM change c WHERE state = 'waiting' ORDER BY place LIMIT ?1 OFFSET ?2"
                ),
                ChangeFilter::Refused => concat!(
                    "SELECT ",
                    columns!(),
                    " FROM change c WHERE state = 'refused' ORDER BY place DESC LIMIT ?1 OFFSET ?2"
                ),
                ChangeFilter::All => concat!(
                    "SELECT ",
                    columns!(),
                    " FROM change c ORDER BY place DESC LIMIT ?1 OFFSET ?2"
                ),
            };
            all(conn, sql, params![row::count(CHANGES_PAGE), skip])
        })
        .await
    }

    async fn counts(&self, import: Option<ChangeId>) -> Result<ChangeCounts, StoreError> {
        self.read(move |conn| counts(conn, import)).await
    }

    async fn prune(&self, before: UtcMs) -> Result<u32, StoreError> {
        self.change(move |tx| {
            let gone = tx.execute("DELETE FROM change WHERE ended_at_ms < ?1", [before.ms()])?;
            Ok(u32::try_from(gone).unwrap_or(u32::MAX))
        })
        .await
    }
}

const fn waiting_since(now: UtcMs) -> Progress {
    Progress {
        state: ChangeState::Waiting { waits: Waits::Turn },
        attempt: None,
        is_withdrawing: false,
        tries: 0,
        due_at: now,
        ended_at: None,
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    Ok(serde_json::to_string(value)?)
}

fn size(changes: &[CatalogueChange]) -> u32 {
    u32::try_from(changes.len()).unwrap_or(u32::MAX)
}

fn first(changes: &[CatalogueChange]) -> Result<String, Failure> {
    json(&changes[..changes.len().min(CHANGES_SHOWN_MAX)])
}

fn reason(state: &ChangeState) -> Result<Option<String>, Failure> {
    match state {
        ChangeState::Waiting { waits } => json(waits).map(Some),
        ChangeState::Refused { against } => json(against).map(Some),
        ChangeState::Done | ChangeState::Withdrawn => Ok(None),
    }
}

fn insert(tx: &Transaction<'_>, draft: &ChangeDraft, progress: &Progress) -> Result<i64, Failure> {
    tx.prepare_cached(
        "INSERT INTO change (id, made_by, made_at_ms, import, label, size, first, changes, state, reason,
                             withdrawing, tries, due_at_ms, ended_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12, ?13)",
    )?
    .execute(params![
        draft.id.to_string(),
        draft.made_by.as_str(),
        draft.made_at.ms(),
        draft.import.as_ref().map(|import| import.id.to_string()),
        draft.import.as_ref().map(|import| &import.label),
        size(&draft.changes),
        first(&draft.changes)?,
        json(&draft.changes)?,
        progress.state.code(),
        reason(&progress.state)?,
        progress.tries,
        progress.due_at.ms(),
        progress.ended_at.map(UtcMs::ms),
    ])?;
    Ok(tx.last_insert_rowid())
}

fn note_rows(tx: &Transaction<'_>, place: i64, of: &[CatalogueChange]) -> Result<(), Failure> {
    let mut insert =
        tx.prepare_cached("INSERT INTO change_row (kind, key, place) VALUES (?1, ?2, ?3)")?;
    for change in of {
        let (kind, key) = change.resource().stored();
        insert.execute(params![kind, key, place])?;
    }
    Ok(())
}

fn forget_rows(tx: &Transaction<'_>, place: i64) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM change_row WHERE place = ?1")?.execute([place])?;
    Ok(())
}

fn note(tx: &Transaction<'_>, id: ChangeId, progress: &Progress) -> Result<(), Failure> {
    let Some(known) = get(tx, id)? else { return Ok(()) };
    let was_refused = matches!(known.progress.state, ChangeState::Refused { .. });
    if known.progress.state.is_over() && !was_refused {
        return Ok(());
    }
    if was_refused && !progress.state.is_over() {
        note_rows(tx, known.place, &body(tx, id)?)?;
    }
    if progress.state.is_over() {
        forget_rows(tx, known.place)?;
    }
    let attempt = progress.attempt.as_ref().map(json::<Attempt>).transpose()?;
    tx.prepare_cached(
        "UPDATE change
         SET state = ?2, reason = ?3, attempt = ?4, withdrawing = ?5, tries = ?6, due_at_ms = ?7,
             ended_at_ms = ?8,
             changes = CASE WHEN ?2 IN ('done', 'withdrawn') THEN '[]' ELSE changes END
         WHERE place = ?1",
    )?
    .execute(params![
        known.place,
        progress.state.code(),
        reason(&progress.state)?,
        attempt,
        progress.is_withdrawing,
        progress.tries,
        progress.due_at.ms(),
        progress.ended_at.map(UtcMs::ms),
    ])?;
    Ok(())
}

fn body(conn: &Connection, id: ChangeId) -> Result<Vec<CatalogueChange>, Failure> {
    let text: Option<String> = conn
        .prepare_cached("SELECT changes FROM change WHERE id = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    text.map_or_else(|| Ok(vec![]), |text| Ok(serde_json::from_str(&text)?))
}

fn get(conn: &Connection, id: ChangeId) -> Result<Option<PendingChange>, Failure> {
    let sql = concat!("SELECT ", columns!(), " FROM change c WHERE id = ?1");
    Ok(all(conn, sql, [id.to_string()])?.pop())
}

fn all(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<PendingChange>, Failure> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_and_then(params, pending)?;
    rows.collect()
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::unexpected("a stored key of a change does not read"))
}

/// Reads [`columns!`].
fn pending(row: &Row<'_>) -> Result<PendingChange, Failure> {
    let (code, reason): (String, Option<String>) = (row.get(8)?, row.get(9)?);
    let reason = reason.as_deref().unwrap_or("null");
    let state = match code.as_str() {
        "waiting" => ChangeState::Waiting { waits: serde_json::from_str(reason)? },
        "done" => ChangeState::Done,
        "refused" => ChangeState::Refused { against: serde_json::from_str(reason)? },
        "withdrawn" => ChangeState::Withdrawn,
        _ => return Err(Failure::unexpected("a stored state of a change does not read")),
    };
    let import = match (row.get::<_, Option<String>>(4)?, row.get::<_, Option<String>>(5)?) {
        (Some(id), Some(label)) => Some(Import { id: parsed(&id)?, label }),
        _ => None,
    };
    let attempt: Option<String> = row.get(10)?;
    let behind: Option<String> = row.get(15)?;
    Ok(PendingChange {
        id: parsed(&row.get::<_, String>(0)?)?,
        place: row.get(1)?,
        made_by: parsed(&row.get::<_, String>(2)?)?,
        made_at: UtcMs::from_ms(row.get(3)?),
        import,
        size: row.get(6)?,
        first: serde_json::from_str(&row.get::<_, String>(7)?)?,
        progress: Progress {
            state,
            attempt: attempt.map(|text| serde_json::from_str(&text)).transpose()?,
            is_withdrawing: row.get(11)?,
            tries: row.get(12)?,
            due_at: UtcMs::from_ms(row.get(13)?),
            ended_at: row.get::<_, Option<i64>>(14)?.map(UtcMs::from_ms),
        },
        behind: behind.as_deref().map(parsed).transpose()?,
    })
}

fn counts(conn: &Connection, import: Option<ChangeId>) -> Result<ChangeCounts, Failure> {
    let import = import.map(|id| id.to_string());
    let mut statement = conn.prepare_cached(
        "SELECT state, count(*), sum(size) FROM change WHERE ?1 IS NULL OR import = ?1 GROUP BY state",
    )?;
    let mut rows = statement.query([import])?;
    let mut counts = ChangeCounts::default();
    while let Some(row) = rows.next()? {
        let entries: u32 = row.get(1)?;
        let changes: u32 = row.get(2)?;
        match row.get_ref(0)?.as_str().unwrap_or_default() {
            "waiting" => (counts.waiting, counts.changes_waiting) = (entries, changes),
            "done" => counts.changes_done = changes,
            "refused" => (counts.refused, counts.changes_refused) = (entries, changes),
            _ => counts.changes_withdrawn = changes,
        }
    }
    Ok(counts)
}
