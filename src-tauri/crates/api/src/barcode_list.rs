//! A list of barcodes in a file: one a line, or a column of a table of comma, semicolon or tab separated values.

use std::collections::BTreeSet;

use lienthu_domain::ids::Barcode;
use lienthu_domain::text::{Scan, clean, read_scan};
use lienthu_port::transfers::ORDER_COPIES_MAX;
use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

/// The longest list that is read, in bytes.
pub const LIST_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Lines that are quoted, in characters.
const QUOTE_CHARS_MAX: usize = 60;
/// Lines that are named as unreadable at most.
pub const UNREAD_MAX: usize = 200;

/// What a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BarcodeList {
    /// The barcodes, each once, in their order.
    pub copies: Vec<Barcode>,
    /// The first lines that hold no barcode, at most [`UNREAD_MAX`].
    pub unread: Vec<UnreadLine>,
}

/// A line that holds no barcode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct UnreadLine {
    /// Its number, from 1.
    pub line: u32,
    /// How it begins.
    pub text: String,
}

/// Why a list cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ListError {
    /// Longer than [`LIST_BYTES_MAX`], or with more barcodes than one order holds.
    #[error("the list is too long")]
    TooLong,
    /// It has no such column.
    #[error("the list has no column {0}")]
    NoColumn(String),
}

/// Reads a list. With a `column`, the first line names the columns, whatever their case; else each line is a
/// barcode, or begins with one.
///
/// # Errors
/// See [`ListError`].
pub fn read(text: &str, column: Option<&str>) -> Result<BarcodeList, ListError> {
    if text.len() > LIST_BYTES_MAX {
        return Err(ListError::TooLong);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b'\t', b';', b','].into_iter().find(|d| first.as_bytes().contains(d));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(column.is_some())
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .from_reader(text.as_bytes());
    let place = match column {
        None => 0,
        Some(name) => {
            let wanted = name.trim().to_lowercase();
            let heads = reader.headers().map_err(|_| ListError::NoColumn(name.to_owned()))?;
            let place = heads.iter().position(|head| head.trim().to_lowercase() == wanted);
            place.ok_or_else(|| ListError::NoColumn(name.to_owned()))?
        }
    };
    let mut list = BarcodeList::default();
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        // The text is UTF-8 and rows may have any length: there is nothing else to go wrong.
        let Ok(record) = record else { continue };
        let line = record.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
        let cell = record.get(place).unwrap_or_default();
        let barcode = match read_scan(cell) {
            Scan::Code(code) => Barcode::parse(&code).ok(),
            Scan::Empty if record.iter().all(|cell| cell.trim().is_empty()) => continue,
            Scan::Empty | Scan::TooLong | Scan::NotACode => None,
        };
        match barcode {
            Some(barcode) if seen.insert(barcode.clone()) => list.copies.push(barcode),
            Some(_) => {}
            None if list.unread.len() < UNREAD_MAX => {
                list.unread.push(UnreadLine { line, text: clean(cell, QUOTE_CHARS_MAX) });
            }
            None => {}
        }
        if list.copies.len() > ORDER_COPIES_MAX {
            return Err(ListError::TooLong);
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn codes(list: &BarcodeList) -> Vec<&str> {
        list.copies.iter().map(Barcode::as_str).collect()
    }

    #[test]
    fn each_line_is_a_barcode_whatever_its_end_and_counts_once() {
        let list = read("\u{feff}Q001\r\n\r\nQ002\nQ001\nĐ1\n", None).unwrap();
        assert_eq!(codes(&list), ["Q001", "Q002", "DD1"]);
        assert!(list.unread.is_empty());
    }

    #[test]
    fn a_column_is_found_by_its_name() {
        let table =
            "Tên sách;MaQuyenSach;Giá\nSố đỏ;Q001;90000\n\"Kiều; truyện\";Q002;1\n;;\nx;;2\n";
        let list = read(table, Some(" maquyensach ")).unwrap();
        assert_eq!(codes(&list), ["Q001", "Q002"]);
        assert_eq!(list.unread, [UnreadLine { line: 5, text: String::new() }]);
        assert_eq!(read(table, Some("Kho")), Err(ListError::NoColumn("Kho".to_owned())));
    }

    #[test]
    fn what_is_no_barcode_is_named_with_its_line() {
        let list = read("Q001\n漢字\nQ002", None).unwrap();
        assert_eq!(codes(&list), ["Q001", "Q002"]);
        assert_eq!(list.unread, [UnreadLine { line: 2, text: "漢字".to_owned() }]);
    }

    #[test]
    fn a_list_that_is_too_long_is_refused() {
        let many: String = (0..=ORDER_COPIES_MAX).map(|n| format!("Q{n}\n")).collect();
        assert_eq!(read(&many, None), Err(ListError::TooLong));
        assert_eq!(read(&"x".repeat(LIST_BYTES_MAX + 1), None), Err(ListError::TooLong));
    }

    proptest! {
        #[test]
        fn anything_is_read_and_nothing_twice(text in any::<String>(), column in any::<Option<String>>()) {
            if let Ok(list) = read(&text, column.as_deref()) {
                let once: BTreeSet<&Barcode> = list.copies.iter().collect();
                prop_assert_eq!(once.len(), list.copies.len());
            }
        }
    }
}
