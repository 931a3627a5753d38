//! Changing one's own password: what every kind of site asks of a new one, and why one is refused.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

/// Shortest new password, in characters. A server's own policy may ask for more.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password, in characters: the longest that SQL Server knows.
pub const PASSWORD_CHARS_MAX: usize = 128;

/// Why a password does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type, Error)]
#[serde(rename_all = "snake_case")]
pub enum PasswordRefusal {
    /// The old password is not theirs.
    #[error("the old password is wrong")]
    OldWrong,
    /// Shorter than [`PASSWORD_CHARS_MIN`].
    #[error("the new password is too short")]
    TooShort,
    /// Longer than [`PASSWORD_CHARS_MAX`].
    #[error("the new password is too long")]
    TooLong,
    /// It is the old one.
    #[error("the new password is the old one")]
    NotNew,
    /// The server's policy does not take it: too simple, or used before.
    #[error("the server's policy refuses the new password")]
    AgainstPolicy,
    /// The server's policy does not let it change so soon.
    #[error("the password was changed too lately")]
    TooSoon,
    /// A Windows login, whose password Windows keeps.
    #[error("Windows keeps the password of this login")]
    KeptByWindows,
}

impl PasswordRefusal {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::OldWrong,
        Self::TooShort,
        Self::TooLong,
        Self::NotNew,
        Self::AgainstPolicy,
        Self::TooSoon,
        Self::KeptByWindows,
    ];

    /// The name that is sent.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OldWrong => "old_password_wrong",
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::NotNew => "password_not_new",
            Self::AgainstPolicy => "password_against_policy",
            Self::TooSoon => "password_too_soon",
            Self::KeptByWindows => "password_kept_by_windows",
        }
    }

    /// What to do, in Vietnamese and English.
    #[must_use]
    pub const fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::OldWrong => (
                "Mật khẩu cũ không đúng. Nhập lại, chú ý phím Caps Lock và bộ gõ.",
                "The old password is wrong. Enter it again; mind Caps Lock and the input method.",
            ),
            Self::TooShort => (
                "Mật khẩu mới quá ngắn. Đặt ít nhất 8 ký tự.",
                "The new password is too short. Use at least 8 characters.",
            ),
            Self::TooLong => (
                "Mật khẩu mới quá dài. Đặt nhiều nhất 128 ký tự.",
                "The new password is too long. Use at most 128 characters.",
            ),
            Self::NotNew => (
                "Mật khẩu mới trùng mật khẩu cũ. Chọn mật khẩu khác.",
                "The new password is the old one. Choose another.",
            ),
            Self::AgainstPolicy => (
                "Máy chủ không nhận mật khẩu này: quá đơn giản hoặc đã dùng trước đây. Trộn chữ hoa, chữ thường, số và dấu.",
                "The server does not take this password: too simple, or used before. Mix capitals, small letters, digits and signs.",
            ),
            Self::TooSoon => (
                "Mật khẩu vừa được đổi gần đây. Đợi đến hạn của máy chủ, hoặc nhờ quản trị đặt lại.",
                "The password was changed lately. Wait as long as the server asks, or have the administrator set it.",
            ),
            Self::KeptByWindows => (
                "Đây là tài khoản Windows. Đổi mật khẩu trong Windows.",
                "This is a Windows login. Change its password in Windows.",
            ),
        }
    }
}

/// Whether a password may become somebody's.
///
/// # Errors
/// `TooShort`, `TooLong`.
pub fn check_new(new: &SecretString) -> Result<(), PasswordRefusal> {
    match new.expose_secret().chars().count() {
        ..PASSWORD_CHARS_MIN => Err(PasswordRefusal::TooShort),
        PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX => Ok(()),
        _ => Err(PasswordRefusal::TooLong),
    }
}

/// Whether a password may become that of somebody who says that theirs is `old`.
///
/// # Errors
/// `TooShort`, `TooLong`, `NotNew`.
pub fn check_change(old: &SecretString, new: &SecretString) -> Result<(), PasswordRefusal> {
    check_new(new)?;
    if old.expose_secret() == new.expose_secret() {
        return Err(PasswordRefusal::NotNew);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentences_name_the_bounds() {
        for (refusal, bound) in [
            (PasswordRefusal::TooShort, PASSWORD_CHARS_MIN),
            (PasswordRefusal::TooLong, PASSWORD_CHARS_MAX),
        ] {
            let (vi, en) = refusal.sentence();
            assert!(vi.contains(&bound.to_string()) && en.contains(&bound.to_string()));
        }
    }

    #[test]
    fn letters_count_and_not_bytes() {
        let old = SecretString::from("mật khẩu cũ");
        let change = |new: &str| check_change(&old, &new.into());
        assert_eq!(change("đđđđđđđ"), Err(PasswordRefusal::TooShort));
        assert_eq!(change("đđđđđđđđ"), Ok(()));
        assert_eq!(change(&"đ".repeat(128)), Ok(()));
        assert_eq!(change(&"đ".repeat(129)), Err(PasswordRefusal::TooLong));
        assert_eq!(change("mật khẩu cũ"), Err(PasswordRefusal::NotNew));
    }
}
