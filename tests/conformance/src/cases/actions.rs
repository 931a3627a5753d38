//! What stands against an action is said thing by thing, and what was decided is carried out.

use std::collections::BTreeMap;

use lienthu_domain::action::{Action, CatalogueChange, Resource};
use lienthu_domain::copy::{CopyCondition, CopyDetails};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::replicated::{Branch, BranchStanding, ClosedDay, LoanPolicy, Title};
use lienthu_port::feed::FeedRow;
use lienthu_port::transaction::{Hindered, Sought, TRANSACTIONS_PAGE_MAX};
use lienthu_protocol::decision::Outcome;

use super::cases;
use crate::counterpart::{Counterpart, txn};
use crate::fixture::CannotHere;
use crate::follower::Follower;
use crate::kit::{
    COPIES, Desk, ELSEWHERE, HERE, MANAGER, PATRONS, TITLES, World, arriving, at, closed_day, copy,
    day, fact, key, leaving, policy, title,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "what stands against copies that are to leave is said of each" => against_leaving,
        "what stands against copies that are to arrive is said of each" => against_arriving,
        "copies go only to a branch that takes part, and only from one end to the other" => against_way,
        "what stands against changes of the catalogue is said of each" => against_changes,
        "a key that the site takes for another one never meets it" => alike,
        "a field that has no room in its column is found before anything is promised" => fields_wrong,
        "changes of the catalogue are made as they were decided, of every kind" => changes_made,
        "changes of the catalogue that are given up leave nothing behind" => changes_given_up,
        "every change of a branch makes the membership another" => membership,
        "what is open is listed page by page, each once" => listed,
    ]
}

fn of_copy(barcode: &str, why: Hindrance) -> Hindered {
    Hindered { resource: Resource::Copy(key(barcode)), why }
}

fn with(barcode: &str, change: impl FnOnce(&mut CopyDetails)) -> CopyDetails {
    let mut details = copy(barcode);
    change(&mut details);
    details
}

async fn against_leaving(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let mut desk = Desk::new(81);
    world.done(&[fact(&desk.borrow(COPIES[0], PATRONS[0], at(1)))]).await;
    other.commit(txn(1), &leaving(&[copy(COPIES[1])], 1)).await;
    other.promise(txn(2), &leaving(&[copy(COPIES[2])], 1)).await;
    other.commit(txn(3), &arriving(&[copy("Q900")], 1)).await;
    world.hands.set_condition(key(COPIES[3]), CopyCondition::Lost, None).await?;
    world.hands.set_condition(key(COPIES[4]), CopyCondition::Forwarded, Some(key("TD"))).await?;
    world.site.remove_copy(&key(COPIES[5])).await.unwrap();
    let wanted = [
        copy(COPIES[0]),
        copy(COPIES[1]),
        copy(COPIES[2]),
        copy(COPIES[3]),
        copy(COPIES[4]),
        copy(COPIES[5]),
        with(COPIES[6], |details| details.shelf_mark = "KHO 1".to_owned()),
        with(COPIES[7], |details| details.price_vnd = None),
        copy("Q900"),
        copy("Q999"),
    ];
    assert_eq!(
        other.hindered(txn(9), &leaving(&wanted, 1)).await,
        [
            of_copy(COPIES[0], Hindrance::OnLoan),
            of_copy(COPIES[1], Hindrance::AlreadyThere),
            of_copy(COPIES[2], Hindrance::Held),
            of_copy(COPIES[3], Hindrance::Lost),
            of_copy(COPIES[4], Hindrance::Forwarded),
            of_copy(COPIES[5], Hindrance::Unknown),
            of_copy(COPIES[6], Hindrance::ChangedMeanwhile),
            of_copy(COPIES[7], Hindrance::ChangedMeanwhile),
            of_copy("Q900", Hindrance::InTransit),
            of_copy("Q999", Hindrance::Unknown),
        ]
    );
    // It has made none yet.
    let second_hop = other.hindered(txn(9), &leaving(&[copy(COPIES[6])], 2)).await;
    assert_eq!(second_hop, [of_copy(COPIES[6], Hindrance::ChangedMeanwhile)]);
    other.commit(txn(9), &leaving(&[copy(COPIES[6]), copy(COPIES[7])], 1)).await;
    Ok(())
}

