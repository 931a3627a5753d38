//! What a site shows to whoever compares sites, and how it is brought to what the others have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lienthu_domain::action::{
    Action, AuditedState, CatalogueChange, MovingCopy, Resource, Transfer, Version,
};
use lienthu_domain::copy::CopyCondition;
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Incarnation, PatronCode, TxnId};
use lienthu_domain::replica::{Buckets, ReplicaTable, RowDigest, SetDigest, bucket};
use lienthu_domain::replicated::{
    Branch, BranchStanding, ClosedDay, LoanPolicy, ReplicatedRow, Title,
};
use lienthu_domain::text::clean;
use lienthu_port::error::{Obstacle, SiteError};
use lienthu_port::replica::{Asked, Filling, HeldCopy, Holding, KEYS_PAGE_MAX, KnownPatron};
use lienthu_port::site::Site;
use lienthu_port::transaction::{Hindered, PeerCard, Posted};
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::message::{Message, Refusal, Reply, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    COPIES, ELSEWHERE, HERE, MANAGER, PATRONS, TITLES, World, assert_obstructed, copy, day, key,
    patron, policy, small_seed, title,
};
use crate::suite::{Bench, Case};

/// Titles whose texts are thrown.
const HOSTILE_TITLES: usize = 60;
/// Plain ones beside, so that keys need a second page.
const PLAIN_TITLES: usize = KEYS_PAGE_MAX;

pub(super) fn cases() -> Vec<Case> {
    cases![
        "digests and keys are those of the rows, whatever stands in them" => digests_of_the_rows,
        "a row that changes, goes or comes changes the digest, and back again" => digests_follow,
        "more buckets than one may ask for are refused" => too_many_buckets,
        "a barcode is shown as the branch has it" => barcodes,
        "codes of patrons are shown with the home of visitor cards" => codes,
        "a site that takes part is not filled" => not_filled,
        "a site that knows an older network is brought to what the network has, all or none" => filled,
        "a repair is promised where the site has one of the versions that were seen" => repaired,
        "a branch takes part again where each site is as it was audited" => activated,
    ]
}

/// Letters that collations, encodings and escapes trip over. No backslash: the way in which the test's own hands write
/// rows doubles it on Babelfish.
const LETTERS: [&str; 19] = [
    "a", "A", "á", "ạ", "đ", "Đ", "ư", "ơ", "é", "e\u{301}", "|", "~", "'", "%", " ", "😀", "𠀀",
    "ß", "\u{200d}",
];

fn thrown(dice: &mut ChaCha8Rng, letters_max: usize) -> String {
    let count = dice.random_range(0..=letters_max);
    let text: String = (0..count).filter_map(|_| LETTERS.choose(dice).copied()).collect();
    clean(&text, usize::MAX)
}

fn thrown_title(dice: &mut ChaCha8Rng, place: usize) -> Title {
    let keys = ["978-604-{}", "LT|{}", "x~{} -", "{}", "-{}-", "Z z {}"];
    let form = keys.choose(dice).copied().unwrap_or("{}");
    Title {
        key: key(&form.replace("{}", &format!("{place:03}"))),
        name: format!("N{}", thrown(dice, 60)),
        author: thrown(dice, 30),
        publisher: thrown(dice, 30),
        year: dice.random_bool(0.7).then(|| dice.random_range(-400..3_000)),
        ddc: thrown(dice, 8),
        language: thrown(dice, 3),
    }
}

/// Rows as a site is asked to have them.
#[derive(Default)]
struct Rows(BTreeMap<(ReplicaTable, String), ReplicatedRow>);

impl Rows {
    fn put(&mut self, row: ReplicatedRow) {
        let resource = Resource::from(&row);
        let table = ReplicaTable::of(&resource).unwrap();
        self.0.insert((table, resource.stored().1), row);
    }

    fn of(&self, table: ReplicaTable) -> impl Iterator<Item = (&str, RowDigest)> {
        let of = self.0.iter().filter(move |((found, _), _)| *found == table);
        of.map(|((_, key), row)| (key.as_str(), RowDigest::of(row)))
    }

    /// By the definition.
    fn digests(&self, table: ReplicaTable, within: &Buckets, depth: u8) -> Vec<(u32, SetDigest)> {
        let mut buckets = BTreeMap::<u32, SetDigest>::new();
        for (key, digest) in self.of(table).filter(|(key, _)| within.hold(key)) {
            *buckets.entry(bucket(key, depth)).or_default() += digest.into();
        }
        buckets.into_iter().collect()
    }
}

