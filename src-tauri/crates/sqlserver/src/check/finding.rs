//! What can be found.

use lienthu_port::message::Message;
use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// To know; the site is clean all the same.
    Notice,
    /// Somebody should see to it.
    Warning,
    /// Desks or rights are at risk.
    Fault,
}

macro_rules! findings {
    ($( $(#[$doc:meta])* $name:ident { $($field:ident : $type:ty),* $(,)? }
        = $code:literal, $severity:ident, $vi:literal, $en:literal; )*) => {
        /// See the module.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum Finding { $(
            $(#[$doc])*
            $name { $( #[expect(missing_docs, reason = "named as what it is")] $field: $type ),* },
        )* }

        impl Finding {
            /// Stable, in lower case with underscores.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $( Self::$name { .. } => $code, )* }
            }

            /// How much it matters.
            #[must_use]
            pub const fn severity(&self) -> Severity {
                match self { $( Self::$name { .. } => Severity::$severity, )* }
            }

            /// Code and sentences: what was found, and what to do.
            #[must_use]
            pub fn message(&self) -> Message {
                match self { $(
                    Self::$name { $($field),* } => Message {
                        code: $code.to_owned(),
                        vi: format!($vi, $($field = $field),*),
                        en: format!($en, $($field = $field),*),
                    },
                )* }
            }
        }
    };
}

findings! {
    /// The database is nobody's site.
    NotASite {} = "not_a_site", Fault,
        "Cơ sở dữ liệu này chưa là của chi nhánh nào. Chạy site migrate.",
        "This database is no branch's site. Run site migrate.";
    /// A newer program was here.
    Newer { theirs: u32 } = "version_newer", Fault,
        "Chi nhánh ở phiên bản {theirs}, mới hơn chương trình này. Cập nhật chương trình.",
        "The site is version {theirs}, newer than this program. Update this program.";
    /// This program would change something.
    Behind { scripts: u32 } = "version_behind", Fault,
        "Chi nhánh còn thiếu {scripts} tệp lệnh của chương trình này. Chạy site migrate.",
        "The site lacks {scripts} scripts of this program. Run site migrate.";
    /// An object is gone.
    ObjectMissing { object: String } = "object_missing", Fault,
        "Thiếu {object}. Phục hồi nó từ sql/site, rồi tìm xem ai đã xóa.",
        "{object} is missing. Restore it from sql/site, and find out who dropped it.";
    /// An object has another text.
    ObjectAltered { object: String } = "object_altered", Fault,
        "{object} đã bị sửa. Phục hồi nội dung từ sql/site, rồi tìm xem ai đã sửa.",
        "{object} was altered. Restore its text from sql/site, and find out who changed it.";
    /// A chain of rights is broken: the object is another's.
    OwnerOther { object: String, owner: String } = "owner_other", Fault,
        "{object} thuộc về {owner}, nên quyền qua thủ tục không tới được. Chạy ALTER AUTHORIZATION trả về dbo.",
        "{object} belongs to {owner}, so the procedures' rights do not reach it. Give it back to dbo with ALTER AUTHORIZATION.";
    /// A trigger does not fire.
    TriggerDisabled { trigger: String } = "trigger_disabled", Fault,
        "Trigger {trigger} bị tắt, máy trạm không thấy thay đổi. Chạy ENABLE TRIGGER, rồi site check lần nữa.",
        "Trigger {trigger} is disabled: desks do not see changes. Run ENABLE TRIGGER, then site check again.";
    /// A constraint of ours is gone.
    ConstraintMissing { constraint: String } = "constraint_missing", Fault,
        "Thiếu ràng buộc {constraint}. Thêm lại theo sql/site/founding.sql.",
        "Constraint {constraint} is missing. Add it again as in sql/site/founding.sql.";
    /// A constraint is not looked at.
    ConstraintDisabled { constraint: String } = "constraint_disabled", Fault,
        "Ràng buộc {constraint} bị tắt. Chạy ALTER TABLE ... WITH CHECK CHECK CONSTRAINT.",
        "Constraint {constraint} is disabled. Run ALTER TABLE ... WITH CHECK CHECK CONSTRAINT.";
    /// Rows may break a constraint.
    ConstraintNotTrusted { constraint: String } = "constraint_not_trusted", Warning,
        "Có dòng chưa được kiểm theo ràng buộc {constraint}. Chạy ALTER TABLE ... WITH CHECK CHECK CONSTRAINT.",
        "There are rows that {constraint} has not checked. Run ALTER TABLE ... WITH CHECK CHECK CONSTRAINT.";
    /// Somebody may do what the page of rights does not give them.
    RightBeyond { grantee: String, verb: String, object: String } = "right_beyond", Fault,
        "{grantee} được {verb} trên {object}, ngoài danh sách. Chạy REVOKE, hoặc xem sql/site/rights.md.",
        "{grantee} may {verb} on {object}, which the list does not give. REVOKE it; see sql/site/rights.md.";
    /// A role may not do what the page of rights gives it.
    RightMissing { grantee: String, verb: String, object: String } = "right_missing", Fault,
        "{grantee} thiếu quyền {verb} trên {object}. Chạy GRANT như trong sql/site/roles.",
        "{grantee} lacks {verb} on {object}. GRANT it as in sql/site/roles.";
    /// Somebody is in a role that stands above all grants.
    MemberBeyond { member: String, role: String } = "member_beyond", Fault,
        "{member} thuộc {role}, nên đi vòng qua mọi quyền. Bỏ khỏi vai trò đó, hoặc chỉ dùng để quản trị.",
        "{member} is in {role} and so above all rights. Take them out, or let them be an administrator only.";
    /// A person whose login has no way into the database.
    StaffWithoutUser { login: String } = "staff_without_user", Warning,
        "{login} có trong danh sách nhưng không vào được cơ sở dữ liệu. Chạy site add-user lần nữa.",
        "{login} is listed but cannot enter the database. Run site add-user again.";
    /// The list and the database's roles say different things.
    RoleOutOfStep { login: String, role: String } = "role_out_of_step", Fault,
        "{login}: lienthu.StaffRole và vai trò {role} của cơ sở dữ liệu không khớp. Chạy site add-user lần nữa.",
        "{login}: lienthu.StaffRole and the database's role {role} do not agree. Run site add-user again.";
    /// Somebody is in a role and nobody's person.
    MemberNotStaff { user: String, role: String } = "member_not_staff", Fault,
        "{user} thuộc vai trò {role} nhưng không có trong danh sách nhân viên. Bỏ khỏi vai trò, hoặc chạy site add-user.",
        "{user} is in role {role} but not on the list of staff. Take them out, or run site add-user.";
    /// A user whose login is gone.
    UserWithoutLogin { user: String } = "user_without_login", Warning,
        "{user} không còn tài khoản trên máy chủ. Chạy site add-user lần nữa, hoặc xóa người dùng.",
        "{user} has no login at the server any more. Run site add-user again, or drop the user.";
    /// Rows that desks were never told of.
    RowsUnnoted { table: String, rows: i64 } = "rows_unnoted", Warning,
        "{rows} dòng của {table} được nạp mà không qua trigger, máy trạm không thấy. UPDATE các dòng đó để trigger ghi lại.",
        "{rows} rows of {table} were loaded around its trigger: desks do not see them. UPDATE them so that the trigger notes them.";
    /// Rows that are gone, and desks were never told.
    RowsGoneUnnoted { table: String, rows: i64 } = "rows_gone_unnoted", Warning,
        "{rows} dòng của {table} bị xóa mà không qua trigger, máy trạm còn giữ. Thêm lại rồi đánh dấu DaXoa.",
        "{rows} rows of {table} were deleted around its trigger: desks still show them. Insert them again and mark them DaXoa.";
    /// Loans that no event made.
    LoansWithoutEvent { rows: i64 } = "loans_without_event", Warning,
        "{rows} phiếu mượn đang mở không có thao tác nào. Chạy site migrate để tiếp nhận.",
        "{rows} open loans follow from no event. Run site migrate to take them in.";
    /// TinhTrang or TrangThai say something else than the loans.
    StateOutOfStep { rows: i64 } = "state_out_of_step", Warning,
        "{rows} quyển có TinhTrang hoặc TrangThai không khớp phiếu mượn. Quét trả hoặc sửa từng quyển trong chương trình.",
        "Of {rows} copies TinhTrang or TrangThai does not agree with the loans. Scan them, or change them in the program.";
    /// No snapshots.
    SnapshotOff {} = "snapshot_off", Warning,
        "Máy chủ không cho đọc ảnh chụp, lượt tải giữ bộ đếm. Chạy ALTER DATABASE ... SET ALLOW_SNAPSHOT_ISOLATION ON, rồi site migrate.",
        "Snapshots are off: pulls hold the counter. Run ALTER DATABASE ... SET ALLOW_SNAPSHOT_ISOLATION ON, then site migrate.";
    /// A session with an open transaction stands before others.
    Blocker { session: i64, waiting: i64 } = "blocker", Warning,
        "Phiên {session} mở giao dịch và chặn {waiting} phiên khác. Hỏi người đó kết thúc, hoặc KILL {session}.",
        "Session {session} has an open transaction and blocks {waiting} others. Have its owner end it, or KILL {session}.";
    /// The counter says that a transaction is writing, outside any.
    CounterTaken {} = "counter_taken", Fault,
        "Bộ đếm còn đánh dấu đang ghi. Chạy UPDATE lienthu.Counter SET taken = 0.",
        "The counter is still marked as taken. Run UPDATE lienthu.Counter SET taken = 0.";
    /// The server's clock and this computer's differ.
    ClockOff { seconds: i64 } = "clock_off", Warning,
        "Đồng hồ máy chủ lệch {seconds} giây so với máy này. Đồng bộ cả hai theo giờ mạng.",
        "The server's clock is {seconds} s off this computer's. Have both follow network time.";
    /// GETDATE() does not give the recorded local time.
    ZoneOff { recorded: i64, server: i64 } = "zone_off", Notice,
        "Giờ địa phương ghi là UTC+{recorded} phút nhưng máy chủ chạy UTC+{server} phút; phiếu ghi tay sẽ lệch giờ. Sửa múi giờ máy chủ nếu còn chương trình cũ.",
        "Local time is recorded as UTC+{recorded} minutes, the server runs at UTC+{server}: rows by hand get other times. Set the server's zone where old programs write.";
    /// The server does not show something.
    CannotTell { what: String } = "cannot_tell", Notice,
        "Máy chủ này không cho biết {what}. Kiểm tra trên SQL Server.",
        "This server does not tell {what}. Look at it on SQL Server.";
}
