//! Answers of all sites at once.

use lienthu_across::breakers::BreakerView;
use lienthu_across::federation::answers::{Absent, Coverage};
use lienthu_across::federation::copies::Whereabouts;
use lienthu_api::commands::federation::{
    CopyWhere, HistoryWhere, MostLentView, PatronsWhere, SiteView, StatisticsView, TitleAt,
    TitleWhere, partial,
};
use lienthu_domain::replicated::BranchStanding;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::message::Message;

use super::records::state;
use super::{AS_OF, BARCODE, BOOK, DUE, PATRON, STATE, or_empty};
use crate::exit::Exit;
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

const BRANCH: Sentence = ("Chi nhánh", "Branch");
const COPIES: Sentence = ("Số quyển", "Copies");
const FREE: Sentence = ("Còn rảnh", "Free");
const ON_LOAN: Sentence = ("Đang mượn", "On loan");
const LOANS: Sentence = ("Lượt mượn", "Loans");
const RETURNS: Sentence = ("Lượt trả", "Returns");
const NEW_PATRONS: Sentence = ("Thẻ mới", "New cards");

/// How the program ends with an answer that these sites gave.
fn exit(coverage: &Coverage) -> Exit {
    match (coverage.present.is_empty(), coverage.is_whole()) {
        (_, true) => Exit::Done,
        (true, false) => Exit::NoSite,
        (false, false) => Exit::Partial,
    }
}

/// Says why each missing site says nothing.
fn absent(page: &mut Page, absent: &[Absent]) {
    let lines: Vec<String> = absent
        .iter()
        .map(|absent| format!("{}: {}", absent.branch, page.say_of(&absent.why)))
        .collect();
    for line in lines {
        page.line(&line);
    }
}

impl Reply for TitleWhere {
    fn exit(&self, _: bool) -> Exit {
        exit(&self.coverage)
    }

    fn message(&self, _: bool) -> Option<Message> {
        partial(&self.coverage)
    }

    fn show(&self, page: &mut Page) {
        let name = self.title.as_ref().map(|title| title.name.clone()).unwrap_or_default();
        page.fields(&[(BOOK, name), (("ISBN", "ISBN"), self.total.title.to_string())]);
        let mut rows: Vec<[String; 6]> =
            self.branches.iter().map(|at| title_row(page, at)).collect();
        rows.push(held(page.pick(("Tổng", "Total")).to_owned(), &self.total));
        let heads = [
            BRANCH,
            COPIES,
            FREE,
            ON_LOAN,
            ("Đang chuyển", "In transit"),
            ("Không dùng được", "Unusable"),
        ];
        page.table(heads, &rows);
        absent(page, &self.coverage.absent);
        for at in &self.branches {
            if let Some(time) = at.known.as_ref().and_then(|known| known.as_of) {
                page.fields(&[(AS_OF, page.time(time))]);
            }
        }
    }
}

fn held(name: String, holding: &lienthu_port::whereabouts::Holding) -> [String; 6] {
    let [copies, free, on_loan, in_transit, unusable] =
        [holding.copies, holding.free, holding.on_loan, holding.in_transit, holding.unusable]
            .map(|count| count.to_string());
    [name, copies, free, on_loan, in_transit, unusable]
}

fn title_row(page: &Page, at: &TitleAt) -> [String; 6] {
    let branch = at.branch.to_string();
    match (&at.holding, &at.known) {
        (Some(holding), _) => held(branch, holding),
        // What this desk knows is no answer of the site's.
        (None, Some(known)) => {
            let about = |count: u32| format!("~{count}");
            let none = String::new;
            [branch, about(known.copies), about(known.free), none(), none(), none()]
        }
        (None, None) => {
            let missing = page.pick(("chưa rõ", "not known")).to_owned();
            [branch, missing, String::new(), String::new(), String::new(), String::new()]
        }
    }
}

impl Reply for CopyWhere {
    fn exit(&self, _: bool) -> Exit {
        match (&self.whereabouts, exit(&self.coverage)) {
            (Whereabouts::Unknown, Exit::Done) => Exit::Refused,
            (_, exit) => exit,
        }
    }

    fn message(&self, _: bool) -> Option<Message> {
        let unknown = || SiteError::Obstructed { obstacle: Obstacle::Unknown }.message();
        match (&self.whereabouts, partial(&self.coverage)) {
            (Whereabouts::Unknown, None) => Some(unknown()),
            (_, partial) => partial,
        }
    }

