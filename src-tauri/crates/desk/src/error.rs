//! What can go wrong at a desk.

use lienthu_domain::ids::KeyError;
use lienthu_domain::rights::Right;
use lienthu_port::error::{SiteError, StoreError};
use lienthu_port::message::Message;
use thiserror::Error;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DeskError {
    /// The site, or the way to it.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The desk's own files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The desk has not been enrolled yet.
    #[error("this desk is not enrolled")]
    NotEnrolled,
    /// The desk is enrolled already.
    #[error("this desk is enrolled already")]
    AlreadyEnrolled,
    /// The network file names no such branch.
    #[error("the network has no such branch")]
    NoSuchBranch,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// Whoever is signed in may not do that.
    #[error("the person signed in may not do that: {0:?}")]
    Forbidden(Right),
    /// Whoever is signed in is no manager.
    #[error("only managers may do that")]
    ManagersOnly,
    /// This only the site can answer, and it cannot be reached.
    #[error("this needs the site")]
    NeedsSite,
    /// The site was asked to change a record, and its answer was lost: it may have.
    #[error("the site's answer to a change was lost")]
    ChangeUncertain,
    /// The site was asked to change a password, and its answer was lost: it may have.
    #[error("the site's answer to a change of password was lost")]
    PasswordUncertain,
    /// Offline: this person never signed in at this desk, or too long ago.
    #[error("this person cannot sign in offline")]
    NoOfflineSignIn,
    /// Offline: too many wrong passwords; wait so many seconds.
    #[error("too many wrong passwords, wait {seconds} s")]
    WaitAfterFailures {
        /// Until the next try is looked at.
        seconds: u32,
    },
    /// This desk keeps no such event.
    #[error("this desk keeps no such event")]
    UnknownEvent,
    /// A code that is none.
    #[error(transparent)]
    BadKey(#[from] KeyError),
    /// A text that is empty or too long.
    #[error("a field is empty or too long")]
    FieldWrong,
}

impl DeskError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Site(error) => error.message(),
            Self::Store(error) => error.message(),
            Self::Forbidden(right) => SiteError::Forbidden { right: *right }.message(),
            Self::WaitAfterFailures { seconds } => Message {
                code: "wait_after_failures".to_owned(),
                vi: format!("Nhập sai nhiều lần. Đợi {seconds} giây rồi thử lại."),
                en: format!("Too many wrong passwords. Wait {seconds} seconds, then try again."),
            },
            Self::NotEnrolled => Message::new(
                "not_enrolled",
                (
                    "Máy này chưa được đăng ký. Chọn chi nhánh và đặt tên quầy.",
                    "This desk is not enrolled. Choose its branch and give it a name.",
                ),
            ),
            Self::AlreadyEnrolled => Message::new(
                "already_enrolled",
                (
                    "Máy này đã được đăng ký cho một chi nhánh. Đăng nhập để làm việc.",
                    "This desk is enrolled for a branch already. Sign in to work.",
                ),
            ),
            Self::NoSuchBranch => Message::new(
                "no_such_branch",
                (
                    "Mạng không có chi nhánh này. Kiểm tra tệp mạng.",
                    "The network has no such branch. Check the network file.",
                ),
            ),
            Self::NotSignedIn => Message::new(
                "not_signed_in",
                (
                    "Chưa đăng nhập. Đăng nhập để tiếp tục.",
                    "Nobody is signed in. Sign in to go on.",
                ),
            ),
            Self::ManagersOnly => Message::new(
                "managers_only",
                (
                    "Việc này chỉ quản lý được làm. Nhờ quản lý đăng nhập ở máy này.",
                    "Only managers may do that. Ask a manager to sign in at this desk.",
                ),
            ),
            Self::NeedsSite => Message::new(
                "needs_site",
                (
                    "Việc này cần liên lạc được với chi nhánh. Thử lại khi có mạng.",
                    "This needs the site. Try again when the line is back.",
                ),
            ),
            Self::ChangeUncertain => Message::new(
                "change_uncertain",
                (
                    "Mất liên lạc giữa chừng, chưa rõ thay đổi đã được ghi hay chưa. Khi có mạng, mở lại bản ghi để kiểm tra.",
                    "The line broke in mid-answer: the change may have been made or not. When the line is back, open the record again and look.",
                ),
            ),
            Self::PasswordUncertain => Message::new(
                "password_uncertain",
                (
                    "Mất liên lạc giữa chừng, chưa rõ mật khẩu đã đổi hay chưa. Khi có mạng, đăng nhập bằng mật khẩu mới; không được thì dùng mật khẩu cũ.",
                    "The line broke in mid-answer: the password may have changed or not. When the line is back, sign in with the new one, and if that fails with the old.",
                ),
            ),
            Self::NoOfflineSignIn => Message::new(
                "no_offline_sign_in",
                (
                    "Không liên lạc được với chi nhánh, và người này chưa đăng nhập ở máy này gần đây. Nhờ đồng nghiệp đăng nhập.",
                    "The site cannot be reached, and this person has not signed in at this desk lately. Ask a colleague to sign in.",
                ),
            ),
            Self::UnknownEvent => Message::new(
                "unknown_event",
                (
                    "Máy này không còn giữ thao tác đó. Xem lại phiếu của quyển sách.",
                    "This desk keeps no such scan any more. Look at the copy's loans.",
                ),
            ),
            Self::BadKey(_) => Message::new(
                "bad_key",
                (
                    "Mã trống, quá dài hoặc có ký tự lạ. Quét lại.",
                    "The code is empty, too long, or holds strange characters. Scan again.",
                ),
            ),
            Self::FieldWrong => Message::new(
                "field_wrong",
                (
                    "Có ô bị trống hoặc quá dài. Kiểm tra lại các ô.",
                    "A field is empty or too long. Check the fields.",
                ),
            ),
        }
    }
}

impl From<DeskError> for Message {
    fn from(error: DeskError) -> Self {
        error.message()
    }
}
