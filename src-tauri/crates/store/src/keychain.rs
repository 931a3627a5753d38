//! The operating system's keychain, as far as one key goes.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

/// The keychain entry's service and account. One key for all desks of an account at this computer, so
/// that a folder that is moved keeps its key.
const SERVICE: &str = "lien-thu";
const ACCOUNT: &str = "desk-files";
/// How long the keychain may take, a person's answer to its prompt included.
const KEYCHAIN_WAIT_S_MAX: u64 = 120;

/// Why the keychain does not give what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeychainError {
    /// This system has none.
    Absent(String),
    /// There is one, and it stays shut.
    Shut(String),
}

/// Where one secret text is kept.
pub(crate) trait Keychain: Send + Sync {
    /// What is kept; nothing where nothing was.
    fn get(&self) -> Result<Option<Zeroizing<String>>, KeychainError>;
    /// Keeps it.
    fn set(&self, secret: &str) -> Result<(), KeychainError>;
}

/// The system's own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemKeychain;

impl Keychain for SystemKeychain {
    fn get(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        bounded(|| match entry()?.get_password() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(classified(&error)),
        })
    }

    fn set(&self, secret: &str) -> Result<(), KeychainError> {
        let secret = Zeroizing::new(secret.to_owned());
        bounded(move || entry()?.set_password(&secret).map_err(|error| classified(&error)))
    }
}

fn entry() -> Result<keyring::Entry, KeychainError> {
    keyring::Entry::new(SERVICE, ACCOUNT).map_err(|error| classified(&error))
}

/// A keychain that does not answer over its own channel counts as none; one that answers with a
/// refusal is shut, and its owner can open it.
fn classified(error: &keyring::Error) -> KeychainError {
    use keyring::Error::{NoDefaultStore, NotSupportedByStore, PlatformFailure};
    match error {
        NoDefaultStore | NotSupportedByStore(_) | PlatformFailure(_) => {
            KeychainError::Absent(error.to_string())
        }
        // Other variants can carry what is stored; their names say enough.
        keyring::Error::NoStorageAccess(_) => KeychainError::Shut(error.to_string()),
        _ => KeychainError::Shut("the keychain's entry does not read".to_owned()),
    }
}

/// On a thread of its own: the secret service is spoken to by blocking on a runtime, which may not be
/// done on a thread of ours that already drives one; and a prompt that nobody sees must not hang the
/// start for good.
fn bounded<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    let (tell, told) = channel();
    let asked = thread::Builder::new().name("keychain".to_owned()).spawn(move || {
        // The asker may have given up.
        let _ = tell.send(ask());
    });
    if let Err(error) = asked {
        return Err(KeychainError::Shut(error.to_string()));
    }
    match told.recv_timeout(Duration::from_secs(KEYCHAIN_WAIT_S_MAX)) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Err(KeychainError::Shut(format!(
            "the keychain did not answer within {KEYCHAIN_WAIT_S_MAX} s"
        ))),
        Err(RecvTimeoutError::Disconnected) => {
            Err(KeychainError::Shut("asking the keychain failed".to_owned()))
        }
    }
}
