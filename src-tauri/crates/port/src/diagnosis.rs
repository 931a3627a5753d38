//! What a try of a connection finds, from the server's name to the branch of the database. Each finding
//! says what to do next to the person who fills in the network file.

use lienthu_domain::ids::{BranchCode, Incarnation};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::message::Message;

/// How far a try came. Each stage builds on those before it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Finding the server's address, and of a named instance its port.
    Name,
    /// Reaching the port.
    Port,
    /// Agreeing on encryption, and checking the certificate.
    Encryption,
    /// Signing in.
    SignIn,
    /// Opening the database.
    Database,
    /// Comparing the database with the network file and with this program.
    Site,
}

/// Why the server's certificate, or its encryption as a whole, is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TlsRefusal {
    /// Nobody whom this computer or the network file trusts has signed it.
    NotTrusted,
    /// It is another server's, going by the names in it.
    WrongName,
    /// Its time is over.
    Expired,
    /// Its time has not come, or this computer's clock is slow.
    NotYetValid,
    /// It is not the one that the network file pins.
    NotPinned,
    /// It is of a kind that is not safe any more: version 1, a weak key, an authority's own.
    Unsupported,
    /// The two sides found no version or cipher in common, or the handshake broke off.
    Handshake,
    /// The server cannot encrypt, and the network file does not allow plain text.
    NotOffered,
    /// The server demands encryption, and the network file says to do without.
    Demanded,
}

/// Why the server lets a login not in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LoginRefusal {
    /// The login or the password is wrong; a server does not say which.
    Wrong,
    /// The login is switched off at the server.
    Disabled,
    /// The login is locked after too many wrong passwords.
    Locked,
    /// The password has run out or must be changed.
    PasswordOver,
    /// The server knows the login; the site does not have it as a person of the library.
    NotStaff,
}

/// What a try found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// No address belongs to the name.
    NameNotFound {
        /// As the network file has it.
        host: String,
    },
    /// The computer is there, and nothing listens at the port.
    PortClosed {
        /// The computer.
        host: String,
        /// The port.
        port: u16,
    },
    /// Nothing comes back: a firewall, a computer that sleeps, or a wrong address.
    NoAnswer {
        /// The computer.
        host: String,
        /// The port; none while the port of a named instance is not known.
        port: Option<u16>,
    },
    /// SQL Server Browser, which tells the ports of named instances, does not answer, or does not know
    /// the instance: to one that it does not know it says nothing.
    InstanceUnknown {
        /// The computer.
        host: String,
        /// The instance.
        instance: String,
    },
    /// What listens there is not SQL Server, or broke off before it said who it is.
    NotSqlServer {
        /// The computer.
        host: String,
        /// The port.
        port: u16,
    },
    /// The file with the authority's or the pinned certificate cannot be read, or holds none.
    CertificateFile {
        /// What is wrong with it.
        detail: String,
    },
    /// No safe line comes about.
    TlsRefused {
        /// Why.
        why: TlsRefusal,
    },
    /// Signing in with the account of Windows was asked for, and this computer runs another system.
    WindowsOnly,
    /// The server does not let the login in.
    LoginFailed {
        /// Why.
        why: LoginRefusal,
    },
    /// The database does not exist, or the login may not use it; a server does not say which.
    DatabaseMissing {
        /// As the network file has it.
        database: String,
    },
    /// The database is there and no site yet.
    NotMigrated {
        /// As the network file has it.
        database: String,
    },
    /// An older program migrated the site.
    VersionBehind {
        /// This program's.
        ours: u32,
        /// The site's.
        theirs: u32,
    },
    /// A newer program migrated the site.
    VersionNewer {
        /// This program's.
        ours: u32,
        /// The site's.
        theirs: u32,
    },
    /// The database is another branch's.
    WrongBranch {
        /// Of the network file.
        expected: BranchCode,
        /// Of the database.
        found: BranchCode,
    },
    /// The site is not the one that this desk knew: it was restored, or another database stands there.
    OtherIncarnation {
        /// The one that this desk knew.
        expected: Incarnation,
        /// The site's.
        found: Incarnation,
    },
    /// The line broke off, or the server said something that no finding stands for.
    Unexpected {
        /// For the log; nothing personal.
        detail: String,
    },
    /// The server was reached and its certificate taken; without a login there is no more to find out.
    Answers,
    /// All is well.
    Fine {
        /// What the server calls itself, in one line.
        server: String,
        /// A question and its answer, in milliseconds.
        round_trip_ms: u32,
        /// The site's clock less this computer's, in milliseconds; days are cut off at 24.
        clock_offset_ms: i32,
    },
}

