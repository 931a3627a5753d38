//! Copies that move: what whoever moves them sees, and what a site keeps of one that went.

use std::sync::Arc;

use lienthu_domain::action::{Action, MovingCopy, Resource, Transfer};
use lienthu_domain::copy::{CopyCondition, CopyState};
use lienthu_domain::hindrance::Hindrance;
use lienthu_domain::ids::{Barcode, Incarnation, TxnId};
use lienthu_port::error::Obstacle;
use lienthu_port::listing::{COPIES_LISTED_MAX, CopiesSought, ListedCopy};
use lienthu_port::site::Site;
use lienthu_port::transaction::{Hindered, PeerCard, Posted};
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::message::{Message, Reply, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use uuid::Uuid;

use super::cases;
use crate::fixture::CannotHere;
use crate::kit::{
    COPIES, Desk, ELSEWHERE, HERE, MANAGER, PATRONS, TITLES, World, assert_obstructed, at, copy,
    fact, key,
};
use crate::suite::{Bench, Case};

pub(super) fn cases() -> Vec<Case> {
    cases![
        "copies are listed by barcode with what a transfer has to know of them" => by_barcode,
        "the copies of a title come by barcode, page after page" => of_title,
        "copies on their way here are listed until somebody receives them" => arriving,
        "a copy that went away keeps its loans, and says where it went" => history,
        "of copies that are received each is answered on its own" => received,
    ]
}

/// The other site of a transfer, for which the test speaks.
struct Elsewhere {
    me: Party,
    here: Party,
    key: SiteKey,
    here_key: SiteKey,
    manager: Arc<dyn Site>,
}

impl Elsewhere {
    async fn joined(world: &World) -> Result<Self, CannotHere> {
        let incarnation = Incarnation::new(Uuid::from_u128(0x77));
        let me = Party { branch: key(ELSEWHERE), incarnation };
        let site_key = SiteKey::new(Uuid::from_u128(0x7777));
        let card = world.hands.card().await?;
        let cards = vec![PeerCard { party: me.clone(), key: site_key.clone() }];
        world.hands.join(cards, MembershipVersion(1)).await?;
        let manager = world.sign_in(MANAGER).await;
        Ok(Self { me, here: card.party, key: site_key, here_key: card.key, manager })
    }

    async fn send(&self, txn: TxnId, request: Request, action: &Action) -> Reply {
        let message = Message { txn, to: self.here.clone(), request };
        let posted = Posted { message, action: Some(Arc::new(action.clone())) };
        let answered = self.manager.transact(&posted).await.unwrap();
        assert_eq!(answered.hindered, []);
        answered.reply
    }

    async fn prepared(&self, number: u128, action: &Action, decider: &Party) -> TxnId {
        let txn = TxnId::new(Uuid::from_u128(number));
        let parties = vec![self.here.clone(), self.me.clone()];
        let terms = Terms::new(parties, &decider.branch, MembershipVersion(1)).unwrap();
        let reply = self.send(txn, Request::Prepare { terms: Arc::new(terms) }, action).await;
        assert!(matches!(&reply, Reply::Kept(entry) if entry.is_prepared()), "{reply:?}");
        txn
    }

    /// These copies come here, in this condition, and are on their way.
    async fn sends(&self, number: u128, copies: &[&str], condition: CopyCondition) -> TxnId {
        let copies = copies.iter().map(|barcode| {
            let mut details = copy(barcode);
            details.condition = condition;
            MovingCopy { details, hop: 1 }
        });
        let transfer = Transfer { from: key(ELSEWHERE), to: key(HERE), copies: copies.collect() };
        let action = Action::Transfer(transfer);
        let txn = self.prepared(number, &action, &self.me).await;
        let seal = self.key.seal(&self.me, txn, Outcome::Commit);
        let decision = Decision { outcome: Outcome::Commit, decider: self.me.clone(), seal };
        self.send(txn, Request::Finish { decision }, &action).await;
        txn
    }

    /// A copy that leaves, promised and no more.
    async fn takes(&self, number: u128, barcode: &str) -> (TxnId, Action) {
        let copies = vec![MovingCopy { details: copy(barcode), hop: 1 }];
        let action = Action::Transfer(Transfer { from: key(HERE), to: key(ELSEWHERE), copies });
        (self.prepared(number, &action, &self.here).await, action)
    }

    async fn has_taken(&self, number: u128, barcode: &str) {
        let (txn, action) = self.takes(number, barcode).await;
        let reply = self.send(txn, Request::Decide { outcome: Outcome::Commit }, &action).await;
        let Reply::Kept(entry) = reply else { panic!("{reply:?}") };
        let seal = self.here_key.seal(&self.here, txn, Outcome::Commit);
        assert_eq!(entry.known_decision().unwrap().seal, seal);
    }
}

async fn listed(site: &Arc<dyn Site>, sought: CopiesSought) -> Vec<ListedCopy> {
    site.list_copies(&sought).await.unwrap()
}

fn barcodes(copies: &[&str]) -> CopiesSought {
    CopiesSought::Barcodes(copies.iter().map(|copy| key(copy)).collect())
}

async fn by_barcode(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let elsewhere = Elsewhere::joined(&world).await?;
    let mut desk = Desk::new(1);
    world.done(&[fact(&desk.borrow(COPIES[1], PATRONS[0], at(1)))]).await;
    world.site.remove_copy(&key(COPIES[2])).await.unwrap();
    elsewhere.takes(1, COPIES[3]).await;
    elsewhere.has_taken(2, COPIES[4]).await;
    let lower_case = COPIES[5].to_lowercase();
    let asked = [COPIES[4], COPIES[0], "Q404", COPIES[3], COPIES[2], COPIES[1], &lower_case];

    // Whoever looks things up at the branch may, a manager among them.
    for site in [&world.site, &elsewhere.manager] {
        let found = listed(site, barcodes(&asked)).await;
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                let copy = &one.copy;
                (copy.barcode.as_str(), copy.state, one.hops, one.is_removed, one.is_held)
            })
            .collect();
        let expected = [
            (COPIES[0], CopyState::Free, 0, false, false),
            (COPIES[1], CopyState::OnLoan, 0, false, false),
            (COPIES[2], CopyState::Free, 0, true, false),
            (COPIES[3], CopyState::InTransit, 0, false, true),
            (COPIES[4], CopyState::Forwarded, 1, false, false),
        ];
        assert_eq!(found, expected);
    }
    let one = listed(&world.site, barcodes(&[COPIES[4]])).await.remove(0);
    assert_eq!(one.copy.forwarded_to, Some(key(ELSEWHERE)));
    assert_eq!((one.title_name.as_str(), one.transit), ("Truyện Kiều", None));
    assert_eq!(one.copy.shelf_mark, copy(COPIES[4]).shelf_mark);
    assert_eq!(listed(&world.site, barcodes(&[])).await, []);
    let too_many = (0..=COPIES_LISTED_MAX).map(|n| key(&format!("X{n}"))).collect();
    let answer = world.site.list_copies(&CopiesSought::Barcodes(too_many)).await;
    assert_obstructed(answer, Obstacle::TooMany);
    Ok(())
}

