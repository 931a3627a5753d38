//! The window as a person meets it: looked at through `data-testid`, worked by keys alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::driver::Driver;

/// How long the screen may take to show what is awaited.
pub const SHOWN_MS_MAX: u64 = 20_000;
const SHOWN_POLL_MS: u64 = 25;
/// Between two keys of a person; scanners are several times faster.
const PERSON_MS: u64 = 90;

/// Keys, as WebDriver writes them.
pub const TAB: char = '\u{E004}';
/// See [`TAB`].
pub const ENTER: char = '\u{E007}';
/// See [`TAB`].
pub const LEFT: char = '\u{E012}';
/// See [`TAB`].
pub const RIGHT: char = '\u{E014}';
/// See [`TAB`].
pub const DOWN: char = '\u{E015}';
/// See [`TAB`].
pub const ALT: char = '\u{E00A}';
/// See [`TAB`].
pub const CONTROL: char = '\u{E009}';

/// What the scripts here look at the page with.
const LOOKING: &str = "const all = (id) => document.querySelectorAll(`[data-testid='${id}']`);
                       const one = (id) => all(id)[0];\n";

/// The window and the driver behind it.
pub struct Window {
    client: Client,
    pictures: PathBuf,
    driver: Driver,
}

impl Window {
    /// Starts the app with `arguments`, for someone whose home is `home`; pictures and the log go to
    /// `pictures`.
    ///
    /// # Errors
    /// When the driver or the app does not start.
    pub async fn open(
        app: &Path,
        arguments: &[&str],
        home: &Path,
        pictures: &Path,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(pictures)?;
        let driver = Driver::start(&pictures.join("window.log"), home).await?;
        let mut wanted = Capabilities::new();
        wanted.insert(
            "webkitgtk:browserOptions".to_owned(),
            json!({ "binary": app.display().to_string(), "args": arguments }),
        );
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&driver.address())
            .await
            .with_context(|| format!("the window of {} does not open", app.display()))?;
        Ok(Self { client, pictures: pictures.to_owned(), driver })
    }

    /// Waits until there is an element with this id.
    ///
    /// # Errors
    /// When that does not come within [`SHOWN_MS_MAX`]; with a picture.
    pub async fn await_shown(&self, id: &str) -> anyhow::Result<()> {
        self.await_that(&format!("'{id}' is shown"), "return !!one(arguments[0])", &[json!(id)])
            .await
    }

    /// Waits until `data-name` of the element with this id has this value.
    ///
    /// # Errors
    /// As [`Window::await_shown`].
    pub async fn await_data(&self, id: &str, name: &str, value: &str) -> anyhow::Result<()> {
        let what = format!("data-{name} of '{id}' is {value}");
        let script = "return one(arguments[0])?.dataset[arguments[1]] === arguments[2]";
        self.await_that(&what, script, &[json!(id), json!(name), json!(value)]).await
    }

    /// Waits until the list of scans has so many, the latest of this kind.
    ///
    /// # Errors
    /// As [`Window::await_shown`].
    pub async fn await_scan(&self, count: usize, kind: &str) -> anyhow::Result<()> {
        let what = format!("scan {count} is '{kind}'");
        let script = "const scans = all('scan');
                      return scans.length === arguments[0] && scans[0].dataset.kind === arguments[1]";
        self.await_that(&what, script, &[json!(count), json!(kind)]).await
    }

    async fn await_that(
        &self,
        what: &str,
        script: &str,
        arguments: &[Value],
    ) -> anyhow::Result<()> {
        let script = format!("{LOOKING}{script}");
        let give_up = Instant::now() + Duration::from_millis(SHOWN_MS_MAX);
        while Instant::now() < give_up {
            let seen = self.client.execute(&script, arguments.to_vec()).await;
            if matches!(seen, Ok(Value::Bool(true))) {
                return Ok(());
            }
            // WebDriver tells nobody when a page changes.
            sleep(Duration::from_millis(SHOWN_POLL_MS)).await;
        }
        self.picture("failed").await.ok();
        bail!("it does not come to this: {what}")
    }

    /// Scans as a scanner does: the code in one go, then Enter.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn scan(&self, code: &str) -> anyhow::Result<()> {
        self.type_keys(&format!("{code}{ENTER}"), 0).await
    }

    /// Types as a person does, slower than any scanner.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn type_slowly(&self, text: &str) -> anyhow::Result<()> {
        self.type_keys(text, PERSON_MS).await
    }

    async fn type_keys(&self, text: &str, pause_ms: u64) -> anyhow::Result<()> {
        let mut keys = KeyActions::new("keyboard".to_owned());
        for value in text.chars() {
            keys = keys
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value })
                .then(KeyAction::Pause { duration: Duration::from_millis(pause_ms) });
        }
        self.client.perform_actions(keys).await.context("typing")
    }

    /// Presses a key while another is held, such as Ctrl and a digit.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn chord(&self, held: char, value: char) -> anyhow::Result<()> {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: held });
        self.client.perform_actions(keys).await.context("typing")
    }

    /// Puts the focus on the chosen one of the choices with this id, as Tab would.
    ///
    /// # Errors
    /// When there is none.
    pub async fn focus_chosen(&self, id: &str) -> anyhow::Result<()> {
        self.await_shown(id).await?;
        let script = format!("{LOOKING}one(arguments[0]).querySelector('input:checked').focus()");
        self.client.execute(&script, vec![json!(id)]).await.context("focusing")?;
        Ok(())
    }

    /// Puts the caret behind the text of the field with this id, as End would.
    ///
    /// # Errors
    /// When there is none.
    pub async fn focus_at_end(&self, id: &str) -> anyhow::Result<()> {
        self.focus(id).await?;
        self.type_slowly("\u{E010}").await
    }

    /// Chooses the entry of a list that begins so, by typing as a person does.
    ///
    /// # Errors
    /// When there is no such list, or it does not come to that.
    pub async fn choose(&self, id: &str, value: &str) -> anyhow::Result<()> {
        self.focus(id).await?;
        self.type_slowly(value).await?;
        let what = format!("'{id}' is {value}");
        let script = "return one(arguments[0])?.value === arguments[1]";
        self.await_that(&what, script, &[json!(id), json!(value)]).await
    }

    /// Waits until one of the options that are offered has this text in it.
    ///
    /// # Errors
    /// As [`Window::await_shown`].
    pub async fn await_offered(&self, text: &str) -> anyhow::Result<()> {
        let script = "return [...document.querySelectorAll('[role=option]')]
                          .some((option) => option.textContent.includes(arguments[0]))";
        self.await_that(&format!("'{text}' is offered"), script, &[json!(text)]).await
    }

    /// Waits until there is no element with this id.
    ///
    /// # Errors
    /// As [`Window::await_shown`].
    pub async fn await_gone(&self, id: &str) -> anyhow::Result<()> {
        self.await_that(&format!("'{id}' is gone"), "return !one(arguments[0])", &[json!(id)]).await
    }

    /// Waits until there are so many elements with this id.
    ///
    /// # Errors
    /// As [`Window::await_shown`].
    pub async fn await_count(&self, id: &str, count: usize) -> anyhow::Result<()> {
        let script = "return all(arguments[0]).length === arguments[1]";
        self.await_that(&format!("{count} times '{id}'"), script, &[json!(id), json!(count)]).await
    }

    /// Puts the focus on the first element with this id, as Tab would.
    ///
    /// # Errors
    /// When there is none.
    pub async fn focus(&self, id: &str) -> anyhow::Result<()> {
        self.await_shown(id).await?;
        let script = format!("{LOOKING}one(arguments[0]).focus()");
        self.client.execute(&script, vec![json!(id)]).await.context("focusing")?;
        Ok(())
    }

    /// Takes a picture, for people to look at.
    ///
    /// # Errors
    /// When the driver or the disk fails.
    pub async fn picture(&self, name: &str) -> anyhow::Result<PathBuf> {
        // What the page says may not be painted yet: two frames later it is.
        let painted = "const done = arguments[0];
                       requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        self.client.execute_async(painted, Vec::new()).await.context("awaiting a frame")?;
        let file = self.pictures.join(format!("{name}.png"));
        std::fs::write(&file, self.client.screenshot().await?)?;
        Ok(file)
    }

    /// Kills the app in the middle of whatever it does, as SIGKILL does, and waits until it is dead.
    ///
    /// # Errors
    /// When it does not die.
    pub async fn kill(self) -> anyhow::Result<()> {
        let Self { driver, .. } = self;
        driver.kill_all().await
    }

    /// Closes the window.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn close(self) -> anyhow::Result<()> {
        self.client.clone().close().await.context("closing the window")
    }
}
