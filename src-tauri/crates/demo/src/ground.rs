//! Sites that are made elsewhere, for the story to play on: those of a server. The demo knows the port alone.

use std::collections::HashSet;
use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use lienthu_api::network::{Network, SiteEntry, SiteKind};
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::BranchCode;
use lienthu_domain::replicated::Title;
use lienthu_port::error::SiteError;
use lienthu_port::lookup::{COPIES_ADDED_MAX, PatronChange};
use lienthu_port::seed::SiteSeed;
use lienthu_port::site::{Site, SiteConnector};
use tokio::task::JoinSet;

use crate::catalogue::{self, Catalogue, CatalogueReport};
use crate::error::DemoError;
use crate::plan::{self, Plan, ZONE};
use crate::prepare::{DemoOptions, at_site, make_folder, read_catalogue, write_network};
use crate::survey::Survey;
use crate::{fill, staff};

/// Where sites can be made.
#[async_trait]
pub trait Ground: Send + Sync + Debug {
    /// Whether a branch has a place here.
    fn has(&self, branch: &BranchCode) -> bool;
    /// Makes the site of the seed's branch, whose clock is the server's.
    async fn found(&self, seed: SiteSeed) -> Result<Arc<dyn GroundSite>, SiteError>;
}

/// A site that was made there, with the administrator's hands.
#[async_trait]
pub trait GroundSite: Send + Sync {
    /// How a network file names it, at the near end of a line that can be cut.
    fn kind(&self) -> SiteKind;
    /// The way to it past that line.
    fn connector(&self) -> Arc<dyn SiteConnector>;
    /// Adds titles, or changes them.
    async fn put_titles(&self, titles: Vec<Title>) -> Result<(), SiteError>;
    /// Cuts the line, or mends it.
    ///
    /// # Errors
    /// Those of the network.
    fn cut_line(&self, cut: bool) -> io::Result<()>;
}

/// A network that was made there.
pub(crate) struct Made {
    /// Its network file.
    pub(crate) file: PathBuf,
    /// Its sites.
    pub(crate) sites: Vec<(BranchCode, Arc<dyn GroundSite>)>,
    /// What came of the catalogue, if there was one.
    pub(crate) catalogue: Option<CatalogueReport>,
}

/// Makes the demo's network of sites that stand elsewhere, and its network file in the folder.
pub(crate) async fn prepare(
    ground: &Arc<dyn Ground>,
    folder: &Path,
    options: &DemoOptions,
) -> Result<Made, DemoError> {
    make_folder(folder)?;
    let catalogue = match &options.catalogue {
        Some(file) => Some(read_catalogue(file.clone()).await?),
        None => None,
    };
    let today = (options.clock)().date_at(ZONE);
    let plan = Arc::new(plan::plan(options.seed, today)?);
    let mut making = JoinSet::new();
    for place in 0..plan.branches.len() {
        if ground.has(&plan.branches[place].branch.code) {
            making.spawn(make_site(ground.clone(), plan.clone(), place, options.clone()));
        }
    }
    let mut sites = Vec::new();
    while let Some(made) = making.join_next().await {
        let made = made.map_err(io::Error::other);
        sites.push(made.map_err(|source| DemoError::File { file: folder.to_owned(), source })??);
    }
    sites.sort_by(|(a, _), (b, _)| a.cmp(b));
    let name = |code: &BranchCode| {
        let plan = plan.branches.iter().find(|plan| plan.branch.code == *code);
        plan.map(|plan| plan.branch.name.clone()).unwrap_or_default()
    };
    let entries = sites.iter().map(|(code, site)| SiteEntry {
        code: code.clone(),
        name: name(code),
        kind: site.kind(),
    });
    let file = write_network(folder, Network { sites: entries.collect() })?;
    let catalogue = match catalogue {
        Some(catalogue) => Some(add(&sites, catalogue, options).await?),
        None => None,
    };
    Ok(Made { file, sites, catalogue })
}

async fn make_site(
    ground: Arc<dyn Ground>,
    plan: Arc<Plan>,
    place: usize,
    options: DemoOptions,
) -> Result<(BranchCode, Arc<dyn GroundSite>), DemoError> {
    let branch_plan = &plan.branches[place];
    let branch = &branch_plan.branch.code;
    let Some(login) = staff::librarians(branch)?.into_iter().next() else {
        return Err(DemoError::Table { table: "staff", detail: format!("nobody at {branch}") });
    };
    let seed = plan.site_seed(branch)?;
    let made = async {
        let site = ground.found(seed).await?;
        let desk = site.connector().connect(&staff::credentials(&login)).await?;
        for reader in &branch_plan.readers {
            let change = PatronChange { patron: reader.patron.clone(), seen: None };
            desk.put_patron(&change).await?;
        }
        let copies: Vec<_> = branch_plan.shelves.iter().map(|s| s.details.clone()).collect();
        add_copies(&desk, &copies).await?;
        (options.progress)(&format!("{branch}: its patrons and copies are in"));
        fill::year(&desk, branch_plan, options.seed, options.progress).await?;
        Ok(site)
    };
    let site = made.await.map_err(at_site(branch))?;
    Ok((branch.clone(), site))
}

async fn add_copies(desk: &Arc<dyn Site>, copies: &[CopyDetails]) -> Result<(), SiteError> {
    for some in copies.chunks(COPIES_ADDED_MAX) {
        desk.add_copies(some).await?;
    }
    Ok(())
}

/// Adds a catalogue's titles to every site, and copies to those that are to have them.
async fn add(
    sites: &[(BranchCode, Arc<dyn GroundSite>)],
    catalogue: Catalogue,
    options: &DemoOptions,
) -> Result<CatalogueReport, DemoError> {
    let Catalogue { titles, mut report } = catalogue;
    let branches: Vec<BranchCode> = sites.iter().map(|(code, _)| code.clone()).collect();
    let mut copies = Vec::new();
    for title in &titles {
        copies.extend(catalogue::copies(title, &branches)?);
    }
    for (code, site) in sites {
        let Some(login) = staff::librarians(code)?.into_iter().next() else { continue };
        let added = async {
            site.put_titles(titles.clone()).await?;
            let desk = site.connector().connect(&staff::credentials(&login)).await?;
            let there: HashSet<_> = Survey::of(&desk).await?.copies.into_keys().collect();
            let of_branch = copies.iter().filter(|(branch, _)| branch == code);
            let missing: Vec<CopyDetails> = of_branch
                .filter(|(_, copy)| !there.contains(&copy.barcode))
                .map(|(_, copy)| copy.clone())
                .collect();
            add_copies(&desk, &missing).await?;
            Ok::<_, SiteError>(missing.len())
        };
        let added = added.await.map_err(at_site(code))?;
        (options.progress)(&format!("{code}: {added} copies from the catalogue"));
        report.copies_added += u64::try_from(added).unwrap_or(u64::MAX);
    }
    Ok(report)
}
