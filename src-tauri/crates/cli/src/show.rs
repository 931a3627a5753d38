//! The answers of the app as pages for people.

mod adoption;
mod catalogue;
pub mod circulation;
mod federation;
mod health;
mod lists;
mod network;
mod records;
pub mod replica;
mod sites;
pub mod transfers;
mod txn;

use lienthu_domain::loan::Loan;

use crate::language::Sentence;
use crate::page::Page;

const BARCODE: Sentence = ("Mã vạch", "Barcode");
const BOOK: Sentence = ("Sách", "Book");
const PATRON: Sentence = ("Độc giả", "Patron");
const DUE: Sentence = ("Hạn trả", "Due");
const STATE: Sentence = ("Tình trạng", "State");
const EVENT: Sentence = ("Thao tác", "Event");
const AS_OF: Sentence = ("Theo dữ liệu lúc", "As known at");
const WHEN: Sentence = ("Lúc", "When");
const WHAT: Sentence = ("Việc", "What");

/// The loans of a patron or a copy, latest first as they come.
fn loan_table<'a>(page: &mut Page, loans: impl Iterator<Item = &'a Loan>) {
    let rows: Vec<[String; 6]> = loans
        .map(|loan| {
            let ended = match (loan.undone, loan.returned_on) {
                (true, _) => page.pick(("đã hoàn tác", "undone")).to_owned(),
                (false, Some(date)) => date.to_string(),
                (false, None) => String::new(),
            };
            [
                loan.no.to_string(),
                loan.copy.to_string(),
                loan.patron.to_string(),
                page.time(loan.borrowed_at),
                loan.due.to_string(),
                ended,
            ]
        })
        .collect();
    if !rows.is_empty() {
        let heads =
            [("Phiếu", "Loan"), BARCODE, PATRON, ("Mượn lúc", "Lent"), DUE, ("Trả ngày", "Back")];
        page.table(heads, &rows);
    }
}

/// A value that may be missing.
fn or_empty<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}
