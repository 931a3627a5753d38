//! The state of everything.

use lienthu_api::app::AppView;
use lienthu_desk::error::DeskError;
use lienthu_desk::site_state::SiteState;
use lienthu_port::cache::Knowledge;
use lienthu_port::message::Message;
use lienthu_port::outbox::Enrolment;

use crate::exit::Exit;
use crate::page::Page;
use crate::report::Reply;

impl Reply for AppView {
    fn exit(&self, require_site: bool) -> Exit {
        match self.desk.site {
            SiteState::Reachable | SiteState::Draining { .. } => Exit::Done,
            SiteState::NotTried | SiteState::Unreachable { .. } if require_site => Exit::NoSite,
            SiteState::NotTried | SiteState::Unreachable { .. } => Exit::Done,
        }
    }

    fn message(&self, require_site: bool) -> Option<Message> {
        let needs_site = || {
            let trouble = self.desk.trouble.clone();
            trouble.unwrap_or_else(|| DeskError::NeedsSite.message())
        };
        (!self.exit(require_site).is_ok()).then(needs_site)
    }

    fn show(&self, page: &mut Page) {
        let desk = &self.desk;
        let enrolled = desk.enrolment.as_ref().map_or_else(
            || page.pick(("chưa đăng ký", "not enrolled")).to_owned(),
            |enrolment| format!("{}, {}", enrolment.branch, enrolment.name),
        );
        let person = desk.person.as_ref().map_or_else(String::new, |person| {
            let offline = page.pick((" (không qua chi nhánh)", " (without the site)"));
            format!("{}{}", person.who.name, if person.offline { offline } else { "" })
        });
        page.fields(&[
            (("Phiên bản", "Version"), self.version.clone()),
            (("Quầy", "Desk"), enrolled),
            (("Người dùng", "Signed in"), person),
            (("Chi nhánh", "Site"), site(desk.site, page)),
            (("Chờ gửi", "Waiting"), desk.queue.waiting.to_string()),
            (("Để riêng", "Set aside"), desk.queue.set_aside.to_string()),
            (("Dữ liệu lúc", "Known as of"), as_of(&desk.knowledge, page)),
            (("Đầu sách", "Titles"), desk.knowledge.titles.to_string()),
            (("Quyển sách", "Copies"), desk.knowledge.copies.to_string()),
            (("Độc giả", "Patrons"), desk.knowledge.patrons.to_string()),
        ]);
        if desk.waiting_for_sign_in {
            page.say((
                "Có thao tác chờ gửi, nhưng chưa có ai đủ quyền đăng nhập.",
                "Events wait to be sent, but nobody who may send them is signed in.",
            ));
        }
        page.notes(desk.trouble.as_slice());
        for line in self.demo.iter().flatten() {
            let state = match line.cut {
                true => page.pick(("đã cắt liên lạc", "line cut")),
                false => page.pick(("đang liên lạc", "line whole")),
            };
            page.line(&format!("{}  {}: {state}", line.branch, line.name));
        }
    }
}

impl Reply for Enrolment {
    fn show(&self, page: &mut Page) {
        page.say(("Đã đăng ký máy này.", "This desk is enrolled."));
        page.fields(&[
            (("Chi nhánh", "Branch"), self.branch.to_string()),
            (("Quầy", "Desk"), self.name.clone()),
            (("Mã máy", "Desk id"), self.desk.to_string()),
        ]);
    }
}

fn site(state: SiteState, page: &Page) -> String {
    match state {
        SiteState::NotTried => {
            page.pick(("chưa thử (chưa đăng nhập)", "not tried (nobody signed in)")).to_owned()
        }
        SiteState::Reachable => page.pick(("liên lạc được", "reachable")).to_owned(),
        SiteState::Unreachable { since } => {
            let unreachable = page.pick(("mất liên lạc từ", "unreachable since"));
            format!("{unreachable} {}", page.time(since))
        }
        SiteState::Draining { sent, total } => {
            let draining = page.pick(("đang gửi", "draining"));
            format!("{draining} {sent}/{total}")
        }
    }
}

fn as_of(knowledge: &Knowledge, page: &Page) -> String {
    let never = || page.pick(("chưa có dữ liệu", "nothing known yet")).to_owned();
    let known = knowledge.as_of.map_or_else(never, |at| page.time(at));
    match knowledge.filling_rows {
        Some(rows) => {
            let filling = page.pick(("đang tải, số dòng:", "filling, rows:"));
            format!("{known} ({filling} {rows})")
        }
        None => known,
    }
}
