//! One record of MARCXML from its XML.

use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};

use crate::{
    error::Reason,
    record::{
        ControlField, DataField, Encoding, LEADER_LENGTH, Leader, Position, Record, Subfield,
        is_control_tag, is_tag,
    },
    text::nfc,
};

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

/// Parses what stands from a record's start tag to its end tag.
pub(super) fn parse(position: Position, frame: &[u8]) -> Result<Record, Reason> {
    let xml = std::str::from_utf8(frame)
        .map_err(|error| Reason::InvalidUtf8 { at: error.valid_up_to() })?;
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
            let value = attribute.decode_and_unescape_value(reader.decoder()).map_err(syntax)?;
            Ok(Some(value.into_owned()))
        };
        let wrong = || Reason::XmlElement {
            element: String::from_utf8_lossy(start.name().as_ref()).into_owned(),
        };
        let tag = || -> Result<String, Reason> {
            attribute("tag")?.filter(|tag| is_tag(tag.as_bytes())).ok_or_else(wrong)
        };
        if self.open.is_some() {
            return Err(wrong());
        }
        match (start.local_name().as_ref(), self.in_record, self.in_data_field) {
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
                self.data_fields.push(DataField { tag, indicators, subfields: Vec::new() });
                self.in_data_field = true;
            }
            (b"subfield", true, true) => {
                let code = attribute("code")?.ok_or_else(wrong)?;
                match *code.as_bytes() {
                    [code] if code.is_ascii_graphic() => {
                        self.open = Some(Open::Subfield { code: char::from(code) });
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
                self.control_fields.push(ControlField { tag, value: nfc(&text) });
            }
            Some(Open::Subfield { code }) => {
                if let Some(field) = self.data_fields.last_mut().filter(|_| !text.is_empty()) {
                    field.subfields.push(Subfield { code, value: nfc(&text) });
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
        let Self { control_fields, data_fields, .. } = self;
        if control_fields.is_empty() && data_fields.is_empty() {
            return Err(Reason::NoFields);
        }
        Ok(Record { position, encoding: Encoding::Utf8, leader, control_fields, data_fields })
    }
}

fn syntax(error: impl std::fmt::Display) -> Reason {
    Reason::XmlSyntax { detail: error.to_string() }
}