async fn digests_of_the_rows(bench: Bench) -> Result<(), CannotHere> {
    let mut dice = ChaCha8Rng::seed_from_u64(bench.seed);
    let mut seed = small_seed();
    seed.titles.extend((0..HOSTILE_TITLES).map(|place| thrown_title(&mut dice, place)));
    seed.titles.extend((0..PLAIN_TITLES).map(|n| title(&format!("P-{n:05}"), "Số đỏ")));
    let at_branch =
        LoanPolicy { branch: Some(key(HERE)), ..policy(Some("A|B"), 65_535, 0, 255, true) };
    seed.policies.push(at_branch);
    for place in 0..10 {
        let branch = dice.random_bool(0.5).then(|| key(ELSEWHERE));
        seed.closed_days.push(ClosedDay {
            branch,
            date: day(40 + place),
            note: thrown(&mut dice, 40),
        });
    }
    seed.branches[1].address = thrown(&mut dice, 40);
    seed.branches[2].standing = BranchStanding::Away;
    let mut rows = Rows::default();
    seed.branches.iter().cloned().map(ReplicatedRow::Branch).for_each(|row| rows.put(row));
    seed.titles.iter().cloned().map(ReplicatedRow::Title).for_each(|row| rows.put(row));
    seed.policies.iter().cloned().map(ReplicatedRow::Policy).for_each(|row| rows.put(row));
    seed.closed_days.iter().cloned().map(ReplicatedRow::ClosedDay).for_each(|row| rows.put(row));
    let removed = seed.titles.last().unwrap().key.clone();
    rows.0.remove(&(ReplicaTable::Title, removed.to_string()));
    let world = World::empty(&bench, seed).await;
    world.hands.remove_title(removed).await?;

    let site = world.sign_in(MANAGER).await;
    let everything = Buckets::everything();
    for table in ReplicaTable::ALL {
        for depth in [0, 4, 8] {
            let found = site.digests(table, &everything, depth).await.unwrap();
            let expected = rows.digests(table, &everything, depth);
            assert_eq!(found.buckets, expected, "{table:?} by {depth} (seed {})", bench.seed);
        }
        let buckets: BTreeSet<u32> = rows.of(table).map(|(key, _)| bucket(key, 8)).collect();
        let numbers: Vec<u32> = buckets.into_iter().filter(|number| number % 3 == 0).collect();
        let within = Buckets { depth: 8, numbers };
        let found = site.digests(table, &within, 12).await.unwrap();
        assert_eq!(found.buckets, rows.digests(table, &within, 12), "{table:?} within");
        for within in [&everything, &within] {
            let mut found = vec![];
            loop {
                let behind = found.last().map(|(key, _): &(String, RowDigest)| key.as_str());
                let page = site.keys(table, within, behind).await.unwrap();
                let is_last = page.len() < KEYS_PAGE_MAX;
                found.extend(page.into_iter().map(|row| (row.key, row.digest)));
                if is_last {
                    break;
                }
            }
            let expected = rows.of(table).filter(|(key, _)| within.hold(key));
            let expected: Vec<_> = expected.map(|(key, digest)| (key.to_owned(), digest)).collect();
            assert_eq!(found, expected, "{table:?} keys (seed {})", bench.seed);
        }
    }
    Ok(())
}

async fn whole(site: &Arc<dyn Site>, table: ReplicaTable) -> (i64, SetDigest) {
    let digests = site.digests(table, &Buckets::everything(), 0).await.unwrap();
    (digests.changed, digests.buckets.first().map(|(_, digest)| *digest).unwrap_or_default())
}

async fn digests_follow(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let site = world.sign_in(MANAGER).await;
    let (changed, before) = whole(&site, ReplicaTable::Title).await;
    world.hands.put_title(title(TITLES[0], "Truyện Kiêu")).await?;
    let (later, other) = whole(&site, ReplicaTable::Title).await;
    assert!(later > changed);
    assert_eq!(other.rows, before.rows);
    assert_ne!(other.sums, before.sums);
    world.hands.put_title(title(TITLES[0], "Truyện Kiều")).await?;
    assert_eq!(whole(&site, ReplicaTable::Title).await.1, before);
    world.hands.remove_title(key(TITLES[2])).await?;
    assert_eq!(whole(&site, ReplicaTable::Title).await.1.rows, before.rows - 1);
    world.hands.put_title(title(TITLES[2], "Đất rừng phương Nam")).await?;
    let (changed, again) = whole(&site, ReplicaTable::Title).await;
    assert_eq!(again, before);
    world.site.add_copies(&[copy("Q100")]).await.unwrap();
    assert_eq!(whole(&site, ReplicaTable::Title).await.0, changed, "no such row has changed");
    Ok(())
}

