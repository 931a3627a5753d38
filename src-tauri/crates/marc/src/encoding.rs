//! Which encoding the bytes of an ISO 2709 record are in, and their decoding.

use crate::{
    error::Reason,
    marc8,
    record::{Encoding, Leader},
    text,
};

/// Finds out what to decode a record as: the first that succeeds strictly counts, and if none
/// does, the error of the last is the record's.
///
/// 1. Pure ASCII: what the leader says (`&#x…;` is a character in MARC-8 only), but MARC-8 if there
///    is an escape sequence, which is MARC-8's own.
/// 2. Valid UTF-8: UTF-8. In MARC-8 nearly every byte above 7F stands before an ASCII letter,
///    which UTF-8 never allows.
/// 3. Invalid UTF-8 with valid sequences in it is damaged UTF-8: any such sequence is enough if the
///    leader says UTF-8; otherwise they must outnumber the invalid ones.
/// 4. The rest is MARC-8, mislabelled or not.
pub(crate) fn candidates(leader: &Leader, record: &[u8]) -> &'static [Encoding] {
    use Encoding::{Marc8, Utf8};

    let declared = leader.declared_encoding();
    if record.is_ascii() {
        return match declared {
            Utf8 if marc8::has_escape(record) => &[Marc8, Utf8],
            Utf8 => &[Utf8],
            Marc8 => &[Marc8],
        };
    }
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    for chunk in record.utf8_chunks() {
        valid += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    let is_utf8 = match declared {
        Utf8 => valid > 0 || invalid == 0,
        Marc8 => valid > invalid,
    };
    match declared {
        _ if is_utf8 => &[Utf8],
        Utf8 => &[Marc8, Utf8],
        Marc8 => &[Marc8],
    }
}

/// Decodes one control field or subfield, which begins at byte `at` of its record.
pub(crate) fn decode(
    encoding: Encoding,
    tag: &str,
    bytes: &[u8],
    at: usize,
) -> Result<String, Reason> {
    match encoding {
        Encoding::Utf8 => match std::str::from_utf8(bytes) {
            Ok(value) => Ok(text::nfc(value)),
            Err(error) => Err(Reason::InvalidUtf8 { at: at + error.valid_up_to() }),
        },
        Encoding::Marc8 => marc8::decode(bytes).map_err(|unknown| Reason::UnknownMarc8 {
            tag: tag.to_owned(),
            bytes: unknown.0.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" "),
        }),
    }
}
