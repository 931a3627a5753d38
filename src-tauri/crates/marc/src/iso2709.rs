//! ISO 2709: where records begin and end in a stream, and what their parts are.
//!
//! A record is a leader of 24 bytes, a directory of 12 bytes per field (tag, length, start), a
//! field terminator, the fields, each with its terminator, and a record terminator.

use std::io::{self, Read};

use crate::{
    encoding,
    error::Reason,
    record::{
        ControlField, DataField, Encoding, LEADER_LENGTH, Leader, Position, Record, Subfield,
        is_control_tag, is_tag,
    },
    window::Window,
};

/// Bytes in the largest record: its length has five digits.
pub const MAX_ISO2709_BYTES: usize = 99_999;

pub(crate) const RECORD_TERMINATOR: u8 = 0x1D;
pub(crate) const FIELD_TERMINATOR: u8 = 0x1E;
pub(crate) const SUBFIELD_DELIMITER: u8 = 0x1F;
/// Bytes in a directory entry: tag 3, length 4, start 5.
pub(crate) const ENTRY_LENGTH: usize = 12;

/// Bytes that may fill up a file behind its last record.
const PADDING: [u8; 6] = [b'\r', b'\n', b'\t', b' ', 0, 0x1A];

/// Splits a stream into records.
pub(crate) struct Frames<R> {
    window: Window<R>,
    /// No record terminator stands before this offset of the stream. Keeps a file full of leaders
    /// and without terminators from being searched again for each of them.
    searched: u64,
    ordinal: u64,
}

/// What [`Frames::next`] found: where it begins, and the record or what is wrong with it.
pub(crate) type Found = (Position, Result<Record, Reason>);

impl<R: Read> Frames<R> {
    pub(crate) fn new(window: Window<R>) -> Self {
        Self { window, searched: 0, ordinal: 0 }
    }

    /// The next record, damaged or not; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> io::Result<Option<Found>> {
        self.skip_between_records()?;
        if self.window.is_at_end()? {
            return Ok(None);
        }
        let terminator = self.find_terminator()?;
        if terminator.is_none() && self.window.bytes().len() <= MAX_ISO2709_BYTES {
            let rest = self.window.bytes();
            if rest.iter().all(|byte| PADDING.contains(byte)) {
                return Ok(None);
            }
        }
        self.ordinal += 1;
        let position = Position { ordinal: self.ordinal, byte_offset: self.window.offset() };
        let result = match terminator {
            Some(terminator) => self.framed(position, terminator + 1)?,
            None => Err(self.unframed()?),
        };
        Ok(Some((position, result)))
    }

    /// Takes the record whose first terminator is its byte `length - 1`.
    fn framed(&mut self, position: Position, length: usize) -> io::Result<Result<Record, Reason>> {
        let frame = &self.window.bytes()[..length];
        let declared = match declared_length(frame) {
            Ok(declared) => declared,
            Err(reason) => {
                // Its length is unreadable; still, do not run over a record inside.
                let end = inner_leader(frame).unwrap_or(length);
                self.window.consume(end);
                return Ok(Err(reason));
            }
        };
        let parsed = (declared == length).then(|| parse(position, frame));
        if let Some(Ok(record)) = parsed {
            self.window.consume(length);
            return Ok(Ok(record));
        }
        if let Some(inner) = inner_leader(frame) {
            self.window.consume(inner);
            return Ok(Err(if inner == declared || inner + 1 == declared {
                Reason::NotTerminated
            } else {
                Reason::WrongLength { declared, found: inner }
            }));
        }
        if let Some(damaged) = parsed {
            self.window.consume(length);
            return Ok(damaged);
        }
        if length < declared && self.ends_at(length, declared)? {
            self.window.consume(declared);
            return Ok(Err(Reason::StrayTerminator { at: length - 1 }));
        }
        self.window.consume(length);
        Ok(Err(Reason::WrongLength { declared, found: length }))
    }

    /// Whether the record really goes on to its declared end behind a stray terminator: there is a
    /// terminator there, behind it the file ends or a record begins, and none begins before.
    fn ends_at(&mut self, stray_length: usize, declared: usize) -> io::Result<bool> {
        let ahead = self.window.peek(declared + 2 + LEADER_LENGTH)?;
        if ahead.get(declared - 1) != Some(&RECORD_TERMINATOR) {
            return Ok(false);
        }
        let behind = ahead[declared..].trim_ascii_start();
        let rest = ahead[stray_length..declared].trim_ascii_start();
        Ok((behind.is_empty() || is_leader(behind))
            && !is_leader(rest)
            && inner_leader(rest).is_none())
    }

    /// Passes over a record that has no terminator within the bound, up to the next leader or
    /// behind the next terminator; says what is wrong with it.
    fn unframed(&mut self) -> io::Result<Reason> {
        if let Some(inner) = inner_leader(self.window.peek(MAX_ISO2709_BYTES)?) {
            self.window.consume(inner);
            return Ok(Reason::NotTerminated);
        }
        let found = self.window.peek(MAX_ISO2709_BYTES + 1)?.len();
        if found <= MAX_ISO2709_BYTES {
            self.window.consume(found);
            return Ok(Reason::Truncated { found });
        }
        loop {
            // A leader may lie across the border of two rounds: its length is kept.
            let searched = self.window.peek(MAX_ISO2709_BYTES)?.len().saturating_sub(LEADER_LENGTH);
            self.window.consume(searched.max(1));
            let terminator = self.find_terminator()?;
            let length = terminator.map_or(MAX_ISO2709_BYTES, |terminator| terminator + 1);
            let ahead = self.window.peek(length)?;
            let stop = inner_leader(ahead).or(terminator.map(|terminator| terminator + 1));
            if let Some(stop) = stop {
                self.window.consume(stop);
                break;
            }
            if ahead.len() <= LEADER_LENGTH {
                self.window.consume(LEADER_LENGTH);
                break;
            }
        }
        Ok(Reason::TooLarge { bound: MAX_ISO2709_BYTES })
    }

    fn find_terminator(&mut self) -> io::Result<Option<usize>> {
        let offset = self.window.offset();
        let from = usize::try_from(self.searched.saturating_sub(offset)).unwrap_or(usize::MAX);
        let found = self.window.find(from, MAX_ISO2709_BYTES, |byte| byte == RECORD_TERMINATOR)?;
        let clear = found.unwrap_or(self.window.bytes().len().min(MAX_ISO2709_BYTES));
        self.searched = self.searched.max(offset + clear as u64);
        Ok(found)
    }

    /// Line breaks, and terminators that end nothing.
    fn skip_between_records(&mut self) -> io::Result<()> {
        while let [b'\r' | b'\n' | RECORD_TERMINATOR] = self.window.peek(1)? {
            self.window.consume(1);
        }
        Ok(())
    }
}

