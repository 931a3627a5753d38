//! What a title list learns from a record.
#![allow(clippy::unwrap_used)]

mod common;

use lienthu_marc::{DraftField, MAX_TEXT_UNITS, TitleDraft, Unusable, write::RecordBuilder};

type Field<'a> = (&'a str, &'a [(char, &'a str)]);

/// The draft of a record with these fields, all with the indicators ` 1`.
fn draft(control_fields: &[(&str, &str)], data_fields: &[Field<'_>]) -> TitleDraft {
    let mut record = RecordBuilder::new().control("005", "20240101000000.0");
    for (tag, value) in control_fields {
        record = record.control(tag, value);
    }
    for (tag, subfields) in data_fields {
        record = record.data(tag, [' ', '1'], subfields);
    }
    let bytes = record.to_iso2709().unwrap();
    TitleDraft::from(&common::read_all(bytes.as_slice()).records[0])
}

fn isbn(value: &str) -> Option<String> {
    draft(&[], &[("020", &[('a', value)])]).isbn
}

fn title(subfields: &[(char, &str)]) -> String {
    draft(&[], &[("245", subfields)]).title
}

#[test]
fn isbns_lose_their_qualifiers_and_keep_their_hyphens_and_check_digits() {
    let check = |value: &str, expected: &str| assert_eq!(isbn(value).as_deref(), Some(expected));
    check("0-13-110362-8 (pbk.) :", "0-13-110362-8");
    check("9786041234567 (bìa mềm)", "9786041234567");
    check("ISBN: 020161622X", "020161622X");
    check("978-604-1-00000-9", "978-604-1-00000-9");
    check("978 604 1 00000 9", "978-604-1-00000-9");
    check("978\u{2011}604\u{2011}1\u{2011}00000\u{2011}9", "978-604-1-00000-9");
    check("0596000855 2 vols.", "0596000855");
    for none in ["(pbk.)", "35.000đ", "", "1-2-3-4-5-6-7-8-9-0-1-2-3"] {
        assert_eq!(isbn(none), None, "{none}");
    }
}

#[test]
fn titles_are_put_together_with_the_cataloguers_punctuation_or_else_the_usual() {
    assert_eq!(title(&[('a', "Số đỏ /"), ('c', "Vũ Trọng Phụng.")]), "Số đỏ");
    assert_eq!(title(&[('a', "Nhà nước :"), ('b', "lý luận /")]), "Nhà nước : lý luận");
    assert_eq!(title(&[('a', "Nhà nước"), ('b', "lý luận.")]), "Nhà nước : lý luận");
    assert_eq!(
        title(&[('a', "Toán."), ('n', "Tập 2,"), ('p', "Hình học /")]),
        "Toán. Tập 2, Hình học"
    );
    assert_eq!(title(&[('a', "Toán"), ('n', "Tập 2"), ('p', "Hình học")]), "Toán. Tập 2, Hình học");
    let sound = [('a', "Jazz"), ('h', "[sound recording] ="), ('b', "Nhạc jazz /")];
    assert_eq!(title(&sound), "Jazz = Nhạc jazz");
    assert_eq!(title(&[('a', "[Không tên]")]), "Không tên");
    assert_eq!(title(&[('a', "To be continued..."), ('b', "")]), "To be continued...");
    assert_eq!(title(&[('a', "Truyện  \t Kiều\u{7}\u{98}.\u{9C}")]), "Truyện Kiều");
}

#[test]
fn a_record_without_a_title_is_not_usable() {
    assert_eq!(draft(&[], &[]).usable(), Err(Unusable::NoTitle));
    assert_eq!(draft(&[], &[("245", &[('a', " / ")])]).usable(), Err(Unusable::NoTitle));
    assert_eq!(draft(&[], &[("245", &[('a', "Đất")])]).usable(), Ok(()));
}

#[test]
fn authors_come_from_headings_then_the_statement_of_responsibility_then_added_entries() {
    let author = |fields: &[Field<'_>]| draft(&[], fields).author;
    let heading: Field<'_> = ("100", &[('a', "Nguyễn Du,"), ('d', "1765-1820.")]);
    let stated: Field<'_> = ("245", &[('a', "Kiều /"), ('c', "Tố Như ; Đào Duy Anh khảo chứng.")]);
    let added: Field<'_> = ("700", &[('a', "Tolkien, J. R. R.,")]);
    assert_eq!(author(&[heading, stated, added]).as_deref(), Some("Nguyễn Du"));
    assert_eq!(author(&[stated, added]).as_deref(), Some("Tố Như ; Đào Duy Anh khảo chứng"));
    assert_eq!(author(&[added]).as_deref(), Some("Tolkien, J. R. R."));
    let corporate: Field<'_> = ("110", &[('a', "Công ty TNHH ABC Co.")]);
    assert_eq!(author(&[corporate]).as_deref(), Some("Công ty TNHH ABC Co."));
    assert_eq!(author(&[]), None);
}

#[test]
fn publishers_and_years_come_from_the_publication_statement() {
    let imprint: Field<'_> = ("260", &[('a', "H. :"), ('b', "Kim Đồng,"), ('c', "c1999-2003.")]);
    let current: Field<'_> = ("264", &[('b', "Nxb Trẻ,"), ('c', "[2001?]")]);
    let of = |draft: TitleDraft| (draft.publisher, draft.year);
    assert_eq!(of(draft(&[], &[imprint])), (Some("Kim Đồng".into()), Some(1999)));
    assert_eq!(of(draft(&[], &[imprint, current])), (Some("Nxb Trẻ".into()), Some(2001)));
    let unknown: Field<'_> = ("260", &[('b', "[s.n.],"), ('c', "19--")]);
    assert_eq!(of(draft(&[], &[unknown])), (None, None));
}

#[test]
fn coded_years_and_languages_go_first() {
    let coded = |value: &str, fields: &[Field<'_>]| {
        let draft = draft(&[("008", value)], fields);
        (draft.year, draft.language)
    };
    let fields: &[Field<'_>] = &[("041", &[('a', "vieeng")]), ("260", &[('c', "1987")])];
    let full = "240101s2011    vm            000 0 vie d";
    assert_eq!(coded(full, fields), (Some(2011), Some("vie".into())));
    let blank = "240101suuuu    vm            000 0     d";
    assert_eq!(coded(blank, fields), (Some(1987), Some("vie".into())));
    assert_eq!(coded("24", fields), (Some(1987), Some("vie".into())));
    assert_eq!(coded("240101s9999    vm            000 0 und d", &[]), (None, None));
    // Places are characters, not bytes.
    assert_eq!(coded("ạạạạạạs2011", &[]).0, Some(2011));
}

#[test]
fn classes_and_control_numbers() {
    let ddc = |value: &str| draft(&[], &[("082", &[('a', value)])]).ddc;
    assert_eq!(ddc("895.9/223/34 21").as_deref(), Some("895.922334"));
    assert_eq!(ddc("[005.13/3]").as_deref(), Some("005.133"));
    assert_eq!(ddc("[Fic]"), None);
    let local: Field<'_> = ("092", &[('a', "781.65 D26k")]);
    let both: &[Field<'_>] = &[local, ("082", &[('a', "[E]")])];
    assert_eq!(draft(&[], both).ddc.as_deref(), Some("781.65"));
    let number = |fields| draft(fields, &[]).control_number;
    assert_eq!(number(&[("001", " ocm123 "), ("003", "OCoLC")]).as_deref(), Some("(OCoLC)ocm123"));
    assert_eq!(number(&[("001", "123")]).as_deref(), Some("123"));
    assert_eq!(number(&[("003", "OCoLC")]), None);
}

#[test]
fn long_texts_are_cut_at_a_word_to_what_the_column_holds() {
    let words = "Đường phố ".repeat(60);
    let draft = draft(&[], &[("245", &[('a', &words)]), ("100", &[('a', &words[..200])])]);
    assert_eq!(draft.truncated, [DraftField::Title]);
    assert!(draft.title.ends_with("Đường phố…"), "{}", draft.title);
    assert!((240..=MAX_TEXT_UNITS).contains(&draft.title.encode_utf16().count()));
    for long in ["ạ".repeat(600), "𠀀".repeat(300), "x\u{302}\u{301}".repeat(300)] {
        let cut = title(&[('a', &long)]);
        let units = cut.encode_utf16().count();
        assert!((MAX_TEXT_UNITS - 3..=MAX_TEXT_UNITS).contains(&units), "{units} units");
        assert!(long.starts_with(cut.trim_end_matches('…')));
    }
    let exact = "x".repeat(MAX_TEXT_UNITS);
    assert_eq!(title(&[('a', &exact)]), exact);
}
