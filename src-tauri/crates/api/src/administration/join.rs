//! Making the sites of the network file one network: each learns who the others are and the key of their
//! seals, lists all branches, has a login for the agent, and knows that of every other site.

mod listing;

use std::io::Write as _;
use std::path::Path;

use lienthu_domain::replicated::Branch;
use lienthu_domain::times::UtcMs;
use lienthu_embedded::EmbeddedSite;
use lienthu_port::agent::{AgentLogin, ExposedAgentLogin, KeptAgent};
use lienthu_port::error::SiteError;
use lienthu_port::message::Message;
use lienthu_port::site::SiteConnector;
use lienthu_port::transaction::PeerCard;
use lienthu_protocol::terms::{MembershipVersion, Party};
use lienthu_sqlserver::{SqlServerAdmin, SqlServerConfig, SqlServerConnector};
use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

use self::listing::{Listing, Lists};
use super::{Administration, AdministrationError, AtSite, AtSites, Done, Reached, Which};
use crate::network::SiteEntry;
use crate::system::wall_clock;

/// What became of a site's place in the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Joined {
    /// Its agent's login is another one now than before, or the first.
    pub agent_is_new: bool,
    /// How many other sites it knows from this run.
    pub others: u32,
    /// The version of the network's membership that it has now. A site that comes to a network keeps its own until
    /// it is filled.
    pub membership: u32,
}

/// What became of the agent's secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentsRenewed {
    /// Secrets from before this time were changed. With it a run that did not reach all sites goes on.
    pub since: UtcMs,
    /// Site by site.
    #[serde(flatten)]
    pub at: AtSites<Joined>,
}

/// A site as it was found.
struct Known {
    card: PeerCard,
    membership: MembershipVersion,
    peers: Vec<Party>,
    branches: Vec<Branch>,
    agent: KeptAgent,
    agent_is_new: bool,
}

impl Known {
    fn lists(&self) -> Lists<'_> {
        let branch = &self.card.party.branch;
        Lists { branch, membership: self.membership, rows: &self.branches }
    }
}

