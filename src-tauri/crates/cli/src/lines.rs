//! Lines of any length in memory of one size.

use std::io::{self, BufRead};

/// A line of the input, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its beginning, or all of it; bytes that are no UTF-8 stand as U+FFFD.
    pub text: String,
    /// Something is missing: the line is longer than was asked for.
    pub cut: bool,
}

/// The next line, at most its first `bytes_max` bytes; the rest of a longer one is passed over. Nothing
/// at the end of the input.
///
/// # Errors
/// What the input says.
pub fn next_line(input: &mut impl BufRead, bytes_max: usize) -> io::Result<Option<Line>> {
    let mut kept: Vec<u8> = Vec::new();
    let mut cut = false;
    let mut any = false;
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            break;
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let line = &buffer[..end.unwrap_or(buffer.len())];
        let room = bytes_max.saturating_sub(kept.len()).min(line.len());
        kept.extend_from_slice(&line[..room]);
        cut |= room < line.len();
        let read = end.map_or(buffer.len(), |end| end + 1);
        input.consume(read);
        if end.is_some() {
            break;
        }
    }
    Ok(any.then(|| {
        let text = String::from_utf8_lossy(&kept);
        Line { text: text.strip_suffix('\r').unwrap_or(&text).to_owned(), cut }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    /// All lines, read through a buffer that is smaller than they are.
    fn lines(input: &[u8], bytes_max: usize) -> Vec<(String, bool)> {
        let mut reader = BufReader::with_capacity(3, input);
        let mut found = Vec::new();
        while let Some(line) = next_line(&mut reader, bytes_max).unwrap() {
            found.push((line.text, line.cut));
        }
        found
    }

    #[test]
    fn every_line_is_read_once_whatever_its_end() {
        assert_eq!(
            lines(b"Q001\r\n\nQ002\nQ003", 10),
            ["Q001", "", "Q002", "Q003"].map(|text| (text.to_owned(), false))
        );
        assert!(lines(b"", 10).is_empty());
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_the_next_one_is_whole() {
        let input = [&b"x".repeat(100_000)[..], b"\nQ001\n"].concat();
        assert_eq!(lines(&input, 5), [("xxxxx".to_owned(), true), ("Q001".to_owned(), false)]);
    }

    #[test]
    fn bytes_that_are_no_text_are_still_a_line() {
        assert_eq!(lines(b"a\xff\xfeb\n", 10), [("a\u{fffd}\u{fffd}b".to_owned(), false)]);
    }
}
