//! The SQL Server site, held to the suite. The environment names a network file and an administrator;
//! every case has a database to itself, on the first server of the file. Databases are emptied and used
//! again, and dropped at the end.

mod clocked;
mod kept;
mod put_back;
mod server;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use lienthu_domain::copy::CopyCondition;
use lienthu_domain::ids::{
    Barcode, BranchCode, EventId, Incarnation, PatronCategory, PatronCode, StaffLogin, TitleKey,
};
use lienthu_domain::replicated::{Branch, ClosedDay, LoanPolicy, Title};
use lienthu_domain::rights::Role;
use lienthu_domain::times::{UtcMs, ZoneOffset};
use lienthu_port::agent::KeptAgent;
use lienthu_port::error::SiteError;
use lienthu_port::seed::SiteSeed;
use lienthu_port::site::{Credentials, SiteConnector};
use lienthu_port::transaction::PeerCard;
use lienthu_protocol::terms::MembershipVersion;
use lienthu_sqlserver::migrate::{Founding, migrate};
use lienthu_sqlserver::{SqlServerAdmin, SqlServerConfig, SqlServerConnector};
use tokio::sync::Mutex;
use uuid::Uuid;

use self::clocked::Clocked;
use self::kept::{Keeping, Kept};
pub use self::server::Server;
use crate::fixture::{CannotHere, Fixture, TestClock, TestSite, Triggers};
use crate::kit;
use crate::line::Line;

/// SQL Server sites, on the server that the environment names.
#[derive(Debug)]
pub struct SqlServer {
    server: Server,
    /// What belongs to the server as a whole, databases and logins, is made by one case at a time.
    making: Mutex<()>,
    databases: Arc<Databases>,
}

/// The databases that were made. Making one takes seconds; emptying it takes none.
#[derive(Debug, Default)]
struct Databases {
    /// Those that no case is in, with the backup of how they were at first.
    free: std::sync::Mutex<Vec<Prepared>>,
}

/// A database that is the site of a branch, its backup from before anything else was in it, and what leads
/// to it and goes on from case to case.
#[derive(Debug, Clone)]
struct Prepared {
    database: String,
    branch: BranchCode,
    zone: ZoneOffset,
    pristine: PathBuf,
    config: SqlServerConfig,
    admin: Arc<Mutex<SqlServerAdmin>>,
    line: Arc<Line>,
    sessions: Arc<Kept>,
}

impl SqlServer {
    /// On this server.
    #[must_use]
    pub fn on(server: Server) -> Self {
        Self { server, making: Mutex::new(()), databases: Arc::default() }
    }

    /// A site of its own, as [`Fixture::fresh`] gives it, for who has to do with the server itself.
    pub async fn fresh_here(&self, seed: SiteSeed) -> Arc<SqlServerTestSite> {
        let prepared = self.prepare(&seed).await;
        let mut admin = prepared.admin.lock().await;
        let clock = Arc::new(TestClock::at(kit::opening()));
        set_clock(&mut admin, clock.now()).await;
        fill(&mut admin, &seed).await;
        let making = self.making.lock().await;
        for person in &seed.staff {
            admin.put_person(person).await.unwrap();
        }
        drop(making);
        drop(admin);
        let databases = Arc::clone(&self.databases);
        let credentials = self.server.admin.clone();
        let branch = seed.branch;
        Arc::new(SqlServerTestSite { prepared, databases, branch, clock, credentials })
    }
    async fn prepare(&self, seed: &SiteSeed) -> Prepared {
        let reused = {
            let mut free = self.databases.free.lock().unwrap();
            let fits = |p: &Prepared| p.branch == seed.branch && p.zone == seed.zone;
            free.iter().position(fits).map(|place| free.swap_remove(place))
        };
        if let Some(reused) = reused {
            let mut admin = reused.admin.lock().await;
            admin.by_hand("DROP TRIGGER IF EXISTS lienthu.Poison").await.unwrap();
            for person in &seed.staff {
                admin.set_roles(&person.login, &[]).await.unwrap();
            }
            put_back::put_back(&mut admin, &reused.pristine).await;
            drop(admin);
            return reused;
        }
        let making = self.making.lock().await;
        let database = format!("case_{}", Uuid::new_v4().simple());
        self.server.create(&database).await;
        let config = self.server.config(&database);
        let founding = Founding { branch: seed.branch.clone(), zone: seed.zone };
        migrate(&config, &self.server.admin, &founding).await.unwrap();
        let mut admin = SqlServerAdmin::open(&config, &self.server.admin).await.unwrap();
        for batch in CLOCK {
            admin.by_hand(batch).await.unwrap();
        }
        let pristine = put_back::back_up(&mut admin).await;
        drop(making);
        Prepared {
            database,
            branch: seed.branch.clone(),
            zone: seed.zone,
            pristine,
            line: Arc::new(Line::to(&config).await.unwrap()),
            config,
            admin: Arc::new(Mutex::new(admin)),
            sessions: Arc::default(),
        }
    }
}

