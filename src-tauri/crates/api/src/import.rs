//! Titles from a file: MARC records (ISO 2709 or MARCXML), or a table with a line of headings.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use lienthu_domain::ids::TitleKey;
use lienthu_domain::replicated::Title;
use lienthu_marc::{ReadError, Reader, TitleDraft};
use lienthu_port::message::Message;
use thiserror::Error;

/// Titles of one file at most.
pub const IMPORT_TITLES_MAX: usize = 100_000;

/// Why a file cannot be read.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be opened or read.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// It is neither MARC nor a table with the headings that are needed.
    #[error("it is no file of titles: {0}")]
    NotTitles(String),
    /// It has more than [`IMPORT_TITLES_MAX`].
    #[error("it has more than {IMPORT_TITLES_MAX} titles")]
    TooMany,
}

impl ImportError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Unreadable(_) => Message::new(
                "import_unreadable",
                (
                    "Không đọc được tệp. Kiểm tra đường dẫn và quyền đọc.",
                    "The file cannot be read. Check its path and its rights.",
                ),
            ),
            Self::NotTitles(_) => Message::new(
                "import_no_titles",
                (
                    "Tệp không phải MARC, cũng không phải bảng có dòng tiêu đề isbn và title. Chọn tệp khác.",
                    "The file is neither MARC nor a table with the headings isbn and title. Choose another.",
                ),
            ),
            Self::TooMany => Message {
                code: "import_too_many".to_owned(),
                vi: format!("Tệp có hơn {IMPORT_TITLES_MAX} đầu sách. Chia thành nhiều tệp."),
                en: format!("The file has more than {IMPORT_TITLES_MAX} titles. Split it."),
            },
        }
    }
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Titles {
    /// Each of another key, in the order of the file.
    pub(crate) titles: Vec<Title>,
    /// The records that cannot become titles, by their place in the file, from 1.
    pub(crate) unusable: Vec<(u32, Message)>,
}

/// Reads a file of titles. Of records with one key that say the same the first counts; those that say something
/// else cannot be used.
///
/// # Errors
/// See [`ImportError`].
pub(crate) fn read(file: &Path) -> Result<Titles, ImportError> {
    let open = || {
        let file = File::open(file);
        file.map(BufReader::new).map_err(|error| ImportError::Unreadable(error.to_string()))
    };
    let is_table = file.extension().is_some_and(|ext| {
        ["csv", "tsv", "txt"].iter().any(|known| ext.eq_ignore_ascii_case(known))
    });
    let mut found = Found::default();
    if is_table {
        let delimiter = if file.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("csv")) {
            b','
        } else {
            b'\t'
        };
        table(open()?, delimiter, &mut found)?;
    } else {
        marc(open()?, &mut found)?;
    }
    Ok(found.titles)
}

#[derive(Default)]
struct Found {
    titles: Titles,
    places: BTreeMap<TitleKey, usize>,
    record: u32,
}

impl Found {
    fn next(&mut self, title: Result<Title, Message>) -> Result<(), ImportError> {
        self.record = self.record.saturating_add(1);
        match title.and_then(storable) {
            Err(why) => self.titles.unusable.push((self.record, why)),
            Ok(title) => match self.places.get(&title.key) {
                Some(place) if self.titles.titles[*place] == title => {}
                Some(_) => self.titles.unusable.push((self.record, twice(&title.key))),
                None => {
                    if self.titles.titles.len() == IMPORT_TITLES_MAX {
                        return Err(ImportError::TooMany);
                    }
                    self.places.insert(title.key.clone(), self.titles.titles.len());
                    self.titles.titles.push(title);
                }
            },
        }
        Ok(())
    }
}

fn storable(title: Title) -> Result<Title, Message> {
    let title = title.cleaned();
    if title.can_be_stored() {
        return Ok(title);
    }
    Err(Message::new(
        "title_field_wrong",
        (
            "Nhan đề trống hoặc có ô quá dài. Sửa bản ghi rồi nhập lại.",
            "The title is empty, or a field is too long. Correct the record and import it again.",
        ),
    ))
}

fn twice(key: &TitleKey) -> Message {
    Message {
        code: "title_twice".to_owned(),
        vi: format!("Mã {key} đã có ở bản ghi trước, với nội dung khác. Giữ lại một bản ghi."),
        en: format!("An earlier record has the code {key} and says something else. Keep one."),
    }
}

fn no_key() -> Message {
    Message::new(
        "title_without_key",
        (
            "Bản ghi không có ISBN và không có số kiểm soát dùng được (tối đa 20 ký tự).",
            "The record has no ISBN and no control number that can be used (20 characters at most).",
        ),
    )
}

