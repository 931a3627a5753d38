//! What every site holds, and the changes of it that wait.

use lienthu_api::catalogue::{
    AgainstView, BranchesView, ClosedDaysView, ImportView, PendingPage, PendingState, PendingView,
    PoliciesView,
};
use lienthu_domain::action::{CatalogueChange, Resource};
use lienthu_domain::replicated::{BranchStanding, ReplicatedRow};
use lienthu_port::changes::ChangeCounts;
use lienthu_port::message::Message;

use super::{BOOK, STATE, WHAT, WHEN};
use crate::exit::Exit;
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

const CODE: Sentence = ("Mã", "Code");
const NAME: Sentence = ("Tên", "Name");
const BRANCH: Sentence = ("Chi nhánh", "Branch");
const CHANGE: Sentence = ("Mã thay đổi", "Change");
/// In place of a branch or category that is not named.
const ALL: Sentence = ("tất cả", "all");

const fn state(state: PendingState) -> Sentence {
    match state {
        PendingState::Waiting => ("đang chờ", "waiting"),
        PendingState::Done => ("đã xong", "done"),
        PendingState::Refused => ("bị từ chối", "refused"),
        PendingState::Withdrawn => ("đã rút lại", "withdrawn"),
    }
}

const fn standing(standing: BranchStanding) -> Sentence {
    match standing {
        BranchStanding::Active => ("hoạt động", "active"),
        BranchStanding::Away => ("tạm vắng", "away"),
        BranchStanding::Closed => ("đã đóng", "closed"),
    }
}

const fn kind(change: &CatalogueChange) -> Sentence {
    match change {
        CatalogueChange::PutTitle { seen: None, .. } => ("thêm đầu sách", "add title"),
        CatalogueChange::PutTitle { .. } => ("sửa đầu sách", "change title"),
        CatalogueChange::RemoveTitle { .. } => ("xóa đầu sách", "remove title"),
        CatalogueChange::PutBranch { seen: None, .. } => ("thêm chi nhánh", "add branch"),
        CatalogueChange::PutBranch { .. } => ("sửa chi nhánh", "change branch"),
        CatalogueChange::PutPolicy { .. } => ("ghi chính sách mượn", "set loan policy"),
        CatalogueChange::RemovePolicy { .. } => ("bỏ chính sách mượn", "remove loan policy"),
        CatalogueChange::PutClosedDay { .. } => ("ghi ngày nghỉ", "set closed day"),
        CatalogueChange::RemoveClosedDay { .. } => ("bỏ ngày nghỉ", "remove closed day"),
        CatalogueChange::Repair { .. } => ("sửa cho giống nhau", "repair"),
        CatalogueChange::Activate { .. } => ("cho hoạt động lại chi nhánh", "activate branch"),
    }
}

fn key(of: &Resource) -> String {
    of.stored().1
}

fn what(view: &PendingView, page: &Page) -> String {
    let Some(first) = view.first.first() else { return String::new() };
    let more = view.size.saturating_sub(1);
    let more = if more > 0 { format!(" (+{more})") } else { String::new() };
    format!("{} {}{more}", page.pick(kind(first)), key(&first.resource()))
}

/// What a row says, its key left out.
pub(super) fn row(row: &ReplicatedRow, page: &Page) -> String {
    let all = |code: Option<String>| code.unwrap_or_else(|| page.pick(ALL).to_owned());
    match row {
        ReplicatedRow::Title(title) => {
            let year = title.year.map(|year| year.to_string()).unwrap_or_default();
            let parts =
                [&title.name, &title.author, &title.publisher, &year, &title.ddc, &title.language];
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            parts.cloned().collect::<Vec<_>>().join("; ")
        }
        ReplicatedRow::Branch(branch) => {
            format!("{}; {}; {}", branch.name, branch.address, page.pick(standing(branch.standing)))
        }
        ReplicatedRow::Policy(policy) => {
            let branch = all(policy.branch.as_ref().map(ToString::to_string));
            let category = all(policy.category.as_ref().map(ToString::to_string));
            format!(
                "{branch}, {category}: {} / {} / {} / {}",
                policy.loan_days, policy.loans_max, policy.renewals_max, policy.renewal_days
            )
        }
        ReplicatedRow::ClosedDay(closed) => {
            format!(
                "{} {}: {}",
                all(closed.branch.as_ref().map(ToString::to_string)),
                closed.date,
                closed.note
            )
        }
    }
}

fn wanted(view: &PendingView, of: &Resource) -> Option<ReplicatedRow> {
    view.first.iter().find(|change| change.resource() == *of).and_then(CatalogueChange::becomes)
}

/// The row as it is to be, and as it stands, one under the other.
fn against(
    view: &PendingView,
    AgainstView { branch, resource, message, stands }: &AgainstView,
    page: &mut Page,
) {
    let line = format!("{branch} {}: {}", key(resource), page.say_of(message));
    page.line(&line);
    if let Some(becomes) = wanted(view, resource) {
        let line = format!("  {}: {}", page.pick(("muốn ghi", "wanted")), row(&becomes, page));
        page.line(&line);
    }
    if let Some(stands) = stands {
        let line = format!("  {}: {}", page.pick(("hiện tại", "stands")), row(stands, page));
        page.line(&line);
    }
}

impl Reply for PendingView {
    fn exit(&self, require_site: bool) -> Exit {
        match self.state {
            PendingState::Refused => Exit::Refused,
            PendingState::Waiting if require_site => Exit::Queued,
            _ => Exit::Done,
        }
    }

    fn message(&self, require_site: bool) -> Option<Message> {
        let is_said = self.state == PendingState::Refused
            || (self.state == PendingState::Waiting && require_site);
        self.message.clone().filter(|_| is_said)
    }

