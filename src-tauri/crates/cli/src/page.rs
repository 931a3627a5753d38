//! Plain text for people: sentences, aligned fields and tables, times at the branch.

use lienthu_domain::times::{UtcMs, ZoneOffset};
use lienthu_port::message::Message;
use unicode_width::UnicodeWidthStr;

use crate::language::{Language, Sentence};

/// Columns of a cell at most; what is longer is cut.
const CELL_WIDTH_MAX: usize = 60;
/// Between two columns.
const GAP: &str = "  ";

/// A page being written.
#[derive(Debug)]
pub struct Page {
    language: Language,
    zone: ZoneOffset,
    text: String,
}

impl Page {
    /// An empty page; times are shown at `zone`.
    #[must_use]
    pub const fn new(language: Language, zone: ZoneOffset) -> Self {
        Self { language, zone, text: String::new() }
    }

    /// What was written: whole lines.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// A sentence in this page's language.
    #[must_use]
    pub const fn pick(&self, sentence: Sentence) -> &'static str {
        self.language.pick(sentence)
    }

    /// Writes a line.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(&printable(text));
        self.text.push('\n');
    }

    /// Writes a sentence.
    pub fn say(&mut self, sentence: Sentence) {
        self.line(self.pick(sentence));
    }

    /// A message in this page's language, with its code.
    #[must_use]
    pub fn say_of(&self, message: &Message) -> String {
        format!("{} [{}]", self.language.say(message), message.code)
    }

    /// Writes a message with its code.
    pub fn message(&mut self, message: &Message) {
        self.line(&format!("{} [{}]", self.language.say(message), message.code));
    }

    /// Writes the sentence of a message below a line that has said its code.
    pub fn indented(&mut self, message: &Message) {
        self.line(&format!("      {}", self.language.say(message)));
    }

    /// Writes messages as notes beside what happened.
    pub fn notes(&mut self, messages: &[Message]) {
        for message in messages {
            let note = self.pick(("Lưu ý", "Note"));
            self.line(&format!("{note}: {} [{}]", self.language.say(message), message.code));
        }
    }

    /// Writes fields, their values aligned; fields without a value are left out.
    pub fn fields(&mut self, fields: &[(Sentence, String)]) {
        let shown = || fields.iter().filter(|(_, value)| !value.is_empty());
        let widest = shown().map(|(name, _)| self.pick(*name).width()).max().unwrap_or(0);
        let lines: Vec<String> = shown()
            .map(|(name, value)| format!("{}{GAP}{value}", padded(self.pick(*name), widest)))
            .collect();
        for line in lines {
            self.line(&line);
        }
    }

    /// Writes a table; without rows, nothing but its heads.
    pub fn table<const N: usize>(&mut self, heads: [Sentence; N], rows: &[[String; N]]) {
        let heads = heads.map(|head| self.pick(head).to_owned());
        let rows: Vec<[String; N]> = std::iter::once(heads)
            .chain(rows.iter().cloned())
            .map(|row| row.map(|cell| cut(&printable(&cell), CELL_WIDTH_MAX)))
            .collect();
        let widths: [usize; N] =
            std::array::from_fn(|n| rows.iter().map(|row| row[n].width()).max().unwrap_or(0));
        for row in &rows {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| padded(cell, width)).collect();
            self.line(cells.join(GAP).trim_end());
        }
    }

    /// A time, on the branch's clock, to the minute.
    #[must_use]
    pub fn time(&self, at: UtcMs) -> String {
        const DAY_MIN: i64 = 24 * 60;
        let minutes =
            (at.ms().div_euclid(60_000) + i64::from(self.zone.minutes())).rem_euclid(DAY_MIN);
        format!("{} {:02}:{:02}", at.date_at(self.zone), minutes / 60, minutes % 60)
    }
}

/// The text without what a terminal would act on.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The text, filled up with spaces to a width.
#[must_use]
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// The text cut to a width, with an ellipsis where something is missing.
fn cut(text: &str, width_max: usize) -> String {
    if text.width() <= width_max {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        let longer = format!("{kept}{c}");
        if longer.width() >= width_max {
            break;
        }
        kept = longer;
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        Page::new(Language::Vi, ZoneOffset::VIET_NAM)
    }

    #[test]
    fn columns_stay_aligned_under_vietnamese_letters() {
        let mut page = page();
        page.table(
            [("Mã", "Code"), ("Tên", "Name"), ("Ngày", "Day")],
            &[
                ["1".into(), "Đường xưa mây trắng".into(), "a".into()],
                ["22".into(), "Ti\u{1ec3}u thuye\u{302}\u{301}t".into(), "b".into()],
            ],
        );
        assert_eq!(
            page.into_text(),
            "Mã  Tên                  Ngày\n\
             1   Đường xưa mây trắng  a\n\
             22  Tiểu thuye\u{302}\u{301}t          b\n"
        );
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_printed() {
        let mut page = page();
        page.line("a\u{1b}[2Jb\u{7}\r");
        page.fields(&[(("Tên", "Name"), "x\ny".into()), (("Rỗng", "Empty"), String::new())]);
        assert_eq!(page.into_text(), "a\u{fffd}[2Jb\u{fffd}\u{fffd}\nTên  x\u{fffd}y\n");
    }

    #[test]
    fn a_long_cell_is_cut() {
        assert_eq!(cut("đường", 4), "đườ…");
        assert_eq!(cut(&"x".repeat(10_000), CELL_WIDTH_MAX).width(), CELL_WIDTH_MAX);
    }

    #[test]
    fn times_are_those_of_the_branch() {
        let late = "2026-03-01T18:05:00Z".parse().unwrap();
        assert_eq!(page().time(late), "2026-03-02 01:05");
    }
}
