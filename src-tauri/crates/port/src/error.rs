//! What can go wrong at a site and in the desk's own files: closed lists.

use lienthu_domain::ids::BranchCode;
use lienthu_domain::rights::Right;
use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

use crate::diagnosis::Finding;
use crate::message::Message;
use crate::password::PasswordRefusal;

/// Why a change to patrons or copies is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, Error)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// There is one with this key already.
    #[error("there is one with this key already")]
    AlreadyExists,
    /// There is none with this key.
    #[error("there is none with this key")]
    Unknown,
    /// It is not any more what the caller saw.
    #[error("it was changed meanwhile")]
    ChangedMeanwhile,
    /// Books are still out.
    #[error("there are open loans")]
    HasOpenLoans,
    /// The title is not in the catalogue.
    #[error("the title is not in the catalogue")]
    TitleUnknown,
    /// The title of a copy that has loans cannot change.
    #[error("the copy has loans, its title cannot change")]
    TitleFixed,
    /// The row belongs to another branch.
    #[error("it belongs to another branch")]
    OtherBranch,
    /// Only a transfer sets this condition.
    #[error("only a transfer sets this condition")]
    ConditionReserved,
    /// A text is empty that must not be, or longer than its column.
    #[error("a field is empty or too long")]
    FieldWrong,
    /// More rows at once than allowed.
    #[error("too many rows at once")]
    TooMany,
    /// A transaction that is not decided yet holds it, or it is on its way and nobody has received it.
    #[error("a transaction over several branches holds it")]
    Held,
    /// The site was restored and takes no copies yet: they may be live at another branch.
    #[error("the site was restored and has not been readmitted")]
    Quarantined,
    /// The site takes part: its rows change by transactions alone.
    #[error("the site takes part in the network")]
    TakesPart,
}

impl Obstacle {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::AlreadyExists,
        Self::Unknown,
        Self::ChangedMeanwhile,
        Self::HasOpenLoans,
        Self::TitleUnknown,
        Self::TitleFixed,
        Self::OtherBranch,
        Self::ConditionReserved,
        Self::FieldWrong,
        Self::TooMany,
        Self::Held,
        Self::Quarantined,
        Self::TakesPart,
    ];

    /// The name that is sent, and the T-SQL error number.
    #[must_use]
    pub const fn code(self) -> (&'static str, u32) {
        match self {
            Self::AlreadyExists => ("already_exists", 51_101),
            Self::Unknown => ("unknown", 51_102),
            Self::ChangedMeanwhile => ("changed_meanwhile", 51_103),
            Self::HasOpenLoans => ("has_open_loans", 51_104),
            Self::TitleUnknown => ("title_unknown", 51_105),
            Self::TitleFixed => ("title_fixed", 51_106),
            Self::OtherBranch => ("other_branch", 51_107),
            Self::ConditionReserved => ("condition_reserved", 51_108),
            Self::FieldWrong => ("field_wrong", 51_109),
            Self::TooMany => ("too_many", 51_110),
            Self::Held => ("held", 51_111),
            Self::Quarantined => ("quarantined", 51_112),
            Self::TakesPart => ("takes_part", 51_113),
        }
    }

    const fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::AlreadyExists => (
                "Mã này đã có. Chọn mã khác hoặc sửa bản ghi đang có.",
                "This code is taken. Choose another, or change the record that has it.",
            ),
            Self::Unknown => (
                "Không có bản ghi với mã này. Kiểm tra lại mã.",
                "There is no record with this code. Check the code.",
            ),
            Self::ChangedMeanwhile => (
                "Bản ghi vừa được người khác sửa. Mở lại rồi sửa tiếp.",
                "Someone changed this record meanwhile. Open it again, then change it.",
            ),
            Self::HasOpenLoans => (
                "Còn sách đang mượn. Nhận trả trước khi xóa.",
                "There are open loans. Take the books back first.",
            ),
            Self::TitleUnknown => (
                "Đầu sách này chưa có trong danh mục. Báo quản lý thêm đầu sách.",
                "This title is not in the catalogue. Ask a manager to add it.",
            ),
            Self::TitleFixed => (
                "Quyển này đã có phiếu mượn nên không đổi được đầu sách. Nhập quyển mới với mã khác.",
                "This copy has loans, so its title cannot change. Add a new copy with another barcode.",
            ),
            Self::OtherBranch => (
                "Bản ghi thuộc chi nhánh khác. Sửa ở chi nhánh đó.",
                "This record belongs to another branch. Change it there.",
            ),
            Self::ConditionReserved => (
                "Tình trạng này chỉ đặt được khi chuyển sách. Chọn tình trạng khác.",
                "Only a transfer sets this condition. Choose another.",
            ),
            Self::FieldWrong => (
                "Có ô bị trống hoặc quá dài. Kiểm tra lại các ô.",
                "A field is empty or too long. Check the fields.",
            ),
            Self::TooMany => (
                "Quá nhiều dòng một lần. Chia thành nhiều phần nhỏ hơn.",
                "Too many rows at once. Split them into smaller parts.",
            ),
            Self::Held => (
                "Một thay đổi giữa các chi nhánh chưa xong đang giữ mục này. Đợi xong rồi làm lại.",
                "A change over several branches that is not finished holds this. Try again when it is.",
            ),
            Self::Quarantined => (
                "Máy chủ của chi nhánh vừa được khôi phục từ bản sao lưu. Báo quản lý cho chi nhánh hoạt động lại.",
                "The branch's server was restored from a backup. Ask a manager to readmit it.",
            ),
            Self::TakesPart => (
                "Chi nhánh đang hoạt động trong mạng nên không nạp lại được. Cho chi nhánh tạm vắng trước.",
                "The branch takes part in the network, so its site is not filled. Set it away first.",
            ),
        }
    }
}

