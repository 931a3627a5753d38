//! What can be wrong with a network file, or with a change of it.

use lienthu_domain::ids::BranchCode;
use lienthu_port::message::Message;
use thiserror::Error;

use super::{FILE_BYTES_MAX, SITES_MAX};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NetworkError {
    /// It cannot be read.
    #[error("the network file cannot be read: {0}")]
    Unreadable(String),
    /// It is larger than any network file.
    #[error("the network file is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// It is no TOML, or holds something that does not belong there.
    #[error("the network file is wrong: {0}")]
    Wrong(String),
    /// It names no site.
    #[error("the network file names no site")]
    Empty,
    /// It names more than [`SITES_MAX`] sites.
    #[error("the network file names more than {SITES_MAX} sites")]
    TooMany,
    /// It names a branch twice.
    #[error("the network file names {0} twice")]
    Twice(BranchCode),
    /// There is none to change.
    #[error("there is no network file")]
    Missing,
    /// There is one already, where a new one was to be made.
    #[error("there is a network file already")]
    Exists,
    /// It is not what it was when whoever changes it looked at it.
    #[error("the network file was changed meanwhile")]
    ChangedMeanwhile,
    /// It cannot be written; it is as it was.
    #[error("the network file cannot be written: {0}")]
    Unwritable(String),
    /// It names no such branch.
    #[error("the network file does not name {0}")]
    Unknown(BranchCode),
    /// This desk is enrolled for the branch that was to be taken out.
    #[error("this desk is enrolled for {0}")]
    Home(BranchCode),
}

impl NetworkError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let (code, vi, en) = match self {
            Self::Unreadable(why) => (
                "network_unreadable",
                format!("Không đọc được tệp mạng ({why}). Kiểm tra đường dẫn và quyền đọc."),
                format!("The network file cannot be read ({why}). Check its path and rights."),
            ),
            Self::TooLarge => (
                "network_too_large",
                "Tệp mạng quá lớn. Kiểm tra có chọn nhầm tệp không.".to_owned(),
                "The network file is too large. Check that it is the right file.".to_owned(),
            ),
            Self::Wrong(why) => (
                "network_wrong",
                format!("Tệp mạng có lỗi. Sửa chỗ này: {why}"),
                format!("The network file has a mistake. Correct this: {why}"),
            ),
            Self::Empty => (
                "network_empty",
                "Tệp mạng không có chi nhánh nào. Thêm ít nhất một chi nhánh.".to_owned(),
                "The network file names no site. Add at least one.".to_owned(),
            ),
            Self::TooMany => (
                "network_too_many",
                format!("Tệp mạng có hơn {SITES_MAX} chi nhánh. Chia nhỏ tệp."),
                format!("The network file names more than {SITES_MAX} sites. Split it."),
            ),
            Self::Twice(branch) => (
                "network_twice",
                format!("Tệp mạng ghi {branch} hai lần. Bỏ một mục, hoặc chọn mã khác."),
                format!("The network file names {branch} twice. Remove one, or choose another code."),
            ),
            Self::Missing => (
                "network_missing",
                "Chưa có tệp mạng. Thêm chi nhánh, hoặc tạo tệp từ mẫu.".to_owned(),
                "There is no network file yet. Add a site, or make a file from the template."
                    .to_owned(),
            ),
            Self::Exists => (
                "network_exists",
                "Đã có tệp mạng nên không tạo từ mẫu. Sửa tệp đang có, hoặc dời nó đi trước."
                    .to_owned(),
                "There is a network file already, so none is made from the template. Change that \
                 one, or move it away first."
                    .to_owned(),
            ),
            Self::ChangedMeanwhile => (
                "network_changed_meanwhile",
                "Tệp mạng vừa bị sửa ở nơi khác. Xem lại rồi sửa tiếp.".to_owned(),
                "The network file was changed elsewhere meanwhile. Look at it again, then change it."
                    .to_owned(),
            ),
            Self::Unwritable(why) => (
                "network_unwritable",
                format!("Không ghi được tệp mạng ({why}). Kiểm tra quyền ghi và chỗ trống trên đĩa."),
                format!("The network file cannot be written ({why}). Check the rights of its folder and the room on the disk."),
            ),
            Self::Unknown(branch) => (
                "network_unknown_branch",
                format!("Tệp mạng không có {branch}. Kiểm tra mã chi nhánh."),
                format!("The network file does not name {branch}. Check the branch code."),
            ),
            Self::Home(branch) => (
                "network_home_branch",
                format!("Máy này thuộc {branch}: bỏ chi nhánh này thì máy chỉ còn làm việc ngoại tuyến. Xác nhận nếu vẫn muốn bỏ."),
                format!("This desk belongs to {branch}: without that site it only works offline. Confirm if it is to go all the same."),
            ),
        };
        Message { code: code.to_owned(), vi, en }
    }
}

impl From<NetworkError> for Message {
    fn from(error: NetworkError) -> Self {
        error.message()
    }
}
