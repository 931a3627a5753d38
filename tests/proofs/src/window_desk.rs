//! `window-desk`: the story of the desk that keeps lending, end to end in the real window.

use lienthu_api::system::wall_clock;
use lienthu_demo::{DemoOptions, PASSWORD, SITES_FOLDER, prepare};
use lienthu_e2e::desk_story::{Setting, play};

use crate::kit::findings::Findings;
use crate::kit::program::{beside, pictures_of};
use crate::registry::Terms;

const BRANCH: &str = "Q1";
const LOGIN: &str = "lan.q1";
const SITE_FILE: &str = "q1.db";

/// Plays it; pictures lie in `target/window-desk`.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let app = beside("lienthu")?;
    let folder = tempfile::tempdir()?;
    let quiet = DemoOptions { seed: terms.seed, progress: |_| {}, ..DemoOptions::default() };
    prepare(folder.path(), &quiet).await?;
    let home = tempfile::tempdir()?;
    let pictures = pictures_of("window-desk")?;
    let setting = Setting {
        app: &app,
        folder: folder.path(),
        home: home.path(),
        site: &folder.path().join(SITES_FOLDER).join(SITE_FILE),
        branch: BRANCH,
        login: LOGIN,
        password: PASSWORD,
        pictures: &pictures,
        now: wall_clock,
    };
    let figures = play(&setting).await?;
    let said = figures.lent_online + figures.lent_offline;
    findings.figure("start_ms", figures.start_ms);
    findings.figure("lent_online", figures.lent_online);
    findings.figure("lent_offline", figures.lent_offline);
    findings.figure("drained_ms", figures.drained_ms);
    findings.figure("at_site", figures.at_site);
    findings.figure("lost", figures.lost);
    findings.figure("doubled", figures.doubled);
    findings.figure("pictures", pictures.display());
    let counts = || format!("{figures:?}");
    findings.check("what the window said is at the site, once", figures.at_site == said, counts);
    findings.check("nothing is lost or doubled", figures.lost + figures.doubled == 0, counts);
    Ok(())
}