async fn of_title(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let mut added: Vec<String> = (0..COPIES_LISTED_MAX + 20)
        .map(|n| format!("{}{n:04}", if n % 2 == 0 { "b" } else { "B" }))
        .collect();
    let details: Vec<_> = added
        .iter()
        .map(|barcode| {
            let mut details = copy(barcode);
            details.title = key(TITLES[1]);
            details
        })
        .collect();
    world.site.add_copies(&details).await.unwrap();
    world.site.remove_copy(&key(&added[7])).await.unwrap();
    world
        .hands
        .set_condition(key(&added[8]), CopyCondition::Forwarded, Some(key(ELSEWHERE)))
        .await?;
    added.remove(8);
    added.remove(7);
    added.sort();
    let mut found: Vec<String> = Vec::new();
    let mut after: Option<Barcode> = None;
    loop {
        let page =
            listed(&world.site, CopiesSought::OfTitle { title: key(TITLES[1]), after }).await;
        let is_last = page.len() < COPIES_LISTED_MAX;
        after = page.last().map(|one| one.copy.barcode.clone());
        found.extend(page.iter().map(|one| one.copy.barcode.to_string()));
        if is_last {
            break;
        }
    }
    assert_eq!(found, added, "in the order of their bytes, each once");
    let none = CopiesSought::OfTitle { title: key("khong co"), after: None };
    assert_eq!(listed(&world.site, none).await, []);
    Ok(())
}

