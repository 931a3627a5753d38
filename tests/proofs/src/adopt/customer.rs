//! A customer's database: made by a script, with the people whose programs use it.

use anyhow::Context as _;
use lienthu_conformance::sqlserver::Server;
use lienthu_port::site::Credentials;
use lienthu_sqlserver::migrate::batches;
use lienthu_sqlserver::{SqlServerAdmin, SqlServerConfig};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::kit::keys::key;

/// Whose database it is.
pub const BRANCH: &str = "Q1";
const TABLES: [&str; 5] = ["CHINHANH", "SACH", "QUYENSACH", "DOCGIA", "PHIEUMUON"];
/// Procedures that a program of the customer's may call, where they are there.
const PROCEDURES: [&str; 3] = ["sp_ThuThu_Muon", "sp_ThuThu_Tra", "sp_QuanLy_DemSachRanh"];

/// See the module.
pub struct Customer {
    pub config: SqlServerConfig,
    pub admin: Credentials,
    /// The login of the old program: rights on the tables, and EXECUTE on the procedures.
    pub old_program: Credentials,
    server: Server,
    /// An administrator at a prompt.
    prompt: Mutex<SqlServerAdmin>,
}

impl Customer {
    /// Makes a database by a script.
    ///
    /// # Errors
    /// What the server says.
    pub async fn make(server: &Server, script: &str) -> anyhow::Result<Self> {
        let id = Uuid::new_v4().simple().to_string();
        let database = format!("customer_{id}");
        server.create(&database).await;
        let (config, admin) = (server.config(&database), server.admin.clone());
        let prompt = Mutex::new(SqlServerAdmin::open(&config, &admin).await?);
        let password: SecretString = format!("Lt-{id}").into();
        let old_program = Credentials { login: key(format!("chuong_trinh_{id}")), password };
        let made = Self { config, admin, old_program, server: server.clone(), prompt };
        if let Err(error) = made.fill(script).await {
            made.drop_database().await;
            return Err(error);
        }
        Ok(made)
    }

    async fn fill(&self, script: &str) -> anyhow::Result<()> {
        self.run(script).await?;
        let login = self.old_program.login.as_str();
        let password = self.old_program.password.expose_secret();
        self.by_hand(&format!("CREATE LOGIN {login} WITH PASSWORD = '{password}'")).await?;
        self.by_hand(&format!("CREATE USER {login} FOR LOGIN {login}")).await?;
        self.grant_tables().await?;
        for procedure in PROCEDURES {
            if self.has(procedure).await? {
                self.by_hand(&format!("GRANT EXECUTE ON dbo.{procedure} TO {login}")).await?;
            }
        }
        Ok(())
    }

    /// Gives the old program its rights on the tables.
    ///
    /// # Errors
    /// What the server says.
    pub async fn grant_tables(&self) -> anyhow::Result<()> {
        let login = self.old_program.login.as_str();
        for table in TABLES {
            let right = "SELECT, INSERT, UPDATE, DELETE";
            self.by_hand(&format!("GRANT {right} ON dbo.{table} TO {login}")).await?;
        }
        Ok(())
    }

    /// Whether there is a procedure of this name.
    ///
    /// # Errors
    /// What the server says.
    pub async fn has(&self, procedure: &str) -> anyhow::Result<bool> {
        let name = format!("dbo.{procedure}");
        let found = self.report("SELECT OBJECT_ID(@P1) AS id", &[&name]).await?;
        Ok(found.iter().flatten().any(Option::is_some))
    }

    /// Runs a script with its GO.
    ///
    /// # Errors
    /// What the server says.
    pub async fn run(&self, script: &str) -> anyhow::Result<()> {
        for (place, batch) in batches(script).iter().enumerate() {
            let done = self.by_hand(batch).await;
            done.with_context(|| format!("the script's batch {}", place + 1))?;
        }
        Ok(())
    }

    /// Runs a batch.
    ///
    /// # Errors
    /// What the server says.
    pub async fn by_hand(&self, batch: &str) -> anyhow::Result<()> {
        Ok(self.prompt.lock().await.by_hand(batch).await?)
    }

    /// Asks a question.
    ///
    /// # Errors
    /// What the server says.
    pub async fn report(
        &self,
        query: &str,
        texts: &[&str],
    ) -> anyhow::Result<Vec<Vec<Option<String>>>> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        Ok(self.prompt.lock().await.report(query, &texts).await?)
    }

    /// How many tables, procedures and triggers there are.
    ///
    /// # Errors
    /// What the server says.
    pub async fn objects(&self) -> anyhow::Result<String> {
        let query = "SELECT
                (SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA IN ('dbo', 'lienthu')) AS columns,
                (SELECT COUNT(*) FROM sys.procedures) AS procedures,
                (SELECT COUNT(*) FROM sys.triggers) AS triggers";
        let counts = self.report(query, &[]).await?;
        Ok(counts.into_iter().flatten().flatten().collect::<Vec<_>>().join(" "))
    }

    /// How many lines the ledger of the migration has.
    ///
    /// # Errors
    /// What the server says.
    pub async fn ledger_lines(&self) -> anyhow::Result<usize> {
        if self.report("SELECT OBJECT_ID(N'lienthu.Migration') AS id", &[]).await?
            == [[const { None }]]
        {
            return Ok(0);
        }
        let lines = self.report("SELECT COUNT(*) AS n FROM lienthu.Migration", &[]).await?;
        let lines = lines.into_iter().flatten().flatten().next();
        Ok(lines.and_then(|lines| lines.parse().ok()).unwrap_or_default())
    }

    /// A connection of the old program's.
    ///
    /// # Errors
    /// What the server says.
    pub async fn old_program(&self) -> anyhow::Result<SqlServerAdmin> {
        Ok(SqlServerAdmin::open(&self.config, &self.old_program).await?)
    }

    /// Drops the database, and the login.
    pub async fn drop_database(&self) {
        drop(self.by_hand("USE master").await);
        self.server.drop_all(vec![self.config.database.clone()]);
        drop(self.by_hand(&format!("DROP LOGIN {}", self.old_program.login)).await);
    }
}
