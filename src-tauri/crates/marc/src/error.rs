//! What can be wrong: with the file as a whole, or with one record of it.

use thiserror::Error;

/// The input as a whole is not a file of MARC21 records.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NotMarc {
    /// Not a byte in it, or nothing but white space.
    #[error("the file is empty; export the records again and choose that file")]
    Empty,
    /// Well-known other content.
    #[error("the file is {what}, not MARC21; choose a .mrc, .marc or MARCXML file")]
    OtherFormat {
        /// What it is, with its article: "a PNG image".
        what: &'static str,
    },
    /// Readable text that is no MARC21 form, such as CSV.
    #[error("the file is plain text or a table, not MARC21; export it as ISO 2709 or MARCXML")]
    Text,
    /// Bytes that are none of the known forms.
    #[error("the file is not MARC21 in any known form; export it as ISO 2709 or MARCXML")]
    Unknown,
    /// XML, but no MARCXML.
    #[error("the file is XML with the root <{root}>, not MARCXML (<collection> or <record>)")]
    OtherXml {
        /// Name of the root element as written.
        root: String,
    },
    /// XML that breaks before its root element.
    #[error("the file begins like XML but is malformed: {detail}; export it again")]
    BrokenXml {
        /// The parser's words.
        detail: String,
    },
    /// MARCXML in something else than UTF-8.
    #[error("the XML is encoded in {encoding}; convert it to UTF-8 first")]
    XmlEncoding {
        /// The encoding as declared.
        encoding: String,
    },
    /// A MARCXML collection without a record.
    #[error("the MARCXML collection holds no record; export the records again")]
    NoRecords,
    /// The input could not be read.
    #[error("the file could not be read: {0}")]
    Io(#[from] std::io::Error),
}

/// What a [`Reader`](crate::Reader) yields instead of a record.
#[derive(Debug, Error)]
pub enum ReadError {
    /// This record is damaged; the reader goes on with the next one.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// The input failed; the reader ends.
    #[error("the file could not be read further: {0}")]
    Io(#[from] std::io::Error),
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("record {ordinal}, at byte {byte_offset}, was left out: {reason}")]
pub struct Damaged {
    /// Which record of the file, damaged ones included; the first is 1.
    pub ordinal: u64,
    /// Where it begins, in bytes from the start of the file.
    pub byte_offset: u64,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Why a record could not be read. Offsets named `at` count bytes from the record's first byte.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The leader is not 24 ASCII characters with numbers where they belong.
    #[error("its leader is wrong: {what}")]
    BadLeader {
        /// Which part of the leader.
        what: &'static str,
    },
    /// The record ends somewhere else than its leader says.
    #[error("its leader says {declared} bytes, but it has {found}")]
    WrongLength {
        /// Length by leader/00-04.
        declared: usize,
        /// Bytes up to its terminator, or to the leader of the next record.
        found: usize,
    },
    /// The next record begins where a record terminator should be.
    #[error("its record terminator is missing")]
    NotTerminated,
    /// A record terminator inside the record.
    #[error("there is a record terminator inside it, at its byte {at}")]
    StrayTerminator {
        /// Where.
        at: usize,
    },
    /// The input ends inside the record.
    #[error("the file ends inside it, after {found} bytes; the file was cut off")]
    Truncated {
        /// Bytes that are there.
        found: usize,
    },
    /// No end of the record within the bound.
    #[error("it does not end within {bound} bytes")]
    TooLarge {
        /// [`MAX_ISO2709_BYTES`](crate::MAX_ISO2709_BYTES) or
        /// [`MAX_XML_BYTES`](crate::MAX_XML_BYTES).
        bound: usize,
    },
    /// The base address does not point behind a terminated directory.
    #[error("its directory does not end at the base address {base_address}")]
    BaseAddress {
        /// Leader/12-16.
        base_address: usize,
    },
    /// The directory is not made of whole entries.
    #[error("its directory has {bytes} bytes, which is not a multiple of 12")]
    DirectoryLength {
        /// Bytes between leader and directory terminator.
        bytes: usize,
    },
    /// A directory entry is not a tag and two numbers.
    #[error("entry {entry} of its directory is unreadable")]
    DirectoryEntry {
        /// Counted from 1.
        entry: usize,
    },
    /// A directory entry points outside the record.
    #[error("its directory places field {tag} outside the record")]
    FieldOutside {
        /// The field.
        tag: String,
    },
    /// The fields of the directory claim more bytes than there are.
    #[error("its directory lets fields overlap")]
    FieldsOverlap,
    /// A field does not end, or ends early, where the directory says.
    #[error("field {tag} does not end where the directory says")]
    FieldTerminator {
        /// The field.
        tag: String,
    },
    /// A subfield code or an indicator is not an ASCII character.
    #[error("field {tag} has an unreadable indicator or subfield code")]
    FieldCodes {
        /// The field.
        tag: String,
    },
    /// A record without a single field.
    #[error("it has no fields")]
    NoFields,
    /// Text that is not UTF-8, in a record that is not MARC-8 either.
    #[error("it is not valid UTF-8 at its byte {at}")]
    InvalidUtf8 {
        /// Where.
        at: usize,
    },
    /// Bytes that no MARC-8 character set of the field assigns.
    #[error("field {tag} has bytes unknown to MARC-8: {bytes}")]
    UnknownMarc8 {
        /// The field.
        tag: String,
        /// The bytes in hexadecimal.
        bytes: String,
    },
    /// XML that is not well-formed.
    #[error("its XML is malformed: {detail}")]
    XmlSyntax {
        /// The parser's words.
        detail: String,
    },
    /// Well-formed XML that MARCXML does not have here.
    #[error("<{element}> is not MARCXML there, or its attributes are wrong")]
    XmlElement {
        /// Name of the element.
        element: String,
    },
    /// Something between records that is no record.
    #[error("there is something between the records that is not a record")]
    XmlBetweenRecords,
    /// The input ends before the collection does.
    #[error("the file ends before </collection>; it was cut off")]
    XmlCollectionNotClosed,
}
