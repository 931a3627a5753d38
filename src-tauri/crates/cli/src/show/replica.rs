//! What the sites hold, compared and brought together.

use lienthu_api::replicas::{
    AuditView, CustodyFinding, FillView, JoinFinding, LeftWhy, NetworkCheckView, RowsView,
    SideBySide, TableRows,
};
use lienthu_api::transactions::UnheardView;
use lienthu_domain::action::Resource;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replica::ReplicaTable;
use lienthu_port::message::Message;

use crate::exit::Exit;
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

const fn table(table: ReplicaTable) -> Sentence {
    match table {
        ReplicaTable::Branch => ("chi nhánh", "branch"),
        ReplicaTable::Title => ("đầu sách", "title"),
        ReplicaTable::Policy => ("chính sách mượn", "policy"),
        ReplicaTable::ClosedDay => ("ngày nghỉ", "closed-day"),
    }
}

/// A row by its table and key.
pub fn row_words(resource: &Resource) -> String {
    let (kind, key) = resource.stored();
    format!("{kind} {key}")
}

/// What is odd, by its key.
pub fn odd_key(finding: &CustodyFinding) -> String {
    match finding {
        CustodyFinding::LiveTwice { barcode, .. }
        | CustodyFinding::Astray { barcode, .. }
        | CustodyFinding::NotSent { barcode, .. } => barcode.to_string(),
        CustodyFinding::PatronCodeTwice { code, .. } => code.to_string(),
    }
}

fn joined(branches: &[BranchCode]) -> String {
    branches.iter().map(BranchCode::as_str).collect::<Vec<_>>().join(", ")
}

fn side_by_side(row: &SideBySide, page: &mut Page) {
    page.line(&row_words(&row.resource));
    for version in &row.versions {
        let said = match &version.row {
            Some(row) => super::catalogue::row(row, page),
            None => page.pick(("(không có)", "(none)")).to_owned(),
        };
        page.line(&format!("    {}: {said}", joined(&version.branches)));
    }
}

fn odd(finding: &CustodyFinding, page: &mut Page) {
    let line = match finding {
        CustodyFinding::LiveTwice { barcode, branches } => {
            let what = page.pick(("quyển có ở nhiều nơi", "copy live at several branches"));
            format!("{barcode}: {what}: {}", joined(branches))
        }
        CustodyFinding::Astray { barcode, branch, to } => {
            let what = page.pick(("đã chuyển đi mà không tìm thấy", "forwarded, and not found"));
            let to = to.as_ref().map_or("?", BranchCode::as_str);
            format!("{barcode}: {what}: {branch} → {to}")
        }
        CustodyFinding::NotSent { barcode, branch, from } => {
            let what =
                page.pick(("đến từ nơi không gửi", "arrived from a branch that did not send it"));
            format!("{barcode}: {what}: {from} → {branch}")
        }
        CustodyFinding::PatronCodeTwice { code, branches } => {
            let what = page.pick(("mã độc giả của nhiều người", "code of several patrons"));
            format!("{code}: {what}: {}", joined(branches))
        }
    };
    page.line(&line);
}

fn unheard(all: &[UnheardView], page: &mut Page) {
    for UnheardView { branch, message } in all {
        let line = format!("{branch}: {}", page.say_of(message));
        page.line(&line);
    }
}

fn rows(all: &[TableRows], page: &Page) -> String {
    let words = all.iter().map(|of| format!("{} {}", of.rows, page.pick(table(of.table))));
    words.collect::<Vec<_>>().join(", ")
}

/// What was found says more than who was not heard.
fn found_or_unheard(found: u32, code: &str, unheard: &[UnheardView]) -> Option<Message> {
    if found > 0 {
        let vi = format!("Có {found} chỗ không khớp giữa các chi nhánh. Xem danh sách.");
        let en = format!("{found} things do not agree between the sites. See the list.");
        return Some(Message { code: code.to_owned(), vi, en });
    }
    unheard.first().map(|unheard| unheard.message.clone())
}

impl Reply for AuditView {
    fn exit(&self, _require_site: bool) -> Exit {
        exit_of(self.message(false).as_ref())
    }

    fn message(&self, _require_site: bool) -> Option<Message> {
        let found = self.differing.saturating_add(self.odd);
        found_or_unheard(found, "replicas_differ", &self.unheard)
    }

