//! Finishing what others left behind, by itself, with the agent's rights: in the running app, and unattended on a
//! server. Whoever does it keeps nothing that the protocol needs, and may be cut off anywhere.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use lienthu_across::recovery::{Recovered, recover};
use lienthu_across::sites::Sites;
use lienthu_domain::ids::TxnId;
use lienthu_port::agent::{AgentLogin, ExposedAgentLogin};
use lienthu_port::error::{SiteError, StoreError};
use lienthu_port::message::Message;
use lienthu_port::site::SiteConnector;
use lienthu_protocol::driving::Ending;
use lienthu_store::{KeyPolicy, Store};
use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

use crate::app::App;
use crate::network::NetworkError;
use crate::sites;
use crate::transactions::{SettledView, UnheardView, unheard};

/// The app's first round comes so long after its start: a start has better things to do.
const FIRST_SECS: u64 = 10;
/// From one round of the app to the next. Every desk of the network asks every site so often.
const EVERY_SECS: u64 = 300;
/// Where something is left that may be finished sooner: it is in doubt, or was too young.
const AGAIN_SECS: u64 = 70;
/// So much longer at most, differently at each desk, so that they do not ask together.
const SPREAD_SECS: u64 = 120;
/// A round that takes longer is cut off; the next goes on.
const ROUND_SECS_MAX: u64 = 240;
/// The file of the agent's logins at most, in bytes.
const FILE_BYTES_MAX: u64 = 1_000_000;

/// What a round came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RoundView {
    /// Transactions that were left behind and are decided now.
    pub finished: Vec<SettledView>,
    /// Those of which it cannot be known yet how they were decided.
    pub in_doubt: Vec<TxnId>,
    /// Those of which a manager chose the other outcome at some site: a manager repairs them.
    pub contradicted: Vec<TxnId>,
    /// Those that are left to whoever drives them, for now.
    pub young: Vec<TxnId>,
    /// Sites that could not be asked.
    pub unheard: Vec<UnheardView>,
}

impl RoundView {
    fn of(recovered: &Recovered) -> Self {
        let is_decided = |ending: &Ending| matches!(ending, Ending::Decided { .. });
        let (decided, in_doubt): (Vec<_>, Vec<_>) =
            recovered.driven.iter().partition(|(_, driving)| is_decided(&driving.ending));
        Self {
            finished: decided
                .iter()
                .map(|(txn, driving)| SettledView::of(**txn, driving))
                .collect(),
            in_doubt: in_doubt.iter().map(|(txn, _)| **txn).collect(),
            contradicted: recovered.contradicted.iter().copied().collect(),
            young: recovered.young.iter().copied().collect(),
            unheard: unheard(&recovered.unheard),
        }
    }

    /// Whether a round that comes soon may find more to do.
    fn is_worth_another(&self) -> bool {
        !self.in_doubt.is_empty() || !self.young.is_empty()
    }

    /// Nothing was left behind, and every site was asked.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.finished.is_empty()
            && self.in_doubt.is_empty()
            && self.contradicted.is_empty()
            && self.unheard.is_empty()
    }
}

/// Rounds, one after the other. Connections live for one of them: there may be thousands of desks.
#[derive(Default)]
struct Rounds {
    /// Logins that a site refused: another try could lock the account for everyone.
    refused: Vec<AgentLogin>,
}

impl Rounds {
    async fn round(
        &mut self,
        ways: Vec<Arc<dyn SiteConnector>>,
        agents: &[AgentLogin],
    ) -> RoundView {
        self.refused.retain(|refused| agents.contains(refused));
        let usable: Vec<AgentLogin> =
            agents.iter().filter(|agent| !self.refused.contains(agent)).cloned().collect();
        let sites = Sites::of_agents(ways, &usable);
        let recovered = recover(&sites).await;
        let refused = sites.refused();
        self.refused.extend(usable.into_iter().filter(|agent| refused.contains(&agent.branch)));
        for (txn, driving) in &recovered.driven {
            tracing::info!(%txn, ending = ?driving.ending, "what was left behind");
        }
        for txn in &recovered.contradicted {
            tracing::warn!(%txn, "a forced outcome goes against the decision");
        }
        RoundView::of(&recovered)
    }
}

/// Does rounds until the app is gone. `jitter` spreads the desks.
pub async fn tend(app: Weak<App>, jitter: u8) {
    let mut rounds = Rounds::default();
    let spread = Duration::from_secs(SPREAD_SECS) * u32::from(jitter) / u32::from(u8::MAX);
    let mut pause = Duration::from_secs(FIRST_SECS) + spread / 10;
    let again = Duration::from_secs(AGAIN_SECS) + spread / 10;
    loop {
        tokio::time::sleep(pause).await;
        let Some(app) = app.upgrade() else { return };
        let limit = Duration::from_secs(ROUND_SECS_MAX);
        let round = tokio::time::timeout(limit, round_of(&app, &mut rounds)).await;
        pause = match round {
            Ok(Some(round)) if round.is_worth_another() => again,
            Ok(_) => Duration::from_secs(EVERY_SECS) + spread,
            Err(_) => {
                tracing::warn!(limit_s = ROUND_SECS_MAX, "a round of recovery was cut off");
                again
            }
        };
    }
}

