//! The embedded site, held to the suite.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use lienthu_domain::copy::CopyCondition;
use lienthu_domain::ids::{
    Barcode, BranchCode, EventId, Incarnation, PatronCategory, PatronCode, StaffLogin, TitleKey,
};
use lienthu_domain::replicated::{ClosedDay, LoanPolicy, Title};
use lienthu_domain::rights::Role;
use lienthu_embedded::{EmbeddedConnector, EmbeddedSite, Founding, Line, PasswordCost};
use lienthu_port::agent::KeptAgent;
use lienthu_port::seed::SiteSeed;
use lienthu_port::site::SiteConnector;
use lienthu_port::transaction::PeerCard;
use lienthu_protocol::terms::MembershipVersion;
use tempfile::TempDir;
use uuid::Uuid;

use crate::fixture::{CannotHere, Fixture, TestClock, TestSite, Triggers};
use crate::kit;

/// Embedded sites, each in a folder of its own that goes with it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Embedded;

struct EmbeddedTestSite {
    site: EmbeddedSite,
    branch: BranchCode,
    clock: Arc<TestClock>,
    folder: TempDir,
}

impl EmbeddedTestSite {
    fn path(&self) -> PathBuf {
        self.folder.path().join("site.db")
    }

    async fn by_hand(&self, statement: String) {
        self.site.by_hand(statement).await.unwrap();
    }
}

#[async_trait]
impl Fixture for Embedded {
    fn kind(&self) -> &'static str {
        "embedded"
    }

    async fn fresh(&self, seed: SiteSeed) -> Arc<dyn TestSite> {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::at(kit::opening()));
        let founding = Founding { password_cost: PasswordCost::TEST };
        let read = Arc::clone(&clock);
        let path = folder.path().join("site.db");
        let site = EmbeddedSite::create(&path, &seed, Arc::new(move || read.now()), founding).await;
        Arc::new(EmbeddedTestSite { site: site.unwrap(), branch: seed.branch, clock, folder })
    }
}

#[async_trait]
impl TestSite for EmbeddedTestSite {
    fn connector(&self) -> Arc<dyn SiteConnector> {
        self.connector_for(&self.branch)
    }

    fn connector_for(&self, branch: &BranchCode) -> Arc<dyn SiteConnector> {
        let clock = Arc::clone(&self.clock);
        let (path, line) = (self.path(), self.site.line());
        Arc::new(EmbeddedConnector::new(path, branch.clone(), Arc::new(move || clock.now()), line))
    }

    fn clock(&self) -> Result<Arc<TestClock>, CannotHere> {
        Ok(Arc::clone(&self.clock))
    }

    async fn put_title(&self, title: Title) -> Result<(), CannotHere> {
        self.site.put_titles(vec![title]).await.unwrap();
        Ok(())
    }

    async fn remove_title(&self, key: TitleKey) -> Result<(), CannotHere> {
        self.site.remove_title(key).await.unwrap();
        Ok(())
    }

    async fn put_policy(&self, policy: LoanPolicy) -> Result<(), CannotHere> {
        self.site.put_policy(policy).await.unwrap();
        Ok(())
    }

    async fn remove_policy(&self, category: Option<PatronCategory>) -> Result<(), CannotHere> {
        self.site.remove_policy(None, category).await.unwrap();
        Ok(())
    }

    async fn put_closed_day(&self, closed: ClosedDay) -> Result<(), CannotHere> {
        self.site.put_closed_day(closed).await.unwrap();
        Ok(())
    }

    async fn set_roles(&self, login: StaffLogin, roles: Vec<Role>) -> Result<(), CannotHere> {
        self.site.set_roles(login, roles).await.unwrap();
        Ok(())
    }

    async fn set_active(&self, login: StaffLogin, active: bool) -> Result<(), CannotHere> {
        self.site.set_active(login, active).await.unwrap();
        Ok(())
    }

    async fn set_condition(
        &self,
        barcode: Barcode,
        condition: CopyCondition,
        forwarded_to: Option<BranchCode>,
    ) -> Result<(), CannotHere> {
        self.site.set_condition(barcode, condition, forwarded_to).await.unwrap();
        Ok(())
    }

    async fn card(&self) -> Result<PeerCard, CannotHere> {
        Ok(self.site.card().await.unwrap())
    }

    async fn join(
        &self,
        cards: Vec<PeerCard>,
        membership: MembershipVersion,
    ) -> Result<(), CannotHere> {
        self.site.join(cards, membership).await.unwrap();
        Ok(())
    }

