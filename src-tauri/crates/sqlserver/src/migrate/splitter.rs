//! Splitting a script into batches at lines that say GO.

/// Where a reader of T-SQL is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Code,
    /// Between single quotes, double quotes or brackets; the character that ends it.
    Quoted(char),
    /// In a comment of this depth: they nest.
    Comment(u32),
}

/// The batches of a script, without those in which nothing stands. GO is no statement but a line of its
/// own for the program that runs the script, in any case, perhaps with a comment behind it; in a string or
/// a comment it is text.
#[must_use]
pub fn batches(script: &str) -> Vec<String> {
    let mut batches = Vec::new();
    let mut batch = String::new();
    let mut place = Place::Code;
    for line in script.lines() {
        if place == Place::Code && is_go(line) {
            batches.push(std::mem::take(&mut batch));
            continue;
        }
        place = after(line, place);
        batch.push_str(line);
        batch.push('\n');
    }
    batches.push(batch);
    batches.retain(|batch| !batch.trim().is_empty());
    batches
}

fn is_go(line: &str) -> bool {
    let line = line.split("--").next().unwrap_or_default().trim();
    line.trim_end_matches(';').eq_ignore_ascii_case("go")
}

/// Where one is at the end of a line.
fn after(line: &str, mut place: Place) -> Place {
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        place = match (place, letter, next) {
            (Place::Code, '-', Some('-')) => return Place::Code,
            (Place::Code, '/', Some('*')) => {
                letters.next();
                Place::Comment(1)
            }
            (Place::Code, '\'' | '"', _) => Place::Quoted(letter),
            (Place::Code, '[', _) => Place::Quoted(']'),
            // A doubled quote leaves the string and enters it again.
            (Place::Quoted(end), _, _) if letter == end => Place::Code,
            (Place::Comment(depth), '/', Some('*')) => {
                letters.next();
                Place::Comment(depth + 1)
            }
            (Place::Comment(depth), '*', Some('/')) => {
                letters.next();
                if depth == 1 { Place::Code } else { Place::Comment(depth - 1) }
            }
            (place, ..) => place,
        };
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(script: &str) -> Vec<String> {
        batches(script).into_iter().map(|batch| batch.trim().to_owned()).collect()
    }

    #[test]
    fn a_line_that_says_go_ends_a_batch() {
        assert_eq!(split("a\nGO\nb\n  go  \nc\nGo -- next\nd"), ["a", "b", "c", "d"]);
        assert_eq!(split("GO\n\nGO\n"), [""; 0]);
    }

    #[test]
    fn go_in_a_string_a_name_or_a_comment_is_text() {
        for text in [
            "SELECT 'a\nGO\nb'",
            "SELECT 'it''s\nGO\n'",
            "SELECT [a\nGO\nb]",
            "SELECT \"a\nGO\n\"",
            "/* a\nGO\n/* b\nGO\n*/ c\nGO\n*/ d",
        ] {
            assert_eq!(split(text), [text]);
        }
    }

    #[test]
    fn a_quote_in_a_comment_opens_nothing() {
        assert_eq!(split("-- it's\nGO\nb"), ["-- it's", "b"]);
        assert_eq!(split("/* it's */\nGO\nb"), ["/* it's */", "b"]);
        assert_eq!(split("SELECT '/*'\nGO\nb"), ["SELECT '/*'", "b"]);
        assert_eq!(split("SELECT 'a--b'\nGO\nb"), ["SELECT 'a--b'", "b"]);
    }

    #[test]
    fn a_word_that_begins_with_go_is_no_go() {
        assert_eq!(split("GOTO x\nGO 2x\nx:").len(), 1);
    }
}
