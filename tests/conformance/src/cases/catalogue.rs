//! Rows that every site holds change by transactions: this site's share of them, whoever else takes part.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lienthu_domain::action::{Action, CHANGES_MAX, CatalogueChange, Resource};
use lienthu_domain::copy::CopyCondition;

use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::TxnId;
use lienthu_domain::replicated::{
    Branch, BranchStanding, ClosedDay, LoanPolicy, NAME_CHARS_MAX, ReplicatedRow, Title,
};
use lienthu_domain::rights::Right;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::feed::RowKind;
use lienthu_port::site::Site;
use lienthu_port::transaction::{Answered, Posted, ROWS_ASKED_MAX};
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::terms::{MembershipVersion, Terms};
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::follower::Follower;
use crate::kit::{
    COPIES, HERE, LIBRARIAN, MANAGER, PATRONS, TITLES, World, assert_obstructed, at, closed_day,
    copy, day, fact, key, policy, title,
};
use crate::kit::{Desk, ELSEWHERE};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "a title comes, changes, goes and comes again, and a cache sees it" => titles,
        "a title is refused that is not what was seen" => titles_changed_meanwhile,
        "a title stays while a copy of it is here or arriving, or a branch is away" => removals,
        "policies and closed days come, change and go, and a cache sees it" => rules,
        "what no column can hold is refused before it is promised" => fields,
        "a branch begins as away, and is not closed while something is left there" => branches,
        "the network's version grows with every change of a branch, once" => membership,
        "what is aborted was never there, and is held only until then" => aborted,
        "no copy of a title comes while the title is being changed" => held_titles,
        "as many changes as fit in a transaction are done at once" => many,
        "a manager sees the rows of every site as they stand here" => rows_as_they_stand,
    ]
}

/// A manager at this site, which takes part alone and decides.
struct Transactions {
    site: Arc<dyn Site>,
    last: AtomicU64,
}

/// A transaction of one site.
struct Begun {
    posted: Posted,
}

impl Transactions {
    async fn at(world: &World) -> Self {
        Self { site: world.sign_in(MANAGER).await, last: AtomicU64::new(1) }
    }

    async fn begin(&self, changes: Vec<CatalogueChange>) -> (Begun, Answered) {
        let facts = self.site.network().await.unwrap();
        let here = facts.me.branch.clone();
        let terms = Terms::new(vec![facts.me.clone()], &here, facts.membership).unwrap();
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        let message = Message {
            txn: TxnId::new(Uuid::from_u128(0x0ca7_0000 + u128::from(number))),
            to: facts.me,
            request: Request::Prepare { terms: Arc::new(terms) },
        };
        let posted = Posted { message, action: Some(Arc::new(Action::Catalogue { changes })) };
        let answered = self.site.transact(&posted).await.unwrap();
        (Begun { posted }, answered)
    }

    async fn decide(&self, begun: &Begun, outcome: Outcome) {
        let mut posted = begun.posted.clone();
        posted.message.request = Request::Decide { outcome };
        let answered = self.site.transact(&posted).await.unwrap();
        let Reply::Kept(entry) = answered.reply else { panic!("{answered:?}") };
        assert_eq!(entry.known_decision().map(|decision| decision.outcome), Some(outcome));
    }

    async fn promised(&self, changes: Vec<CatalogueChange>) -> Begun {
        let (begun, answered) = self.begin(changes).await;
        assert!(matches!(answered.reply, Reply::Kept(_)), "{answered:?}");
        begun
    }

    /// Does it.
    async fn done(&self, changes: Vec<CatalogueChange>) {
        let begun = self.promised(changes).await;
        self.decide(&begun, Outcome::Commit).await;
    }

    /// What stands against it, in the order of the rows.
    async fn refused(&self, changes: Vec<CatalogueChange>) -> Vec<(Resource, Hindrance)> {
        let (_, answered) = self.begin(changes).await;
        assert!(matches!(answered.reply, Reply::Refused(_)), "{answered:?}");
        let mut why: Vec<_> = answered.hindered.into_iter().map(|h| (h.resource, h.why)).collect();
        why.sort();
        why
    }

    /// What stands against a change of one row.
    async fn why(&self, change: CatalogueChange) -> Hindrance {
        let why = self.refused(vec![change]).await;
        assert_eq!(why.len(), 1, "{why:?}");
        why[0].1
    }

    async fn row(&self, of: Resource) -> Option<ReplicatedRow> {
        self.site.replicated(&[of]).await.unwrap().pop()
    }

