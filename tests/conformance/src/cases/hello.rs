//! Signing in and the first words.

use lienthu_domain::ids::{FeedToken, StaffLogin};
use lienthu_domain::rights::Role;
use lienthu_port::error::SiteError;
use lienthu_port::feed::Watermark;
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION, Welcome};
use lienthu_port::site::Credentials;
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    AGENT, COPIES, Desk, ELSEWHERE, HERE, LIBRARIAN, MANAGER, NOBODY, PATRONS, World, at,
    credentials, fact, key, opening, password, small_seed,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a wrong password is refused" => wrong_password,
        "an unknown login is refused like a wrong password" => unknown_login,
        "an account that is switched off cannot sign in, and its session ends" => switched_off,
        "a site of another branch than the network file says is found at sign-in" => wrong_branch,
        "hello says which site it is, its clock, and who is asking" => who_am_i,
        "a desk that speaks another version is told so" => other_version,
        "whoever has a login may ask who they are, role or not" => no_role,
        "hello knows every state that the site was in" => known_past,
        "hello denies a state that the site never was in" => unknown_past,
        "hello says how far a desk's sequence has come" => sequence,
        "while the line is cut every call says unreachable, and nothing happened" => line_cut,
    ]
}

async fn refused(world: &World, who: Credentials) {
    let error = world.hands.connector().connect(&who).await.err().unwrap();
    assert_eq!(error, SiteError::LoginFailed);
}

async fn wrong_password(bench: Bench) -> Result<(), CannotHere> {
    let world = World::empty(&bench, small_seed()).await;
    for wrong in ["", "mật khẩu", "mat khau cua thuthu", "' OR 1=1 --", &"x".repeat(100_000)] {
        let who = Credentials { login: key(LIBRARIAN), password: wrong.to_owned().into() };
        refused(&world, who).await;
    }
    world.sign_in(LIBRARIAN).await;
    Ok(())
}

async fn unknown_login(bench: Bench) -> Result<(), CannotHere> {
    let world = World::empty(&bench, small_seed()).await;
    for login in ["ai", "' OR '1'='1", "thuthu'--"] {
        refused(&world, Credentials { login: key(login), password: password(LIBRARIAN) }).await;
    }
    Ok(())
}

async fn switched_off(bench: Bench) -> Result<(), CannotHere> {
    let world = World::empty(&bench, small_seed()).await;
    let login: StaffLogin = key(LIBRARIAN);
    world.hands.set_active(login.clone(), false).await?;
    refused(&world, credentials(LIBRARIAN)).await;
    assert_eq!(world.site.review_items().await.unwrap_err(), SiteError::LoginFailed);
    world.hands.set_active(login, true).await?;
    world.sign_in(LIBRARIAN).await;
    Ok(())
}

async fn wrong_branch(bench: Bench) -> Result<(), CannotHere> {
    let world = World::empty(&bench, small_seed()).await;
    let connector = world.hands.connector_for(&key(ELSEWHERE));
    let error = connector.connect(&credentials(LIBRARIAN)).await.err().unwrap();
    assert_eq!(error, SiteError::WrongBranch { expected: key(ELSEWHERE), found: key(HERE) });
    Ok(())
}

async fn hello(world: &World, desk: &Desk, known: Option<Watermark>) -> Welcome {
    let hello = Hello { protocol: PROTOCOL_VERSION, desk: desk.id(), known };
    world.site.hello(&hello).await.unwrap()
}

async fn who_am_i(bench: Bench) -> Result<(), CannotHere> {
    let seed = small_seed();
    let world = World::empty(&bench, seed.clone()).await;
    let welcome = hello(&world, &Desk::new(1), None).await;
    assert_eq!(welcome.branch, seed.branch);
    assert_eq!(welcome.zone, seed.zone);
    assert_eq!(welcome.who.login, key(LIBRARIAN));
    assert_eq!(welcome.who.name, "Người thuthu");
    assert_eq!(welcome.who.roles, [Role::Librarian]);
    assert!(welcome.known_is_past, "a desk that knows nothing is not ahead of the site");
    assert_eq!(welcome.desk_seq_max, 0);
    let again = hello(&world, &Desk::new(1), None).await;
    assert_eq!(again.incarnation, welcome.incarnation);
    world.hands.clock()?.set(opening().plus_ms(777));
    assert_eq!(hello(&world, &Desk::new(1), None).await.now, opening().plus_ms(777));
    world
        .hands
        .set_roles(key(LIBRARIAN), vec![Role::Manager, Role::Librarian, Role::Manager])
        .await?;
    let who = hello(&world, &Desk::new(1), None).await.who;
    assert_eq!(who.roles, [Role::Librarian, Role::Manager], "sorted, each once");
    Ok(())
}