/// What a try of a connection came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Diagnosis {
    /// The last stage that was tried.
    pub stage: Stage,
    /// What was found there.
    pub finding: Finding,
    /// Whether the line is not encrypted, passwords included, because the network file says so.
    pub plain_text: bool,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
}

impl Diagnosis {
    /// Whether nothing stands against using the site, as far as was looked.
    #[must_use]
    pub const fn is_fine(&self) -> bool {
        matches!(self.finding, Finding::Answers | Finding::Fine { .. })
    }

    /// What stands beside the finding: that everything on the line can be read.
    #[must_use]
    pub fn warning(&self) -> Option<Message> {
        let sentence = (
            "Đường truyền không được mã hóa: ai trên mạng cũng đọc được mật khẩu. Cài chứng thư cho máy chủ, rồi sửa mục tls.",
            "The line is not encrypted: anyone on the network can read passwords. Give the server a certificate, then correct tls.",
        );
        self.plain_text.then(|| Message::new("line_not_encrypted", sentence))
    }
}

impl TlsRefusal {
    const fn said(self) -> (&'static str, (&'static str, &'static str)) {
        match self {
            Self::NotTrusted => (
                "certificate_not_trusted",
                (
                    "Máy này không tin chứng thư của máy chủ. Chép chứng thư của nơi cấp về và ghi vào mục tls (ca), hoặc ghim chứng thư của máy chủ (pinned).",
                    "This computer does not trust the server's certificate. Name the authority's certificate in tls (ca), or pin the server's own (pinned).",
                ),
            ),
            Self::WrongName => (
                "certificate_wrong_name",
                (
                    "Chứng thư của máy chủ mang tên khác. Dùng đúng tên ghi trong chứng thư làm địa chỉ, hoặc cấp lại chứng thư có tên này.",
                    "The server's certificate is for another name. Use a name that stands in it as the address, or issue one with this name.",
                ),
            ),
            Self::Expired => (
                "certificate_expired",
                (
                    "Chứng thư của máy chủ đã hết hạn. Cài chứng thư mới, và xem đồng hồ của máy này.",
                    "The server's certificate has expired. Install a new one, and look at this computer's clock.",
                ),
            ),
            Self::NotYetValid => (
                "certificate_not_yet_valid",
                (
                    "Chứng thư của máy chủ chưa có hiệu lực. Xem đồng hồ của máy này và của máy chủ.",
                    "The server's certificate is not valid yet. Look at the clocks of this computer and of the server.",
                ),
            ),
            Self::NotPinned => (
                "certificate_not_pinned",
                (
                    "Máy chủ đưa ra chứng thư khác với chứng thư đã ghim. Hỏi quản trị có đổi chứng thư không; nếu có, ghim chứng thư mới.",
                    "The server shows another certificate than the pinned one. Ask the administrator whether it was changed; if so, pin the new one.",
                ),
            ),
            Self::Unsupported => (
                "certificate_unsupported",
                (
                    "Chứng thư của máy chủ thuộc loại không còn an toàn. Cài chứng thư phiên bản 3 có subjectAltName, khóa RSA từ 2048 bit, không phải chứng thư của nơi cấp.",
                    "The server's certificate is of a kind that is not safe. Install one of version 3 with a subjectAltName and an RSA key of 2048 bits or more that is not an authority's.",
                ),
            ),
            Self::Handshake => (
                "tls_failed",
                (
                    "Hai bên không thỏa thuận được cách mã hóa. Bật TLS 1.2 trở lên trên máy chủ.",
                    "The two sides could not agree on encryption. Switch on TLS 1.2 or later at the server.",
                ),
            ),
            Self::NotOffered => (
                "encryption_not_offered",
                (
                    "Máy chủ không mã hóa được đường truyền. Cài chứng thư cho máy chủ; chỉ tắt mã hóa (tls off) khi đường truyền đã an toàn.",
                    "The server cannot encrypt the line. Give it a certificate; switch encryption off (tls off) only where the line is safe.",
                ),
            ),
            Self::Demanded => (
                "encryption_demanded",
                (
                    "Máy chủ bắt buộc mã hóa, còn tệp mạng tắt mã hóa. Sửa mục tls.",
                    "The server demands encryption, and the network file switches it off. Correct tls.",
                ),
            ),
        }
    }
}

