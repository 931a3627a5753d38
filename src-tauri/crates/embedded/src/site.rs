//! The administrator's side of an embedded site: founding it, filling it in bulk, changing what only a
//! two-phase commit or a transfer will change later, backing it up and putting a backup back.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use lienthu_domain::copy::{CopyCondition, CopyDetails};
use lienthu_domain::ids::{
    Barcode, BranchCode, Incarnation, PatronCategory, PatronCode, StaffLogin, TitleKey,
};
use lienthu_domain::patron::Patron;
use lienthu_domain::replica::{Buckets, ReplicaTable};
use lienthu_domain::replicated::{Branch, ClosedDay, LoanPolicy, Title};
use lienthu_domain::rights::Role;
use lienthu_domain::times::UtcMs;
use lienthu_port::agent::KeptAgent;
use lienthu_port::error::SiteError;
use lienthu_port::handshake::WhoAmI;
use lienthu_port::lookup::{COPIES_ADDED_MAX, PatronChange};
use lienthu_port::replica::{Asked, Digests, HeldCopy, KeyDigest, KnownPatron, Replica};
use lienthu_port::seed::{SiteSeed, StaffSeed};
use lienthu_port::submit::{Receipts, Sending};
use lienthu_port::transaction::PeerCard;
use lienthu_protocol::terms::{MembershipVersion, Party};
use lienthu_sqlite::rusqlite::backup::Backup;
use lienthu_sqlite::rusqlite::types::Value;
use lienthu_sqlite::rusqlite::{Connection, Transaction};
use lienthu_sqlite::{Database, Durability, Fault, Location};
use secrecy::SecretString;
use uuid::Uuid;

use crate::failure::Failure;
use crate::{
    EmbeddedConnector, Line, PasswordCost, STEPS, SiteClock, agents, catalogue, connector, copies,
    counter, feed, patrons, replica, staff, submit, transaction,
};

/// Pages that a backup copies before it lets others at the file.
const BACKUP_PAGES: i32 = 1_024;
/// How long it lets them.
const BACKUP_PAUSE_MS: u64 = 1;

/// What a site is founded with, beside its seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Founding {
    /// What a guess at a password costs.
    pub password_cost: PasswordCost,
}

impl Default for Founding {
    fn default() -> Self {
        Self { password_cost: PasswordCost::PRODUCTION }
    }
}

/// A site, opened by whoever owns its file. No right is asked here: who can open the file can do
/// anything to it.
pub struct EmbeddedSite {
    database: Database,
    path: PathBuf,
    clock: SiteClock,
    password_cost: PasswordCost,
}

impl std::fmt::Debug for EmbeddedSite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedSite").field("path", &self.path).finish_non_exhaustive()
    }
}

impl EmbeddedSite {
    /// Founds a site in a new file, readable by its owner alone. The file's folder exists.
    ///
    /// # Errors
    /// `Unexpected` when there is a site in the file already, or the seed's branches do not hold its own;
    /// `Unreachable` when the file cannot be made; `Full`.
    pub async fn create(
        path: &Path,
        seed: &SiteSeed,
        clock: SiteClock,
        founding: Founding,
    ) -> Result<Self, SiteError> {
        let location = Location::File(path.to_owned());
        let opened = tokio::task::spawn_blocking(move || {
            Database::open(&location, None, STEPS, Durability::Full)
        });
        let database = opened
            .await
            .map_err(|error| SiteError::Unexpected { detail: error.to_string() })?
            .map_err(Failure::from)?;
        let password_cost = founding.password_cost;
        let site = Self { database, path: path.to_owned(), clock, password_cost };
        let seed = seed.clone();
        site.write(move |tx, _| {
            catalogue::found(tx, &seed, Incarnation::new(Uuid::new_v4()), Uuid::new_v4())?;
            seed.staff.iter().try_for_each(|person| staff::put(tx, person, password_cost))
        })
        .await?;
        Ok(site)
    }

    /// Opens a site that was founded.
    ///
    /// # Errors
    /// `Unreachable` when there is no such file; `Damaged`, `VersionMismatch`, `Busy`.
    pub async fn open(
        path: &Path,
        clock: SiteClock,
        founding: Founding,
    ) -> Result<Self, SiteError> {
        let database = connector::open(path).await?;
        let password_cost = founding.password_cost;
        let site = Self { database, path: path.to_owned(), clock, password_cost };
        site.branch().await?;
        Ok(site)
    }

    /// The branch whose site it is.
    ///
    /// # Errors
    /// `Damaged` when the file is no site.
    pub async fn branch(&self) -> Result<BranchCode, SiteError> {
        let here = self.database.call(|conn| catalogue::here(conn)).await?;
        Ok(here.branch)
    }