async fn too_many_buckets(bench: Bench) -> Result<(), CannotHere> {
    let world = World::empty(&bench, small_seed()).await;
    let site = world.sign_in(MANAGER).await;
    let too_many = Buckets { depth: 12, numbers: (0..257).collect() };
    let table = ReplicaTable::Title;
    assert_obstructed(site.digests(table, &too_many, 12).await, Obstacle::TooMany);
    assert_obstructed(site.keys(table, &too_many, None).await, Obstacle::TooMany);
    let some = Buckets { depth: 4, numbers: vec![1] };
    assert_obstructed(site.digests(table, &some, 13).await, Obstacle::TooMany);
    assert_obstructed(site.digests(table, &some, 3).await, Obstacle::TooMany);
    Ok(())
}

/// A network of this site and another one, for which the test speaks.
struct Pair {
    me: Party,
    other: Party,
    other_key: SiteKey,
}

impl Pair {
    async fn of(world: &World) -> Result<Self, CannotHere> {
        let me = world.hands.card().await?.party;
        let incarnation = Incarnation::new(Uuid::from_u128(31));
        let other = Party { branch: key(ELSEWHERE), incarnation };
        let other_key = SiteKey::new(Uuid::from_u128(0x3333));
        let cards = vec![PeerCard { party: other.clone(), key: other_key.clone() }];
        world.hands.join(cards, MembershipVersion(1)).await?;
        Ok(Self { me, other, other_key })
    }

    /// Has the site promise an action of both; what it answers.
    async fn prepare(
        &self,
        site: &Arc<dyn Site>,
        txn: u128,
        decider: &Party,
        action: Action,
    ) -> (Reply, Vec<Hindered>) {
        let parties = vec![self.me.clone(), self.other.clone()];
        let terms = Terms::new(parties, &decider.branch, MembershipVersion(1)).unwrap();
        let request = Request::Prepare { terms: Arc::new(terms) };
        self.post(site, txn, request, Some(action)).await
    }

    async fn post(
        &self,
        site: &Arc<dyn Site>,
        txn: u128,
        request: Request,
        action: Option<Action>,
    ) -> (Reply, Vec<Hindered>) {
        let message =
            Message { txn: TxnId::new(Uuid::from_u128(txn)), to: self.me.clone(), request };
        let answered =
            site.transact(&Posted { message, action: action.map(Arc::new) }).await.unwrap();
        (answered.reply, answered.hindered)
    }
}

fn transfer(from: &str, to: &str, barcode: &str) -> Action {
    let copies = vec![MovingCopy { details: copy(barcode), hop: 1 }];
    Action::Transfer(Transfer { from: key(from), to: key(to), copies })
}

async fn barcodes(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let site = world.sign_in(MANAGER).await;
    let pair = Pair::of(&world).await?;
    let forwarded = CopyCondition::Forwarded;
    world.hands.set_condition(key(COPIES[1]), forwarded, Some(key(ELSEWHERE))).await?;
    world.site.remove_copy(&key(COPIES[2])).await.unwrap();
    let leaving = transfer(HERE, ELSEWHERE, COPIES[3]);
    let (reply, hindered) = pair.prepare(&site, 1, &pair.me, leaving).await;
    assert!(matches!(reply, Reply::Kept(_)), "{hindered:?}");
    pair.prepare(&site, 2, &pair.other, transfer(ELSEWHERE, HERE, "A900")).await;
    let txn = TxnId::new(Uuid::from_u128(2));
    let seal = pair.other_key.seal(&pair.other, txn, Outcome::Commit);
    let decision = Decision { outcome: Outcome::Commit, decider: pair.other.clone(), seal };
    pair.post(&site, 2, Request::Finish { decision }, None).await;

    let mut expected: Vec<HeldCopy> = COPIES
        .iter()
        .map(|barcode| HeldCopy { barcode: key(barcode), holding: Holding::Live })
        .collect();
    expected[1].holding = Holding::Forwarded { to: Some(key(ELSEWHERE)) };
    expected[2].holding = Holding::Removed;
    expected[3].holding = Holding::Leaving { txn: TxnId::new(Uuid::from_u128(1)) };
    let arrived = Holding::Arrived { txn, from: key(ELSEWHERE) };
    expected.insert(0, HeldCopy { barcode: key("A900"), holding: arrived });
    assert_eq!(site.held_copies(&Asked::Behind(None)).await.unwrap(), expected);
    let behind = Asked::Behind(Some(key(COPIES[2])));
    assert_eq!(site.held_copies(&behind).await.unwrap(), expected[4..]);
    let some = Asked::These(vec![key(COPIES[1]), key("A900"), key("q001"), key("Q999")]);
    let some = site.held_copies(&some).await.unwrap();
    assert_eq!(some, [expected[0].clone(), expected[2].clone()]);
    Ok(())
}

