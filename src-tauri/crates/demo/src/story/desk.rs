//! A desk of the story: the app as the window and the command line have it, with its line tended.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lienthu_api::app::{App, AppView, Options};
use lienthu_api::command::Command;
use lienthu_api::commands::{Enrol, GetView, ScanCode, SignIn};
use lienthu_desk::answer::{Answer, PatronView, ScanAnswer};
use lienthu_desk::scan::{ScanMode, ScanRequest};
use lienthu_desk::session::Person;
use lienthu_desk::site_state::SiteState;
use lienthu_desk::tending::tend;
use lienthu_domain::ids::{Barcode, EventId, PatronCode};
use lienthu_domain::loan::Loan;
use lienthu_port::message::Message;
use lienthu_port::site::Credentials;
use lienthu_store::KeyPolicy;
use tokio::task::JoinHandle;

use super::stage::Stage;
use super::tale::Wrong;

/// How long the story waits for something that a desk does by itself. A desk tries a line that is down
/// every 15 seconds at least.
pub(super) const WAIT_MS_MAX: u64 = 40_000;

pub(super) struct OpenDesk {
    app: Arc<App>,
    tending: JoinHandle<()>,
}

/// A scan that was done.
pub(super) struct Done {
    pub(super) event: EventId,
    pub(super) queued: bool,
    pub(super) loan: Option<Loan>,
}

/// A scan that was refused.
pub(super) struct Refused {
    pub(super) reasons: Vec<Message>,
    pub(super) can_override: bool,
    pub(super) offline: bool,
}

impl OpenDesk {
    /// Starts the program in a folder.
    pub(super) async fn open(folder: &Path, stage: &Stage) -> Result<Self, Wrong> {
        let options = Options {
            folder: folder.to_owned(),
            network: stage.network.clone(),
            key: KeyPolicy::KeyFile,
            demo: true,
        };
        let app =
            App::open(&options).await.map_err(|error| Wrong::new("the program starts", error))?;
        // Two desks have nothing to spread: no jitter.
        let tending = tokio::spawn(tend(Arc::downgrade(app.desk()), 0));
        Ok(Self { app, tending })
    }

    /// Ends the program.
    pub(super) async fn close(mut self) {
        self.tending.abort();
        // It was told to end; how it did is of no interest.
        let _ = (&mut self.tending).await;
    }

    pub(super) async fn command<C: Command>(&self, command: C) -> Result<C::Reply, Message> {
        self.app.execute(command).await
    }

    /// Does what must succeed.
    pub(super) async fn must<C: Command>(&self, command: C) -> Result<C::Reply, Wrong> {
        self.command(command).await.map_err(|message| {
            Wrong::new(format!("{} succeeds", C::NAME), format!("{}: {}", message.code, message.en))
        })
    }

    /// Gets in touch with the site, as the desk does by itself.
    pub(super) async fn contact(&self) -> Result<(), Message> {
        self.app.desk().contact().await.map(|_| ()).map_err(|error| error.message())
    }

    pub(super) async fn view(&self) -> Result<AppView, Wrong> {
        self.must(GetView {}).await
    }

    /// Enrols a new desk.
    pub(super) async fn enrol(&self, stage: &Stage, name: &str) -> Result<(), Wrong> {
        let branch = stage.branch.clone();
        self.must(Enrol { branch, name: name.to_owned() }).await?;
        Ok(())
    }

    pub(super) async fn sign_in(&self, who: &Credentials) -> Result<Person, Message> {
        let (login, password) = (who.login.clone(), who.password.clone());
        self.command(SignIn { login, password }).await
    }

