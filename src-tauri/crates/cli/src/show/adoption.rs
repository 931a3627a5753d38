//! What was found in a database that was a branch's already, and what was done with it.

use lienthu_api::administration::{Adoption, GrantChoice};

use crate::page::Page;

/// Writes it for people.
pub(super) fn show(adoption: &Adoption, page: &mut Page) {
    page.say(("  Cơ sở dữ liệu đã có dữ liệu:", "  The database holds data already:"));
    let after = |table: &str| {
        let found = adoption.after.iter().find(|figures| figures.table == table);
        found.map_or_else(String::new, |is| format!("  →  {} {}", is.rows, is.checksum))
    };
    for was in &adoption.before {
        let line = format!("    {}  {} {}{}", was.table, was.rows, was.checksum, after(&was.table));
        page.line(&line);
    }
    for found in &adoption.contradictions {
        let mark = if found.blocking { "!" } else { "-" };
        let place = match (found.table.as_str(), found.column.as_str()) {
            (table, "") => table.to_owned(),
            (table, column) => format!("{table}.{column}"),
        };
        page.line(&format!(
            "  {mark} {} {place}: {} ({})",
            found.message.code,
            found.count,
            found.examples.join(", ")
        ));
        page.indented(&found.message);
    }
    for changed in &adoption.changed {
        let what = page.pick(("giá trị đã sửa", "values changed"));
        let line = format!("  {}.{}: {} {what}", changed.table, changed.column, changed.values);
        page.line(&line);
    }
    for grant in &adoption.grants {
        page.line(&format!("  {} {} → {}", grant.right, grant.on, grant.to));
    }
    match adoption.grant_choice {
        Some(GrantChoice::Revoke) => {
            page.say(("  các quyền trên đã bị thu hồi", "  these rights were revoked"));
        }
        Some(GrantChoice::Keep) => {
            page.say(("  các quyền trên được giữ", "  these rights were kept"));
        }
        None if adoption.grants.is_empty() => {}
        None => page.say((
            "  chọn --revoke-grants hoặc --keep-grants cho các quyền trên",
            "  choose --revoke-grants or --keep-grants for these rights",
        )),
    }
    for procedure in &adoption.procedures {
        let kept = page.pick(("giữ nguyên", "kept"));
        page.line(&format!("  {procedure}: {kept}"));
    }
}
