//! Lists of copies: those of some barcodes, those of a title, those on their way here.

use lienthu_domain::ids::Barcode;
use lienthu_port::listing::{CopiesSought, ListedCopy, Transit};
use tiberius::Row;

use crate::connection::Param;
use crate::failure::Failure;
use crate::rows;
use crate::session::Answer;
use crate::transaction;

/// How a list is asked for.
pub(crate) fn params(sought: &CopiesSought) -> [Param; 4] {
    let word = |word: &str| Param::Text(word.to_owned());
    let behind = |after: &Option<Barcode>| {
        Param::Text(after.as_ref().map_or_else(String::new, Barcode::to_string))
    };
    match sought {
        CopiesSought::Barcodes(barcodes) => {
            [word("barcodes"), transaction::barcodes(barcodes), word(""), word("")]
        }
        CopiesSought::OfTitle { title, after } => {
            [word("title"), word("[]"), Param::Text(title.to_string()), behind(after)]
        }
        CopiesSought::Arriving { after } => [word("arriving"), word("[]"), word(""), behind(after)],
    }
}

/// The copies of a list.
pub(crate) fn listed(mut answer: Answer) -> Result<Vec<ListedCopy>, Failure> {
    answer.set()?.iter().map(copy).collect()
}

fn copy(row: &Row) -> Result<ListedCopy, Failure> {
    let transit = match rows::parsed_option(row, 12)? {
        Some(from) => {
            Some(Transit { from, txn: rows::parsed_option(row, 13)?, sent_at: rows::utc(row, 14)? })
        }
        None => None,
    };
    Ok(ListedCopy {
        copy: rows::copy(row)?,
        title_name: rows::option::<&str>(row, 8)?.unwrap_or_default().to_owned(),
        hops: rows::number(row, 9)?,
        is_removed: rows::value(row, 10)?,
        is_held: rows::value(row, 11)?,
        transit,
    })
}
