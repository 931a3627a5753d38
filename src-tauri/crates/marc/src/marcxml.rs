//! MARCXML: where records begin and end in a stream, and what their parts are.
//!
//! Records are cut out of the stream by their tags alone, and each is parsed by itself, so that
//! malformed XML in one of them costs no other and memory stays bounded. What follows is that a
//! comment or CDATA section *inside* a record must not contain a record's tags.

mod parse;

use std::io::{self, Read};

use crate::{
    error::Reason,
    iso2709::Found,
    record::{Position, Record},
    window::Window,
};

/// Bytes in the largest record, tags included: ten times what ISO 2709 allows.
pub const MAX_XML_BYTES: usize = 1_000_000;

/// Bytes in the largest comment or processing instruction between records.
const MAX_XML_ASIDE_BYTES: usize = 16 * 1024;

/// Bytes in the longest tag between records, and in the longest name of those that matter.
const MAX_XML_TAG_BYTES: usize = 4096;
const MAX_XML_NAME_BYTES: usize = 64;

/// Splits a stream into records.
pub(crate) struct Frames<R> {
    window: Window<R>,
    ordinal: u64,
    /// Whether an end of the collection is still to come.
    in_collection: bool,
}

/// The tags that matter for finding records.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    RecordStart,
    RecordEnd,
    CollectionStart,
    CollectionEnd,
}

/// How the record at hand ends.
enum End {
    /// Behind its end tag.
    Closed(usize),
    /// Where something begins that cannot be inside a record.
    Unclosed(usize),
    /// Nowhere before the end of the stream.
    Missing,
    /// Nowhere within the bound.
    TooFar,
}

impl<R: Read> Frames<R> {
    /// `in_collection`: the window stands behind the start tag of a collection.
    pub(crate) fn new(window: Window<R>, in_collection: bool) -> Self {
        Self { window, ordinal: 0, in_collection }
    }

    /// Whether no record can follow. Meant for the start: it takes the end of an empty collection.
    pub(crate) fn is_empty(&mut self) -> io::Result<bool> {
        Ok(self.skip_between_records()? && !self.in_collection)
    }

