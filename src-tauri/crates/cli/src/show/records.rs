//! Patrons and copies.

use lienthu_api::visitors::VisitorMade;
use lienthu_desk::lookup::{CopyAnswer, PatronAnswer, PatronsFound};
use lienthu_domain::copy::CopyState;
use lienthu_domain::patron::{Patron, PatronCard};
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::message::Message;

use super::circulation::book;
use super::{AS_OF, BOOK, DUE, PATRON, STATE, loan_table, or_empty};
use crate::exit::Exit;
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

/// Whether a record was found, at the site or in what this desk knows.
trait Known {
    fn is_known(&self) -> bool;
}

impl Known for PatronAnswer {
    fn is_known(&self) -> bool {
        self.file.is_some() || self.view.card.is_some() || !self.view.loans.is_empty()
    }
}

impl Known for CopyAnswer {
    fn is_known(&self) -> bool {
        self.file.is_some() || self.view.copy.is_some() || self.loan.is_some()
    }
}

/// That there is no such record.
fn unknown() -> Message {
    SiteError::Obstructed { obstacle: Obstacle::Unknown }.message()
}

/// A change was made.
impl Reply for () {
    fn show(&self, page: &mut Page) {
        page.say(("Đã ghi.", "Done."));
    }
}

impl Reply for PatronsFound {
    fn show(&self, page: &mut Page) {
        if self.patrons.is_empty() {
            page.say(("Không tìm thấy độc giả nào.", "No patrons were found."));
        } else {
            let rows: Vec<[String; 5]> = self
                .patrons
                .iter()
                .map(|card| {
                    [
                        card.code.to_string(),
                        card.name.clone(),
                        card.category.to_string(),
                        or_empty(card.card_expires.as_ref()),
                        card.block.clone().unwrap_or_default(),
                    ]
                })
                .collect();
            let heads = [("Mã thẻ", "Card"), NAME, CATEGORY, EXPIRES, BLOCKED];
            page.table(heads, &rows);
        }
        if let Some(at) = self.as_of {
            page.fields(&[(AS_OF, page.time(at))]);
        }
    }
}

const NAME: Sentence = ("Họ tên", "Name");
const CATEGORY: Sentence = ("Loại", "Category");
const EXPIRES: Sentence = ("Hạn thẻ", "Expires");
const BLOCKED: Sentence = ("Khóa vì", "Blocked for");

impl Reply for PatronAnswer {
    fn exit(&self, _: bool) -> Exit {
        if self.is_known() { Exit::Done } else { Exit::Refused }
    }

    fn message(&self, _: bool) -> Option<Message> {
        (!self.is_known()).then(unknown)
    }

    fn show(&self, page: &mut Page) {
        let mut fields = vec![(PATRON, self.view.code.to_string())];
        let whole = self.file.as_ref().map(|file| &file.patron);
        if let Some(card) = whole.map(|patron| &patron.card).or(self.view.card.as_ref()) {
            fields.extend(card_fields(card));
        }
        if let Some(patron) = whole {
            fields.extend(more_fields(patron));
        }
        page.fields(&fields);
        match &self.file {
            Some(file) => loan_table(page, file.loans.iter()),
            None => loan_table(page, self.view.loans.iter().map(|line| &line.loan)),
        }
        page.notes(&self.view.warnings);
        if let Some(at) = self.as_of {
            page.fields(&[(AS_OF, page.time(at))]);
        }
    }
}

fn card_fields(card: &PatronCard) -> [(Sentence, String); 6] {
    let home = match (&card.home_branch, &card.home_code) {
        (Some(branch), Some(code)) => format!("{branch} {code}"),
        (branch, code) => format!("{}{}", or_empty(branch.as_ref()), or_empty(code.as_ref())),
    };
    [
        (NAME, card.name.clone()),
        (("Chi nhánh", "Branch"), card.branch.to_string()),
        (CATEGORY, card.category.to_string()),
        (EXPIRES, or_empty(card.card_expires.as_ref())),
        (BLOCKED, card.block.clone().unwrap_or_default()),
        (("Thẻ gốc", "Home card"), home),
    ]
}

fn more_fields(patron: &Patron) -> [(Sentence, String); 5] {
    [
        (("Ngày sinh", "Born"), or_empty(patron.birth_date.as_ref())),
        (("Điện thoại", "Phone"), patron.phone.clone()),
        (("E-mail", "E-mail"), patron.email.clone()),
        (("Tiền cọc", "Deposit"), patron.deposit_vnd.to_string()),
        (("Ghi chú", "Note"), patron.note.clone()),
    ]
}

impl Reply for VisitorMade {
    fn show(&self, page: &mut Page) {
        page.say(match (self.was_known, self.is_confirmed) {
            (false, true) => ("Đã làm thẻ khách.", "The visitor has a card."),
            (true, true) => ("Thẻ khách đã được cập nhật.", "The visitor's card is up to date."),
            (_, false) => (
                "Đã ghi thẻ khách theo lời khai; chi nhánh của họ chưa xác nhận.",
                "The visitor's card is as it was entered; their branch has not confirmed it.",
            ),
        });
        page.fields(&[(PATRON, self.card.code.to_string())]);
        page.fields(&card_fields(&self.card));
    }
}

impl Reply for CopyAnswer {
    fn exit(&self, _: bool) -> Exit {
        if self.is_known() { Exit::Done } else { Exit::Refused }
    }

    fn message(&self, _: bool) -> Option<Message> {
        (!self.is_known()).then(unknown)
    }

    fn show(&self, page: &mut Page) {
        let (copy, title) = match &self.file {
            Some(file) => (Some(&file.copy), Some(&file.title)),
            None => (self.view.copy.as_ref(), self.view.title.as_ref()),
        };
        page.fields(&[
            (BOOK, book(&self.view)),
            (("ISBN", "ISBN"), or_empty(copy.map(|c| &c.title))),
            (("Tác giả", "Author"), title.map(|t| t.author.clone()).unwrap_or_default()),
            (STATE, copy.map_or("", |c| page.pick(state(c.state))).to_owned()),
            (("Chuyển đến", "Moved to"), or_empty(copy.and_then(|c| c.forwarded_to.as_ref()))),
            (("Xếp giá", "Shelf"), copy.map(|c| c.shelf_mark.clone()).unwrap_or_default()),
            (("Giá tiền", "Price"), or_empty(copy.and_then(|c| c.price_vnd.as_ref()))),
            (PATRON, or_empty(self.loan.as_ref().map(|loan| &loan.patron))),
            (DUE, or_empty(self.loan.as_ref().map(|loan| &loan.due))),
        ]);
        loan_table(page, self.file.iter().flat_map(|file| &file.loans));
        if let Some(at) = self.as_of {
            page.fields(&[(AS_OF, page.time(at))]);
        }
    }
}

pub(super) const fn state(state: CopyState) -> Sentence {
    match state {
        CopyState::Free => ("có sẵn", "free"),
        CopyState::OnLoan => ("đang được mượn", "on loan"),
        CopyState::InTransit => ("đang chuyển", "in transit"),
        CopyState::Forwarded => ("đã chuyển đi", "forwarded"),
        CopyState::Damaged => ("hỏng", "damaged"),
        CopyState::Lost => ("mất", "lost"),
        CopyState::Withdrawn => ("đã thanh lý", "withdrawn"),
    }
}