impl Drop for SqlServer {
    fn drop(&mut self) {
        let free = std::mem::take(&mut *self.databases.free.lock().unwrap());
        self.server.drop_all(free.into_iter().map(|prepared| prepared.database).collect());
    }
}

/// One database of the server's, under test.
pub struct SqlServerTestSite {
    prepared: Prepared,
    databases: Arc<Databases>,
    branch: BranchCode,
    clock: Arc<TestClock>,
    credentials: Credentials,
}

/// Instead of the server's clock, the test's.
const CLOCK: [&str; 3] = [
    "CREATE TABLE dbo.TestClock (now_time DATETIME2(3) NOT NULL); INSERT INTO dbo.TestClock VALUES ('2026-01-01')",
    "DROP FUNCTION lienthu.UtcNow",
    "CREATE FUNCTION lienthu.UtcNow() RETURNS DATETIME2(3) AS
     BEGIN RETURN (SELECT now_time FROM dbo.TestClock); END",
];

/// The server's clock, as the product has it.
const UTC_NOW: &str = include_str!("../../../../sql/site/functions/UtcNow.sql");

#[async_trait]
impl Fixture for SqlServer {
    fn kind(&self) -> &'static str {
        "sqlserver"
    }

    async fn fresh(&self, seed: SiteSeed) -> Arc<dyn TestSite> {
        self.fresh_here(seed).await
    }
}

async fn set_clock(admin: &mut SqlServerAdmin, now: UtcMs) {
    let now = now.to_string().trim_end_matches('Z').to_owned();
    admin.report("UPDATE dbo.TestClock SET now_time = @P1", &[now]).await.unwrap();
}

async fn fill(admin: &mut SqlServerAdmin, seed: &SiteSeed) {
    for branch in &seed.branches {
        put_branch(admin, branch).await;
    }
    put_titles(admin, &seed.titles).await;
    for policy in &seed.policies {
        put_policy(admin, policy).await;
    }
    for closed in &seed.closed_days {
        put_closed_day(admin, closed).await;
    }
}

async fn put_branch(admin: &mut SqlServerAdmin, branch: &Branch) {
    let standing = serde_json::to_value(branch.standing).unwrap().as_str().unwrap().to_owned();
    admin
        .report(
            "INSERT INTO dbo.CHINHANH (MaCN, TenCN)
             SELECT @P1, @P2 WHERE NOT EXISTS (SELECT 1 FROM dbo.CHINHANH WHERE MaCN = @P1);
             UPDATE dbo.CHINHANH SET TenCN = @P2, DiaChi = @P3, TrangThai = @P4 WHERE MaCN = @P1",
            &[branch.code.to_string(), branch.name.clone(), branch.address.clone(), standing],
        )
        .await
        .unwrap();
}

async fn put_titles(admin: &mut SqlServerAdmin, titles: &[Title]) {
    let titles = serde_json::to_string(titles).unwrap();
    const TITLES: &str =
        "FROM OPENJSON(@P1) WITH ([key] VARCHAR(20), name NVARCHAR(255), author NVARCHAR(255),
        publisher NVARCHAR(255), year SMALLINT, ddc NVARCHAR(50), language NVARCHAR(10)) AS t";
    admin
        .report(
            &format!(
                "UPDATE dbo.SACH SET TenSach = t.name, TacGia = t.author, NhaXuatBan = t.publisher,
                     NamXuatBan = t.year, PhanLoaiDDC = t.ddc, NgonNgu = t.language, DaXoa = 0
                 {TITLES} WHERE SACH.ISBN = t.[key];
                 INSERT INTO dbo.SACH (ISBN, TenSach, TacGia, NhaXuatBan, NamXuatBan, PhanLoaiDDC, NgonNgu)
                 SELECT t.[key], t.name, t.author, t.publisher, t.year, t.ddc, t.language {TITLES}
                 WHERE NOT EXISTS (SELECT 1 FROM dbo.SACH AS s WHERE s.ISBN = t.[key])"
            ),
            &[titles],
        )
        .await
        .unwrap();
}

