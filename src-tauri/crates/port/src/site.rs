//! The port `Site`: one branch's database as the services see it.

use std::sync::Arc;

use async_trait::async_trait;
use lienthu_domain::action::Resource;
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::{Barcode, BranchCode, PatronCode, StaffLogin, TitleKey, TxnId};
use lienthu_domain::patron::Patron;
use lienthu_domain::period::Period;
use lienthu_domain::replicated::ReplicatedRow;
use lienthu_domain::review::ReviewItem;
use secrecy::SecretString;

use crate::agent::AgentLogin;
use crate::error::SiteError;
use crate::feed::{PullFrom, Pulled, Watermark};
use crate::figures::{MostLent, SiteFigures, TitleLoans};
use crate::handshake::{Hello, Welcome};
use crate::listing::{CopiesSought, ListedCopy};
use crate::lookup::{CopyChange, CopyFile, PatronChange, PatronFile, VisitorCard};
use crate::replica::{Filling, Replica};
use crate::submit::{Receipts, Sending};
use crate::transaction::{Answered, Hindered, KeptTransaction, NetworkFacts, Posted, Sought};
use crate::whereabouts::{CopyPlace, Holding, LoanPlace, PatronLoans, PatronOf};

/// A login and its password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The login.
    pub login: StaffLogin,
    /// The password.
    pub password: SecretString,
}

/// Makes connections to one site.
#[async_trait]
pub trait SiteConnector: Send + Sync {
    /// The branch that the network file names.
    fn branch(&self) -> &BranchCode;

    /// Signs in. Tried once: a wrong password is never repeated, so that no account gets locked.
    ///
    /// # Errors
    /// `LoginFailed`, `Unreachable`, `WrongBranch`, `VersionMismatch`, `Damaged`.
    async fn connect(&self, who: &Credentials) -> Result<Arc<dyn Site>, SiteError>;
}

/// One branch's database under one login. Every call may fail with `Unreachable`, `ReplyLost`, `Busy`,
/// `Full` and `Damaged`; each is bounded in time by the adapter. The site itself refuses what the
/// login's roles do not carry (`Forbidden`), whatever the app believes.
#[async_trait]
pub trait Site: Replica {
    /// Exchanges versions, clocks and what each knows of the other.
    ///
    /// # Errors
    /// `VersionMismatch` when the protocols differ.
    async fn hello(&self, hello: &Hello) -> Result<Welcome, SiteError>;

    /// Takes at most [`crate::submit::BATCH_EVENTS_MAX`] events in one round trip.
    ///
    /// Each event has its effect exactly once, however often it is sent:
    /// - what is stored for an id never changes content: other content is set aside;
    /// - a withdrawal holds for good, and takes an accepted request's effect back;
    /// - a fact is accepted whatever the rules say and overrides a stored refusal;
    /// - a request is judged once; sent again, it gets the same answer.
    ///
    /// The loans of every copy touched are the fold of that copy's accepted events.
    ///
    /// `proven` is the furthest state that a receipt proved to this desk. A site that does not know it was
    /// put back to an older state, perhaps under an open connection, and takes nothing: else the receipts
    /// of today would cover up that those of yesterday are void.
    ///
    /// # Errors
    /// `PutBack` when `proven` is not part of the site's past; greet again.
    /// `Forbidden` when the login may not send these events ([`Right::Circulate`] for borrow, return,
    /// renew and undo, [`Right::SettleReview`] for settlements, `Right::Deliver` for returns that another
    /// branch received); then none of the batch was taken.
    ///
    /// [`Right::Circulate`]: lienthu_domain::rights::Right::Circulate
    /// [`Right::SettleReview`]: lienthu_domain::rights::Right::SettleReview
    async fn submit(
        &self,
        proven: Option<Watermark>,
        batch: &[Sending],
    ) -> Result<Receipts, SiteError>;

    /// The next page of what changed; see [`crate::feed`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::Follow`.
    async fn pull(&self, from: &PullFrom) -> Result<Pulled, SiteError>;

    /// A copy of this branch.
    ///
    /// # Errors
    /// `Forbidden` without `Right::LookUpBranch`.
    async fn copy(&self, barcode: &Barcode) -> Result<Option<CopyFile>, SiteError>;

