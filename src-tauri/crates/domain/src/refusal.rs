//! Why a desk operation is refused: a closed list. Each reason has a code, the error number that the
//! T-SQL raises for it, and a sentence in Vietnamese and English that says what to do.

use serde::{Deserialize, Serialize};
use specta::Type;

macro_rules! refusals {
    ($( $(#[$doc:meta])* $name:ident = $number:literal, $code:literal, $vi:literal, $en:literal; )*) => {
        /// See the module.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Refusal { $( $(#[$doc])* $name, )* }

        impl Refusal {
            /// All reasons, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The name that is stored and sent.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$name => $code, )* }
            }

            /// The T-SQL error number, from 51000.
            #[must_use]
            pub const fn number(self) -> u32 {
                match self { $( Self::$name => $number, )* }
            }

            /// What to tell a librarian, in Vietnamese and English.
            #[must_use]
            pub const fn sentence(self) -> (&'static str, &'static str) {
                match self { $( Self::$name => ($vi, $en), )* }
            }
        }
    };
}

refusals! {
    /// No such copy at this branch.
    CopyUnknown = 51001, "copy_unknown",
        "Không có quyển sách này ở chi nhánh. Kiểm tra mã vạch hoặc nhập quyển sách.",
        "This branch has no such copy. Check the barcode, or add the copy.";
    /// With another patron.
    CopyOnLoan = 51002, "copy_on_loan",
        "Quyển này đang được người khác mượn. Nhận trả trước rồi cho mượn lại.",
        "Another patron has this copy. Take it back first, then lend it.";
    /// With this very patron.
    CopyWithThisPatron = 51003, "copy_with_this_patron",
        "Độc giả này đang mượn chính quyển này. Chọn gia hạn nếu muốn giữ lâu hơn.",
        "This patron already has this copy. Renew it to keep it longer.";
    /// On its way between branches.
    CopyInTransit = 51004, "copy_in_transit",
        "Quyển này đang chuyển giữa các chi nhánh. Nhận sách chuyển đến trước.",
        "This copy is on its way between branches. Receive it first.";
    /// Gone to another branch.
    CopyForwarded = 51005, "copy_forwarded",
        "Quyển này đã chuyển sang chi nhánh khác. Gửi sách về chi nhánh đó.",
        "This copy has moved to another branch. Send it there.";
    /// Not to be lent until mended.
    CopyDamaged = 51006, "copy_damaged",
        "Quyển này được ghi là hỏng. Sửa tình trạng sách nếu đã dùng được.",
        "This copy is on record as damaged. Correct its state if it is fit to lend.";
    /// Reported lost.
    CopyLost = 51007, "copy_lost",
        "Quyển này được ghi là mất. Sửa tình trạng sách nếu đã tìm thấy.",
        "This copy is on record as lost. Correct its state if it was found.";
    /// Taken out of the collection.
    CopyWithdrawn = 51008, "copy_withdrawn",
        "Quyển này đã thanh lý, không cho mượn. Sửa tình trạng sách nếu đưa vào dùng lại.",
        "This copy was withdrawn and is not lent. Correct its state if it is in use again.";
    /// No such patron at this branch.
    PatronUnknown = 51009, "patron_unknown",
        "Không có độc giả này ở chi nhánh. Kiểm tra thẻ hoặc lập thẻ mới.",
        "This branch has no such patron. Check the card, or make one.";
    /// Blocked by a librarian.
    PatronBlocked = 51010, "patron_blocked",
        "Thẻ đang bị khóa. Xem lý do trong hồ sơ độc giả và mở khóa khi đã giải quyết.",
        "The card is blocked. See why in the patron's record; unblock it when that is settled.";
    /// The card has run out.
    CardExpired = 51011, "card_expired",
        "Thẻ đã hết hạn. Gia hạn thẻ trước khi cho mượn.",
        "The card has expired. Extend it before lending.";
    /// As many books as the policy allows.
    LimitReached = 51012, "limit_reached",
        "Độc giả đã mượn đủ số sách được phép. Nhận trả bớt trước.",
        "The patron has as many books as allowed. Take some back first.";
    /// Something is overdue.
    HasOverdue = 51013, "has_overdue",
        "Độc giả còn sách quá hạn. Nhận trả hoặc gia hạn sách đó trước.",
        "The patron has overdue books. Take them back or renew them first.";
    /// No policy for this category and branch.
    NoPolicy = 51014, "no_policy",
        "Chưa có quy định mượn cho loại độc giả này. Báo quản lý thêm quy định.",
        "There is no loan policy for this category of patrons. Ask a manager to add one.";
    /// Nothing to return or renew.
    NotOnLoan = 51015, "not_on_loan",
        "Quyển này không có ai đang mượn. Kiểm tra mã vạch; nếu đúng, xếp sách lên giá.",
        "Nobody has this copy on loan. Check the barcode; if it is right, shelve the book.";
    /// The loan to renew is not the open one.
    LoanNotOpen = 51016, "loan_not_open",
        "Phiếu mượn này không còn mở. Tải lại danh sách phiếu của độc giả.",
        "This loan is no longer open. Load the patron's loans again.";
    /// Renewed as often as the policy allows.
    RenewalLimitReached = 51017, "renewal_limit_reached",
        "Đã gia hạn đủ số lần cho phép. Nhận trả sách.",
        "It was renewed as often as allowed. Take the book back.";
    /// Nothing that can be undone.
    NothingToUndo = 51018, "nothing_to_undo",
        "Không tìm thấy thao tác để hoàn tác. Có thể nó đã được hoàn tác.",
        "There is nothing to undo. It may have been undone already.";
    /// No such review item.
    NothingToSettle = 51019, "nothing_to_settle",
        "Mục này không còn cần xem lại. Tải lại danh sách.",
        "This item needs no review any more. Load the list again.";
    /// The due date is no date that the policy could give.
    DueDateWrong = 51020, "due_date_wrong",
        "Hạn trả không hợp quy định mượn. Đồng bộ máy rồi quét lại.",
        "The due date does not fit the loan policy. Synchronise this desk and scan again.";
    /// The deed was withdrawn before it arrived.
    Withdrawn = 51021, "withdrawn",
        "Thao tác này đã được rút lại. Quét lại nếu cần.",
        "This scan was withdrawn. Scan again if it is needed.";
}

impl Refusal {
    /// The reason with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.code() == code)
    }

    /// Whether a librarian may go on all the same where the policy lets them.
    #[must_use]
    pub const fn can_be_overridden(self) -> bool {
        matches!(
            self,
            Self::CardExpired | Self::LimitReached | Self::HasOverdue | Self::RenewalLimitReached
        )
    }
}
