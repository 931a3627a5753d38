//! Making the demo network in a folder, and adding catalogues to it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthu_api::administration::Administration;
use lienthu_api::network::{Network, SiteEntry, SiteKind};
use lienthu_api::system::wall_clock;
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::times::UtcMs;
use lienthu_embedded::{EmbeddedSite, Founding, SiteClock};
use lienthu_port::error::SiteError;
use lienthu_port::site::SiteConnector;
use tokio::task::JoinSet;

use crate::catalogue::{self, Catalogue, CatalogueReport};
use crate::error::DemoError;
use crate::plan::{self, Plan, ZONE};
use crate::survey::Survey;
use crate::{fill, staff};

/// The network file's name in the demo's folder. It is written last: a folder without one is unfinished.
pub const NETWORK_FILE: &str = "network.toml";
/// Its name until all is ready.
const UNJOINED_FILE: &str = "network.toml.new";
/// The folder of the sites' files in the demo's folder.
pub const SITES_FOLDER: &str = "sites";
/// Locked while the network is being made, so that two programs do not make it at once.
const LOCK_FILE: &str = "demo.lock";

/// Told, line by line, how far the making has come.
pub type Progress = fn(&str);

/// What to make.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// A MARC21 file whose titles are added.
    pub catalogue: Option<PathBuf>,
    /// The same seed and day give the same network.
    pub seed: u64,
    /// The sites' clock; the year of loans ends with yesterday.
    pub clock: fn() -> UtcMs,
    /// Who hears how far it has come.
    pub progress: Progress,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            catalogue: None,
            seed: 1,
            clock: wall_clock,
            progress: |line| eprintln!("demo: {line}"),
        }
    }
}

/// A demo network that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoNetwork {
    /// Its network file.
    pub file: PathBuf,
    /// It was made just now; otherwise it was there.
    pub made: bool,
    /// What came of the catalogue, if there was one.
    pub catalogue: Option<CatalogueReport>,
}

/// Makes the demo network in a folder if it is not there, and adds a catalogue to it. What an
/// interrupted run left behind is made anew; a catalogue that was added before adds nothing. Other
/// files in the folder are left alone.
///
/// # Errors
/// See [`DemoError`].
pub async fn prepare(folder: &Path, options: &DemoOptions) -> Result<DemoNetwork, DemoError> {
    make_folder(folder)?;
    let _lock = lock(folder).await?;
    let file = folder.join(NETWORK_FILE);
    // Read first: a file that is no catalogue is said before a year of loans is made.
    let catalogue = match &options.catalogue {
        Some(file) => Some(read_catalogue(file.clone()).await?),
        None => None,
    };
    let made = !file.exists();
    if made {
        make(folder, options).await?;
    }
    let catalogue = match catalogue {
        Some(catalogue) => {
            (options.progress)(&format!("catalogue: {} titles", catalogue.titles.len()));
            Some(add(&Network::read(&file)?, catalogue, options).await?)
        }
        None => None,
    };
    (options.progress)(&sign_in_hint());
    Ok(DemoNetwork { file, made, catalogue })
}

fn sign_in_hint() -> String {
    let logins: Vec<String> = staff::accounts().into_iter().map(|account| account.login).collect();
    format!("sign in as {}; everyone's password is {}", logins.join(", "), staff::PASSWORD)
}

async fn make(folder: &Path, options: &DemoOptions) -> Result<(), DemoError> {
    let sites = folder.join(SITES_FOLDER);
    match fs::remove_dir_all(&sites) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(in_file(&sites)(error));
        }
        _ => make_folder(&sites)?,
    }
    let today = (options.clock)().date_at(ZONE);
    let plan = Arc::new(plan::plan(options.seed, today)?);
    (options.progress)(&format!("{} titles, {} branches", plan.titles.len(), plan.branches.len()));
    let mut making = JoinSet::new();
    for place in 0..plan.branches.len() {
        making.spawn(make_site(sites.clone(), plan.clone(), place, options.clone()));
    }
    while let Some(made) = making.join_next().await {
        made.map_err(io::Error::other).map_err(in_file(&sites))??;
    }
    let sites = plan.branches.iter().map(|plan| SiteEntry {
        code: plan.branch.code.clone(),
        name: plan.branch.name.clone(),
        kind: SiteKind::Embedded {
            path: Path::new(SITES_FOLDER).join(file_name(&plan.branch.code)),
        },
    });
    let network = Network { sites: sites.collect() };
    let unfinished = write_network_as(folder, UNJOINED_FILE, &network)?;
    join(&unfinished).await?;
    fs::rename(&unfinished, folder.join(NETWORK_FILE)).map_err(in_file(&unfinished))
}

