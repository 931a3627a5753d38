//! The other site of a transaction: it is not there, the test speaks for it.

use std::sync::Arc;

use lienthu_domain::action::Action;
use lienthu_domain::ids::{BranchCode, Incarnation, TxnId};
use lienthu_port::site::Site;
use lienthu_port::transaction::{Answered, Hindered, PeerCard, Posted};
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::entry::outcome_at;
use lienthu_protocol::message::{Message, Refusal, Reply, Request};
use lienthu_protocol::seal::SiteKey;
use lienthu_protocol::terms::{MembershipVersion, Party, Terms};
use uuid::Uuid;

use crate::fixture::CannotHere;
use crate::kit::{ELSEWHERE, HERE, MANAGER, World, key};

/// See the module.
pub struct Counterpart {
    /// What the test speaks for.
    pub party: Party,
    /// Its key.
    pub key: SiteKey,
    /// The site under test, as it was when they met.
    pub here: Party,
    manager: Arc<dyn Site>,
}

/// An incarnation of the test's.
pub fn incarnation(number: u128) -> Incarnation {
    Incarnation::new(Uuid::from_u128(number))
}

/// A transaction of the test's.
pub fn txn(number: u128) -> TxnId {
    TxnId::new(Uuid::from_u128(number))
}

impl Counterpart {
    /// Of the branch [`ELSEWHERE`], announced to the world's site.
    pub async fn of(world: &World) -> Result<Self, CannotHere> {
        let party = Party { branch: key(ELSEWHERE), incarnation: incarnation(31) };
        let site_key = SiteKey::new(Uuid::from_u128(0x3333));
        let here = world.hands.card().await?.party;
        let cards = vec![PeerCard { party: party.clone(), key: site_key.clone() }];
        world.hands.join(cards, MembershipVersion(1)).await?;
        let manager = world.sign_in(MANAGER).await;
        Ok(Self { party, key: site_key, here, manager })
    }

    /// What both agree to. The source of a transfer decides, and of any other action the site under test.
    pub fn terms(&self, action: &Action, membership: u32) -> Arc<Terms> {
        let decider: BranchCode = match action {
            Action::Transfer(transfer) if transfer.from != self.here.branch => {
                self.party.branch.clone()
            }
            _ => key(HERE),
        };
        let parties = vec![self.here.clone(), self.party.clone()];
        Arc::new(Terms::new(parties, &decider, MembershipVersion(membership)).unwrap())
    }

    /// The site under test, in a manager's name.
    pub async fn post(&self, txn: TxnId, action: &Action, request: Request) -> Answered {
        let message = Message { txn, to: self.here.clone(), request };
        let posted = Posted { message, action: Some(Arc::new(action.clone())) };
        self.manager.transact(&posted).await.unwrap()
    }

    /// Has the site promise.
    pub async fn promise(&self, txn: TxnId, action: &Action) {
        let answered = self.try_to_promise(txn, action).await;
        assert!(
            matches!(&answered.reply, Reply::Kept(entry) if entry.is_prepared()),
            "{answered:?}"
        );
    }

    async fn try_to_promise(&self, txn: TxnId, action: &Action) -> Answered {
        let membership = self.manager.network().await.unwrap().membership.0;
        self.post(txn, action, Request::Prepare { terms: self.terms(action, membership) }).await
    }

    /// What stands against the action at the site, thing by thing.
    pub async fn hindered(&self, txn: TxnId, action: &Action) -> Vec<Hindered> {
        let Answered { reply, mut hindered } = self.try_to_promise(txn, action).await;
        assert_eq!(reply, Reply::Refused(Refusal::Action), "{hindered:?}");
        hindered.sort();
        hindered
    }

    /// What stands against the action at the site; nothing where it promised.
    pub async fn if_promised(&self, txn: TxnId, action: &Action) -> Vec<Hindered> {
        self.try_to_promise(txn, action).await.hindered
    }

    /// Ends what the site promised: by its own decision, or by the counterpart's.
    pub async fn end(&self, txn: TxnId, action: &Action, outcome: Outcome) {
        let decider = self.terms(action, 1).decider().clone();
        let request = if decider == self.here {
            Request::Decide { outcome }
        } else {
            let seal = self.key.seal(&self.party, txn, outcome);
            Request::Finish { decision: Decision { outcome, decider, seal } }
        };
        let answered = self.post(txn, action, request).await;
        let Reply::Kept(entry) = &answered.reply else { panic!("{answered:?}") };
        assert_eq!(outcome_at(entry), Some(outcome));
    }

    /// Does the action at the site.
    pub async fn commit(&self, txn: TxnId, action: &Action) {
        self.promise(txn, action).await;
        self.end(txn, action, Outcome::Commit).await;
    }
}