async fn put_policy(admin: &mut SqlServerAdmin, policy: &LoanPolicy) {
    let branch = policy.branch.as_ref().map(ToString::to_string).unwrap_or_default();
    let category = policy.category.as_ref().map(ToString::to_string).unwrap_or_default();
    let values = format!(
        "loan_days = {}, loans_max = {}, renewals_max = {}, renewal_days = {}, may_override = {}",
        policy.loan_days,
        policy.loans_max,
        policy.renewals_max,
        policy.renewal_days,
        u8::from(policy.may_override)
    );
    admin
        .report(
            &format!(
                "IF NOT EXISTS (SELECT 1 FROM lienthu.LoanPolicy WHERE branch = @P1 AND category = @P2)
                     INSERT INTO lienthu.LoanPolicy (branch, category, loan_days, loans_max, renewals_max,
                         renewal_days, may_override)
                     VALUES (@P1, @P2, 0, 0, 0, 0, 0);
                 UPDATE lienthu.LoanPolicy SET {values} WHERE branch = @P1 AND category = @P2"
            ),
            &[branch, category],
        )
        .await
        .unwrap();
}

async fn put_closed_day(admin: &mut SqlServerAdmin, closed: &ClosedDay) {
    let branch = closed.branch.as_ref().map(ToString::to_string).unwrap_or_default();
    admin
        .report(
            "DELETE FROM lienthu.ClosedDay WHERE branch = @P1 AND closed_on = @P2;
             INSERT INTO lienthu.ClosedDay (branch, closed_on, note) VALUES (@P1, @P2, @P3)",
            &[branch, closed.date.to_string(), closed.note.clone()],
        )
        .await
        .unwrap();
}

impl SqlServerTestSite {
    /// Where it is, without the line that [`TestSite::cut_line`] cuts.
    #[must_use]
    pub fn config(&self) -> &SqlServerConfig {
        &self.prepared.config
    }

    /// The administrator, who is nobody of the library's.
    #[must_use]
    pub fn administrator_credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// A connection of an administrator's.
    ///
    /// # Errors
    /// What the site says.
    pub async fn administrator(&self) -> Result<SqlServerAdmin, SiteError> {
        SqlServerAdmin::open(self.config(), &self.credentials).await
    }

    /// Gives the site the server's clock back, for what goes on in real time.
    pub async fn use_the_servers_clock(&self) {
        self.by_hand("DROP FUNCTION lienthu.UtcNow").await;
        self.by_hand(UTC_NOW).await;
    }

    async fn report(&self, query: &str, texts: &[&str]) -> Vec<Vec<Option<String>>> {
        self.try_report(query, texts).await.unwrap()
    }

    async fn try_report(
        &self,
        query: &str,
        texts: &[&str],
    ) -> Result<Vec<Vec<Option<String>>>, SiteError> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        self.prepared.admin.lock().await.report(query, &texts).await
    }

    async fn by_hand(&self, batch: &str) {
        self.prepared.admin.lock().await.by_hand(batch).await.unwrap();
    }

    async fn tell_the_time(&self) {
        set_clock(&mut *self.prepared.admin.lock().await, self.clock.now()).await;
    }
}

#[async_trait]
impl TestSite for SqlServerTestSite {
    fn connector(&self) -> Arc<dyn SiteConnector> {
        self.connector_for(&self.branch)
    }

    fn connector_for(&self, branch: &BranchCode) -> Arc<dyn SiteConnector> {
        let config = self.prepared.line.through(&self.prepared.config);
        let connector = Arc::new(SqlServerConnector::new(config, branch.clone()));
        let keeping = Keeping { connector, kept: Arc::clone(&self.prepared.sessions) };
        let (clock, admin) = (Arc::clone(&self.clock), Arc::clone(&self.prepared.admin));
        Arc::new(Clocked::new(Arc::new(keeping), clock, admin))
    }

