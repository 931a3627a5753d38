//! The story of three sites, end to end in the real windows, by keyboard alone: a manager asks all sites for a
//! title while one is cut off, changes a title at all of them, and moves five books; the window is killed in the
//! middle of that, another desk finishes it, and a librarian there receives the books. What the windows said is
//! then held against what the sites have.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use lienthu_domain::copy::{Copy, CopyState};
use lienthu_domain::ids::{Barcode, TitleKey};
use lienthu_domain::replicated::Title;
use lienthu_domain::times::UtcMs;
use lienthu_embedded::{EmbeddedConnector, Line};
use lienthu_port::feed::{FeedRow, PullFrom, Pulled};
use lienthu_port::site::{Credentials, Site, SiteConnector as _};
use lienthu_port::transaction::{KeptTransaction, Sought};
use lienthu_sqlite::{Database, Durability, Fault};
use tokio::time::{Instant, sleep};

use crate::steps::{enrol, pictures, press, sign_in, sign_out, turn_line};
use crate::window::{ALT, CONTROL, DOWN, ENTER, Window};

/// Books that are moved.
pub const BOOKS: usize = 5;
/// Pages of a site's feed that are read at most.
const PAGES_MAX: usize = 100;
/// How long a site may take to come to a state. A site's writers wait for each other no longer than this.
const STATE_MS_MAX: u64 = 5_000;
const STATE_POLL_MS: u64 = 5;
/// What is added to the title's name.
const RENAMED: &str = " (tái bản)";

/// Where a branch is.
pub struct Place<'a> {
    /// Its code.
    pub branch: &'a str,
    /// The database of its site.
    pub site: &'a Path,
}