/// Whether the file begins like ISO 2709, its first record damaged or not.
pub(crate) fn is_likely(start: &[u8]) -> bool {
    // Behind any terminator: the first one may be a byte of the damage, or be gone.
    let mut behind_terminators = start
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == RECORD_TERMINATOR)
        .map(|(place, _)| start[place + 1..].trim_ascii_start());
    if is_leader(start) || behind_terminators.any(is_leader) {
        return true;
    }
    // A lone record with a broken leader: text, then a directory's end, then a subfield.
    let head = &start[..start.len().min(LEADER_LENGTH)];
    let directory_end = start.iter().position(|byte| *byte == FIELD_TERMINATOR);
    head.iter().all(|byte| (0x20..0x7F).contains(byte))
        && directory_end.is_some_and(|end| start[end..].contains(&SUBFIELD_DELIMITER))
}

/// Whether the bytes begin with a MARC21 leader, told by the parts that hardly vary.
fn is_leader(bytes: &[u8]) -> bool {
    bytes.first_chunk::<LEADER_LENGTH>().is_some_and(|leader| {
        leader[..5].iter().all(u8::is_ascii_digit)
            // The kind of record is a letter. Without this, digits of a directory pass as a leader.
            && leader[6].is_ascii_alphabetic()
            && leader[10..12] == *b"22"
            && leader[12..17].iter().all(u8::is_ascii_digit)
            && leader[17..].iter().all(|byte| (0x20..0x7F).contains(byte))
    })
}

/// Where, behind its first byte, another record begins in a damaged one.
fn inner_leader(frame: &[u8]) -> Option<usize> {
    let last = frame.len().checked_sub(LEADER_LENGTH)?;
    (1..=last).find(|start| is_leader(&frame[*start..]))
}

fn declared_length(frame: &[u8]) -> Result<usize, Reason> {
    if frame.len() <= LEADER_LENGTH {
        return Err(Reason::BadLeader { what: "the record is shorter than a leader" });
    }
    number(&frame[..5]).ok_or(Reason::BadLeader { what: "the record length is not a number" })
}

fn number(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0_usize, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + usize::from(digit - b'0'))
    })
}

/// A field as the directory describes it.
struct Entry<'a> {
    tag: &'a str,
    /// Where it begins in the record.
    at: usize,
    /// Without its terminator.
    bytes: &'a [u8],
}