    async fn set_agent(&self, agent: KeptAgent) -> Result<(), CannotHere> {
        self.site.set_agent(agent).await.unwrap();
        Ok(())
    }

    async fn put_agents(&self, agents: Vec<KeptAgent>) -> Result<(), CannotHere> {
        self.site.put_agents(agents).await.unwrap();
        Ok(())
    }

    async fn agents(&self) -> Result<Vec<KeptAgent>, CannotHere> {
        Ok(self.site.agents().await.unwrap())
    }

    async fn start_incarnation(&self) -> Result<Incarnation, CannotHere> {
        Ok(self.site.start_incarnation().await.unwrap())
    }

    async fn rename_by_hand(&self, code: PatronCode, name: String) -> Result<(), CannotHere> {
        self.by_hand(format!("UPDATE DOCGIA SET HoTen = '{name}' WHERE MaDG = '{code}'")).await;
        Ok(())
    }

    async fn rename_together_by_hand(
        &self,
        codes: Vec<PatronCode>,
        name: String,
    ) -> Result<(), CannotHere> {
        let update = |code| format!("UPDATE DOCGIA SET HoTen = '{name}' WHERE MaDG = '{code}';");
        let updates: String = codes.iter().map(update).collect();
        self.by_hand(format!("BEGIN IMMEDIATE; {updates} COMMIT")).await;
        Ok(())
    }

    async fn load_by_hand(
        &self,
        codes: Vec<PatronCode>,
        name: String,
        triggers: Triggers,
    ) -> Result<(), CannotHere> {
        if triggers == Triggers::Skipped {
            return Err(CannotHere("SQLite has no way around its triggers"));
        }
        let row = |code| format!("('{code}', '{name}', '{}', 'READER')", self.branch);
        let rows = codes.iter().map(row).collect::<Vec<_>>().join(", ");
        self.by_hand(format!(
            "INSERT INTO DOCGIA (MaDG, HoTen, MaCN_DangKy, LoaiDocGia) VALUES {rows}"
        ))
        .await;
        Ok(())
    }

    async fn smuggle_copy(&self, barcode: Barcode, branch: BranchCode) -> Result<bool, CannotHere> {
        let isbn = kit::TITLES[0];
        let written = self.site.by_hand(format!(
            "INSERT INTO QUYENSACH (MaQuyenSach, ISBN, MaCN) VALUES ('{barcode}', '{isbn}', '{branch}')"
        ));
        Ok(written.await.is_ok())
    }

    async fn tinh_trang(&self, barcode: Barcode) -> Result<String, CannotHere> {
        let query = format!("SELECT TinhTrang FROM QUYENSACH WHERE MaQuyenSach = '{barcode}'");
        let mut rows = self.site.report(query).await.unwrap();
        Ok(rows.remove(0).remove(0).unwrap())
    }

    async fn old_report(
        &self,
        barcode: Barcode,
    ) -> Result<Vec<(String, Option<String>)>, CannotHere> {
        let query = format!(
            "SELECT NgayMuon, NgayTra FROM PHIEUMUON WHERE MaQuyenSach = '{barcode}' ORDER BY MaPM"
        );
        let rows = self.site.report(query).await.unwrap();
        Ok(rows.into_iter().map(|mut row| (row.remove(0).unwrap(), row.remove(0))).collect())
    }

    async fn poison(&self, event: EventId) -> Result<(), CannotHere> {
        self.by_hand(format!(
            "CREATE TRIGGER poison BEFORE INSERT ON lienthu_event WHEN NEW.id = '{event}'
             BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
        ))
        .await;
        Ok(())
    }

    async fn prune(&self) -> Result<(), CannotHere> {
        self.site.prune().await.unwrap();
        Ok(())
    }

    async fn back_up(&self) -> Result<PathBuf, CannotHere> {
        let path = self.folder.path().join(format!("backup-{}.db", Uuid::new_v4()));
        self.site.back_up(&path).await.unwrap();
        Ok(path)
    }

    async fn put_back(&self, backup: PathBuf) -> Result<(), CannotHere> {
        self.site.put_back(&backup).await.unwrap();
        Ok(())
    }

    fn cut_line(&self, cut: bool) -> Result<(), CannotHere> {
        let line: Line = self.site.line();
        if cut { line.cut() } else { line.restore() }.unwrap();
        Ok(())
    }
}
