//! What is odd about events, for someone to look at, and what they may say to it.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::ids::{Barcode, EventId};
use crate::refusal::Refusal;
use crate::times::LocalDate;

/// What is odd about an event. Together with the event's id it names a review item: whoever folds the
/// timeline again finds the same items again.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    /// This loan was still open when its copy was lent again: a return was missed.
    ReturnMissed,
    /// This return found no open loan.
    ReturnWithoutLoan,
    /// This renewal does not fit the loan that was open then.
    RenewalMismatch,
    /// This undo names nothing that can be undone, or nothing that is known yet.
    UndoWithoutTarget,
    /// This event and the one named beside it are closer than their clocks can tell apart.
    OrderUncertain,
    /// The copy is not known at the site; the event takes effect when it is.
    CopyUnknown,
    /// The patron is not known at the site.
    PatronUnknown,
    /// The copy was reported damaged, lost or withdrawn, or was on its way, and was lent or returned.
    CopyNotInCollection,
    /// What happened offline would have been refused; see [`Flag::refusal`].
    RuleBroken,
    /// The person who scanned has no right to lend any more.
    ScannerLostRole,
}

impl FlagKind {
    /// All of them, in the order in which they are declared.
    pub const ALL: [Self; 10] = [
        Self::ReturnMissed,
        Self::ReturnWithoutLoan,
        Self::RenewalMismatch,
        Self::UndoWithoutTarget,
        Self::OrderUncertain,
        Self::CopyUnknown,
        Self::PatronUnknown,
        Self::CopyNotInCollection,
        Self::RuleBroken,
        Self::ScannerLostRole,
    ];

    /// The name that is stored and sent.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReturnMissed => "return_missed",
            Self::ReturnWithoutLoan => "return_without_loan",
            Self::RenewalMismatch => "renewal_mismatch",
            Self::UndoWithoutTarget => "undo_without_target",
            Self::OrderUncertain => "order_uncertain",
            Self::CopyUnknown => "copy_unknown",
            Self::PatronUnknown => "patron_unknown",
            Self::CopyNotInCollection => "copy_not_in_collection",
            Self::RuleBroken => "rule_broken",
            Self::ScannerLostRole => "scanner_lost_role",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    /// What to tell a librarian, in Vietnamese and English.
    #[must_use]
    pub const fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::ReturnMissed => (
                "Sách được cho mượn lần nữa khi phiếu này chưa trả. Hỏi độc giả rồi ghi ngày trả thật.",
                "The book was lent again while this loan was open. Ask the patron and enter the real return date.",
            ),
            Self::ReturnWithoutLoan => (
                "Sách được trả nhưng không có phiếu mượn nào đang mở. Kiểm tra mã vạch rồi xác nhận.",
                "The book came back but no loan was open. Check the barcode, then confirm.",
            ),
            Self::RenewalMismatch => (
                "Gia hạn không khớp với phiếu đang mở lúc đó. Kiểm tra hạn trả với độc giả.",
                "The renewal does not fit the loan open at that time. Check the due date with the patron.",
            ),
            Self::UndoWithoutTarget => (
                "Lệnh hoàn tác không tìm thấy thao tác cần hoàn tác. Xem lại phiếu của quyển này.",
                "The undo found nothing to take back. Look at the loans of this copy.",
            ),
            Self::OrderUncertain => (
                "Hai thao tác quá gần nhau, không chắc cái nào trước. Kiểm tra phiếu rồi xác nhận.",
                "Two scans are too close to tell which came first. Check the loans, then confirm.",
            ),
            Self::CopyUnknown => (
                "Chi nhánh chưa có quyển sách này. Nhập quyển sách, thao tác sẽ tự có hiệu lực.",
                "The branch does not know this copy. Add it, and the scan takes effect by itself.",
            ),
            Self::PatronUnknown => (
                "Chi nhánh chưa có độc giả này. Lập thẻ cho mã này rồi xác nhận.",
                "The branch does not know this patron. Make a card with this code, then confirm.",
            ),
            Self::CopyNotInCollection => (
                "Quyển này được ghi là hỏng, mất, thanh lý hoặc đang chuyển. Sửa lại tình trạng sách.",
                "This copy is on record as damaged, lost, withdrawn or in transit. Correct its state.",
            ),
            Self::RuleBroken => (
                "Thao tác lúc mất liên lạc trái quy định. Xem lý do rồi xác nhận hoặc hoàn tác.",
                "What was done offline broke a rule. See why, then confirm or undo it.",
            ),
            Self::ScannerLostRole => (
                "Người quét không còn quyền thủ thư. Xem lại thao tác rồi xác nhận hoặc hoàn tác.",
                "The person who scanned is no longer a librarian. Look at the scan, then confirm or undo.",
            ),
        }
    }
}

/// One odd thing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
pub struct Flag {
    /// The event that it is about.
    pub event: EventId,
    /// What is odd.
    pub kind: FlagKind,
    /// The rule, where the kind is [`FlagKind::RuleBroken`].
    pub refusal: Option<Refusal>,
    /// The other event, where two are involved.
    pub other: Option<EventId>,
}

impl Flag {
    /// A flag with nothing beside it.
    #[must_use]
    pub const fn new(event: EventId, kind: FlagKind) -> Self {
        Self { event, kind, refusal: None, other: None }
    }
}

/// What someone decided about a review item. A settlement is an event like any other; of several for
/// one item the last in order holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Settlement {
    /// It is right as it stands.
    Confirmed,
    /// Of [`FlagKind::ReturnMissed`]: the book came back on this date. Shown on the loan; its place
    /// in the order stays.
    ReturnedOn {
        /// The date to show.
        date: LocalDate,
    },
}

/// A flag that nobody has settled yet, with what a librarian needs to see to settle it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReviewItem {
    /// What is odd.
    #[serde(flatten)]
    pub flag: Flag,
    /// The event's copy.
    pub copy: Barcode,
    /// The event itself.
    pub about: crate::event::Event,
    /// Whose login sent the event.
    pub sent_by: Option<crate::ids::StaffLogin>,
}