impl Administration {
    /// Makes the sites one network. Run again it changes nothing that is right, and finishes what is missing:
    /// at a site that was away, or that has come since.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn join(&self) -> Result<AtSites<Joined>, AdministrationError> {
        self.spread(None).await
    }

    /// Gives every site's agent another secret, unless it has one from `since` on. A desk has the new ones
    /// when somebody next signs in there.
    ///
    /// # Errors
    /// See [`AdministrationError`]; what goes wrong at a site stands in its line.
    pub async fn renew_agents(
        &self,
        since: Option<UtcMs>,
    ) -> Result<AgentsRenewed, AdministrationError> {
        let since = since.unwrap_or_else(wall_clock);
        Ok(AgentsRenewed { since, at: self.spread(Some(since)).await? })
    }

    /// Writes the agent's logins, as far as sites can be asked, to a file that its owner alone can read, in
    /// place of one that is there.
    ///
    /// # Errors
    /// See [`AdministrationError`]; `AgentsFile`. What goes wrong at a site stands in its line.
    pub async fn export_agents(&self, file: &Path) -> Result<AtSites<Done>, AdministrationError> {
        let found = self.at_once(&Which::All, async |entry, site| {
            let own = Opened::of(site).await?.agent_of(entry).await?;
            own.map(|kept| kept.agent).ok_or_else(|| SiteError::AgentUnknown.message())
        });
        let found = found.await?;
        let agents = found.sites.iter().filter_map(|site| site.done.as_ref());
        let exposed: Vec<ExposedAgentLogin> = agents.map(ExposedAgentLogin::from).collect();
        write_private(file, &exposed).map_err(|error| AdministrationError::AgentsFile {
            file: file.display().to_string(),
            detail: error.to_string(),
        })?;
        let done = |site: AtSite<AgentLogin>| AtSite {
            branch: site.branch,
            name: site.name,
            done: site.done.map(|_| Done {}),
            failed: site.failed,
        };
        Ok(AtSites { sites: found.sites.into_iter().map(done).collect() })
    }

    /// First every site is asked who it is, and gets an agent's login where it has none that opens it, or
    /// one from before `renew_before`. Then all are told of all.
    async fn spread(
        &self,
        renew_before: Option<UtcMs>,
    ) -> Result<AtSites<Joined>, AdministrationError> {
        let found = self.at_once(&Which::All, async |entry, site| {
            Opened::of(site).await?.known(entry, renew_before).await
        });
        let found = found.await?;
        let known: Vec<&Known> = found.sites.iter().filter_map(|s| s.done.as_ref()).collect();
        let cards: Vec<PeerCard> = known.iter().map(|known| known.card.clone()).collect();
        let agents: Vec<KeptAgent> = known.iter().map(|known| known.agent.clone()).collect();
        let knows_all = |known: &Known| {
            let others = cards.iter().map(|card| &card.party);
            others.into_iter().all(|o| *o == known.card.party || known.peers.contains(o))
        };
        // Whoever has missed that the network has become another is not to take part in what others begin.
        let newest = known.iter().map(|known| known.membership).max().unwrap_or_default();
        let grown = known.iter().any(|known| !knows_all(known));
        let next = grown.then(|| MembershipVersion(newest.0.saturating_add(1)));
        let listing = Listing::of(&known.iter().map(|known| known.lists()).collect::<Vec<_>>());
        let branches = listing.rows();
        let told = self.at_once(&Which::All, async |entry, site| {
            let here = |known: &&&Known| known.card.party.branch == entry.code;
            let Some(known) = known.iter().find(here) else {
                // Why stands in its line already.
                return Ok(None);
            };
            let next = next.filter(|_| listing.tells(&known.lists()));
            let membership = next.unwrap_or(known.membership);
            let mut site = Opened::of(site).await?;
            site.list_branches(&branches).await?;
            site.tell(&cards, membership, &agents).await?;
            let others = u32::try_from(cards.len().saturating_sub(1)).unwrap_or(u32::MAX);
            let agent_is_new = known.agent_is_new;
            Ok(Some(Joined { agent_is_new, others, membership: membership.0 }))
        });
        let told = told.await?;
        let both = found.sites.iter().zip(told.sites).map(|(found, told)| AtSite {
            branch: told.branch,
            name: told.name,
            done: told.done.flatten(),
            failed: found.failed.clone().or(told.failed),
        });
        Ok(AtSites { sites: both.collect() })
    }
}

/// A site, open for its administrator.
enum Opened {
    SqlServer(Box<SqlServerAdmin>, SqlServerConfig),
    Embedded(EmbeddedSite),
}

fn said(error: SiteError) -> Message {
    error.message()
}

impl Opened {
    async fn of(site: Reached<'_>) -> Result<Self, Message> {
        match site {
            Reached::SqlServer { config, admin } => {
                let site = SqlServerAdmin::open(&config, admin).await.map_err(said)?;
                Ok(Self::SqlServer(Box::new(site), config))
            }
            Reached::Embedded(site) => Ok(Self::Embedded(site)),
        }
    }

    async fn known(
        &mut self,
        entry: &SiteEntry,
        renew_before: Option<UtcMs>,
    ) -> Result<Known, Message> {
        let (card, (membership, peers), branches) = match self {
            Self::SqlServer(site, _) => {
                let (card, peers) = (site.card().await, site.peers().await);
                (card.map_err(said)?, peers.map_err(said)?, site.branches().await.map_err(said)?)
            }
            Self::Embedded(site) => {
                let (card, peers) = (site.card().await, site.peers().await);
                (card.map_err(said)?, peers.map_err(said)?, site.branches().await.map_err(said)?)
            }
        };
        let kept = self.agent_of(entry).await?;
        let is_too_old = |kept: &KeptAgent| renew_before.is_some_and(|before| kept.set_at < before);
        let (agent, agent_is_new) = match kept {
            Some(kept) if !is_too_old(&kept) && self.opens(&kept.agent).await? => (kept, false),
            kept => (self.give_agent(entry, kept.as_ref()).await?, true),
        };
        Ok(Known { card, membership, peers, branches, agent, agent_is_new })
    }

