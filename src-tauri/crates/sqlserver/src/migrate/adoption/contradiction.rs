//! What in a customer's database contradicts the rules.

use lienthu_port::message::Message;
use serde::Serialize;

/// Examples that are shown of each contradiction.
pub const EXAMPLES_MAX: usize = 5;

/// A contradiction, how often it is there, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// Which.
    pub kind: ContradictionKind,
    /// The database is not adopted while it is there.
    pub blocking: bool,
    /// The table; empty where it is no table's.
    pub table: String,
    /// The column; empty where it is no column's.
    pub column: String,
    /// How many rows, or things, contradict.
    pub count: u64,
    /// Keys or names of some of them.
    pub examples: Vec<String>,
    /// What it is, and what is done about it.
    pub message: Message,
}

impl Contradiction {
    /// Of a table and a column.
    #[must_use]
    pub fn new(
        kind: ContradictionKind,
        table: &str,
        column: &str,
        count: u64,
        mut examples: Vec<String>,
    ) -> Self {
        examples.truncate(EXAMPLES_MAX);
        Self {
            kind,
            blocking: kind.is_blocking(),
            table: table.to_owned(),
            column: column.to_owned(),
            count,
            examples,
            message: Message::new(kind.code(), kind.sentence()),
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $code:literal, $blocking:literal, $vi:literal, $en:literal;)*) => {
        /// Everything that can contradict; the list is closed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ContradictionKind {
            $($(#[$doc])* $kind,)*
        }

        impl ContradictionKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Stable, in lower case with underscores.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// Whether the database is not adopted while it is there.
            #[must_use]
            pub const fn is_blocking(self) -> bool {
                match self { $(Self::$kind => $blocking,)* }
            }

            /// What it is and what is done about it, in Vietnamese and English.
            #[must_use]
            pub const fn sentence(self) -> (&'static str, &'static str) {
                match self { $(Self::$kind => ($vi, $en),)* }
            }
        }
    };
}

