//! The queue, the review list, titles.

use lienthu_api::commands::QueueExport;
use lienthu_api::elsewhere::TransitSlip;
use lienthu_desk::lookup::ReviewLine;
use lienthu_desk::upkeep::QueueLine;
use lienthu_port::cache::TitlesFound;
use lienthu_port::elsewhere::DeliveryState;
use lienthu_port::outbox::QueueState;

use super::circulation::{book, name};
use super::{BOOK, EVENT, STATE, WHAT, WHEN};
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

impl Reply for Vec<QueueLine> {
    fn show(&self, page: &mut Page) {
        if self.is_empty() {
            page.say(("Không có thao tác nào.", "There are no events."));
            return;
        }
        let rows: Vec<[String; 5]> = self
            .iter()
            .map(|line| {
                let event = &line.queued.event;
                [
                    page.time(event.at),
                    page.pick(name(&event.deed)).to_owned(),
                    book(&line.copy),
                    page.pick(state(&line.queued.state)).to_owned(),
                    event.id.to_string(),
                ]
            })
            .collect();
        page.table([WHEN, WHAT, BOOK, STATE, EVENT], &rows);
        let messages: Vec<_> = self.iter().filter_map(|line| line.message.clone()).collect();
        page.notes(&messages);
    }
}

const fn state(state: &QueueState) -> Sentence {
    match state {
        QueueState::Waiting => ("chờ gửi", "waiting"),
        QueueState::Acknowledged => ("đã gửi", "sent"),
        QueueState::Refused { .. } => ("bị từ chối", "refused"),
        QueueState::Withdrawn => ("đã rút lại", "withdrawn"),
        QueueState::SetAside { .. } => ("để riêng", "set aside"),
    }
}

impl Reply for Vec<TransitSlip> {
    fn show(&self, page: &mut Page) {
        if self.is_empty() {
            page.say((
                "Không có sách của chi nhánh khác.",
                "No books of other branches came back.",
            ));
            return;
        }
        for (place, slip) in self.iter().enumerate() {
            if place > 0 {
                page.line("----------------------------------------");
            }
            let owner = slip.owner.as_ref();
            let to = match (&slip.owner_name, owner) {
                (Some(name), Some(owner)) => format!("{} {name}", owner.branch),
                (None, Some(owner)) => owner.branch.to_string(),
                (_, None) => page.pick(("chưa hỏi được", "not known yet")).to_owned(),
            };
            let state = match slip.state {
                DeliveryState::Waiting => ("chờ báo", "waiting"),
                DeliveryState::Delivered => ("đã báo", "delivered"),
                DeliveryState::SetAside { .. } => ("để riêng", "set aside"),
            };
            page.say(("PHIẾU LUÂN CHUYỂN", "TRANSIT SLIP"));
            page.fields(&[
                (("Gửi về", "To"), to),
                (("Mã vạch", "Barcode"), slip.copy.to_string()),
                (BOOK, owner.map(|owner| owner.title_name.clone()).unwrap_or_default()),
                (("Nhận tại", "Received at"), slip.received_at.to_string()),
                (WHEN, page.time(slip.received)),
                (("Người nhận", "Received by"), slip.received_by.to_string()),
                (STATE, page.pick(state).to_owned()),
                (EVENT, slip.event.to_string()),
            ]);
        }
    }
}

impl Reply for QueueExport {
    fn show(&self, page: &mut Page) {
        page.fields(&[
            (("Số thao tác", "Events"), self.events.to_string()),
            (("Tệp", "File"), self.file.clone()),
        ]);
    }
}

impl Reply for Vec<ReviewLine> {
    fn show(&self, page: &mut Page) {
        if self.is_empty() {
            page.say(("Không có mục nào cần xem lại.", "Nothing needs review."));
            return;
        }
        for line in self {
            page.line(&format!("{} {}", line.item.copy, line.item.flag.event));
            page.line(&format!("  {}", book(&line.copy)));
            let about = &line.item.about;
            let what = page.pick(name(&about.deed));
            page.line(&format!("  {what}, {}, {}", page.time(about.at), about.scanned_by));
            page.message(&line.message);
            page.notes(line.rule.as_slice());
        }
    }
}

impl Reply for TitlesFound {
    fn show(&self, page: &mut Page) {
        if self.titles.is_empty() {
            page.say(("Không tìm thấy đầu sách nào.", "No titles were found."));
            return;
        }
        let rows: Vec<[String; 4]> = self
            .titles
            .iter()
            .map(|hit| {
                [
                    hit.title.key.to_string(),
                    hit.title.name.clone(),
                    hit.title.author.clone(),
                    format!("{}/{}", hit.free, hit.copies),
                ]
            })
            .collect();
        let heads =
            [("ISBN", "ISBN"), ("Tên sách", "Title"), ("Tác giả", "Author"), ("Còn", "Free")];
        page.table(heads, &rows);
        if self.more {
            page.say(("Còn nữa: thêm --skip.", "There are more: add --skip."));
        }
    }
}
