//! The reader: finds out the form of a file and yields its records.

use std::io::Read;

use quick_xml::{
    NsReader,
    events::{BytesDecl, Event},
    name::ResolveResult,
};

use crate::{
    error::{Damaged, NotMarc, ReadError},
    iso2709, marcxml,
    record::Record,
    window::Window,
};

/// How much of a file is looked at to find out its form: a whole record, if its leader is broken,
/// and the leader of the next.
const MAX_DETECTION_BYTES: usize = iso2709::MAX_ISO2709_BYTES + 100;

/// The namespaces of MARCXML and of its ISO form, MarcXchange.
const NAMESPACES: [&[u8]; 3] = [
    b"http://www.loc.gov/MARC21/slim",
    b"info:lc/xmlns/marcxchange-v1",
    b"info:lc/xmlns/marcxchange-v2",
];

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// First bytes of files that people choose by mistake.
const OTHER_FORMATS: [(&[u8], &str); 13] = [
    (b"\x89PNG", "a PNG image"),
    (b"\xFF\xD8\xFF", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document (unpack an archive first)"),
    (b"\x1F\x8B", "compressed with gzip (unpack it first)"),
    (b"\xD0\xCF\x11\xE0", "an old Office document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xFF\xFE", "text in UTF-16 (save it as UTF-8)"),
    (b"\xFE\xFF", "text in UTF-16 (save it as UTF-8)"),
    (b"=LDR", "MARC as text for MarcEdit (compile it to .mrc first)"),
    (b"{", "JSON"),
    (b"[{", "JSON"),
];

/// The form of a file of MARC21 records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// ISO 2709, each record in UTF-8 or MARC-8.
    Iso2709,
    /// MARCXML in UTF-8.
    MarcXml,
}

/// Reads the records of a file one by one; see the crate's documentation.
pub struct Reader<R> {
    frames: Frames<R>,
    has_failed: bool,
}

enum Frames<R> {
    Iso2709(iso2709::Frames<R>),
    MarcXml(marcxml::Frames<R>),
}

impl<R: Read> Reader<R> {
    /// Finds out the form from the first bytes. No buffering is needed around `source`.
    ///
    /// # Errors
    /// [`NotMarc`] names what the file is instead.
    pub fn new(source: R) -> Result<Self, NotMarc> {
        let mut window = Window::new(source);
        if window.peek(BYTE_ORDER_MARK.len())? == BYTE_ORDER_MARK {
            window.consume(BYTE_ORDER_MARK.len());
        }
        loop {
            let start = window.peek(MAX_DETECTION_BYTES)?;
            match start.len() - start.trim_ascii_start().len() {
                0 if start.is_empty() => return Err(NotMarc::Empty),
                0 => break,
                blank => window.consume(blank),
            }
        }
        let start = window.peek(MAX_DETECTION_BYTES)?;
        let frames = if start.starts_with(b"<") {
            Self::xml(window)?
        } else if let Some((_, what)) =
            OTHER_FORMATS.iter().find(|(sign, _)| start.starts_with(sign))
        {
            return Err(NotMarc::OtherFormat { what });
        } else if iso2709::is_likely(start) {
            Frames::Iso2709(iso2709::Frames::new(window))
        } else if is_text(start) {
            return Err(NotMarc::Text);
        } else {
            return Err(NotMarc::Unknown);
        };
        Ok(Self { frames, has_failed: false })
    }

    /// The form that was found.
    pub fn form(&self) -> Form {
        match self.frames {
            Frames::Iso2709(_) => Form::Iso2709,
            Frames::MarcXml(_) => Form::MarcXml,
        }
    }

    /// Takes the XML up to the start tag of the collection, or up to that of a lone record.
    fn xml(mut window: Window<R>) -> Result<Frames<R>, NotMarc> {
        let mut reader = NsReader::from_reader(window.peek(MAX_DETECTION_BYTES)?);
        let (begin, end, is_collection, is_empty) = loop {
            let begin = reader.buffer_position();
            let (namespace, event) = reader
                .read_resolved_event()
                .map_err(|error| NotMarc::BrokenXml { detail: error.to_string() })?;
            let (root, is_empty) = match event {
                Event::Start(root) => (root, false),
                Event::Empty(root) => (root, true),
                Event::Decl(declaration) => {
                    require_utf8(&declaration)?;
                    continue;
                }
                Event::Eof => {
                    return Err(NotMarc::BrokenXml { detail: "it has no root element".to_owned() });
                }
                _ => continue,
            };
            let is_ours = match namespace {
                ResolveResult::Bound(name) => NAMESPACES.contains(&name.as_ref()),
                ResolveResult::Unbound | ResolveResult::Unknown(_) => true,
            };
            let is_collection = match root.local_name().as_ref() {
                b"collection" if is_ours => true,
                b"record" if is_ours => false,
                _ => {
                    let root = String::from_utf8_lossy(root.name().as_ref()).into_owned();
                    return Err(NotMarc::OtherXml { root });
                }
            };
            break (begin, reader.buffer_position(), is_collection, is_empty);
        };
        let taken = if is_collection { end } else { begin };
        window.consume(usize::try_from(taken).unwrap_or(usize::MAX));
        let mut frames = marcxml::Frames::new(window, is_collection && !is_empty);
        if frames.is_empty()? { Err(NotMarc::NoRecords) } else { Ok(Frames::MarcXml(frames)) }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let found = match &mut self.frames {
            Frames::Iso2709(frames) => frames.next(),
            Frames::MarcXml(frames) => frames.next(),
        };
        match found {
            Ok(found) => found.map(|(position, result)| {
                result.map_err(|reason| {
                    let (ordinal, byte_offset) = (position.ordinal, position.byte_offset);
                    Damaged { ordinal, byte_offset, reason }.into()
                })
            }),
            Err(error) => {
                self.has_failed = true;
                Some(Err(error.into()))
            }
        }
    }
}

fn require_utf8(declaration: &BytesDecl<'_>) -> Result<(), NotMarc> {
    let Some(Ok(name)) = declaration.encoding() else {
        return Ok(());
    };
    let is_utf8 =
        [&b"utf-8"[..], b"utf8", b"us-ascii"].iter().any(|known| name.eq_ignore_ascii_case(known));
    if is_utf8 {
        return Ok(());
    }
    Err(NotMarc::XmlEncoding { encoding: String::from_utf8_lossy(&name).into_owned() })
}

/// Whether the bytes are text in UTF-8 or an older encoding: no controls but white space.
fn is_text(start: &[u8]) -> bool {
    start.iter().all(|byte| *byte >= 0x20 || byte.is_ascii_whitespace())
}
