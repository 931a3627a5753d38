//! The MARC-8 character sets, parsed once from `tables.txt`.

use std::sync::OnceLock;

const TEXT: &str = include_str!("tables.txt");

/// Final byte of the escape sequence for East Asian characters, the only set of three-byte codes.
const EACC: u8 = 0x31;

/// A character and whether it is a combining mark, which MARC-8 puts before its base letter.
pub(super) type Mapped = (char, bool);

/// A character set that can stand in G0 or G1.
#[derive(Clone, Copy)]
pub(super) enum Graphic {
    /// One byte a character.
    Single(&'static [Option<Mapped>; 128]),
    /// Three bytes a character: EACC.
    Triple,
}

struct SingleSet {
    final_byte: u8,
    characters: [Option<Mapped>; 128],
}

struct Tables {
    single: Vec<SingleSet>,
    /// Ascending by code.
    triple: Vec<(u32, char)>,
}

/// The set that escape sequences call by this final byte.
pub(super) fn set(final_byte: u8) -> Option<Graphic> {
    if final_byte == EACC {
        return Some(Graphic::Triple);
    }
    tables()
        .single
        .iter()
        .find(|set| set.final_byte == final_byte)
        .map(|set| Graphic::Single(&set.characters))
}

/// The character of a three-byte code, seven bits each.
pub(super) fn triple(code: [u8; 3]) -> Option<char> {
    let code = u32::from_be_bytes([0, code[0], code[1], code[2]]);
    let triple = &tables().triple;
    triple.binary_search_by_key(&code, |entry| entry.0).ok().map(|index| triple[index].1)
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        parse(TEXT).unwrap_or_else(|line| {
            unreachable!("line {line} of tables.txt, which is part of the program and tested")
        })
    })
}

/// Gives the number of the line that it cannot read.
fn parse(text: &str) -> Result<Tables, usize> {
    let mut tables = Tables { single: Vec::new(), triple: Vec::new() };
    let mut in_triple = false;
    for (index, line) in text.lines().enumerate() {
        let wrong = index + 1;
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            None | Some("#") => {}
            Some("set") => {
                let word = words.next().ok_or(wrong)?;
                let final_byte = u8::from_str_radix(word, 16).map_err(|_| wrong)?;
                in_triple = final_byte == EACC;
                if !in_triple {
                    tables.single.push(SingleSet { final_byte, characters: [None; 128] });
                }
            }
            Some(first) => {
                let first = u32::from_str_radix(first, 16).map_err(|_| wrong)?;
                for (code, word) in (first..).zip(words) {
                    let hex = word.trim_start_matches('+');
                    let point = u32::from_str_radix(hex, 16).map_err(|_| wrong)?;
                    let character = char::from_u32(point).ok_or(wrong)?;
                    if in_triple {
                        tables.triple.push((code, character));
                    } else {
                        let set = tables.single.last_mut().ok_or(wrong)?;
                        let slot = set.characters.get_mut(code as usize).ok_or(wrong)?;
                        *slot = Some((character, word.starts_with('+')));
                    }
                }
            }
        }
    }
    tables.triple.sort_unstable_by_key(|entry| entry.0);
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_read_and_every_set_is_there() {
        let tables = parse(TEXT).unwrap_or_else(|line| panic!("line {line} of tables.txt"));
        let mut sizes: Vec<(u8, usize)> = tables
            .single
            .iter()
            .map(|set| (set.final_byte, set.characters.iter().flatten().count()))
            .collect();
        sizes.sort_unstable();
        let expected: [(u8, usize); 11] = [
            (b'2', 78),
            (b'3', 83),
            (b'4', 90),
            (b'B', 94),
            (b'E', 65),
            (b'N', 94),
            (b'Q', 42),
            (b'S', 73),
            (b'b', 14),
            (b'g', 3),
            (b'p', 14),
        ];
        assert_eq!(sizes, expected);
        assert_eq!(tables.triple.len(), 15_745);
        assert!(tables.triple.windows(2).all(|pair| pair[0].0 < pair[1].0), "codes repeat");
    }
}
