//! People and what they may: the site's own list.

use argon2::password_hash::SaltString;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use lienthu_domain::ids::StaffLogin;
use lienthu_domain::rights::Role;
use lienthu_domain::times::UtcMs;
use lienthu_port::error::SiteError;
use lienthu_port::handshake::WhoAmI;
use lienthu_port::password::{PasswordRefusal, check_change};
use lienthu_port::seed::StaffSeed;
use lienthu_sqlite::rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::failure::Failure;
use crate::rows::{coded, parsed};

/// Wrong passwords in a row after which a login rests.
pub const FAILURES_MAX: u32 = 10;
/// How long it rests.
pub const REST_MS: i64 = 15 * 60 * 1_000;
/// Longest password that is looked at, in bytes.
const PASSWORD_BYTES_MAX: usize = 1_024;

/// What a guess at a password costs. Written into each verifier: raising it later spoils none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl PasswordCost {
    /// What OWASP recommends for Argon2id: 19 MiB, two passes.
    pub const PRODUCTION: Self = Self { memory_kib: 19_456, passes: 2 };
    /// For tests with thousands of sign-ins. Protects nothing.
    pub const TEST: Self = Self { memory_kib: 8, passes: 1 };

    fn argon2(self) -> Result<Argon2<'static>, SiteError> {
        let params = Params::new(self.memory_kib, self.passes, 1, None).map_err(unexpected)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// What a guess costs at this verifier.
    fn of(verifier: &str) -> Result<Self, SiteError> {
        let hash = PasswordHash::new(verifier).map_err(unexpected)?;
        let params = Params::try_from(&hash).map_err(unexpected)?;
        Ok(Self { memory_kib: params.m_cost(), passes: params.t_cost() })
    }

    pub(crate) fn verifier(self, password: &SecretString) -> Result<String, SiteError> {
        let salt = SaltString::encode_b64(Uuid::new_v4().as_bytes()).map_err(unexpected)?;
        let hash = self
            .argon2()?
            .hash_password(password.expose_secret().as_bytes(), &salt)
            .map_err(unexpected)?;
        Ok(hash.to_string())
    }
}

fn unexpected(error: impl std::fmt::Display) -> SiteError {
    SiteError::Unexpected { detail: format!("argon2: {error}") }
}

/// Adds a person, or gives them a new name, password and roles.
pub(crate) fn put(tx: &Connection, person: &StaffSeed, cost: PasswordCost) -> Result<(), Failure> {
    let verifier = cost.verifier(&person.password)?;
    tx.prepare_cached(
        "INSERT INTO lienthu_staff (login, name, verifier) VALUES (?1, ?2, ?3)
         ON CONFLICT (login) DO UPDATE
         SET name = excluded.name, verifier = excluded.verifier, failures = 0",
    )?
    .execute(params![person.login.as_str(), person.name, verifier])?;
    set_roles(tx, &person.login, &person.roles)
}

/// Adds a person, or gives them a new name and roles; who is there keeps their password.
pub(crate) fn add(tx: &Connection, person: &StaffSeed, cost: PasswordCost) -> Result<(), Failure> {
    let verifier = cost.verifier(&person.password)?;
    tx.prepare_cached(
        "INSERT INTO lienthu_staff (login, name, verifier) VALUES (?1, ?2, ?3)
         ON CONFLICT (login) DO UPDATE SET name = excluded.name, active = 1",
    )?
    .execute(params![person.login.as_str(), person.name, verifier])?;
    set_roles(tx, &person.login, &person.roles)
}

pub(crate) fn set_password(
    tx: &Connection,
    login: &StaffLogin,
    password: &SecretString,
    cost: PasswordCost,
) -> Result<(), Failure> {
    let verifier = cost.verifier(password)?;
    tx.prepare_cached("UPDATE lienthu_staff SET verifier = ?2, failures = 0 WHERE login = ?1")?
        .execute(params![login.as_str(), verifier])?;
    Ok(())
}

