//! Puts the pieces together: files, clocks, sites, desk.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use lienthu_across::queue::ChangeQueue;
use lienthu_desk::desk::{Desk, DeskStatus, Parts};
use lienthu_desk::error::DeskError;
use lienthu_domain::ids::BranchCode;
use lienthu_port::elsewhere::ReturnsElsewhere;
use lienthu_port::error::StoreError;
use lienthu_port::message::Message;
use lienthu_port::site::SiteConnector;
pub use lienthu_store::KeyPolicy;
use lienthu_store::{KeySource, Store};
use serde::{Deserialize, Serialize};
use specta::Type;
use thiserror::Error;

use crate::across::Ways;
use crate::desk_lock::{DeskLock, lock};
use crate::folders::make_private;
use crate::network::NetworkError;
use crate::sites::Sites;
use crate::system::{SystemClock, SystemIds, computer, wall_clock};
use crate::transfers::Transfers;

/// Where the desk keeps its things, and which network it belongs to.
#[derive(Debug, Clone)]
pub struct Options {
    /// The desk's folder; made if it is not there.
    pub folder: PathBuf,
    /// The network file.
    pub network: PathBuf,
    /// Where the key of the desk's files comes from.
    pub key: KeyPolicy,
    /// The sites are a demo's: their lines can be cut from the screen.
    pub demo: bool,
}

/// Why the app does not start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The network file.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The desk's files.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Desk(error.into())
    }
}

impl OpenError {
    /// Code and sentences.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Network(error) => error.message(),
            Self::Desk(error) => error.message(),
        }
    }
}

/// The line of a demo's site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DemoLineView {
    /// The branch.
    pub branch: BranchCode,
    /// Its name in the network file.
    pub name: String,
    /// Whether the line is cut.
    pub cut: bool,
}

/// A branch that a desk can be enrolled for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BranchChoice {
    /// Its code.
    pub code: BranchCode,
    /// Its name in the network file.
    pub name: String,
}

/// The state of everything, for the status line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AppView {
    /// This program's version.
    pub version: String,
    /// The desk's.
    pub desk: DeskStatus,
    /// The branches of the network file.
    pub branches: Vec<BranchChoice>,
    /// Why the network file cannot be used; then there are no branches until it is mended.
    pub network_trouble: Option<Message>,
    /// What whoever looks after this computer should know.
    pub warnings: Vec<Message>,
    /// In a demo: the lines of its sites.
    pub demo: Option<Vec<DemoLineView>>,
}

/// The running app.
pub struct App {
    desk: Arc<Desk>,
    changes: ChangeQueue,
    folder: PathBuf,
    network_file: PathBuf,
    is_demo: bool,
    sites: RwLock<Sites>,
    pub(crate) ways: Ways,
    pub(crate) transfers: Transfers,
    /// Books of other branches that came back here.
    pub(crate) returns: Arc<dyn ReturnsElsewhere>,
    warnings: Vec<Message>,
    _lock: DeskLock,
}