    /// The next record, damaged or not; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> io::Result<Option<Found>> {
        let at_end = self.skip_between_records()?;
        if at_end && !self.in_collection {
            return Ok(None);
        }
        self.ordinal += 1;
        let position = Position { ordinal: self.ordinal, byte_offset: self.window.offset() };
        let result = if at_end {
            self.in_collection = false;
            Err(Reason::XmlCollectionNotClosed)
        } else if self.tag(0)? == Some(Tag::RecordStart) {
            self.record(position)?
        } else {
            self.resynchronise()?;
            Err(Reason::XmlBetweenRecords)
        };
        Ok(Some((position, result)))
    }

    fn record(&mut self, position: Position) -> io::Result<Result<Record, Reason>> {
        Ok(match self.record_end()? {
            End::Closed(length) => {
                let result = parse::parse(position, &self.window.bytes()[..length]);
                self.window.consume(length);
                result
            }
            End::Unclosed(length) => {
                self.window.consume(length);
                Err(Reason::XmlSyntax { detail: "its end tag is missing".to_owned() })
            }
            End::Missing => {
                let found = self.window.bytes().len();
                self.window.consume(found);
                self.in_collection = false;
                Err(Reason::Truncated { found })
            }
            End::TooFar => {
                self.resynchronise()?;
                Err(Reason::TooLarge { bound: MAX_XML_BYTES })
            }
        })
    }

    fn record_end(&mut self) -> io::Result<End> {
        let mut from = 1;
        if let Some(end) = self.tag_end(0)?
            && self.window.bytes()[end - 2] == b'/'
        {
            return Ok(End::Closed(end));
        }
        while let Some(at) = self.window.find(from, MAX_XML_BYTES, |byte| byte == b'<')? {
            match self.tag(at)? {
                Some(Tag::RecordEnd) => {
                    return Ok(match self.tag_end(at)? {
                        Some(end) => End::Closed(end),
                        None => End::Unclosed(at + 1),
                    });
                }
                Some(_) => return Ok(End::Unclosed(at)),
                None => from = at + 1,
            }
        }
        let is_all = self.window.peek(MAX_XML_BYTES + 1)?.len() <= MAX_XML_BYTES;
        Ok(if is_all { End::Missing } else { End::TooFar })
    }

    /// Passes over white space, comments, processing instructions and the tags of collections.
    /// True at the end of the stream.
    fn skip_between_records(&mut self) -> io::Result<bool> {
        loop {
            let ahead = self.window.peek(MAX_XML_TAG_BYTES)?;
            let blank = ahead.len() - ahead.trim_ascii_start().len();
            if blank > 0 {
                self.window.consume(blank);
                continue;
            }
            if ahead.is_empty() {
                return Ok(true);
            }
            let aside = if ahead.starts_with(b"<!--") {
                self.aside(b"-->")?
            } else if ahead.starts_with(b"<?") {
                self.aside(b"?>")?
            } else {
                let tag = self.tag(0)?;
                self.in_collection = match tag {
                    Some(Tag::CollectionStart) => true,
                    Some(Tag::CollectionEnd) => false,
                    _ => return Ok(false),
                };
                self.tag_end(0)?
            };
            match aside {
                Some(length) => self.window.consume(length),
                None => return Ok(false),
            }
        }
    }

    /// Length of the comment or instruction at hand, if it ends within the bound.
    fn aside(&mut self, end: &[u8]) -> io::Result<Option<usize>> {
        let ahead = self.window.peek(MAX_XML_ASIDE_BYTES)?;
        Ok(end_of(end, ahead))
    }

    /// Goes to the next tag behind which, or at which, reading can go on.
    fn resynchronise(&mut self) -> io::Result<()> {
        let mut from = 1;
        loop {
            let Some(at) = self.window.find(from, MAX_XML_BYTES, |byte| byte == b'<')? else {
                let passed = self.window.bytes().len().min(MAX_XML_BYTES);
                self.window.consume(passed);
                if self.window.is_at_end()? {
                    return Ok(());
                }
                from = 0;
                continue;
            };
            match self.tag(at)? {
                Some(Tag::RecordEnd) => {
                    let end = self.tag_end(at)?;
                    self.window.consume(end.unwrap_or(at + 1));
                    return Ok(());
                }
                Some(_) => {
                    self.window.consume(at);
                    return Ok(());
                }
                None => {
                    self.window.consume(at);
                    from = 1;
                }
            }
        }
    }

    /// Where the tag at this place ends; `None` if another begins before, or nothing in bounds.
    fn tag_end(&mut self, at: usize) -> io::Result<Option<usize>> {
        let is_angle = |byte| matches!(byte, b'<' | b'>');
        let end = self.window.find(at + 1, at + MAX_XML_TAG_BYTES, is_angle)?;
        Ok(end.filter(|end| self.window.bytes()[*end] == b'>').map(|end| end + 1))
    }

    /// The tag at this place of the window, whatever its namespace prefix.
    fn tag(&mut self, at: usize) -> io::Result<Option<Tag>> {
        let ahead = self.window.peek(at + MAX_XML_NAME_BYTES)?;
        let Some(rest) = ahead.get(at..).and_then(|ahead| ahead.strip_prefix(b"<")) else {
            return Ok(None);
        };
        let (is_end, rest) = rest.strip_prefix(b"/").map_or((false, rest), |rest| (true, rest));
        let is_name_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
        let Some(length) = rest.iter().position(is_name_end) else {
            return Ok(None);
        };
        let local = rest[..length].rsplit(|byte| *byte == b':').next();
        Ok(match (local, is_end) {
            (Some(b"record"), false) => Some(Tag::RecordStart),
            (Some(b"record"), true) => Some(Tag::RecordEnd),
            (Some(b"collection"), false) => Some(Tag::CollectionStart),
            (Some(b"collection"), true) => Some(Tag::CollectionEnd),
            _ => None,
        })
    }
}

/// Where the first `pattern` ends. Apart from the generic code, so that it is compiled, and
/// optimised, with this crate: hostile files make it the hottest place.
fn end_of(pattern: &[u8], bytes: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern).map(|at| at + pattern.len())
}
