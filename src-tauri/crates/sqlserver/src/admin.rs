//! The administrator's side of a SQL Server site: databases, people, and what is done at a prompt. No right
//! is asked here: the server decides what the login may.

use lienthu_domain::replicated::{Branch, BranchStanding};
use lienthu_domain::rights::Role;
use lienthu_port::error::SiteError;
use lienthu_port::site::Credentials;
use lienthu_port::transaction::PeerCard;
use lienthu_protocol::terms::{MembershipVersion, Party};
use tiberius::ColumnData;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::config::SqlServerConfig;
use crate::connection::{Connection, Param};

const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");

/// The database role that a role is.
#[must_use]
pub const fn database_role(role: Role) -> &'static str {
    match role {
        Role::Librarian => "THUTHU",
        Role::Manager => "QUANLY",
        Role::Agent => "DAILY",
    }
}

/// A connection of an administrator's.
pub struct SqlServerAdmin {
    pub(crate) connection: Connection,
}

impl std::fmt::Debug for SqlServerAdmin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlServerAdmin").finish_non_exhaustive()
    }
}

impl SqlServerAdmin {
    /// Connects to a database.
    ///
    /// # Errors
    /// `Unreachable`, `LoginFailed`.
    pub async fn open(config: &SqlServerConfig, admin: &Credentials) -> Result<Self, SiteError> {
        let connection = Connection::open(config, admin).await;
        Ok(Self { connection: connection.map_err(|failure| failure.of_call(None))? })
    }

    /// Does what an administrator does at a prompt: runs one batch.
    ///
    /// # Errors
    /// `Unexpected` with what the server says.
    pub async fn by_hand(&mut self, batch: &str) -> Result<(), SiteError> {
        let done = self.connection.batch(batch).await;
        done.map_err(|error| SiteError::Unexpected { detail: error.to_string() })?;
        Ok(())
    }

    /// Starts a new incarnation of the site, which was restored from a backup; says which.
    ///
    /// # Errors
    /// As every call; `Damaged` when the database is no site.
    pub async fn start_incarnation(&mut self) -> Result<String, SiteError> {
        let rows = self
            .report(
                // A site of a network has to be told first what it promised and decided.
                "UPDATE lienthu.Site SET incarnation = LOWER(CAST(NEWID() AS CHAR(36))),
                     incarnation_at = SYSUTCDATETIME(),
                     quarantined = CASE WHEN EXISTS (SELECT 1 FROM lienthu.Peer) THEN 1 ELSE 0 END;
                 SELECT incarnation AS incarnation FROM lienthu.Site",
                &[],
            )
            .await?;
        let incarnation = rows.into_iter().flatten().flatten().next();
        incarnation
            .ok_or_else(|| SiteError::Damaged { detail: "no row in lienthu.Site".to_owned() })
    }

    /// What the other sites of a network have to know of this one.
    ///
    /// # Errors
    /// As every call; `Damaged` when the database is no site.
    pub async fn card(&mut self) -> Result<PeerCard, SiteError> {
        let query = "SELECT branch AS branch, incarnation AS incarnation, site_key AS site_key
                     FROM lienthu.Site";
        let rows = self.report(query, &[]).await?;
        let mut columns = rows.into_iter().flatten().flatten();
        let mut next = || columns.next().unwrap_or_default();
        let (branch, incarnation, key) = (next().parse(), next().parse(), next().parse());
        match (branch, incarnation, key) {
            (Ok(branch), Ok(incarnation), Ok(key)) => {
                Ok(PeerCard { party: Party { branch, incarnation }, key })
            }
            _ => Err(SiteError::Damaged { detail: "the row in lienthu.Site".to_owned() }),
        }
    }

    /// The membership of the network that the site knows, and the other sites, as they were announced.
    ///
    /// # Errors
    /// As every call; `Damaged` when the database is no site.
    pub async fn peers(&mut self) -> Result<(MembershipVersion, Vec<Party>), SiteError> {
        let wrong = || SiteError::Damaged { detail: "a row of lienthu.Peer".to_owned() };
        let membership = self.report("SELECT membership AS membership FROM lienthu.Site", &[]);
        let membership = membership.await?.into_iter().flatten().flatten().next();
        let membership = membership.and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
        let peers = "SELECT branch AS branch, incarnation AS incarnation FROM lienthu.Peer";
        let peer = |row: Vec<Option<String>>| {
            let mut cells = row.into_iter().flatten();
            let (branch, incarnation) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
            Some(Party { branch, incarnation })
        };
        let peers = self.report(peers, &[]).await?.into_iter();
        let peers = peers.map(|row| peer(row).ok_or_else(wrong)).collect::<Result<_, _>>()?;
        Ok((MembershipVersion(membership), peers))
    }