fn marc(file: BufReader<File>, found: &mut Found) -> Result<(), ImportError> {
    let reader = Reader::new(file).map_err(|error| ImportError::NotTitles(error.to_string()))?;
    for record in reader {
        let title = match record {
            Ok(record) => title_of(TitleDraft::from(&record)),
            Err(ReadError::Damaged(damaged)) => Err(Message {
                code: "record_damaged".to_owned(),
                vi: format!("Bản ghi bị hỏng: {damaged}"),
                en: format!("The record is damaged: {damaged}"),
            }),
            Err(ReadError::Io(error)) => return Err(ImportError::Unreadable(error.to_string())),
        };
        found.next(title)?;
    }
    Ok(())
}

fn title_of(draft: TitleDraft) -> Result<Title, Message> {
    let keys = [draft.isbn, draft.control_number];
    let key = keys.iter().flatten().find_map(|key| TitleKey::parse(key).ok()).ok_or_else(no_key)?;
    Ok(Title {
        key,
        name: draft.title,
        author: draft.author.unwrap_or_default(),
        publisher: draft.publisher.unwrap_or_default(),
        year: draft.year.and_then(|year| i16::try_from(year).ok()),
        ddc: draft.ddc.unwrap_or_default(),
        language: draft.language.unwrap_or_default(),
    })
}

/// A line of a table. Headings may come in any order; only `isbn` and `title` have to be there.
#[derive(serde::Deserialize)]
struct Line {
    isbn: String,
    title: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    publisher: String,
    #[serde(default)]
    year: String,
    #[serde(default)]
    ddc: String,
    #[serde(default)]
    language: String,
}

fn table(file: BufReader<File>, delimiter: u8, found: &mut Found) -> Result<(), ImportError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(file);
    let headings =
        reader.headers().map_err(|error| ImportError::NotTitles(error.to_string()))?.clone();
    let has = |heading: &str| headings.iter().any(|known| known == heading);
    if !has("isbn") || !has("title") {
        return Err(ImportError::NotTitles("the headings isbn and title are missing".to_owned()));
    }
    for line in reader.deserialize::<Line>() {
        let title = match line {
            Ok(line) => title_of_line(line),
            Err(error) if matches!(error.kind(), csv::ErrorKind::Io(_)) => {
                return Err(ImportError::Unreadable(error.to_string()));
            }
            Err(error) => Err(Message {
                code: "line_wrong".to_owned(),
                vi: format!("Không đọc được dòng này: {error}"),
                en: format!("The line cannot be read: {error}"),
            }),
        };
        found.next(title)?;
    }
    Ok(())
}

fn title_of_line(line: Line) -> Result<Title, Message> {
    let key = TitleKey::parse(&line.isbn).map_err(|_| no_key())?;
    let year = match line.year.as_str() {
        "" => None,
        year => Some(year.parse().map_err(|_| {
            Message::new(
                "year_wrong",
                ("Năm xuất bản không phải là số.", "The year of publication is no number."),
            )
        })?),
    };
    Ok(Title {
        key,
        name: line.title,
        author: line.author,
        publisher: line.publisher,
        year,
        ddc: line.ddc,
        language: line.language,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use super::*;

    fn file(name: &str, text: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        File::create(&path).unwrap().write_all(text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_table_is_read_by_its_headings_and_says_which_lines_it_cannot_use() {
        let text = "title,isbn,year\n Số  đỏ ,LT-1,1936\n,LT-2,\nTắt đèn,,\nSố đỏ,LT-1,1936\n\
                    Số đen,LT-1,1936\nChí Phèo,LT-3,bao giờ\n";
        let (_folder, path) = file("sách.csv", text.as_bytes());
        let found = read(&path).unwrap();
        assert_eq!(found.titles.len(), 1);
        assert_eq!((found.titles[0].name.as_str(), found.titles[0].year), ("Số đỏ", Some(1936)));
        let unusable: Vec<_> =
            found.unusable.iter().map(|(place, why)| (*place, why.code.as_str())).collect();
        let expected = [
            (2, "title_field_wrong"),
            (3, "title_without_key"),
            (5, "title_twice"),
            (6, "year_wrong"),
        ];
        assert_eq!(unusable, expected);
    }

    #[test]
    fn what_is_no_file_of_titles_is_named() {
        let (_folder, path) = file("sách.csv", b"name;code\n");
        assert!(matches!(read(&path), Err(ImportError::NotTitles(_))));
        let (_folder, path) = file("sách.mrc", b"no record at all");
        let found = read(&path);
        assert!(!found.is_ok_and(|found| !found.titles.is_empty()));
        assert!(matches!(read(Path::new("/nowhere.mrc")), Err(ImportError::Unreadable(_))));
    }
}
