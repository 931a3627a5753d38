//! The documents that procedures take, each with the texts in it.

use serde_json::{Value, json};

/// A patron's, and which of its texts may be anything.
pub const PATRON_TEXTS: [&str; 11] = [
    "MaDG",
    "HoTen",
    "MaCN_DangKy",
    "LoaiDocGia",
    "HanThe",
    "BiKhoa",
    "MaDG_Goc",
    "NgaySinh",
    "DienThoai",
    "Email",
    "GhiChu",
];
/// A copy's.
pub const COPY_TEXTS: [&str; 4] = ["MaQuyenSach", "ISBN", "HienTrang", "KyHieuXepGia"];
/// An event's.
pub const EVENT_TEXTS: [&str; 12] = [
    "id",
    "desk",
    "seq",
    "site",
    "scanned_by",
    "at",
    "copy",
    "deed",
    "patron",
    "date",
    "claim",
    "correlation",
];

/// A reader that can be entered.
pub fn patron(code: &str) -> Value {
    json!({
        "MaDG": code, "HoTen": "Trần Thị Lành", "MaCN_DangKy": "Q1", "LoaiDocGia": "STUDENT",
        "HanThe": null, "BiKhoa": null, "MaCN_Goc": null, "MaDG_Goc": null, "NgaySinh": null,
        "DienThoai": "", "Email": "", "TienDatCoc": 0, "GhiChu": "",
    })
}

/// A book that can be entered.
pub fn copy(barcode: &str) -> Value {
    json!({
        "MaQuyenSach": barcode, "ISBN": lienthu_conformance::kit::TITLES[0], "HienTrang": "good",
        "KyHieuXepGia": "", "GiaTien": null,
    })
}

/// A loan that can have happened.
pub fn event(n: u32, copy: &str, patron: &str) -> Value {
    let id = format!("01900000-0000-7000-8000-{n:012x}");
    json!({
        "id": id, "desk": "de5c0000-0000-0000-0000-000000000001", "seq": n.to_string(), "site": "Q1",
        "scanned_by": "thuthu", "at": "2026-11-02T01:00:00.000", "uncertainty_ms": "5",
        "overridden": "false", "copy": copy, "deed": "borrow", "patron": patron, "date": "2026-11-16",
        "claim": "fact", "correlation": id,
    })
}

/// The document with another text in one place.
pub fn with(mut document: Value, field: &str, text: &str) -> Value {
    document[field] = Value::String(text.to_owned());
    document
}
