//! What managers ordered at this desk to be moved, and how far it came. It lies in the outbox's file because it
//! has to outlive everything that may be thrown away.

use async_trait::async_trait;
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Barcode, TransferId, TxnId};
use lienthu_domain::times::UtcMs;
use lienthu_port::error::StoreError;
use lienthu_port::transfers::{
    LineState, ORDERS_KEPT_DAYS, ORDERS_PAGE, OrderCounts, OrderHead, OrderLine, OrderPart,
    OrderSummary, PartEnding, PartState, SeenCopy, TransferOrder, TransferOrders,
};
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::SqliteOutbox;
use super::row::count;
use crate::failure::Failure;

#[async_trait]
impl TransferOrders for SqliteOutbox {
    async fn place(&self, head: &OrderHead, copies: &[Barcode]) -> Result<(), StoreError> {
        let (head, copies) = (head.clone(), copies.to_vec());
        self.change(move |tx| place(tx, &head, &copies)).await
    }

    async fn orders(&self, skip: u32) -> Result<Vec<OrderSummary>, StoreError> {
        self.read(move |conn| orders(conn, skip)).await
    }

    async fn order(&self, id: TransferId) -> Result<Option<TransferOrder>, StoreError> {
        self.read(move |conn| order(conn, id)).await
    }

    async fn begin_part(
        &self,
        id: TransferId,
        txn: TxnId,
        copies: &[SeenCopy],
    ) -> Result<bool, StoreError> {
        let copies = copies.to_vec();
        self.change(move |tx| begin_part(tx, id, txn, &copies)).await
    }

    async fn end_part(&self, txn: TxnId, ending: &PartEnding) -> Result<(), StoreError> {
        let ending = ending.clone();
        self.change(move |tx| end_part(tx, txn, &ending)).await
    }

    async fn refuse(
        &self,
        id: TransferId,
        copies: &[(Barcode, Hindrance)],
    ) -> Result<(), StoreError> {
        let copies = copies.to_vec();
        self.change(move |tx| refuse(tx, id, &copies)).await
    }

    async fn give_up(&self, id: TransferId) -> Result<u32, StoreError> {
        self.change(move |tx| {
            let given_up = tx
                .prepare_cached(
                    "UPDATE transfer_line SET state = 'given_up'
                     WHERE order_id = ?1 AND state = 'waiting'",
                )?
                .execute([id.to_string()])?;
            Ok(u32::try_from(given_up).unwrap_or(u32::MAX))
        })
        .await
    }
}

fn place(tx: &Transaction<'_>, head: &OrderHead, copies: &[Barcode]) -> Result<(), Failure> {
    prune(tx, head.placed_at.plus_ms(-ORDERS_KEPT_DAYS * 86_400_000))?;
    let id = head.id.to_string();
    let is_new = tx
        .prepare_cached(
            "INSERT INTO transfer_order (id, from_branch, to_branch, placed_by, placed_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            id,
            head.from.as_str(),
            head.to.as_str(),
            head.placed_by.as_str(),
            head.placed_at.ms(),
        ])?;
    if is_new == 0 {
        return Ok(());
    }
    let mut line = tx.prepare_cached(
        "INSERT INTO transfer_line (order_id, place, copy, state) VALUES (?1, ?2, ?3, 'waiting')
         ON CONFLICT (order_id, copy) DO NOTHING",
    )?;
    for (copy, place) in copies.iter().zip(1_i64..) {
        line.execute(params![id, place, copy.as_str()])?;
    }
    Ok(())
}

/// Drops what was ordered before that and of which nothing is left to do.
fn prune(tx: &Transaction<'_>, before: UtcMs) -> Result<(), Failure> {
    const OLD: &str = "SELECT o.id FROM transfer_order o
                       WHERE o.placed_at_ms < ?1 AND NOT EXISTS (
                           SELECT 1 FROM transfer_line l
                           WHERE l.order_id = o.id AND l.state IN ('waiting', 'going'))";
    for (table, column) in
        [("transfer_line", "order_id"), ("transfer_part", "order_id"), ("transfer_order", "id")]
    {
        // Lines go first; an order without any has nothing left to do either.
        tx.execute(&format!("DELETE FROM {table} WHERE {column} IN ({OLD})"), [before.ms()])?;
    }
    Ok(())
}

fn begin_part(
    tx: &Transaction<'_>,
    id: TransferId,
    txn: TxnId,
    copies: &[SeenCopy],
) -> Result<bool, Failure> {
    let (id, txn) = (id.to_string(), txn.to_string());
    let mut waits = tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM transfer_line
                        WHERE order_id = ?1 AND copy = ?2 AND state = 'waiting')",
    )?;
    for seen in copies {
        let copy = seen.moving.details.barcode.as_str();
        if !waits.query_row([&id, copy], |row| row.get(0))? {
            return Ok(false);
        }
    }
    tx.prepare_cached(
        "INSERT INTO transfer_part (txn, order_id, number, state)
         SELECT ?1, ?2, coalesce(max(number), 0) + 1, 'begun' FROM transfer_part WHERE order_id = ?2",
    )?
    .execute([&txn, &id])?;
    let mut line = tx.prepare_cached(
        "UPDATE transfer_line SET state = 'going', txn = ?3, moving = ?4, title_name = ?5
         WHERE order_id = ?1 AND copy = ?2",
    )?;
    for seen in copies {
        let copy = seen.moving.details.barcode.as_str();
        let moving = serde_json::to_string(&seen.moving)?;
        line.execute(params![id, copy, txn, moving, seen.title_name])?;
    }
    Ok(true)
}