    /// The line to it.
    #[must_use]
    pub fn line(&self) -> Line {
        Line::to(&self.path)
    }

    /// A connector for people who sign in.
    ///
    /// # Errors
    /// `Damaged` when the file is no site.
    pub async fn connector(&self) -> Result<EmbeddedConnector, SiteError> {
        let branch = self.branch().await?;
        Ok(EmbeddedConnector::new(self.path.clone(), branch, self.clock.clone(), self.line()))
    }

    async fn write(
        &self,
        work: impl FnOnce(&Transaction<'_>, UtcMs) -> Result<(), Failure> + Send + 'static,
    ) -> Result<(), SiteError> {
        let now = (self.clock)();
        let done = self.database.call(move |conn| counter::writing(conn, now, |tx| work(tx, now)));
        done.await?;
        Ok(())
    }

    /// One snapshot.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, SiteError> {
        Ok(self.database.call(move |conn| work(&conn.transaction()?)).await?)
    }

    /// Adds branches, or changes them.
    ///
    /// # Errors
    /// `Busy`, `Full`, `Damaged`, as every call here.
    pub async fn put_branches(&self, branches: Vec<Branch>) -> Result<(), SiteError> {
        self.write(move |tx, _| branches.iter().try_for_each(|b| catalogue::put_branch(tx, b)))
            .await
    }

    /// Adds titles, or changes them; a removed one is there again. Texts that are too long are cut.
    ///
    /// # Errors
    /// As every call here.
    pub async fn put_titles(&self, titles: Vec<Title>) -> Result<(), SiteError> {
        self.write(move |tx, _| titles.iter().try_for_each(|t| catalogue::put_title(tx, t))).await
    }

    /// Marks a title removed.
    ///
    /// # Errors
    /// `Obstructed` by `Unknown`.
    pub async fn remove_title(&self, key: TitleKey) -> Result<(), SiteError> {
        self.write(move |tx, _| catalogue::remove_title(tx, &key)).await
    }

    /// Adds a loan policy, or changes the one for the same branch and category.
    ///
    /// # Errors
    /// As every call here.
    pub async fn put_policy(&self, policy: LoanPolicy) -> Result<(), SiteError> {
        self.write(move |tx, _| catalogue::put_policy(tx, &policy)).await
    }

    /// Takes the loan policy for this branch and category away.
    ///
    /// # Errors
    /// As every call here.
    pub async fn remove_policy(
        &self,
        branch: Option<BranchCode>,
        category: Option<PatronCategory>,
    ) -> Result<(), SiteError> {
        self.write(move |tx, _| catalogue::remove_policy(tx, branch.as_ref(), category.as_ref()))
            .await
    }

    /// Adds a closed day, or changes its note.
    ///
    /// # Errors
    /// As every call here.
    pub async fn put_closed_day(&self, closed: ClosedDay) -> Result<(), SiteError> {
        self.write(move |tx, _| catalogue::put_closed_day(tx, &closed)).await
    }

    /// Adds a person, or gives them a new name, password and roles.
    ///
    /// # Errors
    /// As every call here.
    pub async fn put_person(&self, person: StaffSeed) -> Result<(), SiteError> {
        let cost = self.password_cost;
        self.write(move |tx, _| staff::put(tx, &person, cost)).await
    }

    /// Adds a person, or gives one who is there this name and these roles and lets them in; they keep their
    /// password. Says whether they were there.
    ///
    /// # Errors
    /// As every call here.
    pub async fn add_person(&self, person: StaffSeed) -> Result<bool, SiteError> {
        let known = self.people().await?.iter().any(|(who, _)| who.login == person.login);
        let cost = self.password_cost;
        self.write(move |tx, _| staff::add(tx, &person, cost)).await?;
        Ok(known)
    }

    /// Gives a person another password, without the old one.
    ///
    /// # Errors
    /// As every call here.
    pub async fn set_password(
        &self,
        login: StaffLogin,
        password: SecretString,
    ) -> Result<(), SiteError> {
        let cost = self.password_cost;
        self.write(move |tx, _| staff::set_password(tx, &login, &password, cost)).await
    }

    /// Everyone who has or had an account here, by login, and whether they may sign in.
    ///
    /// # Errors
    /// As every call here.
    pub async fn people(&self) -> Result<Vec<(WhoAmI, bool)>, SiteError> {
        Ok(self.database.call(|conn| staff::list(conn)).await?)
    }

    /// Reads the whole file and every key in it.
    ///
    /// # Errors
    /// `Damaged`, as every call here.
    pub async fn verify(&self) -> Result<(), SiteError> {
        Ok(self.database.call(|conn| catalogue::verify(conn)).await?)
    }

