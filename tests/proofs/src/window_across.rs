//! `window-across`: the story of three sites, end to end in the real windows.

use lienthu_api::system::wall_clock;
use lienthu_demo::{DemoOptions, MANAGER, PASSWORD, SITES_FOLDER, prepare};
use lienthu_e2e::across_story::{BOOKS, Figures, Place, Setting, play};

use crate::kit::findings::Findings;
use crate::kit::program::{beside, pictures_of};
use crate::registry::Terms;

const BRANCHES: [(&str, &str); 3] = [("Q1", "q1.db"), ("Q3", "q3.db"), ("Q5", "q5.db")];
const LIBRARIAN: &str = "hoa.q3";

/// Plays it; pictures lie in `target/window-across`.
pub async fn run(terms: Terms, findings: &mut Findings) -> anyhow::Result<()> {
    let app = beside("lienthu")?;
    let folder = tempfile::tempdir()?;
    let quiet = DemoOptions { seed: terms.seed, progress: |_| {}, ..DemoOptions::default() };
    let network = prepare(folder.path(), &quiet).await?;
    let other = tempfile::tempdir()?;
    let homes = [tempfile::tempdir()?, tempfile::tempdir()?];
    let pictures = pictures_of("window-across")?;
    let sites = BRANCHES.map(|(_, file)| folder.path().join(SITES_FOLDER).join(file));
    let [q1, q3, q5] = &sites;
    let place = |nth: usize, site| Place { branch: BRANCHES[nth].0, site };
    let figures = play(&Setting {
        app: &app,
        folder: folder.path(),
        network: &network.file,
        other_folder: other.path(),
        homes: [homes[0].path(), homes[1].path()],
        places: [place(0, q1), place(1, q3), place(2, q5)],
        manager: MANAGER,
        librarian: LIBRARIAN,
        password: PASSWORD,
        pictures: &pictures,
        now: wall_clock,
    })
    .await?;
    let Figures {
        answered,
        named_missing,
        renamed_at,
        in_doubt_when_killed,
        arrived,
        astray,
        unsettled,
    } = figures;
    findings.figure("answered", answered);
    findings.figure("named_missing", named_missing);
    findings.figure("renamed_at", renamed_at);
    findings.figure("in_doubt_when_killed", in_doubt_when_killed);
    findings.figure("arrived", arrived);
    findings.figure("astray", astray);
    findings.figure("unsettled", unsettled);
    findings.figure("pictures", pictures.display());
    let counts = || format!("{figures:?}");
    findings.check(
        "who answers is shown and who does not is named",
        answered + named_missing == 3,
        counts,
    );
    findings.check("the title has its new name at every site", renamed_at == 3, counts);
    findings.check("the window died in the middle", in_doubt_when_killed == 1, counts);
    findings.check(
        "every book arrived, and is at one branch",
        arrived == BOOKS && astray == 0,
        counts,
    );
    findings.check("nothing is left in doubt", unsettled == 0, counts);
    Ok(())
}