fn end_part(tx: &Transaction<'_>, txn: TxnId, ending: &PartEnding) -> Result<(), Failure> {
    let txn = txn.to_string();
    let (state, of_lines) = match ending {
        PartEnding::Committed => ("committed", "moved"),
        PartEnding::Aborted { .. } => ("aborted", "waiting"),
    };
    let ended = tx
        .prepare_cached("UPDATE transfer_part SET state = ?2 WHERE txn = ?1 AND state = 'begun'")?
        .execute([txn.as_str(), state])?;
    if ended == 0 {
        return Ok(());
    }
    if let PartEnding::Aborted { refused } = ending {
        let mut line = tx.prepare_cached(
            "UPDATE transfer_line SET state = 'refused', why = ?3, txn = NULL
             WHERE txn = ?1 AND copy = ?2 AND state = 'going'",
        )?;
        for (copy, why) in refused {
            line.execute([txn.as_str(), copy.as_str(), why.code()])?;
        }
    }
    tx.prepare_cached(
        "UPDATE transfer_line SET state = ?2, txn = CASE ?2 WHEN 'moved' THEN txn END
         WHERE txn = ?1 AND state = 'going'",
    )?
    .execute([txn.as_str(), of_lines])?;
    Ok(())
}

fn refuse(
    tx: &Transaction<'_>,
    id: TransferId,
    copies: &[(Barcode, Hindrance)],
) -> Result<(), Failure> {
    let mut line = tx.prepare_cached(
        "UPDATE transfer_line SET state = 'refused', why = ?3
         WHERE order_id = ?1 AND copy = ?2 AND state = 'waiting'",
    )?;
    for (copy, why) in copies {
        line.execute([&id.to_string(), copy.as_str(), why.code()])?;
    }
    Ok(())
}

const HEAD: &str = "o.id, o.from_branch, o.to_branch, o.placed_by, o.placed_at_ms";

fn head(row: &Row<'_>) -> Result<OrderHead, Failure> {
    Ok(OrderHead {
        id: parsed(row, 0)?,
        from: parsed(row, 1)?,
        to: parsed(row, 2)?,
        placed_by: parsed(row, 3)?,
        placed_at: UtcMs::from_ms(row.get(4)?),
    })
}

fn orders(conn: &Connection, skip: u32) -> Result<Vec<OrderSummary>, Failure> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {HEAD},
             count(*) FILTER (WHERE l.state = 'waiting'), count(*) FILTER (WHERE l.state = 'going'),
             count(*) FILTER (WHERE l.state = 'moved'), count(*) FILTER (WHERE l.state = 'refused'),
             count(*) FILTER (WHERE l.state = 'given_up')
         FROM (SELECT * FROM transfer_order ORDER BY placed_at_ms DESC, id DESC LIMIT ?1 OFFSET ?2) o
         LEFT JOIN transfer_line l ON l.order_id = o.id
         GROUP BY o.id ORDER BY o.placed_at_ms DESC, o.id DESC"
    ))?;
    let mut rows = statement.query(params![count(ORDERS_PAGE), skip])?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        let counts = OrderCounts {
            waiting: row.get(5)?,
            going: row.get(6)?,
            moved: row.get(7)?,
            refused: row.get(8)?,
            given_up: row.get(9)?,
        };
        orders.push(OrderSummary { head: head(row)?, counts });
    }
    Ok(orders)
}

fn order(conn: &Connection, id: TransferId) -> Result<Option<TransferOrder>, Failure> {
    let id = id.to_string();
    let head = conn
        .prepare_cached(&format!("SELECT {HEAD} FROM transfer_order o WHERE o.id = ?1"))?
        .query_row([&id], |row| Ok(head(row)))
        .optional()?
        .transpose()?;
    let Some(head) = head else { return Ok(None) };
    let mut parts = Vec::new();
    let mut statement = conn.prepare_cached(
        "SELECT number, txn, state FROM transfer_part WHERE order_id = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([&id])?;
    while let Some(row) = rows.next()? {
        let state = match row.get_ref(2)?.as_str().map_err(|_| strange())? {
            "begun" => PartState::Begun,
            "committed" => PartState::Committed,
            "aborted" => PartState::Aborted,
            _ => return Err(strange()),
        };
        parts.push(OrderPart { number: row.get(0)?, txn: parsed(row, 1)?, state });
    }
    let mut lines = Vec::new();
    let mut statement = conn.prepare_cached(
        "SELECT copy, state, txn, why, moving, title_name FROM transfer_line
         WHERE order_id = ?1 ORDER BY place",
    )?;
    let mut rows = statement.query([&id])?;
    while let Some(row) = rows.next()? {
        lines.push(line(row)?);
    }
    Ok(Some(TransferOrder { head, lines, parts }))
}

fn line(row: &Row<'_>) -> Result<OrderLine, Failure> {
    let state = match row.get_ref(1)?.as_str().map_err(|_| strange())? {
        "waiting" => LineState::Waiting,
        "going" => LineState::Going(parsed(row, 2)?),
        "moved" => LineState::Moved(parsed(row, 2)?),
        "refused" => {
            let why: String = row.get(3)?;
            LineState::Refused(Hindrance::from_code(&why).ok_or_else(strange)?)
        }
        "given_up" => LineState::GivenUp,
        _ => return Err(strange()),
    };
    let seen = match row.get::<_, Option<String>>(4)? {
        Some(moving) => {
            Some(SeenCopy { moving: serde_json::from_str(&moving)?, title_name: row.get(5)? })
        }
        None => None,
    };
    Ok(OrderLine { copy: parsed(row, 0)?, state, seen })
}

fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> Result<T, Failure> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| strange())
}

fn strange() -> Failure {
    Failure::unexpected("a stored transfer does not read")
}
