//! Three sites that know each other, and transfers between two of them as far as one wants them.

use std::sync::Arc;

use lienthu_conformance::Fixture;
use lienthu_conformance::kit::{AGENT, LIBRARIAN, MANAGER, NOBODY, copy, key};
use lienthu_domain::action::Action;
use lienthu_domain::copy::Copy;
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_domain::rights::Role;
use lienthu_port::error::SiteError;
use lienthu_port::transaction::Posted;
use lienthu_protocol::decision::{Decision, Outcome};
use lienthu_protocol::entry::Entry;
use lienthu_protocol::message::{Message, Refusal, Reply, Request};
use lienthu_protocol::terms::{Party, Terms};
use uuid::Uuid;

use crate::kit::network::{BRANCHES, Network, moving};

/// Where the copies are: its site decides.
pub const FROM: &str = BRANCHES[0];
/// Where they go.
pub const TO: &str = BRANCHES[1];

/// Somebody of each role, and somebody without one.
pub const PEOPLE: [(&str, Option<Role>); 4] = [
    (LIBRARIAN, Some(Role::Librarian)),
    (MANAGER, Some(Role::Manager)),
    (AGENT, Some(Role::Agent)),
    (NOBODY, None),
];

/// What a site said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It did it, or had done it.
    Done,
    /// The caller may ask, and the site did not do it.
    Refused(Refusal),
    /// The caller may not even ask.
    Forbidden,
}

/// See the module.
pub struct Scene {
    pub kind: &'static str,
    pub network: Network,
    transfers: u128,
}

/// A transfer of one copy.
pub struct Tried {
    pub txn: TxnId,
    pub terms: Arc<Terms>,
    pub action: Arc<Action>,
}

/// All that can come of a transaction at all sites.
pub type Kept = (Vec<(BranchCode, Entry)>, Vec<(BranchCode, Copy)>);

impl Scene {
    /// A fresh one.
    ///
    /// # Errors
    /// What the kind cannot do.
    pub async fn new(kind: &dyn Fixture) -> anyhow::Result<Self> {
        let network = Network::new(kind).await?;
        Ok(Self { kind: kind.kind(), network, transfers: 0 })
    }

    /// A branch's site as it is now.
    ///
    /// # Errors
    /// What the site says.
    pub async fn party(&self, branch: &str) -> anyhow::Result<Party> {
        let manager = self.network.session(&key(branch), MANAGER).await?;
        Ok(manager.network().await?.me)
    }

    /// A transfer that nobody began.
    ///
    /// # Errors
    /// What a site says.
    pub async fn transfer(&mut self) -> anyhow::Result<Tried> {
        self.transfers += 1;
        let librarian = self.network.session(&key(FROM), LIBRARIAN).await?;
        let barcode = format!("W{:03}", self.transfers);
        librarian.add_copies(&[copy(&barcode)]).await?;
        let file = librarian.copy(&key(&barcode)).await?;
        let file = file.ok_or_else(|| anyhow::anyhow!("{barcode} is not there"))?;
        let manager = self.network.session(&key(FROM), MANAGER).await?;
        let facts = manager.network().await?;
        let parties = vec![facts.me, self.party(TO).await?];
        Ok(Tried {
            txn: TxnId::new(Uuid::from_u128(self.transfers)),
            terms: Arc::new(Terms::new(parties, &key(FROM), facts.membership)?),
            action: Arc::new(Action::Transfer(moving(FROM, TO, &[file.copy], 0))),
        })
    }

    /// One that both sites have promised.
    ///
    /// # Errors
    /// What a site says.
    pub async fn promised(&mut self) -> anyhow::Result<Tried> {
        let tried = self.transfer().await?;
        for branch in [FROM, TO] {
            let request = Request::Prepare { terms: Arc::clone(&tried.terms) };
            let said = self.post(MANAGER, branch, &tried, request).await?;
            anyhow::ensure!(said == Said::Done, "{branch} does not promise: {said:?}");
        }
        Ok(tried)
    }

    /// Has a manager decide it; the decision.
    ///
    /// # Errors
    /// What the site says.
    pub async fn decide(&self, tried: &Tried, outcome: Outcome) -> anyhow::Result<Decision> {
        let said = self.post(MANAGER, FROM, tried, Request::Decide { outcome }).await?;
        anyhow::ensure!(said == Said::Done, "it is not decided: {said:?}");
        let (kept, _) = self.kept(tried).await?;
        let entry = kept.into_iter().find(|(branch, _)| branch.as_str() == FROM);
        let decision = entry.and_then(|(_, entry)| entry.decision);
        decision.ok_or_else(|| anyhow::anyhow!("the deciding site keeps no decision"))
    }

    /// Asks a branch's site in somebody's name.
    ///
    /// # Errors
    /// What stands in the way of asking.
    pub async fn post(
        &self,
        login: &str,
        branch: &str,
        tried: &Tried,
        request: Request,
    ) -> anyhow::Result<Said> {
        let site = self.network.session(&key(branch), login).await?;
        let to = self.party(branch).await?;
        let message = Message { txn: tried.txn, to, request };
        let posted = Posted { message, action: Some(Arc::clone(&tried.action)) };
        match site.transact(&posted).await {
            Ok(answered) => Ok(match answered.reply {
                Reply::Kept(_) => Said::Done,
                Reply::Refused(why) => Said::Refused(why),
            }),
            Err(error) => said(Err(error)),
        }
    }

    /// What all sites keep of it and of its copy.
    ///
    /// # Errors
    /// What a site says.
    pub async fn kept(&self, tried: &Tried) -> anyhow::Result<Kept> {
        let Action::Transfer(transfer) = &*tried.action else {
            anyhow::bail!("it is a transfer");
        };
        let kept = self.network.kept(MANAGER, tried.txn).await?;
        let barcode = &transfer.copies[0].details.barcode;
        Ok((kept, self.network.everywhere(LIBRARIAN, barcode).await?))
    }
}

/// What the answer to any call comes to.
///
/// # Errors
/// What is no answer to who may.
pub fn said(answer: Result<(), SiteError>) -> anyhow::Result<Said> {
    match answer {
        Ok(()) => Ok(Said::Done),
        Err(SiteError::Forbidden { .. }) => Ok(Said::Forbidden),
        Err(error) => Err(error.into()),
    }
}
