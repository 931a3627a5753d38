//! What one command has to say, for people and for programs.

use std::io::{self, Write};

use lienthu_domain::ids::Barcode;
use lienthu_domain::times::ZoneOffset;
use lienthu_port::message::Message;
use serde::Serialize;

use crate::arguments::Terms;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::page::{Page, printable};

/// An answer of the app as the command line gives it back.
pub trait Reply: Serialize {
    /// How the program ends; `require_site`: what only the desk has is not enough.
    fn exit(&self, _require_site: bool) -> Exit {
        Exit::Done
    }

    /// Why it did not happen, or not as it was wanted: always there where the program does not end well.
    fn message(&self, _require_site: bool) -> Option<Message> {
        None
    }

    /// Writes it for people. Where there is a message, this stands below it.
    fn show(&self, page: &mut Page);
}

/// What one command has to say.
#[derive(Debug)]
pub struct Report {
    exit: Exit,
    message: Option<Message>,
    data: serde_json::Value,
    text: String,
}

/// What whoever works at this desk must hear, whatever the command was.
#[derive(Debug, Default)]
pub struct Notices {
    /// About this computer.
    pub warnings: Vec<Message>,
    /// Books whose scan was cut off when the program last ended: nothing was recorded.
    pub interrupted: Vec<Barcode>,
}

/// The JSON of a report; its shape is documented in the crate's README.
#[derive(Serialize)]
struct Json<'a> {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Message>,
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    data: &'a serde_json::Value,
    #[serde(skip_serializing_if = "<[Message]>::is_empty")]
    warnings: &'a [Message],
    #[serde(skip_serializing_if = "<[Barcode]>::is_empty")]
    interrupted: &'a [Barcode],
}

impl Report {
    /// Of an answer.
    #[must_use]
    pub fn of(reply: &impl Reply, terms: &Terms, zone: ZoneOffset) -> Self {
        let mut page = Page::new(terms.language(), zone);
        reply.show(&mut page);
        Self {
            exit: reply.exit(terms.require_site),
            message: reply.message(terms.require_site),
            // The types of an answer have text keys and no numbers that JSON lacks.
            data: serde_json::to_value(reply).unwrap_or_default(),
            text: page.into_text(),
        }
    }

    /// How the program ends.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints it: what was done to `out`, what went wrong to `errors`, and as JSON all of it to `out`.
    ///
    /// # Errors
    /// `Output`.
    pub fn print(
        &self,
        notices: &Notices,
        terms: &Terms,
        out: &mut impl Write,
        errors: &mut impl Write,
    ) -> Result<(), Failure> {
        let printed = if terms.json {
            self.print_json(notices, out)
        } else {
            self.print_text(notices, terms, out, errors)
        };
        printed.and_then(|()| out.flush()).map_err(Failure::Output)
    }

    fn print_json(&self, notices: &Notices, out: &mut impl Write) -> io::Result<()> {
        let json = Json {
            ok: self.exit.is_ok(),
            code: self.message.as_ref().map(|message| message.code.as_str()),
            message: self.message.as_ref(),
            data: &self.data,
            warnings: &notices.warnings,
            interrupted: &notices.interrupted,
        };
        serde_json::to_writer(&mut *out, &json)?;
        writeln!(out)
    }

    fn print_text(
        &self,
        notices: &Notices,
        terms: &Terms,
        out: &mut impl Write,
        errors: &mut impl Write,
    ) -> io::Result<()> {
        let language = terms.language();
        for book in &notices.interrupted {
            let scan_again = language.pick((
                "Lần quét quyển này bị ngắt giữa chừng và chưa được ghi. Quét lại:",
                "The scan of this book was cut off and not recorded. Scan it again:",
            ));
            writeln!(errors, "{scan_again} {book}")?;
        }
        if !terms.quiet {
            for warning in &notices.warnings {
                writeln!(errors, "{} [{}]", printable(language.say(warning)), warning.code)?;
            }
        }
        if let Some(message) = &self.message {
            let sentence = printable(language.say(message));
            writeln!(errors, "lienthu-cli: {sentence} [{}]", message.code)?;
        }
        if !self.exit.has_answer() {
            errors.write_all(self.text.as_bytes())
        } else if terms.quiet {
            Ok(())
        } else {
            out.write_all(self.text.as_bytes())
        }
    }
}

impl From<&Failure> for Report {
    fn from(failure: &Failure) -> Self {
        Self {
            exit: failure.exit(),
            message: Some(failure.message()),
            data: serde_json::Value::Null,
            text: String::new(),
        }
    }
}

/// Of a command line that is wrong; `text` is what clap says.
#[must_use]
pub fn usage_json(text: &str) -> String {
    let message = Message::new(
        "usage",
        (
            "Dòng lệnh chưa đúng. Xem lienthu-cli --help.",
            "The command line is wrong. See lienthu-cli --help.",
        ),
    );
    serde_json::json!({ "ok": false, "code": "usage", "message": message, "data": text })
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use clap::Parser;

    /// What is printed of a change that went well, at a desk where a scan was cut off.
    fn printed(option: &str) -> (String, String) {
        let typed = ["lienthu-cli", "--lang", "en", option, "health"];
        let terms = Arguments::try_parse_from(typed).unwrap().terms;
        let warning = Message::new("key_in_file", ("Khóa nằm trong tệp.", "The key is in a file."));
        let notices =
            Notices { warnings: vec![warning], interrupted: vec!["Q001".parse().unwrap()] };
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let report = Report::of(&(), &terms, ZoneOffset::VIET_NAM);
        report.print(&notices, &terms, &mut out, &mut errors).unwrap();
        (String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap())
    }

    #[test]
    fn a_scan_that_was_cut_off_is_always_heard_of() {
        let (out, _) = printed("--json");
        let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&answer["ok"], &answer["interrupted"][0]), (&true.into(), &"Q001".into()));
        let (out, errors) = printed("--quiet");
        assert!(out.is_empty() && errors.contains("Scan it again: Q001"), "{errors}");
        assert!(!errors.contains("key_in_file"));
    }

    #[test]
    fn what_went_well_and_what_to_know_go_different_ways() {
        let (out, errors) = printed("--verbose");
        assert_eq!(out, "Done.\n");
        assert!(errors.contains("The key is in a file. [key_in_file]"), "{errors}");
    }
}
