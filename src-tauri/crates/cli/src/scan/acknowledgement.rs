//! What is said of one line.

use std::io::{self, Write};

use lienthu_desk::answer::{Answer, ScanAnswer};
use lienthu_domain::ids::EventId;
use lienthu_domain::text::SCAN_CHARS_MAX;
use lienthu_port::message::Message;
use serde::Serialize;

use crate::arguments::Terms;
use crate::failure::Failure;
use crate::language::Language;
use crate::lines::Line;
use crate::page::{padded, printable};
use crate::show::circulation::{book, done, patron};

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The site has it.
    Done,
    /// This desk has it, and will send it.
    Queued,
    /// A rule refused it.
    Refused,
    /// It is no code, or none that this desk knows.
    NotUnderstood,
    /// It could not be recorded.
    Failed,
    /// A card was read.
    Card,
    /// A control line.
    Mode,
}

impl Outcome {
    const fn of(answer: &ScanAnswer) -> Self {
        match answer {
            ScanAnswer::Patron { .. } => Self::Card,
            ScanAnswer::NeedsPatron { .. } => Self::Refused,
            ScanAnswer::NotUnderstood { .. } => Self::NotUnderstood,
            ScanAnswer::Answer { answer } => match **answer {
                Answer::Done { queued: true, .. } => Self::Queued,
                Answer::Done { queued: false, .. } => Self::Done,
                Answer::Refused { .. } => Self::Refused,
            },
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Queued => "queued",
            Self::Refused => "refused",
            Self::NotUnderstood => "not_understood",
            Self::Failed => "failed",
            Self::Card => "card",
            Self::Mode => "mode",
        }
    }
}

/// See the module; its JSON is documented in the crate's README.
#[derive(Debug, Serialize)]
pub(super) struct Acknowledgement<'a> {
    /// The number of the line in the input, from 1.
    line: u64,
    /// The line, at most its first [`SCAN_CHARS_MAX`] characters.
    text: String,
    pub(super) outcome: Outcome,
    /// The event, where one was made: to undo it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<EventId>,
    /// Why not, where it did not happen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Message>,
    /// What is odd about what happened.
    #[serde(skip_serializing_if = "<[Message]>::is_empty")]
    warnings: &'a [Message],
    #[serde(skip)]
    answer: Option<&'a ScanAnswer>,
}

impl<'a> Acknowledgement<'a> {
    /// Of the answer to a line; no answer where it was a control line.
    pub(super) fn of(
        line: u64,
        read: &Line,
        answered: Result<&'a Option<ScanAnswer>, &Failure>,
    ) -> Self {
        let (answer, outcome, message) = match answered {
            Ok(Some(answer)) => (Some(answer), Outcome::of(answer), why_not(answer)),
            Ok(None) => (None, Outcome::Mode, None),
            Err(failure) => (None, Outcome::Failed, Some(failure.message())),
        };
        let (event, warnings) = match answer.and_then(done_answer) {
            Some((event, warnings)) => (Some(event), warnings),
            None => (None, [].as_slice()),
        };
        let text = read.text.chars().take(SCAN_CHARS_MAX).collect();
        Self { line, text, outcome, event, message, warnings, answer }
    }

    /// Prints it as one line, and does not keep it back.
    pub(super) fn print(&self, terms: &Terms, out: &mut impl Write) -> io::Result<()> {
        if terms.json {
            serde_json::to_writer(&mut *out, self)?;
        } else {
            let event = self.event.map_or_else(|| "-".to_owned(), |event| event.to_string());
            write!(
                out,
                "{:>5}  {}  {}  {}  {}",
                self.line,
                padded(self.outcome.name(), 14),
                padded(&printable(&self.text), 20),
                padded(&event, 36),
                printable(&self.sentence(terms.language())),
            )?;
        }
        writeln!(out)?;
        out.flush()
    }

    /// What a person wants to hear.
    fn sentence(&self, language: Language) -> String {
        if let Some(message) = &self.message {
            return language.say(message).to_owned();
        }
        let mut sentence = match self.answer {
            Some(ScanAnswer::Patron { patron: view }) => patron(view),
            Some(ScanAnswer::Answer { answer }) => match answer.as_ref() {
                Answer::Done { deed, copy, .. } => {
                    format!("{} {}", language.pick(done(*deed)), book(copy))
                }
                Answer::Refused { .. } => String::new(),
            },
            _ => String::new(),
        };
        for warning in self.warnings {
            sentence.push(' ');
            sentence.push_str(language.say(warning));
        }
        sentence
    }
}

/// Why a scan did not happen.
fn why_not(answer: &ScanAnswer) -> Option<Message> {
    match answer {
        ScanAnswer::Patron { .. } => None,
        ScanAnswer::NeedsPatron { message, .. } | ScanAnswer::NotUnderstood { message, .. } => {
            Some(message.clone())
        }
        ScanAnswer::Answer { answer } => match answer.as_ref() {
            Answer::Done { .. } => None,
            Answer::Refused { reasons, .. } => reasons.first().cloned(),
        },
    }
}

/// The event that a scan made, and what is odd about it.
fn done_answer(answer: &ScanAnswer) -> Option<(EventId, &[Message])> {
    match answer {
        ScanAnswer::Answer { answer } => match answer.as_ref() {
            Answer::Done { event, warnings, .. } => Some((*event, warnings)),
            Answer::Refused { .. } => None,
        },
        _ => None,
    }
}