async fn against_arriving(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    other.commit(txn(1), &leaving(&[copy(COPIES[1]), copy(COPIES[2])], 1)).await;
    other.promise(txn(2), &arriving(&[copy("Q900")], 1)).await;
    other.promise(txn(3), &leaving(&[copy(COPIES[3])], 1)).await;
    world.site.remove_copy(&key(COPIES[4])).await.unwrap();
    world.site.remove_copy(&key(COPIES[5])).await.unwrap();
    let of_second = |barcode| with(barcode, |details| details.title = key(TITLES[1]));
    let wanted = [
        copy(COPIES[0]),
        of_second(COPIES[2]),
        copy(COPIES[3]),
        of_second(COPIES[5]),
        copy("Q900"),
        with("Q901", |details| details.title = key("LT-0999")),
    ];
    assert_eq!(
        other.hindered(txn(9), &arriving(&wanted, 2)).await,
        [
            of_copy(COPIES[0], Hindrance::CodeCollides),
            of_copy(COPIES[2], Hindrance::CodeCollides),
            of_copy(COPIES[3], Hindrance::Held),
            of_copy(COPIES[5], Hindrance::CodeCollides),
            of_copy("Q900", Hindrance::Held),
            of_copy("Q901", Hindrance::TitleUnknown),
        ]
    );
    // Home; found again; new.
    other.commit(txn(9), &arriving(&[copy(COPIES[1]), copy(COPIES[4]), copy("Q902")], 2)).await;
    Ok(())
}

async fn against_way(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let not = |branch: &str, why| Hindered { resource: Resource::Branch(key(branch)), why };
    let between = |from: &str, to: &str| {
        let Action::Transfer(mut transfer) = leaving(&[copy(COPIES[0])], 1) else { unreachable!() };
        (transfer.from, transfer.to) = (key(from), key(to));
        Action::Transfer(transfer)
    };
    let unknown = other.hindered(txn(1), &between(HERE, "Q99")).await;
    assert_eq!(unknown, [not("Q99", Hindrance::BranchNotActive)]);
    let strange = other.hindered(txn(1), &between(ELSEWHERE, "TD")).await;
    assert!(strange.contains(&not(HERE, Hindrance::Unknown)), "{strange:?}");
    let mut away = branch("TD", "Thư viện Thủ Đức");
    let seen = Some(away.clone());
    away.standing = BranchStanding::Away;
    let changes = vec![CatalogueChange::PutBranch { branch: away, seen }];
    other.commit(txn(2), &Action::Catalogue { changes }).await;
    let gone = other.hindered(txn(1), &between(HERE, "TD")).await;
    assert_eq!(gone, [not("TD", Hindrance::BranchNotActive)]);
    Ok(())
}

/// A branch of the seed.
fn branch(code: &str, name: &str) -> Branch {
    Branch {
        code: key(code),
        name: name.to_owned(),
        address: "12 Lê Lợi".to_owned(),
        standing: BranchStanding::Active,
    }
}

/// A branch that the network does not have yet.
fn begins(code: &str, name: &str) -> Branch {
    Branch { standing: BranchStanding::Away, ..branch(code, name) }
}

fn put(title: Title, seen: Option<Title>) -> CatalogueChange {
    CatalogueChange::PutTitle { title, seen }
}

fn put_policy(policy: LoanPolicy, seen: Option<LoanPolicy>) -> CatalogueChange {
    CatalogueChange::PutPolicy { policy, seen }
}

fn put_closed(closed: ClosedDay, seen: Option<ClosedDay>) -> CatalogueChange {
    CatalogueChange::PutClosedDay { closed, seen }
}

/// A server may take keys for the same that differ in the case of letters. Another one does not, and has both.
async fn alike(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let new = |keys: &[&str]| Action::Catalogue {
        changes: keys.iter().map(|key| put(title(key, key), None)).collect(),
    };
    let child = policy(Some("CHILD"), 7, 1, 0, false);
    let lower = policy(Some("child"), 7, 2, 0, false);
    let policies = Action::Catalogue { changes: vec![put_policy(lower, None)] };
    other.commit(txn(1), &new(&["LT-070A"])).await;
    other.promise(txn(2), &new(&["LT-071A"])).await;
    for (number, action, why) in [
        (3, new(&["lt-070a"]), Hindrance::AlreadyExists),
        (4, new(&["lt-071a"]), Hindrance::Held),
        (5, new(&["LT-072A", "lt-072a"]), Hindrance::AlreadyExists),
        (6, policies, Hindrance::AlreadyExists),
    ] {
        let hindered = other.if_promised(txn(number), &action).await;
        if hindered.is_empty() {
            other.end(txn(number), &action, Outcome::Commit).await;
        } else {
            assert!(hindered.iter().all(|one| one.why == why), "{hindered:?}");
        }
    }
    other.end(txn(2), &new(&["LT-071A"]), Outcome::Commit).await;
    let shown = Follower::filled(&world.site).await.shown;
    for key in ["LT-070A", "LT-071A"] {
        let row = FeedRow::Title(title(key, key));
        assert_eq!(shown.get(&row.key()), Some(&row), "nobody wrote into it");
    }
    let row = FeedRow::Policy(child);
    assert_eq!(shown.get(&row.key()), Some(&row), "nobody wrote into it");
    Ok(())
}

