//! What stands against an action at a site, thing by thing: a closed list, the same at every kind of site.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::action::{AuditedState, MovingCopy, Version};
use crate::coded::coded;
use crate::copy::{Copy, CopyCondition, CopyDetails, CopyState};
use crate::ids::BranchCode;
use crate::replicated::{Branch, BranchStanding};

/// Why an action cannot be done to a thing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// There is none with this key here.
    Unknown,
    /// Another transaction holds it.
    Held,
    /// A patron has it.
    OnLoan,
    /// It has not been received here yet.
    InTransit,
    /// It went there already.
    AlreadyThere,
    /// It went to another branch.
    Forwarded,
    /// It is on record as lost.
    Lost,
    /// The site has another copy under this barcode.
    CodeCollides,
    /// The title is not in the site's catalogue.
    TitleUnknown,
    /// Copies of the title are left, or on their way.
    TitleHasCopies,
    /// There is one with this key already.
    AlreadyExists,
    /// It is not any more what was seen.
    ChangedMeanwhile,
    /// The branch does not belong to the network, or is not active.
    BranchNotActive,
    /// A text is empty that must not be, or longer than its column.
    FieldWrong,
    /// A branch is away, and may have copies of the title: a removal waits until it is active again.
    BranchAway,
    /// Copies are left at the branch that is to be closed, or on their way there.
    BranchHasCopies,
    /// Books that the branch which is to be closed has lent are still out.
    BranchHasLoans,
    /// No branch would be left that takes part.
    LastActiveBranch,
    /// A branch begins as away, and is active only once its site was filled and audited.
    NotAudited,
}

coded!(Hindrance {
    Unknown = "unknown",
    Held = "held",
    OnLoan = "on_loan",
    InTransit = "in_transit",
    AlreadyThere = "already_there",
    Forwarded = "forwarded",
    Lost = "lost",
    CodeCollides = "code_collides",
    TitleUnknown = "title_unknown",
    TitleHasCopies = "title_has_copies",
    AlreadyExists = "already_exists",
    ChangedMeanwhile = "changed_meanwhile",
    BranchNotActive = "branch_not_active",
    FieldWrong = "field_wrong",
    BranchAway = "branch_away",
    BranchHasCopies = "branch_has_copies",
    BranchHasLoans = "branch_has_loans",
    LastActiveBranch = "last_active_branch",
    NotAudited = "not_audited",
});

impl Hindrance {
    /// What it means and what to do, in Vietnamese and English.
    #[must_use]
    pub const fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => (
                "Chi nhánh không có mã này. Kiểm tra mã và chi nhánh.",
                "The branch has none with this code. Check the code and the branch.",
            ),
            Self::Held => (
                "Đang trong một giao dịch khác chưa xong. Đợi xong rồi làm lại.",
                "Another transaction that is not finished holds it. Try again when it is.",
            ),
            Self::OnLoan => (
                "Đang có người mượn. Nhận trả trước rồi chuyển.",
                "A patron has it. Take it back first, then move it.",
            ),
            Self::InTransit => (
                "Đang trên đường tới chi nhánh này. Nhận ở chi nhánh này trước.",
                "It is on its way to this branch. Receive it there first.",
            ),
            Self::AlreadyThere => (
                "Đã ở chi nhánh đó rồi. Không cần chuyển hay nhận nữa.",
                "It is there already. There is nothing to move or receive.",
            ),
            Self::Forwarded => (
                "Đã chuyển sang chi nhánh khác. Chuyển từ chi nhánh đang giữ.",
                "It went to another branch. Move it from where it is now.",
            ),
            Self::Lost => (
                "Đang ghi là mất. Tìm thấy thì sửa tình trạng trước rồi chuyển.",
                "It is on record as lost. If it was found, change that first, then move it.",
            ),
            Self::CodeCollides => (
                "Chi nhánh đến đã có một quyển khác mang mã này. Dán mã mới trước rồi chuyển.",
                "The other branch has another book under this barcode. Give it a new label first.",
            ),
            Self::TitleUnknown => (
                "Đầu sách chưa có trong danh mục của chi nhánh đến. Kiểm tra bản sao danh mục.",
                "The title is not in the other branch's catalogue. Audit the replicas.",
            ),
            Self::TitleHasCopies => (
                "Đầu sách còn quyển, hoặc có quyển đang chuyển. Xử lý các quyển trước.",
                "Copies of the title are left, or on their way. Deal with them first.",
            ),
            Self::AlreadyExists => (
                "Mã này đã có. Dùng mã khác hoặc mở bản ghi đã có.",
                "There is one with this code already. Use another, or open that record.",
            ),
            Self::ChangedMeanwhile => (
                "Vừa được người khác sửa. Xem lại rồi làm tiếp.",
                "Someone changed it meanwhile. Look again, then go on.",
            ),
            Self::BranchNotActive => (
                "Chi nhánh không thuộc mạng hoặc không hoạt động. Kiểm tra danh sách chi nhánh.",
                "The branch is not in the network, or not active. Check the list of branches.",
            ),
            Self::FieldWrong => (
                "Có ô bị trống hoặc quá dài. Kiểm tra lại các ô.",
                "A field is empty or too long. Check the fields.",
            ),
            Self::BranchAway => (
                "Có chi nhánh đang tạm vắng, không biết còn giữ quyển nào. Đợi chi nhánh hoạt động lại rồi xóa.",
                "A branch is away, and nobody knows what it has. Remove it when the branch is active again.",
            ),
            Self::BranchHasCopies => (
                "Chi nhánh còn sách hoặc có sách đang chuyển đến. Chuyển đi hết rồi đóng.",
                "Copies are left at the branch, or on their way there. Move them all away, then close it.",
            ),
            Self::BranchHasLoans => (
                "Chi nhánh còn phiếu mượn chưa trả. Nhận trả hết rồi đóng.",
                "The branch has open loans. Take all books back, then close it.",
            ),
            Self::LastActiveBranch => (
                "Đây là chi nhánh hoạt động cuối cùng. Kích hoạt chi nhánh khác trước.",
                "It is the last active branch. Make another one active first.",
            ),
            Self::NotAudited => (
                "Chi nhánh bắt đầu ở trạng thái tạm vắng và chỉ hoạt động sau khi dữ liệu được nạp và kiểm tra.",
                "A branch begins as away, and is active only once its site was filled and audited.",
            ),
        }
    }
}