/// What can go wrong when a site is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SiteError {
    /// The site was not reached: nothing was asked, nothing happened.
    #[error("the site cannot be reached: {detail}")]
    Unreachable {
        /// For the log and for diagnosis.
        detail: String,
    },
    /// The question went out and no whole answer came back: it may have happened.
    #[error("the site's answer was lost: {detail}")]
    ReplyLost {
        /// For the log and for diagnosis.
        detail: String,
    },
    /// The site was not reached because the way to it is not set up right: nothing was asked, and a person
    /// has to mend it.
    #[error("the way to the site is not set up: {}", .finding.message().code)]
    NotSetUp {
        /// What to mend.
        finding: Finding,
    },
    /// Another writer was in the way; nothing happened and it can be tried again.
    #[error("the site is busy")]
    Busy,
    /// Wrong login or password, or an account that is switched off.
    #[error("login failed")]
    LoginFailed,
    /// This desk knows no agent's login for the site, so that nothing was asked there.
    #[error("no agent's login is known for this site")]
    AgentUnknown,
    /// This login may not do that at this site.
    #[error("this login may not do that: {right:?}")]
    Forbidden {
        /// What it lacks.
        right: Right,
    },
    /// A change to patrons or copies is not possible.
    #[error("not possible: {obstacle}")]
    Obstructed {
        /// Why.
        obstacle: Obstacle,
    },
    /// A password does not change.
    #[error("the password does not change: {why}")]
    PasswordRefused {
        /// Why.
        why: PasswordRefusal,
    },
    /// The site speaks another version of the protocol, or a newer program has migrated it.
    #[error("the site is version {theirs}, this program needs {ours}")]
    VersionMismatch {
        /// This program's.
        ours: u32,
        /// The site's.
        theirs: u32,
    },
    /// The database is another branch's than the network file says.
    #[error("this is the site of {found}, not of {expected}")]
    WrongBranch {
        /// Of the network file.
        expected: BranchCode,
        /// Of the database.
        found: BranchCode,
    },
    /// The site was put back to an older state than this desk has proof of; nothing happened.
    #[error("the site was put back to an older state")]
    PutBack,
    /// The site's disk is full; nothing happened.
    #[error("the site's disk is full")]
    Full,
    /// The site's database is damaged, or not one.
    #[error("the site's database is damaged: {detail}")]
    Damaged {
        /// For the log and for diagnosis.
        detail: String,
    },
    /// Something that should not happen; the log has the detail.
    #[error("unexpected: {detail}")]
    Unexpected {
        /// For the log; nothing personal.
        detail: String,
    },
}

