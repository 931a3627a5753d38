//! A newtype for every identifier. Keys of the base tables are opaque text: nothing is read out of
//! them and nothing is rewritten; they are parsed once at the edge and trusted inside.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;
use uuid::Uuid;

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Nothing but white space.
    #[error("the {what} is empty")]
    Empty {
        /// Which kind of key was asked for.
        what: &'static str,
    },
    /// Longer than its column.
    #[error("the {what} is longer than {max} characters")]
    TooLong {
        /// Which kind of key was asked for.
        what: &'static str,
        /// The column's length in characters.
        max: usize,
    },
    /// Control characters, or letters outside ASCII (the key columns are VARCHAR).
    #[error("the {what} holds a character that a key cannot have")]
    BadCharacter {
        /// Which kind of key was asked for.
        what: &'static str,
    },
    /// Not a UUID.
    #[error("the {what} is not a UUID")]
    NotUuid {
        /// Which kind of key was asked for.
        what: &'static str,
    },
}

macro_rules! text_key {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
        #[serde(try_from = "String", into = "String")]
        #[specta(type = String)]
        pub struct $name(String);

        impl $name {
            /// Longest key, in characters: the length of the column.
            pub const CHARS_MAX: usize = $max;

            /// Takes a key as it stands, without surrounding white space.
            ///
            /// # Errors
            /// [`KeyError`] when it is empty, too long, or holds anything but printable ASCII.
            pub fn parse(text: &str) -> Result<Self, KeyError> {
                let text = text.trim();
                if text.is_empty() {
                    return Err(KeyError::Empty { what: $what });
                }
                if text.chars().count() > $max {
                    return Err(KeyError::TooLong { what: $what, max: $max });
                }
                if !text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
                    return Err(KeyError::BadCharacter { what: $what });
                }
                Ok(Self(text.to_owned()))
            }

            /// The key as it is stored.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = KeyError;
            fn from_str(text: &str) -> Result<Self, KeyError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = KeyError;
            fn try_from(text: String) -> Result<Self, KeyError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> String {
                key.0
            }
        }
    };
}

text_key!(
    /// `CHINHANH.MaCN`.
    BranchCode, "branch code", 10
);
text_key!(
    /// `SACH.ISBN`: an ISBN as the catalogue has it, hyphens and wrong check digits included, or a
    /// local key where a title has none.
    TitleKey, "title key", 20
);
text_key!(
    /// `QUYENSACH.MaQuyenSach`: what the label in the book says.
    Barcode, "barcode", 20
);
text_key!(
    /// `DOCGIA.MaDG`: what the patron's card says.
    PatronCode, "patron code", 10
);
text_key!(
    /// A login at a site; of Windows with its domain, such as `LIBRARY\lan`.
    StaffLogin, "login", 64
);
impl StaffLogin {
    /// Whether it is a Windows login, such as `LIBRARY\lan`: Windows keeps its password. No SQL login has
    /// a backslash.
    #[must_use]
    pub fn is_windows(&self) -> bool {
        self.as_str().contains('\\')
    }
}

text_key!(
    /// Patron category, the key of the loan policy, such as `STUDENT`.
    PatronCategory, "patron category", 20
);

macro_rules! uuid_key {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that someone with a clock and a source of randomness made.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = KeyError;
            fn from_str(text: &str) -> Result<Self, KeyError> {
                Uuid::parse_str(text.trim())
                    .map(Self)
                    .map_err(|_| KeyError::NotUuid { what: $what })
            }
        }
    };
}

uuid_key!(
    /// An event's id (UUID v7), made by the desk. The site keeps it for good: sending twice changes
    /// nothing.
    EventId, "event id"
);
uuid_key!(
    /// One installation of the app.
    DeskId, "desk id"
);
uuid_key!(
    /// A site's random id, renewed when it is restored from a backup.
    Incarnation, "incarnation"
);
uuid_key!(
    /// The random token that belongs to one number of a site's counter.
    FeedToken, "feed token"
);
uuid_key!(
    /// A transaction over several sites (UUID v7), made by whoever begins it.
    TxnId, "transaction id"
);
uuid_key!(
    /// A manager's order to move copies (UUID v7), carried out in transactions.
    TransferId, "transfer id"
);
uuid_key!(
    /// A manager's change of what every site holds (UUID v7), made by the desk at which it is asked for.
    ChangeId, "change id"
);
uuid_key!(
    /// Follows one action from the screen through the log to the site.
    CorrelationId, "correlation id"
);