    async fn title(&self, isbn: &str) -> Option<Title> {
        match self.row(Resource::Title(key(isbn))).await {
            Some(ReplicatedRow::Title(title)) => Some(title),
            _ => None,
        }
    }

    async fn branch(&self, code: &str) -> Branch {
        match self.row(Resource::Branch(key(code))).await {
            Some(ReplicatedRow::Branch(branch)) => branch,
            other => panic!("{other:?}"),
        }
    }
}

fn put(title: &Title, seen: Option<&Title>) -> CatalogueChange {
    CatalogueChange::PutTitle { title: title.clone(), seen: seen.cloned() }
}

fn put_branch(branch: &Branch, seen: Option<&Branch>) -> CatalogueChange {
    CatalogueChange::PutBranch { branch: branch.clone(), seen: seen.cloned() }
}

fn put_policy(policy: &LoanPolicy, seen: Option<&LoanPolicy>) -> CatalogueChange {
    CatalogueChange::PutPolicy { policy: policy.clone(), seen: seen.cloned() }
}

fn put_closed(closed: &ClosedDay, seen: Option<&ClosedDay>) -> CatalogueChange {
    CatalogueChange::PutClosedDay { closed: closed.clone(), seen: seen.cloned() }
}

async fn titles(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let mut cache = Follower::filled(&world.site).await;
    let first = title("LT-0100", "Vợ nhặt");
    let second = Title { year: None, author: "Kim Lân".to_owned(), ..first.clone() };
    let known = cache.count(RowKind::Title);
    for (becomes, seen) in [(&first, None), (&second, Some(&first))] {
        manager.done(vec![put(becomes, seen)]).await;
        cache.follow(&world.site).await.unwrap();
        let shown = cache.shown.get(&(RowKind::Title, "LT-0100".to_owned())).cloned();
        assert_eq!(shown, Some(lienthu_port::feed::FeedRow::Title(becomes.clone())));
        assert_eq!(manager.title("LT-0100").await.as_ref(), Some(becomes));
    }
    manager.done(vec![CatalogueChange::RemoveTitle { seen: second.clone() }]).await;
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.count(RowKind::Title), known);
    assert_eq!(manager.title("LT-0100").await, None);
    manager.done(vec![put(&first, None)]).await;
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.count(RowKind::Title), known + 1);
    Ok(())
}

async fn titles_changed_meanwhile(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let stands = manager.title(TITLES[0]).await.unwrap();
    // Each field counts, and so do tones and case.
    let others = [
        Title { name: "truyện kiều".to_owned(), ..stands.clone() },
        Title { name: "Truyen Kieu".to_owned(), ..stands.clone() },
        Title { author: String::new(), ..stands.clone() },
        Title { publisher: "NXB Văn học".to_owned(), ..stands.clone() },
        Title { year: None, ..stands.clone() },
        Title { ddc: "895.9".to_owned(), ..stands.clone() },
        Title { language: "eng".to_owned(), ..stands.clone() },
    ];
    for seen in others {
        assert_eq!(manager.why(put(&stands, Some(&seen))).await, Hindrance::ChangedMeanwhile);
    }
    let unknown = title("LT-0100", "Vợ nhặt");
    let both = vec![put(&unknown, Some(&unknown)), put(&stands, None)];
    let expected = [
        (Resource::Title(key(TITLES[0])), Hindrance::AlreadyExists),
        (Resource::Title(key("LT-0100")), Hindrance::Unknown),
    ];
    assert_eq!(manager.refused(both).await, expected);
    manager.done(vec![put(&stands, Some(&stands))]).await;
    assert_eq!(manager.title(TITLES[0]).await, Some(stands));
    Ok(())
}

async fn removals(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let stands = manager.title(TITLES[0]).await.unwrap();
    let removal = || CatalogueChange::RemoveTitle { seen: stands.clone() };
    assert_eq!(manager.why(removal()).await, Hindrance::TitleHasCopies);
    for barcode in &COPIES[1..] {
        world.site.remove_copy(&key(barcode)).await.unwrap();
    }
    world.hands.set_condition(key(COPIES[0]), CopyCondition::InTransit, None).await?;
    assert_eq!(manager.why(removal()).await, Hindrance::TitleHasCopies);
    let elsewhere = Some(key(ELSEWHERE));
    world.hands.set_condition(key(COPIES[0]), CopyCondition::Forwarded, elsewhere).await?;

    let active = manager.branch(ELSEWHERE).await;
    let away = Branch { standing: BranchStanding::Away, ..active.clone() };
    manager.done(vec![put_branch(&away, Some(&active))]).await;
    assert_eq!(manager.why(removal()).await, Hindrance::BranchAway);
    let closed = Branch { standing: BranchStanding::Closed, ..active };
    manager.done(vec![put_branch(&closed, Some(&away))]).await;
    manager.done(vec![removal()]).await;
    assert_eq!(manager.title(TITLES[0]).await, None);
    Ok(())
}

