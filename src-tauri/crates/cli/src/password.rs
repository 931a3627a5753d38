//! Where a password comes from: never from the command line, which every program of the computer can
//! read.

use std::io::{self, BufRead, IsTerminal};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::language::Language;
use crate::lines::next_line;

/// The environment variable.
pub const PASSWORD_VARIABLE: &str = "LIENTHU_PASSWORD";
/// That of a password which somebody is to have.
pub const NEW_PASSWORD_VARIABLE: &str = "LIENTHU_NEW_PASSWORD";
/// A password at most, in bytes.
const PASSWORD_BYTES_MAX: usize = 1_024;

/// The password: the first line of the input where that was asked for, else the environment variable,
/// else what a person types without being shown it.
///
/// # Errors
/// `PasswordMissing`, `Input`.
pub fn password(
    from_input: bool,
    input: &mut impl BufRead,
    language: Language,
) -> Result<SecretString, Failure> {
    secret(from_input, input, PASSWORD_VARIABLE, language.pick(("Mật khẩu: ", "Password: ")))
}

/// The password that somebody is to have: the next line of the input, the environment variable, or what a
/// person types twice.
///
/// # Errors
/// `PasswordMissing`, `PasswordsDiffer`, `Input`.
pub fn new_password(
    from_input: bool,
    input: &mut impl BufRead,
    language: Language,
) -> Result<SecretString, Failure> {
    let question = language.pick(("Mật khẩu mới: ", "New password: "));
    let first = secret(from_input, input, NEW_PASSWORD_VARIABLE, question)?;
    if from_input || std::env::var_os(NEW_PASSWORD_VARIABLE).is_some() {
        return Ok(first);
    }
    let question = language.pick(("Nhập lại mật khẩu mới: ", "New password again: "));
    let second = secret(false, input, NEW_PASSWORD_VARIABLE, question)?;
    if first.expose_secret() != second.expose_secret() {
        return Err(Failure::PasswordsDiffer);
    }
    Ok(first)
}

fn secret(
    from_input: bool,
    input: &mut impl BufRead,
    variable: &str,
    question: &str,
) -> Result<SecretString, Failure> {
    if from_input {
        let line = next_line(input, PASSWORD_BYTES_MAX).map_err(Failure::Input)?;
        let line = line.filter(|line| !line.cut).ok_or(Failure::PasswordMissing)?;
        return said(line.text);
    }
    if let Ok(password) = std::env::var(variable) {
        return said(password);
    }
    if io::stdin().is_terminal() {
        return said(rpassword::prompt_password(question).map_err(Failure::Input)?);
    }
    Err(Failure::PasswordMissing)
}

fn said(password: String) -> Result<SecretString, Failure> {
    let password = Zeroizing::new(password);
    if password.is_empty() || password.len() > PASSWORD_BYTES_MAX {
        return Err(Failure::PasswordMissing);
    }
    Ok(SecretString::from(password.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password_and_the_scans_follow() {
        let mut input = &b"m\xe1\xba\xadt kh\xe1\xba\xa9u \r\nQ001\n"[..];
        let found = password(true, &mut input, Language::Vi).unwrap();
        assert_eq!(found.expose_secret(), "mật khẩu ");
        assert_eq!(input, b"Q001\n");
    }

    #[test]
    fn no_password_is_not_an_empty_one() {
        for input in [&b""[..], b"\n", &b"x".repeat(PASSWORD_BYTES_MAX + 1)] {
            let found = password(true, &mut &input[..], Language::Vi);
            assert!(matches!(found, Err(Failure::PasswordMissing)));
        }
    }
}