impl LoginRefusal {
    const fn said(self) -> (&'static str, (&'static str, &'static str)) {
        match self {
            Self::Wrong => (
                "login_failed",
                (
                    "Sai tên đăng nhập hoặc mật khẩu. Nhập lại, chú ý phím Caps Lock và bộ gõ.",
                    "Wrong login or password. Enter them again; mind Caps Lock and the input method.",
                ),
            ),
            Self::Disabled => (
                "login_disabled",
                (
                    "Tài khoản đã bị tắt trên máy chủ. Nhờ quản trị bật lại.",
                    "The login is switched off at the server. Ask the administrator to switch it on.",
                ),
            ),
            Self::Locked => (
                "login_locked",
                (
                    "Tài khoản bị khóa vì nhập sai nhiều lần. Nhờ quản trị mở khóa.",
                    "The login is locked after wrong passwords. Ask the administrator to unlock it.",
                ),
            ),
            Self::PasswordOver => (
                "password_over",
                (
                    "Mật khẩu đã hết hạn hoặc phải đổi. Nhờ quản trị đặt mật khẩu mới.",
                    "The password has run out or must be changed. Ask the administrator for a new one.",
                ),
            ),
            Self::NotStaff => (
                "login_not_staff",
                (
                    "Máy chủ nhận tài khoản, nhưng chi nhánh không có người này. Nhờ quản trị thêm bằng site add-user.",
                    "The server takes the login, but the site has no such person. Ask the administrator to add them with site add-user.",
                ),
            ),
        }
    }
}

