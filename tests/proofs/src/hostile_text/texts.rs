//! Texts that mean harm.

/// Letters of the longest.
const LONGEST: usize = 4_000;

/// For every text parameter, and for every text in a document.
pub fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "'; DROP TABLE DOCGIA; --",
        "'); DELETE FROM dbo.PHIEUMUON; --",
        "\" OR \"\"=\"",
        "' OR 1=1 /*",
        "*/ SHUTDOWN --",
        "%",
        "_[a-z]^\\",
        "]]; EXEC sp_who --",
        "{\"a\":[1,null]}",
        "\\\"},{\"MaDG\":\"DG001\"",
        "$.HoTen",
        "@P1",
        "a\u{0}b",
        "\u{202e}ngược\u{202c}",
        "e\u{301}\u{302}\u{323}",
        "💥🧨",
        "\r\n\tđỏ\u{7}",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("Nguyễn Thị Đường ".chars().cycle().take(LONGEST).collect());
    texts.push("'".repeat(LONGEST));
    texts.push("💥".repeat(LONGEST / 2));
    texts
}

/// Keys that are not this one, and that a careless server takes for it.
pub fn mistakable(key: &str) -> Vec<String> {
    let wide = |c: char| char::from_u32(c as u32 + 0xfee0).unwrap_or(c);
    vec![
        format!("{key}x"),
        format!("{key}{}", "x".repeat(LONGEST)),
        format!("{key}'--"),
        format!("{key}\u{0}"),
        format!("{key}\u{301}"),
        format!("%{key}"),
        key.chars().map(wide).collect(),
    ]
}