async fn rules(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let mut cache = Follower::filled(&world.site).await;
    let (policies, days) = (cache.count(RowKind::Policy), cache.count(RowKind::ClosedDay));
    let first = LoanPolicy { branch: Some(key(HERE)), ..policy(Some("TEACHER"), 30, 10, 3, true) };
    let second = LoanPolicy { loan_days: 60, ..first.clone() };
    let closed = closed_day(day(60), "Nghỉ lễ");
    let renamed = ClosedDay { note: "Quốc khánh".to_owned(), ..closed.clone() };
    manager.done(vec![put_policy(&first, None), put_closed(&closed, None)]).await;
    cache.follow(&world.site).await.unwrap();
    let counted = (cache.count(RowKind::Policy), cache.count(RowKind::ClosedDay));
    assert_eq!(counted, (policies + 1, days + 1));
    manager
        .done(vec![put_policy(&second, Some(&first)), put_closed(&renamed, Some(&closed))])
        .await;
    for row in [ReplicatedRow::Policy(second.clone()), ReplicatedRow::ClosedDay(renamed.clone())] {
        assert_eq!(manager.row(Resource::from(&row)).await, Some(row));
    }
    assert_eq!(manager.why(put_policy(&first, Some(&first))).await, Hindrance::ChangedMeanwhile);
    assert_eq!(manager.why(put_closed(&closed, Some(&closed))).await, Hindrance::ChangedMeanwhile);
    assert_eq!(manager.why(put_policy(&first, None)).await, Hindrance::AlreadyExists);
    assert_eq!(manager.why(put_closed(&closed, None)).await, Hindrance::AlreadyExists);

    let nowhere = LoanPolicy { branch: Some(key("Q99")), ..first.clone() };
    assert_eq!(manager.why(put_policy(&nowhere, None)).await, Hindrance::BranchNotActive);
    let nowhere = ClosedDay { branch: Some(key("Q99")), ..closed.clone() };
    assert_eq!(manager.why(put_closed(&nowhere, None)).await, Hindrance::BranchNotActive);

    let gone = || {
        vec![
            CatalogueChange::RemovePolicy { seen: second.clone() },
            CatalogueChange::RemoveClosedDay { seen: renamed.clone() },
        ]
    };
    manager.done(gone()).await;
    cache.follow(&world.site).await.unwrap();
    let counted = (cache.count(RowKind::Policy), cache.count(RowKind::ClosedDay));
    assert_eq!(counted, (policies, days));
    for (_, why) in manager.refused(gone()).await {
        assert_eq!(why, Hindrance::Unknown);
    }
    Ok(())
}

async fn fields(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let good = title("LT-0100", "Vợ nhặt");
    let long = "ẵ".repeat(NAME_CHARS_MAX + 1);
    let wrong = [
        Title { name: String::new(), ..good.clone() },
        Title { name: long.clone(), ..good.clone() },
        Title { author: long.clone(), ..good.clone() },
        Title { publisher: long.clone(), ..good.clone() },
        Title { ddc: "8".repeat(51), ..good.clone() },
        Title { language: "v".repeat(11), ..good.clone() },
        // Some servers read nothing at all of a text that long.
        Title { name: "x".repeat(5_000), ..good.clone() },
    ];
    for title in wrong {
        assert_eq!(manager.why(put(&title, None)).await, Hindrance::FieldWrong, "{title:?}");
    }
    let branch = manager.branch(ELSEWHERE).await;
    let unnamed = Branch { name: String::new(), ..branch.clone() };
    assert_eq!(manager.why(put_branch(&unnamed, Some(&branch))).await, Hindrance::FieldWrong);
    let noted = closed_day(day(60), &long);
    assert_eq!(manager.why(put_closed(&noted, None)).await, Hindrance::FieldWrong);

    let room = "ẵ".repeat(NAME_CHARS_MAX);
    let full = Title { name: room.clone(), author: room.clone(), publisher: room, ..good };
    manager.done(vec![put(&full, None)]).await;
    assert_eq!(manager.title("LT-0100").await, Some(full));
    Ok(())
}

