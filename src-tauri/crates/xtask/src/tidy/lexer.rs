//! Rust source, taken apart into code, string literals and comments: as much of a lexer as the rules
//! need to tell a mention from a use.

/// A piece of text and the line on which it begins, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub line: usize,
    pub text: String,
}

/// The parts of a source file.
#[derive(Debug, Default)]
pub struct Parts {
    /// The code, with every literal and comment left out; the lines are those of the file.
    pub code: String,
    /// The string literals, without their quotes, escapes as they stand.
    pub strings: Vec<Piece>,
    /// The comments, with what begins them.
    pub comments: Vec<Piece>,
}

impl Parts {
    /// The code's lines with their numbers.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, text)| (index + 1, text))
    }
}

/// Takes a source file apart.
pub fn parts(source: &str) -> Parts {
    let mut lexer = Lexer { rest: source, line: 1, parts: Parts::default() };
    while lexer.step() {}
    lexer.parts
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    parts: Parts,
}

impl Lexer<'_> {
    /// Takes one piece off the front; `false` at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take_comment(end);
        } else if self.rest.starts_with("/*") {
            self.take_comment(block_comment_len(self.rest));
        } else if let Some(opening) = raw_string_opening(self.rest, self.is_after_word()) {
            let closing = format!("\"{}", "#".repeat(opening.hashes));
            let body = &self.rest[opening.len..];
            let body_len = body.find(&closing).unwrap_or(body.len());
            self.take_string(opening.len, body_len, closing.len());
        } else if first == '"' {
            self.take_string(1, quoted_len(&self.rest[1..]), 1);
        } else if let Some(len) = char_literal_len(self.rest) {
            self.advance(len);
        } else {
            self.parts.code.push(first);
            self.advance(first.len_utf8());
        }
        true
    }

    fn is_after_word(&self) -> bool {
        self.parts.code.ends_with(|c: char| c.is_alphanumeric() || c == '_')
    }

    fn take_comment(&mut self, len: usize) {
        self.parts.comments.push(Piece { line: self.line, text: self.rest[..len].to_owned() });
        self.blank(len);
    }

    fn take_string(&mut self, open_len: usize, body_len: usize, close_len: usize) {
        let text = self.rest[open_len..open_len + body_len].to_owned();
        self.parts.strings.push(Piece { line: self.line, text });
        let len = (open_len + body_len + close_len).min(self.rest.len());
        self.blank(len);
    }

    /// Leaves a piece out of the code, except for its line ends.
    fn blank(&mut self, len: usize) {
        self.parts.code.push(' ');
        let lines = self.rest[..len].matches('\n').count();
        self.parts.code.push_str(&"\n".repeat(lines));
        self.advance(len);
    }

    fn advance(&mut self, len: usize) {
        let (taken, rest) = self.rest.split_at(len);
        self.line += taken.matches('\n').count();
        self.rest = rest;
    }
}

/// The length of a block comment; in Rust they nest.
fn block_comment_len(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

struct RawOpening {
    len: usize,
    hashes: usize,
}

/// `r"`, `r#"`, `br"`, `cr#"` and the like, unless the letters end a longer word.
fn raw_string_opening(text: &str, is_after_word: bool) -> Option<RawOpening> {
    if is_after_word {
        return None;
    }
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['"', '#']))
    })?;
    let rest = &text[prefix.len()..];
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest[hashes..].starts_with('"').then_some(RawOpening { len: prefix.len() + hashes + 1, hashes })
}

/// The length of a string's body up to its closing quote.
fn quoted_len(body: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    body.len()
}

/// The length of a character literal; `None` for a lifetime, which has no second quote.
fn char_literal_len(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let first = body.chars().next()?;
    let body_len = if first == '\\' {
        // The escaped character may itself be a quote.
        2 + body.get(2..)?.find('\'')?
    } else {
        first.len_utf8()
    };
    body[body_len..].starts_with('\'').then_some(body_len + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(source: &str) -> Vec<(usize, String)> {
        parts(source).strings.into_iter().map(|piece| (piece.line, piece.text)).collect()
    }

    #[test]
    fn strings_are_found_whatever_their_quotes() {
        let source =
            "let a = \"one \\\" two\";\nlet b = r#\"three \" four\"#;\nlet c = br\"five\";";
        let expected = [(1, "one \\\" two"), (2, "three \" four"), (3, "five")];
        assert_eq!(strings(source), expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn a_quote_in_a_comment_or_a_character_opens_no_string() {
        let source =
            "// don't say \"so\n/* nor /* \" */ here */ let a = '\"'; let b: &'static str;";
        assert_eq!(strings(source), []);
        assert_eq!(parts(source).comments.len(), 2);
    }

    #[test]
    fn the_lines_of_the_code_are_those_of_the_file() {
        let source = "let a = \"x\ny\";\n/* one\n two */\nfn b() {}";
        let found = parts(source);
        let line = found.code_lines().find(|(_, text)| text.contains("fn b")).map(|(line, _)| line);
        assert_eq!(line, Some(5));
    }

    #[test]
    fn a_raw_identifier_is_no_string() {
        assert_eq!(strings("let r#type = var\"\";"), [(1, String::new())]);
    }
}