    /// Waits until the desk's status is as wanted, looking again whenever it changes.
    pub(super) async fn until(
        &self,
        what: &str,
        wanted: impl Fn(&AppView) -> bool,
    ) -> Result<AppView, Wrong> {
        let mut changes = self.app.desk().changes();
        let waiting = async {
            loop {
                changes.borrow_and_update();
                let view = self.view().await?;
                if wanted(&view) || changes.changed().await.is_err() {
                    return Ok(view);
                }
            }
        };
        match tokio::time::timeout(Duration::from_millis(WAIT_MS_MAX), waiting).await {
            Ok(view) => view,
            Err(_) => {
                let view = self.view().await?;
                let queue = view.desk.queue;
                let got = format!("{:?} and {queue:?} after {WAIT_MS_MAX} ms", view.desk.site);
                Err(Wrong::new(what, got))
            }
        }
    }

    /// Waits until the desk knows all of its branch and nothing waits.
    pub(super) async fn until_settled(&self) -> Result<AppView, Wrong> {
        self.until("a reachable site, an empty queue and a filled cache", |view| {
            let desk = &view.desk;
            desk.site == SiteState::Reachable
                && desk.queue.waiting == 0
                && desk.knowledge.as_of.is_some()
        })
        .await
    }

    /// Something in the scan box.
    pub(super) async fn scan(
        &self,
        mode: ScanMode,
        text: &str,
        patron: Option<&PatronCode>,
    ) -> Result<ScanAnswer, Wrong> {
        let request = ScanRequest {
            text: text.to_owned(),
            mode,
            patron: patron.cloned(),
            go_on: false,
            returned_on: None,
        };
        self.must(ScanCode { request }).await
    }

    /// A patron's card in the scan box.
    pub(super) async fn card(&self, code: &PatronCode) -> Result<PatronView, Wrong> {
        match self.scan(ScanMode::Lend, code.as_str(), None).await? {
            ScanAnswer::Patron { patron } => Ok(patron),
            other => Err(Wrong::new(format!("the card {code}"), in_words(&other))),
        }
    }

    /// A book in the scan box that must be done.
    pub(super) async fn book(
        &self,
        mode: ScanMode,
        copy: &Barcode,
        patron: Option<&PatronCode>,
    ) -> Result<Done, Wrong> {
        let answer = self.scan(mode, copy.as_str(), patron).await?;
        if let ScanAnswer::Answer { answer } = &answer
            && let Answer::Done { event, queued, loan, .. } = &**answer
        {
            return Ok(Done { event: *event, queued: *queued, loan: loan.clone() });
        }
        Err(Wrong::new(format!("{copy} goes through"), in_words(&answer)))
    }

    /// A book in the scan box that must be refused.
    pub(super) async fn refused(
        &self,
        mode: ScanMode,
        copy: &Barcode,
        patron: Option<&PatronCode>,
    ) -> Result<Refused, Wrong> {
        let answer = self.scan(mode, copy.as_str(), patron).await?;
        if let ScanAnswer::Answer { answer } = &answer
            && let Answer::Refused { reasons, can_override, offline, .. } = &**answer
        {
            return Ok(Refused {
                reasons: reasons.clone(),
                can_override: *can_override,
                offline: *offline,
            });
        }
        Err(Wrong::new(format!("{copy} is refused"), in_words(&answer)))
    }
}

impl Drop for OpenDesk {
    fn drop(&mut self) {
        // Also when a story ends early: a line that is still tended keeps the desk's files open.
        self.tending.abort();
    }
}

/// What the scan box said, shortly.
fn in_words(answer: &ScanAnswer) -> String {
    match answer {
        ScanAnswer::Patron { patron } => format!("the card {}", patron.code),
        ScanAnswer::Answer { answer } => match &**answer {
            Answer::Done { deed, copy, .. } => format!("{deed:?} of {} done", copy.barcode),
            Answer::Refused { reasons, .. } => format!("refused: {}", codes(reasons)),
        },
        ScanAnswer::NeedsPatron { message, .. } | ScanAnswer::NotUnderstood { message, .. } => {
            message.en.clone()
        }
    }
}

/// The codes of some messages.
pub(super) fn codes(messages: &[Message]) -> String {
    messages.iter().map(|message| message.code.as_str()).collect::<Vec<_>>().join(", ")
}
