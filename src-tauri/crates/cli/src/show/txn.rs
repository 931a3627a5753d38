//! Transactions over several sites.

use lienthu_api::recovering::RoundView;
use lienthu_api::transactions::{
    ChangeKind, ForcedView, Forgotten, InDoubtView, OutcomeView, Readmitted, RepairedView,
    SettledView, ShareStateView, ShareView, ToldView, TransactionView, UnheardView, WhatView,
};
use lienthu_port::message::Message;

use crate::exit::Exit;
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

/// Barcodes or rows that are shown of one transaction.
const SHOWN_MAX: usize = 12;

const fn outcome(outcome: OutcomeView) -> Sentence {
    match outcome {
        OutcomeView::Commit => ("thực hiện", "commit"),
        OutcomeView::Abort => ("hủy bỏ", "abort"),
    }
}

const fn state(state: ShareStateView) -> Sentence {
    match state {
        ShareStateView::Unseen => ("chưa biết", "never saw it"),
        ShareStateView::Prepared => ("đã hứa, đang chờ", "prepared, waits"),
        ShareStateView::Committed => ("đã thực hiện", "committed"),
        ShareStateView::Aborted => ("đã hủy bỏ", "aborted"),
        ShareStateView::ForcedCommit => ("bị ép thực hiện", "forced to commit"),
        ShareStateView::ForcedAbort => ("bị ép hủy bỏ", "forced to abort"),
        ShareStateView::WronglyCommitted => {
            ("bị ép thực hiện, TRÁI quyết định", "forced to commit, AGAINST the decision")
        }
        ShareStateView::WronglyAborted => {
            ("bị ép hủy bỏ, TRÁI quyết định", "forced to abort, AGAINST the decision")
        }
        ShareStateView::Restored => ("đã phục hồi từ bản sao lưu", "restored from a backup"),
        ShareStateView::Unreachable => ("không liên lạc được", "unreachable"),
    }
}

const fn change(kind: ChangeKind) -> Sentence {
    match kind {
        ChangeKind::PutTitle => ("ghi đầu sách", "put title"),
        ChangeKind::RemoveTitle => ("xóa đầu sách", "remove title"),
        ChangeKind::PutBranch => ("ghi chi nhánh", "put branch"),
        ChangeKind::PutPolicy => ("ghi chính sách mượn", "put loan policy"),
        ChangeKind::RemovePolicy => ("bỏ chính sách mượn", "remove loan policy"),
        ChangeKind::PutClosedDay => ("ghi ngày nghỉ", "put closed day"),
        ChangeKind::RemoveClosedDay => ("bỏ ngày nghỉ", "remove closed day"),
        ChangeKind::Repair => ("sửa cho giống nhau", "repair"),
        ChangeKind::Activate => ("cho hoạt động lại chi nhánh", "activate branch"),
    }
}

fn shown(all: &[String]) -> String {
    let mut shown = all.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN_MAX {
        shown.push_str(&format!(" … (+{})", all.len() - SHOWN_MAX));
    }
    shown
}

fn what(what: &WhatView, page: &Page) -> String {
    match what {
        WhatView::Transfer { from, to, copies } => {
            let copies: Vec<String> = copies.iter().map(ToString::to_string).collect();
            format!("{from} → {to}: {}", shown(&copies))
        }
        WhatView::Catalogue { changes } => {
            let changes: Vec<String> = changes
                .iter()
                .map(|row| format!("{} {} {}", page.pick(change(row.change)), row.key, row.name))
                .map(|text| text.trim_end().to_owned())
                .collect();
            shown(&changes)
        }
    }
}

fn unheard(all: &[UnheardView], page: &mut Page) {
    for UnheardView { branch, message } in all {
        let line = format!("{branch}: {}", page.say_of(message));
        page.line(&line);
    }
}

fn told(all: &[ToldView], page: &mut Page) {
    for ToldView { branch, done, message } in all {
        let said = match message {
            Some(message) => page.say_of(message),
            None if *done => page.pick(("đã làm", "done")).to_owned(),
            None => page.pick(("không làm", "not done")).to_owned(),
        };
        page.line(&format!("{branch}: {said}"));
    }
}

fn refusal(told: &[ToldView]) -> Option<Message> {
    told.iter().find(|told| !told.done).and_then(|told| told.message.clone())
}

fn first(unheard: &[UnheardView]) -> Option<Message> {
    unheard.first().map(|unheard| unheard.message.clone())
}

fn exit_of(message: Option<&Message>) -> Exit {
    message.map_or(Exit::Done, |message| Exit::of_code(&message.code))
}

/// How long, as a person reads it.
fn age(seconds: u32, page: &Page) -> String {
    let (number, unit) = match seconds {
        0..=119 => (seconds, ("giây", "s")),
        120..=7_199 => (seconds / 60, ("phút", "min")),
        _ => (seconds / 3_600, ("giờ", "h")),
    };
    format!("{number} {}", page.pick(unit))
}

impl Reply for TransactionView {
    fn show(&self, page: &mut Page) {
        let decision = match self.decision {
            Some(decision) => page.pick(outcome(decision)),
            None => page.pick(("chưa rõ", "not known")),
        };
        page.line(&self.txn.to_string());
        page.fields(&[
            (("  Việc", "  What"), what(&self.what, page)),
            (("  Nơi quyết định", "  Decided by"), self.decider.to_string()),
            (("  Quyết định", "  Decision"), decision.to_owned()),
            (("  Đã chờ", "  Age"), age(self.age_s, page)),
        ]);
        for ShareView { branch, state: at, .. } in &self.sites {
            page.line(&format!("    {branch}  {}", page.pick(state(*at))));
        }
        if self.needs_repair {
            page.say(("  Sửa bằng: txn repair", "  To be repaired: txn repair"));
        } else if self.may_force {
            page.say((
                "  Kết thúc khi nơi quyết định liên lạc được. Không chờ được thì: txn force",
                "  It ends once the deciding site can be reached. Where that cannot be waited for: txn force",
            ));
        }
    }
}