kinds! {
    /// A base table is not there, though others are.
    TableMissing, "table_missing", true,
    "Thiếu bảng. Tạo bảng này, hoặc chọn đúng cơ sở dữ liệu.",
    "The table is missing. Make it, or name the right database.";
    /// A base column is not there.
    ColumnMissing, "column_missing", true,
    "Thiếu cột. Thêm cột này vào bảng.",
    "The column is missing. Add it to the table.";
    /// A base column holds something else.
    ColumnType, "column_type", true,
    "Cột có kiểu khác. Đổi về kiểu gốc.",
    "The column is of another type. Change it back.";
    /// A column that Liên Thư adds is there already.
    ColumnTaken, "column_taken", true,
    "Bảng đã có cột mang tên mà Liên Thư cần thêm. Đổi tên cột của bạn.",
    "The table has a column already that Liên Thư adds. Rename yours.";
    /// A column of the customer's own must be filled in, and Liên Thư does not know it.
    ColumnRequired, "column_required", true,
    "Cột riêng bắt buộc nhập mà không có giá trị mặc định. Đặt DEFAULT hoặc cho phép NULL.",
    "A column of your own must be filled in and has no default. Give it one, or allow NULL.";
    /// PHIEUMUON.MaPM is no IDENTITY.
    IdentityMissing, "identity_missing", true,
    "MaPM không phải IDENTITY, nên không ghi được phiếu mới. Tạo lại cột với IDENTITY.",
    "MaPM is no IDENTITY, so that no loan can be written. Make it one.";
    /// A text column sorts and compares otherwise than the database.
    CollationMixed, "collation_mixed", true,
    "Cột có collation khác với cơ sở dữ liệu. Đổi về collation của cơ sở dữ liệu.",
    "The column's collation is not the database's. Change it to the database's.";
    /// The database behaves as an old SQL Server.
    CompatibilityLow, "compatibility_low", true,
    "Mức tương thích dưới 130. Chạy ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = 130 (hoặc cao hơn).",
    "The compatibility level is below 130. Run ALTER DATABASE CURRENT SET COMPATIBILITY_LEVEL = 130 (or higher).";
    /// The server lets no trigger fire another.
    TriggersNotNested, "triggers_not_nested", true,
    "Máy chủ tắt 'nested triggers'. Bật lại bằng sp_configure.",
    "The server has 'nested triggers' off. Switch it on by sp_configure.";
    /// A user of the database has the name of one of the roles.
    NameTaken, "name_taken", true,
    "Một người dùng mang tên vai trò THUTHU, QUANLY hoặc DAILY. Đổi tên người dùng đó.",
    "A user has the name of a role, THUTHU, QUANLY or DAILY. Rename that user.";
    /// A role of that name is there already.
    RoleThere, "role_there", false,
    "Vai trò này đã có. Nó được dùng tiếp; thành viên của nó nhận thêm quyền EXECUTE.",
    "The role is there already. It is used; its members gain EXECUTE.";
    /// Rows of another branch.
    OtherBranch, "other_branch", true,
    "Dòng của chi nhánh khác. Chuyển chúng về đúng cơ sở dữ liệu, hoặc sửa MaCN.",
    "Rows of another branch. Move them to their own database, or correct MaCN.";
    /// A key that no program can read back.
    KeyUnusable, "key_unusable", true,
    "Mã rỗng, quá dài, bắt đầu bằng dấu cách, hoặc có ký tự ngoài ASCII in được. Sửa mã.",
    "A code that is empty, too long, begins with a blank, or holds other than printable ASCII. Correct it.";
    /// Nothing where a row must name something.
    ReferenceMissing, "reference_missing", true,
    "Thiếu mã. Điền mã hoặc xoá dòng.",
    "The code is missing. Fill it in, or delete the row.";
    /// A copy of a title that is not there.
    TitleMissing, "title_missing", true,
    "Quyển sách có ISBN không có trong SACH. Thêm đầu sách.",
    "Copies whose ISBN is not in SACH. Add the title.";
    /// A loan of a copy or patron that is not there.
    LoanReferenceUnknown, "loan_reference_unknown", false,
    "Phiếu mượn nêu mã không có trong bảng. Phiếu được giữ; phiếu chưa trả sẽ chờ xem xét.",
    "Loans that name what is in no table. They stay; open ones wait for review.";
    /// A reference in another spelling than the key.
    ReferenceSpelling, "reference_spelling", false,
    "Mã viết khác kiểu chữ hoa, chữ thường với khoá. Sẽ sửa cho giống khoá.",
    "Codes in another case of letters than the key. They are written as the key is.";
    /// A name that is empty.
    NameMissing, "name_missing", false,
    "Tên trống. Giữ nguyên, màn hình hiện trống.",
    "Names that are empty. They stay, and show as empty.";
    /// An ISBN with a wrong check digit.
    IsbnCheckDigit, "isbn_check_digit", false,
    "ISBN sai số kiểm tra. Giữ nguyên, vì mã là khoá.",
    "ISBNs with a wrong check digit. They stay: a key is a key.";
    /// TinhTrang says otherwise than the loans.
    StateOutOfStep, "state_out_of_step", false,
    "TinhTrang không khớp phiếu mượn. Sẽ sửa theo phiếu mượn.",
    "TinhTrang is out of step with the loans. It is set to what the loans say.";
    /// Several loans of a copy are open.
    SeveralOpenLoans, "several_open_loans", false,
    "Một quyển có nhiều phiếu chưa trả. Các phiếu cũ kết thúc khi sách được mượn lại, và chờ xem xét.",
    "Several open loans of one copy. The earlier ones end when the book was lent again, and wait for review.";
    /// Returned before it was lent.
    ReturnedBeforeLent, "returned_before_lent", false,
    "NgayTra trước NgayMuon. Giữ nguyên trong lịch sử.",
    "NgayTra is before NgayMuon. It stays so in the history.";
    /// Lent in the future.
    LentInFuture, "lent_in_future", false,
    "NgayMuon ở tương lai. Giữ nguyên; phiếu chưa trả được tính là mượn lúc này.",
    "NgayMuon is in the future. It stays; an open loan counts as lent now.";
    /// Returned in the future.
    ReturnedInFuture, "returned_in_future", false,
    "NgayTra ở tương lai. Giữ nguyên, phiếu được tính là đã trả.",
    "NgayTra is in the future. It stays, and the loan counts as ended.";
    /// No date of the loan.
    LentNever, "lent_never", false,
    "Thiếu NgayMuon. Giữ nguyên; phiếu được tính là mượn lúc trả, hoặc lúc này.",
    "NgayMuon is missing. It stays; the loan counts as lent when it ended, or now.";
    /// A check or foreign key of the base tables is not there.
    ConstraintMissing, "constraint_missing", false,
    "Thiếu ràng buộc. CHK_*_MaCN sẽ được thêm; khoá ngoại và CHK_QuyenSach_TinhTrang để nguyên như vậy.",
    "A constraint is missing. CHK_*_MaCN are added; foreign keys and CHK_QuyenSach_TinhTrang stay missing.";
    /// Triggers of the customer's own.
    OwnTrigger, "own_trigger", false,
    "Bảng có trigger riêng. Giữ nguyên; hãy xem chúng có hợp với Liên Thư không.",
    "The table has triggers of its own. They stay; see whether they go with Liên Thư.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_a_code_of_its_own_which_is_also_what_is_written() {
        let mut seen = HashSet::new();
        for kind in ContradictionKind::ALL {
            assert!(seen.insert(kind.code()), "{}", kind.code());
            assert_eq!(serde_json::to_value(kind).ok(), Some(kind.code().into()));
            let (vi, en) = kind.sentence();
            assert!(vi.ends_with('.') && en.ends_with('.'));
        }
    }
}
