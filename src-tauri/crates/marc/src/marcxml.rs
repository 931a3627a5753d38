//! MARCXML: where records begin and end in a stream, and what their parts are.
//!
//! Records are cut out of the stream by their tags alone, and each is parsed by itself, so that
//! malformed XML in one of them costs no other and memory stays bounded. What follows is that a
//! comment or CDATA section *inside* a record must not contain a record's tags.

use std::io::{self, Read};

use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

use crate::{
    error::Reason,
    iso2709::Found,
    record::{
        ControlField, DataField, Encoding, LEADER_LENGTH, Leader, Position, Record, Subfield,
        is_control_tag, is_tag,
    },
    text::nfc,
    window::Window,
};

/// Bytes in the largest record, tags included: ten times what ISO 2709 allows.
pub const MAX_XML_BYTES: usize = 1_000_000;

/// Bytes in the largest comment or processing instruction between records.
const MAX_XML_ASIDE_BYTES: usize = 64 * 1024;

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
        Self {
            window,
            ordinal: 0,
            in_collection,
        }
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
        let position = Position {
            ordinal: self.ordinal,
            byte_offset: self.window.offset(),
        };
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
                let result = parse(position, &self.window.bytes()[..length]);
                self.window.consume(length);
                result
            }
            End::Unclosed(length) => {
                self.window.consume(length);
                Err(Reason::XmlSyntax {
                    detail: "its end tag is missing".to_owned(),
                })
            }
            End::Missing => {
                let found = self.window.bytes().len();
                self.window.consume(found);
                self.in_collection = false;
                Err(Reason::Truncated { found })
            }
            End::TooFar => {
                self.resynchronise()?;
                Err(Reason::TooLarge {
                    bound: MAX_XML_BYTES,
                })
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
        Ok(ahead
            .windows(end.len())
            .position(|bytes| bytes == end)
            .map(|at| at + end.len()))
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
        Ok(end
            .filter(|end| self.window.bytes()[*end] == b'>')
            .map(|end| end + 1))
    }

    /// The tag at this place of the window, whatever its namespace prefix.
    fn tag(&mut self, at: usize) -> io::Result<Option<Tag>> {
        let ahead = self.window.peek(at + MAX_XML_NAME_BYTES)?;
        let Some(rest) = ahead.get(at..).and_then(|ahead| ahead.strip_prefix(b"<")) else {
            return Ok(None);
        };
        let (is_end, rest) = rest
            .strip_prefix(b"/")
            .map_or((false, rest), |rest| (true, rest));
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

/// The element whose text is being read.
enum Open {
    Leader,
    Control { tag: String },
    Subfield { code: char },
}

/// Builds a record from the events of its XML.
#[derive(Default)]
struct Builder {
    leader: String,
    control_fields: Vec<ControlField>,
    data_fields: Vec<DataField>,
    in_record: bool,
    in_data_field: bool,
    open: Option<Open>,
    text: String,
}

fn parse(position: Position, frame: &[u8]) -> Result<Record, Reason> {
    let xml = std::str::from_utf8(frame).map_err(|error| Reason::InvalidUtf8 {
        at: error.valid_up_to(),
    })?;
    let mut reader = Reader::from_str(xml);
    let mut builder = Builder::default();
    loop {
        match reader.read_event().map_err(syntax)? {
            Event::Start(start) => builder.start(&reader, &start)?,
            Event::Empty(start) => {
                builder.start(&reader, &start)?;
                builder.end();
            }
            Event::End(_) => builder.end(),
            Event::Text(text) => builder.text(&text.xml10_content().map_err(syntax)?)?,
            Event::CData(data) => builder.text(&data.xml10_content().map_err(syntax)?)?,
            Event::GeneralRef(reference) => builder.reference(&reference)?,
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
            Event::Decl(_) | Event::DocType(_) => {
                return Err(syntax("a declaration inside a record"));
            }
        }
    }
    builder.finish(position)
}

impl Builder {
    fn start(&mut self, reader: &Reader<&[u8]>, start: &BytesStart<'_>) -> Result<(), Reason> {
        let attribute = |name: &str| -> Result<Option<String>, Reason> {
            let Some(attribute) = start.try_get_attribute(name).map_err(syntax)? else {
                return Ok(None);
            };
            let value = attribute
                .decode_and_unescape_value(reader.decoder())
                .map_err(syntax)?;
            Ok(Some(value.into_owned()))
        };
        let wrong = || Reason::XmlElement {
            element: String::from_utf8_lossy(start.name().as_ref()).into_owned(),
        };
        let tag = || -> Result<String, Reason> {
            attribute("tag")?
                .filter(|tag| is_tag(tag.as_bytes()))
                .ok_or_else(wrong)
        };
        if self.open.is_some() {
            return Err(wrong());
        }
        match (
            start.local_name().as_ref(),
            self.in_record,
            self.in_data_field,
        ) {
            (b"record", false, false) => self.in_record = true,
            (b"leader", true, false) => self.open = Some(Open::Leader),
            (b"controlfield", true, false) => {
                let tag = tag()?;
                if !is_control_tag(&tag) {
                    return Err(wrong());
                }
                self.open = Some(Open::Control { tag });
            }
            (b"datafield", true, false) => {
                let tag = tag()?;
                if is_control_tag(&tag) {
                    return Err(wrong());
                }
                let indicator = |name| -> Result<char, Reason> {
                    let value = attribute(name)?.unwrap_or_default();
                    let mut characters = value.chars();
                    match (characters.next(), characters.next()) {
                        (None, _) => Ok(' '),
                        (Some(character), None) if character.is_ascii() => Ok(character),
                        _ => Err(wrong()),
                    }
                };
                let indicators = [indicator("ind1")?, indicator("ind2")?];
                self.data_fields.push(DataField {
                    tag,
                    indicators,
                    subfields: Vec::new(),
                });
                self.in_data_field = true;
            }
            (b"subfield", true, true) => {
                let code = attribute("code")?.ok_or_else(wrong)?;
                match *code.as_bytes() {
                    [code] if code.is_ascii_graphic() => {
                        self.open = Some(Open::Subfield {
                            code: char::from(code),
                        });
                    }
                    _ => return Err(wrong()),
                }
            }
            _ => return Err(wrong()),
        }
        Ok(())
    }

    /// The parser has checked that the end tag is that of the innermost open element.
    fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        match self.open.take() {
            Some(Open::Leader) => self.leader = text,
            Some(Open::Control { tag }) => {
                self.control_fields.push(ControlField {
                    tag,
                    value: nfc(&text),
                });
            }
            Some(Open::Subfield { code }) => {
                if let Some(field) = self.data_fields.last_mut().filter(|_| !text.is_empty()) {
                    field.subfields.push(Subfield {
                        code,
                        value: nfc(&text),
                    });
                }
            }
            None if self.in_data_field => self.in_data_field = false,
            None => self.in_record = false,
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Reason> {
        if self.open.is_some() {
            self.text.push_str(text);
        } else if !text.trim_ascii().is_empty() {
            return Err(syntax("text outside of any field"));
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Reason> {
        if let Some(character) = reference.resolve_char_ref().map_err(syntax)? {
            return self.text(character.encode_utf8(&mut [0; 4]));
        }
        let name = reference.decode().map_err(syntax)?;
        let value = resolve_xml_entity(&name)
            .ok_or_else(|| syntax(format_args!("the entity &{name}; is unknown")))?;
        self.text(value)
    }

    fn finish(self, position: Position) -> Result<Record, Reason> {
        if self.in_record {
            return Err(syntax("its elements are not closed"));
        }
        // Indentation around a leader is common, and leaders may themselves begin with blanks.
        let leader = match self.leader.as_str() {
            long if long.len() > LEADER_LENGTH => long.trim_ascii(),
            leader => leader,
        };
        let leader = Leader::parse(leader)?;
        let Self {
            control_fields,
            data_fields,
            ..
        } = self;
        if control_fields.is_empty() && data_fields.is_empty() {
            return Err(Reason::NoFields);
        }
        Ok(Record {
            position,
            encoding: Encoding::Utf8,
            leader,
            control_fields,
            data_fields,
        })
    }
}

fn syntax(error: impl std::fmt::Display) -> Reason {
    Reason::XmlSyntax {
        detail: error.to_string(),
    }
}
