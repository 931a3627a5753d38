//! The story of the desk that keeps lending, end to end in the real window, by keyboard alone: enrol,
//! sign in, lend, cut the line, go on lending, restore it, watch the queue drain. What the window said is
//! then held against what the site has.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use lienthu_domain::copy::CopyState;
use lienthu_domain::ids::{Barcode, PatronCode};
use lienthu_domain::loan::Loan;
use lienthu_domain::times::{UtcMs, ZoneOffset};
use lienthu_embedded::{EmbeddedConnector, Line};
use lienthu_port::feed::{FeedRow, PullFrom, Pulled};
use lienthu_port::site::{Credentials, Site, SiteConnector as _};

use crate::steps::{enrol, sign_in, turn_line};
use crate::window::Window;

/// Readers served with the line whole, and then with the line cut.
const VISITS_ONLINE: usize = 2;
const VISITS_OFFLINE: usize = 3;
/// Books that each takes; no category of the demo may have fewer.
const BOOKS_A_VISIT: usize = 2;
/// Pages of the site's feed that are read at most, to find readers and books.
const PAGES_MAX: usize = 100;

/// A demo network that stands already, and whom to be in it.
pub struct Setting<'a> {
    /// The app, built with its user interface inside.
    pub app: &'a Path,
    /// The demo's folder.
    pub folder: &'a Path,
    /// The home folder of whoever works there, empty.
    pub home: &'a Path,
    /// The database of the desk's home site.
    pub site: &'a Path,
    /// The home branch, the first of the network.
    pub branch: &'a str,
    /// A librarian there.
    pub login: &'a str,
    /// Their password.
    pub password: &'a str,
    /// Where pictures and the log go.
    pub pictures: &'a Path,
    /// The wall clock.
    pub now: fn() -> UtcMs,
}

/// What the story came to.
#[derive(Debug, Default)]
pub struct Figures {
    /// Milliseconds from starting the app to a page that takes keys.
    pub start_ms: u128,
    /// Loans that the window said were done at the site.
    pub lent_online: usize,
    /// Loans that the window said were written down.
    pub lent_offline: usize,
    /// Milliseconds from restoring the line to an empty queue.
    pub drained_ms: u128,
    /// Loans that the site has.
    pub at_site: usize,
    /// Said in the window and not at the site.
    pub lost: usize,
    /// More than once at the site.
    pub doubled: usize,
}

/// Plays the story.
///
/// # Errors
/// The first thing that went otherwise than it should; a picture of it lies with the others.
pub async fn play(setting: &Setting<'_>) -> anyhow::Result<Figures> {
    let site = site(setting).await?;
    let visits = visits(&*site, setting).await?;
    let mut figures = Figures::default();

    let folder = setting.folder.to_str().context("the folder's name is no text")?;
    let started = Instant::now();
    let arguments = ["--demo", "--key-file", "--data", folder];
    let window = Window::open(setting.app, &arguments, setting.home, setting.pictures).await?;
    window.await_shown("enrol-screen").await?;
    figures.start_ms = started.elapsed().as_millis();
    window.picture("1-enrol").await?;

    // The first branch of the list.
    enrol(&window, 1, "Quầy 1").await?;
    window.picture("2-sign-in").await?;
    sign_in(&window, setting.login, setting.password).await?;
    window.await_data("site-state", "state", "reachable").await?;
    window.picture("3-desk").await?;

    let (online, offline) = visits.split_at(VISITS_ONLINE);
    let mut scans = 0;
    for visit in online {
        figures.lent_online += serve(&window, visit, &mut scans, "done").await?;
    }
    window.picture("4-lent").await?;

    turn_line(&window, setting.branch).await?;
    for visit in offline {
        // The first may still be asked of the site, and is then written down all the same.
        figures.lent_offline += serve(&window, visit, &mut scans, "queued").await?;
    }
    window.await_data("site-state", "state", "unreachable").await?;
    let waiting = figures.lent_offline.to_string();
    window.await_data("queue-count", "count", &waiting).await?;
    window.picture("5-offline").await?;

    let restored = Instant::now();
    turn_line(&window, setting.branch).await?;
    window.await_data("queue-count", "count", "0").await?;
    window.await_data("site-state", "state", "reachable").await?;
    figures.drained_ms = restored.elapsed().as_millis();
    window.picture("6-drained").await?;
    window.close().await?;

    for visit in &visits {
        for book in &visit.books {
            let file = site.copy(book).await?.context("the site does not know the book")?;
            let is_it = |l: &&Loan| l.is_open() && l.patron == visit.patron;
            let open = file.loans.iter().filter(is_it).count();
            figures.at_site += open;
            figures.lost += usize::from(open == 0);
            figures.doubled += open.saturating_sub(1);
        }
    }
    Ok(figures)
}

/// A reader at the desk, with the books that they take.
struct Visit {
    patron: PatronCode,
    books: Vec<Barcode>,
}

/// Scans a reader's card and then their books, and awaits what the window says of each. Returns how many
/// books were lent.
async fn serve(
    window: &Window,
    visit: &Visit,
    scans: &mut usize,
    kind: &str,
) -> anyhow::Result<usize> {
    let card = (visit.patron.as_str(), "patron");
    let books = visit.books.iter().map(|book| (book.as_str(), kind));
    for (code, kind) in std::iter::once(card).chain(books) {
        window.scan(code).await?;
        *scans += 1;
        window.await_scan(*scans, kind).await?;
    }
    Ok(visit.books.len())
}

/// The home site, looked at beside the window, over a line of its own that nobody cuts.
async fn site(setting: &Setting<'_>) -> anyhow::Result<Arc<dyn Site>> {
    let whole = Line::to(&setting.folder.join("a-line-that-nobody-cuts"));
    let connector = EmbeddedConnector::new(
        setting.site.to_owned(),
        setting.branch.parse()?,
        Arc::new(setting.now),
        whole,
    );
    let who = Credentials { login: setting.login.parse()?, password: setting.password.into() };
    Ok(connector.connect(&who).await?)
}

/// Readers of the branch who may borrow and have nothing, each with free books.
async fn visits(site: &dyn Site, setting: &Setting<'_>) -> anyhow::Result<Vec<Visit>> {
    let today = (setting.now)().date_at(ZoneOffset::VIET_NAM);
    let (mut patrons, mut books, mut borrowing) = (Vec::new(), Vec::new(), Vec::new());
    let mut from = PullFrom::default();
    for _ in 0..PAGES_MAX {
        let Pulled::Page(page) = site.pull(&from).await? else {
            bail!("the site answers a first pull with a refill");
        };
        for row in page.rows {
            match row {
                FeedRow::Patron(p)
                    if p.block.is_none() && p.card_expires.is_none_or(|last| last >= today) =>
                {
                    patrons.push(p.code);
                }
                FeedRow::Copy(c) if c.state == CopyState::Free => books.push(c.barcode),
                FeedRow::OpenLoan(l) => borrowing.push(l.patron),
                _ => {}
            }
        }
        match page.next {
            Some(position) => from.position = Some(position),
            None => break,
        }
    }
    patrons.retain(|p| !borrowing.contains(p));
    let visits: Vec<Visit> = patrons
        .into_iter()
        .zip(books.chunks_exact(BOOKS_A_VISIT))
        .map(|(patron, books)| Visit { patron, books: books.to_vec() })
        .take(VISITS_ONLINE + VISITS_OFFLINE)
        .collect();
    ensure!(visits.len() == VISITS_ONLINE + VISITS_OFFLINE, "the demo has too few free books");
    Ok(visits)
}
