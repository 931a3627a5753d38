//! Lists of copies: those of some barcodes, those of a title, those on their way here.

use lienthu_domain::ids::{Barcode, TitleKey};
use lienthu_domain::times::UtcMs;
use lienthu_port::error::Obstacle;
use lienthu_port::listing::{COPIES_LISTED_MAX, CopiesSought, ListedCopy, Transit};
use lienthu_sqlite::rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::rows;

/// See [`ListedCopy`]; the copy's own columns are [`rows::COPY`].
const LISTED: &str =
    "q.MaQuyenSach, q.ISBN, q.MaCN, q.HienTrang, q.TrangThai, q.ChuyenDen, q.KyHieuXepGia, \
     q.GiaTien, b.TenSach, q.SoLanChuyen, q.DaXoa,
     EXISTS (SELECT 1 FROM lienthu_hold h WHERE h.kind = 'copy' AND h.key = q.MaQuyenSach),
     t.from_branch, t.txn, t.sent_at_ms
     FROM QUYENSACH q JOIN SACH b ON b.ISBN = q.ISBN
     LEFT JOIN lienthu_transit t ON t.copy = q.MaQuyenSach";

pub(crate) fn list(tx: &Connection, sought: &CopiesSought) -> Result<Vec<ListedCopy>, Failure> {
    match sought {
        CopiesSought::Barcodes(barcodes) => of_barcodes(tx, barcodes),
        CopiesSought::OfTitle { title, after } => of_title(tx, title, after.as_ref()),
        CopiesSought::Arriving { after } => arriving(tx, after.as_ref()),
    }
}

fn of_barcodes(tx: &Connection, barcodes: &[Barcode]) -> Result<Vec<ListedCopy>, Failure> {
    if barcodes.len() > COPIES_LISTED_MAX {
        return Err(Obstacle::TooMany.into());
    }
    let wanted: Vec<&str> = barcodes.iter().map(Barcode::as_str).collect();
    let wanted = serde_json::Value::from(wanted).to_string();
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {LISTED} WHERE q.MaQuyenSach IN (SELECT value FROM json_each(?1))
             ORDER BY q.MaQuyenSach"
        ))?
        .query_map([wanted], listed)?
        .collect::<Result<_, _>>()?)
}

fn of_title(
    tx: &Connection,
    title: &TitleKey,
    after: Option<&Barcode>,
) -> Result<Vec<ListedCopy>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {LISTED}
             WHERE q.ISBN = ?1 AND q.DaXoa = 0 AND q.HienTrang <> 'forwarded' AND q.MaQuyenSach > ?2
             ORDER BY q.MaQuyenSach LIMIT ?3"
        ))?
        .query_map(params![title.as_str(), behind(after), limit()], listed)?
        .collect::<Result<_, _>>()?)
}

fn arriving(tx: &Connection, after: Option<&Barcode>) -> Result<Vec<ListedCopy>, Failure> {
    Ok(tx
        .prepare_cached(&format!(
            "SELECT {LISTED} WHERE t.copy > ?1 ORDER BY q.MaQuyenSach LIMIT ?2"
        ))?
        .query_map(params![behind(after), limit()], listed)?
        .collect::<Result<_, _>>()?)
}

fn behind(after: Option<&Barcode>) -> &str {
    after.map_or("", Barcode::as_str)
}

fn limit() -> i64 {
    i64::try_from(COPIES_LISTED_MAX).unwrap_or(i64::MAX)
}

fn listed(row: &Row<'_>) -> lienthu_sqlite::rusqlite::Result<ListedCopy> {
    let transit = match rows::parsed_option(row, 12)? {
        Some(from) => Some(Transit {
            from,
            txn: rows::parsed_option(row, 13)?,
            sent_at: UtcMs::from_ms(row.get(14)?),
        }),
        None => None,
    };
    Ok(ListedCopy {
        copy: rows::copy(row)?,
        title_name: row.get(8)?,
        hops: row.get(9)?,
        is_removed: row.get(10)?,
        is_held: row.get(11)?,
        transit,
    })
}
