//! The titles of a MARC21 file, and copies of them.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::{Barcode, BranchCode, TitleKey};
use lienthu_domain::replicated::Title;
use lienthu_marc::{NotMarc, ReadError, Reader, Record, TitleDraft};
use sha2::{Digest, Sha256};

use crate::error::DemoError;
use crate::shelves::details_of;
use crate::titles::local_key;

/// Hexadecimal digits of a title's key in the barcodes of its copies.
const BARCODE_DIGITS: usize = 12;
/// Of 256 titles, how many a branch has a copy of that is not the title's own branch.
const ELSEWHERE_OF_256: u8 = 85;
/// Of 256 titles, how many have a second copy at their own branch.
const SECOND_OF_256: u8 = 64;

/// A record that is not in the network, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its place in the file, from 1.
    pub ordinal: u64,
    /// Where it begins, in bytes from the start of the file.
    pub byte_offset: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// What came of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogueReport {
    /// Records in the file, whatever became of them.
    pub records: u64,
    /// Titles that the file holds.
    pub titles: u64,
    /// Records whose key another record of the file has too; the first one counts.
    pub merged: u64,
    /// Copies that were added, over all branches; none when the file was read before.
    pub copies_added: u64,
    /// Records that could not be read.
    pub damaged: Vec<LeftOut>,
    /// Records that can be read and hold no title.
    pub untitled: Vec<LeftOut>,
}

/// The titles of a file, and what is to be said of it.
pub(crate) struct Catalogue {
    pub(crate) titles: Vec<Title>,
    pub(crate) report: CatalogueReport,
}

/// Reads a file: ISO 2709 or MARCXML.
pub(crate) fn read(file: &Path) -> Result<Catalogue, DemoError> {
    let wrong = |source| DemoError::Catalogue { file: file.to_owned(), source };
    let opened = File::open(file).map_err(|error| wrong(NotMarc::Io(error)))?;
    let mut catalogue = Catalogue { titles: Vec::new(), report: CatalogueReport::default() };
    let mut places: HashMap<TitleKey, usize> = HashMap::new();
    for record in Reader::new(opened).map_err(wrong)? {
        catalogue.report.records += 1;
        match record {
            Ok(record) => catalogue.take(&record, &mut places)?,
            Err(ReadError::Damaged(damaged)) => catalogue.report.damaged.push(LeftOut {
                ordinal: damaged.ordinal,
                byte_offset: damaged.byte_offset,
                reason: damaged.reason.to_string(),
            }),
            Err(ReadError::Io(error)) => return Err(wrong(NotMarc::Io(error))),
        }
    }
    Ok(catalogue)
}

impl Catalogue {
    fn take(
        &mut self,
        record: &Record,
        places: &mut HashMap<TitleKey, usize>,
    ) -> Result<(), DemoError> {
        let draft = TitleDraft::from(record);
        if let Err(unusable) = draft.usable() {
            self.report.untitled.push(LeftOut {
                ordinal: record.position.ordinal,
                byte_offset: record.position.byte_offset,
                reason: unusable.to_string(),
            });
            return Ok(());
        }
        let title = title_of(draft)?;
        if places.contains_key(&title.key) {
            self.report.merged += 1;
        } else {
            places.insert(title.key.clone(), self.titles.len());
            self.titles.push(title);
            self.report.titles += 1;
        }
        Ok(())
    }
}

fn title_of(draft: TitleDraft) -> Result<Title, DemoError> {
    let author = draft.author.unwrap_or_default();
    // The ISBN stays as the record has it, hyphens included: a key is opaque.
    let isbn = draft.isbn.and_then(|isbn| TitleKey::parse(&isbn).ok());
    let key = match (isbn, &draft.control_number) {
        (Some(isbn), _) => isbn,
        (None, Some(number)) => local_key(&[number])?,
        (None, None) => local_key(&[&draft.title, &author])?,
    };
    Ok(Title {
        key,
        name: draft.title,
        author,
        publisher: draft.publisher.unwrap_or_default(),
        year: draft.year.and_then(|year| i16::try_from(year).ok()),
        ddc: draft.ddc.unwrap_or_default(),
        language: draft.language.unwrap_or_default(),
    })
}

/// The copies of a title at each of the branches: always the same ones, with barcodes that tell which
/// title they belong to. One branch is the title's own; others may have it too.
pub(crate) fn copies(
    title: &Title,
    branches: &[BranchCode],
) -> Result<Vec<(BranchCode, CopyDetails)>, DemoError> {
    let digest = Sha256::digest(title.key.as_str());
    let digits = &hex::encode_upper(digest)[..BARCODE_DIGITS];
    let own = usize::from(digest[31]) % branches.len().max(1);
    let mut copies = Vec::new();
    for (place, branch) in branches.iter().enumerate() {
        // Each branch looks at another byte; there are more bytes than a demo has branches.
        let chance = digest[place % digest.len()];
        let count = match place == own {
            true if chance < SECOND_OF_256 => 2,
            true => 1,
            false => u8::from(chance < ELSEWHERE_OF_256),
        };
        for no in 1..=count {
            let barcode =
                Barcode::parse(&format!("{branch}-C{digits}{no}")).map_err(DemoError::own_key)?;
            copies.push((branch.clone(), details_of(barcode, title, None)));
        }
    }
    Ok(copies)
}