impl SiteError {
    /// Whether the same question may be answered later without anyone doing anything.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::ReplyLost { .. }
                | Self::Busy
                | Self::PutBack
                | Self::Full
        )
    }

    /// Whether a desk goes on lending by what it knows: it can be answered later, or a person mends the
    /// site, and what was done meanwhile arrives then.
    #[must_use]
    pub const fn lets_desks_go_on(&self) -> bool {
        self.is_transient() || matches!(self, Self::Damaged { .. } | Self::NotSetUp { .. })
    }

    /// Whether it says that the line is down, so that a desk goes on alone.
    #[must_use]
    pub const fn is_line_down(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::ReplyLost { .. })
    }

    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let (code, vi, en) = match self {
            Self::Unreachable { .. } => (
                "site_unreachable",
                "Không liên lạc được với chi nhánh. Cứ tiếp tục, thao tác sẽ được gửi sau.",
                "The site cannot be reached. Go on; scans are sent later.",
            ),
            Self::ReplyLost { .. } => (
                "reply_lost",
                "Mất liên lạc giữa chừng. Thao tác được giữ lại và sẽ được gửi lại.",
                "The line broke in mid-answer. The scan is kept and sent again.",
            ),
            Self::NotSetUp { finding } => return finding.message(),
            Self::Busy => (
                "site_busy",
                "Chi nhánh đang bận. Thử lại sau giây lát.",
                "The site is busy. Try again in a moment.",
            ),
            Self::LoginFailed => (
                "login_failed",
                "Sai tên đăng nhập hoặc mật khẩu. Nhập lại, chú ý phím Caps Lock và bộ gõ.",
                "Wrong login or password. Enter them again; mind Caps Lock and the input method.",
            ),
            Self::AgentUnknown => (
                "agent_unknown",
                "Máy này chưa biết tài khoản đại lý ở chi nhánh đó. Nhờ quản trị chạy network join, rồi đăng nhập lại.",
                "This desk knows no agent's login at that site. Have the administrator run network join, then sign in again.",
            ),
            Self::Forbidden { right } => {
                let (vi, en) = right.sentence();
                return Message {
                    code: "forbidden".to_owned(),
                    vi: format!(
                        "Tài khoản này không được {vi}. Đăng nhập bằng tài khoản có quyền."
                    ),
                    en: format!("This login may not {en}. Sign in as someone who may."),
                };
            }
            Self::Obstructed { obstacle } => {
                return Message::new(obstacle.code().0, obstacle.sentence());
            }
            Self::PasswordRefused { why } => return Message::new(why.code(), why.sentence()),
            Self::VersionMismatch { ours, theirs } => {
                return Message {
                    code: "version_mismatch".to_owned(),
                    vi: format!(
                        "Chi nhánh ở phiên bản {theirs}, chương trình cần {ours}. Cập nhật bên cũ hơn."
                    ),
                    en: format!(
                        "The site is version {theirs}, this program needs {ours}. Update the older one."
                    ),
                };
            }
            Self::WrongBranch { expected, found } => {
                return Message {
                    code: "wrong_branch".to_owned(),
                    vi: format!(
                        "Cơ sở dữ liệu này là của {found}, không phải {expected}. Sửa tệp mạng."
                    ),
                    en: format!(
                        "This database is that of {found}, not of {expected}. Correct the network file."
                    ),
                };
            }
            Self::PutBack => (
                "site_put_back",
                "Chi nhánh vừa được phục hồi từ bản sao lưu. Máy này đang gửi lại những gì đã làm.",
                "The site was put back to an older state. This desk is sending again what it did.",
            ),
            Self::Full => (
                "site_full",
                "Đĩa của chi nhánh đã đầy. Báo quản trị dọn đĩa; thao tác được giữ lại.",
                "The site's disk is full. Ask the administrator to make room; scans are kept.",
            ),
            Self::Damaged { .. } => (
                "site_damaged",
                "Cơ sở dữ liệu của chi nhánh bị hỏng. Báo quản trị phục hồi từ bản sao lưu.",
                "The site's database is damaged. Ask the administrator to restore a backup.",
            ),
            Self::Unexpected { .. } => (
                "unexpected",
                "Có lỗi ngoài dự kiến. Thử lại; nếu vẫn lỗi, gửi nhật ký cho quản trị.",
                "Something unexpected happened. Try again; if it stays, send the log to the administrator.",
            ),
        };
        Message::new(code, (vi, en))
    }
}

