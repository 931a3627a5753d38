//! Names and texts as T-SQL writes them, for the statements that take no parameters: CREATE LOGIN, ALTER
//! ROLE and their like. Everything else goes through parameters.

/// A name.
pub(crate) fn name(text: &str) -> String {
    format!("[{}]", text.replace(']', "]]"))
}

/// A text.
pub(crate) fn literal(text: &str) -> String {
    format!("N'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What T-SQL reads between an opening and a closing mark, in which the closing one stands twice for
    /// once; and what stands behind.
    fn read(written: &str, open: &str, close: char) -> (String, String) {
        let mut letters = written.strip_prefix(open).unwrap_or_default().chars().peekable();
        let mut text = String::new();
        while let Some(letter) = letters.next() {
            if letter == close && letters.next_if_eq(&close).is_none() {
                break;
            }
            text.push(letter);
        }
        (text, letters.collect())
    }

    #[test]
    fn nothing_gets_out_of_its_quotes() {
        for text in [
            "",
            "mật khẩu",
            "'",
            "''",
            "]",
            "]]",
            "a]; DROP TABLE dbo.SACH; --",
            "x' OLD_PASSWORD = N'y",
            "\\'; --",
            "\u{2019}\u{ff07}\u{02bc}",
            "a\nGO\nb",
            "]'[]'",
        ] {
            assert_eq!(read(&name(text), "[", ']'), (text.to_owned(), String::new()));
            assert_eq!(read(&literal(text), "N'", '\''), (text.to_owned(), String::new()));
        }
    }
}