    fn show(&self, page: &mut Page) {
        let verdict = match &self.whereabouts {
            Whereabouts::At { branch } => format!("{}: {branch}", page.pick(("Ở", "At"))),
            Whereabouts::WentTo { branch } => {
                format!("{}: {branch}", page.pick(("Đã chuyển đến", "Went to")))
            }
            Whereabouts::AtSeveral { branches } => {
                let names: Vec<&str> = branches.iter().map(AsRef::as_ref).collect();
                let several = page.pick((
                    "CÙNG LÚC ở nhiều chi nhánh, cần người xem lại",
                    "At several branches AT ONCE, someone has to look",
                ));
                format!("{several}: {}", names.join(", "))
            }
            Whereabouts::Unknown => page
                .pick(("Chi nhánh đã trả lời không có quyển này.", "No site that answered has it."))
                .to_owned(),
        };
        page.line(&verdict);
        let rows: Vec<[String; 7]> = self
            .places
            .iter()
            .map(|place| {
                [
                    place.copy.branch.to_string(),
                    place.copy.barcode.to_string(),
                    place.title.name.clone(),
                    page.pick(state(place.copy.state)).to_owned(),
                    or_empty(place.copy.forwarded_to.as_ref()),
                    place.holder.as_ref().map(|card| card.name.clone()).unwrap_or_default(),
                    or_empty(place.loan.as_ref().map(|loan| &loan.due)),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let heads = [BRANCH, BARCODE, BOOK, STATE, ("Chuyển đến", "Moved to"), PATRON, DUE];
            page.table(heads, &rows);
        }
        for place in &self.places {
            if let Some(from) = &place.coming_from {
                let coming = page.pick(("Đang trên đường từ", "On its way from"));
                page.line(&format!("{coming} {from}"));
            }
            if let Some(txn) = place.held_by {
                let held = page.pick(("Đang được giữ bởi lần chuyển", "Held by the transfer"));
                page.line(&format!("{held} {txn}"));
            }
        }
        absent(page, &self.coverage.absent);
    }
}

impl Reply for PatronsWhere {
    fn exit(&self, _: bool) -> Exit {
        exit(&self.coverage)
    }

    fn message(&self, _: bool) -> Option<Message> {
        partial(&self.coverage)
    }

    fn show(&self, page: &mut Page) {
        if self.found.cards.is_empty() {
            page.say(("Không tìm thấy độc giả nào.", "No patrons were found."));
        } else {
            let rows: Vec<[String; 5]> = self
                .found
                .cards
                .iter()
                .map(|card| {
                    [
                        card.branch.to_string(),
                        card.code.to_string(),
                        card.name.clone(),
                        card.category.to_string(),
                        or_empty(card.home_branch.as_ref()),
                    ]
                })
                .collect();
            let heads = [
                BRANCH,
                ("Mã thẻ", "Card"),
                ("Họ tên", "Name"),
                ("Loại", "Category"),
                ("Chi nhánh gốc", "Home branch"),
            ];
            page.table(heads, &rows);
        }
        if !self.found.cut.is_empty() {
            page.say((
                "Còn nhiều hơn thế. Gõ thêm chữ để tìm hẹp hơn.",
                "There are more. Type more words to narrow it down.",
            ));
        }
        absent(page, &self.coverage.absent);
    }
}

impl Reply for HistoryWhere {
    fn exit(&self, _: bool) -> Exit {
        exit(&self.coverage)
    }

    fn message(&self, _: bool) -> Option<Message> {
        partial(&self.coverage)
    }

    fn show(&self, page: &mut Page) {
        for card in &self.history.cards {
            page.line(&format!("{} {}: {}", card.branch, card.code, card.name));
        }
        let rows: Vec<[String; 6]> = self
            .history
            .loans
            .iter()
            .map(|line| {
                let loan = &line.loan;
                let ended = match (loan.undone, loan.returned_on) {
                    (true, _) => page.pick(("đã hoàn tác", "undone")).to_owned(),
                    (false, date) => or_empty(date.as_ref()),
                };
                [
                    loan.branch.to_string(),
                    loan.copy.to_string(),
                    line.title.clone(),
                    page.time(loan.borrowed_at),
                    loan.due.to_string(),
                    ended,
                ]
            })
            .collect();
        if rows.is_empty() {
            page.say(("Không có phiếu mượn nào.", "There are no loans."));
        } else {
            let heads = [BRANCH, BARCODE, BOOK, ("Mượn lúc", "Lent"), DUE, ("Trả ngày", "Back")];
            page.table(heads, &rows);
        }
        if let Some(place) = &self.history.behind {
            let more = page.pick(("Trang sau", "Next page"));
            page.line(&format!("{more}: --behind {},{}", place.borrowed_at, place.borrow));
        }
        absent(page, &self.coverage.absent);
    }
}

impl Reply for StatisticsView {
    fn exit(&self, _: bool) -> Exit {
        exit(&self.coverage)
    }

    fn message(&self, _: bool) -> Option<Message> {
        partial(&self.coverage)
    }

    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 8]> = self
            .figures
            .branches
            .iter()
            .map(|branch| {
                [
                    branch.branch.to_string(),
                    branch.copies.to_string(),
                    branch.on_loan.to_string(),
                    branch.overdue.to_string(),
                    branch.patrons.to_string(),
                    branch.loans.to_string(),
                    branch.returns.to_string(),
                    branch.new_patrons.to_string(),
                ]
            })
            .collect();
        let overdue = ("Quá hạn", "Overdue");
        let patrons = ("Độc giả", "Patrons");
        page.table([BRANCH, COPIES, ON_LOAN, overdue, patrons, LOANS, RETURNS, NEW_PATRONS], &rows);
        let rows: Vec<[String; 4]> = self
            .figures
            .steps
            .iter()
            .map(|step| {
                [
                    step.from.to_string(),
                    step.loans.to_string(),
                    step.returns.to_string(),
                    step.new_patrons.to_string(),
                ]
            })
            .collect();
        page.table([("Từ ngày", "From"), LOANS, RETURNS, NEW_PATRONS], &rows);
        let rows: Vec<[String; 5]> = self
            .figures
            .classes
            .iter()
            .map(|class| {
                let name = class.class.map_or_else(String::new, |digit| format!("{digit}00"));
                [
                    name,
                    class.copies.to_string(),
                    class.free.to_string(),
                    class.on_loan.to_string(),
                    class.loans.to_string(),
                ]
            })
            .collect();
        page.table([("Phân loại", "Class"), COPIES, FREE, ON_LOAN, LOANS], &rows);
        absent(page, &self.coverage.absent);
    }
}