/// Makes the sites one network, as an administrator does: transfers and catalogue changes go between sites
/// that know each other, and desks finish them with the agent's logins.
pub(crate) async fn join(network: &Path) -> Result<(), DemoError> {
    let joined = Administration::open(network, None)?.join().await?;
    let failed = joined.sites.into_iter().find_map(|site| Some((site.branch, site.failed?)));
    failed.map_or(Ok(()), |(branch, message)| Err(DemoError::NotJoined { branch, message }))
}

async fn make_site(
    sites: PathBuf,
    plan: Arc<Plan>,
    place: usize,
    options: DemoOptions,
) -> Result<(), DemoError> {
    let branch_plan = &plan.branches[place];
    let branch = &branch_plan.branch.code;
    let login = staff::librarians(branch)?;
    let Some(login) = login.first() else {
        return Err(DemoError::Table { table: "staff", detail: format!("nobody at {branch}") });
    };
    let seed = plan.site_seed(branch)?;
    let path = sites.join(file_name(branch));
    let made = async {
        let clock: SiteClock = Arc::new(options.clock);
        let site = EmbeddedSite::create(&path, &seed, clock, Founding::default()).await?;
        let librarian = staff::credentials(login);
        fill::fill(&site, branch_plan, &librarian, options.seed, options.progress).await
    };
    made.await.map_err(at_site(branch))
}

/// Under another name first: a network file that is there is whole.
pub(crate) fn write_network(folder: &Path, network: Network) -> Result<PathBuf, DemoError> {
    let file = folder.join(NETWORK_FILE);
    let unfinished = write_network_as(folder, UNJOINED_FILE, &network)?;
    fs::rename(&unfinished, &file).map_err(in_file(&file))?;
    Ok(file)
}

fn write_network_as(folder: &Path, name: &str, network: &Network) -> Result<PathBuf, DemoError> {
    let file = folder.join(name);
    let text = toml::to_string(network).map_err(io::Error::other).map_err(in_file(&file))?;
    fs::write(&file, text).map_err(in_file(&file))?;
    Ok(file)
}

fn file_name(branch: &BranchCode) -> String {
    format!("{}.db", branch.as_str().to_lowercase())
}

pub(crate) async fn read_catalogue(file: PathBuf) -> Result<Catalogue, DemoError> {
    let named = file.clone();
    tokio::task::spawn_blocking(move || catalogue::read(&file))
        .await
        .map_err(io::Error::other)
        .map_err(in_file(&named))?
}

/// Adds titles to every site, and copies to those that are to have them and have not.
async fn add(
    network: &Network,
    catalogue: Catalogue,
    options: &DemoOptions,
) -> Result<CatalogueReport, DemoError> {
    let Catalogue { titles, mut report } = catalogue;
    let branches: Vec<BranchCode> = network.sites.iter().map(|site| site.code.clone()).collect();
    let mut copies = Vec::new();
    for title in &titles {
        copies.extend(catalogue::copies(title, &branches)?);
    }
    for entry in &network.sites {
        let SiteKind::Embedded { path } = &entry.kind else { continue };
        let clock: SiteClock = Arc::new(options.clock);
        let of_branch = copies.iter().filter(|(branch, _)| *branch == entry.code);
        let wanted: Vec<CopyDetails> = of_branch.map(|(_, details)| details.clone()).collect();
        let manager = staff::manager()?;
        let added = async {
            let site = EmbeddedSite::open(path, clock, Founding::default()).await?;
            site.put_titles(titles.clone()).await?;
            let there = Survey::of(&site.connector().await?.connect(&manager).await?).await?;
            let there: HashSet<_> = there.copies.into_keys().collect();
            let missing: Vec<CopyDetails> =
                wanted.into_iter().filter(|copy| !there.contains(&copy.barcode)).collect();
            let added = missing.len();
            site.add_copies(missing).await?;
            Ok::<_, SiteError>(added)
        };
        let added = added.await.map_err(at_site(&entry.code))?;
        (options.progress)(&format!("{}: {added} copies from the catalogue", entry.code));
        report.copies_added += u64::try_from(added).unwrap_or(u64::MAX);
    }
    Ok(report)
}

async fn lock(folder: &Path) -> Result<File, DemoError> {
    let path = folder.join(LOCK_FILE);
    let named = path.clone();
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok(file)
    });
    locked.await.map_err(io::Error::other).flatten().map_err(in_file(&named))
}

pub(crate) fn make_folder(folder: &Path) -> Result<(), DemoError> {
    fs::create_dir_all(folder).map_err(in_file(folder))
}

fn in_file(file: &Path) -> impl FnOnce(io::Error) -> DemoError {
    let file = file.to_owned();
    move |source| DemoError::File { file, source }
}

pub(crate) fn at_site(branch: &BranchCode) -> impl FnOnce(SiteError) -> DemoError {
    let branch = branch.clone();
    move |source| DemoError::Site { branch, source }
}