async fn against_changes(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let child = policy(Some("CHILD"), 7, 1, 0, false);
    let changed = |mut policy: LoanPolicy| {
        policy.loan_days += 1;
        policy
    };
    let why = [
        (put(title(TITLES[0], "Kiều"), None), Hindrance::AlreadyExists),
        (
            put(title(TITLES[1], "Số đỏ"), Some(title(TITLES[1], "Số Đỏ"))),
            Hindrance::ChangedMeanwhile,
        ),
        (put(title("LT-0800", "Mới"), Some(title("LT-0800", "Cũ"))), Hindrance::Unknown),
        (CatalogueChange::RemoveTitle { seen: title("LT-0801", "Cũ") }, Hindrance::Unknown),
        (
            CatalogueChange::PutBranch { branch: branch(HERE, "Q1"), seen: None },
            Hindrance::AlreadyExists,
        ),
        (
            CatalogueChange::PutBranch {
                branch: branch("TD", "TĐ"),
                seen: Some(branch("TD", "Thư Viện Thủ Đức")),
            },
            Hindrance::ChangedMeanwhile,
        ),
        (
            CatalogueChange::PutBranch {
                branch: branch("Q7", "Q7"),
                seen: Some(branch("Q7", "Quận 7")),
            },
            Hindrance::Unknown,
        ),
        (put_policy(changed(child.clone()), None), Hindrance::AlreadyExists),
        (
            put_policy(policy(None, 9, 9, 9, true), Some(changed(policy(None, 14, 3, 2, true)))),
            Hindrance::ChangedMeanwhile,
        ),
        (
            CatalogueChange::RemovePolicy { seen: policy(Some("STAFF"), 1, 1, 1, true) },
            Hindrance::Unknown,
        ),
        (put_closed(closed_day(day(30), "Khác"), None), Hindrance::AlreadyExists),
        (
            CatalogueChange::RemoveClosedDay { seen: closed_day(day(31), "Kiểm kê") },
            Hindrance::Unknown,
        ),
    ];
    let expected: BTreeMap<Resource, Hindrance> =
        why.iter().map(|(change, why)| (change.resource(), *why)).collect();
    let changes = why.into_iter().map(|(change, _)| change).collect();
    let found = other.hindered(txn(1), &Action::Catalogue { changes }).await;
    let found: Vec<(Resource, Hindrance)> =
        found.into_iter().map(|hindered| (hindered.resource, hindered.why)).collect();
    assert_eq!(found, expected.into_iter().collect::<Vec<_>>());

    let note = closed_day(day(30), "Kiểm Kê");
    let changes = vec![
        put_closed(closed_day(day(30), "Tết"), Some(note)),
        CatalogueChange::RemoveTitle { seen: title(TITLES[0], "Truyện Kiều") },
    ];
    let found = other.hindered(txn(1), &Action::Catalogue { changes }).await;
    let found: Vec<Hindrance> = found.into_iter().map(|hindered| hindered.why).collect();
    assert_eq!(found, [Hindrance::TitleHasCopies, Hindrance::ChangedMeanwhile]);
    // A copy that went away is none of the branch's, and one that comes is.
    let of_third = with("Q900", |details| details.title = key(TITLES[2]));
    let gone =
        CatalogueChange::RemoveTitle { seen: title(TITLES[2], "Đất rừng phương Nam") };
    let gone = Action::Catalogue { changes: vec![gone] };
    other.commit(txn(2), &arriving(std::slice::from_ref(&of_third), 1)).await;
    let found = other.hindered(txn(3), &gone).await;
    assert_eq!(found[0].why, Hindrance::TitleHasCopies);
    assert_eq!(world.site.receive(&[key("Q900")]).await.unwrap(), []);
    other.commit(txn(4), &leaving(&[of_third], 2)).await;
    other.commit(txn(5), &gone).await;
    Ok(())
}

