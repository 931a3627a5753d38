//! Copies that move between branches.

use lienthu_across::transfers::pick_list::{PickLine, PickList};
use lienthu_api::transfers::{TransferPreview, TransferView, pick_list_csv};
use lienthu_desk::arrivals::{Arriving, LeftOut, Received};
use lienthu_domain::copy::CopyCondition;
use lienthu_port::message::Message;
use lienthu_port::transfers::{OrderCounts, OrderSummary};
use serde::Serialize;

use super::{BARCODE, BOOK, STATE, WHEN};
use crate::exit::Exit;
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

const FROM: Sentence = ("Từ", "From");
const TO: Sentence = ("Đến", "To");
const SHELF: Sentence = ("Xếp giá", "Shelf");
const TRANSFER: Sentence = ("Phiếu chuyển", "Transfer");
const MOVED: Sentence = ("Đã chuyển", "Moved");
const LEFT_OUT: Sentence = ("Để lại", "Left out");
const WAITING: Sentence = ("Còn chờ", "Waiting");

fn left_out(page: &mut Page, some: &[LeftOut]) {
    if some.is_empty() {
        return;
    }
    page.say(("Để lại:", "Left out:"));
    for one in some {
        let title = one.title_name.as_deref().unwrap_or_default();
        page.line(&format!("{}  {title}", one.copy));
        page.line(&format!("  {}", page.say_of(&one.message)));
    }
}

fn books(page: &mut Page, lines: &[PickLine]) {
    let rows: Vec<[String; 4]> = lines
        .iter()
        .map(|line| {
            [
                line.shelf_mark.clone(),
                line.title_name.clone(),
                line.copy.to_string(),
                page.pick(condition(line.condition)).to_owned(),
            ]
        })
        .collect();
    page.table([SHELF, BOOK, BARCODE, STATE], &rows);
}

const fn condition(condition: CopyCondition) -> Sentence {
    match condition {
        CopyCondition::Good => ("", ""),
        CopyCondition::InTransit => ("đang chuyển", "in transit"),
        CopyCondition::Forwarded => ("đã chuyển đi", "forwarded"),
        CopyCondition::Damaged => ("hỏng", "damaged"),
        CopyCondition::Lost => ("mất", "lost"),
        CopyCondition::Withdrawn => ("đã thanh lý", "withdrawn"),
    }
}

impl Reply for TransferPreview {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            (FROM, self.from.to_string()),
            (TO, self.to.to_string()),
            (("Chuyển được", "Can go"), self.going.len().to_string()),
            (("Số giao dịch", "Transactions"), self.parts.to_string()),
        ]);
        if !self.going.is_empty() {
            books(page, &self.going);
        }
        left_out(page, &self.left_out);
        for unread in &self.unread {
            let words = page.pick(("Dòng không có mã", "No barcode in line"));
            page.line(&format!("{words} {}: {}", unread.line, unread.text));
        }
    }
}

/// A transfer that does not begin without another word from whoever orders it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct CannotStart {
    /// What would become of it.
    pub preview: TransferPreview,
}

impl Reply for CannotStart {
    fn exit(&self, _: bool) -> Exit {
        Exit::Refused
    }

    fn message(&self, _: bool) -> Option<Message> {
        Some(if self.preview.going.is_empty() {
            Message::new(
                "transfer_nothing_goes",
                (
                    "Không có quyển nào chuyển được. Xem lý do của từng quyển.",
                    "None of the copies can be moved. Look at the reason of each.",
                ),
            )
        } else {
            Message::new(
                "transfer_left_out",
                (
                    "Có quyển không chuyển được. Xem danh sách; nếu vẫn muốn chuyển các quyển còn lại, thêm --go-on.",
                    "Some copies cannot be moved. Look at the list; to move the others all the same, add --go-on.",
                ),
            )
        })
    }

    fn show(&self, page: &mut Page) {
        self.preview.show(page);
    }
}

fn counted(counts: OrderCounts) -> [(Sentence, String); 4] {
    let unless_none = |count: u32| if count == 0 { String::new() } else { count.to_string() };
    [
        (MOVED, counts.moved.to_string()),
        (LEFT_OUT, unless_none(counts.refused)),
        (WAITING, unless_none(counts.waiting + counts.going)),
        (("Đã bỏ", "Given up"), unless_none(counts.given_up)),
    ]
}

