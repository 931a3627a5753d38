//! What a kind of site has to offer to be held to the suite.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use lienthu_domain::copy::CopyCondition;
use lienthu_domain::ids::{
    Barcode, BranchCode, EventId, Incarnation, PatronCategory, PatronCode, StaffLogin, TitleKey,
};
use lienthu_domain::replicated::{ClosedDay, LoanPolicy, Title};
use lienthu_domain::rights::Role;
use lienthu_domain::times::UtcMs;
use lienthu_port::agent::KeptAgent;
use lienthu_port::seed::SiteSeed;
use lienthu_port::site::SiteConnector;
use lienthu_port::transaction::PeerCard;
use lienthu_protocol::terms::MembershipVersion;

/// This kind of site cannot do that; the case is reported as skipped, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannotHere(pub &'static str);

/// What the triggers do while rows are loaded by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triggers {
    /// They fire.
    Fire,
    /// They are switched off.
    Skipped,
}

/// A kind of site.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// What it is called, such as `embedded`.
    fn kind(&self) -> &'static str;
    /// A site of its own for one case, founded with this seed.
    async fn fresh(&self, seed: SiteSeed) -> Arc<dyn TestSite>;
}

/// A clock that the test sets.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands at this time.
    #[must_use]
    pub fn at(now: UtcMs) -> Self {
        Self(AtomicI64::new(now.ms()))
    }

    /// What it says.
    #[must_use]
    pub fn now(&self) -> UtcMs {
        UtcMs::from_ms(self.0.load(Ordering::SeqCst))
    }

    /// Sets it.
    pub fn set(&self, now: UtcMs) {
        self.0.store(now.ms(), Ordering::SeqCst);
    }
}

/// One site under test, with the administrator's hands. Hooks panic when something goes wrong, and say
/// [`CannotHere`] when the kind has no such thing.
#[async_trait]
pub trait TestSite: Send + Sync {
    /// Connects as desks do.
    fn connector(&self) -> Arc<dyn SiteConnector>;
    /// Connects as a desk whose network file names another branch for this site.
    fn connector_for(&self, branch: &BranchCode) -> Arc<dyn SiteConnector>;
    /// The site's clock.
    fn clock(&self) -> Result<Arc<TestClock>, CannotHere>;

    /// Adds or changes a title, as the catalogue transaction will.
    async fn put_title(&self, title: Title) -> Result<(), CannotHere>;
    /// Marks a title removed.
    async fn remove_title(&self, key: TitleKey) -> Result<(), CannotHere>;
    /// Adds or changes a policy.
    async fn put_policy(&self, policy: LoanPolicy) -> Result<(), CannotHere>;
    /// Takes a policy away.
    async fn remove_policy(&self, category: Option<PatronCategory>) -> Result<(), CannotHere>;
    /// Adds a closed day.
    async fn put_closed_day(&self, closed: ClosedDay) -> Result<(), CannotHere>;
    /// Gives a person these roles and no others.
    async fn set_roles(&self, login: StaffLogin, roles: Vec<Role>) -> Result<(), CannotHere>;
    /// Switches an account on or off.
    async fn set_active(&self, login: StaffLogin, active: bool) -> Result<(), CannotHere>;
    /// Sets a condition as a transfer does.
    async fn set_condition(
        &self,
        barcode: Barcode,
        condition: CopyCondition,
        forwarded_to: Option<BranchCode>,
    ) -> Result<(), CannotHere>;

    /// What other sites have to know of this one.
    async fn card(&self) -> Result<PeerCard, CannotHere>;
    /// Makes these the sites of the network.
    async fn join(
        &self,
        cards: Vec<PeerCard>,
        membership: MembershipVersion,
    ) -> Result<(), CannotHere>;
    /// Makes this the agent's login here.
    async fn set_agent(&self, agent: KeptAgent) -> Result<(), CannotHere>;
    /// Takes over what other sites have of their agents.
    async fn put_agents(&self, agents: Vec<KeptAgent>) -> Result<(), CannotHere>;
    /// What the site has of the network's agents.
    async fn agents(&self) -> Result<Vec<KeptAgent>, CannotHere>;
    /// Starts a new incarnation, as after a restore; says which.
    async fn start_incarnation(&self) -> Result<Incarnation, CannotHere>;

    /// Changes a patron's name in the table itself, around every program.
    async fn rename_by_hand(&self, code: PatronCode, name: String) -> Result<(), CannotHere>;
    /// Gives patrons one name in the table itself: a statement each, in one transaction of the writer's own.
    async fn rename_together_by_hand(
        &self,
        codes: Vec<PatronCode>,
        name: String,
    ) -> Result<(), CannotHere>;
    /// Enters patrons of the branch, all of one name, in the table itself by one statement; around the
    /// triggers, as a bulk load that was told to skip them, where that is possible.
    async fn load_by_hand(
        &self,
        codes: Vec<PatronCode>,
        name: String,
        triggers: Triggers,
    ) -> Result<(), CannotHere>;
    /// Tries to write a copy of another branch into the table itself; whether the site let it happen.
    async fn smuggle_copy(&self, barcode: Barcode, branch: BranchCode) -> Result<bool, CannotHere>;
    /// What an old report reads of a copy: TinhTrang.
    async fn tinh_trang(&self, barcode: Barcode) -> Result<String, CannotHere>;
    /// What an old report reads of a copy's loans in the order of MaPM: NgayMuon and NgayTra.
    async fn old_report(
        &self,
        barcode: Barcode,
    ) -> Result<Vec<(String, Option<String>)>, CannotHere>;
    /// Makes the site fail whenever it is to store this event.
    async fn poison(&self, event: EventId) -> Result<(), CannotHere>;

    /// Drops what the feed need not keep by the site's clock.
    async fn prune(&self) -> Result<(), CannotHere>;
    /// Copies the site aside.
    async fn back_up(&self) -> Result<PathBuf, CannotHere>;
    /// Puts the site back to that copy, unannounced.
    async fn put_back(&self, backup: PathBuf) -> Result<(), CannotHere>;
    /// Cuts the line, or restores it.
    fn cut_line(&self, cut: bool) -> Result<(), CannotHere>;
}
