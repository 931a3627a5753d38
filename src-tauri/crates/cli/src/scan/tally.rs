//! How many scans ended how.

use lienthu_port::message::Message;
use serde::Serialize;

use super::acknowledgement::{Acknowledgement, Outcome};
use crate::exit::Exit;
use crate::page::Page;
use crate::report::Reply;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Lines read.
    pub lines: u64,
    /// Scans that the site has.
    pub done: u64,
    /// Scans that this desk has and will send.
    pub queued: u64,
    /// Scans that a rule refused.
    pub refused: u64,
    /// Lines that are no code, or none that this desk knows.
    pub not_understood: u64,
    /// Scans that could not be recorded.
    pub failed: u64,
    #[serde(skip)]
    worst: Exit,
    #[serde(skip)]
    require_site: bool,
}

impl Tally {
    /// Nothing yet; `require_site`: what is only queued is not enough.
    #[must_use]
    pub const fn new(require_site: bool) -> Self {
        Self {
            lines: 0,
            done: 0,
            queued: 0,
            refused: 0,
            not_understood: 0,
            failed: 0,
            worst: Exit::Done,
            require_site,
        }
    }

    /// The number of the next line, from 1.
    pub(super) const fn next(&mut self) -> u64 {
        self.lines += 1;
        self.lines
    }

    pub(super) fn count(&mut self, acknowledgement: &Acknowledgement<'_>) {
        let exit = match acknowledgement.outcome {
            Outcome::Card | Outcome::Mode => Exit::Done,
            Outcome::Done => {
                self.done += 1;
                Exit::Done
            }
            Outcome::Queued => {
                self.queued += 1;
                if self.require_site { Exit::Queued } else { Exit::Done }
            }
            Outcome::Refused => {
                self.refused += 1;
                Exit::Refused
            }
            Outcome::NotUnderstood => {
                self.not_understood += 1;
                Exit::Refused
            }
            Outcome::Failed => {
                self.failed += 1;
                let message = acknowledgement.message.as_ref();
                message.map_or(Exit::Unexpected, |message| Exit::of_code(&message.code))
            }
        };
        if exit.weight() > self.worst.weight() {
            self.worst = exit;
        }
    }
}

impl Reply for Tally {
    fn exit(&self, _: bool) -> Exit {
        self.worst
    }

    fn message(&self, _: bool) -> Option<Message> {
        let not_done = || {
            Message::new(
                "scans_not_done",
                (
                    "Có dòng chưa làm được. Xem lý do ở từng dòng rồi quét lại.",
                    "Some lines were not done. See why at each line, then scan again.",
                ),
            )
        };
        (!self.worst.is_ok()).then(not_done)
    }

    fn show(&self, page: &mut Page) {
        page.fields(&[
            (("Số dòng", "Lines"), self.lines.to_string()),
            (("Xong", "Done"), self.done.to_string()),
            (("Chờ gửi", "Queued"), self.queued.to_string()),
            (("Từ chối", "Refused"), self.refused.to_string()),
            (("Không hiểu", "Not understood"), self.not_understood.to_string()),
            (("Không ghi được", "Failed"), self.failed.to_string()),
        ]);
    }
}