    /// A patron of this branch.
    ///
    /// # Errors
    /// `Forbidden` without `Right::LookUpBranch`.
    async fn patron(&self, code: &PatronCode) -> Result<Option<PatronFile>, SiteError>;

    /// Patrons of this branch whose name holds all words of `text` as beginnings of words (tones and
    /// case do not matter), or whose code or phone begins with it; by name, at most
    /// [`crate::lookup::PATRONS_FOUND_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::LookUpBranch`.
    async fn find_patrons(&self, text: &str) -> Result<Vec<Patron>, SiteError>;

    /// What waits for someone to look at it, oldest event first, at most
    /// [`crate::lookup::REVIEW_ITEMS_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::LookUpBranch`.
    async fn review_items(&self) -> Result<Vec<ReviewItem>, SiteError>;

    /// How many copies of a title are free here.
    ///
    /// # Errors
    /// `Forbidden` without `Right::CountFree`.
    async fn free_copies(&self, title: &TitleKey) -> Result<u32, SiteError>;

    /// What this branch has of each of these titles, in their order; at most
    /// [`crate::whereabouts::HOLDINGS_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::CountFree`; `Obstructed` by `TooMany`.
    async fn holdings(&self, titles: &[TitleKey]) -> Result<Vec<Holding>, SiteError>;

    /// A copy as this branch has it, also where it only says where it went.
    ///
    /// # Errors
    /// `Forbidden` without `Right::LookUpBranch`.
    async fn copy_place(&self, barcode: &Barcode) -> Result<Option<CopyPlace>, SiteError>;

    /// A patron's loans at this branch, on their own card or on visitor cards that name them; those behind
    /// a place.
    ///
    /// # Errors
    /// `Forbidden` without `Right::LookUpNetwork`.
    async fn patron_loans(
        &self,
        patron: &PatronOf,
        behind: Option<LoanPlace>,
    ) -> Result<PatronLoans, SiteError>;

    /// What the branch adds up of this period.
    ///
    /// # Errors
    /// `Forbidden` without `Right::ReadFigures`.
    async fn figures(&self, period: &Period) -> Result<SiteFigures, SiteError>;

    /// Titles that were lent here in a period, those lent most often first, and of those lent alike often
    /// by key, letter by letter.
    ///
    /// # Errors
    /// `Forbidden` without `Right::ReadFigures`.
    async fn most_lent(
        &self,
        period: &Period,
        asked: &MostLent,
    ) -> Result<Vec<TitleLoans>, SiteError>;

    /// How often each of these titles was lent here in a period, in their order; at most
    /// [`crate::figures::LENT_TITLES_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::ReadFigures`; `Obstructed` by `TooMany`.
    async fn times_lent(
        &self,
        period: &Period,
        titles: &[TitleKey],
    ) -> Result<Vec<TitleLoans>, SiteError>;

    /// Adds or changes a patron of this branch.
    ///
    /// # Errors
    /// `Forbidden` without `Right::KeepPatrons`; `Obstructed` by `AlreadyExists`, `Unknown`,
    /// `ChangedMeanwhile`, `OtherBranch`, `FieldWrong`.
    async fn put_patron(&self, change: &PatronChange) -> Result<(), SiteError>;

    /// Marks a patron removed; the row and its loans stay.
    ///
    /// # Errors
    /// `Forbidden` without `Right::KeepPatrons`; `Obstructed` by `Unknown`, `HasOpenLoans`.
    async fn remove_patron(&self, code: &PatronCode) -> Result<(), SiteError>;

    /// Adds copies, all or none. Events that named them before take effect.
    ///
    /// # Errors
    /// `Forbidden` without `Right::KeepCopies`; `Obstructed` by `AlreadyExists`, `TitleUnknown`,
    /// `ConditionReserved`, `FieldWrong`, `TooMany`.
    async fn add_copies(&self, copies: &[CopyDetails]) -> Result<(), SiteError>;