/// Nothing where the desk knows no agent's login.
async fn round_of(app: &App, rounds: &mut Rounds) -> Option<RoundView> {
    if let Err(error) = app.deliver_returns().await {
        tracing::warn!(%error, "returns of other branches' books wait on");
    }
    let agents = match app.desk().agents().await {
        Ok(agents) if agents.is_empty() => return None,
        Ok(agents) => agents,
        Err(error) => {
            tracing::warn!(%error, "the agent's logins cannot be read");
            return None;
        }
    };
    let round = rounds.round(app.connectors(), &agents).await;
    // They were renewed since, perhaps. Where the home site cannot be asked now, the next sign-in does it.
    if !rounds.refused.is_empty()
        && let Err(error) = app.desk().renew_agents().await
    {
        tracing::debug!(%error, "the agent's logins were not taken anew");
    }
    Some(round)
}

/// Where an agent on a server has its logins from.
#[derive(Debug, Clone)]
pub enum AgentSource {
    /// A file that `network agents export` wrote, which nobody else may read.
    File(PathBuf),
    /// What a desk of this computer account has sealed.
    Desk {
        /// The desk's folder.
        folder: PathBuf,
        /// Where its key is.
        key: KeyPolicy,
    },
}

/// Why an agent does no round.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AgentError {
    /// The network file.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The desk's sealed store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be read.
    #[error("{file} cannot be read: {detail}")]
    Unreadable {
        /// Which.
        file: String,
        /// The operating system's words.
        detail: String,
    },
    /// Others than its owner may read the file.
    #[error("others may read {0}")]
    Open(String),
    /// The file holds no logins.
    #[error("{0} is no file of agent's logins")]
    Wrong(String),
    /// No login is known.
    #[error("no agent's login is known")]
    Unknown,
}

impl AgentError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Network(error) => error.message(),
            Self::Store(error) => error.message(),
            Self::Unknown => SiteError::AgentUnknown.message(),
            Self::Unreadable { file, detail } => Message {
                code: "agents_file".to_owned(),
                vi: format!(
                    "Không đọc được {file} ({detail}). Xuất lại bằng network agents export."
                ),
                en: format!(
                    "{file} cannot be read ({detail}). Write it with network agents export."
                ),
            },
            Self::Open(file) => Message {
                code: "agents_file_open".to_owned(),
                vi: format!("Người khác đọc được {file}. Đặt quyền 0600 cho tệp rồi chạy lại."),
                en: format!("Others may read {file}. Give it the mode 0600, then run this again."),
            },
            Self::Wrong(file) => Message {
                code: "agents_file".to_owned(),
                vi: format!(
                    "{file} không phải tệp tài khoản đại lý. Xuất lại bằng network agents export."
                ),
                en: format!("{file} holds no agent's logins. Write it with network agents export."),
            },
        }
    }
}

/// An agent that runs unattended, without a desk of its own.
pub struct UnattendedAgent {
    network: PathBuf,
    source: AgentSource,
    rounds: Rounds,
}

impl UnattendedAgent {
    /// Over the sites of a network file.
    #[must_use]
    pub fn new(network: PathBuf, source: AgentSource) -> Self {
        Self { network, source, rounds: Rounds::default() }
    }

    /// One round. Network file and logins are read anew, so that a change of either is taken by the next.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub async fn round(&mut self) -> Result<RoundView, AgentError> {
        let (network, source) = (self.network.clone(), self.source.clone());
        let read = tokio::task::spawn_blocking(move || {
            let ways = sites::Sites::read(&network)?.connectors;
            match source {
                AgentSource::File(file) => Ok((ways, Logins::Read(read_file(&file)?))),
                AgentSource::Desk { folder, key } => {
                    Ok((ways, Logins::Sealed(Store::open_cache(&folder, key)?)))
                }
            }
        });
        let read: Result<_, AgentError> = read
            .await
            .unwrap_or_else(|e| Err(StoreError::Unexpected { detail: e.to_string() }.into()));
        let (ways, logins) = read?;
        let agents = match logins {
            Logins::Read(agents) => agents,
            Logins::Sealed(cache) => cache.agents().await?,
        };
        if agents.is_empty() {
            return Err(AgentError::Unknown);
        }
        Ok(self.rounds.round(ways, &agents).await)
    }
}

enum Logins {
    Read(Vec<AgentLogin>),
    Sealed(Arc<dyn lienthu_port::cache::Cache>),
}

fn read_file(file: &Path) -> Result<Vec<AgentLogin>, AgentError> {
    let name = file.display().to_string();
    let unreadable = |error: std::io::Error| AgentError::Unreadable {
        file: name.clone(),
        detail: error.to_string(),
    };
    let about = std::fs::metadata(file).map_err(unreadable)?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0 {
        return Err(AgentError::Open(name));
    }
    if about.len() > FILE_BYTES_MAX {
        return Err(AgentError::Wrong(name));
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let exposed: Vec<ExposedAgentLogin> =
        serde_json::from_str(&text).map_err(|_| AgentError::Wrong(name.clone()))?;
    Ok(exposed.into_iter().map(AgentLogin::from).collect())
}
