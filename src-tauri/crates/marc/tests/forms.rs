//! Which form and encoding a file is in, and what is no MARC21 at all.
#![allow(clippy::unwrap_used)]

mod common;

use common::{declared, read_all, record_titled, titles};
use lienthu_marc::{Encoding, Form, NotMarc, ReadError, Reader, Reason, write::RecordBuilder};

/// A record whose title is these bytes, by its leader in this encoding.
fn record_of_bytes(title: &[u8], encoding: Encoding) -> Vec<u8> {
    let placeholder = "~".repeat(title.len());
    let mut record = declared(record_titled(&placeholder), encoding);
    let at = record.windows(title.len()).position(|bytes| bytes == placeholder.as_bytes()).unwrap();
    record[at..at + title.len()].copy_from_slice(title);
    record
}

fn reads_as(title: &[u8], leader: Encoding, encoding: Encoding, expected: &str) {
    let outcome = read_all(record_of_bytes(title, leader).as_slice());
    assert_eq!(outcome.reasons(), [], "for {}", title.escape_ascii());
    assert_eq!(titles(&outcome), [expected]);
    assert_eq!(outcome.records[0].encoding, encoding);
}

fn not_marc(file: &[u8]) -> NotMarc {
    match Reader::new(file) {
        Ok(_) => panic!("taken for MARC21: {}", file.escape_ascii()),
        Err(error) => error,
    }
}

#[test]
fn the_bytes_decide_the_encoding_and_not_the_leader() {
    use Encoding::{Marc8, Utf8};
    for leader in [Utf8, Marc8] {
        reads_as("Số đỏ".as_bytes(), leader, Utf8, "Số đỏ");
        reads_as("So\u{302}\u{301} đo\u{309}".as_bytes(), leader, Utf8, "Số đỏ");
        reads_as(b"S\xE3\xE2o \xB3\xE0o", leader, Marc8, "Số đỏ");
        reads_as(b"\x1B(NgOZA\x1B(B", leader, Marc8, "Гоза");
    }
    reads_as(b"&#x1EA5;", Marc8, Marc8, "ấ");
    reads_as(b"&#x1EA5;", Utf8, Utf8, "&#x1EA5;");
    reads_as(b"R\x1B;R", Utf8, Utf8, "R\x1B;R");
}

#[test]
fn damaged_utf8_is_not_read_as_marc8_nonsense() {
    let broken = b"Tuy\xE1\xBB\x83n t\xE1 th\xC6\xA1";
    for leader in [Encoding::Utf8, Encoding::Marc8] {
        let outcome = read_all(record_of_bytes(broken, leader).as_slice());
        let [Reason::InvalidUtf8 { at }] = outcome.reasons()[..] else { panic!("{outcome:?}") };
        let file = record_of_bytes(broken, leader);
        assert_eq!(file[at], 0xE1);
    }
}

#[test]
fn line_breaks_and_a_byte_order_mark_around_records_are_passed_over() {
    let file = [
        b"\xEF\xBB\xBF\r\n",
        &record_titled("một")[..],
        b"\r\n",
        &record_titled("hai"),
        b"\n\0\x1A",
    ];
    assert_eq!(titles(&read_all(file.concat().as_slice())), ["một", "hai"]);
}

#[test]
fn the_form_is_found_from_the_first_bytes() {
    let form = |file: &[u8]| Reader::new(file).unwrap().form();
    assert_eq!(form(&record_titled("một")), Form::Iso2709);
    assert_eq!(form(b" <record></record>"), Form::MarcXml);
    let mut broken = record_titled("một");
    broken[..12].copy_from_slice(b"????????????");
    assert_eq!(form(&broken), Form::Iso2709);
}