    /// Starts a new incarnation, of a site that was put back; says which.
    ///
    /// # Errors
    /// As every call here.
    pub async fn start_incarnation(&self) -> Result<Incarnation, SiteError> {
        let incarnation = Incarnation::new(Uuid::new_v4());
        self.write(move |tx, now| catalogue::start_incarnation(tx, incarnation, now)).await?;
        Ok(incarnation)
    }

    /// What the other sites of a network have to know of this one.
    ///
    /// # Errors
    /// As every call here.
    pub async fn card(&self) -> Result<PeerCard, SiteError> {
        Ok(self.database.call(|conn| transaction::card(conn)).await?)
    }

    /// The membership of the network that the site knows, and the other sites, as they were announced.
    ///
    /// # Errors
    /// As every call here.
    pub async fn peers(&self) -> Result<(MembershipVersion, Vec<Party>), SiteError> {
        let facts = self.database.call(|conn| transaction::network(conn)).await?;
        Ok((facts.membership, facts.peers))
    }

    /// Makes these the sites of the network, this one among them or not.
    ///
    /// # Errors
    /// As every call here.
    pub async fn join(
        &self,
        cards: Vec<PeerCard>,
        membership: MembershipVersion,
    ) -> Result<(), SiteError> {
        self.write(move |tx, _| transaction::join(tx, &cards, membership)).await
    }

    /// The branches that the site lists.
    ///
    /// # Errors
    /// As every call here.
    pub async fn branches(&self) -> Result<Vec<Branch>, SiteError> {
        Ok(self.database.call(|conn| catalogue::branches(conn)).await?)
    }

    /// Lists these branches. Those that the site lists already stay as they are.
    ///
    /// # Errors
    /// As every call here.
    pub async fn list_branches(&self, branches: Vec<Branch>) -> Result<(), SiteError> {
        self.write(move |tx, _| {
            for branch in &branches {
                if !catalogue::has_branch(tx, &branch.code)? {
                    catalogue::put_branch(tx, branch)?;
                }
            }
            Ok(())
        })
        .await
    }

    /// What the site knows of the network's agents, by branch.
    ///
    /// # Errors
    /// As every call here.
    pub async fn agents(&self) -> Result<Vec<KeptAgent>, SiteError> {
        Ok(self.database.call(|conn| agents::list(conn)).await?)
    }

    /// Makes this the agent's login at this site, with the agent's role and no other.
    ///
    /// # Errors
    /// As every call here.
    pub async fn set_agent(&self, kept: KeptAgent) -> Result<(), SiteError> {
        let cost = self.password_cost;
        let person = kept.agent.as_person();
        self.write(move |tx, _| {
            staff::put(tx, &person, cost)?;
            staff::set_active(tx, &person.login, true)?;
            agents::put(tx, &[kept])
        })
        .await
    }

    /// Takes over what other sites have of their agents, except where a later login is known.
    ///
    /// # Errors
    /// As every call here.
    pub async fn put_agents(&self, agents: Vec<KeptAgent>) -> Result<(), SiteError> {
        self.write(move |tx, _| agents::put(tx, &agents)).await
    }

    /// Gives a person these roles and no others. It holds from their next call on.
    ///
    /// # Errors
    /// As every call here.
    pub async fn set_roles(&self, login: StaffLogin, roles: Vec<Role>) -> Result<(), SiteError> {
        self.write(move |tx, _| staff::set_roles(tx, &login, &roles)).await
    }

    /// Switches an account on or off.
    ///
    /// # Errors
    /// As every call here.
    pub async fn set_active(&self, login: StaffLogin, active: bool) -> Result<(), SiteError> {
        self.write(move |tx, _| staff::set_active(tx, &login, active)).await
    }

    /// Sets the condition of a copy as a transfer does, the reserved ones included.
    ///
    /// # Errors
    /// `Obstructed` by `Unknown`.
    pub async fn set_condition(
        &self,
        barcode: Barcode,
        condition: CopyCondition,
        forwarded_to: Option<BranchCode>,
    ) -> Result<(), SiteError> {
        self.write(move |tx, now| {
            copies::set_condition(tx, now, &barcode, condition, forwarded_to.as_ref())
        })
        .await
    }

    /// Adds patrons in one transaction, however many.
    ///
    /// # Errors
    /// `Obstructed` as by `Site::put_patron`.
    pub async fn add_patrons(&self, patrons: Vec<Patron>) -> Result<(), SiteError> {
        self.write(move |tx, now| {
            patrons
                .into_iter()
                .try_for_each(|patron| patrons::put(tx, now, &PatronChange { patron, seen: None }))
        })
        .await
    }

