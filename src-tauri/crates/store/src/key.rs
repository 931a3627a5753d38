//! The key of the desk's two files: from the keychain, or from a key file where there is none.
//!
//! - A folder with a key file uses it, whatever the keychain says.
//! - A folder with encrypted files and no key file needs the keychain's key; if that cannot be had,
//!   nothing is made in its place: a new key would lock the queue away for good.
//! - Only an empty folder gets a new key.
//!
//! All of it happens under a lock on the folder, so that two programs at their first start agree.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use lienthu_port::error::StoreError;
use lienthu_sqlite::{KEY_BYTES, Key};
use zeroize::Zeroizing;

use crate::cache::CACHE_FILE;
use crate::keychain::{Keychain, KeychainError};
use crate::outbox::OUTBOX_FILE;

/// The key file's name.
pub const KEY_FILE: &str = "desk.key";
/// The name of the file that is locked while a desk's folder is being opened.
pub(crate) const LOCK_FILE: &str = "desk.lock";

/// Where the key is to come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyPolicy {
    /// The keychain; a key file where the system has none.
    #[default]
    Keychain,
    /// A key file: for servers, and for tests.
    KeyFile,
}

/// Where the key came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// The keychain.
    Keychain,
    /// The key file beside the encrypted files: whoever copies the folder can read them. The screen
    /// shows a warning as long as this holds.
    KeyFile,
}

/// Locks the folder for the others until the file is dropped.
pub(crate) fn lock(folder: &Path) -> Result<File, StoreError> {
    let inaccessible = |error| inaccessible(LOCK_FILE, &error);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join(LOCK_FILE))
        .map_err(inaccessible)?;
    file.lock().map_err(inaccessible)?;
    Ok(file)
}

/// The key of a folder, which [`lock`] has locked.
pub(crate) fn obtain(
    folder: &Path,
    policy: KeyPolicy,
    keychain: &dyn Keychain,
) -> Result<(Key, KeySource), StoreError> {
    if let Some(key) = read_key_file(folder)? {
        return Ok((key, KeySource::KeyFile));
    }
    let is_new = !is_there(folder, OUTBOX_FILE)? && !is_there(folder, CACHE_FILE)?;
    if policy == KeyPolicy::KeyFile {
        return if is_new {
            Ok((make_key_file(folder)?, KeySource::KeyFile))
        } else {
            Err(no_key(format!("{KEY_FILE} is missing beside the encrypted files")))
        };
    }
    match keychain.get() {
        Ok(Some(text)) => {
            let key = Key::from_hex(&text)
                .ok_or_else(|| no_key("the keychain's entry is not a key of this program"))?;
            Ok((key, KeySource::Keychain))
        }
        Ok(None) if is_new => match keep_new(keychain) {
            Ok(key) => Ok((key, KeySource::Keychain)),
            Err(KeychainError::Absent(_)) => Ok((make_key_file(folder)?, KeySource::KeyFile)),
            Err(KeychainError::Shut(detail)) => Err(no_key(detail)),
        },
        Ok(None) => Err(no_key("the keychain does not hold the key of the encrypted files")),
        Err(KeychainError::Absent(_)) if is_new => Ok((make_key_file(folder)?, KeySource::KeyFile)),
        Err(KeychainError::Absent(detail) | KeychainError::Shut(detail)) => Err(no_key(detail)),
    }
}

/// Puts a new key into the keychain, and reads it back: some accept a secret and do not keep it.
fn keep_new(keychain: &dyn Keychain) -> Result<Key, KeychainError> {
    let key = new_key().map_err(KeychainError::Shut)?;
    keychain.set(&key.to_hex())?;
    match keychain.get()? {
        Some(kept) if *kept == *key.to_hex() => Ok(key),
        _ => Err(KeychainError::Absent("the keychain did not keep the key".to_owned())),
    }
}

fn new_key() -> Result<Key, String> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| format!("no randomness: {error}"))?;
    Ok(Key::new(*bytes))
}