    fn clock(&self) -> Result<Arc<TestClock>, CannotHere> {
        Ok(Arc::clone(&self.clock))
    }

    async fn put_title(&self, title: Title) -> Result<(), CannotHere> {
        put_titles(&mut *self.prepared.admin.lock().await, &[title]).await;
        Ok(())
    }

    async fn remove_title(&self, key: TitleKey) -> Result<(), CannotHere> {
        self.report("UPDATE dbo.SACH SET DaXoa = 1 WHERE ISBN = @P1", &[key.as_str()]).await;
        Ok(())
    }

    async fn put_policy(&self, policy: LoanPolicy) -> Result<(), CannotHere> {
        put_policy(&mut *self.prepared.admin.lock().await, &policy).await;
        Ok(())
    }

    async fn remove_policy(&self, category: Option<PatronCategory>) -> Result<(), CannotHere> {
        let category = category.as_ref().map_or("", PatronCategory::as_str);
        let gone = "DELETE FROM lienthu.LoanPolicy WHERE branch = '' AND category = @P1";
        self.report(gone, &[category]).await;
        Ok(())
    }

    async fn put_closed_day(&self, closed: ClosedDay) -> Result<(), CannotHere> {
        put_closed_day(&mut *self.prepared.admin.lock().await, &closed).await;
        Ok(())
    }

    async fn set_roles(&self, login: StaffLogin, roles: Vec<Role>) -> Result<(), CannotHere> {
        self.prepared.admin.lock().await.set_roles(&login, &roles).await.unwrap();
        Ok(())
    }

    async fn set_active(&self, login: StaffLogin, active: bool) -> Result<(), CannotHere> {
        self.prepared.admin.lock().await.set_active(&login, active).await.unwrap();
        Ok(())
    }

    async fn set_condition(
        &self,
        barcode: Barcode,
        condition: CopyCondition,
        forwarded_to: Option<BranchCode>,
    ) -> Result<(), CannotHere> {
        self.tell_the_time().await;
        let condition = serde_json::to_value(condition).unwrap().as_str().unwrap().to_owned();
        let to = forwarded_to.as_ref().map_or("", BranchCode::as_str);
        self.report(
            "BEGIN TRANSACTION;
             EXEC lienthu.TakeNumber;
             UPDATE dbo.QUYENSACH SET HienTrang = @P2, ChuyenDen = NULLIF(@P3, '') WHERE MaQuyenSach = @P1;
             CREATE TABLE #touched (copy VARCHAR(20) COLLATE DATABASE_DEFAULT NOT NULL PRIMARY KEY);
             INSERT INTO #touched (copy) VALUES (@P1);
             EXEC lienthu.RefoldTimelines;
             DROP TABLE #touched;
             EXEC lienthu.ReleaseNumber;
             COMMIT TRANSACTION",
            &[barcode.as_str(), &condition, to],
        )
        .await;
        Ok(())
    }

    async fn card(&self) -> Result<PeerCard, CannotHere> {
        Ok(self.prepared.admin.lock().await.card().await.unwrap())
    }

    async fn join(
        &self,
        cards: Vec<PeerCard>,
        membership: MembershipVersion,
    ) -> Result<(), CannotHere> {
        self.prepared.admin.lock().await.join(&cards, membership).await.unwrap();
        Ok(())
    }

    async fn set_agent(&self, agent: KeptAgent) -> Result<(), CannotHere> {
        self.prepared.admin.lock().await.set_agent(&agent).await.unwrap();
        Ok(())
    }

    async fn put_agents(&self, agents: Vec<KeptAgent>) -> Result<(), CannotHere> {
        self.prepared.admin.lock().await.put_agents(&agents).await.unwrap();
        Ok(())
    }

    async fn agents(&self) -> Result<Vec<KeptAgent>, CannotHere> {
        Ok(self.prepared.admin.lock().await.agents().await.unwrap())
    }

    async fn start_incarnation(&self) -> Result<Incarnation, CannotHere> {
        let incarnation = self.prepared.admin.lock().await.start_incarnation().await.unwrap();
        Ok(kit::key(&incarnation))
    }