async fn fields_wrong(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let long = "ạ".repeat(256);
    let wrong = |change: &dyn Fn(&mut Title)| {
        let mut row = title("LT-0900", "Tắt đèn");
        change(&mut row);
        put(row, None)
    };
    let mut nameless = branch("Q7", "");
    let mut far = branch("Q7", "Quận 7");
    far.address = long.clone();
    nameless.name = " ".to_owned();
    let changes = [
        wrong(&|t| t.name.clear()),
        wrong(&|t| t.name = long.clone()),
        wrong(&|t| t.author = long.clone()),
        wrong(&|t| t.publisher = long.clone()),
        wrong(&|t| t.ddc = "8".repeat(51)),
        wrong(&|t| t.language = "v".repeat(11)),
        CatalogueChange::PutBranch { branch: nameless, seen: None },
        CatalogueChange::PutBranch { branch: far, seen: None },
        put_closed(closed_day(day(40), &long), None),
    ];
    for change in changes {
        let resource = change.resource();
        let action = Action::Catalogue { changes: vec![change] };
        let found = other.hindered(txn(1), &action).await;
        assert_eq!(found, [Hindered { resource, why: Hindrance::FieldWrong }]);
    }
    let full = wrong(&|t| {
        t.name = "ạ".repeat(255);
        t.author = "Đ".repeat(255);
        t.publisher = String::new();
        t.ddc = "8".repeat(50);
        t.language = "v".repeat(10);
        t.year = None;
    });
    other.commit(txn(2), &Action::Catalogue { changes: vec![full.clone()] }).await;
    let CatalogueChange::PutTitle { title, .. } = full else { unreachable!() };
    assert!(rows_of(&world).await.contains(&FeedRow::Title(title)));
    Ok(())
}

/// What a cache of the site has of the rows that every site holds.
async fn rows_of(world: &World) -> Vec<FeedRow> {
    let shown = Follower::filled(&world.site).await.shown;
    let is_everywhere = |row: &FeedRow| {
        matches!(
            row,
            FeedRow::Title(_) | FeedRow::Branch(_) | FeedRow::Policy(_) | FeedRow::ClosedDay(_)
        )
    };
    shown.into_values().filter(is_everywhere).collect()
}

/// One change of every kind, of rows of the seed.
fn every_kind() -> Vec<CatalogueChange> {
    let mut renamed = title(TITLES[0], "Đoạn trường tân thanh");
    renamed.year = None;
    let mut moved = branch(ELSEWHERE, "Thư viện Quận 3");
    let seen = Some(moved.clone());
    moved.address = "99 Võ Văn Tần \"lầu 2\"".to_owned();
    let mut of_branch = policy(Some("CHILD"), 3, 2, 1, true);
    of_branch.branch = Some(key("TD"));
    let mut closed_there = closed_day(day(50), "Sửa điện");
    closed_there.branch = Some(key("TD"));
    vec![
        put(renamed, Some(title(TITLES[0], "Truyện Kiều"))),
        put(title("LT-0900", "Tắt đèn, 'bản' \\ đẹp"), None),
        CatalogueChange::RemoveTitle { seen: title(TITLES[2], "Đất rừng phương Nam") },
        CatalogueChange::PutBranch { branch: moved, seen },
        CatalogueChange::PutBranch { branch: begins("Q7", "Quận 7"), seen: None },
        put_policy(policy(None, 21, 5, 3, false), Some(policy(None, 14, 3, 2, true))),
        put_policy(of_branch, None),
        CatalogueChange::RemovePolicy { seen: policy(Some("CHILD"), 7, 1, 0, false) },
        put_closed(closed_there, None),
        CatalogueChange::RemoveClosedDay { seen: closed_day(day(30), "Kiểm kê") },
    ]
}