impl Reply for MostLentView {
    fn exit(&self, _: bool) -> Exit {
        exit(&self.coverage)
    }

    fn message(&self, _: bool) -> Option<Message> {
        partial(&self.coverage)
    }

    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 3]> = self
            .titles
            .iter()
            .map(|lent| {
                let name = lent.title.as_ref().map(|title| title.name.clone()).unwrap_or_default();
                [lent.loans.to_string(), lent.key.to_string(), name]
            })
            .collect();
        page.table([LOANS, ("ISBN", "ISBN"), BOOK], &rows);
        absent(page, &self.coverage.absent);
    }
}

impl Reply for Vec<SiteView> {
    fn exit(&self, _: bool) -> Exit {
        exit(&coverage(self))
    }

    fn message(&self, _: bool) -> Option<Message> {
        partial(&coverage(self))
    }

    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 5]> = self
            .iter()
            .map(|site| {
                let answer = site.after_ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
                let quarantined = site.said.as_ref().is_some_and(|said| said.is_quarantined);
                let note = match (quarantined, site.is_behind) {
                    (true, _) => page.pick(("chờ phục hồi xong", "restored, waits to be told")),
                    (_, true) => page.pick(("chưa biết thay đổi mới nhất", "behind the others")),
                    _ => page.pick(breaker(&site.breaker)),
                };
                let standing = site.standing.map_or("", |standing| page.pick(stands(standing)));
                [
                    site.branch.to_string(),
                    site.name.clone(),
                    standing.to_owned(),
                    answer,
                    note.to_owned(),
                ]
            })
            .collect();
        let heads = [
            BRANCH,
            ("Tên", "Name"),
            ("Tham gia", "Standing"),
            ("Trả lời sau", "Answers in"),
            ("Ghi chú", "Note"),
        ];
        page.table(heads, &rows);
        absent(page, &coverage(self).absent);
    }
}

/// Which sites answered.
fn coverage(sites: &[SiteView]) -> Coverage {
    let present = sites.iter().filter(|site| site.absent.is_none());
    Coverage {
        present: present.map(|site| site.branch.clone()).collect(),
        absent: sites.iter().filter_map(|site| site.absent.clone()).collect(),
    }
}

const fn breaker(view: &BreakerView) -> Sentence {
    match view {
        BreakerView::Closed { .. } => ("", ""),
        BreakerView::Open { .. } => ("tạm không hỏi", "not asked for a while"),
        BreakerView::HalfOpen => ("đang thử lại", "being tried"),
    }
}

const fn stands(standing: BranchStanding) -> Sentence {
    match standing {
        BranchStanding::Active => ("có", "active"),
        BranchStanding::Away => ("tạm vắng", "away"),
        BranchStanding::Closed => ("đã đóng", "closed"),
    }
}