/// Everyone, by login, and whether they may sign in.
pub(crate) fn list(conn: &Connection) -> Result<Vec<(WhoAmI, bool)>, Failure> {
    let people = conn
        .prepare_cached("SELECT login, name, active FROM lienthu_staff ORDER BY login")?
        .query_map([], |row| Ok((parsed(row, 0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<Vec<(StaffLogin, String, bool)>, _>>()?;
    people
        .into_iter()
        .map(|(login, name, active)| {
            let roles = roles(conn, &login)?;
            Ok((WhoAmI { login, name, roles }, active))
        })
        .collect()
}

pub(crate) fn set_roles(
    tx: &Connection,
    login: &StaffLogin,
    roles: &[Role],
) -> Result<(), Failure> {
    tx.prepare_cached("DELETE FROM lienthu_staff_role WHERE login = ?1")?
        .execute([login.as_str()])?;
    for role in roles {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO lienthu_staff_role (login, role) VALUES (?1, ?2)",
        )?
        .execute([login.as_str(), role.code()])?;
    }
    Ok(())
}

pub(crate) fn set_active(tx: &Connection, login: &StaffLogin, active: bool) -> Result<(), Failure> {
    tx.prepare_cached("UPDATE lienthu_staff SET active = ?2, failures = 0 WHERE login = ?1")?
        .execute(params![login.as_str(), active])?;
    Ok(())
}

/// Who a login is now. Read anew for every call, so that a revoked role is gone at once.
pub(crate) fn who(tx: &Connection, login: &StaffLogin) -> Result<WhoAmI, Failure> {
    let name = tx
        .prepare_cached("SELECT name FROM lienthu_staff WHERE login = ?1 AND active = 1")?
        .query_row([login.as_str()], |row| row.get(0))
        .optional()?
        .ok_or(SiteError::LoginFailed)?;
    Ok(WhoAmI { login: login.clone(), name, roles: roles(tx, login)? })
}

fn roles(tx: &Connection, login: &StaffLogin) -> Result<Vec<Role>, Failure> {
    let mut roles = tx
        .prepare_cached("SELECT role FROM lienthu_staff_role WHERE login = ?1")?
        .query_map([login.as_str()], |row| coded(row, 0, Role::from_code))?
        .collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    Ok(roles)
}

/// Whether somebody works at the desk here: active, and a librarian.
pub(crate) fn is_librarian(tx: &Connection, login: &StaffLogin) -> Result<bool, Failure> {
    Ok(tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM lienthu_staff s
             JOIN lienthu_staff_role r ON r.login = s.login AND r.role = 'librarian'
             WHERE s.login = ?1 AND s.active = 1)",
        )?
        .query_row([login.as_str()], |row| row.get(0))?)
}

/// Checks a password. After [`FAILURES_MAX`] wrong ones in a row the login rests for [`REST_MS`], so
/// that a guesser gets no further than that many guesses a rest. The failure is counted before the
/// password is looked at, and taken back when it was right: guesses made at once count as well, and no
/// lock is held while the hash is worked out.
pub(crate) fn sign_in(
    conn: &mut Connection,
    now: UtcMs,
    login: &StaffLogin,
    password: &SecretString,
) -> Result<bool, Failure> {
    Ok(opened(conn, now, login, password)?.is_some())
}

/// The verifier that the password opens.
fn opened(
    conn: &mut Connection,
    now: UtcMs,
    login: &StaffLogin,
    password: &SecretString,
) -> Result<Option<String>, Failure> {
    let Some((verifier, may_try)) = count_a_guess(conn, now, login)? else {
        // An unknown login takes as long as a known one, so that nobody learns which ones there are.
        if let Some(verifier) = any_verifier(conn)? {
            matches(&verifier, password);
        }
        return Ok(None);
    };
    let right = matches(&verifier, password) && may_try;
    if right {
        conn.prepare_cached("UPDATE lienthu_staff SET failures = 0 WHERE login = ?1")?
            .execute([login.as_str()])?;
    }
    Ok(right.then_some(verifier))
}

/// Gives a login another password, if `old` is theirs. A wrong one counts as a guess.
pub(crate) fn change_password(
    conn: &mut Connection,
    now: UtcMs,
    login: &StaffLogin,
    old: &SecretString,
    new: &SecretString,
) -> Result<(), Failure> {
    let refused = |why| Failure::from(SiteError::PasswordRefused { why });
    check_change(old, new).map_err(refused)?;
    let verifier = opened(conn, now, login, old)?;
    let verifier = verifier.ok_or_else(|| refused(PasswordRefusal::OldWrong))?;
    let changed = PasswordCost::of(&verifier)?.verifier(new)?;
    // Of two changes at once the second no longer knows the old password.
    let rows = conn
        .prepare_cached(
            "UPDATE lienthu_staff SET verifier = ?3 WHERE login = ?1 AND verifier = ?2",
        )?
        .execute(params![login.as_str(), verifier, changed])?;
    if rows == 0 { Err(refused(PasswordRefusal::OldWrong)) } else { Ok(()) }
}

/// The login's verifier, and whether a right password would let it in now.
fn count_a_guess(
    conn: &mut Connection,
    now: UtcMs,
    login: &StaffLogin,
) -> Result<Option<(String, bool)>, Failure> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: Option<(String, bool, u32, i64)> = tx
        .prepare_cached(
            "SELECT verifier, active, failures, failed_at_ms FROM lienthu_staff WHERE login = ?1",
        )?
        .query_row([login.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((verifier, active, failures, failed_at_ms)) = found else {
        return Ok(None);
    };
    let rested = now.since_ms(UtcMs::from_ms(failed_at_ms)) >= REST_MS;
    let failures = if failures >= FAILURES_MAX && rested { 0 } else { failures };
    let resting = failures >= FAILURES_MAX;
    if !resting {
        tx.prepare_cached(
            "UPDATE lienthu_staff SET failures = ?2, failed_at_ms = ?3 WHERE login = ?1",
        )?
        .execute(params![login.as_str(), failures + 1, now.ms()])?;
    }
    tx.commit()?;
    Ok(Some((verifier, active && !resting)))
}

fn any_verifier(tx: &Connection) -> Result<Option<String>, Failure> {
    Ok(tx
        .prepare_cached("SELECT verifier FROM lienthu_staff LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?)
}

fn matches(verifier: &str, password: &SecretString) -> bool {
    let password = password.expose_secret();
    password.len() <= PASSWORD_BYTES_MAX
        && PasswordHash::new(verifier).is_ok_and(|hash| {
            // The parameters come from the verifier, not from this instance.
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        })
}
