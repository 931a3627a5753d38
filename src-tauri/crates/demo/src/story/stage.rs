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
use crate::ground::GroundSite;
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

/// The line to a site that stands elsewhere.
struct GroundLine(Arc<dyn GroundSite>);

impl LineSwitch for GroundLine {
    fn cut(&self) -> io::Result<()> {
        self.0.cut_line(true)
    }

    fn restore(&self) -> io::Result<()> {
        self.0.cut_line(false)
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
        let (branch, site) = (entry.code.clone(), Arc::new(site));
        Self::with_staff(file, branch, site, Arc::new(line))
    }

    /// The first branch of a network whose sites stand elsewhere. The manager looks at it past the line.
    pub(super) fn of_ground(
        file: PathBuf,
        sites: &[(BranchCode, Arc<dyn GroundSite>)],
    ) -> Result<Self, Wrong> {
        let Some((branch, site)) = sites.first() else {
            return Err(Wrong::new("a branch of the demo in the network file", "none"));
        };
        let line = Arc::new(GroundLine(site.clone()));
        Self::with_staff(file, branch.clone(), site.connector(), line)
    }

    fn with_staff(
        network: PathBuf,
        branch: BranchCode,
        site: Arc<dyn SiteConnector>,
        line: Arc<dyn LineSwitch>,
    ) -> Result<Self, Wrong> {
        let people =
            || -> Result<_, DemoError> { Ok((staff::librarians(&branch)?, staff::manager()?)) };
        let (librarians, manager) = people().map_err(|error| Wrong::new("the staff", error))?;
        let [first, second, ..] = librarians.as_slice() else {
            return Err(Wrong::new("two librarians at the branch", librarians.len()));
        };
        let librarians = [staff::credentials(first), staff::credentials(second)];
        Ok(Self { network, branch, site, line, librarians, manager })
    }

    pub(super) fn cut(&self) -> Result<(), Wrong> {
        self.line.cut().map_err(|error| Wrong::new("a line that can be cut", error))
    }

    pub(super) fn restore(&self) -> Result<(), Wrong> {
        self.line.restore().map_err(|error| Wrong::new("a line that can be restored", error))
    }
}