impl Reply for InDoubtView {
    fn show(&self, page: &mut Page) {
        if self.transactions.is_empty() {
            page.say(("Không có giao dịch nào dở dang.", "Nothing is unsettled."));
        }
        for transaction in &self.transactions {
            transaction.show(page);
        }
        if self.more {
            page.say(("Còn nữa.", "There are more."));
        }
        if !self.unheard.is_empty() {
            page.say((
                "Chưa hỏi được các chi nhánh sau, có thể còn giao dịch ở đó:",
                "These sites could not be asked, and may have others:",
            ));
            unheard(&self.unheard, page);
        }
    }
}

impl Reply for SettledView {
    fn exit(&self, require_site: bool) -> Exit {
        exit_of(self.message(require_site).as_ref())
    }

    fn message(&self, _: bool) -> Option<Message> {
        if self.decision.is_some() {
            return None;
        }
        first(&self.failed).or_else(|| {
            Some(Message::new(
                "txn_in_doubt",
                (
                    "Chưa biết được quyết định. Thử lại khi liên lạc được với nơi quyết định.",
                    "The decision cannot be known yet. Try again when the deciding site can be reached.",
                ),
            ))
        })
    }

    fn show(&self, page: &mut Page) {
        if let Some(decision) = self.decision {
            let decided = page.pick(("Quyết định", "Decided")).to_owned();
            page.line(&format!("{decided}: {}", page.pick(outcome(decision))));
        }
        if !self.untold.is_empty() {
            let untold: Vec<&str> = self.untold.iter().map(AsRef::as_ref).collect();
            let label = page
                .pick(("Chưa báo được, sẽ báo ở lần sau", "Not told yet, a later round does it"));
            page.line(&format!("{label}: {}", untold.join(", ")));
        }
        unheard(&self.failed, page);
    }
}

impl Reply for ForcedView {
    fn exit(&self, require_site: bool) -> Exit {
        exit_of(self.message(require_site).as_ref())
    }

    fn message(&self, _: bool) -> Option<Message> {
        refusal(&self.sites)
    }

    fn show(&self, page: &mut Page) {
        if let Some(settled) = &self.not_needed {
            page.say((
                "Không cần ép: đã kết thúc theo quyết định.",
                "Nothing had to be forced: it ended as it was decided.",
            ));
            settled.show(page);
        }
        told(&self.sites, page);
    }
}

impl Reply for Forgotten {
    fn exit(&self, require_site: bool) -> Exit {
        exit_of(self.message(require_site).as_ref())
    }

    fn message(&self, _: bool) -> Option<Message> {
        refusal(&self.sites)
    }

    fn show(&self, page: &mut Page) {
        told(&self.sites, page);
    }
}

impl Reply for RepairedView {
    fn exit(&self, require_site: bool) -> Exit {
        exit_of(self.message(require_site).as_ref())
    }

    fn message(&self, _: bool) -> Option<Message> {
        if self.repaired {
            return None;
        }
        first(&self.failed).filter(|_| self.hindered.is_empty()).or_else(|| {
            Some(Message::new(
                "txn_not_repaired",
                (
                    "Chưa sửa được: có chỗ đã khác đi từ đó. Xử lý từng dòng bên dưới rồi chạy lại, hoặc dùng replica repair, rồi txn forget.",
                    "Not repaired: something is not any more what it was. See to each line below and run this again, or use replica repair and then txn forget.",
                ),
            ))
        })
    }

    fn show(&self, page: &mut Page) {
        if self.repaired {
            let parties: Vec<&str> = self.parties.iter().map(AsRef::as_ref).collect();
            let label = page.pick(("Đã sửa ở", "Repaired at"));
            page.line(&format!("{label}: {}", parties.join(", ")));
        }
        for hindered in &self.hindered {
            let why = hindered.why.code();
            page.line(&format!("{}: {} {} [{why}]", hindered.branch, hindered.kind, hindered.key));
        }
        unheard(&self.failed, page);
    }
}

impl Reply for Readmitted {
    fn show(&self, page: &mut Page) {
        let label = page.pick(("lại tham gia; số giao dịch đã báo", "takes part again; told of"));
        page.line(&format!("{} {label}: {}", self.branch, self.transactions));
    }
}

impl Reply for RoundView {
    fn exit(&self, require_site: bool) -> Exit {
        exit_of(self.message(require_site).as_ref())
    }

    fn message(&self, _: bool) -> Option<Message> {
        if let Some(message) = first(&self.unheard) {
            return Some(message);
        }
        (!self.in_doubt.is_empty() || !self.contradicted.is_empty()).then(|| {
            Message::new(
                "txn_unsettled",
                (
                    "Còn giao dịch chưa xong. Quản lý xem bằng txn list.",
                    "Transactions are left that are not settled. A manager sees them by txn list.",
                ),
            )
        })
    }

    fn show(&self, page: &mut Page) {
        for settled in &self.finished {
            page.line(&settled.txn.to_string());
            settled.show(page);
        }
        for (txns, label) in [
            (&self.in_doubt, ("Còn treo", "In doubt")),
            (&self.contradicted, ("Bị ép trái quyết định", "Forced against the decision")),
        ] {
            for txn in txns {
                page.line(&format!("{}: {txn}", page.pick(label)));
            }
        }
        unheard(&self.unheard, page);
        if self.is_quiet() {
            page.say(("Không có gì bị bỏ dở.", "Nothing was left behind."));
        }
    }
}
