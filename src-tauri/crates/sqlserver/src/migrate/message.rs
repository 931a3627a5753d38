//! What is said when a site cannot be migrated.

use lienthu_port::message::Message;

use super::{MigrateError, SITE_VERSION};

impl MigrateError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let (code, vi, en) = match self {
            Self::Site(error) => return error.message(),
            Self::Newer { theirs } => (
                "version_mismatch",
                format!("Chi nhánh ở phiên bản {theirs}, chương trình này chỉ biết {SITE_VERSION}. Cập nhật chương trình."),
                format!("The site is version {theirs}, this program knows {SITE_VERSION}. Update this program."),
            ),
            Self::Running => (
                "migration_running",
                "Chương trình khác đang nâng cấp chi nhánh này. Đợi xong rồi chạy lại.".to_owned(),
                "Another program is migrating this site. Wait until it has ended, then run this again.".to_owned(),
            ),
            Self::StepChanged(step) => (
                "step_changed",
                format!("Bước {step} đã chạy ở đây với nội dung khác. Dùng đúng bản chương trình đã cài chi nhánh này."),
                format!("{step} was applied here with another text. Use the program that installed this site."),
            ),
            Self::OtherBranch { expected, found } => (
                "wrong_branch",
                format!("Cơ sở dữ liệu này là của {found}, không phải {expected}. Sửa tệp mạng."),
                format!("This database is that of {found}, not of {expected}. Correct the network file."),
            ),
            Self::Blocked(kinds) => {
                let codes = kinds.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(", ");
                (
                    "adoption_blocked",
                    format!("Dữ liệu trái quy tắc: {codes}. Xem --plan, sửa rồi chạy lại; chưa đụng đến gì."),
                    format!("What is in the database contradicts the rules: {codes}. See --plan, correct it and run this again; nothing was touched."),
                )
            }
            Self::GrantsUndecided(count) => (
                "grants_undecided",
                format!("Có {count} quyền trên các bảng. Chọn --revoke-grants hoặc --keep-grants; chưa đụng đến gì."),
                format!("{count} rights on the tables are held. Choose --revoke-grants or --keep-grants; nothing was touched."),
            ),
            Self::Changed(table) => (
                "adoption_unproved",
                format!("Bảng {table} thay đổi ngoài những gì đã ghi. Đã hoàn lại; hãy gửi kết quả --plan cho người phát triển."),
                format!("{table} changed beyond what is noted. It was taken back; send what --plan says to the developers."),
            ),
            Self::Refused { script, batch, detail } => (
                "migration_refused",
                format!("Máy chủ từ chối {script}, đoạn {batch}: {detail}. Sửa nguyên nhân rồi chạy lại, việc đã xong không làm lại."),
                format!("The server refused {script}, batch {batch}: {detail}. Remove the cause and run this again; what is done stays."),
            ),
        };
        Message { code: code.to_owned(), vi, en }
    }
}
