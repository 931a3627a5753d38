//! Transactions that are not settled, with what each site keeps of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthu_domain::action::Action;
use lienthu_domain::ids::{BranchCode, TxnId};
use lienthu_port::error::SiteError;
use lienthu_port::transaction::KeptTransaction;
use lienthu_protocol::decision::Outcome;
use lienthu_protocol::entry::{Entry, ShareState, outcome_at};
use lienthu_protocol::message::{Message, Refusal, Reply, Request};
use lienthu_protocol::terms::Terms;

use crate::driving::post;
use crate::recovery::{TRANSACTIONS_AT_ONCE, open_everywhere};
use crate::sites::{SITES_AT_ONCE, Sites, together};

/// Transactions in one list; more are said to be there.
pub const LISTED_MAX: usize = 100;

/// What a site says of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// What it keeps; of one that it never saw, nothing.
    Keeps(Entry),
    /// The site is not the one any more that takes part.
    Refuses(Refusal),
    /// The site could not be asked.
    Unheard(SiteError),
}

impl Standing {
    fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Keeps(entry) => Some(entry),
            Self::Refuses(_) | Self::Unheard(_) => None,
        }
    }

    /// What was done there, by decision or by a manager; nothing while it is not done, or not known.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.entry().and_then(outcome_at)
    }

    /// The site has promised and waits.
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        self.entry().is_some_and(Entry::is_prepared)
    }

    /// A manager chose there.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        let share = self.entry().and_then(|entry| entry.share.as_ref());
        share.is_some_and(|share| matches!(share.state, ShareState::Forced { .. }))
    }

    /// A manager chose there, and it was decided otherwise.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.entry().is_some_and(|entry| entry.contradiction().is_some())
    }
}

/// A transaction that is not settled.
#[derive(Debug, Clone)]
pub struct Unsettled {
    /// Which.
    pub txn: TxnId,
    /// Who takes part and who decides.
    pub terms: Arc<Terms>,
    /// What it does.
    pub action: Arc<Action>,
    /// For how long a site has promised, by that site's clock; the longest of all.
    pub age_ms: u64,
    /// What each site that takes part says.
    pub standings: BTreeMap<BranchCode, Standing>,
}

impl Unsettled {
    /// How it was decided, as far as any site knows.
    #[must_use]
    pub fn decision(&self) -> Option<Outcome> {
        let mut entries = self.standings.values().filter_map(Standing::entry);
        entries.find_map(Entry::known_decision).map(|decision| decision.outcome)
    }

    /// The sites at which a manager chose otherwise.
    pub fn contradicted(&self) -> impl Iterator<Item = &BranchCode> {
        let contradicted = self.standings.iter().filter(|(_, at)| at.is_contradicted());
        contradicted.map(|(branch, _)| branch)
    }
}

/// What is not settled.
#[derive(Debug, Default)]
pub struct InDoubt {
    /// At most [`LISTED_MAX`], the oldest ids first.
    pub transactions: Vec<Unsettled>,
    /// There are more.
    pub more: bool,
    /// Sites that could not be asked what is open there: there may be others that only they know.
    pub unheard: BTreeMap<BranchCode, SiteError>,
}

/// Asks all sites what is not settled there, and each that takes part what it keeps.
pub async fn list(sites: &Sites) -> InDoubt {
    let (mut found, unheard) = found(sites).await;
    let more = found.len() > LISTED_MAX;
    let listed: Vec<_> = std::iter::from_fn(|| found.pop_first()).take(LISTED_MAX).collect();
    let asked = listed.into_iter().map(|(_, found)| found.ask(sites));
    let mut transactions = together(asked, TRANSACTIONS_AT_ONCE).await;
    transactions.sort_unstable_by_key(|unsettled| unsettled.txn);
    InDoubt { transactions, more, unheard }
}

/// One of them.
///
/// # Errors
/// The sites that could not be asked, where no other has it: none if it is settled, or never was.
pub async fn find(sites: &Sites, txn: TxnId) -> Result<Unsettled, BTreeMap<BranchCode, SiteError>> {
    let (mut found, unheard) = found(sites).await;
    match found.remove(&txn) {
        Some(found) => Ok(found.ask(sites).await),
        None => Err(unheard),
    }
}

/// What the sites have listed of a transaction.
struct Found {
    txn: TxnId,
    terms: Arc<Terms>,
    action: Arc<Action>,
    age_ms: u64,
}

async fn found(sites: &Sites) -> (BTreeMap<TxnId, Found>, BTreeMap<BranchCode, SiteError>) {
    let (mut all, mut unheard) = (BTreeMap::new(), BTreeMap::new());
    for (branch, open) in open_everywhere(sites).await {
        match open {
            Ok(open) => open.into_iter().for_each(|kept| note(&mut all, kept)),
            Err(error) => drop(unheard.insert(branch, error)),
        }
    }
    (all, unheard)
}

fn note(all: &mut BTreeMap<TxnId, Found>, kept: KeptTransaction) {
    let KeptTransaction { txn, entry, action, age_ms } = kept;
    // What was only heard to be aborted is settled.
    let (Some(terms), Some(action)) = (entry.terms().cloned(), action) else { return };
    let found = all.entry(txn);
    let found = found.or_insert_with(|| Found { txn, terms, action: Arc::new(action), age_ms });
    found.age_ms = found.age_ms.max(age_ms);
}

impl Found {
    async fn ask(self, sites: &Sites) -> Unsettled {
        let asked = self.terms.parties().iter().map(|party| {
            let message = Message { txn: self.txn, to: party.clone(), request: Request::Ask };
            async move {
                let standing = match post(sites, message, None).await {
                    (_, Ok(answered)) => match answered.reply {
                        Reply::Kept(entry) => Standing::Keeps(entry),
                        Reply::Refused(why) => Standing::Refuses(why),
                    },
                    (_, Err(error)) => Standing::Unheard(error),
                };
                (party.branch.clone(), standing)
            }
        });
        let standings = together(asked, SITES_AT_ONCE).await.into_iter().collect();
        let Self { txn, terms, action, age_ms } = self;
        Unsettled { txn, terms, action, age_ms, standings }
    }
}