async fn codes(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let site = world.sign_in(MANAGER).await;
    let mut visitor = patron("KHACH1", "READER");
    visitor.card.home_branch = Some(key(ELSEWHERE));
    visitor.card.home_code = Some(key("DG001"));
    world.add_patron(visitor).await;
    world.site.remove_patron(&key(PATRONS[1])).await.unwrap();
    let known = |code: &str| KnownPatron { code: key(code), home: None };
    let home = Some((key(ELSEWHERE), key::<PatronCode>("DG001")));
    let card = KnownPatron { code: key("KHACH1"), home };
    let expected = [known("DG001"), known("DG003"), known("DG009"), card.clone()];
    assert_eq!(site.known_patrons(&Asked::Behind(None)).await.unwrap(), expected);
    let some = Asked::These(vec![key("KHACH1"), key("dg001")]);
    assert_eq!(site.known_patrons(&some).await.unwrap(), [card]);
    Ok(())
}

fn repair(row: ReplicatedRow, seen: &[Option<&ReplicatedRow>]) -> CatalogueChange {
    let seen = seen.iter().map(|row| Version::of(*row)).collect();
    CatalogueChange::Repair { row, gone: false, seen }
}

fn gone(row: ReplicatedRow) -> CatalogueChange {
    let seen = BTreeSet::from([Version::of(Some(&row))]);
    CatalogueChange::Repair { row, gone: true, seen }
}

fn title_row(isbn: &str, name: &str) -> ReplicatedRow {
    ReplicatedRow::Title(title(isbn, name))
}

fn filling(membership: u32, changes: Vec<CatalogueChange>) -> Filling {
    Filling { membership: MembershipVersion(membership), changes }
}

async fn not_filled(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    Pair::of(&world).await?;
    let site = world.sign_in(MANAGER).await;
    let change = repair(title_row("LT-0009", "Mới"), &[None]);
    let answer = site.fill(&filling(1, vec![change.clone()])).await;
    assert_obstructed(answer, Obstacle::TakesPart);
    world.hands.start_incarnation().await?;
    assert_eq!(site.fill(&filling(1, vec![change])).await, Ok(vec![]), "restored, it is");
    let librarian = world.site.fill(&filling(1, vec![])).await;
    assert!(matches!(librarian, Err(SiteError::Forbidden { .. })), "{librarian:?}");
    Ok(())
}