    /// Makes these the sites of the network, this one among them or not.
    ///
    /// # Errors
    /// As every call.
    pub async fn join(
        &mut self,
        cards: &[PeerCard],
        membership: MembershipVersion,
    ) -> Result<(), SiteError> {
        for PeerCard { party, key } in cards {
            let texts = [party.branch.to_string(), party.incarnation.to_string(), key.exposed()];
            self.report(
                "UPDATE lienthu.Peer SET incarnation = @P2, site_key = @P3 WHERE branch = @P1;
                 INSERT INTO lienthu.Peer (branch, incarnation, site_key)
                 SELECT @P1, @P2, @P3
                 WHERE NOT EXISTS (SELECT 1 FROM lienthu.Peer WHERE branch = @P1)
                     AND NOT EXISTS (SELECT 1 FROM lienthu.Site WHERE branch = @P1)",
                &texts,
            )
            .await?;
        }
        self.report(
            "UPDATE lienthu.Site SET membership = CAST(@P1 AS INT) WHERE membership < CAST(@P1 AS INT)",
            &[membership.0.to_string()],
        )
        .await?;
        Ok(())
    }

    /// The branches that the site lists.
    ///
    /// # Errors
    /// As every call; `Damaged` when a row is none.
    pub async fn branches(&mut self) -> Result<Vec<Branch>, SiteError> {
        let wrong = || SiteError::Damaged { detail: "a row of dbo.CHINHANH".to_owned() };
        let query = "SELECT MaCN AS code, TenCN AS name, DiaChi AS address, TrangThai AS standing
                     FROM dbo.CHINHANH ORDER BY MaCN";
        let branch = |row: Vec<Option<String>>| {
            let [code, name, address, standing] = <[Option<String>; 4]>::try_from(row).ok()?;
            Some(Branch {
                code: code?.parse().ok()?,
                name: name?,
                address: address.unwrap_or_default(),
                standing: BranchStanding::from_code(&standing?)?,
            })
        };
        let rows = self.report(query, &[]).await?;
        rows.into_iter().map(|row| branch(row).ok_or_else(wrong)).collect()
    }

    /// Lists these branches. Those that the site lists already stay as they are.
    ///
    /// # Errors
    /// As every call.
    pub async fn list_branches(&mut self, branches: &[Branch]) -> Result<(), SiteError> {
        for Branch { code, name, address, standing } in branches {
            let texts =
                [code.to_string(), name.clone(), address.clone(), standing.code().to_owned()];
            self.report(
                "INSERT INTO dbo.CHINHANH (MaCN, TenCN, DiaChi, TrangThai)
                 SELECT @P1, @P2, NULLIF(@P3, N''), @P4
                 WHERE NOT EXISTS (SELECT 1 FROM dbo.CHINHANH WHERE MaCN = @P1)",
                &texts,
            )
            .await?;
        }
        Ok(())
    }

    pub(crate) async fn is_babelfish(&mut self) -> Result<bool, SiteError> {
        let version = self.report("SELECT @@VERSION AS version", &[]).await?;
        let version = version.into_iter().flatten().flatten().next();
        Ok(version.is_some_and(|version| version.starts_with("Babelfish")))
    }

    /// Reads what a report of the customer's own reads: every column of the rows, as text. `@P1`, `@P2` and
    /// so on stand for the texts.
    ///
    /// # Errors
    /// As every call.
    pub async fn report(
        &mut self,
        query: &str,
        texts: &[String],
    ) -> Result<Vec<Vec<Option<String>>>, SiteError> {
        let params: Vec<Param> = texts.iter().cloned().map(Param::Text).collect();
        let sets = self.connection.query(query, &params).await;
        let sets = sets.map_err(|failure| failure.of_call(None))?;
        let rows = sets.into_iter().flatten();
        Ok(rows.map(|row| row.cells().map(|(_, cell)| shown(cell)).collect()).collect())
    }
}

fn shown(cell: &ColumnData<'static>) -> Option<String> {
    match cell {
        ColumnData::U8(number) => number.map(|number| number.to_string()),
        ColumnData::I16(number) => number.map(|number| number.to_string()),
        ColumnData::I32(number) => number.map(|number| number.to_string()),
        ColumnData::I64(number) => number.map(|number| number.to_string()),
        ColumnData::Bit(bit) => bit.map(|bit| u8::from(bit).to_string()),
        ColumnData::String(text) => text.as_ref().map(ToString::to_string),
        other => {
            let time = <PrimitiveDateTime as tiberius::FromSql>::from_sql(other).ok().flatten();
            time.and_then(|time| time.format(TIME).ok())
        }
    }
}
