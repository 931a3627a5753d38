//! From a change of an entry to a change of the file's text. What the change is not about stays as it
//! was written: comments, order, spaces, and the way in which values are quoted.

use std::path::Path;

use lienthu_domain::ids::BranchCode;
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::{NetworkError, SignIn, SiteEntry, SiteKind, Tls};

/// Every key that an entry can have besides its code, in the order in which a new entry is written.
const KEYS: [&str; 7] = ["name", "kind", "path", "address", "database", "tls", "sign_in"];

/// The text with one more entry, at its end.
///
/// # Errors
/// `Wrong` where the text is no TOML; `Twice`.
pub(super) fn add(text: &str, entry: &SiteEntry) -> Result<String, NetworkError> {
    let mut document = parse(text)?;
    let entries = sites(&mut document)?;
    if position(entries, &entry.code).is_some() {
        return Err(NetworkError::Twice(entry.code.clone()));
    }
    let is_first = entries.is_empty();
    let mut table = Table::new();
    table.insert("code", value(entry.code.as_str()));
    write(&mut table, entry);
    let mut above = String::new();
    if is_first {
        // What a file without entries says is its beginning, and stays above them.
        document.trailing().as_str().unwrap_or_default().trim_end().clone_into(&mut above);
        document.set_trailing("");
    }
    if !text.trim().is_empty() {
        above.push_str(if is_first { "\n\n" } else { "\n" });
    }
    table.decor_mut().set_prefix(above);
    sites(&mut document)?.push(table);
    Ok(document.to_string())
}

/// The text with the entry of that branch changed.
///
/// # Errors
/// `Wrong` where the text is no TOML; `Unknown`.
pub(super) fn change(text: &str, entry: &SiteEntry) -> Result<String, NetworkError> {
    let mut document = parse(text)?;
    let sites = sites(&mut document)?;
    let place = position(sites, &entry.code);
    let table = place.and_then(|place| sites.get_mut(place));
    write(table.ok_or_else(|| NetworkError::Unknown(entry.code.clone()))?, entry);
    Ok(document.to_string())
}

/// The text without the entry of that branch. Comments that stand directly above it go with it; those
/// that a blank line sets apart stay.
///
/// # Errors
/// `Wrong` where the text is no TOML; `Unknown`.
pub(super) fn remove(text: &str, code: &BranchCode) -> Result<String, NetworkError> {
    let mut document = parse(text)?;
    let entries = sites(&mut document)?;
    let place = position(entries, code).ok_or_else(|| NetworkError::Unknown(code.clone()))?;
    let removed = entries.remove(place);
    let above = removed.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    let apart = set_apart(above).to_owned();
    if let Some(next) = entries.get_mut(place) {
        prepend(next.decor_mut(), &apart);
    } else {
        let trailing = document.trailing().as_str().unwrap_or_default();
        let trailing = format!("{apart}{trailing}");
        document.set_trailing(trailing);
    }
    Ok(document.to_string())
}

fn parse(text: &str) -> Result<DocumentMut, NetworkError> {
    text.parse().map_err(|error: toml_edit::TomlError| NetworkError::Wrong(error.to_string()))
}

/// The entries. `site = [{ … }]` means the same as `[[site]]` and is written so from now on.
fn sites(document: &mut DocumentMut) -> Result<&mut ArrayOfTables, NetworkError> {
    let site = document.entry("site").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if !site.is_array_of_tables() {
        let taken = std::mem::take(site).into_array_of_tables();
        let tables = taken.map_err(|_| NetworkError::Wrong("'site' is no list".to_owned()))?;
        *site = Item::ArrayOfTables(tables);
    }
    site.as_array_of_tables_mut().ok_or_else(|| NetworkError::Wrong("'site' is no list".to_owned()))
}

fn position(sites: &ArrayOfTables, code: &BranchCode) -> Option<usize> {
    sites.iter().position(|table| {
        let found = table.get("code").and_then(Item::as_str);
        found.is_some_and(|found| found.trim() == code.as_str())
    })
}

/// Writes an entry's keys, the code excepted. A value that is what it was is not touched.
fn write(table: &mut Table, entry: &SiteEntry) {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (path, address, database, tls, sign_in) = match &entry.kind {
        SiteKind::Embedded { path } => (Some(text(path)), None, None, None, None),
        SiteKind::SqlServer { address, database, tls, sign_in } => {
            (None, Some(address), Some(database), Some(tls), Some(*sign_in))
        }
    };
    let kind = if path.is_some() { "embedded" } else { "sqlserver" };
    let values: [Option<Value>; KEYS.len()] = [
        Some(entry.name.as_str().into()),
        Some(kind.into()),
        path.map(Value::from),
        address.map(|address| address.as_str().into()),
        database.map(|database| database.as_str().into()),
        tls.map(|tls| match tls {
            Tls::System => "system".into(),
            Tls::Ca(file) => Value::InlineTable(InlineTable::from_iter([("ca", text(file))])),
            Tls::Pinned(file) => {
                Value::InlineTable(InlineTable::from_iter([("pinned", text(file))]))
            }
            Tls::Off => "off".into(),
        }),
        sign_in.map(|sign_in| match sign_in {
            SignIn::Sql => "sql".into(),
            SignIn::Windows => "windows".into(),
        }),
    ];
    for (key, new) in KEYS.into_iter().zip(values) {
        match new {
            Some(new) => set(table, key, new),
            None => drop(table.remove(key)),
        }
    }
}

/// Sets a value; the comment behind it stays.
fn set(table: &mut Table, key: &str, mut new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) if same(old, &new) => {}
        Some(old) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => drop(table.insert(key, Item::Value(new))),
    }
}

/// Whether two values say the same, however they are written.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.value() == other.value(),
        (Value::InlineTable(one), Value::InlineTable(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|two| same(one, two)))
        }
        _ => false,
    }
}

/// Of what stands above a table, all up to the last blank line.
fn set_apart(above: &str) -> &str {
    let mut end = 0;
    let mut begun = 0;
    for line in above.split_inclusive('\n') {
        begun += line.len();
        if line.trim().is_empty() {
            end = begun;
        }
    }
    let apart = &above[..end];
    // Blank lines alone are no more than the distance between two entries.
    if apart.trim().is_empty() { "" } else { apart }
}

fn prepend(decor: &mut toml_edit::Decor, text: &str) {
    let below = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    // One blank line between them is enough.
    let below = if text.is_empty() { below } else { below.trim_start_matches('\n') };
    let whole = format!("{text}{below}");
    decor.set_prefix(whole);
}

#[cfg(test)]
mod tests;
