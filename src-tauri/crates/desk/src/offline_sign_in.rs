//! Signing in while the site cannot be reached: for people who signed in at this desk before, for a
//! limited number of days, with growing delays after wrong passwords.

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use lienthu_domain::times::UtcMs;
use lienthu_port::cache::SealedSignIn;
use lienthu_port::error::StoreError;
use secrecy::{ExposeSecret, SecretString};

/// Days after the last online sign-in.
pub const OFFLINE_DAYS_MAX: i64 = 14;
/// Wrong passwords without a delay.
const FREE_FAILURES: u32 = 3;
/// The delay after the first failure beyond those, doubling with each.
const DELAY_S_MIN: i64 = 5;
/// The longest delay.
const DELAY_S_MAX: i64 = 15 * 60;

/// What a try comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Look at the password.
    LookAtPassword,
    /// Too long since the last online sign-in, or a clock that was set back behind it.
    Expired,
    /// Wait so many seconds.
    Wait {
        /// Until the next try is looked at.
        seconds: u32,
    },
}

/// Whether a try at `now` (this desk's wall clock) is looked at. A clock that was set back neither
/// shortens a delay nor lengthens the days.
#[must_use]
pub fn verdict(sealed: &SealedSignIn, now: UtcMs) -> Verdict {
    let away_ms = now.since_ms(sealed.online_at);
    if !(0..=OFFLINE_DAYS_MAX * 86_400_000).contains(&away_ms) {
        return Verdict::Expired;
    }
    let Some(failed_at) = sealed.failed_at.filter(|_| sealed.failures >= FREE_FAILURES) else {
        return Verdict::LookAtPassword;
    };
    let doublings = (sealed.failures - FREE_FAILURES).min(16);
    let delay_s = (DELAY_S_MIN << doublings).min(DELAY_S_MAX);
    let passed_s = now.since_ms(failed_at).max(0) / 1_000;
    match u32::try_from(delay_s - passed_s) {
        Ok(seconds) if seconds > 0 => Verdict::Wait { seconds },
        _ => Verdict::LookAtPassword,
    }
}

fn argon2() -> Result<Argon2<'static>, StoreError> {
    // OWASP's first choice: 19 MiB, two passes.
    let params = Params::new(19 * 1_024, 2, 1, None)
        .map_err(|e| StoreError::Unexpected { detail: e.to_string() })?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A verifier for a password that the site has just accepted. Takes tens of milliseconds of a core.
///
/// # Errors
/// `Unexpected` when the system has no randomness.
pub fn seal(password: &SecretString) -> Result<String, StoreError> {
    let salt = SaltString::generate(&mut OsRng);
    argon2()?
        .hash_password(password.expose_secret().as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|e| StoreError::Unexpected { detail: e.to_string() })
}

/// Whether the password is the one that was sealed.
///
/// # Errors
/// `Unexpected` when the verifier is none.
pub fn opens(verifier: &str, password: &SecretString) -> Result<bool, StoreError> {
    let hash = PasswordHash::new(verifier)
        .map_err(|e| StoreError::Unexpected { detail: e.to_string() })?;
    Ok(argon2()?.verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use lienthu_port::handshake::WhoAmI;

    const DAY_MS: i64 = 86_400_000;

    fn sealed(failures: u32, failed_ago_s: i64) -> (SealedSignIn, UtcMs) {
        let now = UtcMs::from_ms(1_790_000_000_000);
        let who = WhoAmI { login: "lan".parse().unwrap(), name: "Lan".into(), roles: vec![] };
        let sealed = SealedSignIn {
            who,
            verifier: String::new(),
            online_at: now.plus_ms(-DAY_MS),
            failures,
            failed_at: (failures > 0).then(|| now.plus_ms(-failed_ago_s * 1_000)),
        };
        (sealed, now)
    }

    #[test]
    fn delays_grow_with_failures_and_end() {
        for (failures, ago_s, expected) in [
            (2, 0, Verdict::LookAtPassword),
            (3, 0, Verdict::Wait { seconds: 5 }),
            (3, 5, Verdict::LookAtPassword),
            (5, 3, Verdict::Wait { seconds: 17 }),
            (1_000, 0, Verdict::Wait { seconds: 900 }),
            (1_000, 900, Verdict::LookAtPassword),
            // The clock was set back after the failure.
            (3, -1_000_000, Verdict::Wait { seconds: 5 }),
        ] {
            let (sealed, now) = sealed(failures, ago_s);
            assert_eq!(verdict(&sealed, now), expected, "{failures} failures, {ago_s} s ago");
        }
    }

    #[test]
    fn offline_days_end_and_a_clock_set_back_does_not_lengthen_them() {
        let (sealed, now) = sealed(0, 0);
        assert_eq!(verdict(&sealed, now.plus_ms(12 * DAY_MS)), Verdict::LookAtPassword);
        assert_eq!(verdict(&sealed, now.plus_ms(14 * DAY_MS)), Verdict::Expired);
        assert_eq!(verdict(&sealed, now.plus_ms(-2 * DAY_MS)), Verdict::Expired);
    }

    #[test]
    fn a_sealed_password_opens_for_itself_only() {
        let verifier = seal(&"mật khẩu".into()).unwrap();
        assert!(opens(&verifier, &"mật khẩu".into()).unwrap());
        assert!(!opens(&verifier, &"mat khau".into()).unwrap());
        assert!(!verifier.contains("mật"));
    }
}