async fn arriving(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let elsewhere = Elsewhere::joined(&world).await?;
    let all = || CopiesSought::Arriving { after: None };
    assert_eq!(listed(&world.site, all()).await, []);
    let first = elsewhere.sends(1, &["Z2", "Z1"], CopyCondition::Good).await;
    let second = elsewhere.sends(2, &["Z3"], CopyCondition::Damaged).await;
    let found = listed(&world.site, all()).await;
    let came: Vec<_> = found
        .iter()
        .map(|one| {
            let transit = one.transit.as_ref().unwrap();
            (one.copy.barcode.as_str(), one.copy.state, transit.txn.unwrap(), transit.from.as_str())
        })
        .collect();
    let expected = [
        ("Z1", CopyState::InTransit, first, ELSEWHERE),
        ("Z2", CopyState::InTransit, first, ELSEWHERE),
        ("Z3", CopyState::InTransit, second, ELSEWHERE),
    ];
    assert_eq!(came, expected);
    if let Ok(clock) = world.hands.clock() {
        assert_eq!(found[0].transit.as_ref().unwrap().sent_at, clock.now());
    }
    let behind = CopiesSought::Arriving { after: Some(key("Z2")) };
    assert_eq!(listed(&world.site, behind).await.len(), 1);

    assert_eq!(world.site.receive(&[key("Z1"), key("Z3")]).await.unwrap(), []);
    let left = listed(&world.site, all()).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(world.copy("Z1").await.copy.state, CopyState::Free);
    assert_eq!(world.copy("Z3").await.copy.state, CopyState::Damaged, "as it was when it left");
    Ok(())
}

async fn history(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let elsewhere = Elsewhere::joined(&world).await?;
    let mut desk = Desk::new(1);
    let lent = desk.borrow(COPIES[0], PATRONS[0], at(1));
    world.done(&[fact(&lent), fact(&desk.take_back(COPIES[0], at(2)))]).await;
    elsewhere.has_taken(1, COPIES[0]).await;
    let file = world.copy(COPIES[0]).await;
    assert_eq!(file.copy.state, CopyState::Forwarded);
    assert_eq!(file.copy.forwarded_to, Some(key(ELSEWHERE)));
    assert_eq!(file.loans.iter().map(|loan| loan.borrow).collect::<Vec<_>>(), [lent.id]);
    let of_patron = world.site.patron(&key(PATRONS[0])).await.unwrap().unwrap().loans;
    assert_eq!(of_patron.len(), 1);
    assert_eq!(world.free(TITLES[0]).await, u32::try_from(COPIES.len()).unwrap() - 1);
    Ok(())
}

async fn received(bench: Bench) -> Result<(), CannotHere> {
    let world = World::of(&bench).await;
    let elsewhere = Elsewhere::joined(&world).await?;
    elsewhere.sends(1, &["Z1"], CopyCondition::Good).await;
    elsewhere.takes(2, COPIES[1]).await;
    elsewhere.has_taken(3, COPIES[2]).await;
    let asked = ["Q404", "Z1", "Z1", COPIES[0], COPIES[1], COPIES[2]];
    let asked: Vec<Barcode> = asked.iter().map(|copy| key(copy)).collect();
    let answer = world.site.receive(&asked).await.unwrap();
    let why = |copy: &str, why| Hindered { resource: Resource::Copy(key(copy)), why };
    let expected = [
        why("Q404", Hindrance::Unknown),
        why("Z1", Hindrance::AlreadyThere),
        why(COPIES[0], Hindrance::AlreadyThere),
        why(COPIES[1], Hindrance::Held),
        why(COPIES[2], Hindrance::Forwarded),
    ];
    assert_eq!(answer, expected);
    assert_eq!(world.copy("Z1").await.copy.state, CopyState::Free);
    Ok(())
}
