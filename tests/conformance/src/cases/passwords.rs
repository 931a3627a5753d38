//! People change their own password.

use lienthu_domain::rights::Role;
use lienthu_port::error::SiteError;
use lienthu_port::password::{PASSWORD_CHARS_MAX, PasswordRefusal};
use lienthu_port::seed::StaffSeed;
use lienthu_port::site::Credentials;
use secrecy::SecretString;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{COPIES, World, credentials, key, password, small_seed};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a changed password is the one that signs in from then on" => changed,
        "a password does not change without the old one" => old_wrong,
        "a password that is none is refused by name" => no_password,
        "a password may hold whatever letters, and is text to the server" => any_letters,
    ]
}

/// A librarian whom no other case knows: some servers have one list of logins for all their sites.
async fn world_with(bench: &Bench, login: &str) -> World {
    let mut seed = small_seed();
    seed.staff.push(StaffSeed {
        login: key(login),
        name: "Người đổi mật khẩu".to_owned(),
        password: password(login),
        roles: vec![Role::Librarian],
    });
    World::with(bench, seed).await
}

async fn signs_in(world: &World, login: &str, password: &SecretString) -> bool {
    let who = Credentials { login: key(login), password: password.clone() };
    match world.hands.connector().connect(&who).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error, SiteError::LoginFailed);
            false
        }
    }
}

const fn refused(why: PasswordRefusal) -> Result<(), SiteError> {
    Err(SiteError::PasswordRefused { why })
}

async fn changed(bench: Bench) -> Result<(), CannotHere> {
    const LOGIN: &str = "mk.doi";
    let world = world_with(&bench, LOGIN).await;
    let site = world.sign_in(LOGIN).await;
    let (old, new) = (password(LOGIN), SecretString::from("Mật khẩu mới 1"));
    assert_eq!(site.change_password(&old, &new).await, Ok(()));
    assert!(!signs_in(&world, LOGIN, &old).await);
    assert!(signs_in(&world, LOGIN, &new).await);
    // The open session goes on, also where it has to connect anew.
    let barcode = key(COPIES[0]);
    let calls = (0..6).map(|_| site.copy(&barcode));
    for answer in futures::future::join_all(calls).await {
        assert!(answer.is_ok(), "{answer:?}");
    }
    assert_eq!(site.change_password(&old, &new).await, refused(PasswordRefusal::OldWrong));
    assert_eq!(site.change_password(&new, &old).await, Ok(()));
    assert!(signs_in(&world, LOGIN, &old).await);
    Ok(())
}

async fn old_wrong(bench: Bench) -> Result<(), CannotHere> {
    const LOGIN: &str = "mk.sai";
    let world = world_with(&bench, LOGIN).await;
    let site = world.sign_in(LOGIN).await;
    let (wrong, new) = (SecretString::from("Mật khẩu của ai"), "Mật khẩu mới 1".into());
    assert_eq!(site.change_password(&wrong, &new).await, refused(PasswordRefusal::OldWrong));
    assert!(signs_in(&world, LOGIN, &credentials(LOGIN).password).await);
    assert!(!signs_in(&world, LOGIN, &new).await);
    assert!(site.copy(&key(COPIES[0])).await.is_ok(), "the session is still theirs");
    Ok(())
}

async fn no_password(bench: Bench) -> Result<(), CannotHere> {
    const LOGIN: &str = "mk.khong";
    let world = world_with(&bench, LOGIN).await;
    let site = world.sign_in(LOGIN).await;
    let old = password(LOGIN);
    let too_long = "Đ1".repeat(PASSWORD_CHARS_MAX);
    for (new, why) in [
        ("", PasswordRefusal::TooShort),
        ("Đổi 123", PasswordRefusal::TooShort),
        (too_long.as_str(), PasswordRefusal::TooLong),
        ("mật khẩu của mk.khong", PasswordRefusal::NotNew),
    ] {
        assert_eq!(site.change_password(&old, &new.into()).await, refused(why), "{new}");
    }
    assert!(signs_in(&world, LOGIN, &old).await);
    Ok(())
}

async fn any_letters(bench: Bench) -> Result<(), CannotHere> {
    const LOGIN: &str = "mk.chu";
    let world = world_with(&bench, LOGIN).await;
    let site = world.sign_in(LOGIN).await;
    let mut old = password(LOGIN);
    for new in [
        "A1' OLD_PASSWORD = N'x",
        "A1]; DROP TABLE dbo.SACH; --",
        "''''''''A1",
        "Đường 1 \u{1f600} {;}=",
        "\\A1%_[]\"`$(x)",
    ] {
        let new = SecretString::from(new);
        assert_eq!(site.change_password(&old, &new).await, Ok(()));
        assert!(signs_in(&world, LOGIN, &new).await);
        old = new;
    }
    Ok(())
}
