//! Text that means harm, through every text parameter.

use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::TitleKey;
use lienthu_domain::period::{Period, Step};
use lienthu_domain::text::clean;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::lookup::PatronChange;

use super::cases;
use crate::fixture::CannotHere;
use crate::follower::Follower;
use crate::kit::{COPIES, Desk, PATRONS, World, at, copy, day, fact, key, patron};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "hostile text in a patron's fields is stored as text, or refused as too long" => in_patrons,
        "hostile text in a shelf mark is stored as text, or refused as too long" => in_copies,
        "hostile text in a search finds nobody, and harms nobody" => in_search,
        "hostile keys are keys like all others" => in_keys,
    ]
}

fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = [
        "'; DROP TABLE DOCGIA; --",
        "\" OR \"\"=\"",
        "Robert'); DELETE FROM PHIEUMUON WHERE ('1'='1",
        "%' OR HoTen LIKE '%",
        "[a-z]%_^\\",
        "${jndi:ldap://x}",
        "{\"a\":[1,2,{\"b\":null}]}",
        "]]]]\"\"''",
        "a\u{0}b\u{0}",
        "\u{202e}ngược\u{202c}",
        "\u{feff}\u{200b}x",
        "e\u{301}\u{302}\u{303}",
        "💥🧨",
        "\r\n\t\u{1b}[31mđỏ\u{7}",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("Nguyễn Thị Đường ".repeat(250).chars().take(4_000).collect());
    texts.push("\u{0}".repeat(4_000));
    texts.push("ở".repeat(20_000));
    texts
}

async fn in_patrons(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    for (n, text) in hostile().into_iter().enumerate() {
        let code = format!("H{n}");
        for (field, chars_max) in [(0, 255), (1, 20), (2, 255), (3, 255), (4, 1_000)] {
            let mut tried = patron(&code, "STUDENT");
            match field {
                0 => tried.card.name.clone_from(&text),
                1 => tried.phone.clone_from(&text),
                2 => tried.email.clone_from(&text),
                3 => tried.card.block = Some(text.clone()),
                _ => tried.note.clone_from(&text),
            }
            let cleaned = clean(&text, 10_000_000);
            let must_not_be_empty = field == 0 || field == 3;
            let fits =
                cleaned.chars().count() <= chars_max && !(must_not_be_empty && cleaned.is_empty());
            let seen = world.site.patron(&key(&code)).await.unwrap().map(|file| file.patron);
            let answer = world.site.put_patron(&PatronChange { patron: tried.clone(), seen }).await;
            if fits {
                assert_eq!(answer, Ok(()), "{text:.40?} in field {field}");
                match field {
                    0 => tried.card.name = cleaned,
                    1 => tried.phone = cleaned,
                    2 => tried.email = cleaned,
                    3 => tried.card.block = Some(cleaned),
                    _ => tried.note = cleaned,
                }
                let stored = world.site.patron(&key(&code)).await.unwrap().unwrap().patron;
                assert_eq!(stored, tried);
            } else {
                let too_long = SiteError::Obstructed { obstacle: Obstacle::FieldWrong };
                assert_eq!(answer, Err(too_long), "{text:.40?} in field {field}");
            }
        }
    }
    for code in PATRONS {
        assert!(world.site.patron(&key(code)).await.unwrap().is_some());
    }
    Follower::filled(&world.site).await;
    Ok(())
}

async fn in_copies(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    for (n, text) in hostile().into_iter().enumerate() {
        let barcode = format!("H{n}");
        let details = CopyDetails { shelf_mark: text.clone(), ..copy(&barcode) };
        let cleaned = clean(&text, 10_000_000);
        let answer = world.site.add_copies(&[details]).await;
        if cleaned.chars().count() <= 50 {
            assert_eq!(answer, Ok(()), "{text:.40?}");
            assert_eq!(world.copy(&barcode).await.copy.shelf_mark, cleaned);
        } else {
            assert_eq!(answer, Err(SiteError::Obstructed { obstacle: Obstacle::FieldWrong }));
        }
    }
    Ok(())
}

async fn in_search(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    for text in hostile() {
        let found = world.site.find_patrons(&text).await.unwrap();
        // Nothing but control characters is blank, and asks for everyone.
        assert_eq!(found.is_empty(), !clean(&text, 10).is_empty(), "{text:.40?}");
    }
    assert_eq!(world.site.find_patrons("dg001").await.unwrap().len(), 1);
    Ok(())
}

async fn in_keys(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut desk = Desk::new(1);
    let keys = ["'; --", "\"", "%", "_", "a|b", "|", "NULL", "0", "-1", "[x]", "\\", "{}", "a  b"];
    for code in keys {
        world.add_patron(patron(code, "STUDENT")).await;
        world.site.add_copies(&[copy(code)]).await.unwrap();
        let lent = desk.borrow(code, code, at(1));
        world.done(&[fact(&lent)]).await;
        assert_eq!(world.open_loans(code).await, [lent.id], "{code}");
        assert_eq!(world.copy(code).await.loans.len(), 1);
        assert_eq!(world.site.free_copies(&key(code)).await, Ok(0));
        let place = world.site.copy_place(&key(code)).await.unwrap().unwrap();
        assert_eq!(place.holder.unwrap().code, key(code));
    }
    // As the titles that are asked for all at once.
    let titles: Vec<TitleKey> = keys.iter().map(|code| key(code)).collect();
    let period = Period::new(day(0), day(1), Step::Day).unwrap();
    let held = world.site.holdings(&titles).await.unwrap();
    let lent = world.site.times_lent(&period, &titles).await.unwrap();
    assert_eq!(held.iter().map(|holding| holding.copies).sum::<u32>(), 0);
    assert_eq!(lent.iter().map(|counted| counted.loans).sum::<u32>(), 0);
    desk.is_worked_by("'; DROP TABLE x; --");
    world.done(&[fact(&desk.take_back(COPIES[0], at(2)))]).await;
    let shown = Follower::filled(&world.site).await.shown;
    for code in keys {
        let kind = lienthu_port::feed::RowKind::Copy;
        assert!(shown.contains_key(&(kind, code.to_owned())), "{code}");
    }
    Ok(())
}
