//! Where the story plays: a branch, how its site is reached, and how its line is cut.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use lienthu_api::network::{Network, SiteKind};
use lienthu_api::system::wall_clock;
use lienthu_domain::ids::BranchCode;
use lienthu_embedded::{EmbeddedConnector, Line};
use lienthu_port::site::{Credentials, SiteConnector};

use super::tale::Wrong;
use crate::error::DemoError;
use crate::staff;

/// Breaks the line to a site and mends it. Of an embedded site it is a file beside the database; of a
/// server it would be something in front of it.
pub(super) trait LineSwitch: Send + Sync {
    fn cut(&self) -> io::Result<()>;
    fn restore(&self) -> io::Result<()>;
}

impl LineSwitch for Line {
    fn cut(&self) -> io::Result<()> {
        Self::cut(self)
    }

    fn restore(&self) -> io::Result<()> {
        Self::restore(self)
    }
}

/// See the module. Nothing else in the story knows what kind of site it is.
pub(super) struct Stage {
    pub(super) network: PathBuf,
    pub(super) branch: BranchCode,
    pub(super) site: Arc<dyn SiteConnector>,
    pub(super) line: Arc<dyn LineSwitch>,
    /// Two who work at the branch.
    pub(super) librarians: [Credentials; 2],
    pub(super) manager: Credentials,
}

impl Stage {
    /// The first branch of a demo network.
    pub(super) fn of_demo(file: PathBuf) -> Result<Self, Wrong> {
        let network = Network::read(&file)
            .map_err(|error| Wrong::new("a network file that can be read", error))?;
        let Some((entry, path)) = network.sites.iter().find_map(|site| match &site.kind {
            SiteKind::Embedded { path } => Some((site, path)),
            SiteKind::SqlServer { .. } => None,
        }) else {
            return Err(Wrong::new("an embedded site in the network file", "none"));
        };
        let line = Line::to(path);
        let clock = Arc::new(wall_clock);
        let site = EmbeddedConnector::new(path.clone(), entry.code.clone(), clock, line.clone());
        let people =
            || -> Result<_, DemoError> { Ok((staff::librarians(&entry.code)?, staff::manager()?)) };
        let (librarians, manager) = people().map_err(|error| Wrong::new("the staff", error))?;
        let [first, second, ..] = librarians.as_slice() else {
            return Err(Wrong::new("two librarians at the branch", librarians.len()));
        };
        Ok(Self {
            branch: entry.code.clone(),
            site: Arc::new(site),
            line: Arc::new(line),
            librarians: [staff::credentials(first), staff::credentials(second)],
            manager,
            network: file,
        })
    }

    pub(super) fn cut(&self) -> Result<(), Wrong> {
        self.line.cut().map_err(|error| Wrong::new("a line that can be cut", error))
    }

    pub(super) fn restore(&self) -> Result<(), Wrong> {
        self.line.restore().map_err(|error| Wrong::new("a line that can be restored", error))
    }
}
