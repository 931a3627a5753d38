//! Reading MARC21 records: ISO 2709 in UTF-8 or MARC-8, and MARCXML.
//!
//! [`Reader`] takes any [`std::io::Read`], finds out which form it holds, and yields one item per
//! record: the [`Record`], or [`Damaged`] with its ordinal, its byte offset and its [`Reason`].
//! Damage never ends the reading; only an I/O error does. [`TitleDraft`] is what a library's title
//! list wants to know of a record, and [`mod@write`] makes ISO 2709 files.
//!
//! ```
//! use lienthu_marc::{ReadError, Reader, TitleDraft, write::RecordBuilder};
//!
//! let mut file = RecordBuilder::new()
//!     .control("001", "vn-1")
//!     .data("245", ['1', '0'], &[('a', "Truyện Kiều /"), ('c', "Nguyễn Du.")])
//!     .to_iso2709()?;
//! file.extend_from_slice(b"00099 not a record\x1d");
//!
//! let mut reader = Reader::new(file.as_slice())?;
//! let draft = TitleDraft::from(&reader.next().unwrap()?);
//! assert_eq!((draft.title.as_str(), draft.author.as_deref()), ("Truyện Kiều", Some("Nguyễn Du")));
//! let Some(Err(ReadError::Damaged(damaged))) = reader.next() else { panic!() };
//! assert_eq!(damaged.ordinal, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is decided here
//!
//! - **The bytes say what a record is encoded in; leader/09 only breaks ties.** Many records carry
//!   the wrong value. MARC-8 text is practically never valid UTF-8, while UTF-8 text is often
//!   "valid" MARC-8 that reads as nonsense, so the UTF-8 test is made first, whatever the leader
//!   says: see `encoding::candidates`.
//! - **Strict inside a record, tolerant between records.** A record whose parts contradict each
//!   other is reported, not guessed at. Tolerated are line breaks and a byte order mark around
//!   records, fields with missing indicators (read as blanks), and empty subfields (left out).
//! - **Resynchronising.** A damaged record ends at its terminator (0x1D), or before it where a
//!   whole leader shows that the next record has begun: a record that lost its own terminator does
//!   not take its neighbour with it.
//! - **Memory** is bounded by [`MAX_ISO2709_BYTES`] and [`MAX_XML_BYTES`] per record, whatever the
//!   input.
//! - **No marctk.** It reads UTF-8 only, frames records by their terminator alone and reports
//!   neither positions nor the kind of damage; these are what this crate is for. XML is parsed by
//!   quick-xml.
//!
//! **Architecture invariant:** no I/O but the given `Read`, no clock, no global state but the
//! MARC-8 tables, which are part of the program.

mod encoding;
mod error;
mod iso2709;
mod marc8;
mod marcxml;
mod reader;
mod record;
mod text;
mod title;
mod window;
pub mod write;

pub use error::{Damaged, NotMarc, ReadError, Reason};
pub use iso2709::MAX_ISO2709_BYTES;
pub use marcxml::MAX_XML_BYTES;
pub use reader::{Form, Reader};
pub use record::{ControlField, DataField, Encoding, Leader, Position, Record, Subfield};
pub use title::{DraftField, MAX_TEXT_UNITS, TitleDraft, Unusable};