    /// Changes a copy.
    ///
    /// # Errors
    /// `Forbidden` without `Right::KeepCopies`; `Obstructed` by `Unknown`, `ChangedMeanwhile`,
    /// `TitleUnknown`, `TitleFixed`, `ConditionReserved`, `FieldWrong`.
    async fn put_copy(&self, change: &CopyChange) -> Result<(), SiteError>;

    /// Marks a copy removed; the row and its loans stay.
    ///
    /// # Errors
    /// `Forbidden` without `Right::KeepCopies`; `Obstructed` by `Unknown`, `HasOpenLoans`.
    async fn remove_copy(&self, barcode: &Barcode) -> Result<(), SiteError>;

    /// Takes a message of a transaction over several sites. Sent again it changes nothing.
    ///
    /// # Errors
    /// `Forbidden` without `Right::Recover`; without `Right::Decide` where it chooses what becomes of the
    /// transaction ([`crate::transaction::chooses`]).
    async fn transact(&self, posted: &Posted) -> Result<Answered, SiteError>;

    /// What the site keeps of transactions, by id, behind that one; at most
    /// [`crate::transaction::TRANSACTIONS_PAGE_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::Recover`.
    async fn transactions(
        &self,
        sought: &Sought,
        after: Option<TxnId>,
    ) -> Result<Vec<KeptTransaction>, SiteError>;

    /// What the site knows of the network.
    ///
    /// # Errors
    /// `Forbidden` without `Right::Recover`.
    async fn network(&self) -> Result<NetworkFacts, SiteError>;

    /// The rows that every site holds, as they stand here, of those that are asked for, at most
    /// [`crate::transaction::ROWS_ASKED_MAX`]. Those that are not there are left out.
    ///
    /// # Errors
    /// `Forbidden` without `Right::Decide`; `Obstructed` by `TooMany`.
    async fn replicated(&self, of: &[Resource]) -> Result<Vec<ReplicatedRow>, SiteError>;

    /// Lets a restored site take part again: it was told everything.
    ///
    /// # Errors
    /// `Forbidden` without `Right::Decide`.
    async fn readmit(&self) -> Result<(), SiteError>;

    /// The agent's login at every site of the network that this one knows, by branch.
    ///
    /// # Errors
    /// `Forbidden` without `Right::Follow`: whose desk keeps what the site knows, keeps this too.
    async fn agents(&self) -> Result<Vec<AgentLogin>, SiteError>;

    /// A patron of this branch who shows their card at another one: by the exact card, and no more of them than
    /// that branch has to know. No visitor of this branch: they are found at their own.
    ///
    /// # Errors
    /// `Forbidden` without `Right::LookUpVisitor`.
    async fn visitor(&self, card: &PatronCode) -> Result<Option<VisitorCard>, SiteError>;

    /// Copies of this branch as whoever moves them has to see them, by barcode; at most
    /// [`crate::listing::COPIES_LISTED_MAX`].
    ///
    /// # Errors
    /// `Forbidden` without `Right::CountFree`; `Obstructed` by `TooMany`.
    async fn list_copies(&self, sought: &CopiesSought) -> Result<Vec<ListedCopy>, SiteError>;

    /// Brings rows that every site holds to what the network has, all or none, and says what stands against it.
    /// Only where nobody counts on the site: it is away, was restored, or knows an older network than the caller,
    /// which it knows from then on.
    ///
    /// # Errors
    /// `Forbidden` without `Right::Audit`; `Obstructed` by `TakesPart`, `TooMany`.
    async fn fill(&self, filling: &Filling) -> Result<Vec<Hindered>, SiteError>;

    /// Receives copies that other branches sent, each on its own, at most
    /// [`crate::lookup::COPIES_ADDED_MAX`]; says which are not received, and why.
    ///
    /// # Errors
    /// `Forbidden` without `Right::Receive`; `Obstructed` by `TooMany`.
    async fn receive(&self, barcodes: &[Barcode]) -> Result<Vec<Hindered>, SiteError>;

    /// Gives the login another password. It takes no right, but the old password once more: who only
    /// found a desk unlocked gets no further. This session goes on under the new one.
    ///
    /// # Errors
    /// `PasswordRefused`, also by a policy of the server's own.
    async fn change_password(
        &self,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), SiteError>;
}
