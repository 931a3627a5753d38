//! MARC-8 to Unicode.
//!
//! Source: "MARC 21 Specifications for Record Structure, Character Sets, and Exchange Media",
//! character sets, part 2 (Library of Congress). The tables stand in `tables.txt`.
//!
//! Two sets are in use at a time: G0 for bytes 21–7E, at first ASCII, and G1 for bytes A1–FE, at
//! first ANSEL. Escape sequences exchange them until the end of the subfield. The halves of double
//! width marks (EB/EC, FA/FB) become U+FE20–FE23, one for one.

mod tables;

use tables::Graphic;

use crate::text::nfc;

const ESCAPE: u8 = 0x1B;
const ASCII: u8 = b'B';
const ANSEL: u8 = b'E';

/// Digits of the longest numeric character reference, `&#x10FFFF;`.
const MAX_REFERENCE_DIGITS: usize = 6;

/// Bytes that no character set in use assigns, or an escape sequence that calls none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownBytes(pub(crate) Vec<u8>);

/// Whether text holds an escape sequence, which UTF-8 records have no use for.
pub(crate) fn has_escape(bytes: &[u8]) -> bool {
    bytes.contains(&ESCAPE)
}

/// One control field or subfield, in normalisation form C. Strict: a byte that is not assigned is
/// an error. A combining mark that no letter follows is left out, as it marks nothing.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, UnknownBytes> {
    let is_plain = |byte: &u8| byte.is_ascii() && !matches!(*byte, ESCAPE | b'&');
    if bytes.iter().all(is_plain) {
        return Ok(bytes.iter().map(|byte| char::from(*byte)).collect());
    }
    let mut decoder = Decoder::new(bytes)?;
    decoder.run()?;
    Ok(nfc(&decoder.text))
}

struct Decoder<'a> {
    bytes: &'a [u8],
    g0: Graphic,
    g1: Graphic,
    text: String,
    /// Marks that wait for their base letter.
    marks: Vec<char>,
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, UnknownBytes> {
        let set = |name| tables::set(name).ok_or(UnknownBytes(Vec::new()));
        Ok(Self {
            bytes,
            g0: set(ASCII)?,
            g1: set(ANSEL)?,
            text: String::with_capacity(bytes.len()),
            marks: Vec::new(),
        })
    }

    fn run(&mut self) -> Result<(), UnknownBytes> {
        while let Some(&byte) = self.bytes.first() {
            let used = match byte {
                ESCAPE => self.designate()?,
                // Controls and the space stand in every set, also between EACC codes.
                0x00..=0x20 | 0x7F => self.base(char::from(byte), 1),
                // The controls of ANSEL: non-sorting begin and end, joiner and non-joiner.
                0x88 => self.base('\u{98}', 1),
                0x89 => self.base('\u{9C}', 1),
                0x8D => self.base('\u{200D}', 1),
                0x8E => self.base('\u{200C}', 1),
                0x80..=0xA0 | 0xFF => return Err(self.unknown(1)),
                b'&' => match reference(self.bytes) {
                    Some((character, used)) => self.base(character, used),
                    None => self.graphic(self.g0)?,
                },
                0x21..=0x7E => self.graphic(self.g0)?,
                0xA1..=0xFE => self.graphic(self.g1)?,
            };
            self.bytes = &self.bytes[used..];
        }
        Ok(())
    }

    /// Reads one code of a set; gives the number of bytes used.
    fn graphic(&mut self, set: Graphic) -> Result<usize, UnknownBytes> {
        match set {
            Graphic::Single(characters) => {
                match characters[usize::from(self.bytes[0] & 0x7F)] {
                    Some((mark, true)) => self.marks.push(mark),
                    Some((character, false)) => return Ok(self.base(character, 1)),
                    None => return Err(self.unknown(1)),
                }
                Ok(1)
            }
            Graphic::Triple => {
                let Some(&[a, b, c]) = self.bytes.first_chunk::<3>() else {
                    return Err(self.unknown(3));
                };
                // All three stand in the same half of the code space, or it is no EACC.
                let same_half = (a ^ b) & 0x80 == 0 && (a ^ c) & 0x80 == 0;
                let code = [a & 0x7F, b & 0x7F, c & 0x7F];
                match tables::triple(code).filter(|_| same_half) {
                    Some(character) => Ok(self.base(character, 3)),
                    None => Err(self.unknown(3)),
                }
            }
        }
    }

    /// Appends a base letter and the marks that stood before it; gives `used` back.
    fn base(&mut self, character: char, used: usize) -> usize {
        self.text.push(character);
        put_shape_before_tone(character, &mut self.marks);
        self.text.extend(self.marks.drain(..));
        used
    }

    /// Obeys the escape sequence at hand; gives its length.
    fn designate(&mut self) -> Result<usize, UnknownBytes> {
        let sequence = &self.bytes[1..];
        // Locking shifts of G0 by one letter, then designations by intermediate bytes. `!` belongs
        // to the final of ANSEL; both `$1` and `$,1` occur for multi-byte sets.
        let (in_g1, length) = match *sequence {
            [b's', ..] => {
                self.g0 = tables::set(ASCII).ok_or_else(|| self.unknown(2))?;
                return Ok(2);
            }
            [b'b' | b'g' | b'p', ..] => (false, 0),
            [b'$', b')' | b'-', ..] => (true, 2),
            [b'$', b'(' | b',', ..] => (false, 2),
            [b')' | b'-', b'!', ..] => (true, 2),
            [b'(' | b',', b'!', ..] => (false, 2),
            [b')' | b'-', ..] => (true, 1),
            [b'(' | b',' | b'$', ..] => (false, 1),
            _ => return Err(self.unknown(2)),
        };
        let set = sequence
            .get(length)
            .and_then(|&name| tables::set(name))
            .ok_or_else(|| self.unknown(length + 2))?;
        if in_g1 {
            self.g1 = set;
        } else {
            self.g0 = set;
        }
        Ok(length + 2)
    }

    fn unknown(&self, length: usize) -> UnknownBytes {
        UnknownBytes(self.bytes[..length.min(self.bytes.len())].to_vec())
    }
}