async fn other_version(bench: Bench) -> Result<(), CannotHere> {
    let world = World::empty(&bench, small_seed()).await;
    let ours = PROTOCOL_VERSION + 1;
    let hello = Hello { protocol: ours, desk: Desk::new(1).id(), known: None };
    let error = world.site.hello(&hello).await.unwrap_err();
    assert_eq!(error, SiteError::VersionMismatch { ours, theirs: PROTOCOL_VERSION });
    Ok(())
}

async fn no_role(bench: Bench) -> Result<(), CannotHere> {
    let world = World::empty(&bench, small_seed()).await;
    for (login, roles) in
        [(NOBODY, vec![]), (AGENT, vec![Role::Agent]), (MANAGER, vec![Role::Manager])]
    {
        let site = world.sign_in(login).await;
        let asked = Hello { protocol: PROTOCOL_VERSION, desk: Desk::new(1).id(), known: None };
        assert_eq!(site.hello(&asked).await.unwrap().who.roles, roles);
    }
    Ok(())
}

async fn known_past(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let mut states = Vec::new();
    for copy in COPIES {
        let lent = desk.borrow(copy, PATRONS[0], at(1));
        states.push(world.site.submit(None, &[fact(&lent)]).await.unwrap().state);
    }
    for state in &states {
        assert!(hello(&world, &desk, Some(*state)).await.known_is_past, "{state:?}");
    }
    let numbers: Vec<i64> = states.iter().map(|state| state.number).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "numbers follow the order of commits: {numbers:?}");
    Ok(())
}

async fn unknown_past(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let state =
        world.site.submit(None, &[fact(&desk.take_back(COPIES[0], at(1)))]).await.unwrap().state;
    let token = FeedToken::new(Uuid::from_u128(7));
    for known in [
        Watermark { number: state.number, token },
        Watermark { number: state.number + 1, token: state.token },
        Watermark { number: state.number + 1_000_000, token },
        Watermark { number: 0, token },
        Watermark { number: i64::MIN, token },
    ] {
        assert!(!hello(&world, &desk, Some(known)).await.known_is_past, "{known:?}");
    }
    Ok(())
}

async fn sequence(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let (mut one, mut other) = (Desk::new(1), Desk::new(2));
    let first = one.borrow(COPIES[0], PATRONS[0], at(1));
    let second = one.take_back(COPIES[0], at(2));
    world.done(&[fact(&second)]).await;
    assert_eq!(hello(&world, &one, None).await.desk_seq_max, 2);
    world.done(&[fact(&first), fact(&other.take_back(COPIES[1], at(2)))]).await;
    assert_eq!(hello(&world, &one, None).await.desk_seq_max, 2);
    assert_eq!(hello(&world, &other, None).await.desk_seq_max, 1);
    // A refused request has used its place too.
    let refused = other.take_back(COPIES[2], at(3));
    world.send_one(&crate::kit::request(&refused)).await;
    assert_eq!(hello(&world, &other, None).await.desk_seq_max, 2);
    Ok(())
}

async fn line_cut(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.hands.cut_line(true)?;
    let unreachable = |error: SiteError| matches!(error, SiteError::Unreachable { .. });
    assert!(unreachable(world.site.submit(None, &[fact(&lent)]).await.unwrap_err()));
    assert!(unreachable(world.site.copy(&key(COPIES[0])).await.unwrap_err()));
    assert!(unreachable(
        world.site.pull(&lienthu_port::feed::PullFrom::default()).await.unwrap_err()
    ));
    let connector = world.hands.connector();
    assert!(unreachable(connector.connect(&credentials(LIBRARIAN)).await.err().unwrap()));
    world.hands.cut_line(false)?;
    assert!(world.copy(COPIES[0]).await.loans.is_empty());
    world.done(&[fact(&lent)]).await;
    Ok(())
}