/// What can go wrong with the desk's own files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StoreError {
    /// The file is encrypted with another key, or is no database.
    #[error("{file} cannot be opened with this desk's key")]
    WrongKey {
        /// The file's name, without its folder.
        file: String,
    },
    /// The file's pages are damaged.
    #[error("{file} is damaged")]
    Damaged {
        /// The file's name, without its folder.
        file: String,
    },
    /// Another program keeps it locked for longer than the named bound.
    #[error("{file} is locked by another program")]
    Locked {
        /// The file's name, without its folder.
        file: String,
    },
    /// No room on the disk; what was asked did not happen.
    #[error("the disk is full")]
    Full,
    /// A newer program has changed the file's schema.
    #[error("{file} was made by a newer program (schema {theirs}, this program knows {ours})")]
    TooNew {
        /// The file's name, without its folder.
        file: String,
        /// This program's schema.
        ours: u32,
        /// The file's.
        theirs: u32,
    },
    /// The folder or the file cannot be read or written.
    #[error("{file} cannot be read or written: {detail}")]
    Inaccessible {
        /// The file's name, without its folder.
        file: String,
        /// The operating system's words.
        detail: String,
    },
    /// The key cannot be had from the keychain or the key file.
    #[error("this desk's key cannot be had: {detail}")]
    NoKey {
        /// Why.
        detail: String,
    },
    /// As many events wait as the outbox holds.
    #[error("the queue is full")]
    QueueFull,
    /// Something that should not happen.
    #[error("unexpected: {detail}")]
    Unexpected {
        /// For the log; nothing personal.
        detail: String,
    },
}

impl StoreError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let (code, vi, en) = match self {
            Self::WrongKey { file } => (
                "wrong_key",
                format!("Không mở được {file} bằng khóa của máy này. Đăng nhập đúng tài khoản máy tính, hoặc phục hồi khóa."),
                format!("{file} cannot be opened with this desk's key. Use the right computer account, or restore the key."),
            ),
            Self::Damaged { file } => (
                "file_damaged",
                format!("{file} bị hỏng. Bộ nhớ đệm thì xóa được để tải lại; hàng đợi thì xuất ra và báo quản trị."),
                format!("{file} is damaged. A cache may be deleted and fills again; a queue must be exported, tell the administrator."),
            ),
            Self::Locked { file } => (
                "file_locked",
                format!("{file} đang bị chương trình khác giữ. Đóng chương trình đó rồi thử lại."),
                format!("Another program holds {file}. Close it and try again."),
            ),
            Self::Full => (
                "disk_full",
                "Đĩa đã đầy nên thao tác chưa được ghi. Dọn đĩa rồi quét lại.".to_owned(),
                "The disk is full, so the scan was not recorded. Make room and scan again.".to_owned(),
            ),
            Self::TooNew { file, .. } => (
                "file_too_new",
                format!("{file} do phiên bản mới hơn tạo ra. Cập nhật chương trình."),
                format!("{file} was made by a newer version. Update this program."),
            ),
            Self::Inaccessible { file, .. } => (
                "file_inaccessible",
                format!("Không đọc hoặc ghi được {file}. Kiểm tra quyền của thư mục dữ liệu."),
                format!("{file} cannot be read or written. Check the rights of the data folder."),
            ),
            Self::NoKey { .. } => (
                "no_key",
                "Không lấy được khóa mã hóa. Mở khóa chùm khóa của máy rồi khởi động lại.".to_owned(),
                "The encryption key cannot be had. Unlock the computer's keychain and start again.".to_owned(),
            ),
            Self::QueueFull => (
                "queue_full",
                "Hàng đợi đã đầy. Nối lại liên lạc để gửi đi trước khi quét tiếp.".to_owned(),
                "The queue is full. Restore the line and let it drain before scanning on.".to_owned(),
            ),
            Self::Unexpected { .. } => (
                "unexpected",
                "Có lỗi ngoài dự kiến. Thử lại; nếu vẫn lỗi, gửi nhật ký cho quản trị.".to_owned(),
                "Something unexpected happened. Try again; if it stays, send the log to the administrator.".to_owned(),
            ),
        };
        Message { code: code.to_owned(), vi, en }
    }
}