async fn branches(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let new = |standing| Branch {
        code: key("Q9"),
        name: "Thư viện Quận 9".to_owned(),
        address: String::new(),
        standing,
    };
    let mut cache = Follower::filled(&world.site).await;
    let known = cache.count(RowKind::Branch);
    for standing in [BranchStanding::Active, BranchStanding::Closed] {
        assert_eq!(manager.why(put_branch(&new(standing), None)).await, Hindrance::NotAudited);
    }
    let away = new(BranchStanding::Away);
    manager.done(vec![put_branch(&away, None)]).await;
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.count(RowKind::Branch), known + 1);
    let active = new(BranchStanding::Active);
    assert_eq!(manager.why(put_branch(&active, Some(&away))).await, Hindrance::NotAudited);
    let renamed = Branch { name: "Thư viện Thủ Đức".to_owned(), ..away.clone() };
    manager.done(vec![put_branch(&renamed, Some(&away))]).await;
    assert_eq!(manager.why(put_branch(&away, Some(&away))).await, Hindrance::ChangedMeanwhile);

    // Its own copies, then its own loans.
    let here = manager.branch(HERE).await;
    let closed = Branch { standing: BranchStanding::Closed, ..here.clone() };
    let close = || put_branch(&closed, Some(&here));
    assert_eq!(manager.why(close()).await, Hindrance::BranchHasCopies);
    let lent = Desk::new(1).borrow(COPIES[0], PATRONS[0], at(0));
    world.done(&[fact(&lent)]).await;
    for barcode in &COPIES[1..] {
        world.site.remove_copy(&key(barcode)).await.unwrap();
    }
    let elsewhere = Some(key(ELSEWHERE));
    world.hands.set_condition(key(COPIES[0]), CopyCondition::Forwarded, elsewhere).await?;
    assert_eq!(manager.why(close()).await, Hindrance::BranchHasLoans);
    // Another branch's site does not know what that one has.
    for code in [ELSEWHERE, "TD"] {
        let stands = manager.branch(code).await;
        let closed = Branch { standing: BranchStanding::Closed, ..stands.clone() };
        manager.done(vec![put_branch(&closed, Some(&stands))]).await;
    }
    for standing in [BranchStanding::Closed, BranchStanding::Away] {
        let last = Branch { standing, ..here.clone() };
        let why = manager.why(put_branch(&last, Some(&here))).await;
        assert_eq!(why, Hindrance::LastActiveBranch);
    }
    Ok(())
}

async fn membership(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    world.hands.join(vec![], MembershipVersion(7)).await?;
    let version = || async { manager.site.network().await.unwrap().membership };
    manager.done(vec![put(&title("LT-0100", "Vợ nhặt"), None)]).await;
    assert_eq!(version().await, MembershipVersion(7));
    let changes = ["Q8", "Q9"].map(|code| {
        let branch = Branch {
            code: key(code),
            name: code.to_owned(),
            address: String::new(),
            standing: BranchStanding::Away,
        };
        put_branch(&branch, None)
    });
    let begun = manager.promised(changes.to_vec()).await;
    assert_eq!(version().await, MembershipVersion(7));
    manager.decide(&begun, Outcome::Commit).await;
    manager.decide(&begun, Outcome::Commit).await;
    assert_eq!(version().await, MembershipVersion(8));
    Ok(())
}

async fn aborted(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let mut cache = Follower::filled(&world.site).await;
    let stands = manager.title(TITLES[1]).await.unwrap();
    let changed = Title { name: "Giông tố".to_owned(), ..stands.clone() };
    let new = title("LT-0100", "Vợ nhặt");
    let begun = manager.promised(vec![put(&changed, Some(&stands)), put(&new, None)]).await;
    assert_eq!(manager.why(put(&stands, Some(&stands))).await, Hindrance::Held);
    assert_eq!(manager.why(put(&new, None)).await, Hindrance::Held);
    // Who belongs to the network cannot change meanwhile either.
    let branch = manager.branch(ELSEWHERE).await;
    let renamed = Branch { name: "Khác".to_owned(), ..branch.clone() };
    assert_eq!(
        manager.refused(vec![put_branch(&renamed, Some(&branch))]).await,
        [(Resource::Membership, Hindrance::Held)]
    );
    manager.decide(&begun, Outcome::Abort).await;
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.shown, Follower::filled(&world.site).await.shown);
    assert_eq!(manager.title(TITLES[1]).await.as_ref(), Some(&stands));
    assert_eq!(manager.title("LT-0100").await, None);
    manager.done(vec![put(&changed, Some(&stands)), put(&new, None)]).await;
    Ok(())
}

