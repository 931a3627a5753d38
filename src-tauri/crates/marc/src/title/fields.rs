//! The coded parts of a record: numbers, years, classes, languages.

use crate::{record::Record, text::tidy};

/// Room for an ISBN in its column; 13 digits with four hyphens take 17.
const MAX_ISBN_CHARS: usize = 20;
/// Digits of the shortest number that was ever printed as an ISBN: a British SBN.
const MIN_ISBN_DIGITS: usize = 9;
/// Digits of an ISBN without the prefix 978 or 979.
const ISBN10_DIGITS: usize = 10;
/// Digits of an ISBN with it.
const ISBN13_DIGITS: usize = 13;
/// Characters in the longest class number of the full Dewey schedules, with room to spare.
const MAX_DDC_CHARS: usize = 40;
/// Years outside this range are mistakes or "unknown" (9999).
const YEARS: std::ops::RangeInclusive<i32> = 1000..=2999;

/// The number at the head of an 020 $a: `978-604-1-00000-0 (bìa mềm) : 90000đ`.
pub(super) fn isbn(value: &str) -> Option<String> {
    let value = tidy(value);
    let value = value.trim_start_matches(|character: char| !character.is_ascii_digit());
    let mut number = String::new();
    let mut digits = 0;
    for (at, character) in value.char_indices() {
        match character {
            '0'..='9' | 'X' | 'x' => {
                digits += 1;
                number.push(character);
            }
            // Typographic hyphens have no place in the column, which is VARCHAR.
            '-' | '\u{2010}'..='\u{2013}' | '\u{2212}' => number.push('-'),
            // Some print spaces instead of hyphens; what follows a whole number is not part of it.
            ' ' if is_open(&number, digits) && continues(&value[at + 1..]) => number.push('-'),
            _ => break,
        }
    }
    let number = number.trim_end_matches('-');
    (digits >= MIN_ISBN_DIGITS && number.len() <= MAX_ISBN_CHARS).then(|| number.to_owned())
}

/// Whether a number that is written in groups lacks a group.
fn is_open(number: &str, digits: usize) -> bool {
    let is_long = number.starts_with("978-") || number.starts_with("979-");
    digits < if is_long { ISBN13_DIGITS } else { ISBN10_DIGITS }
}

fn continues(rest: &str) -> bool {
    rest.starts_with(|character: char| character.is_ascii_digit() || character == 'X')
}

pub(super) fn year(record: &Record) -> Option<i32> {
    // Dates before Christ (type b) have blanks in place of years.
    let coded = record.control("008").and_then(|coded| {
        let year: String = coded.chars().skip(7).take(4).collect();
        only_year(&year)
    });
    let publication = record.fields("264").filter(|field| field.indicators[1] == '1');
    coded.or_else(|| {
        publication
            .chain(record.fields("260"))
            .chain(record.fields("264"))
            .flat_map(|field| field.values('c'))
            .find_map(first_year)
    })
}

/// The first run of exactly four digits that is a year: `[2001?]`, `c1999-2003`.
fn first_year(value: &str) -> Option<i32> {
    value.split(|character: char| !character.is_ascii_digit()).find_map(only_year)
}

fn only_year(digits: &str) -> Option<i32> {
    let is_year = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|year| is_year && YEARS.contains(year))
}

/// The class number at the head of an 082 $a or 092 $a: `895.9/223/34 21` is 895.922334. Marks
/// such as `[Fic]` are no class.
pub(super) fn ddc(value: &str) -> Option<String> {
    let value = tidy(value);
    let number: String = value
        .trim_start_matches('[')
        .chars()
        // Prime marks show where a library may shorten the number.
        .filter(|character| !matches!(character, '/' | '\'' | '’' | '′'))
        .take_while(|character| character.is_ascii_digit() || *character == '.')
        .collect();
    let number = number.trim_end_matches('.');
    let whole = number.split('.').next().unwrap_or_default();
    (whole.len() == 3 && number.len() <= MAX_DDC_CHARS).then(|| number.to_owned())
}

pub(super) fn language(record: &Record) -> Option<String> {
    let coded =
        record.control("008").map(|coded| coded.chars().skip(35).take(3).collect::<String>());
    // Older records put several codes into one $a: `engfre`.
    let named = record.values("041", 'a').map(|value| value.trim().chars().take(3).collect());
    coded.into_iter().chain(named).find_map(|code| {
        let code = code.to_ascii_lowercase();
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase());
        (is_code && code != "und").then_some(code)
    })
}