impl App {
    /// Opens everything.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(options: &Options) -> Result<Arc<Self>, OpenError> {
        Self::open_with(options, Sites::read(&options.network)?).await
    }

    /// Opens everything, also where the network file cannot be used: then there are no sites until it is
    /// mended by a command, and the view says why.
    ///
    /// # Errors
    /// `Desk`.
    pub async fn open_to_mend(options: &Options) -> Result<Arc<Self>, OpenError> {
        let sites = Sites::read(&options.network).unwrap_or_else(|why| Sites::none(&why));
        Self::open_with(options, sites).await
    }

    async fn open_with(options: &Options, sites: Sites) -> Result<Arc<Self>, OpenError> {
        make_private(&options.folder).map_err(|e| StoreError::Inaccessible {
            file: options.folder.display().to_string(),
            detail: e.to_string(),
        })?;
        let lock = lock(&options.folder).await?;
        let (folder, policy) = (options.folder.clone(), options.key);
        // A keychain may ask someone for leave meanwhile.
        let store = tokio::task::spawn_blocking(move || Store::open(&folder, policy))
            .await
            .map_err(|e| StoreError::Unexpected { detail: e.to_string() })??;
        let warnings = warnings_of(&store, policy);
        let clock = Arc::new(SystemClock::new());
        let changes = ChangeQueue::new(store.changes, clock.clone(), Arc::new(SystemIds));
        let desk = Desk::open(Parts {
            cache: store.cache,
            outbox: store.outbox,
            clock,
            ids: Arc::new(SystemIds),
            sites: sites.connectors.clone(),
            computer: computer(),
        })
        .await?;
        Ok(Arc::new(Self {
            desk,
            changes,
            folder: options.folder.clone(),
            network_file: options.network.clone(),
            is_demo: options.demo,
            sites: RwLock::new(sites),
            ways: Ways::default(),
            transfers: Transfers::new(store.transfers),
            returns: store.returns,
            warnings,
            _lock: lock,
        }))
    }

    /// The desk; for commands, and for whoever tends its line.
    #[must_use]
    pub const fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// The manager's queue of changes of what every site holds.
    #[must_use]
    pub const fn changes(&self) -> &ChangeQueue {
        &self.changes
    }

    /// The desk's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the network file is.
    pub(crate) fn network_file(&self) -> &Path {
        &self.network_file
    }

    /// Why the network file cannot be used.
    pub(crate) fn network_trouble(&self) -> Option<Message> {
        self.sites.read().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// Reads the network file and reaches the sites as it says from now on.
    pub(crate) async fn take_network(&self) {
        let file = self.network_file.clone();
        // The file may lie on another computer, which may be slow.
        let read = tokio::task::spawn_blocking(move || Sites::read(&file))
            .await
            .unwrap_or_else(|error| Err(NetworkError::Unreadable(error.to_string())));
        let sites = read.unwrap_or_else(|why| Sites::none(&why));
        let connectors = sites.connectors.clone();
        *self.sites.write().unwrap_or_else(PoisonError::into_inner) = sites;
        self.ways.forget();
        self.desk.use_sites(connectors);
    }

    /// The ways to the sites, as the network file has them now.
    pub(crate) fn connectors(&self) -> Vec<Arc<dyn SiteConnector>> {
        self.sites.read().unwrap_or_else(PoisonError::into_inner).connectors.clone()
    }

    pub(crate) async fn view(&self) -> Result<AppView, DeskError> {
        let desk = self.desk.status().await?;
        let sites = self.sites.read().unwrap_or_else(PoisonError::into_inner);
        let lines = sites.lines.iter().map(|l| DemoLineView {
            branch: l.branch.clone(),
            name: l.name.clone(),
            cut: l.line.is_cut(),
        });
        Ok(AppView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            desk,
            branches: sites.branches.clone(),
            network_trouble: sites.trouble.clone(),
            warnings: [&self.warnings[..], &sites.warnings].concat(),
            demo: self.is_demo.then(|| lines.collect()),
        })
    }

    pub(crate) fn set_line(&self, branch: &BranchCode, cut: bool) -> Result<(), DeskError> {
        let sites = self.sites.read().unwrap_or_else(PoisonError::into_inner);
        let lines = if self.is_demo { &sites.lines[..] } else { &[] };
        let demo = lines.iter().find(|l| l.branch == *branch).ok_or(DeskError::NoSuchBranch)?;
        let done = if cut { demo.line.cut() } else { demo.line.restore() };
        done.map_err(|e| {
            StoreError::Inaccessible { file: demo.name.clone(), detail: e.to_string() }.into()
        })
    }

    pub(crate) fn write_export(
        &self,
        name: &str,
        extension: &str,
        text: &str,
    ) -> Result<PathBuf, DeskError> {
        let folder = self.folder.join("exports");
        let now = wall_clock().to_string().replace(':', "-");
        let file = folder.join(format!("{name}-{now}.{extension}"));
        let inaccessible = |e: std::io::Error| StoreError::Inaccessible {
            file: file.display().to_string(),
            detail: e.to_string(),
        };
        std::fs::create_dir_all(&folder).map_err(inaccessible)?;
        // It names patrons: nobody else at this computer may read it.
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut written = options.open(&file).map_err(inaccessible)?;
        written.write_all(text.as_bytes()).map_err(inaccessible)?;
        written.sync_all().map_err(inaccessible)?;
        Ok(file)
    }
}

fn warnings_of(store: &Store, policy: KeyPolicy) -> Vec<Message> {
    let mut warnings = Vec::new();
    match (store.key_source, policy) {
        (KeySource::Keychain, _) => {}
        (KeySource::KeyFile, KeyPolicy::Keychain) => warnings.push(Message::new(
            "key_in_file",
            (
                "Máy không có chùm khóa, nên khóa mã hóa nằm trong tệp desk.key. Ai chép được thư mục này thì đọc được dữ liệu.",
                "This computer has no keychain, so the encryption key lies in the file desk.key. Whoever copies this folder can read its data.",
            ),
        )),
        (KeySource::KeyFile, KeyPolicy::KeyFile) => warnings.push(Message::new(
            "key_in_file",
            (
                "Theo cài đặt, khóa mã hóa nằm trong tệp desk.key. Ai chép được thư mục này thì đọc được dữ liệu.",
                "As it was asked for, the encryption key lies in the file desk.key. Whoever copies this folder can read its data.",
            ),
        )),
    }
    if store.cache_started_anew.is_some() {
        warnings.push(Message::new(
            "cache_started_anew",
            (
                "Bộ nhớ đệm bị hỏng nên được tải lại từ đầu. Hàng đợi không bị ảnh hưởng.",
                "The cache was damaged and fills anew. The queue is not affected.",
            ),
        ));
    }
    warnings
}
