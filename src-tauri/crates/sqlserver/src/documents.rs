//! What goes to the server as JSON. The names are those of the columns.

use lienthu_domain::copy::CopyDetails;
use lienthu_domain::event::Deed;
use lienthu_domain::patron::Patron;
use lienthu_domain::review::Settlement;
use lienthu_domain::text::clean;
use lienthu_port::submit::Sending;
use serde_json::{Value, json};

/// Letters of a search that are looked at: nobody's name is longer.
pub(crate) const SEARCH_CHARS_MAX: usize = 255;
const NAME_CHARS_MAX: usize = 255;
const PHONE_CHARS_MAX: usize = 20;
const NOTE_CHARS_MAX: usize = 1_000;
const SHELF_MARK_CHARS_MAX: usize = 50;

/// A batch of events, in the order of sending.
pub(crate) fn events(batch: &[Sending]) -> String {
    Value::from(batch.iter().map(event).collect::<Vec<_>>()).to_string()
}

fn event(sending: &Sending) -> Value {
    let event = &sending.event;
    let (mut patron, mut date, mut target, mut flag, mut settlement) =
        (None, None, None, None, None);
    match &event.deed {
        Deed::Borrow { patron: who, due } => (patron, date) = (Some(who), Some(*due)),
        Deed::Return { returned_on } => date = *returned_on,
        Deed::Renew { borrow, due } => (target, date) = (Some(*borrow), Some(*due)),
        Deed::Undo { target: undone } => target = Some(*undone),
        Deed::Settle { target: about, flag: kind, settlement: decided } => {
            (target, flag) = (Some(*about), Some(kind.code()));
            settlement = Some(match decided {
                Settlement::Confirmed => "confirmed",
                Settlement::ReturnedOn { date: on } => {
                    date = Some(*on);
                    "returned_on"
                }
            });
        }
    }
    json!({
        "id": event.id.to_string(),
        "desk": event.desk.to_string(),
        "seq": event.seq,
        "site": event.site.as_str(),
        "scanned_by": event.scanned_by.as_str(),
        "at": event.at.to_string(),
        "uncertainty_ms": event.uncertainty_ms,
        "overridden": event.overridden,
        "copy": event.copy.as_str(),
        "deed": event.deed.name(),
        "patron": patron.map(|patron| patron.as_str()),
        "date": date.map(|date| date.to_string()),
        "target": target.map(|target| target.to_string()),
        "flag": flag,
        "settlement": settlement,
        "claim": sending.claim.code(),
        "correlation": sending.correlation.to_string(),
        "received_at": sending.received_at.as_ref().map(|branch| branch.as_str()),
    })
}

/// A patron as the site has them.
pub(crate) fn patron(patron: &Patron) -> String {
    let card = &patron.card;
    json!({
        "MaDG": card.code.as_str(),
        "HoTen": card.name,
        "MaCN_DangKy": card.branch.as_str(),
        "LoaiDocGia": card.category.as_str(),
        "HanThe": card.card_expires.map(|date| date.to_string()),
        "BiKhoa": card.block,
        "MaCN_Goc": card.home_branch.as_ref().map(|branch| branch.as_str()),
        "MaDG_Goc": card.home_code.as_ref().map(|code| code.as_str()),
        "NgaySinh": patron.birth_date.map(|date| date.to_string()),
        "DienThoai": patron.phone,
        "Email": patron.email,
        "TienDatCoc": patron.deposit_vnd,
        "GhiChu": patron.note,
    })
    .to_string()
}

/// The patron as they can be stored: texts composed and cleaned, which T-SQL cannot do.
pub(crate) fn fit_patron(raw: &Patron) -> Patron {
    let mut fit = raw.clone();
    fit.card.name = text(&raw.card.name, NAME_CHARS_MAX);
    fit.card.block = raw.card.block.as_ref().map(|reason| text(reason, NAME_CHARS_MAX));
    fit.phone = text(&raw.phone, PHONE_CHARS_MAX);
    fit.email = text(&raw.email, NAME_CHARS_MAX);
    fit.note = text(&raw.note, NOTE_CHARS_MAX);
    fit
}

/// Copies as the site has them.
pub(crate) fn copies(copies: &[CopyDetails]) -> String {
    Value::from(copies.iter().map(copy_value).collect::<Vec<_>>()).to_string()
}

/// A copy as the site has it.
pub(crate) fn copy(details: &CopyDetails) -> String {
    copy_value(details).to_string()
}

fn copy_value(details: &CopyDetails) -> Value {
    json!({
        "MaQuyenSach": details.barcode.as_str(),
        "ISBN": details.title.as_str(),
        "HienTrang": details.condition.code(),
        "KyHieuXepGia": details.shelf_mark,
        "GiaTien": details.price_vnd,
    })
}

/// The copy as it can be stored.
pub(crate) fn fit_copy(raw: &CopyDetails) -> CopyDetails {
    CopyDetails { shelf_mark: text(&raw.shelf_mark, SHELF_MARK_CHARS_MAX), ..raw.clone() }
}

/// Keys as a list.
pub(crate) fn keys<K: AsRef<str>>(keys: &[K]) -> String {
    let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    Value::from(keys).to_string()
}

/// What stands for the rest of a text that is too long. No blank, which servers do not count at an end.
const REST: char = '…';

/// Free text, cleaned. One that is too long is left for the site to refuse, which looks at other things
/// first; but it goes there with one letter too many, because nobody needs the rest.
fn text(raw: &str, chars_max: usize) -> String {
    let cleaned = clean(raw, usize::MAX);
    match cleaned.char_indices().nth(chars_max) {
        Some((end, _)) => cleaned[..end].chars().chain([REST]).collect(),
        None => cleaned,
    }
}