    /// Adds copies in one transaction, however many.
    ///
    /// # Errors
    /// `Obstructed` as by `Site::add_copies`.
    pub async fn add_copies(&self, details: Vec<CopyDetails>) -> Result<(), SiteError> {
        self.write(move |tx, now| {
            details.chunks(COPIES_ADDED_MAX).try_for_each(|chunk| copies::add(tx, now, chunk))
        })
        .await
    }

    /// Takes events as `Site::submit` does, in the name of a login that may send them.
    ///
    /// # Errors
    /// As `Site::submit`.
    pub async fn submit(
        &self,
        login: StaffLogin,
        batch: Vec<Sending>,
    ) -> Result<Receipts, SiteError> {
        let now = (self.clock)();
        Ok(self.database.call(move |conn| submit::submit(conn, &login, now, None, &batch)).await?)
    }

    /// Drops what the feed need not keep. Sites do this by themselves once a day.
    ///
    /// # Errors
    /// As every call here.
    pub async fn prune(&self) -> Result<(), SiteError> {
        self.write(|tx, now| feed::prune(tx, now)).await
    }

    /// Does what an administrator does at a prompt: runs statements on the file.
    ///
    /// # Errors
    /// As every call here; `Unexpected` when a statement is wrong or a check refuses it.
    pub async fn by_hand(&self, statements: String) -> Result<(), SiteError> {
        self.database
            .call(move |conn| conn.execute_batch(&statements).map_err(Failure::from))
            .await?;
        Ok(())
    }

    /// Reads what a report of the customer's own reads: every column of the rows, as text.
    ///
    /// # Errors
    /// As every call here; `Unexpected` when the query is wrong.
    pub async fn report(&self, query: String) -> Result<Vec<Vec<Option<String>>>, SiteError> {
        let read = self.database.call(move |conn| {
            let mut statement = conn.prepare(&query)?;
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                (0..columns).map(|column| row.get::<_, Value>(column).map(shown)).collect()
            })?;
            Ok::<_, Failure>(rows.collect::<Result<_, _>>()?)
        });
        Ok(read.await?)
    }

    /// Copies the site, as it is at one moment, to a file that is not there yet, readable by its owner
    /// alone.
    ///
    /// # Errors
    /// `Unreachable` when the file is there or cannot be made; as every call here.
    pub async fn back_up(&self, to: &Path) -> Result<(), SiteError> {
        let to = to.to_owned();
        self.database
            .call(move |conn| {
                new_file(&to).map_err(|error| Fault::Inaccessible(error.to_string()))?;
                let mut copy = Connection::open(to)?;
                copy_whole(conn, &mut copy)
            })
            .await?;
        Ok(())
    }

    /// Puts a backup back in place of what the site holds now, under everyone who has it open. The
    /// incarnation stays what it was then: this is the restore that nobody announced.
    ///
    /// # Errors
    /// As every call here; `Damaged` when the backup is no database.
    pub async fn put_back(&self, from: &Path) -> Result<(), SiteError> {
        let from = from.to_owned();
        self.database
            .call(move |conn| {
                let backup = Connection::open(from)?;
                copy_whole(&backup, conn)
            })
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Replica for EmbeddedSite {
    async fn digests(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        depth: u8,
    ) -> Result<Digests, SiteError> {
        let within = within.clone();
        self.read(move |tx| replica::digests(tx, table, &within, depth)).await
    }

    async fn keys(
        &self,
        table: ReplicaTable,
        within: &Buckets,
        behind: Option<&str>,
    ) -> Result<Vec<KeyDigest>, SiteError> {
        let (within, behind) = (within.clone(), behind.map(str::to_owned));
        self.read(move |tx| replica::keys(tx, table, &within, behind.as_deref())).await
    }

    async fn held_copies(&self, asked: &Asked<Barcode>) -> Result<Vec<HeldCopy>, SiteError> {
        let asked = asked.clone();
        self.read(move |tx| replica::held_copies(tx, &asked)).await
    }

    async fn known_patrons(
        &self,
        asked: &Asked<PatronCode>,
    ) -> Result<Vec<KnownPatron>, SiteError> {
        let asked = asked.clone();
        self.read(move |tx| replica::known_patrons(tx, &asked)).await
    }
}

/// Makes an empty file before anything private is in it.
fn new_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn shown(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(number.to_string()),
        Value::Text(text) => Some(text),
        Value::Blob(bytes) => Some(format!("{} bytes", bytes.len())),
    }
}

fn copy_whole(from: &Connection, to: &mut Connection) -> Result<(), Failure> {
    let backup = Backup::new(from, to)?;
    backup.run_to_completion(BACKUP_PAGES, Duration::from_millis(BACKUP_PAUSE_MS), None)?;
    Ok(())
}
