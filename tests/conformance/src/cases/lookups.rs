//! Looking up copies and patrons.

use lienthu_domain::ids::PatronCode;
use lienthu_domain::patron::Patron;
use lienthu_port::lookup::{LOANS_MAX, PATRONS_FOUND_MAX};

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{COPIES, Desk, PATRONS, World, at, fact, key, patron, small_seed};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "patrons are found by beginnings of words, whatever the tones and the case" => by_name,
        "patrons are found by the beginning of their code or phone" => by_code,
        "patrons found come by name, and are bounded" => bounded,
        "a removed patron is not found" => removed,
        "what is not there is nothing, and no error" => nothing,
        "the loans of a copy and a patron come latest first, and are bounded" => loans_bounded,
    ]
}

async fn library(bench: &Bench) -> World {
    let world = World::empty(bench, small_seed()).await;
    for (code, name, phone) in [
        ("A1", "Nguyễn Thị Đào", "0903 111 222"),
        ("A2", "Nguyễn Văn Dương", "0281 999 888"),
        ("A3", "Đường Thị Nguyên", "0903 333 444"),
        ("B1", "Trần Hoàng Nguyễn Anh", ""),
        ("B2", "Lê Thị Đặng", "84-28-1"),
    ] {
        let mut patron = patron(code, "STUDENT");
        patron.card.name = name.to_owned();
        patron.phone = phone.to_owned();
        world.add_patron(patron).await;
    }
    world
}

async fn found(world: &World, text: &str) -> Vec<String> {
    let patrons: Vec<Patron> = world.site.find_patrons(text).await.unwrap();
    patrons.iter().map(|patron| patron.card.code.to_string()).collect()
}

async fn by_name(bench: Bench) -> Result<(), CannotHere> {
    let world = library(&bench).await;
    for (text, expected) in [
        ("nguyen", vec!["A1", "A2", "A3", "B1"]),
        ("NGUYỄN", vec!["A1", "A2", "A3", "B1"]),
        ("duong", vec!["A2", "A3"]),
        ("dao nguyen", vec!["A1"]),
        ("ngu t d", vec!["A1", "A3"]),
        ("uyen", vec![]),
        ("nguyen dang", vec![]),
        ("lê thị đặng", vec!["B2"]),
        ("%", vec![]),
        ("_", vec![]),
        ("…", vec![]),
    ] {
        let mut codes = found(&world, text).await;
        codes.sort();
        assert_eq!(codes, expected, "{text}");
    }
    Ok(())
}

async fn by_code(bench: Bench) -> Result<(), CannotHere> {
    let world = library(&bench).await;
    for (text, expected) in [
        ("A", vec!["A1", "A2", "A3", "B1"]),
        ("a2", vec!["A2"]),
        (" B2 ", vec!["B2"]),
        ("0903", vec!["A1", "A3"]),
        ("0281 999", vec!["A2"]),
        ("903", vec![]),
        ("84-28", vec!["B2"]),
    ] {
        let mut codes = found(&world, text).await;
        codes.sort();
        assert_eq!(codes, expected, "{text}");
    }
    Ok(())
}

async fn bounded(bench: Bench) -> Result<(), CannotHere> {
    let world = World::empty(&bench, small_seed()).await;
    let count = PATRONS_FOUND_MAX + 5;
    for n in 0..count {
        let mut patron = patron(&format!("P{n}"), "STUDENT");
        patron.card.name = format!("Lê Văn {:03}", (n * 37) % count);
        world.add_patron(patron).await;
    }
    for text in ["le", "", "  "] {
        let patrons = world.site.find_patrons(text).await.unwrap();
        assert_eq!(patrons.len(), PATRONS_FOUND_MAX, "{text:?}");
        assert!(patrons.is_sorted_by_key(|patron| patron.card.name.clone()));
        assert_eq!(patrons[0].card.name, "Lê Văn 000");
    }
    Ok(())
}

async fn removed(bench: Bench) -> Result<(), CannotHere> {
    let world = library(&bench).await;
    world.site.remove_patron(&key("B2")).await.unwrap();
    assert_eq!(found(&world, "dang").await, Vec::<String>::new());
    assert!(world.site.patron(&key("B2")).await.unwrap().is_none());
    Ok(())
}

async fn nothing(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    assert_eq!(world.site.copy(&key("Q999")).await, Ok(None));
    assert_eq!(world.site.patron(&key("DG404")).await, Ok(None));
    assert_eq!(world.site.free_copies(&key("khong co")).await, Ok(0));
    assert_eq!(world.site.find_patrons("khong co ai").await, Ok(vec![]));
    // Keys are opaque: no case is folded, no padding cut.
    assert_eq!(world.site.copy(&key(&COPIES[0].to_lowercase())).await, Ok(None));
    let file = world.site.patron(&key::<PatronCode>(PATRONS[0])).await.unwrap().unwrap();
    assert_eq!(file.patron, patron(PATRONS[0], "STUDENT"), "as it was put in");
    Ok(())
}

async fn loans_bounded(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let count = i64::try_from(LOANS_MAX).unwrap() + 20;
    let mut batch = Vec::new();
    for n in 0..count {
        batch.push(fact(&desk.borrow(COPIES[0], PATRONS[0], at(2 * n - 3_000))));
        batch.push(fact(&desk.take_back(COPIES[0], at(2 * n - 2_999))));
    }
    for part in batch.chunks(500) {
        world.done(part).await;
    }
    let of_patron = world.site.patron(&key(PATRONS[0])).await.unwrap().unwrap().loans;
    for loans in [world.copy(COPIES[0]).await.loans, of_patron] {
        assert_eq!(loans.len(), LOANS_MAX);
        assert!(loans.is_sorted_by(|a, b| a.borrowed_at >= b.borrowed_at));
        assert_eq!(loans[0].borrowed_at, at(2 * (count - 1) - 3_000));
    }
    Ok(())
}