    /// The site's own agent, as it has it.
    async fn agent_of(&mut self, entry: &SiteEntry) -> Result<Option<KeptAgent>, Message> {
        let agents = match self {
            Self::SqlServer(site, _) => site.agents().await.map_err(said)?,
            Self::Embedded(site) => site.agents().await.map_err(said)?,
        };
        Ok(agents.into_iter().find(|kept| kept.agent.branch == entry.code))
    }

    /// Whether the agent can sign in and has its role.
    async fn opens(&self, agent: &AgentLogin) -> Result<bool, Message> {
        let credentials = agent.credentials();
        let asked = async {
            let site = match self {
                Self::SqlServer(_, config) => {
                    let way = SqlServerConnector::new(config.clone(), agent.branch.clone());
                    way.connect(&credentials).await?
                }
                Self::Embedded(site) => site.connector().await?.connect(&credentials).await?,
            };
            site.network().await
        };
        match asked.await {
            Ok(_) => Ok(true),
            Err(SiteError::LoginFailed | SiteError::Forbidden { .. }) => Ok(false),
            Err(error) => Err(error.message()),
        }
    }

    async fn give_agent(
        &mut self,
        entry: &SiteEntry,
        before: Option<&KeptAgent>,
    ) -> Result<KeptAgent, Message> {
        let login = AgentLogin::name_at(&entry.code);
        let unexpected = |detail: String| SiteError::Unexpected { detail }.message();
        let agent = AgentLogin {
            branch: entry.code.clone(),
            login: login.map_err(|error| unexpected(error.to_string()))?,
            secret: secret(),
        };
        // Later than the one before, whatever this computer's clock says.
        let now = wall_clock();
        let set_at = before.map_or(now, |before| now.max(before.set_at.plus_ms(1)));
        let kept = KeptAgent { agent, set_at };
        match self {
            Self::SqlServer(site, _) => {
                site.set_agent(&kept).await.map_err(|error| error.message())?;
            }
            Self::Embedded(site) => site.set_agent(kept.clone()).await.map_err(said)?,
        }
        Ok(kept)
    }

    async fn list_branches(&mut self, branches: &[Branch]) -> Result<(), Message> {
        match self {
            Self::SqlServer(site, _) => site.list_branches(branches).await.map_err(said),
            Self::Embedded(site) => site.list_branches(branches.to_vec()).await.map_err(said),
        }
    }

    async fn tell(
        &mut self,
        cards: &[PeerCard],
        membership: MembershipVersion,
        agents: &[KeptAgent],
    ) -> Result<(), Message> {
        match self {
            Self::SqlServer(site, _) => {
                site.join(cards, membership).await.map_err(said)?;
                site.put_agents(agents).await.map_err(said)
            }
            Self::Embedded(site) => {
                site.join(cards.to_vec(), membership).await.map_err(said)?;
                site.put_agents(agents.to_vec()).await.map_err(said)
            }
        }
    }
}

/// 244 random bits, and in front what a server's policy for passwords may want beside digits and small
/// letters.
fn secret() -> SecretString {
    let random = || Uuid::new_v4().simple().to_string();
    format!("Lt-{}{}", random(), random()).into()
}

/// Whole or not at all; made private before anything is in it.
fn write_private(file: &Path, agents: &[ExposedAgentLogin]) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut written = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    serde_json::to_writer_pretty(&mut written, agents)?;
    writeln!(written)?;
    written.as_file().sync_all()?;
    written.persist(file).map_err(|error| error.error)?;
    Ok(())
}