impl Finding {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        let (code, vi, en) = match self {
            Self::NameNotFound { host } => (
                "name_not_found",
                format!("Không tìm thấy máy '{host}'. Kiểm tra tên, hoặc dùng địa chỉ IP."),
                format!("No computer is called '{host}'. Check the name, or use its IP address."),
            ),
            Self::PortClosed { host, port } => (
                "port_closed",
                format!(
                    "Máy {host} trả lời, nhưng không có gì ở cổng {port}. Kiểm tra SQL Server có chạy, có bật TCP/IP và đúng cổng này không."
                ),
                format!(
                    "{host} is there, but nothing listens at port {port}. Check that SQL Server runs with TCP/IP on and at this port."
                ),
            ),
            Self::NoAnswer { host, port } => {
                let (vi, en) = port.map_or_else(Default::default, |port| {
                    (format!(" ở cổng {port}"), format!(" at port {port}"))
                });
                (
                    "no_answer",
                    format!(
                        "Máy {host} không trả lời{vi}. Máy có bật không, có đang ngủ không? Mở tường lửa cho SQL Server."
                    ),
                    format!(
                        "{host} does not answer{en}. Is it on, and awake? Let SQL Server through its firewall."
                    ),
                )
            }
            Self::InstanceUnknown { host, instance } => (
                "instance_unknown",
                format!(
                    "Không hỏi được cổng của {instance} trên máy {host}. Kiểm tra tên, bật SQL Server Browser và mở cổng UDP 1434; hoặc ghi cổng cố định: {host},1433."
                ),
                format!(
                    "{host} does not tell the port of {instance}. Check the name, start SQL Server Browser and open UDP port 1434; or write a fixed port: {host},1433."
                ),
            ),
            Self::NotSqlServer { host, port } => (
                "not_sql_server",
                format!(
                    "Ở {host}, cổng {port}, không phải SQL Server, hoặc SQL Server đang khởi động. Kiểm tra số cổng, thử lại sau một phút."
                ),
                format!(
                    "What listens at {host}, port {port}, is not SQL Server, or it is just starting. Check the port; try again in a minute."
                ),
            ),
            Self::CertificateFile { detail } => (
                "certificate_file",
                format!("Không đọc được tệp chứng thư ({detail}). Sửa đường dẫn trong mục tls."),
                format!("The certificate file cannot be used ({detail}). Correct its path in tls."),
            ),
            Self::TlsRefused { why } => {
                let (code, sentence) = why.said();
                return Message::new(code, sentence);
            }
            Self::WindowsOnly => (
                "windows_only",
                "Chỉ máy Windows mới đăng nhập được bằng tài khoản Windows. Dùng tài khoản SQL Server cho máy này.".to_owned(),
                "Only a computer with Windows can sign in with a Windows account. Use a SQL Server login here.".to_owned(),
            ),
            Self::LoginFailed { why } => {
                let (code, sentence) = why.said();
                return Message::new(code, sentence);
            }
            Self::DatabaseMissing { database } => (
                "database_missing",
                format!(
                    "Không mở được cơ sở dữ liệu {database}. Kiểm tra tên; nếu đúng, nhờ quản trị cấp quyền cho tài khoản."
                ),
                format!(
                    "The database {database} cannot be opened. Check its name; if it is right, ask the administrator to let the login in."
                ),
            ),
            Self::NotMigrated { database } => (
                "not_migrated",
                format!(
                    "Cơ sở dữ liệu {database} chưa được chuẩn bị. Nhờ quản trị chạy: lienthu-cli site migrate."
                ),
                format!(
                    "The database {database} is not prepared. Ask the administrator to run: lienthu-cli site migrate."
                ),
            ),
            Self::VersionBehind { ours, theirs } => (
                "version_behind",
                format!(
                    "Chi nhánh ở phiên bản {theirs}, chương trình cần {ours}. Nhờ quản trị chạy: lienthu-cli site migrate."
                ),
                format!(
                    "The site is version {theirs}, this program needs {ours}. Ask the administrator to run: lienthu-cli site migrate."
                ),
            ),
            Self::VersionNewer { ours, theirs } => (
                "version_newer",
                format!(
                    "Chi nhánh ở phiên bản {theirs}, mới hơn chương trình này ({ours}). Cập nhật chương trình."
                ),
                format!(
                    "The site is version {theirs}, newer than this program ({ours}). Update the program."
                ),
            ),
            Self::WrongBranch { expected, found } => (
                "wrong_branch",
                format!(
                    "Cơ sở dữ liệu này là của {found}, không phải {expected}. Sửa mã chi nhánh, địa chỉ hoặc tên cơ sở dữ liệu."
                ),
                format!(
                    "This database is that of {found}, not of {expected}. Correct the code, the address or the database."
                ),
            ),
            Self::OtherIncarnation { .. } => (
                "other_incarnation",
                "Chi nhánh đã được phục hồi hoặc thay bằng cơ sở dữ liệu khác. Hỏi quản trị; máy này sẽ tự gửi lại và nạp lại dữ liệu.".to_owned(),
                "The site was restored, or another database stands in its place. Ask the administrator; this desk sends and fills again by itself.".to_owned(),
            ),
            Self::Unexpected { .. } => (
                "unexpected",
                "Có lỗi ngoài dự kiến khi thử kết nối. Thử lại; nếu vẫn lỗi, gửi nhật ký cho quản trị.".to_owned(),
                "Something unexpected happened on the way. Try again; if it stays, send the log to the administrator.".to_owned(),
            ),
            Self::Answers => (
                "answers",
                "Máy chủ trả lời và chứng thư hợp lệ. Nhập tài khoản để thử tiếp cơ sở dữ liệu.".to_owned(),
                "The server answers and its certificate is good. Give a login to try the database too.".to_owned(),
            ),
            Self::Fine { round_trip_ms, .. } => (
                "fine",
                format!("Kết nối tốt, trả lời sau {round_trip_ms} ms."),
                format!("The connection is fine; it answers within {round_trip_ms} ms."),
            ),
        };
        Message { code: code.to_owned(), vi, en }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_code_of_its_own_and_says_it_in_both_languages() {
        use {LoginRefusal as L, TlsRefusal as T};
        let tls = [
            T::NotTrusted,
            T::WrongName,
            T::Expired,
            T::NotYetValid,
            T::NotPinned,
            T::Unsupported,
            T::Handshake,
            T::NotOffered,
            T::Demanded,
        ];
        let login = [L::Wrong, L::Disabled, L::Locked, L::PasswordOver, L::NotStaff];
        let findings: Vec<Finding> = tls
            .map(|why| Finding::TlsRefused { why })
            .into_iter()
            .chain(login.map(|why| Finding::LoginFailed { why }))
            .collect();
        let codes: BTreeSet<String> = findings.iter().map(|f| f.message().code).collect();
        assert_eq!(codes.len(), findings.len());
        for message in findings.iter().map(Finding::message) {
            assert!(message.vi.ends_with('.') && message.en.ends_with('.'), "{message:?}");
        }
    }

    #[test]
    fn a_named_instance_has_no_port_to_name() {
        let silent = |port| Finding::NoAnswer { host: "tv-q1".to_owned(), port }.message().en;
        assert!(silent(None).starts_with("tv-q1 does not answer. "));
        assert!(silent(Some(1433)).starts_with("tv-q1 does not answer at port 1433. "));
    }
}