    async fn rename_by_hand(&self, code: PatronCode, name: String) -> Result<(), CannotHere> {
        let query = "UPDATE dbo.DOCGIA SET HoTen = @P2 WHERE MaDG = @P1";
        self.report(query, &[code.as_str(), &name]).await;
        Ok(())
    }

    async fn rename_together_by_hand(
        &self,
        codes: Vec<PatronCode>,
        name: String,
    ) -> Result<(), CannotHere> {
        let update =
            |code| format!("UPDATE dbo.DOCGIA SET HoTen = N'{name}' WHERE MaDG = '{code}';");
        let updates: String = codes.iter().map(update).collect();
        self.by_hand(&format!("BEGIN TRANSACTION; {updates} COMMIT TRANSACTION")).await;
        Ok(())
    }

    async fn load_by_hand(
        &self,
        codes: Vec<PatronCode>,
        name: String,
        triggers: Triggers,
    ) -> Result<(), CannotHere> {
        let codes = serde_json::to_string(&codes).unwrap();
        let load = "INSERT INTO dbo.DOCGIA (MaDG, HoTen, MaCN_DangKy)
                    SELECT CAST(c.[value] AS VARCHAR(10)), @P2, @P3 FROM OPENJSON(@P1) AS c";
        if triggers == Triggers::Skipped {
            self.by_hand("ALTER TABLE dbo.DOCGIA DISABLE TRIGGER NoteDocGia").await;
        }
        self.report(load, &[&codes, &name, self.branch.as_str()]).await;
        if triggers == Triggers::Skipped {
            self.by_hand("ALTER TABLE dbo.DOCGIA ENABLE TRIGGER NoteDocGia").await;
        }
        Ok(())
    }

    async fn smuggle_copy(&self, barcode: Barcode, branch: BranchCode) -> Result<bool, CannotHere> {
        let query = "INSERT INTO dbo.QUYENSACH (MaQuyenSach, ISBN, MaCN) VALUES (@P1, @P2, @P3)";
        let texts = [barcode.as_str(), kit::TITLES[0], branch.as_str()];
        Ok(self.try_report(query, &texts).await.is_ok())
    }

    async fn tinh_trang(&self, barcode: Barcode) -> Result<String, CannotHere> {
        let query = "SELECT TinhTrang AS TinhTrang FROM dbo.QUYENSACH WHERE MaQuyenSach = @P1";
        let mut rows = self.report(query, &[barcode.as_str()]).await;
        Ok(rows.remove(0).remove(0).unwrap())
    }

    async fn old_report(
        &self,
        barcode: Barcode,
    ) -> Result<Vec<(String, Option<String>)>, CannotHere> {
        let query = "SELECT NgayMuon AS NgayMuon, NgayTra AS NgayTra FROM dbo.PHIEUMUON
                     WHERE MaQuyenSach = @P1 ORDER BY MaPM";
        let rows = self.report(query, &[barcode.as_str()]).await;
        Ok(rows.into_iter().map(|mut row| (row.remove(0).unwrap(), row.remove(0))).collect())
    }

    async fn poison(&self, event: EventId) -> Result<(), CannotHere> {
        self.by_hand(&format!(
            "CREATE TRIGGER lienthu.Poison ON lienthu.Event AFTER INSERT AS
             IF EXISTS (SELECT 1 FROM inserted WHERE id = '{event}') THROW 50000, N'poisoned', 1"
        ))
        .await;
        Ok(())
    }

    async fn prune(&self) -> Result<(), CannotHere> {
        self.tell_the_time().await;
        self.by_hand("EXEC lienthu.PruneFeed").await;
        Ok(())
    }

    async fn back_up(&self) -> Result<PathBuf, CannotHere> {
        Ok(put_back::back_up(&mut *self.prepared.admin.lock().await).await)
    }

    async fn put_back(&self, backup: PathBuf) -> Result<(), CannotHere> {
        put_back::put_back(&mut *self.prepared.admin.lock().await, &backup).await;
        Ok(())
    }

    fn cut_line(&self, cut: bool) -> Result<(), CannotHere> {
        self.prepared.line.cut(cut);
        Ok(())
    }
}

impl Drop for SqlServerTestSite {
    fn drop(&mut self) {
        self.prepared.line.cut(false);
        self.prepared.sessions.give_back();
        self.databases.free.lock().unwrap().push(self.prepared.clone());
    }
}