    fn show(&self, page: &mut Page) {
        page.fields(&[
            (WHAT, what(self, page)),
            (STATE, page.pick(state(self.state)).to_owned()),
            (CHANGE, self.id.to_string()),
        ]);
        if let Some(message) = &self.message {
            page.message(message);
        }
        if self.is_withdrawing {
            page.say((
                "Đang rút lại: chờ biết thay đổi đã được ghi hay chưa.",
                "It is being withdrawn, once it is known whether that came too late.",
            ));
        }
        for one in &self.against {
            against(self, one, page);
        }
    }
}

impl Reply for PendingPage {
    fn show(&self, page: &mut Page) {
        if self.changes.is_empty() {
            page.say(("Không có thay đổi nào.", "There are no changes."));
            return;
        }
        let rows: Vec<[String; 4]> = self
            .changes
            .iter()
            .map(|view| {
                [
                    page.time(view.made_at),
                    what(view, page),
                    page.pick(state(view.state)).to_owned(),
                    view.id.to_string(),
                ]
            })
            .collect();
        page.table([WHEN, WHAT, STATE, CHANGE], &rows);
        let messages: Vec<Message> =
            self.changes.iter().filter_map(|view| view.message.clone()).collect();
        page.notes(&messages);
    }
}

impl Reply for BranchesView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 4]> = self
            .branches
            .iter()
            .map(|branch| {
                [
                    branch.code.to_string(),
                    branch.name.clone(),
                    branch.address.clone(),
                    page.pick(standing(branch.standing)).to_owned(),
                ]
            })
            .collect();
        page.table([CODE, NAME, ("Địa chỉ", "Address"), STATE], &rows);
    }
}

impl Reply for PoliciesView {
    fn show(&self, page: &mut Page) {
        let rows: Vec<[String; 6]> = self
            .policies
            .iter()
            .map(|policy| {
                let all = || page.pick(ALL).to_owned();
                [
                    policy.branch.as_ref().map_or_else(all, ToString::to_string),
                    policy.category.as_ref().map_or_else(all, ToString::to_string),
                    policy.loan_days.to_string(),
                    policy.loans_max.to_string(),
                    format!("{} × {}", policy.renewals_max, policy.renewal_days),
                    page.pick(if policy.may_override { ("có", "yes") } else { ("không", "no") })
                        .to_owned(),
                ]
            })
            .collect();
        let heads = [
            BRANCH,
            ("Loại", "Category"),
            ("Số ngày", "Days"),
            ("Tối đa", "Loans"),
            ("Gia hạn", "Renewals"),
            ("Được bỏ qua", "Override"),
        ];
        page.table(heads, &rows);
    }
}

impl Reply for ClosedDaysView {
    fn show(&self, page: &mut Page) {
        if self.days.is_empty() {
            page.say(("Không có ngày nghỉ nào.", "There are no closed days."));
            return;
        }
        let rows: Vec<[String; 3]> = self
            .days
            .iter()
            .map(|day| {
                let all = || page.pick(ALL).to_owned();
                let branch = day.branch.as_ref().map_or_else(all, ToString::to_string);
                [day.date.to_string(), branch, day.note.clone()]
            })
            .collect();
        page.table([("Ngày", "Date"), BRANCH, ("Lý do", "Why")], &rows);
    }
}

impl Reply for ImportView {
    fn exit(&self, require_site: bool) -> Exit {
        let ChangeCounts { waiting, refused, .. } = self.counts;
        match (refused, waiting) {
            (1.., _) => Exit::Refused,
            (_, 1..) if require_site => Exit::Queued,
            _ => Exit::Done,
        }
    }

    fn message(&self, require_site: bool) -> Option<Message> {
        match self.exit(require_site) {
            Exit::Refused => Some(Message::new(
                "import_refused",
                (
                    "Có đầu sách vừa được người khác ghi khác đi. Xem bằng title pending --filter refused.",
                    "Some titles were written otherwise by someone else. See title pending --filter refused.",
                ),
            )),
            Exit::Queued => Some(Message::new(
                "import_waits",
                (
                    "Một phần đang chờ chi nhánh. Xem bằng title pending.",
                    "A part of it waits for a site. See title pending.",
                ),
            )),
            _ => None,
        }
    }

    fn show(&self, page: &mut Page) {
        let import = self.import.as_ref().map(|import| import.id.to_string()).unwrap_or_default();
        page.fields(&[
            (("Đầu sách trong tệp", "Titles in the file"), self.titles.to_string()),
            (("Bản ghi không dùng được", "Records that cannot be used"), self.unusable.to_string()),
            (("Mới", "New"), self.new.to_string()),
            (("Đã có, giống hệt", "There already, the same"), self.same.to_string()),
            (("Đã có, khác", "There already, otherwise"), self.differing.to_string()),
            (("Thay thế", "Replaced"), self.replaced.to_string()),
            (("Đã ghi", "Done"), self.counts.changes_done.to_string()),
            (("Đang chờ", "Waiting"), self.counts.changes_waiting.to_string()),
            (("Bị từ chối", "Refused"), self.counts.changes_refused.to_string()),
            (("Mã lần nhập", "Import"), import),
        ]);
        for example in &self.examples {
            let line = format!("{}: {}", example.record, page.say_of(&example.message));
            page.line(&line);
        }
        let rows: Vec<[String; 3]> = self
            .differing_titles
            .iter()
            .map(|one| {
                let stands = row(&ReplicatedRow::Title(one.stands.clone()), page);
                let becomes = row(&ReplicatedRow::Title(one.becomes.clone()), page);
                [one.stands.key.to_string(), stands, becomes]
            })
            .collect();
        if !rows.is_empty() {
            page.table([BOOK, ("Hiện tại", "Stands"), ("Trong tệp", "In the file")], &rows);
        }
    }
}
