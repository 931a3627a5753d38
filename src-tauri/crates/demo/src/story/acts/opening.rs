//! The network, who plays, and the desks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lienthu_api::system::{SystemIds, wall_clock};
use lienthu_desk::site_state::SiteState;
use lienthu_domain::times::{LocalDate, UtcMs};
use lienthu_port::handshake::{Hello, PROTOCOL_VERSION};
use lienthu_port::site::{Credentials, Site};
use lienthu_port::world::Ids;

use crate::catalogue::LeftOut;
use crate::ground;
use crate::prepare::{DemoOptions, prepare};
use crate::story::StoryOptions;
use crate::story::cast::Cast;
use crate::story::desk::OpenDesk;
use crate::story::stage::Stage;
use crate::story::tale::{Told, Wrong, ensure};
use crate::survey::Survey;

/// What the manager found.
pub(super) struct Opening {
    pub(super) manager: Arc<dyn Site>,
    pub(super) cast: Cast,
    pub(super) today: LocalDate,
    /// The site's clock before anything was scanned.
    pub(super) began: UtcMs,
}

/// Makes the network, or finds it; and clears away the desks of an earlier story.
pub(super) async fn network(
    options: &StoryOptions,
    desks: &[PathBuf],
) -> Result<Told<(Stage, usize)>, Wrong> {
    for folder in desks {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Wrong::new("a folder that can be cleared", error));
            }
            _ => {}
        }
    }
    let demo = DemoOptions {
        catalogue: options.catalogue.clone(),
        seed: options.seed,
        ..DemoOptions::default()
    };
    let none = |error| Wrong::new("a demo network", error);
    let (stage, was, catalogue) = match &options.ground {
        None => {
            let network = prepare(&options.folder, &demo).await.map_err(none)?;
            let was = if network.made { "made" } else { "it was there" };
            (Stage::of_demo(network.file)?, was, network.catalogue)
        }
        Some(ground) => {
            let made = ground::prepare(ground, &options.folder, &demo).await.map_err(none)?;
            (Stage::of_ground(made.file, &made.sites)?, "made", made.catalogue)
        }
    };
    // An earlier story may have ended with its line cut.
    stage.restore()?;
    let Some(catalogue) = catalogue else {
        return Ok(Told::new((stage, 0), was));
    };
    let (damaged, untitled) = (catalogue.damaged.len(), catalogue.untitled.len());
    let said = format!(
        "{was}; the catalogue's {} records are {} titles, {} repeat one of them, {damaged} are \
         damaged, {untitled} have no title; {} copies added",
        catalogue.records, catalogue.titles, catalogue.merged, catalogue.copies_added,
    );
    let left_out = catalogue.damaged.iter().chain(&catalogue.untitled).map(in_a_line);
    Ok(Told::new((stage, damaged), said).with_lines(left_out.collect::<Vec<_>>()))
}

fn in_a_line(left_out: &LeftOut) -> String {
    let LeftOut { ordinal, byte_offset, reason } = left_out;
    format!("record {ordinal}, at byte {byte_offset}, was left out: {reason}")
}

/// Signs the manager in at the site, past all desks, and chooses who and what plays.
pub(super) async fn look_around(stage: &Stage, seed: u64) -> Result<Told<Opening>, Wrong> {
    let away = |error| Wrong::new("the site answers the manager", error);
    let manager = stage.site.connect(&stage.manager).await.map_err(away)?;
    let hello = Hello { protocol: PROTOCOL_VERSION, desk: SystemIds.desk(), known: None };
    let welcome = manager.hello(&hello).await.map_err(away)?;
    let survey = Survey::of(&manager).await.map_err(away)?;
    let today = wall_clock().date_at(welcome.zone);
    let said = format!(
        "{}: {} titles, {} copies, {} patrons, {} open loans",
        stage.branch,
        survey.titles.len(),
        survey.copies.len(),
        survey.patrons.len(),
        survey.open_loans.len()
    );
    let cast = Cast::choose(survey, stage, seed, today)?;
    Ok(Told::new(Opening { manager, cast, today, began: welcome.now }, said))
}

/// Starts the program in an empty folder and enrols it.
pub(super) async fn enrol(
    stage: &Stage,
    folder: &Path,
    name: &str,
) -> Result<Told<OpenDesk>, Wrong> {
    let desk = OpenDesk::open(folder, stage).await?;
    let before = desk.view().await?.desk;
    ensure(before.enrolment.is_none(), "a desk that nobody has enrolled", "an enrolled one")?;
    desk.enrol(stage, name).await?;
    let enrolment = desk.view().await?.desk.enrolment;
    let branch = enrolment.map(|enrolment| enrolment.branch);
    ensure(branch.as_ref() == Some(&stage.branch), stage.branch.as_str(), format!("{branch:?}"))?;
    Ok(Told::new(desk, format!("{name} of {}", stage.branch)))
}

/// Signs a librarian in online, and waits until the desk knows its branch.
pub(super) async fn sign_in(desk: &OpenDesk, who: &Credentials) -> Result<Told<()>, Wrong> {
    let person = desk
        .sign_in(who)
        .await
        .map_err(|message| Wrong::new(format!("{} signs in", who.login), message.en))?;
    ensure(!person.offline, "a sign-in at the site", "one without it")?;
    let view = desk.until_settled().await?;
    let desk = view.desk;
    ensure(desk.site == SiteState::Reachable, "a reachable site", format!("{:?}", desk.site))?;
    let known = desk.knowledge;
    let said = format!(
        "{} ({}); the desk knows {} titles, {} copies, {} patrons",
        person.who.name, who.login, known.titles, known.copies, known.patrons
    );
    Ok(Told::new((), said))
}

/// Another desk of the branch, ready to work.
pub(super) async fn another(
    stage: &Stage,
    folder: &Path,
    name: &str,
) -> Result<Told<OpenDesk>, Wrong> {
    let desk = enrol(stage, folder, name).await?.result;
    sign_in(&desk, &stage.librarians[1]).await?;
    Ok(Told::new(desk, format!("{name}, {}", stage.librarians[1].login)))
}
