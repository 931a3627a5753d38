//! Lines that are cut and come back, and a site that is put back to a copy of itself.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use lienthu_embedded::EmbeddedSite;
use rand::Rng as _;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until};

use super::ground::Ground;
use super::people::Person;
use crate::kit::network::BRANCHES;
use crate::kit::rng::Rng;

/// A line is whole for so long at most, in milliseconds, and then cut for so long at most.
const WHOLE_MS_MAX: u64 = 2_500;
const CUT_MS_MAX: u64 = 1_500;
/// How often a restored site is told what it missed before that counts as failed.
const READMISSIONS_MAX: u32 = 200;

/// See the module. Whoever switches a line holds it meanwhile.
pub struct Weather {
    lines: BTreeMap<&'static str, Mutex<()>>,
}

impl Weather {
    /// Fine.
    pub fn new() -> Self {
        Self { lines: BRANCHES.map(|branch| (branch, Mutex::new(()))).into() }
    }

    /// Cuts lines and restores them until that time. Returns how often.
    pub async fn blow(
        &self,
        rng: &mut Rng,
        ground: &Ground,
        until: Instant,
    ) -> anyhow::Result<u64> {
        let mut cuts = 0;
        while Instant::now() < until {
            // tidy: sleep — for how long a line holds is what chance decides here
            sleep(Duration::from_millis(rng.random_range(0..WHOLE_MS_MAX))).await;
            let branch = BRANCHES[rng.random_range(0..BRANCHES.len())];
            let line = ground.site(branch)?.line();
            let _held = self.lines.get(branch).context("a line")?.lock().await;
            line.cut()?;
            cuts += 1;
            // tidy: sleep — and for how long it is cut
            sleep(Duration::from_millis(rng.random_range(0..CUT_MS_MAX))).await;
            line.restore()?;
        }
        Ok(cuts)
    }

    /// Copies a site, lets time pass, and puts it back to the copy, which is then told by a manager what it
    /// missed. Nobody reaches it between the putting back and its new incarnation, as with a server that is
    /// restored by its administrator.
    pub async fn put_back(
        &self,
        rng: &mut Rng,
        ground: &Ground,
        manager: &Person<'_>,
        at: (Instant, Instant),
    ) -> anyhow::Result<()> {
        let branch = BRANCHES[rng.random_range(0..BRANCHES.len())];
        let site = ground.site(branch)?;
        let copy = ground.beside(&format!("{branch}-copy.db"));
        sleep_until(at.0).await;
        site.back_up(&copy).await?;
        sleep_until(at.1).await;
        {
            let _held = self.lines.get(branch).context("a line")?.lock().await;
            restore(site, &copy).await?;
        }
        for _ in 0..READMISSIONS_MAX {
            if manager.readmits(branch).await? {
                let facts = ground.session(branch, manager.login()).await?.network().await?;
                ensure!(!facts.is_quarantined, "{branch} was readmitted and is in quarantine");
                return Ok(());
            }
        }
        anyhow::bail!("{branch} is not readmitted")
    }
}

async fn restore(site: &EmbeddedSite, copy: &std::path::Path) -> anyhow::Result<()> {
    site.line().cut()?;
    site.put_back(copy).await?;
    site.start_incarnation().await?;
    std::fs::remove_file(copy)?;
    Ok(site.line().restore()?)
}