/// Parses a record that has the length of its leader and ends with its first record terminator.
fn parse(position: Position, frame: &[u8]) -> Result<Record, Reason> {
    let head = std::str::from_utf8(&frame[..LEADER_LENGTH])
        .map_err(|_| Reason::BadLeader { what: "it has characters that are not ASCII" })?;
    let leader = Leader::parse(head)?;
    let entries = directory(frame)?;
    let mut reason = Reason::NoFields;
    for &encoding in encoding::candidates(&leader, frame) {
        match fields(encoding, &entries) {
            Ok((control_fields, data_fields)) => {
                return Ok(Record { position, encoding, leader, control_fields, data_fields });
            }
            Err(fault) => reason = fault,
        }
    }
    Err(reason)
}

/// Reads the directory and checks that its fields are whole and do not overlap in sum, so that a
/// record never becomes larger in memory than in the file.
fn directory(frame: &[u8]) -> Result<Vec<Entry<'_>>, Reason> {
    let base = number(&frame[12..17])
        .ok_or(Reason::BadLeader { what: "the base address is not a number" })?;
    let data_end = frame.len() - 1;
    if base <= LEADER_LENGTH || base > data_end || frame[base - 1] != FIELD_TERMINATOR {
        return Err(Reason::BaseAddress { base_address: base });
    }
    let directory = &frame[LEADER_LENGTH..base - 1];
    if !directory.len().is_multiple_of(ENTRY_LENGTH) {
        return Err(Reason::DirectoryLength { bytes: directory.len() });
    }
    if directory.is_empty() {
        return Err(Reason::NoFields);
    }
    let mut claimed = 0;
    let mut entries = Vec::with_capacity(directory.len() / ENTRY_LENGTH);
    for (index, entry) in directory.chunks_exact(ENTRY_LENGTH).enumerate() {
        let unreadable = || Reason::DirectoryEntry { entry: index + 1 };
        let tag = std::str::from_utf8(&entry[..3]).map_err(|_| unreadable())?;
        if !is_tag(tag.as_bytes()) {
            return Err(unreadable());
        }
        let length = number(&entry[3..7]).ok_or_else(unreadable)?;
        let at = base + number(&entry[7..]).ok_or_else(unreadable)?;
        if length == 0 || at + length > data_end {
            return Err(Reason::FieldOutside { tag: tag.to_owned() });
        }
        claimed += length;
        if claimed > data_end - base {
            return Err(Reason::FieldsOverlap);
        }
        let field = &frame[at..at + length];
        if field.iter().position(|byte| *byte == FIELD_TERMINATOR) != Some(length - 1) {
            return Err(Reason::FieldTerminator { tag: tag.to_owned() });
        }
        entries.push(Entry { tag, at, bytes: &field[..length - 1] });
    }
    Ok(entries)
}

fn fields(
    encoding: Encoding,
    entries: &[Entry<'_>],
) -> Result<(Vec<ControlField>, Vec<DataField>), Reason> {
    let (mut control_fields, mut data_fields) = (Vec::new(), Vec::new());
    for entry in entries {
        let tag = entry.tag.to_owned();
        if is_control_tag(entry.tag) {
            let value = encoding::decode(encoding, entry.tag, entry.bytes, entry.at)?;
            control_fields.push(ControlField { tag, value });
        } else {
            let (indicators, subfields) = data(encoding, entry)?;
            data_fields.push(DataField { tag, indicators, subfields });
        }
    }
    Ok((control_fields, data_fields))
}

/// Splits a data field. Missing indicators are blanks and surplus ones are dropped, as elsewhere in
/// the field: both are common, and nothing of the content hangs on them.
fn data(encoding: Encoding, entry: &Entry<'_>) -> Result<([char; 2], Vec<Subfield>), Reason> {
    let bad_codes = || Reason::FieldCodes { tag: entry.tag.to_owned() };
    let mut parts = entry.bytes.split(|byte| *byte == SUBFIELD_DELIMITER);
    let head = parts.next().unwrap_or_default();
    if !head.is_ascii() {
        return Err(bad_codes());
    }
    let indicator = |index: usize| head.get(index).map_or(' ', |byte| char::from(*byte));
    let indicators = [indicator(0), indicator(1)];
    let mut subfields = Vec::new();
    let mut at = entry.at + head.len();
    for part in parts {
        at += 1;
        if let Some((code, content)) = part.split_first() {
            if !code.is_ascii_graphic() {
                return Err(bad_codes());
            }
            let value = encoding::decode(encoding, entry.tag, content, at + 1)?;
            subfields.push(Subfield { code: char::from(*code), value });
        }
        at += part.len();
    }
    Ok((indicators, subfields))
}