fn read_key_file(folder: &Path) -> Result<Option<Key>, StoreError> {
    match fs::read_to_string(folder.join(KEY_FILE)) {
        Ok(text) => Key::from_hex(&Zeroizing::new(text))
            .map(Some)
            .ok_or_else(|| no_key(format!("{KEY_FILE} does not hold a key"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(no_key(format!("{KEY_FILE} does not hold a key")))
        }
        Err(error) => Err(no_key(format!("{KEY_FILE}: {error}"))),
    }
}

/// Under another name first, so that there is never half a key file.
fn make_key_file(folder: &Path) -> Result<Key, StoreError> {
    let key = new_key().map_err(no_key)?;
    let made = || -> std::io::Result<()> {
        let unfinished = folder.join("desk.key.new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&unfinished)?;
        file.write_all(key.to_hex().as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, folder.join(KEY_FILE))?;
        // The name has to outlive a power cut too: without the key the queue is lost.
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        Ok(())
    };
    made().map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => inaccessible(KEY_FILE, &error),
    })?;
    Ok(key)
}

fn is_there(folder: &Path, file: &str) -> Result<bool, StoreError> {
    folder.join(file).try_exists().map_err(|error| inaccessible(file, &error))
}

fn no_key(detail: impl Into<String>) -> StoreError {
    StoreError::NoKey { detail: detail.into() }
}

pub(crate) fn inaccessible(file: &str, error: &std::io::Error) -> StoreError {
    StoreError::Inaccessible { file: file.to_owned(), detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A keychain in memory that can be shut or absent.
    #[derive(Default)]
    struct Pretended {
        kept: Mutex<Option<String>>,
        fails: Option<KeychainError>,
    }

    impl Keychain for Pretended {
        fn get(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
            self.fails.clone().map_or(Ok(()), Err)?;
            Ok(self.kept.lock().unwrap().clone().map(Zeroizing::new))
        }
        fn set(&self, secret: &str) -> Result<(), KeychainError> {
            self.fails.clone().map_or(Ok(()), Err)?;
            *self.kept.lock().unwrap() = Some(secret.to_owned());
            Ok(())
        }
    }

    fn absent() -> Pretended {
        Pretended { fails: Some(KeychainError::Absent("none".into())), ..Pretended::default() }
    }

    fn shut() -> Pretended {
        Pretended { fails: Some(KeychainError::Shut("locked".into())), ..Pretended::default() }
    }

    fn obtained(folder: &Path, keychain: &Pretended) -> Result<(Key, KeySource), StoreError> {
        let _locked = lock(folder)?;
        obtain(folder, KeyPolicy::Keychain, keychain)
    }

    #[test]
    fn a_new_desk_keeps_its_key_in_the_keychain_and_finds_it_again() {
        let (dir, keychain) = (tempfile::tempdir().unwrap(), Pretended::default());
        let (key, source) = obtained(dir.path(), &keychain).unwrap();
        assert_eq!(source, KeySource::Keychain);
        assert!(!dir.path().join(KEY_FILE).exists());
        fs::write(dir.path().join(OUTBOX_FILE), "encrypted").unwrap();
        assert_eq!(obtained(dir.path(), &keychain), Ok((key, KeySource::Keychain)));
    }

    #[test]
    fn without_a_keychain_a_new_desk_gets_a_key_file_of_its_own_and_stays_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let (key, source) = obtained(dir.path(), &absent()).unwrap();
        assert_eq!(source, KeySource::KeyFile);
        // Also on the day on which the keychain works, and holds another desk's key.
        let works = Pretended::default();
        works.set(&Key::new([9; KEY_BYTES]).to_hex()).unwrap();
        assert_eq!(obtained(dir.path(), &works), Ok((key, KeySource::KeyFile)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_is_never_made_beside_files_that_another_key_has_encrypted() {
        for file in [OUTBOX_FILE, CACHE_FILE] {
            for keychain in [Pretended::default(), absent(), shut()] {
                let dir = tempfile::tempdir().unwrap();
                fs::write(dir.path().join(file), "encrypted").unwrap();
                let got = obtained(dir.path(), &keychain);
                assert!(matches!(got, Err(StoreError::NoKey { .. })), "{got:?}");
                let forced = obtain(dir.path(), KeyPolicy::KeyFile, &keychain);
                assert!(matches!(forced, Err(StoreError::NoKey { .. })), "{forced:?}");
                assert!(!dir.path().join(KEY_FILE).exists());
                assert!(keychain.kept.lock().unwrap().is_none());
            }
        }
    }

    #[test]
    fn a_shut_keychain_or_a_broken_key_file_is_no_key_and_not_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(obtained(dir.path(), &shut()), Err(StoreError::NoKey { .. })));
        fs::write(dir.path().join(KEY_FILE), [0xff, 0xfe]).unwrap();
        assert!(matches!(
            obtained(dir.path(), &Pretended::default()),
            Err(StoreError::NoKey { .. })
        ));
    }

    #[test]
    fn many_first_starts_at_once_agree_on_one_key() {
        for keychain in [Pretended::default(), absent()] {
            let dir = tempfile::tempdir().unwrap();
            let shared = Arc::new((dir.path().to_owned(), keychain));
            let starts: Vec<_> = (0..8)
                .map(|_| {
                    let shared = Arc::clone(&shared);
                    std::thread::spawn(move || obtained(&shared.0, &shared.1).unwrap().0)
                })
                .collect();
            let keys: Vec<Key> = starts.into_iter().map(|s| s.join().unwrap()).collect();
            assert!(keys.windows(2).all(|two| two[0] == two[1]));
        }
    }
}