#[test]
fn marcxml_is_read_with_entities_cdata_comments_and_any_prefix() {
    for (start, end) in [
        ("<collection>", "</collection>"),
        ("<collection xmlns='http://www.loc.gov/MARC21/slim'>", "</collection>"),
        ("", ""),
    ] {
        let xml = format!(
            "<?xml version='1.0'?><!-- <record> --> {start}<record type=\"Bibliographic\">
               <leader>  00000nam a2200000 i 4500</leader><!-- ! -->
               <controlfield tag='001'>a&amp;b</controlfield>
               <datafield tag='245' ind1='1' ind2=' '>
                 <subfield code='a'>S&#x1ED1; &lt;<![CDATA[đ]]>o\u{309}></subfield><subfield code='b'/>
               </datafield></record>{end}\n"
        );
        let outcome = read_all(xml.as_bytes());
        assert_eq!(outcome.reasons(), []);
        let record = &outcome.records[0];
        assert_eq!((titles(&outcome), record.control("001")), (vec!["Số <đỏ>"], Some("a&b")));
        assert_eq!(record.leader.record_type(), 'a');
    }
}

#[test]
fn a_wrong_file_is_named_and_never_just_empty() {
    assert!(matches!(not_marc(b""), NotMarc::Empty));
    assert!(matches!(not_marc(b" \r\n\t\n"), NotMarc::Empty));
    assert!(matches!(
        not_marc(b"\x89PNG\r\n\x1A\n\0\0"),
        NotMarc::OtherFormat { what: "a PNG image" }
    ));
    assert!(matches!(not_marc(b"PK\x03\x04\x1D\x1E\x1F"), NotMarc::OtherFormat { .. }));
    assert!(matches!(not_marc("ISBN,Tên sách\n1,Số đỏ\n".as_bytes()), NotMarc::Text));
    assert!(matches!(not_marc(b"12345,67890,12345,67890,12345\n"), NotMarc::Text));
    assert!(matches!(not_marc(b"\x00\x01\x02\x1D\x1E\x1F"), NotMarc::Unknown));
    assert!(
        matches!(not_marc(b"<html><body/></html>"), NotMarc::OtherXml { root } if root == "html")
    );
    assert!(matches!(not_marc(b"<record xmlns='urn:other'/>"), NotMarc::OtherXml { .. }));
    assert!(matches!(not_marc(b"<collection> </collection>"), NotMarc::NoRecords));
    assert!(matches!(not_marc(b"<collection/>"), NotMarc::NoRecords));
    assert!(matches!(not_marc(b"<?xml version='1.0'?>"), NotMarc::BrokenXml { .. }));
    assert!(matches!(not_marc(b"<collection xmlns='urn"), NotMarc::BrokenXml { .. }));
    let latin1 = b"<?xml version='1.0' encoding='ISO-8859-1'?><collection/>";
    assert!(
        matches!(not_marc(latin1), NotMarc::XmlEncoding { encoding } if encoding == "ISO-8859-1")
    );
}

#[test]
fn an_input_that_fails_ends_the_reading_with_that_error() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the stick was pulled out"))
        }
    }
    assert!(matches!(Reader::new(Failing), Err(NotMarc::Io(_))));
    // Enough for the detection of the form not to reach the failure.
    let file = record_titled("một").repeat(3000);
    let mut reader = Reader::new(std::io::Read::chain(file.as_slice(), Failing)).unwrap();
    let failures = reader.by_ref().filter(|item| matches!(item, Err(ReadError::Io(_)))).count();
    assert_eq!(failures, 1);
    assert!(reader.next().is_none());
}

#[test]
fn the_writer_refuses_what_could_not_be_read_back() {
    use lienthu_marc::write::WriteError;
    let refused = |record: RecordBuilder| record.to_iso2709().unwrap_err();
    let new = RecordBuilder::new;
    assert_eq!(refused(new()), WriteError::NoFields);
    assert!(matches!(refused(new().control("245", "")), WriteError::Tag { .. }));
    assert!(matches!(refused(new().data("1", [' ', ' '], &[])), WriteError::Tag { .. }));
    assert!(matches!(refused(new().data("245", ['ả', ' '], &[])), WriteError::Codes { .. }));
    assert!(matches!(
        refused(new().data("245", [' ', ' '], &[('a', "\x1E")])),
        WriteError::Delimiter { .. }
    ));
    let long = "x".repeat(9_999);
    assert!(matches!(refused(new().control("001", &long)), WriteError::FieldTooLong { .. }));
    let many = (0..11).fold(new(), |record, _| record.control("001", &long[..9_990]));
    assert!(matches!(refused(many), WriteError::RecordTooLong { .. }));
}