async fn held_titles(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let stands = manager.title(TITLES[2]).await.unwrap();
    let begun = manager.promised(vec![CatalogueChange::RemoveTitle { seen: stands }]).await;
    let mut new = copy("NEW");
    new.title = key(TITLES[2]);
    let added = world.site.add_copies(std::slice::from_ref(&new)).await;
    assert_obstructed(added, Obstacle::Held);
    let mut moved = copy(COPIES[0]);
    moved.title = key(TITLES[2]);
    let change = lienthu_port::lookup::CopyChange { details: moved, seen: copy(COPIES[0]) };
    assert_obstructed(world.site.put_copy(&change).await, Obstacle::Held);
    // Of other titles copies come and go.
    world.site.add_copies(&[copy("OTHER")]).await.unwrap();
    manager.decide(&begun, Outcome::Abort).await;
    world.site.add_copies(&[new]).await.unwrap();

    let here = manager.branch(HERE).await;
    let renamed = Branch { name: "Khác".to_owned(), ..here.clone() };
    let begun = manager.promised(vec![put_branch(&renamed, Some(&here))]).await;
    assert_obstructed(world.site.add_copies(&[copy("LATE")]).await, Obstacle::Held);
    manager.decide(&begun, Outcome::Commit).await;
    world.site.add_copies(&[copy("LATE")]).await.unwrap();
    Ok(())
}

async fn many(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let mut cache = Follower::filled(&world.site).await;
    let known = cache.count(RowKind::Title);
    let first: Vec<Title> = (0..CHANGES_MAX)
        .map(|n| title(&format!("BULK-{n:04}"), &format!("Tuyển tập \"{n}\" 'ẵ' \\ {{}} ")))
        .map(Title::cleaned)
        .collect();
    manager.done(first.iter().map(|title| put(title, None)).collect()).await;
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.count(RowKind::Title), known + CHANGES_MAX);
    let of: Vec<Resource> = first.iter().map(|title| Resource::Title(title.key.clone())).collect();
    let mut rows = manager.site.replicated(&of).await.unwrap();
    rows.sort_by_key(|row| Resource::from(row));
    assert_eq!(rows, first.iter().cloned().map(ReplicatedRow::Title).collect::<Vec<_>>());
    let why = manager.refused(first.iter().map(|title| put(title, None)).collect()).await;
    assert_eq!(why.len(), CHANGES_MAX);
    manager
        .done(first.into_iter().map(|seen| CatalogueChange::RemoveTitle { seen }).collect())
        .await;
    cache.follow(&world.site).await.unwrap();
    assert_eq!(cache.count(RowKind::Title), known);
    Ok(())
}

async fn rows_as_they_stand(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let manager = Transactions::at(&world).await;
    let of = [
        Resource::Branch(key(HERE)),
        Resource::Title(key(TITLES[0])),
        Resource::Title(key("KHONG-CO")),
        Resource::Policy(None, Some(key("CHILD"))),
        Resource::Policy(None, None),
        Resource::Policy(Some(key(HERE)), None),
        Resource::ClosedDay(None, day(30)),
        Resource::ClosedDay(None, day(31)),
        Resource::Membership,
    ];
    let mut rows = manager.site.replicated(&of).await.unwrap();
    rows.sort_by_key(|row| Resource::from(row));
    let there: Vec<Resource> = rows.iter().map(Resource::from).collect();
    let mut expected =
        vec![of[0].clone(), of[1].clone(), of[3].clone(), of[4].clone(), of[6].clone()];
    expected.sort();
    assert_eq!(there, expected);
    let too_many: Vec<Resource> =
        (0..=ROWS_ASKED_MAX).map(|n| Resource::Title(key(&format!("T{n}")))).collect();
    assert_obstructed(manager.site.replicated(&too_many).await, Obstacle::TooMany);
    let librarian = world.sign_in(LIBRARIAN).await;
    let refused = librarian.replicated(&of).await;
    assert_eq!(refused, Err(SiteError::Forbidden { right: Right::Decide }));
    Ok(())
}