/// MARC-8 leaves the order of two marks above one letter to the cataloguer, and Vietnamese records
/// have both. The letter's shape (circumflex, breve) belongs below its tone: only so does ấ become
/// one character and equal to the ấ of every other source.
fn put_shape_before_tone(letter: char, marks: &mut [char]) {
    const SHAPES: [char; 2] = ['\u{302}', '\u{306}'];
    const TONES: [char; 4] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}'];
    if let [first, second] = marks
        && matches!(letter, 'a' | 'e' | 'o' | 'A' | 'E' | 'O')
        && TONES.contains(first)
        && SHAPES.contains(second)
    {
        std::mem::swap(first, second);
    }
}

/// A numeric character reference (`&#x1EA5;`) at the head of the bytes, and its length. MARC-8 uses
/// them for what it cannot express.
fn reference(bytes: &[u8]) -> Option<(char, usize)> {
    let digits = bytes.strip_prefix(b"&#x")?;
    let count = digits.iter().take(MAX_REFERENCE_DIGITS + 1).position(|&byte| byte == b';')?;
    let digits = std::str::from_utf8(&digits[..count]).ok()?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    (!character.is_control()).then_some((character, count + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes).as_deref(), Ok(expected), "for {bytes:02X?}");
    }

    fn refuses(bytes: &[u8], unknown: &[u8]) {
        assert_eq!(decode(bytes), Err(UnknownBytes(unknown.to_vec())), "for {bytes:02X?}");
    }

    #[test]
    fn marks_before_the_letter_become_one_character() {
        check(b"Andr\xE2e Se\xE4nor", "André Señor");
        check(b"Vi\xF2\xE3et Nam", "Việt Nam");
        check(b"\xB3\xBD\xE1\xBCng, \xA3\xAD\xE1\xACNG", "đường, ĐƯỜNG");
    }

    #[test]
    fn two_vietnamese_marks_compose_in_either_order() {
        check(b"Nguy\xE3\xE4en, Nguy\xE4\xE3en", "Nguyễn, Nguyễn");
        check(b"Tr\xE3\xE2an \xE2\xE6an", "Trấn ắn");
    }

    #[test]
    fn double_width_marks_keep_their_halves() {
        check(b"\xEBt\xECsar", "t\u{FE20}s\u{FE21}ar");
        check(b"\xFAn\xFBg", "n\u{FE22}g\u{FE23}");
    }

    #[test]
    fn a_mark_without_a_letter_is_left_out() {
        check(b"jazz\xE2", "jazz");
    }

    #[test]
    fn escape_sequences_call_other_sets_until_the_subfield_ends() {
        check(b"H\x1Bb2\x1BsO, x\x1Bp2\x1Bs, \x1Bga\x1Bs-rays", "H₂O, x², α-rays");
        check(b"\x1B(NgOZA\x1B(B!", "Гоза!");
        check(b"\x1B(2`a\x1B(B", "אב");
        check(b"\x1B(3GH\x1B(B", "اب");
        check(b"\x1B(Sab\x1B(B", "αβ");
    }

    #[test]
    fn sets_stand_in_g1_as_well_as_in_g0() {
        check(b"\x1B)N\xC1\xC2 ab", "аб ab");
        check(b"\x1B)N\xC1\x1B)!E\xE2e", "аé");
    }

    #[test]
    fn east_asian_characters_take_three_bytes() {
        check(b"\x1B$1!0!!0\"\x1B(B.", "一丁.");
        check(b"\x1B$1!0! !0!\x1B(B", "一 一");
        check(b"\x1B$)1\xA1\xB0\xA1", "一");
    }

    #[test]
    fn numeric_references_are_characters() {
        check(
            b"&#x1EA5; &amp; &#x; &#x110000; &#x1F; \xE2&#x61;",
            "ấ &amp; &#x; &#x110000; &#x1F; á",
        );
    }

    #[test]
    fn unassigned_bytes_and_escapes_are_named() {
        refuses(b"ab\x85c", &[0x85]);
        refuses(b"\xC9", &[0xC9]);
        refuses(b"a\x1B", &[0x1B]);
        refuses(b"a\x1B(Zz", &[0x1B, b'(', b'Z']);
        refuses(b"\x1B$1!0", b"!0");
        refuses(b"\x1B$1!!!", b"!!!");
    }
}