async fn filled(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    Pair::of(&world).await?;
    let site = world.sign_in(MANAGER).await;
    let seed = small_seed();
    let here = seed.branches[0].clone();
    let away =
        Branch { standing: BranchStanding::Away, name: "Quận 1 |~".to_owned(), ..here.clone() };
    let child = seed.policies[1].clone();
    let kieu = title_row(TITLES[0], "Truyện Kiều");
    let changes = vec![
        repair(ReplicatedRow::Branch(away), &[Some(&ReplicatedRow::Branch(here))]),
        repair(title_row("LT-0009", r"Mới \ ~ | \\n"), &[None]),
        repair(title_row(TITLES[0], "Kim Vân Kiều"), &[None, Some(&kieu)]),
        gone(title_row(TITLES[2], "Đất rừng phương Nam")),
        gone(ReplicatedRow::Policy(child)),
        gone(ReplicatedRow::ClosedDay(seed.closed_days[0].clone())),
    ];

    let mut unseen = changes.clone();
    unseen.push(repair(title_row(TITLES[1], "Số đỏ?"), &[None, Some(&kieu)]));
    let mut lent = changes.clone();
    lent[2] = gone(kieu.clone());
    let before = whole(&site, ReplicaTable::Title).await;
    for (wrong, of, why) in [
        (unseen, TITLES[1], Hindrance::ChangedMeanwhile),
        (lent, TITLES[0], Hindrance::TitleHasCopies),
    ] {
        let hindered = site.fill(&filling(2, wrong)).await.unwrap();
        assert_eq!(hindered, [Hindered { resource: Resource::Title(key(of)), why }]);
        assert_eq!(whole(&site, ReplicaTable::Title).await, before, "none of it was written");
    }

    assert_eq!(site.fill(&filling(2, changes)).await.unwrap(), []);
    assert_eq!(site.network().await.unwrap().membership, MembershipVersion(2));
    let mut rows = Rows::default();
    rows.put(title_row(TITLES[0], "Kim Vân Kiều"));
    rows.put(title_row(TITLES[1], "Số đỏ"));
    rows.put(title_row("LT-0009", r"Mới \ ~ | \\n"));
    let everything = Buckets::everything();
    for table in [ReplicaTable::Title, ReplicaTable::ClosedDay] {
        let found = site.digests(table, &everything, 8).await.unwrap().buckets;
        assert_eq!(found, rows.digests(table, &everything, 8), "{table:?}");
    }
    assert_eq!(whole(&site, ReplicaTable::Policy).await.1.rows, 1);
    Ok(())
}

async fn repaired(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let site = world.sign_in(MANAGER).await;
    let pair = Pair::of(&world).await?;
    let mine = title_row(TITLES[0], "Truyện Kiều");
    let theirs = title_row(TITLES[0], "Đoạn trường tân thanh");
    let action = |seen: &[Option<&ReplicatedRow>]| Action::Catalogue {
        changes: vec![repair(theirs.clone(), seen)],
    };
    let (reply, hindered) = pair.prepare(&site, 1, &pair.me, action(&[None, Some(&theirs)])).await;
    assert_eq!(reply, Reply::Refused(Refusal::Action));
    assert_eq!(hindered.iter().map(|h| h.why).collect::<Vec<_>>(), [Hindrance::ChangedMeanwhile]);
    let (reply, hindered) =
        pair.prepare(&site, 2, &pair.me, action(&[Some(&mine), Some(&theirs)])).await;
    assert!(matches!(reply, Reply::Kept(_)), "{hindered:?}");
    pair.post(&site, 2, Request::Decide { outcome: Outcome::Commit }, None).await;
    let file = world.copy(COPIES[0]).await;
    assert_eq!(file.title.name, "Đoạn trường tân thanh");
    Ok(())
}

async fn activated(bench: Bench) -> Result<(), CannotHere> {
    let mut seed = small_seed();
    seed.branches[1].standing = BranchStanding::Away;
    let away = seed.branches[1].clone();
    let world = World::with(&bench, seed).await;
    let site = world.sign_in(MANAGER).await;
    let pair = Pair::of(&world).await?;
    let (changed, _) = whole(&site, ReplicaTable::Branch).await;
    let active = Branch { standing: BranchStanding::Active, ..away.clone() };
    let action = |branch: &str, changed: i64| Action::Catalogue {
        changes: vec![CatalogueChange::Activate {
            branch: active.clone(),
            seen: away.clone(),
            audited: vec![AuditedState { branch: key(branch), changed }],
        }],
    };
    for (txn, wrong) in [(1, action(HERE, changed - 1)), (2, action(ELSEWHERE, changed))] {
        let (reply, hindered) = pair.prepare(&site, txn, &pair.me, wrong).await;
        assert_eq!(reply, Reply::Refused(Refusal::Action));
        let why: Vec<_> = hindered.iter().map(|hindered| hindered.why).collect();
        assert_eq!(why, [Hindrance::ChangedMeanwhile]);
    }
    let (reply, hindered) = pair.prepare(&site, 3, &pair.me, action(HERE, changed)).await;
    assert!(matches!(reply, Reply::Kept(_)), "{hindered:?}");
    pair.post(&site, 3, Request::Decide { outcome: Outcome::Commit }, None).await;
    let facts = site.network().await.unwrap();
    assert!(facts.branches.contains(&(key(ELSEWHERE), BranchStanding::Active)));
    assert_eq!(facts.membership, MembershipVersion(2));
    Ok(())
}