impl Reply for TransferView {
    fn exit(&self, _: bool) -> Exit {
        match &self.trouble {
            Some(trouble) => Exit::of_code(&trouble.code),
            None if self.counts.moved == 0 && self.counts.refused > 0 => Exit::Refused,
            None => Exit::Done,
        }
    }

    fn message(&self, _: bool) -> Option<Message> {
        let nothing_moved = self.counts.moved == 0;
        let first = self.left_out.first().filter(|_| nothing_moved);
        self.trouble.clone().or_else(|| first.map(|left_out| left_out.message.clone()))
    }

    fn show(&self, page: &mut Page) {
        page.fields(&[
            (TRANSFER, self.head.id.to_string()),
            (FROM, self.head.from.to_string()),
            (TO, self.head.to.to_string()),
            (WHEN, page.time(self.head.placed_at)),
        ]);
        page.fields(&counted(self.counts));
        left_out(page, &self.left_out);
    }
}

impl Reply for Vec<OrderSummary> {
    fn show(&self, page: &mut Page) {
        if self.is_empty() {
            page.say(("Không có phiếu chuyển nào.", "There are no transfers."));
            return;
        }
        let rows: Vec<[String; 7]> = self
            .iter()
            .map(|order| {
                let (head, counts) = (&order.head, order.counts);
                [
                    page.time(head.placed_at),
                    head.from.to_string(),
                    head.to.to_string(),
                    counts.moved.to_string(),
                    counts.refused.to_string(),
                    (counts.waiting + counts.going).to_string(),
                    head.id.to_string(),
                ]
            })
            .collect();
        page.table([WHEN, FROM, TO, MOVED, LEFT_OUT, WAITING, TRANSFER], &rows);
    }
}

impl Reply for PickList {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            (TRANSFER, self.head.id.to_string()),
            (FROM, self.head.from.to_string()),
            (TO, self.head.to.to_string()),
            (("Cần lấy", "To take"), self.lines.len().to_string()),
        ]);
        if self.is_target_silent {
            page.say((
                "Chi nhánh nhận chưa trả lời: danh sách có thể gồm cả sách đã nhận.",
                "The other branch does not answer: books that it has received may be in the list.",
            ));
        }
        if !self.lines.is_empty() {
            books(page, &self.lines);
        }
    }
}

/// A pick list as comma separated values.
#[derive(Serialize)]
#[serde(transparent)]
pub struct PickListTable(pub PickList);

impl Reply for PickListTable {
    fn show(&self, page: &mut Page) {
        for line in pick_list_csv(&self.0).lines() {
            page.line(line);
        }
    }
}

impl Reply for Arriving {
    fn show(&self, page: &mut Page) {
        if self.lines.is_empty() {
            page.say(("Không có sách nào đang chuyển đến.", "Nothing is on its way here."));
            return;
        }
        let rows: Vec<[String; 5]> = self
            .lines
            .iter()
            .map(|line| {
                [
                    line.from.to_string(),
                    page.time(line.sent_at),
                    line.copy.to_string(),
                    line.title_name.clone(),
                    line.shelf_mark.clone(),
                ]
            })
            .collect();
        page.table([FROM, WHEN, BARCODE, BOOK, SHELF], &rows);
        if self.more {
            page.say((
                "Còn nữa: nhận bớt rồi xem lại.",
                "There are more: receive some, then look again.",
            ));
        }
    }
}

impl Reply for Received {
    fn exit(&self, _: bool) -> Exit {
        if self.received.is_empty() && !self.left_out.is_empty() {
            Exit::Refused
        } else {
            Exit::Done
        }
    }

    fn message(&self, _: bool) -> Option<Message> {
        let first = self.left_out.first().filter(|_| self.received.is_empty());
        first.map(|left_out| left_out.message.clone())
    }

    fn show(&self, page: &mut Page) {
        page.fields(&[(("Đã nhận", "Received"), self.received.len().to_string())]);
        left_out(page, &self.left_out);
    }
}