async fn changes_made(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let mut expected: BTreeMap<_, FeedRow> =
        rows_of(&world).await.into_iter().map(|row| (row.key(), row)).collect();
    let changes = every_kind();
    for change in changes.clone() {
        let (row, is_kept) = match change {
            CatalogueChange::PutTitle { title, .. } => (FeedRow::Title(title), true),
            CatalogueChange::RemoveTitle { seen } => (FeedRow::Title(seen), false),
            CatalogueChange::PutBranch { branch, .. } => (FeedRow::Branch(branch), true),
            CatalogueChange::PutPolicy { policy, .. } => (FeedRow::Policy(policy), true),
            CatalogueChange::RemovePolicy { seen } => (FeedRow::Policy(seen), false),
            CatalogueChange::PutClosedDay { closed, .. } => (FeedRow::ClosedDay(closed), true),
            CatalogueChange::RemoveClosedDay { seen } => (FeedRow::ClosedDay(seen), false),
            // They have cases of their own.
            CatalogueChange::Repair { .. } | CatalogueChange::Activate { .. } => continue,
        };
        if is_kept {
            expected.insert(row.key(), row);
        } else {
            expected.remove(&row.key());
        }
    }
    let mut cache = Follower::filled(&world.site).await;
    other.commit(txn(1), &Action::Catalogue { changes: changes.clone() }).await;
    assert_eq!(rows_of(&world).await, expected.values().cloned().collect::<Vec<_>>());
    // A cache that follows by difference ends the same.
    cache.follow(&world.site).await.unwrap();
    let fresh = Follower::filled(&world.site).await;
    assert_eq!(cache.shown, fresh.shown);
    // A title that was removed may come back.
    let back = put(title(TITLES[2], "Đất rừng phương Nam"), None);
    other.commit(txn(2), &Action::Catalogue { changes: vec![back] }).await;
    Ok(())
}

async fn changes_given_up(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let before = rows_of(&world).await;
    let action = Action::Catalogue { changes: every_kind() };
    for (id, outcome) in [(txn(1), Outcome::Abort), (txn(2), Outcome::Commit)] {
        other.promise(id, &action).await;
        assert_eq!(rows_of(&world).await, before, "nothing happens before it is decided");
        other.end(id, &action, outcome).await;
    }
    assert_ne!(rows_of(&world).await, before);
    Ok(())
}

async fn membership(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let manager = world.sign_in(MANAGER).await;
    let before = manager.network().await.unwrap();
    let seen = Some(branch("TD", "Thư viện Thủ Đức"));
    let mut away = branch("TD", "Thư viện Thủ Đức");
    away.standing = BranchStanding::Away;
    let action = Action::Catalogue {
        changes: vec![
            CatalogueChange::PutBranch { branch: away, seen },
            CatalogueChange::PutBranch { branch: begins("Q7", "Quận 7"), seen: None },
        ],
    };
    other.promise(txn(1), &action).await;
    // Who else relies on the membership waits.
    let held = Hindered { resource: Resource::Membership, why: Hindrance::Held };
    assert_eq!(other.hindered(txn(2), &leaving(&[copy(COPIES[0])], 1)).await, [held]);
    other.end(txn(1), &action, Outcome::Commit).await;
    let after = manager.network().await.unwrap();
    // Once for all of them.
    assert_eq!(after.membership.0, before.membership.0 + 1);
    let standing = |code: &str| {
        let found = after.branches.iter().find(|(branch, _)| branch.as_str() == code);
        found.map(|(_, standing)| *standing)
    };
    assert_eq!(standing("TD"), Some(BranchStanding::Away));
    assert_eq!(standing("Q7"), Some(BranchStanding::Away));
    Ok(())
}

async fn listed(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let other = Counterpart::of(&world).await?;
    let manager = world.sign_in(MANAGER).await;
    let count = TRANSACTIONS_PAGE_MAX + 3;
    for number in 0..count {
        let arrival = arriving(&[copy(&format!("Z{number:03}"))], 1);
        other.promise(txn(number as u128 + 1), &arrival).await;
    }
    let ended = arriving(&[copy("Z000")], 1);
    other.end(txn(1), &ended, Outcome::Commit).await;
    let mut open = manager.transactions(&Sought::Open, None).await.unwrap();
    assert_eq!(open.len(), TRANSACTIONS_PAGE_MAX);
    let last = open.last().map(|kept| kept.txn);
    open.extend(manager.transactions(&Sought::Open, last).await.unwrap());
    let found: Vec<_> = open.iter().map(|kept| kept.txn).collect();
    assert_eq!(found, (2..=count).map(|number| txn(number as u128)).collect::<Vec<_>>());
    assert_eq!(open[0].action, Some(arriving(&[copy("Z001")], 1)));
    assert_eq!(open[0].entry.terms(), Some(&other.terms(&ended, 1)));
    // Those that name the other site as it is now name it as nobody else.
    let same = manager.transactions(&Sought::Naming(other.party.clone()), None).await.unwrap();
    assert_eq!(same, []);
    let mut restored = other.party.clone();
    restored.incarnation = crate::counterpart::incarnation(32);
    let naming = manager.transactions(&Sought::Naming(restored), None).await.unwrap();
    assert_eq!(naming.len(), TRANSACTIONS_PAGE_MAX, "also those that have ended");
    Ok(())
}