    fn show(&self, page: &mut Page) {
        for row in &self.differences {
            side_by_side(row, page);
        }
        for finding in &self.custody {
            odd(finding, page);
        }
        page.fields(&[
            (("Đã đối chiếu", "Compared"), joined(&self.branches)),
            (("Dòng", "Rows"), rows(&self.rows, page)),
            (("Khác nhau", "Differing"), self.differing.to_string()),
            (("Mã vạch", "Barcodes"), self.barcodes.to_string()),
            (("Mã độc giả", "Patron codes"), self.codes.to_string()),
            (("Không khớp", "Odd"), self.odd.to_string()),
        ]);
        if !self.left_out.is_empty() {
            let said = page.pick(("Tạm vắng, chưa đối chiếu", "Away, not compared"));
            page.line(&format!("{said}: {}", joined(&self.left_out)));
        }
        unheard(&self.unheard, page);
    }
}

impl Reply for RowsView {
    fn exit(&self, _require_site: bool) -> Exit {
        exit_of(self.message(false).as_ref())
    }

    fn message(&self, _require_site: bool) -> Option<Message> {
        if self.done {
            return None;
        }
        if !self.hindered.is_empty() {
            return Some(Message::new(
                "rows_hindered",
                (
                    "Không sửa được, không có gì thay đổi. Xem lý do của từng dòng.",
                    "It could not be done, and nothing has changed. See the reason of each row.",
                ),
            ));
        }
        Some(Message::new(
            "txn_in_doubt",
            (
                "Chưa xong ở mọi chi nhánh; máy khác hoặc lần sau sẽ làm tiếp.",
                "It is not finished at all sites; another desk, or a later round, finishes it.",
            ),
        ))
    }

    fn show(&self, page: &mut Page) {
        for hindered in &self.hindered {
            let why = page.say_of(&hindered.why.into());
            page.line(&format!("{}: {} {}: {why}", hindered.branch, hindered.kind, hindered.key));
        }
        match &self.settled {
            _ if !self.done => {}
            Some(_) => page.say(("Đã làm ở mọi chi nhánh.", "Done at all sites.")),
            None => page.say(("Các chi nhánh đã giống nhau.", "The sites are alike already.")),
        }
    }
}

impl Reply for FillView {
    fn exit(&self, _require_site: bool) -> Exit {
        exit_of(self.message(false).as_ref())
    }

    fn message(&self, _require_site: bool) -> Option<Message> {
        (self.left_count > 0).then(|| Message {
            code: "rows_left".to_owned(),
            vi: format!("Còn {} dòng để nguyên. Xem lý do của từng dòng.", self.left_count),
            en: format!("{} rows were left as they are. See the reason of each.", self.left_count),
        })
    }

    fn show(&self, page: &mut Page) {
        for left in &self.left {
            let why = match left.why {
                LeftWhy::OnlyHere => page.pick(("chỉ có ở đây", "only here")).to_owned(),
                LeftWhy::OtherHere => {
                    page.pick(("ở đây khác với mạng", "another one here")).to_owned()
                }
                LeftWhy::Hindered(why) => page.say_of(&why.into()),
            };
            page.line(&format!("{}: {why}", row_words(&left.resource)));
        }
        page.fields(&[
            (("Lấy từ", "From"), self.from.to_string()),
            (("Đã ghi", "Written"), self.written.to_string()),
            (("Để nguyên", "Left"), self.left_count.to_string()),
        ]);
    }
}

impl Reply for NetworkCheckView {
    fn exit(&self, _require_site: bool) -> Exit {
        exit_of(self.message(false).as_ref())
    }

    fn message(&self, _require_site: bool) -> Option<Message> {
        found_or_unheard(self.count, "network_collides", &self.unheard)
    }

    fn show(&self, page: &mut Page) {
        for finding in &self.findings {
            match finding {
                JoinFinding::RowsDiffer { table: of, key, groups } => {
                    let groups: Vec<String> = groups.iter().map(|group| joined(group)).collect();
                    let what = page.pick(table(*of));
                    page.line(&format!("{what} {key}: {}", groups.join(" ≠ ")));
                }
                JoinFinding::Custody { finding } => odd(finding, page),
            }
        }
        page.fields(&[
            (("Đã so", "Compared"), joined(&self.branches)),
            (("Va chạm", "Collisions"), self.count.to_string()),
            (("Không phải nơi nào cũng có", "Not everywhere"), rows(&self.not_everywhere, page)),
        ]);
        unheard(&self.unheard, page);
    }
}

fn exit_of(message: Option<&Message>) -> Exit {
    message.map_or(Exit::Done, |message| Exit::of_code(&message.code))
}