impl Hindrance {
    /// Whether it goes by itself, so that the same action may be done later.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(self, Self::Held | Self::BranchAway)
    }
}

/// What a site knows of a barcode.
#[derive(Debug, Clone, Copy)]
pub struct CopyAt<'a> {
    /// The row, also of one that was removed.
    pub row: Option<&'a Copy>,
    /// It was removed.
    pub is_removed: bool,
    /// How many transfers it has made.
    pub hops: u32,
    /// Another transaction holds the barcode.
    pub is_held: bool,
}

/// What stands against a transfer to a branch, as the site knows it that the copies leave.
#[must_use]
pub fn against_destination(known_as: Option<BranchStanding>) -> Option<Hindrance> {
    (known_as != Some(BranchStanding::Active)).then_some(Hindrance::BranchNotActive)
}

/// What stands against a copy's leaving for a branch, from where it is.
#[must_use]
pub fn against_leaving(at: CopyAt<'_>, moving: &MovingCopy, to: &BranchCode) -> Option<Hindrance> {
    let details = &moving.details;
    let Some(copy) = at.row.filter(|_| !at.is_removed) else { return Some(Hindrance::Unknown) };
    if at.is_held {
        return Some(Hindrance::Held);
    }
    match copy.state {
        CopyState::OnLoan => return Some(Hindrance::OnLoan),
        CopyState::InTransit => return Some(Hindrance::InTransit),
        CopyState::Forwarded if copy.forwarded_to.as_ref() == Some(to) => {
            return Some(Hindrance::AlreadyThere);
        }
        CopyState::Forwarded => return Some(Hindrance::Forwarded),
        CopyState::Lost => return Some(Hindrance::Lost),
        CopyState::Free | CopyState::Damaged | CopyState::Withdrawn => {}
    }
    let is_as_seen = at.hops + 1 == moving.hop
        && copy.title == details.title
        && copy.condition == details.condition
        && copy.shelf_mark == details.shelf_mark
        && copy.price_vnd == details.price_vnd;
    (!is_as_seen).then_some(Hindrance::ChangedMeanwhile)
}

/// What stands against a copy's arriving at a site that knows this of its barcode. One that went away comes
/// home, and one that was removed is there again, as long as it is the same title's.
#[must_use]
pub fn against_arriving(
    at: CopyAt<'_>,
    details: &CopyDetails,
    has_title: bool,
) -> Option<Hindrance> {
    if at.is_held {
        return Some(Hindrance::Held);
    }
    if !has_title {
        return Some(Hindrance::TitleUnknown);
    }
    let row = at.row?;
    let has_gone = at.is_removed || row.condition == CopyCondition::Forwarded;
    (!has_gone || row.title != details.title).then_some(Hindrance::CodeCollides)
}

/// Why a copy that nobody sent here is not received.
#[must_use]
pub fn against_receiving(known: Option<&Copy>) -> Hindrance {
    match known.map(|copy| copy.condition) {
        None => Hindrance::Unknown,
        Some(CopyCondition::Forwarded) => Hindrance::Forwarded,
        // It leaves, and its transfer is not decided yet.
        Some(CopyCondition::InTransit) => Hindrance::Held,
        Some(_) => Hindrance::AlreadyThere,
    }
}

