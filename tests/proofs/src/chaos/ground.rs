//! Three branches in files, that know each other, and desks at them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use lienthu_across::sites::Sites;
use lienthu_conformance::kit::{LIBRARIAN, copy, credentials, key, patron, small_seed, title};
use lienthu_domain::copy::CopyDetails;
use lienthu_domain::ids::{Barcode, BranchCode, PatronCode, TitleKey};
use lienthu_domain::replicated::Title;
use lienthu_embedded::{EmbeddedSite, Founding, PasswordCost};
use lienthu_port::site::{Credentials, Site, SiteConnector};
use secrecy::ExposeSecret as _;

use crate::kit::network::BRANCHES;
use crate::kit::scanning::{DeskProgram, done};
use crate::kit::wall::WallClock;

/// Books of each branch at the beginning.
const COPIES: usize = 40;
/// Readers of each branch.
const PATRONS: usize = 12;
/// Titles that have no copy, which are changed and removed.
const TITLES: usize = 40;

/// See the module.
pub struct Ground {
    folder: PathBuf,
    sites: Vec<EmbeddedSite>,
    /// All books of the network, wherever they are.
    pub copies: Vec<Barcode>,
    /// The titles that managers work at.
    pub titles: Vec<TitleKey>,
}

impl Ground {
    /// Founds it in a folder.
    ///
    /// # Errors
    /// What a site says.
    pub async fn found(folder: &Path) -> anyhow::Result<Self> {
        let titles: Vec<Title> = (0..TITLES)
            .map(|n| title(&format!("978-604-2-{n:05}-0"), &format!("Tập {n}")))
            .collect();
        let mut ground = Self {
            folder: folder.to_owned(),
            sites: vec![],
            copies: vec![],
            titles: titles.iter().map(|title| title.key.clone()).collect(),
        };
        for branch in BRANCHES {
            let mut seed = small_seed();
            seed.branch = key(branch);
            seed.titles.extend(titles.iter().cloned());
            let founding = Founding { password_cost: PasswordCost::TEST };
            let path = folder.join(format!("{branch}.db"));
            let site = EmbeddedSite::create(&path, &seed, WallClock::site(), founding).await?;
            let copies: Vec<CopyDetails> =
                (0..COPIES).map(|n| copy(&format!("{branch}-{n:03}"))).collect();
            ground.copies.extend(copies.iter().map(|copy| copy.barcode.clone()));
            site.add_copies(copies).await?;
            let patrons = patrons(branch).into_iter().map(|code| {
                let mut file = patron(code.as_str(), "STUDENT");
                file.card.branch = key(branch);
                file
            });
            site.add_patrons(patrons.collect()).await?;
            ground.sites.push(site);
        }
        let network = BRANCHES.map(|code| {
            format!("[[site]]\ncode = \"{code}\"\nname = \"{code}\"\nkind = \"embedded\"\npath = \"{code}.db\"\n")
        });
        std::fs::write(folder.join("network.toml"), network.concat())?;
        done(ground.program("nobody", LIBRARIAN).cli(&["network", "join"])?).await?;
        Ok(ground)
    }

    /// A desk of a librarian or a manager, in a folder of its own, enrolled at a branch.
    ///
    /// # Errors
    /// What the program says.
    pub async fn desk(&self, name: &str, branch: &str, login: &str) -> anyhow::Result<DeskProgram> {
        let desk = self.program(name, login);
        desk.enrol(branch).await?;
        Ok(desk)
    }

    fn program(&self, name: &str, login: &str) -> DeskProgram {
        let Credentials { password, .. } = credentials(login);
        DeskProgram {
            folder: self.folder.join(name),
            network: self.folder.join("network.toml"),
            login: login.to_owned(),
            password: password.expose_secret().to_owned(),
        }
    }

    /// The site of a branch, from the administrator's side.
    ///
    /// # Errors
    /// When there is none.
    pub fn site(&self, branch: &str) -> anyhow::Result<&EmbeddedSite> {
        let place = BRANCHES.iter().position(|known| *known == branch);
        place.and_then(|place| self.sites.get(place)).context("a branch of the network")
    }

    /// A session at a branch's site.
    ///
    /// # Errors
    /// What the site says.
    pub async fn session(&self, branch: &str, login: &str) -> anyhow::Result<Arc<dyn Site>> {
        Ok(self.site(branch)?.connector().await?.connect(&credentials(login)).await?)
    }

    /// All sites, under that login.
    ///
    /// # Errors
    /// What a site says.
    pub async fn all_sites(&self, login: &str) -> anyhow::Result<Sites> {
        let mut ways: Vec<Arc<dyn SiteConnector>> = vec![];
        for site in &self.sites {
            ways.push(Arc::new(site.connector().await?));
        }
        Ok(Sites::new(ways, &credentials(login)))
    }

    /// Where to put what is copied.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// The readers of a branch.
pub fn patrons(branch: &str) -> Vec<PatronCode> {
    (0..PATRONS).map(|n| key(&format!("{branch}{n:03}"))).collect()
}

/// A branch's code.
pub fn code(branch: &str) -> BranchCode {
    key(branch)
}
