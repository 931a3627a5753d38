//! How an operation ended.

use lienthu_desk::answer::{Answer, CopyView, DeedKind, PatronView};
use lienthu_domain::event::Deed;
use lienthu_domain::loan::Loan;
use lienthu_port::message::Message;

use super::{BOOK, DUE, EVENT, PATRON};
use crate::exit::Exit;
use crate::language::Sentence;
use crate::page::Page;
use crate::report::Reply;

impl Reply for Answer {
    fn exit(&self, require_site: bool) -> Exit {
        match self {
            Self::Done { queued: true, .. } if require_site => Exit::Queued,
            Self::Done { .. } => Exit::Done,
            Self::Refused { reasons, .. } => {
                reasons.first().map_or(Exit::Refused, |reason| Exit::of_code(&reason.code))
            }
        }
    }

    fn message(&self, _: bool) -> Option<Message> {
        match self {
            Self::Done { .. } => None,
            Self::Refused { reasons, .. } => reasons.first().cloned(),
        }
    }

    fn show(&self, page: &mut Page) {
        match self {
            Self::Done { deed, event, queued, copy, loan, patron, warnings } => {
                page.say(done(*deed));
                if *queued {
                    page.say(QUEUED);
                }
                page.fields(&[
                    (BOOK, book(copy)),
                    (PATRON, who(patron.as_ref(), loan.as_ref())),
                    (DUE, due(*deed, loan.as_ref())),
                    (EVENT, event.to_string()),
                ]);
                page.notes(warnings);
            }
            Self::Refused { reasons, can_override, offline, copy, patron } => {
                page.fields(&[(BOOK, book(copy)), (PATRON, who(patron.as_ref(), None))]);
                page.notes(reasons.get(1..).unwrap_or_default());
                if *offline {
                    page.say(BY_ITSELF);
                }
                if *can_override {
                    page.say(CAN_GO_ON);
                }
            }
        }
    }
}

/// Written down, not sent.
pub const QUEUED: Sentence = (
    "Đã ghi ở máy này; sẽ tự gửi khi liên lạc lại được với chi nhánh.",
    "It is recorded at this desk, and sent by itself when the site can be reached.",
);
const BY_ITSELF: Sentence = (
    "Chưa liên lạc được với chi nhánh; máy này xét theo dữ liệu nó có.",
    "The site cannot be reached; this desk judges by what it knows.",
);
const CAN_GO_ON: Sentence =
    ("Nếu vẫn muốn làm, thêm --go-on.", "To go on all the same, add --go-on.");

/// What was done, in words.
#[must_use]
pub const fn done(deed: DeedKind) -> Sentence {
    match deed {
        DeedKind::Borrow => ("Đã cho mượn.", "Lent."),
        DeedKind::Return => ("Đã nhận trả.", "Taken back."),
        DeedKind::Renew => ("Đã gia hạn.", "Renewed."),
        DeedKind::Undo => ("Đã hoàn tác.", "Undone."),
        DeedKind::Settle => ("Đã xử lý.", "Settled."),
    }
}

/// What an event is, in words.
pub(super) const fn name(deed: &Deed) -> Sentence {
    match deed {
        Deed::Borrow { .. } => ("cho mượn", "lend"),
        Deed::Return { .. } => ("nhận trả", "take back"),
        Deed::Renew { .. } => ("gia hạn", "renew"),
        Deed::Undo { .. } => ("hoàn tác", "undo"),
        Deed::Settle { .. } => ("xử lý", "settle"),
    }
}

/// A book in a word or two: its barcode and, where it is known, its name.
#[must_use]
pub fn book(copy: &CopyView) -> String {
    match &copy.title {
        Some(title) => format!("{}  {}", copy.barcode, title.name),
        None => copy.barcode.to_string(),
    }
}

/// A patron in a word or two.
#[must_use]
pub fn patron(patron: &PatronView) -> String {
    match &patron.card {
        Some(card) => format!("{}  {}", patron.code, card.name),
        None => patron.code.to_string(),
    }
}

fn who(view: Option<&PatronView>, loan: Option<&Loan>) -> String {
    view.map(patron).or_else(|| loan.map(|loan| loan.patron.to_string())).unwrap_or_default()
}

/// The due date, where the operation promised one.
fn due(deed: DeedKind, loan: Option<&Loan>) -> String {
    match (deed, loan) {
        (DeedKind::Borrow | DeedKind::Renew, Some(loan)) => loan.due.to_string(),
        _ => String::new(),
    }
}