/// What stands against writing a row that every site holds, of which someone saw this and the site has that.
#[must_use]
pub fn against_put<R: PartialEq>(seen: Option<&R>, found: Option<&R>) -> Option<Hindrance> {
    match (seen, found) {
        (None, None) => None,
        (None, Some(_)) => Some(Hindrance::AlreadyExists),
        (Some(_), None) => Some(Hindrance::Unknown),
        (Some(seen), Some(found)) => (seen != found).then_some(Hindrance::ChangedMeanwhile),
    }
}

/// What stands against making a row the same everywhere again, where the site has this version of it.
#[must_use]
pub fn against_repair(seen: &BTreeSet<Version>, found: Version) -> Option<Hindrance> {
    (!seen.contains(&found)).then_some(Hindrance::ChangedMeanwhile)
}

/// What stands against letting a branch take part again, at a site whose last change of such a row has this number.
/// One that was not audited knows of no state to be in.
#[must_use]
pub fn against_activating(
    seen: &Branch,
    found: Option<&Branch>,
    audited: &[AuditedState],
    here: &BranchCode,
    changed: i64,
) -> Option<Hindrance> {
    let is_as_audited =
        audited.iter().any(|state| state.branch == *here && state.changed == changed);
    against_put(Some(seen), found).or((!is_as_audited).then_some(Hindrance::ChangedMeanwhile))
}

/// What stands against removing a title of which the site has so many copies, arriving ones among them. While
/// a branch is away nobody knows what it has.
#[must_use]
pub fn against_removing_title<R: PartialEq>(
    seen: &R,
    found: Option<&R>,
    copies: u32,
    is_any_away: bool,
) -> Option<Hindrance> {
    against_put(Some(seen), found)
        .or((copies > 0).then_some(Hindrance::TitleHasCopies))
        .or(is_any_away.then_some(Hindrance::BranchAway))
}

/// What the site knows of a branch that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BranchAt {
    /// At the branch's own site: how many copies it has or awaits, and how many loans are open.
    pub own: Option<(u32, u32)>,
    /// Another branch is active.
    pub has_active_others: bool,
}

/// What stands against changing a branch. Away is where a branch begins, and from where it becomes active: once
/// its site was filled and audited, which is another change than this one. A branch that is active closes
/// where its own site knows of nothing that it keeps or has lent; of one that is away nobody can know, and to
/// close it is how a site is given up that does not come back.
#[must_use]
pub fn against_branch(
    branch: &Branch,
    seen: Option<&Branch>,
    found: Option<&Branch>,
    at: BranchAt,
) -> Option<Hindrance> {
    if let Some(why) = against_put(seen, found) {
        return Some(why);
    }
    let was = found.map(|found| found.standing);
    if was == Some(branch.standing) {
        return None;
    }
    match (was, branch.standing) {
        (_, BranchStanding::Active) | (None, BranchStanding::Closed) => Some(Hindrance::NotAudited),
        (Some(BranchStanding::Active), _) if !at.has_active_others => {
            Some(Hindrance::LastActiveBranch)
        }
        (Some(BranchStanding::Active), BranchStanding::Closed) => match at.own {
            Some((1.., _)) => Some(Hindrance::BranchHasCopies),
            Some((_, 1..)) => Some(Hindrance::BranchHasLoans),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const fn at(own: Option<(u32, u32)>) -> BranchAt {
        BranchAt { own, has_active_others: true }
    }

    fn branch(standing: BranchStanding) -> Branch {
        let (name, address) = ("Thư viện Quận 1".to_owned(), String::new());
        Branch { code: "Q1".parse().unwrap(), name, address, standing }
    }

    fn against(
        from: Option<BranchStanding>,
        to: BranchStanding,
        at: BranchAt,
    ) -> Option<Hindrance> {
        let from = from.map(branch);
        against_branch(&branch(to), from.as_ref(), from.as_ref(), at)
    }

    #[test]
    fn a_branch_becomes_active_by_no_mere_change() {
        use BranchStanding::{Active, Away, Closed};
        for from in [None, Some(Away), Some(Closed)] {
            assert_eq!(against(from, Active, at(None)), Some(Hindrance::NotAudited));
        }
        assert_eq!(against(None, Away, at(None)), None);
        assert_eq!(against(Some(Active), Active, at(Some((5, 5)))), None, "a new name");
        assert_eq!(against(Some(Closed), Away, at(None)), None);
    }

    #[test]
    fn a_branch_closes_when_nothing_is_left_there() {
        use BranchStanding::{Active, Away, Closed};
        assert_eq!(
            against(Some(Active), Closed, at(Some((1, 0)))),
            Some(Hindrance::BranchHasCopies)
        );
        assert_eq!(
            against(Some(Active), Closed, at(Some((0, 1)))),
            Some(Hindrance::BranchHasLoans)
        );
        assert_eq!(against(Some(Active), Closed, at(Some((0, 0)))), None);
        assert_eq!(against(Some(Away), Closed, at(None)), None);
        let last = BranchAt { own: None, has_active_others: false };
        for standing in [Away, Closed] {
            assert_eq!(against(Some(Active), standing, last), Some(Hindrance::LastActiveBranch));
        }
    }
}
