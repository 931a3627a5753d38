//! The key of an encrypted file.

use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// A raw 256-bit key. SQLCipher takes it as it is, without deriving one from a passphrase: opening a
/// file costs microseconds instead of a quarter of a second. Wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    /// From random bytes.
    #[must_use]
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// From what [`Key::to_hex`] wrote; nothing when it is anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(text.trim(), bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    /// 64 hexadecimal digits, as a keychain or a key file holds them.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_slice()))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_being_written_as_text_and_says_nothing_when_it_is_logged() {
        let key = Key::new([0xa5; KEY_BYTES]);
        assert_eq!(Key::from_hex(&format!("{}\n", *key.to_hex())), Some(key.clone()));
        assert_eq!(Key::from_hex("a5"), None);
        assert_eq!(Key::from_hex(&"zz".repeat(KEY_BYTES)), None);
        assert!(!format!("{key:?}").contains("a5"));
    }
}
