//! Why a command could not be carried to its answer.

use std::io;

use lienthu_api::app::OpenError;
use lienthu_port::message::Message;
use thiserror::Error;

use crate::exit::Exit;

/// See the module.
#[derive(Debug, Error)]
pub enum Failure {
    /// The app refused or failed, or the app does not start; its message says why.
    #[error("{}", .0.en)]
    App(Message),
    /// A login without a password, or with one longer than any.
    #[error("a login was given, but no password")]
    PasswordMissing,
    /// A new password was typed in two ways.
    #[error("the two passwords differ")]
    PasswordsDiffer,
    /// What cannot be taken back has to be asked for twice.
    #[error("this needs --yes")]
    ConfirmationMissing,
    /// Something that cannot be taken back about a transaction, and nobody has confirmed it.
    #[error("this needs to be confirmed")]
    Unconfirmed(Unconfirmed),
    /// This account has no home, and no folder was named.
    #[error("this account has no home folder")]
    NoFolder,
    /// Nobody reads what is printed any more.
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
    /// The scans cannot be read.
    #[error("the input cannot be read: {0}")]
    Input(io::Error),
    /// A list of barcodes cannot be read.
    #[error("the list cannot be read: {0}")]
    List(io::Error),
    /// The system gives this program no threads.
    #[error("the program cannot start: {0}")]
    NoThreads(io::Error),
}

/// What has to be confirmed, by `--yes` or by a word that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconfirmed {
    /// An outcome is forced.
    Force,
    /// A forced outcome is forgotten.
    Forget,
}

impl Unconfirmed {
    /// What it means.
    #[must_use]
    pub fn message(self) -> Message {
        let sentence = match self {
            Self::Force => (
                "Ép kết quả nghĩa là các chi nhánh đang chờ làm theo bạn mà không biết quyết định. Nếu quyết định thật là ngược lại, các chi nhánh sẽ khác nhau: một quyển sách có thể có ở hai nơi hoặc không nơi nào, cho tới khi được sửa bằng txn repair. Chỉ ép khi nơi quyết định sẽ vắng lâu. Chắc chắn thì thêm --yes.",
                "To force an outcome means that the sites which wait do what you choose, without the decision. If that turns out to be the other one, the sites differ: a book may stand at two branches, or at none, until txn repair. Force only where the deciding site will be away for long. If you are sure, add --yes.",
            ),
            Self::Forget => (
                "Giao dịch bị ép sẽ không được nhắc tới nữa. Nếu các chi nhánh còn khác nhau thì không ai được báo. Chắc chắn thì thêm --yes.",
                "The forced transaction is spoken of no more. If sites still differ, nobody is told. If you are sure, add --yes.",
            ),
        };
        Message::new("confirmation_missing", sentence)
    }
}

impl From<Message> for Failure {
    fn from(message: Message) -> Self {
        Self::App(message)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::App(error.message())
    }
}

impl Failure {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::App(message) => message.clone(),
            Self::PasswordMissing => Message::new(
                "password_missing",
                (
                    "Có tên đăng nhập nhưng thiếu mật khẩu. Đặt biến LIENTHU_PASSWORD, dùng --password-stdin, hoặc chạy trong cửa sổ dòng lệnh.",
                    "There is a login but no password. Set LIENTHU_PASSWORD, use --password-stdin, or run in a terminal.",
                ),
            ),
            Self::PasswordsDiffer => Message::new(
                "passwords_differ",
                (
                    "Hai lần nhập mật khẩu mới không giống nhau. Chạy lại và nhập lại.",
                    "The new password was typed in two different ways. Run this again.",
                ),
            ),
            Self::ConfirmationMissing => Message::new(
                "confirmation_missing",
                (
                    "Việc này báo cho mọi máy trạm rằng chi nhánh vừa được phục hồi từ bản sao lưu, và không rút lại được. Nếu đúng vậy, thêm --yes.",
                    "This tells every desk that the site was restored from a backup, and cannot be taken back. If it was, add --yes.",
                ),
            ),
            Self::Unconfirmed(what) => what.message(),
            Self::NoFolder => Message::new(
                "no_folder",
                (
                    "Tài khoản này không có thư mục riêng. Chỉ định thư mục bằng --data.",
                    "This account has no home folder. Name a folder with --data.",
                ),
            ),
            Self::Output(error) => with_detail(
                "output_closed",
                "Không in được kết quả. Những gì đã quét vẫn còn trong hàng đợi.",
                "The output cannot be written. What was scanned is still in the queue.",
                error,
            ),
            Self::Input(error) => with_detail(
                "input_unreadable",
                "Không đọc được dữ liệu vào. Những gì đã quét vẫn còn trong hàng đợi.",
                "The input cannot be read. What was scanned is still in the queue.",
                error,
            ),
            Self::List(error) => with_detail(
                "list_unreadable",
                "Không đọc được tệp danh sách. Kiểm tra đường dẫn và quyền đọc.",
                "The list cannot be read. Check its path and whether you may read it.",
                error,
            ),
            Self::NoThreads(error) => with_detail(
                "no_threads",
                "Chương trình không khởi động được. Đóng bớt chương trình khác rồi thử lại.",
                "The program cannot start. Close other programs and try again.",
                error,
            ),
        }
    }

    /// How the program ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::of_code(&self.message().code)
    }
}

fn with_detail(code: &str, vi: &str, en: &str, error: &io::Error) -> Message {
    Message { code: code.to_owned(), vi: format!("{vi} ({error})"), en: format!("{en} ({error})") }
}