/// A demo network that stands already, and whom to be in it.
pub struct Setting<'a> {
    /// The app, built with its user interface inside.
    pub app: &'a Path,
    /// The demo's folder; the first desk works in it.
    pub folder: &'a Path,
    /// The network file in it.
    pub network: &'a Path,
    /// The second desk's folder, empty.
    pub other_folder: &'a Path,
    /// The home folders of whoever works at the desks, empty.
    pub homes: [&'a Path; 2],
    /// The first three branches of the network: where the books are, where they go, and one that is cut off.
    pub places: [Place<'a>; 3],
    /// The manager.
    pub manager: &'a str,
    /// A librarian of the second branch.
    pub librarian: &'a str,
    /// Everyone's password.
    pub password: &'a str,
    /// Where pictures and the log go.
    pub pictures: &'a Path,
    /// The wall clock.
    pub now: fn() -> UtcMs,
}

/// What the story came to.
#[derive(Debug, Default)]
pub struct Figures {
    /// Sites that answered while one was cut off.
    pub answered: usize,
    /// Sites that were named as missing.
    pub named_missing: usize,
    /// Sites at which the title has its new name.
    pub renamed_at: usize,
    /// Sites that had promised and did not know the decision when the window was killed.
    pub in_doubt_when_killed: usize,
    /// Books that are free at the second branch.
    pub arrived: usize,
    /// Books that both branches have, or none.
    pub astray: usize,
    /// Transactions that are not settled at the end.
    pub unsettled: usize,
}

/// Plays the story.
///
/// # Errors
/// The first thing that went otherwise than it should; a picture of it lies with the others.
pub async fn play(setting: &Setting<'_>) -> anyhow::Result<Figures> {
    let [here, there, _] = &setting.places;
    let (source, target) = (site(setting, here).await?, site(setting, there).await?);
    let shelf = Shelf::of(&*source).await?;
    let mut figures = Figures::default();

    let window = first_desk(setting).await?;
    enrol(&window, 1, "Quầy 1").await?;
    sign_in(&window, setting.manager, setting.password).await?;
    window.await_data("site-state", "state", "reachable").await?;
    ask_with_one_cut(&window, setting, &shelf.title, &mut figures).await?;
    rename(&window, setting, &shelf.title, &mut figures).await?;
    begin_to_move(&window, setting, &shelf.books).await?;
    die_in_the_middle(window, setting, &source, &target, &shelf.books, &mut figures).await?;

    let window = second_desk(setting).await?;
    enrol(&window, 2, "Quầy 2").await?;
    sign_in(&window, setting.manager, setting.password).await?;
    finish(&window).await?;
    sign_out(&window).await?;
    sign_in(&window, setting.librarian, setting.password).await?;
    receive(&window, &shelf.books).await?;
    window.close().await?;

    let window = first_desk(setting).await?;
    window.await_shown("sign-in-screen").await?;
    sign_in(&window, setting.manager, setting.password).await?;
    see_the_end(&window, &shelf.books).await?;
    look_around(&window).await?;
    window.close().await?;

    for book in &shelf.books {
        let is_gone = is_gone(&*source, book).await?;
        let come = target.copy(book).await?;
        let is_free = come.is_some_and(|file| file.copy.state == CopyState::Free);
        figures.arrived += usize::from(is_free);
        figures.astray += usize::from(is_gone != is_free);
    }
    figures.unsettled = open(&*source).await?.len() + open(&*target).await?.len();
    Ok(figures)
}

async fn first_desk(setting: &Setting<'_>) -> anyhow::Result<Window> {
    let folder = text(setting.folder)?;
    let arguments = ["--demo", "--key-file", "--data", folder];
    let window = Window::open(setting.app, &arguments, setting.homes[0], setting.pictures).await?;
    Ok(window)
}

async fn second_desk(setting: &Setting<'_>) -> anyhow::Result<Window> {
    let (folder, network) = (text(setting.other_folder)?, text(setting.network)?);
    let arguments = ["--key-file", "--data", folder, "--network", network];
    Window::open(setting.app, &arguments, setting.homes[1], setting.pictures).await
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the folder's name is no text")
}

/// Searches a title at all sites with the line to one of them cut.
async fn ask_with_one_cut(
    window: &Window,
    setting: &Setting<'_>,
    title: &Title,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let [here, there, away] = &setting.places;
    turn_line(window, away.branch).await?;
    window.chord(CONTROL, '1').await?;
    window.focus("where-title").await?;
    window.type_slowly(title.key.as_str()).await?;
    window.await_offered(title.key.as_str()).await?;
    window.type_slowly(&format!("{DOWN}{ENTER}")).await?;
    window.await_data("title-anywhere", "title", title.key.as_str()).await?;
    for place in [here, there] {
        let id = format!("site-answer-{}", place.branch);
        window.await_data(&id, "state", "answered").await?;
        figures.answered += 1;
    }
    window.await_shown(&format!("absent-{}", away.branch)).await?;
    figures.named_missing += 1;
    window.await_data("title-anywhere", "asking", "false").await?;
    pictures(window, "1-one-cut").await?;
    turn_line(window, away.branch).await
}

/// Changes the name of a title at all sites.
async fn rename(
    window: &Window,
    setting: &Setting<'_>,
    title: &Title,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    window.chord(ALT, '4').await?;
    window.focus("title-search").await?;
    window.type_slowly(title.key.as_str()).await?;
    window.await_count("title-open", 1).await?;
    press(window, "title-open").await?;
    window.focus_at_end("title-name").await?;
    window.type_slowly(RENAMED).await?;
    window.picture("2-rename").await?;
    window.type_slowly(&String::from(ENTER)).await?;
    window.await_shown("change-done").await?;
    pictures(window, "3-renamed").await?;
    let renamed = format!("{}{RENAMED}", title.name);
    for place in &setting.places {
        let found = title_at(&*site(setting, place).await?, &title.key).await?;
        figures.renamed_at += usize::from(found.is_some_and(|found| found.name == renamed));
    }
    Ok(())
}

/// Composes a transfer of the books.
async fn begin_to_move(
    window: &Window,
    setting: &Setting<'_>,
    books: &[Barcode],
) -> anyhow::Result<()> {
    let [here, there, _] = &setting.places;
    window.chord(CONTROL, '2').await?;
    press(window, "transfer-compose").await?;
    window.choose("compose-from", here.branch).await?;
    window.choose("compose-to", there.branch).await?;
    window.focus("compose-barcode").await?;
    for (nth, book) in books.iter().enumerate() {
        window.scan(book.as_str()).await?;
        window.await_count("compose-going", nth + 1).await?;
    }
    pictures(window, "4-composed").await
}

/// Moves the books, and kills the window when the source has decided and the target does not know it. That this
/// moment comes is made certain by holding the sites' files: first the source's, so that the target alone
/// promises; then the target's, so that it does not hear of the decision.
async fn die_in_the_middle(
    window: Window,
    setting: &Setting<'_>,
    source: &Arc<dyn Site>,
    target: &Arc<dyn Site>,
    books: &[Barcode],
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let [here, there, _] = &setting.places;
    let book = books.first().context("no book is moved")?;
    let source_held = hold(here.site).await?;
    press(&window, "compose-move").await?;
    until("the target promises", || async { Ok(!open(&**target).await?.is_empty()) }).await?;
    let target_held = hold(there.site).await?;
    drop(source_held);
    until("the source decides", || is_gone(&**source, book)).await?;
    window.await_data(&format!("step-{}", here.branch), "step", "committed").await?;
    window.picture("5-in-the-middle").await?;
    window.kill().await?;
    drop(target_held);
    figures.in_doubt_when_killed =
        open(&**target).await?.iter().filter(|t| t.entry.is_prepared()).count();
    Ok(())
}

/// Another desk looks at what is in doubt, and finishes it.
async fn finish(window: &Window) -> anyhow::Result<()> {
    window.chord(CONTROL, '3').await?;
    window.await_count("transaction", 1).await?;
    pictures(window, "6-in-doubt").await?;
    press(window, "txn-resolve").await?;
    window.await_shown("settled-commit").await?;
    window.await_gone("transaction").await?;
    window.picture("7-finished").await?;
    Ok(())
}

/// The librarian there scans in what has arrived.
async fn receive(window: &Window, books: &[Barcode]) -> anyhow::Result<()> {
    window.chord(ALT, '7').await?;
    window.await_data("arriving-count", "count", &books.len().to_string()).await?;
    pictures(window, "8-arriving").await?;
    for (nth, book) in books.iter().enumerate() {
        window.scan(book.as_str()).await?;
        let left = books.len() - nth - 1;
        if left > 0 {
            window.await_data("arriving-count", "count", &left.to_string()).await?;
        } else {
            window.await_gone("arriving-count").await?;
        }
    }
    window.picture("9-received").await?;
    Ok(())
}

/// Back at the first desk: the order says that everything was moved, and a copy is where it went.
async fn see_the_end(window: &Window, books: &[Barcode]) -> anyhow::Result<()> {
    window.chord(CONTROL, '2').await?;
    press(window, "transfer-open").await?;
    press(window, "order-run").await?;
    window.await_data("order", "moved", &books.len().to_string()).await?;
    pictures(window, "10-moved").await?;
    window.chord(CONTROL, '1').await?;
    let book = books.first().context("no book was moved")?;
    window.scan(book.as_str()).await?;
    window.await_shown("whereabouts").await?;
    pictures(window, "11-where").await
}

/// The manager's other screens open, by their keys.
async fn look_around(window: &Window) -> anyhow::Result<()> {
    for (nth, (key, screen)) in
        [('4', "changes"), ('5', "rules"), ('6', "figures"), ('7', "sites"), ('8', "network")]
            .into_iter()
            .enumerate()
    {
        window.chord(CONTROL, key).await?;
        window.await_shown(&format!("{screen}-screen")).await?;
        pictures(window, &format!("{}-{screen}", nth + 12)).await?;
    }
    Ok(())
}

/// A title, and free books at the first branch.
struct Shelf {
    title: Title,
    books: Vec<Barcode>,
}

impl Shelf {
    async fn of(site: &dyn Site) -> anyhow::Result<Self> {
        let mut copies: Vec<Copy> = Vec::new();
        let mut titles: Vec<Title> = Vec::new();
        each_row(site, |row| match row {
            FeedRow::Copy(copy) if copy.state == CopyState::Free => copies.push(copy),
            FeedRow::Title(title) => titles.push(title),
            _ => {}
        })
        .await?;
        let first = copies.first().context("the demo has no free book")?;
        let title = titles.into_iter().find(|title| title.key == first.title);
        let books: Vec<Barcode> = copies.into_iter().map(|copy| copy.barcode).take(BOOKS).collect();
        ensure!(books.len() == BOOKS, "the demo has too few free books");
        Ok(Self { title: title.context("a book has no title")?, books })
    }
}

async fn title_at(site: &dyn Site, key: &TitleKey) -> anyhow::Result<Option<Title>> {
    let mut found = None;
    each_row(site, |row| {
        if let FeedRow::Title(title) = row
            && title.key == *key
        {
            found = Some(title);
        }
    })
    .await?;
    Ok(found)
}

async fn each_row(site: &dyn Site, mut take: impl FnMut(FeedRow)) -> anyhow::Result<()> {
    let mut from = PullFrom::default();
    for _ in 0..PAGES_MAX {
        let Pulled::Page(page) = site.pull(&from).await? else {
            bail!("the site answers a first pull with a refill");
        };
        page.rows.into_iter().for_each(&mut take);
        match page.next {
            Some(position) => from.position = Some(position),
            None => return Ok(()),
        }
    }
    bail!("the site's feed has more than {PAGES_MAX} pages")
}

/// Whether a copy went to another branch.
async fn is_gone(site: &dyn Site, book: &Barcode) -> anyhow::Result<bool> {
    Ok(site.copy(book).await?.is_some_and(|file| file.copy.state == CopyState::Forwarded))
}

/// What a site has not settled.
async fn open(site: &dyn Site) -> anyhow::Result<Vec<KeptTransaction>> {
    Ok(site.transactions(&Sought::Open, None).await?)
}

/// A site, looked at beside the windows by the manager, over a line of its own that nobody cuts.
async fn site(setting: &Setting<'_>, place: &Place<'_>) -> anyhow::Result<Arc<dyn Site>> {
    let whole = Line::to(&setting.folder.join("a-line-that-nobody-cuts"));
    let (file, branch) = (PathBuf::from(place.site), place.branch.parse()?);
    let connector = EmbeddedConnector::new(file, branch, Arc::new(setting.now), whole);
    let who = Credentials { login: setting.manager.parse()?, password: setting.password.into() };
    Ok(connector.connect(&who).await?)
}

/// Holds the write lock of a site's file for as long as it lives: whoever writes there waits.
async fn hold(site: &Path) -> anyhow::Result<Database> {
    let held = Database::open_to_read(site, None, Durability::Full)?;
    let lock = "PRAGMA query_only = OFF; BEGIN IMMEDIATE;";
    held.call(move |conn| conn.execute_batch(lock).map_err(Fault::from)).await?;
    Ok(held)
}

/// Waits until a site is as it is to be.
async fn until<F>(what: &str, mut is_so: impl FnMut() -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<bool>>,
{
    let give_up = Instant::now() + Duration::from_millis(STATE_MS_MAX);
    while !is_so().await? {
        ensure!(Instant::now() < give_up, "it does not come to this: {what}");
        // A site tells nobody when something changes there.
        sleep(Duration::from_millis(STATE_POLL_MS)).await;
    }
    Ok(())
}
