//! The scan box: one place for patron cards and book barcodes.

use std::time::Duration;

use lienthu_domain::ids::{Barcode, CorrelationId, PatronCode};
use lienthu_domain::text::{Scan, read_scan};
use lienthu_domain::times::LocalDate;
use lienthu_port::message::Message;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::answer::ScanAnswer;
use crate::circulation::{ANSWER_MS_MAX, Wanted};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::session::Permit;

/// What the desk is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ScanMode {
    /// Lend books to the patron whose card was scanned.
    Lend,
    /// Take books back.
    Return,
    /// Renew the loans of books.
    Renew,
}

/// One scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ScanRequest {
    /// What came out of the scanner or the keyboard.
    pub text: String,
    /// What the desk is set to.
    pub mode: ScanMode,
    /// Whose card was scanned last.
    pub patron: Option<PatronCode>,
    /// The librarian has seen what stands against it and goes on.
    pub go_on: bool,
    /// Of a return: the date to show, for a book from the book drop.
    pub returned_on: Option<LocalDate>,
}

/// What a code turns out to be.
enum Found {
    Card(PatronCode),
    Book(Barcode),
    Nothing,
}

impl Desk {
    /// Does what a scan asks for.
    ///
    /// # Errors
    /// Those of [`Desk::perform`].
    pub async fn scan(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        request: &ScanRequest,
    ) -> Result<ScanAnswer, DeskError> {
        let code = match read_scan(&request.text) {
            Scan::Code(code) => code,
            Scan::Empty => return Ok(not_understood(SCAN_EMPTY)),
            Scan::TooLong => return Ok(not_understood(SCAN_TOO_LONG)),
            Scan::NotACode => return Ok(not_understood(SCAN_NOT_A_CODE)),
        };
        let found = match self.find(&code, request.mode).await? {
            Found::Nothing if request.go_on => self.take_at_its_word(&code, request),
            Found::Nothing if self.state.borrow().answers() => {
                // Someone may just have made the card, or added the book, at another desk. A contact that
                // takes longer, or fails, is made again by whoever tends the line.
                let limit = Duration::from_millis(ANSWER_MS_MAX);
                if tokio::time::timeout(limit, self.contact()).await.is_err() {
                    self.wake.notify_one();
                }
                self.find(&code, request.mode).await?
            }
            found => found,
        };
        match found {
            Found::Card(code) => {
                let patron = self.local_patron(&code).await?;
                Ok(ScanAnswer::Patron { patron: self.patron_view(&patron).await? })
            }
            Found::Book(barcode) => self.scan_book(permit, correlation, &barcode, request).await,
            Found::Nothing => Ok(ScanAnswer::NotUnderstood {
                message: Message::new(SCAN_UNKNOWN.0, SCAN_UNKNOWN.1),
                can_override: true,
            }),
        }
    }

    async fn scan_book(
        &self,
        permit: &Permit,
        correlation: CorrelationId,
        barcode: &Barcode,
        request: &ScanRequest,
    ) -> Result<ScanAnswer, DeskError> {
        let wanted = match (request.mode, &request.patron) {
            (ScanMode::Lend, Some(patron)) => Wanted::Borrow { patron: patron.clone() },
            (ScanMode::Lend, None) => {
                return Ok(ScanAnswer::NeedsPatron {
                    copy: self.local_copy(barcode).await?.view(),
                    message: Message::new(SCAN_NEEDS_PATRON.0, SCAN_NEEDS_PATRON.1),
                });
            }
            (ScanMode::Return, _) => Wanted::Return { returned_on: request.returned_on },
            (ScanMode::Renew, _) => Wanted::Renew,
        };
        let answer = self.perform(permit, correlation, barcode, wanted, request.go_on).await?;
        Ok(ScanAnswer::Answer { answer: Box::new(answer) })
    }

    /// A code may be a card or a book; where it is both, what the desk is set to decides.
    async fn find(&self, code: &str, mode: ScanMode) -> Result<Found, DeskError> {
        let card = match PatronCode::parse(code) {
            Ok(key) if self.cache.patron(&key).await?.is_some() => Some(key),
            _ => None,
        };
        let book = match Barcode::parse(code) {
            Ok(key) if self.local_copy(&key).await?.is_known() => Some(key),
            _ => None,
        };
        Ok(match (card, book, mode) {
            (Some(card), None, _) | (Some(card), Some(_), ScanMode::Lend) => Found::Card(card),
            (_, Some(book), _) => Found::Book(book),
            (None, None, _) => Found::Nothing,
        })
    }

    /// A code that nobody knows, and the librarian goes on: a card where one is wanted, else a book.
    fn take_at_its_word(&self, code: &str, request: &ScanRequest) -> Found {
        let wants_card = request.mode == ScanMode::Lend && request.patron.is_none();
        match (wants_card, PatronCode::parse(code), Barcode::parse(code)) {
            (true, Ok(card), _) => Found::Card(card),
            (false, _, Ok(book)) => Found::Book(book),
            _ => Found::Nothing,
        }
    }
}

type Said = (&'static str, (&'static str, &'static str));

const SCAN_EMPTY: Said = (
    "scan_empty",
    ("Chưa có mã nào. Quét thẻ hoặc sách.", "There is no code. Scan a card or a book."),
);
const SCAN_TOO_LONG: Said = (
    "scan_too_long",
    (
        "Mã quá dài, có lẽ hai mã dính nhau. Quét lại từng mã.",
        "The code is too long, perhaps two ran together. Scan one at a time.",
    ),
);
const SCAN_NOT_A_CODE: Said = (
    "scan_not_a_code",
    (
        "Không phải mã thẻ hay mã sách. Tắt bộ gõ tiếng Việt rồi quét lại.",
        "Neither a card nor a barcode. Switch the Vietnamese input method off and scan again.",
    ),
);
const SCAN_UNKNOWN: Said = (
    "scan_unknown",
    (
        "Máy này chưa biết mã này. Quét lại; nếu đúng mã, chọn tiếp tục.",
        "This desk does not know this code. Scan again; if it is right, choose to go on.",
    ),
);
const SCAN_NEEDS_PATRON: Said = (
    "scan_needs_patron",
    ("Quét thẻ độc giả trước rồi quét sách.", "Scan the patron's card first, then the book."),
);

fn not_understood((code, sentence): Said) -> ScanAnswer {
    ScanAnswer::NotUnderstood { message: Message::new(code, sentence), can_override: false }
}
